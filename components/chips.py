"""A text and its tokens as chips: the one picture that most pages share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from components.handout import on_paper
from components.palette import BLUE, GREEN, GREY, ORANGE, PINK, SKY, VERMILION
from components.text import safe_html, safe_words

__all__ = ["COLOURS", "HUES", "Chip", "Piece", "colour_of", "draw_chips"]

COLOURS = 6  # the hues c0 to c5 in chips.css (Okabe and Ito's palette)
_ASSETS = Path(__file__).parent / "assets"
HUES = {"c0": BLUE, "c1": ORANGE, "c2": GREEN, "c3": PINK, "c4": SKY, "c5": VERMILION}
_component = st.components.v2.component(
    "token_chips",
    css=(_ASSETS / "chips.css").read_text(encoding="utf-8"),
    js=(_ASSETS / "chips.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Chip:
    """One token."""

    token: str
    below: str = ""  # a small line under it: its id, its probability
    tip: str = ""  # what hovering or focusing it tells, lines separated by line feeds
    colour: str = "grey"  # "c0" to "c5" or "grey"
    kind: str = ""  # "special" dashed, "unknown" double border, "marked" thick border, "struck" crossed out,
    # "masked" filled, "random" double border, "kept" thick line below
    height: float | None = None  # a bar under the token, 0 to 1
    piece: int | None = None  # which piece of the text it came from


@dataclass(frozen=True)
class Piece:
    """A stretch of the original text in the colour of its token; colour "gap" where no token covers it."""

    text: str
    colour: str


def colour_of(number: int) -> str:
    """The colours take turns, so that neighbours differ."""
    return f"c{number % COLOURS}"


def draw_chips(
    chips: Sequence[Chip],
    *,
    key: str,
    label: str,
    pieces: Sequence[Piece] = (),
    on_click: Callable[[int], None] | None = None,
) -> None:
    """Draw the chips, under the text they came from; ``on_click`` gets the position of a chip before the page reruns."""

    def clicked() -> None:
        position = st.session_state[key].get("clicked")
        if on_click is not None and position is not None:
            on_click(int(position))

    data = {
        "chips": [asdict(chip) for chip in chips],
        "pieces": [asdict(piece) for piece in pieces],
        "label": label,
        "clickable": on_click is not None,
    }
    _component(key=key, data=data, on_clicked_change=clicked)
    on_paper(key, lambda: _on_paper(chips, label))


def _on_paper(chips: Sequence[Chip], title: str) -> str:
    spans = "\n".join(
        f'<span style="border:1px solid {HUES.get(chip.colour, GREY)};border-radius:5px;padding:3px 6px;'
        f'display:inline-block;margin:2px;text-align:center"><code>{safe_html(chip.token)}</code>'
        f"<br><small>{safe_words(chip.below)}</small></span>"
        for chip in chips
    )
    return f"<section><h2>{safe_words(title)}</h2>{spans}</section>"
