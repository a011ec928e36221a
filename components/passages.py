"""A passage with stretches of it marked, by their characters."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import streamlit as st

from components.address import line, paragraph
from components.handout import on_paper
from components.language import t
from components.palette import BLUE, GREEN, ORANGE, PINK, VERMILION

__all__ = ["STYLES", "Mark", "draw_passage", "keep_texts", "passage_html", "write_texts"]

_WHOLE = 3_000  # characters that are shown in full
_AROUND = 900  # of a longer passage, on either side of the first mark

# Each style differs in its line as well as in its colour (Okabe and Ito's palette).
STYLES = {
    "answer": (ORANGE, "3px solid", 38),
    "other": (BLUE, "2px dashed", 14),
    "left": (BLUE, "3px solid", 24),
    "right": (VERMILION, "3px dotted", 24),
    "both": (GREEN, "5px double", 30),
    "added": (PINK, "2px dashed", 16),
}


def write_texts(context: str, question: str) -> tuple[str, str]:
    """The passage and a question about it; the arguments are the defaults."""
    return (
        paragraph(t("Passage", "지문"), context, key="context", height=96),
        line(t("Question", "질문"), question, key="question"),
    )


def keep_texts() -> tuple[str, str]:
    """For a view that reads neither: what was written stays for the others, and nothing of it is read now."""
    for key in ("context", "question"):
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]  # else Streamlit forgets it with its widget
    return "", ""


@dataclass(frozen=True)
class Mark:
    """Characters [start, end) of a passage; where marks overlap, the first one in the list lies on top."""

    start: int
    end: int
    style: str  # a key of STYLES
    label: str = ""  # a raised sign before it: its rank


def passage_html(context: str, marks: Sequence[Mark]) -> str:
    """The passage as HTML: everything that is not ours is escaped.

    >>> passage_html("a<b", [])
    '<p class="qa-passage" dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.9;margin:0">a&lt;b</p>'
    """
    low, high = _shown(context, marks)
    edges = sorted({low, high, *(edge for mark in marks for edge in (mark.start, mark.end) if low < edge < high)})
    parts = ["… " if low else ""]
    for start, end in pairwise(edges):
        if labels := " · ".join(html.escape(mark.label) for mark in marks if mark.label and mark.start == start):
            parts.append(f'<sup style="font-weight:700;padding:0 0.15rem;white-space:nowrap">{labels}</sup>')
        text = html.escape(context[start:end])
        on_top = next((mark for mark in marks if mark.start <= start and end <= mark.end), None)
        parts.append(_marked(text, on_top) if on_top else text)
    parts.append(" …" if high < len(context) else "")
    look = "white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.9;margin:0"
    return f'<p class="qa-passage" dir="auto" style="{look}">{"".join(parts)}</p>'


def _marked(text: str, mark: Mark) -> str:
    colour, line, strength = STYLES[mark.style]
    look = (
        f"background:color-mix(in srgb,{colour} {strength}%,transparent);border-bottom:{line} {colour};"
        "color:inherit;padding:0.1rem 0;border-radius:0.2rem 0.2rem 0 0"
    )
    return f'<mark class="qa-{mark.style}" style="{look}">{text}</mark>'


def _shown(context: str, marks: Sequence[Mark]) -> tuple[int, int]:
    if len(context) <= _WHOLE:
        return 0, len(context)
    centre = marks[0].start if marks else 0
    low = max(0, centre - _AROUND)
    return low, min(len(context), low + 2 * _AROUND)


def draw_passage(context: str, marks: Sequence[Mark], *, key: str) -> None:
    """The passage in a box; of a long one the part around the first mark."""
    with st.container(border=True, key=key):
        st.html(passage_html(context, marks))
    on_paper(key, lambda: f"<section>{passage_html(context, marks)}</section>")
    if len(context) > _WHOLE:
        low, high = _shown(context, marks)
        st.caption(
            t(
                f"Characters {low:,} to {high:,} of {len(context):,}.",
                f"{len(context):,}자 가운데 {low:,}번째부터 {high:,}번째 글자까지 보입니다.",
            )
        )
