"""A word on its way to tokens, step by step: BPE's merges and WordPiece's longest matches."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from components.address import number
from components.chips import Chip, colour_of, draw_chips
from components.language import t
from components.text import plain, visible
from models.results import MatchTrace, MergeTrace

__all__ = ["draw_matches", "draw_merges", "match_table", "merge_table"]

_MOST_TRIED = 24  # candidates that are drawn


def _pick_step(trace: MergeTrace | MatchTrace, key: str) -> int:
    """The slider that walks through the steps, on the last one at first, and again for another word."""
    last, slider, of = len(trace.steps), f"{key}_step", f"{key}_word"
    if st.session_state.get(of, trace.word) != trace.word:
        st.session_state[slider] = last
    st.session_state[of] = trace.word
    return number(t("Step", "단계"), 0, last, key=slider, default=last) if last else 0


def _say_behind(trace: MergeTrace | MatchTrace) -> None:
    """What was asked falls into several words before any step; only the first is followed."""
    if trace.behind:
        parts = " ".join(f"“{plain(visible(part))}”" for part in (trace.word, *trace.behind))
        st.caption(
            t(
                f"Cut before any step: {parts} · Only the first is followed here.",
                f"먼저 나뉜 조각: {parts} · 여기서는 첫 조각만 봅니다.",
            )
        )


def draw_merges(trace: MergeTrace, key: str) -> None:
    """The word after the merges so far; the piece that the last one made is marked."""
    _say_behind(trace)
    step = _pick_step(trace, key)
    if step == 0:
        symbols, made = trace.start, ""
        st.markdown(t("The word as single signs.", "단어를 글자 하나씩 풀어 놓았습니다."))
    else:
        merge = trace.steps[step - 1]
        symbols, made = merge.symbols, "".join(merge.pair)
        left, right = (plain(visible(piece)) for piece in merge.pair)
        st.markdown(f"{t('Merged', '병합')} **{left}** + **{right}** · {t('rank', '순위')} {merge.rank:,}")
    chips = [
        Chip(visible(symbol), colour=colour_of(number), kind="marked" if symbol == made else "")
        for number, symbol in enumerate(symbols)
    ]
    draw_chips(chips, key=f"{key} chips", label=t("The word after this step", "이 단계 뒤의 단어"))


def merge_table(trace: MergeTrace) -> pd.DataFrame:
    """Every merge in order."""
    return pd.DataFrame(
        {
            "step": range(1, len(trace.steps) + 1),
            "pair": [f"{left} + {right}" for left, right in (step.pair for step in trace.steps)],
            "rank": [step.rank for step in trace.steps],
            "symbols": [" ".join(step.symbols) for step in trace.steps],
        }
    )


def draw_matches(trace: MatchTrace, key: str) -> None:
    """The pieces found so far, and the candidates tried in the last round."""
    _say_behind(trace)
    step = _pick_step(trace, key)
    if not trace.steps:
        st.markdown(
            t("Too long for WordPiece: the word becomes `[UNK]`.", "WordPiece에는 너무 길어 단어가 `[UNK]`가 됩니다.")
        )
        return
    if step == 0:
        st.markdown(t("The word, nothing matched yet.", "아직 아무 조각도 떼지 않았습니다."))
        draw_chips([Chip(visible(trace.word))], key=f"{key} chips", label=t("The word", "단어"))
        return
    round_ = trace.steps[step - 1]
    tried = len(round_.tried)
    if round_.found is not None:
        found = plain(visible(round_.found))
        st.markdown(
            t(
                f"Longest match: **{found}**, candidate number {tried}",
                f"가장 긴 조각: **{found}**, {tried}번째 후보",
            )
        )
    else:
        st.markdown(
            t(
                "Nothing matches here, so the whole word becomes `[UNK]`.",
                "맞는 조각이 없어 단어 전체가 `[UNK]`가 됩니다.",
            )
        )
    pieces = [earlier.found for earlier in trace.steps[:step] if earlier.found]
    chips = [Chip(visible(piece), colour=colour_of(number)) for number, piece in enumerate(pieces)]
    if round_.found:
        chips[-1] = replace(chips[-1], kind="marked")
    draw_chips(chips, key=f"{key} chips", label=t("Pieces found so far", "지금까지 뗀 조각"))
    st.caption(t("Tried, longest first:", "긴 것부터 차례로 시도:"))
    shown = round_.tried if tried <= _MOST_TRIED else (*round_.tried[: _MOST_TRIED - 1], round_.tried[-1])
    draw_chips(
        [Chip(visible(candidate), kind="marked" if candidate == round_.found else "struck") for candidate in shown],
        key=f"{key} tried",
        label=t("Candidates tried", "시도한 후보"),
    )


def match_table(trace: MatchTrace) -> pd.DataFrame:
    """Every round of the longest match."""
    return pd.DataFrame(
        {
            "step": range(1, len(trace.steps) + 1),
            "start": [step.start for step in trace.steps],
            "tried": [len(step.tried) for step in trace.steps],
            "found": [step.found or "[UNK]" for step in trace.steps],
        }
    )
