"""What the guesses at hidden tokens rest on: what stands to their right."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.language import t
from components.masking_figures import draw_chart, draw_numbers
from components.palette import BLUE, ORANGE
from components.pickers import source_badge
from components.text import plain, safe_html
from models.results import LeftContext, Origin

__all__ = ["draw_left_context"]


def left_context_table(rows: Sequence[LeftContext]) -> pd.DataFrame:
    """One row per hidden word."""
    return pd.DataFrame(
        {
            t("hidden word", "가린 단어"): [row.word for row in rows],
            t("guess, both sides", "추측(양쪽)"): [row.guess_both for row in rows],
            t("guess, left only", "추측(왼쪽만)"): [row.guess_left for row in rows],
            t("loss, both sides", "손실(양쪽)"): [row.loss_both for row in rows],
            t("loss, left only", "손실(왼쪽만)"): [row.loss_left for row in rows],
            t("worth of the right side", "오른쪽 문맥의 효과"): [row.loss_left - row.loss_both for row in rows],
        }
    )


def draw_left_context(rows: Sequence[LeftContext], reader: Origin | None) -> pd.DataFrame:
    """What each hidden word costs with both sides and with the left side only; returns the table.

    ``reader``: the causal model that read the left side; None where the masked model itself did, cut off.
    """
    table = left_context_table(rows)
    if not rows:
        return table
    st.markdown(f"**{t('What was the right side worth?', '오른쪽 문맥은 얼마나 도움이 되었나?')}**")
    names = [f"{row.position} · {safe_html(row.word)}" for row in rows]
    figure = go.Figure(
        [
            go.Bar(name=t("both sides", "양쪽"), x=names, y=[row.loss_both for row in rows], marker_color=BLUE),
            go.Bar(
                name=t("left only", "왼쪽만"),
                x=names,
                y=[row.loss_left for row in rows],
                marker={"color": ORANGE, "pattern": {"shape": "/"}},
            ),
        ]
    )
    draw_chart(
        figure,
        "left context",
        t("Loss of each hidden word", "가린 단어마다의 손실"),
        260,
        y=t("loss (nats)", "손실(nat)"),
    )
    worth = sum(row.loss_left - row.loss_both for row in rows) / len(rows)
    best = plain(max(rows, key=lambda row: row.loss_left - row.loss_both).word, 30)
    if len(rows) == 1:
        caption = t(
            f"Without the right side the loss of “{best}” changes by **{worth:+.2f} nats**.",
            f"오른쪽을 못 보면 “{best}”의 손실이 **{worth:+.2f} nat** 달라집니다.",
        )
    else:
        caption = t(
            f"Without the right side the loss of a hidden word changes by **{worth:+.2f} nats** on average; "
            f"most for “{best}”.",
            f"오른쪽을 못 보면 가린 단어의 손실이 평균 **{worth:+.2f} nat** 달라집니다. 가장 큰 것은 “{best}”입니다.",
        )
    st.caption(caption)
    if reader is None:
        st.caption(
            t(
                ":material/warning: A BERT has never read half a sentence, so much of this is the broken input. For a fair figure "
                "pick a causal model under “Reads left to right”.",
                ":material/warning: BERT는 잘린 문장을 배운 적이 없으므로 이 차이의 상당 부분은 입력이 망가진 탓입니다. 제대로 비교하려면 "
                "‘왼쪽에서 오른쪽으로 읽는 모델’에서 인과 모델을 고르세요.",
            )
        )
    else:
        name = plain(reader.name.rsplit("/", 1)[-1])
        st.caption(
            t(
                f"{name} reads the left side, where nothing is hidden from it. It is another model with tokens of its own, so the "
                "difference is not the missing right side alone.",
                f"왼쪽만 읽은 모델은 {name}입니다. 왼쪽 글을 가리지 않은 채 읽고 토큰도 다른 별개의 모델이므로 차이가 모두 오른쪽 "
                "문맥의 효과는 아닙니다.",
            )
        )
        source_badge(reader, picker="reader")
    draw_numbers(table)
    return table
