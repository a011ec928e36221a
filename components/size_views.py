"""Bigger kept getting better: the accuracy of BERT in several sizes against its parameters."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.anatomy_figures import short
from components.figures import draw_figure
from components.language import t
from components.palette import BLUE
from models.results import Anatomy

__all__ = ["draw_sizes"]


def draw_sizes(sizes: Sequence[Anatomy], accuracies: Sequence[float]) -> pd.DataFrame:
    """One point for each size, with its L / H / A and what the paper measured, in percent; returns the table."""
    title = t("Bigger kept getting better: BERT on MNLI", "클수록 좋아졌다: MNLI에서의 BERT")
    parameters = [one.parameters for one in sizes]
    texts = [
        f" {one.layers} / {one.hidden_size} / {one.heads}: <b>{accuracy}</b> "
        for one, accuracy in zip(sizes, accuracies, strict=True)
    ]
    figure = go.Figure(
        go.Scatter(
            x=parameters,
            y=accuracies,
            mode="markers+text",
            text=texts,
            textposition=["middle right" if one < 1.5e8 else "middle left" for one in parameters],
            cliponaxis=False,
            marker={"color": BLUE, "size": 10},
            customdata=[short(one) for one in parameters],
            hovertemplate="%{customdata}: %{y}<extra></extra>",
        )
    )
    figure.update_layout(height=330, margin={"l": 0, "r": 10, "t": 15, "b": 0})
    ticks = sorted(set(parameters))
    figure.update_xaxes(
        type="log",
        tickvals=ticks,
        ticktext=[short(one) for one in ticks],
        title=t("parameters (logarithmic)", "파라미터(로그 눈금)"),
    )
    figure.update_yaxes(range=[77, 87.5], title=t("accuracy (%)", "정확도(%)"))
    st.markdown(f"**{title}**")
    draw_figure(figure, "sizes", title)
    st.caption(
        t(
            "Beside each point L / H / A and the accuracy on MNLI-m (development set, mean of 5 fine-tunings): *Devlin et al. "
            "2019, table 6.* Parameters computed here. 12 heads instead of 3 add none, and help.",
            "점 옆은 L / H / A와 MNLI-m 정확도(개발 세트, 미세조정 5번의 평균)입니다. *Devlin et al. 2019, 표 6.* 파라미터는 여기서 계산했습니다. "
            "헤드를 3개에서 12개로 늘리면 파라미터는 그대로인데 정확도가 올랐습니다.",
        )
    )
    return pd.DataFrame(
        {
            "L": [one.layers for one in sizes],
            "H": [one.hidden_size for one in sizes],
            "A": [one.heads for one in sizes],
            t("parameters", "파라미터"): parameters,
            t("accuracy (%)", "정확도(%)"): accuracies,
        }
    )
