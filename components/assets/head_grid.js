// Draws every head of a model as a small picture: a byte a pixel, in the theme's colour over the page.
export default function ({ data, parentElement, setTriggerValue }) {
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const heads = data.signs[0].length;
  const frame = make("div", "heads");
  frame.style.gridTemplateColumns = `auto repeat(${heads}, minmax(0, 1fr))`;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", data.label);
  const tip = make("div", "tip");
  tip.setAttribute("role", "tooltip");
  parentElement.querySelector(".heads")?.remove();
  parentElement.append(frame);

  frame.append(make("span", "axis", ""));
  for (let head = 0; head < heads; head += 1) frame.append(make("span", "axis", String(head)));
  const buttons = [];
  data.pixels.forEach((encoded, layer) => {
    frame.append(make("span", "axis", String(layer)));
    const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
    for (let head = 0; head < heads; head += 1) {
      const words = data.tips[layer][head];
      const sign = data.signs[layer][head];
      const button = make("button", sign ? "named" : "");
      button.type = "button";
      button.setAttribute("aria-label", words.replaceAll("\n", ", "));
      button.tabIndex = buttons.length === 0 ? 0 : -1; // one stop for the tab key, arrows walk from head to head
      const canvas = make("canvas", "");
      canvas.width = canvas.height = data.size;
      button.append(canvas, make("span", "sign", sign));
      frame.append(button);
      buttons.push(button);

      const [red, green, blue] = getComputedStyle(button).color.match(/[\d.]+/g).map(Number);
      const picture = canvas.getContext("2d").createImageData(data.size, data.size);
      const count = data.size * data.size;
      for (let pixel = 0; pixel < count; pixel += 1) {
        picture.data.set([red, green, blue, bytes[head * count + pixel]], 4 * pixel);
      }
      canvas.getContext("2d").putImageData(picture, 0, 0);

      const show = () => {
        tip.textContent = words;
        tip.style.display = "block";
        tip.style.left = `${Math.max(0, Math.min(button.offsetLeft, frame.clientWidth - tip.offsetWidth))}px`;
        tip.style.top = `${button.offsetTop + button.offsetHeight + 6}px`;
      };
      const hide = () => { tip.style.display = "none"; };
      button.addEventListener("mouseenter", show);
      button.addEventListener("mouseleave", hide);
      button.addEventListener("focus", show);
      button.addEventListener("blur", hide);
      button.addEventListener("click", () => setTriggerValue("opened", [layer, head]));
    }
  });
  frame.addEventListener("keydown", (event) => {
    const here = buttons.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowDown: heads, ArrowLeft: -1, ArrowUp: -heads }[event.key];
    if (step && buttons[here + step]) {
      buttons[here].tabIndex = -1;
      buttons[here + step].tabIndex = 0;
      buttons[here + step].focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      tip.style.display = "none";
    }
  });
  frame.append(tip);
}
