"""All models on the anatomy page: the shares of their components as bars, and the table of their totals. The home page
has the same bars on its card.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.anatomy_figures import (
    COMPONENTS,
    Area,
    bar_label,
    bar_look,
    component_name,
    draw_component_legend,
    model_label,
    short,
    size_text,
)
from components.cards import Bar, Card
from components.figures import draw_figure
from components.language import t
from models.results import Anatomy, Component

__all__ = ["anatomy_card", "draw_all"]


def draw_all(anatomies: Sequence[Anatomy], area: Area, tokens: int) -> pd.DataFrame:
    """The shares of the components in every model, and the table of totals; returns the table.

    A model that reads fewer than ``tokens`` is counted at as many as it reads.
    """
    shown = list(anatomies)[::-1]  # Plotly draws from below
    figure = go.Figure()
    for component in COMPONENTS:
        shares = [_size(one, component, area, tokens) / _whole(one, area, tokens) for one in shown]
        figure.add_bar(
            y=[bar_label(one.name) for one in shown],
            x=shares,
            name=component_name(component),
            orientation="h",
            marker=bar_look(component),
            customdata=[size_text(area)(_size(one, component, area, tokens)) for one in shown],
            hovertemplate="%{y}: %{customdata} · %{x:.1%}",
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        height=50 + (34 if st.session_state.get("lecture") else 25) * len(shown),
        margin={"l": 0, "r": 10, "t": 5, "b": 0},
        showlegend=False,
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(automargin=True)
    draw_component_legend(COMPONENTS)
    what = t("Share of the parameters", "파라미터 비율")
    what = what if area == "parameters" else t("Share of the FLOPs per token", "토큰당 연산량 비율")
    draw_figure(figure, "all models", what)
    table = _total_table(anatomies, tokens)
    config = {str(name): st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number")}
    st.dataframe(table, hide_index=True, column_config=config, alt=t("All models", "모든 모델"))
    return table


def _size(anatomy: Anatomy, component: Component, area: Area, tokens: int) -> float:
    if area == "parameters":
        return anatomy.component_parameters(component)
    return anatomy.component_flops(component, tokens)


def _whole(anatomy: Anatomy, area: Area, tokens: int) -> float:
    return anatomy.parameters if area == "parameters" else anatomy.flops(tokens)


def _total_table(anatomies: Sequence[Anatomy], tokens: int) -> pd.DataFrame:
    """One row per model: sizes, totals, memory and work."""
    published = [one.published for one in anatomies]
    marks = ["" if total is None else f"{total.text} {'✓' if total.agrees else '✗'}" for total in published]
    return pd.DataFrame(
        {
            t("model", "모델"): [one.name for one in anatomies],
            t("parameters", "파라미터"): [one.parameters for one in anatomies],
            t("published", "발표"): marks,
            "float32 (MB)": [round(one.memory(32) / 1e6, 1) for one in anatomies],
            t("16 bits (MB)", "16비트(MB)"): [round(one.memory(16) / 1e6, 1) for one in anatomies],
            "int8 (MB)": [round(one.memory(8) / 1e6, 1) for one in anatomies],
            t("MFLOPs per token", "토큰당 MFLOPs"): [round(one.flops(tokens) / 1e6, 1) for one in anatomies],
            "L": [one.layers for one in anatomies],
            "H": [one.hidden_size for one in anatomies],
            "A": [one.heads for one in anatomies],
            "V": [one.vocab_size for one in anatomies],
            "E": [one.embedding_size for one in anatomies],
        }
    )


def anatomy_card(anatomy: Anatomy) -> Card:
    """The three large components of a model as bars."""
    large: tuple[Component, ...] = ("embeddings", "attention", "feed-forward")
    shares = {component: anatomy.component_parameters(component) / anatomy.parameters for component in large}
    bars = tuple(Bar(component_name(component), share, f"{share:.0%}") for component, share in shares.items())
    return Card(model_label(anatomy.name), short(anatomy.parameters), bars)
