"""The controls of the masking simulator: text, rate, shares, unit, seed, and the tokens turned over by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import streamlit as st

from components.address import carried, choice, flag, joined, next_seed, numbers_in, paragraph, pick_seed, value_of
from components.language import t
from components.pickers import pick_model
from models.results import Corruption, MaskingSettings

__all__ = [
    "idle_controls",
    "keep_turned_over",
    "masking_controls",
    "pick_beside",
    "pick_reader",
    "pick_source",
    "pick_view",
    "turn_over",
]

# where a view measures bundled sentences: what is not asked there
_IDLE = {"rate": frozenset({"text", "rate"}), "mismatch": frozenset({"text", "shares"})}
_NOBODY, _SAME_MODEL = "nobody", "same-model"  # in the address, where a model would stand


def idle_controls() -> frozenset[str]:
    """The controls without influence on what is shown: the text and more, where sentences of ours are measured."""
    if value_of("on", "bundled") != "bundled":
        return frozenset()
    return _IDLE.get(value_of("view", "predict"), frozenset())


def masking_controls(
    defaults: Mapping[str, Any], models: Sequence[str], idle: Set[str]
) -> tuple[str, str, MaskingSettings, tuple[int, ...]]:
    """Draw them, the ``idle`` ones folded away; returns the text, the model's name, the settings, and the positions
    turned over by hand.
    """
    lecture = st.session_state.get("lecture")  # there all of them are folded already
    aside = st.container() if lecture or not idle else st.expander(_not_used(idle), icon=":material/tune:")
    with aside:
        text = paragraph(t("Text", "글"), defaults["text"], key="text", on_change=_clear_hand)
    widths = {name: width for name, width in (("rate", 5), ("shares", 8)) if name not in idle}
    columns = dict(
        zip(widths, st.columns(list(widths.values()), gap="medium", vertical_alignment="bottom"), strict=True)
    )
    with columns.get("rate", aside):
        label = t("Rate", "가리는 비율")
        rate = st.slider(label, 1, 90, defaults["rate"], key="rate", bind="query-params", format="%d%%")
    with columns.get("shares", aside):
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
    models_column, seed_column, units_column = st.columns([6, 5, 7], gap="medium")
    with models_column:
        model = pick_model(t("Model", "모델"), models, key="model", default=defaults["model"])
    with seed_column:
        seed = pick_seed(t("Seed", "시드"), default=defaults["seed"])
    units = {"token": t("tokens", "토큰"), "word": t("whole words", "단어 전체"), "span": t("spans", "구간")}
    with units_column:
        unit = choice(t("Select by", "뽑는 단위"), units, key="unit")
    by_hand = tuple(numbers_in(carried("hand", r"\d{1,4}(,\d{1,4})*")))
    settings = MaskingSettings(rate / 100, mask / 100, (random - mask) / 100, unit, seed)  # type: ignore[arg-type]
    return text, model, settings, by_hand


def _not_used(idle: Set[str]) -> str:
    if "rate" in idle:
        return t("Text and rate: not used here", "글과 가리는 비율(여기서는 쓰지 않음)")
    return t("Text and shares: not used here", "글과 80/10/10 비율(여기서는 쓰지 않음)")


def pick_view() -> str:
    """Draw the row of views, and the button for another draw, which all of them follow."""
    views = {
        "predict": t("Predict", "예측"),
        "statistics": t("Statistics", "통계"),
        "rate": t("Why 15%?", "왜 15%?"),
        "mismatch": t("Why not always [MASK]?", "왜 항상 [MASK]가 아닐까?"),
        "objectives": t("Objectives", "학습 목표"),
    }
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", key="whole-row"):  # on a phone, with the button below
            view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
        st.button(t("Draw again", "다시 뽑기"), icon=":material/casino:", on_click=_draw_again)
    return view


def pick_beside(others: Sequence[str]) -> str | None:
    """A second model to predict beside the first; None for nobody."""
    besides = {_NOBODY: t("nobody", "없음"), **{name: name for name in others}}
    beside = choice(t("Beside it", "비교 대상"), besides, key="beside", widget=st.selectbox, width=420)
    return None if beside == _NOBODY else beside


def pick_reader(readers: Sequence[str], at_hand: Sequence[str]) -> tuple[bool, str | None]:
    """Whether the hidden words are read without their right side too, and by which causal model.

    None is the same model, cut off. ``at_hand`` are the readers that need no download: the first of them is the default.
    """
    reader, cut_off = next(iter(at_hand), _SAME_MODEL), t("the same model, cut off", "같은 모델(오른쪽을 자름)")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        asked = flag(
            t("What is the right side worth?", "오른쪽 문맥은 얼마나 도움이 될까?"), key="sides", width="content"
        )
        if asked:
            reader = choice(
                t("Reads left to right", "왼쪽에서 오른쪽으로 읽는 모델"),
                {_SAME_MODEL: cut_off, **{name: name for name in readers}},
                key="reader",
                default=reader,
                widget=st.selectbox,
            )
    return asked, None if reader == _SAME_MODEL else reader


def pick_source(corruption: Corruption) -> str:
    """Whether a sweep is measured on the bundled sentences, ``bundled``, or on the viewer's, ``text``."""
    sources = {"bundled": t("bundled sentences", "준비된 문장들")}
    if any(word is not None for word in corruption.word_ids):  # where all of it is [MASK] nothing can be hidden
        sources["text"] = t("your text", "입력한 글")
    return choice(t("Measured on", "측정 대상"), sources, key="on")


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
