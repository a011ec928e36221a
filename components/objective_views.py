"""The training objectives side by side: who may see whom, and which positions give a loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure
from components.language import t
from components.palette import ORANGE, SKY
from components.text import safe_html
from models.results import Corruption, Objective

__all__ = ["draw_objectives", "objective_figure"]


def draw_objectives(corruption: Corruption, objectives: Sequence[Objective]) -> None:
    """For each objective: who may see whom, and which positions give a loss (a star where row and column meet)."""
    words = zip(corruption.tokens, corruption.word_ids, strict=True)
    tokens = [token for token, word in words if word is not None]
    if not tokens:
        st.info(
            t(
                "Every token is [MASK] already: nothing is left to predict.",
                "모든 토큰이 이미 [MASK]라서 예측할 것이 없습니다.",
            )
        )
        return
    names = {
        "masked": (
            t("Masked (BERT)", "마스크(BERT)"),
            t("Both sides, hidden ones as [MASK]", "양쪽을 보지만 가린 토큰은 못 봄"),
        ),
        "causal": (
            t("Causal (GPT)", "인과(GPT)"),
            t(
                "Itself and the left; each predicts the next token, which the last has not",
                "자신과 왼쪽만 보고 다음 토큰을 예측(마지막 토큰은 다음이 없음)",
            ),
        ),
        "permutation": (
            t("Permutation (XLNet)", "순열(XLNet)"),
            t(
                "What comes earlier in a random order, in which the rows stand here; its last sixth is predicted",
                "무작위 순서(행의 순서)에서 앞선 토큰만 보고, 순서의 마지막 6분의 1만 예측",
            ),
        ),
        "replaced": (
            t("Replaced tokens (ELECTRA)", "바뀐 토큰(ELECTRA)"),
            t("Both sides; all are judged", "양쪽을 보고 모두 판정"),
        ),
    }
    st.caption(
        t(
            "A row reads, a column is seen. Blue: it sees the token; orange with –: only what stands in its place; grey: nothing. "
            "★ gives a loss.",
            "행은 읽는 위치, 열은 보이는 위치입니다. 파랑: 토큰이 보임, 주황과 –: 대신 놓인 것만 보임, 회색: 안 보임. ★: 손실이 생김.",
        )
    )
    labels = [f"{number + 1} {safe_html(token)}" for number, token in enumerate(tokens)]
    # Two by two, and all four in a row on a projector: each pair is one column, and columns wrap where they are narrow.
    with st.container(key=None if st.session_state.get("lecture") else "wide-columns"):
        columns = [column for pair in st.columns(2) for column in pair.columns(2)]
    for column, one in zip(columns, objectives, strict=True):
        title, rule = names[one.name]
        losses, length = int(one.predicted.sum()), len(one.predicted)
        with column:
            st.markdown(f"**{title}**")
            draw_figure(objective_figure(one, labels), f"objective {one.name}", title)
            st.caption(
                f"{rule}.  \n"
                + t(
                    f"★ **{losses} of {length}** positions give a loss ({losses / length:.0%}).",
                    f"★ 손실이 생기는 위치 **{length}개 중 {losses}개**({losses / length:.0%})",
                )
            )


def objective_figure(one: Objective, labels: Sequence[str]) -> go.Figure:
    """Who (row) may see whom (column); the rows of permutation modelling stand in its order and say their turn."""
    length, rows, names = len(labels), np.arange(len(labels)), list(labels)
    if one.name == "permutation":
        rows = one.sees.sum(1).argsort()  # who sees more has a later turn
        turns = enumerate(rows, start=1)
        names = [f"{labels[row]} · {t(f'turn {turn}', f'{turn}번째')}" for turn, row in turns]
    # 0 may not see, 1 sees, 2 sees a position whose token is hidden or replaced
    shade = one.sees * (1 + one.hidden[None, :])
    figure = go.Figure(
        go.Heatmap(
            z=shade[rows],
            zmin=0,
            zmax=2,
            colorscale=[[0, "rgba(138,148,166,0.12)"], [0.5, SKY], [1, ORANGE]],
            text=np.where(shade[rows] == 2, "–", ""),  # blue and orange are equally bright
            texttemplate="%{text}",
            textfont={"color": "#000"},
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate=t("row %{y} sees column %{x}: %{z}", "%{y} 행이 %{x} 열을 봄: %{z}") + "<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[int(row) for row in rows if one.predicted[row]],
        y=[place for place, row in enumerate(rows) if one.predicted[row]],
        mode="markers",
        marker={"symbol": "star", "color": "#000", "size": 9, "line": {"color": "#fff", "width": 1}},
        hoverinfo="skip",
        showlegend=False,
    )
    if length <= 32:
        ticks = {"tickvals": list(range(length)), "tickfont": {"size": 10}}
        figure.update_xaxes(**ticks, ticktext=labels)
        figure.update_yaxes(**ticks, ticktext=names)
    figure.update_xaxes(tickangle=-60, range=[-0.5, length - 0.5])
    figure.update_yaxes(range=[length - 0.5, -0.5])
    figure.update_layout(height=340, margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest")
    return figure
