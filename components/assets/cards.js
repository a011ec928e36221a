// Draws cards with bars. Everything from the viewer is set as textContent, never as markup.
export default function ({ data, parentElement }) {
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const frame = make("div", "cards");
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", data.label);
  for (const card of data.cards) {
    const figure = make("figure", "card");
    const caption = make("figcaption", "");
    caption.append(make("strong", "", card.title), make("span", "subtitle", card.subtitle));
    const list = make("ol", "bars");
    for (const bar of card.bars) {
      const row = make("li", `bar ${bar.marked ? "marked" : ""}`);
      const track = make("span", "track");
      const filled = make("span", "filled");
      filled.style.width = `${100 * bar.share}%`;
      track.append(filled);
      row.append(make("span", "name", bar.name), track, make("span", "value", bar.value));
      list.append(row);
    }
    figure.append(caption, list);
    if (card.note) figure.append(make("p", "note", card.note));
    frame.append(figure);
  }
  parentElement.querySelector(".cards")?.remove();
  parentElement.append(frame);
}
