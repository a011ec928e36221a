"""Matrices as pictures: tokens on both axes, layers by heads, positions by positions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components.language import t
from components.text import safe_html, shorten, visible

__all__ = [
    "from_nothing",
    "height_of",
    "is_dark",
    "layer_head_figure",
    "pooled",
    "position_figure",
    "token_figure",
    "token_labels",
    "two_sided_colours",
]

_NUMBERS_UP_TO = 16  # rows; more would not be readable
_FULL_UP_TO = 256  # rows of a picture that has another beside it


def is_dark() -> bool:
    """Whether the viewer's theme is dark."""
    return bool(st.context.theme.type == "dark")


def from_nothing() -> list[list[object]]:
    """Nothing is the page itself; the most is dark on light and light on dark. Told apart by lightness alone."""
    if is_dark():
        return [[0, "#11161f"], [0.5, "#3e7da2"], [1, "#d6eeff"]]
    return [[0, "#ffffff"], [0.5, "#59a3cd"], [1, "#00264d"]]


def two_sided_colours() -> list[list[object]]:
    """Orange, the page, blue (Okabe and Ito); lighter in the dark theme."""
    if is_dark():
        return [[0, "#f0a040"], [0.5, "#11161f"], [1, "#7cc4f5"]]
    return [[0, "#b34d00"], [0.5, "#ffffff"], [1, "#00548a"]]


def token_labels(tokens: Sequence[str], *, numbered: bool = False) -> list[str]:
    """One label a token, all of them different, harmless as the markup that Plotly reads in labels.

    Short inputs show the token alone (repeated ones are told apart by characters without width), long ones and
    ``numbered`` ones its position as well.
    """
    shown = [safe_html(shorten(visible(token), 14)) for token in tokens]
    if numbered or len(tokens) > 40:
        return [f"{number} {token}" for number, token in enumerate(shown)]
    return [token + "\u200b" * shown[:number].count(token) for number, token in enumerate(shown)]


def pooled(matrix: np.ndarray, labels: Sequence[str]) -> tuple[np.ndarray, list[str], int]:
    """A matrix small enough to stand beside another: (matrix, labels, how many rows each cell stands for).

    Above 256 rows each cell is the one of largest size of those it stands for.
    """
    step = -(-len(matrix) // _FULL_UP_TO)
    if step == 1:
        return matrix, list(labels), 1
    edges = np.arange(0, len(matrix), step)

    def reduce(part: np.ufunc) -> np.ndarray:
        return np.asarray(part.reduceat(part.reduceat(matrix, edges, axis=0), edges, axis=1))

    high, low = reduce(np.maximum), reduce(np.minimum)
    return np.where(high >= -low, high, low), [labels[int(edge)] for edge in edges], step


def token_figure(
    matrix: np.ndarray,
    rows: Sequence[str],
    *,
    two_sided: bool = False,
    largest: float | None = None,
) -> go.Figure:
    """Who attends (rows) to whom (columns), (L, L); whole percents stand in the cells of small ones."""
    top = largest if largest is not None else float(np.abs(matrix).max()) or 1.0
    small = len(matrix) <= _NUMBERS_UP_TO
    sign = "+d" if two_sided else "d"
    figure = go.Figure(
        go.Heatmap(
            z=matrix.astype(np.float32),
            x=rows,
            y=rows,
            text=[[_percent(float(cell), sign) for cell in row] for row in matrix] if small else None,
            texttemplate="%{text}" if small else None,
            textfont={"size": 11},
            hovertemplate=f"%{{y}} → %{{x}}<br>%{{z:{'+' if two_sided else ''}.3f}}<extra></extra>",
            colorscale=two_sided_colours() if two_sided else from_nothing(),
            zmin=-top if two_sided else 0,
            zmax=top,
            colorbar={
                "thickness": 12, "len": 0.6, "y": 1, "yanchor": "top", "outlinewidth": 0,
                "tickformat": "+.0%" if two_sided else ".0%",
            },
        )
    )  # fmt: skip
    every = 1 if len(matrix) <= 20 else None  # so many labels fit; left to itself Plotly drops every second one
    axes = t("↓ looks · is looked at →", "↓ 보는 쪽 · 보이는 쪽 →")  # a turned title of the other axis is hard to read
    figure.update_xaxes(side="top", tickangle=-60, title=axes, type="category", showgrid=False, dtick=every)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False, dtick=every)
    height = height_of(len(matrix), most=720)
    figure.update_layout(height=height, margin={"l": 10, "r": 10, "t": 40, "b": 10})
    return figure


def height_of(rows: int, most: int) -> int:
    """Of a picture with a label at each row; in lecture mode with room for its larger type."""
    height = min(most, 190 + 26 * rows)
    return round(1.25 * height) if st.session_state.get("lecture") else height


def _percent(weight: float, sign: str) -> str:
    whole = round(100 * weight)
    return format(whole, sign) if whole else ""


def layer_head_figure(values: np.ndarray, what: str, marks: Sequence[Sequence[str]] | None = None) -> go.Figure:
    """One number for each head, (layers, heads)."""
    figure = go.Figure(
        go.Heatmap(
            z=values.astype(np.float32),
            text=[
                [f"{value:.1f}" + (f"<br>{mark}" if mark else "") for value, mark in zip(row, its_marks, strict=True)]
                for row, its_marks in zip(values, marks or [[""] * values.shape[1]] * len(values), strict=True)
            ],
            texttemplate="%{text}",
            textfont={"size": 11},
            hovertemplate=f"{t('layer', '층')} %{{y}}, {t('head', '헤드')} %{{x}}<br>{what} %{{z:.2f}}<extra></extra>",
            colorscale=from_nothing(),
            zmin=0,
            xgap=2,
            ygap=2,
            colorbar={"thickness": 12, "outlinewidth": 0, "title": {"text": what, "side": "right"}},
        )
    )
    figure.update_xaxes(side="top", title=t("↓ layer · head →", "↓ 층 · 헤드 →"), dtick=1)
    figure.update_yaxes(autorange="reversed", dtick=1)
    figure.update_layout(height=130 + 44 * len(values), margin={"l": 10, "r": 10, "t": 60, "b": 10})
    return figure


def position_figure(matrix: np.ndarray, step: int) -> go.Figure:
    """How alike two positions are, (N, N) cosines."""
    places = [step * number for number in range(len(matrix))]
    figure = go.Figure(
        go.Heatmap(
            z=matrix.astype(np.float32),
            x=places,
            y=places,
            hovertemplate="%{y}, %{x}<br>%{z:.2f}<extra></extra>",
            colorscale=two_sided_colours(),
            zmin=-1,
            zmax=1,
            colorbar={"thickness": 12, "outlinewidth": 0},
        )
    )
    figure.update_xaxes(title=t("position, on both axes", "위치(두 축 모두)"))
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(height=420, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    return figure
