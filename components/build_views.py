"""The viewer's own model on the anatomy page: what factorized embeddings and shared layers save."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.anatomy_figures import (
    COMPONENT_COLOURS,
    COMPONENTS,
    bar_look,
    component_name,
    draw_component_legend,
    flops_text,
    memory_text,
    short,
)
from components.figures import draw_figure, draw_numbers
from components.heatmaps import is_dark
from components.language import t
from components.palette import INK
from models.results import Anatomy, Component

__all__ = ["draw_build", "draw_matrices", "draw_saved"]


def draw_saved(variants: Mapping[str, Anatomy]) -> None:
    """The size of the viewer's model, the last variant, and what it saves; the first variant saves nothing."""
    first, *_, yours = variants.values()
    with st.container(horizontal=True):
        st.metric(t("parameters", "파라미터"), short(yours.parameters), help=f"{yours.parameters:,}")
        saved = first.parameters - yours.parameters
        st.metric(
            t("saved", "절약"),
            f"{saved / first.parameters:.0%}",
            help=t(
                f"{abs(saved):,} {'fewer' if saved >= 0 else 'more'} than with V × H and nothing shared",
                f"V × H를 쓰고 공유하지 않을 때보다 {abs(saved):,}개 {'적음' if saved >= 0 else '많음'}",
            ),
        )


def draw_build(variants: Mapping[str, Anatomy], tokens: int) -> pd.DataFrame:
    """What each way of saving does, and what the viewer's model, the last variant, costs; returns the table."""
    first, *_, yours = variants.values()
    begin, *_, end = variants
    told = {first.parameters, yours.parameters}
    rows = [name for name, one in variants.items() if name in (begin, end) or one.parameters not in told][::-1]
    figure = go.Figure()
    for component in COMPONENTS[:5]:
        sizes = [variants[row].component_parameters(component) for row in rows]
        figure.add_bar(
            y=rows,
            x=sizes,
            name=component_name(component),
            orientation="h",
            marker=bar_look(component),
            customdata=[short(size) for size in sizes],
            hovertemplate="%{y}: %{customdata}",
        )
    figure.add_scatter(
        y=rows,
        x=[variants[row].parameters for row in rows],
        mode="text",
        text=[f" <b>{short(variants[row].parameters)}</b>" for row in rows],
        textposition="middle right",
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )
    figure.update_layout(
        barmode="stack",
        height=75 + 44 * len(rows),
        margin={"l": 0, "r": 60, "t": 5, "b": 0},
        showlegend=False,
    )
    figure.update_yaxes(automargin=True)
    figure.update_xaxes(rangemode="tozero", range=[0, 1.08 * max(one.parameters for one in variants.values())])
    draw_component_legend(COMPONENTS[:5])
    draw_figure(figure, "variants", t("Parameters with each way of saving", "절약 방법별 파라미터"))
    with st.container(horizontal=True):
        st.metric(t("FLOPs per token", "토큰당 연산량"), flops_text(yours.flops(tokens)))
        st.metric(
            t("weights in float32 · 16 bits · int8", "가중치 float32 · 16비트 · int8"),
            memory_text(yours),
        )
    table = pd.DataFrame(
        {
            t("variant", "구성"): list(variants),
            **{
                component_name(component): [one.component_parameters(component) for one in variants.values()]
                for component in COMPONENTS[:5]
            },
            t("parameters", "파라미터"): [one.parameters for one in variants.values()],
            t("FLOPs per token", "토큰당 연산량"): [one.flops(tokens) for one in variants.values()],
        }
    )
    draw_numbers(table)
    return table


def draw_matrices(vocab_size: int, embedding_size: int, hidden_size: int) -> None:
    """V x H beside V x E and E x H: rectangles whose areas are the numbers of weights."""
    straight, narrow = vocab_size * hidden_size, vocab_size * embedding_size
    projection = embedding_size * hidden_size
    gap = 0.22 * (hidden_size + embedding_size + hidden_size)
    left = hidden_size + gap
    right = left + embedding_size + gap / 2
    figure = go.Figure()
    _rectangle(figure, 0, hidden_size, vocab_size, "embeddings", f"V × H<br><b>{short(straight)}</b>")
    _rectangle(figure, left, embedding_size, vocab_size, "attention", f"V × E<br><b>{short(narrow)}</b>")
    signs = [(hidden_size + gap / 2, t("or", "또는"))]
    if embedding_size != hidden_size:
        text = f"E × H<br><b>{short(projection)}</b>"
        _rectangle(figure, right, hidden_size, embedding_size, "feed-forward", text)
        signs.append((left + embedding_size + gap / 4, "+"))
    for x, sign in signs:
        figure.add_annotation(x=x, y=vocab_size / 2, text=sign, showarrow=False, font={"size": 18, "color": _ink()})
    figure.update_layout(height=300, margin={"l": 5, "r": 5, "t": 5, "b": 5}, showlegend=False)
    figure.update_xaxes(visible=False, range=[-0.02 * (right + hidden_size), 1.02 * (right + hidden_size)])
    figure.update_yaxes(visible=False, range=[0, 1.3 * max(vocab_size, embedding_size)])
    draw_figure(
        figure, "matrices", t("V × H against V × E and E × H, areas to scale", "V × H와 V × E, E × H의 넓이 비교")
    )
    change = (narrow + projection) / straight - 1
    if embedding_size == hidden_size:
        sentence = t(
            "E = H: nothing is factorized, the projection is left out. Make E smaller.",
            "E = H이면 분해하지 않은 것이고 투영 행렬도 없습니다. E를 줄여 보세요.",
        )
    else:
        sentence = t(
            f"Areas to scale. V × E + E × H = **{short(narrow + projection)}** instead of **{short(straight)}**: **{change:+.0%}**.",
            f"넓이가 곧 가중치 수입니다. **{short(straight)}** 대신 V × E + E × H = **{short(narrow + projection)}**: **{change:+.0%}**",
        )
    st.caption(sentence)


def _rectangle(figure: go.Figure, x: float, width: float, height: float, like: Component, text: str) -> None:
    figure.add_scatter(
        x=[x, x + width, x + width, x, x],
        y=[0, 0, height, height, 0],
        fill="toself",
        mode="lines",
        line={"color": _ink(), "width": 1},
        fillcolor=COMPONENT_COLOURS[like],
        hoverinfo="skip",
    )
    font = {"size": 18 if st.session_state.get("lecture") else 14, "color": _ink()}
    figure.add_annotation(x=x + width / 2, y=height, text=text, showarrow=False, yanchor="bottom", yshift=4, font=font)


def _ink() -> str:
    """The colour of text on the page itself."""
    return "#e8ecf3" if is_dark() else INK
