"""The controls of the distillation page: the text, which of its tokens are hidden, and the temperature."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from components.address import carried, joined, numbers_in, paragraph
from components.chips import Chip, draw_chips
from components.language import t
from components.text import visible
from models.results import HiddenSentence

__all__ = ["DEFAULTS", "click_to_hide", "hidden_positions", "pick_temperature", "write_text"]

_POSITIONS = r"\d{1,3}(,\d{1,3})*"
DEFAULTS: dict[str, Any] = {
    "text": "The king and his wife had three children.",
    "view": "targets",
    "teacher": "mini-bert",
    "student": "mini-student",
    "at": "8",
    "temperature": 1.0,
    "mapping": "uniform",
    "layer": 1,
    "head": "mean",
}


def write_text() -> str:
    """The sentence; another one forgets what was hidden."""
    forget = st.session_state.update
    return paragraph(t("Text", "글"), DEFAULTS["text"], key="text", on_change=forget, kwargs={"at": ""})


def hidden_positions() -> tuple[int, ...]:
    """The positions that the viewer has hidden."""
    asked = re.fullmatch(_POSITIONS, st.query_params.get("at", ""))
    if "at" not in st.session_state and not asked and "text" not in st.query_params:
        st.session_state["at"] = DEFAULTS["at"]
    return tuple(numbers_in(carried("at", _POSITIONS)))


def click_to_hide(hidden: HiddenSentence) -> None:
    """The tokens; a click hides one or shows it again. The address says what is hidden, whatever was asked for."""
    if numbers_in(st.session_state["at"]) != set(hidden.positions):
        st.session_state["at"] = joined(hidden.positions)
        carried("at", _POSITIONS)  # so that the address follows

    def turn_over(position: int) -> None:
        if hidden.maskable[position]:
            st.session_state["at"] = joined({*hidden.positions} ^ {position})

    chips = []
    for position, token in enumerate(hidden.tokens):
        if position in hidden.positions:
            chips.append(Chip("[MASK]", visible(token), colour="c0", kind="masked"))
        else:
            chips.append(Chip(visible(token), kind="" if hidden.maskable[position] else "special"))
    draw_chips(chips, key="sentence", label=t("Tokens: click to hide", "토큰: 클릭하면 가립니다"), on_click=turn_over)
    if not st.session_state.get("lecture"):
        st.caption(
            t("Click a token to hide it, again to show it.", "토큰을 클릭하면 가려지고, 다시 클릭하면 나타납니다.")
        )


def pick_temperature() -> float:
    """T of both softmaxes."""
    return float(
        st.slider(
            t("Temperature T", "온도 T"),
            0.5,
            10.0,
            DEFAULTS["temperature"],
            0.5,
            key="temperature",
            bind="query-params",
            width=320,
            help=t(
                "Divides the logits of both models before the softmax. Higher: flatter.",
                "두 모델의 로짓을 소프트맥스 전에 나누는 값입니다. 높을수록 분포가 평평해집니다.",
            ),
        )
    )
