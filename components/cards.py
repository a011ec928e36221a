"""Candidates with their probabilities as cards of bars: one card for each position."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from components.handout import on_paper
from components.palette import SKY
from components.text import safe_words

__all__ = ["Bar", "Card", "draw_cards"]

_ASSETS = Path(__file__).parent / "assets"
_component = st.components.v2.component(
    "cards",
    css=(_ASSETS / "cards.css").read_text(encoding="utf-8"),
    js=(_ASSETS / "cards.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Bar:
    """One candidate."""

    name: str
    share: float  # its length, 0 to 1
    value: str  # the number written behind it
    marked: bool = False  # the right one: another colour, underlined, a tick


@dataclass(frozen=True)
class Card:
    """A few bars under a title."""

    title: str
    subtitle: str
    bars: tuple[Bar, ...]
    note: str = ""


def draw_cards(cards: Sequence[Card], *, key: str, label: str) -> None:
    """Draw the cards side by side, as many as the width allows."""
    _component(key=key, data={"cards": [asdict(card) for card in cards], "label": label})
    on_paper(key, lambda: "".join(_on_paper(card) for card in cards))


def _on_paper(card: Card) -> str:
    """Names and values letter by letter, as ``cards.js`` writes them: the sign of a space is part of a token's name."""
    rows = "".join(
        f"<tr><td>{html.escape(bar.name)}{' ✓' if bar.marked else ''}</td><td>{html.escape(bar.value)}</td>"
        f'<td style="width:50mm"><div style="background:{SKY};height:3mm;width:{100 * bar.share:.0f}%"></div></td></tr>'
        for bar in card.bars
    )
    texts = [safe_words(text) for text in (card.title, card.subtitle, card.note)]
    return f"<section><h2>{texts[0]}</h2><p>{texts[1]}</p><table>{rows}</table><p>{texts[2]}</p></section>"
