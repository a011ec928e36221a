"""What the masking simulator shows of one text: its tokens and their fates, and the model's candidates for each."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_numbers
from components.language import t
from components.masking_figures import fate_name
from components.text import percent, visible
from models.results import Corruption, Fate, MaskedPrediction

__all__ = ["corruption_chips", "draw_corruption", "draw_prediction"]

# Okabe and Ito's palette, as in chips.css
_LOOK: dict[Fate, tuple[str, str]] = {  # fate -> colour and kind of its chip
    "": ("grey", ""),
    "mask": ("c0", "masked"),
    "typed": ("c0", "masked"),
    "random": ("c5", "random"),
    "kept": ("c2", "kept"),
}
_MOST_CARDS = 12


def corruption_chips(corruption: Corruption, clickable: bool = False) -> list[Chip]:
    """One chip per token, as the model reads it; colour, border and the word below tell its fate."""
    chips = []
    for position, fate in enumerate(corruption.fates):
        original, special = corruption.tokens[position], corruption.word_ids[position] is None
        colour, kind = _LOOK[fate]
        if special and not fate:
            tip = t("Special tokens are never selected.", "특수 토큰은 뽑히지 않습니다.")
            kind = "special"
        elif fate == "typed":
            tip = t("You typed [MASK]: the original is not known.", "직접 입력한 [MASK]라서 원래 토큰은 모릅니다.")
        elif fate:
            tip = t(f"original: {visible(original)}", f"원래 토큰: {visible(original)}")
            tip += t("\nClick: show it", "\n클릭하면 되돌립니다") if clickable else ""
        else:
            tip = t("Click: hide it", "클릭하면 가립니다") if clickable else ""
        chips.append(
            Chip(
                token=visible(corruption.corrupted_tokens[position]),
                below=t("hidden", "가림") if fate == "mask" else fate_name(fate) if fate else "",
                tip=tip,
                colour=colour,
                kind=kind,
            )
        )
    return chips


def draw_corruption(corruption: Corruption, on_click: Callable[[int], None]) -> None:
    """The row of tokens, and how many were selected."""
    chips = corruption_chips(corruption, clickable=True)
    draw_chips(chips, key="corruption chips", label=t("Tokens", "토큰"), on_click=on_click)
    maskable = sum(word is not None for word in corruption.word_ids) + corruption.fates.count("typed")
    fates: list[Fate] = [
        fate for fate in ("mask", "random", "kept", "typed") if fate != "typed" or fate in corruption.fates
    ]
    counts = " · ".join(f"{fate_name(fate)} {corruption.fates.count(fate)}" for fate in fates)
    selected = len(corruption.selected)
    st.caption(
        t(
            f"**{selected} of {maskable}** tokens selected: {counts}. Click a token to hide it or show it.",
            f"토큰 {maskable}개 중 **{selected}개** 선택: {counts}. 토큰을 클릭하면 가리거나 되돌릴 수 있습니다.",
        )
    )
    if corruption.forced:
        st.info(
            t(
                "The draw had selected nothing. As in BERT's code one was then taken, so that there is something to learn.",
                "뽑기에서는 아무것도 뽑히지 않아, BERT의 코드처럼 배울 것이 있도록 하나를 골랐습니다.",
            ),
            icon=":material/info:",
        )


def draw_prediction(
    corruption: Corruption, prediction: MaskedPrediction, pseudo_perplexity: float | None
) -> pd.DataFrame:
    """Figures over the sentence, then a card with the candidates for each selected position; returns the table."""
    table = _prediction_table(corruption, prediction)
    if not prediction.positions:
        st.info(
            t(
                "Nothing is hidden: click a token, or raise the rate.",
                "가린 토큰이 없습니다. 토큰을 클릭하거나 비율을 올려 보세요.",
            ),
            icon=":material/info:",
        )
        return table
    with st.container(horizontal=True):
        if prediction.share_right is not None and prediction.mean_loss is not None:
            st.metric(t("first guess right", "첫 추측 정답률"), f"{prediction.share_right:.0%}")
            st.metric(t("mean loss (nats)", "평균 손실(nat)"), f"{prediction.mean_loss:.2f}")
    if pseudo_perplexity is not None:
        st.caption(
            t(
                f"Pseudo-perplexity of the whole text (one token hidden at a time, whatever the rate): **{pseudo_perplexity:,.1f}**",
                f"글 전체의 유사 퍼플렉시티(비율과 상관없이 토큰을 하나씩만 가림): **{pseudo_perplexity:,.1f}**",
            ),
            help=t(
                "exp of the mean loss when each token in turn is the only one hidden (Salazar et al. 2020).",
                "토큰을 하나씩만 가려 가며 구한 평균 손실의 exp입니다(Salazar et al. 2020).",
            ),
        )
    cards = []
    for one in prediction.positions[:_MOST_CARDS]:
        fate = corruption.fates[one.position]
        bars = [
            Bar(visible(token), probability, percent(probability), token == one.original)
            for token, probability in one.candidates
        ]
        note = ""
        if one.original is not None and one.probability is not None and one.loss is not None:
            if one.rank and one.rank > len(bars):
                bars.append(Bar(visible(one.original), one.probability, percent(one.probability), True))
            note = t(
                f"original “{visible(one.original)}”: rank {one.rank:,}, loss {one.loss:.2f}",
                f"원래 토큰 “{visible(one.original)}”: {one.rank:,}위, 손실 {one.loss:.2f}",
            )
        cards.append(
            Card(
                f"{one.position} · {visible(corruption.corrupted_tokens[one.position])}",
                fate_name(fate),
                tuple(bars),
                note,
            )
        )
    draw_cards(cards, key=f"cards of {prediction.model}", label=t("Candidates", "후보"))
    if len(prediction.positions) > _MOST_CARDS:
        rest = len(prediction.positions) - _MOST_CARDS
        st.caption(t(f"{rest} more positions are in the table.", f"나머지 {rest}개 위치는 표에 있습니다."))
    draw_numbers(table)
    return table


def _prediction_table(corruption: Corruption, prediction: MaskedPrediction) -> pd.DataFrame:
    """One row per selected position."""
    return pd.DataFrame(
        {
            t("position", "위치"): [one.position for one in prediction.positions],
            t("original", "원래 토큰"): [one.original or "?" for one in prediction.positions],
            t("fate", "처리"): [fate_name(corruption.fates[one.position]) for one in prediction.positions],
            t("first guess", "첫 추측"): [one.candidates[0][0] for one in prediction.positions],
            t("its probability", "그 확률"): [one.candidates[0][1] for one in prediction.positions],
            t("rank of the original", "원래 토큰의 순위"): [one.rank for one in prediction.positions],
            t("probability of the original", "원래 토큰의 확률"): [one.probability for one in prediction.positions],
            t("loss", "손실"): [one.loss for one in prediction.positions],
        }
    )
