"""Plotly figures, drawn the same way everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.handout import figure_on_paper, on_paper
from components.heatmaps import is_dark
from components.language import t
from components.palette import BLUE, GREY, INK, SKY
from models.results import Share

__all__ = ["FIGURE_SETTINGS", "draw_figure", "draw_numbers", "error_bars", "line_blue", "put_legend_below"]

# The camera in a figure's corner saves it as SVG; no logo of the drawing library.
FIGURE_SETTINGS: dict[str, Any] = {
    "displaylogo": False,
    "toImageButtonOptions": {"format": "svg", "filename": "playground"},
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


def draw_figure(figure: go.Figure, key: str, alt: str, *, place: Any = st) -> None:
    """A figure that fits its ``place``, with larger type in lecture mode; ``alt`` says what it shows.

    Of a figure that grows, its size stands at the end of the ``key``: on paper the last one is left.
    """
    shown = _for_the_last_row(figure) if st.session_state.get("lecture") else figure
    if not is_dark():
        for font in _fonts(shown):
            font.color = INK
        shown.for_each_trace(_outline, selector={"type": "bar"})
    place.plotly_chart(shown, key=key, config=FIGURE_SETTINGS, alt=alt)
    on_paper(f"figure {key.rstrip('0123456789')} {alt}", lambda: figure_on_paper(figure, alt))


def _outline(bars: go.Bar) -> None:
    """Orange and sky blue have a contrast of 2.2 : 1 to white ground: the edge of a bar says where it ends."""
    if bars.marker.line.width is None:
        bars.marker.line = {"color": INK, "width": 0.6}


def draw_numbers(table: pd.DataFrame) -> None:
    """What a picture was drawn from, folded away."""
    with st.expander(t("Numbers", "숫자로 보기")):
        st.dataframe(table, hide_index=True, alt=t("The numbers of the picture", "그림의 숫자"))


def error_bars(shares: Sequence[Share]) -> dict[str, Any]:
    """The 95% intervals of these shares as the ``error_x`` of their bars."""
    above, below = [share.high - share.value for share in shares], [share.value - share.low for share in shares]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "color": GREY}


def line_blue() -> str:
    """The blue of a line: a light one on a dark page."""
    return SKY if is_dark() else BLUE


def put_legend_below(figure: go.Figure) -> None:
    """The legend at the lower edge, clear of what is written below the axis, whatever the size of the type."""
    figure.update_layout(
        legend={"orientation": "h", "x": 0, "yref": "container", "y": 0, "yanchor": "bottom"}, margin={"b": 70}
    )


def _for_the_last_row(figure: go.Figure) -> go.Figure:
    """A copy with larger type: paper has the type as it was."""
    larger = go.Figure(figure)
    larger.update_traces(selector={"type": "treemap"}, marker={"pad": {"t": 34}})  # less, and the names shrink
    larger.update_traces(selector={"type": "heatmap"}, textfont={"size": 16})
    larger.update_traces(
        selector={"type": "bar", "textposition": "outside"}, textfont={"size": 16}, constraintext="none"
    )
    larger.for_each_trace(_enlarge_names, selector={"type": "scatter"})
    larger.for_each_annotation(_enlarge_words)
    if larger.layout.legend.yref == "container":
        larger.layout.margin.b *= 1.5
    for font in _fonts(larger):
        font.size = 1.5 * (font.size or 12)
    return larger


def _enlarge_names(trace: go.Scatter) -> None:
    trace.textfont.size = trace.textfont.size or 16


def _enlarge_words(annotation: go.layout.Annotation) -> None:
    annotation.font.size = annotation.font.size if annotation.font.size not in (None, 16) else 18


def _fonts(figure: go.Figure) -> Iterator[Any]:
    """The type of a figure's parts, as objects to set: Streamlit's theme has fonts of its own for each.

    Setting them one by one takes half the time of ``update_layout``, and most pages draw several figures.
    """
    layout = figure.layout
    yield from (layout.font, layout.legend.font)
    if figure.data and "xaxis" in figure.data[0]:
        for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
            yield from (axis.tickfont, axis.title.font)
