"""The controls of the masking simulator: text, rate, shares, unit, seed, and the tokens turned over by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components.address import carried, choice, joined, next_seed, numbers_in, paragraph, pick_seed, value_of
from components.language import t
from components.pickers import pick_model
from models.results import MaskingSettings

__all__ = ["keep_turned_over", "masking_controls", "pick_companions", "pick_view", "turn_over"]

_NOBODY, _SAME_MODEL = "nobody", "same-model"  # in the address, where a model would stand


def masking_controls(
    defaults: Mapping[str, Any], models: Sequence[str]
) -> tuple[str, str, MaskingSettings, tuple[int, ...]]:
    """Draw them; returns the text, the model's name, the settings, and the positions turned over by hand."""
    text = paragraph(t("Text", "글"), defaults["text"], key="text", on_change=_clear_hand)
    columns = st.columns([5, 8, 8], gap="medium", vertical_alignment="bottom")
    with columns[0]:
        label = t("Rate", "가리는 비율")
        rate = st.slider(label, 1, 90, defaults["rate"], key="rate", bind="query-params", format="%d%%")
    with columns[1]:
        mask, random = value_of("shares", defaults["shares"])
        mask, random = st.slider(
            f"{mask}% [MASK] · {random - mask}% {t('random', '무작위')} · {100 - random}% {t('kept', '그대로')}",
            0,
            100,
            defaults["shares"],
            key="shares",
            bind="query-params",
            help=t(
                "What becomes of the selected tokens: the two handles cut 100% into three shares.",
                "뽑힌 토큰이 어떻게 될지 정합니다. 손잡이 두 개가 100%를 셋으로 나눕니다.",
            ),
        )
    with columns[2], st.container(horizontal=True, vertical_alignment="bottom"):
        seed = pick_seed(t("Seed", "시드"), default=defaults["seed"])
        st.button(t("Draw again", "다시 뽑기"), icon=":material/casino:", on_click=_draw_again)
    models_column, units_column = st.columns(2, gap="medium")
    with models_column:
        model = pick_model(t("Model", "모델"), models, key="model", default=defaults["model"])
    units = {"token": t("tokens", "토큰"), "word": t("whole words", "단어 전체"), "span": t("spans", "구간")}
    with units_column:
        unit = choice(t("Select by", "뽑는 단위"), units, key="unit")
    by_hand = tuple(numbers_in(carried("hand", r"\d{1,4}(,\d{1,4})*")))
    settings = MaskingSettings(rate / 100, mask / 100, (random - mask) / 100, unit, seed)  # type: ignore[arg-type]
    return text, model, settings, by_hand


def pick_view() -> str:
    """Draw the row of views."""
    views = {
        "predict": t("Predict", "예측"),
        "statistics": t("Statistics", "통계"),
        "rate": t("Why 15%?", "왜 15%?"),
        "mismatch": t("Why not always [MASK]?", "왜 항상 [MASK]가 아닐까?"),
        "objectives": t("Objectives", "학습 목표"),
    }
    return choice(t("View", "탭"), views, key="view", label_visibility="collapsed")


def pick_companions(
    others: Sequence[str], readers: Sequence[str], at_hand: Sequence[str]
) -> tuple[str | None, str | None]:
    """Draw the lists of models to compare with: one beside it, and the one that reads from left to right.

    None is nobody beside it, and the same model, cut off. ``at_hand`` are the readers that need no download: the first
    of them is the default.
    """
    besides = {_NOBODY: t("nobody", "없음"), **{name: name for name in others}}
    cut_off = t("the same model, cut off", "같은 모델(오른쪽을 자름)")
    with st.container(horizontal=True):
        beside = choice(t("Beside it", "비교 대상"), besides, key="beside", widget=st.selectbox)
        reader = choice(
            t("Reads left to right", "왼쪽에서 오른쪽으로 읽는 모델"),
            {_SAME_MODEL: cut_off, **{name: name for name in readers}},
            key="reader",
            default=next(iter(at_hand), _SAME_MODEL),
            widget=st.selectbox,
        )
    return None if beside == _NOBODY else beside, None if reader == _SAME_MODEL else reader


def turn_over(position: int) -> None:
    """A click on a token: hide it where it is shown, show it where it is hidden."""
    st.session_state["hand"] = joined(numbers_in(st.session_state["hand"]) ^ {position})


def keep_turned_over(positions: Sequence[int]) -> None:
    """Of the positions in the address keep those that the text has."""
    st.session_state["hand"] = joined(positions)


def _clear_hand() -> None:
    """What was done by hand belongs to the text and the draw before."""
    st.session_state["hand"] = ""


def _draw_again() -> None:
    next_seed()
    _clear_hand()
