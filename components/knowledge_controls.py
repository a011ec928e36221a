"""The controls of the knowledge page: the sentence with its blank, candidates, and the facts in front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.address import line, paragraph
from components.language import t
from components.text import shorten
from models.results import Triple

__all__ = ["DEFAULTS", "korean_sentences", "toggle_fact", "write_cloze", "write_fact"]

DEFAULTS: dict[str, Any] = {
    "text": "To plant a flower he dug the ground with a [MASK].",
    "candidates": "spade, shovel, hammer, spoon, gun",
    "fact": "A spade is used for digging.",
    "view": "cloze",
    "model": "mini-bert",
    "hops": "2",
}


def write_cloze() -> tuple[str, tuple[str, ...]]:
    """The sentence and the candidates, those without letters left out."""
    left, right = st.columns(2, gap="medium")
    label = t("Sentence with one [MASK]", "[MASK]가 하나 있는 문장")
    text = paragraph(label, DEFAULTS["text"], key="text", widget=left.text_area)
    label = t("Candidates, separated by commas (none: the top 10)", "후보(쉼표로 구분, 비우면 상위 10개)")
    written = line(label, DEFAULTS["candidates"], key="candidates", widget=right.text_input)
    return text, tuple(part.strip() for part in written.split(",") if part.strip())


def korean_sentences(examples: Sequence[dict[str, str]]) -> None:
    """Sentences to begin with for a model that reads Korean."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("This model reads Korean. Try one of these:", "한국어 모델입니다. 이런 문장으로 시작해 보세요."))
        for one in examples:
            values = {name: value for name, value in one.items() if name != "name"}
            st.button(one["name"], key=f"korean {one['name']}", on_click=st.session_state.update, kwargs=values)


def write_fact() -> str:
    """What is put in front of the sentence."""
    return line(t("Fact in front", "앞에 놓을 사실"), DEFAULTS["fact"], key="fact")


def toggle_fact(triples: Sequence[Triple], number: int) -> None:
    """A click on a triple: its sentence goes in front of the input; a second click takes it away."""
    sentence, fact = triples[number].sentence, str(st.session_state.get("fact", ""))
    fact = fact.replace(sentence, "") if sentence in fact else shorten(f"{fact} {sentence}", 1000)
    st.session_state["fact"] = " ".join(fact.split())
