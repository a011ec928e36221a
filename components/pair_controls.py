"""The controls of the sentence pairs page: two sentences and their order, segments, a context and its endings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from components.address import choice, line, paragraph
from components.language import t
from components.text import shorten

__all__ = ["DEFAULTS", "OWN", "pick_item", "pick_segments", "pick_wrong", "write_item", "write_pair"]

OWN = "own"
LETTERS = ("a", "b", "c", "d")
DEFAULTS: dict[str, Any] = {
    "view": "next",
    "text": "The man went to the store.",
    "pair": "He bought a gallon of milk.",
    "segments": "right",
    "model": "mini-bert",
    "sop": "mini-sop",
    "item": "1",
    "wrong": "elsewhere",
    "context": "She opens the door and sees a large dog in front of her.",
    "a": "She closes it again quickly and calls her neighbour.",
    "b": "She puts the door into the oven.",
    "c": "The train arrives on platform two.",
    "d": "The dog opens a bank account.",
    "right": "a",
}


def write_pair(fold: AbstractContextManager[object]) -> tuple[str, str]:
    """Both sentences, which lecture mode folds away, and a button that swaps them, which stays."""
    with fold:
        left, right = st.columns(2, gap="medium")
        first = paragraph(t("Sentence A", "문장 A"), DEFAULTS["text"], key="text", widget=left.text_area)
        second = paragraph(t("Sentence B", "문장 B"), DEFAULTS["pair"], key="pair", widget=right.text_area)
    st.button(t("Swap A and B", "A와 B 바꾸기"), icon=":material/swap_horiz:", on_click=_swap)
    return first, second


def _swap() -> None:
    st.session_state["text"], st.session_state["pair"] = st.session_state["pair"], st.session_state["text"]


def pick_segments() -> str:
    """With which token_type_ids the model reads the pair."""
    options = {
        "right": t("A = 0, B = 1 (right)", "A = 0, B = 1 (올바름)"),
        "zeros": t("all 0", "모두 0"),
        "ones": t("all 1", "모두 1"),
        "swapped": "A = 1, B = 0",
    }
    return choice("token_type_ids", options, key="segments")


# --- multiple choice ---------------------------------------------------------------------------------------------


def pick_wrong() -> str:
    """Which wrong endings the bundled contexts have."""
    options = {
        "elsewhere": t("mostly from other scenes", "대부분 다른 장면"),
        "near": t("repeat the context's words", "상황의 단어를 되풀이"),
    }
    return choice(t("The wrong endings", "틀린 선택지"), options, key="wrong")


def pick_item(contexts: Sequence[str]) -> int | None:
    """One of the bundled contexts; None for the viewer's own."""
    options = {str(number): f"{number}. {shorten(context, 80)}" for number, context in enumerate(contexts, 1)}
    options[OWN] = t("Write your own", "직접 쓰기")
    picked = choice(t("Context", "상황"), options, key="item", widget=st.selectbox)
    return None if picked == OWN else int(picked) - 1


def write_item() -> tuple[str, tuple[str, ...], int]:
    """The viewer's own context and endings, and which of them is right."""
    context = line(t("Your context", "직접 쓴 상황"), DEFAULTS["context"], key="context")
    endings = tuple(
        line(t(f"Ending {letter.upper()}", f"선택지 {letter.upper()}"), DEFAULTS[letter], key=letter)
        for letter in LETTERS
    )
    options = {letter: letter.upper() for letter in LETTERS}
    right = choice(t("The right one", "정답"), options, key="right")
    return context, endings, LETTERS.index(right)
