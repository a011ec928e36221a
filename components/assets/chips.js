// Draws a text and its tokens in matching colours. Everything from the viewer is set as textContent, never as markup.
export default function ({ data, parentElement, setTriggerValue }) {
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const frame = make("div", "frame");
  const tip = make("div", "tip");
  tip.setAttribute("role", "tooltip");
  const pieces = data.pieces.map((piece) => make("span", `piece ${piece.colour}`, piece.text));
  if (pieces.length > 0) {
    const source = make("p", "source");
    source.setAttribute("aria-hidden", "true"); // the list of tokens below says the same
    source.append(...pieces);
    frame.append(source);
  }

  const list = make(data.clickable ? "div" : "ul", "chips"); // what can be clicked is a toolbar of buttons
  if (data.clickable) list.setAttribute("role", "toolbar");
  list.setAttribute("aria-label", data.label);
  const chips = data.chips.map((chip, number) => {
    const element = make(data.clickable ? "div" : "li", `chip ${chip.colour} ${chip.kind} ${data.clickable ? "clickable" : ""}`);
    element.append(make("span", "token", chip.token));
    if (chip.below) element.append(make("span", "below", chip.below));
    if (chip.height !== null) {
      const bar = make("span", "bar");
      const filled = make("span", "");
      filled.style.width = `${Math.round(100 * chip.height)}%`;
      bar.append(filled);
      element.append(bar);
    }
    element.tabIndex = number === 0 ? 0 : -1; // one stop for the tab key, arrows walk along the tokens
    const words = [chip.token, chip.below, chip.tip].filter(Boolean).join(", ");
    if (data.clickable) element.setAttribute("role", "button");
    element.setAttribute("aria-label", words);

    const show = () => {
      if (chip.piece !== null && pieces[chip.piece]) pieces[chip.piece].classList.add("together");
      if (!chip.tip) return;
      tip.textContent = chip.tip;
      tip.style.display = "block";
      const left = Math.min(element.offsetLeft, frame.clientWidth - tip.offsetWidth);
      tip.style.left = `${Math.max(0, left)}px`;
      tip.style.top = `${element.offsetTop + element.offsetHeight + 6}px`;
    };
    const hide = () => {
      if (chip.piece !== null && pieces[chip.piece]) pieces[chip.piece].classList.remove("together");
      tip.style.display = "none";
    };
    element.addEventListener("mouseenter", show);
    element.addEventListener("mouseleave", hide);
    element.addEventListener("focus", show);
    element.addEventListener("blur", hide);
    if (data.clickable) element.addEventListener("click", () => setTriggerValue("clicked", number));
    return element;
  });
  pieces.forEach((piece, number) => {
    const own = chips.filter((_, position) => data.chips[position].piece === number);
    piece.addEventListener("mouseenter", () => own.forEach((chip) => chip.classList.add("together")));
    piece.addEventListener("mouseleave", () => own.forEach((chip) => chip.classList.remove("together")));
  });
  list.addEventListener("keydown", (event) => {
    const here = chips.indexOf(event.target);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step && chips[here + step]) {
      chips[here].tabIndex = -1;
      chips[here + step].tabIndex = 0;
      chips[here + step].focus();
      event.preventDefault();
    } else if ((event.key === "Enter" || event.key === " ") && data.clickable && here >= 0) {
      setTriggerValue("clicked", here);
      event.preventDefault();
    } else if (event.key === "Escape") {
      tip.style.display = "none";
    }
  });

  list.append(...chips);
  frame.append(list, tip);
  parentElement.querySelector(".frame")?.remove();
  parentElement.append(frame);
}
