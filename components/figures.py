"""Plotly figures, drawn the same way everywhere."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from components.handout import figure_on_paper, on_paper
from components.heatmaps import is_dark

__all__ = ["FIGURE_SETTINGS", "draw_figure"]

_INK = "#17202e"  # the light theme's text; Streamlit's own grey for figures has a contrast of 3.7 : 1
# The camera in a figure's corner saves it as SVG; no logo of the drawing library.
FIGURE_SETTINGS: dict[str, Any] = {
    "displaylogo": False,
    "toImageButtonOptions": {"format": "svg", "filename": "playground"},
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


def draw_figure(figure: go.Figure, key: str, alt: str, *, place: Any = st) -> None:
    """A figure that fits its ``place``, with larger type in lecture mode; ``alt`` says what it shows."""
    if not is_dark():
        figure.update_layout(font={"color": _INK})
        if figure.data and "xaxis" in figure.data[0]:
            for axes in (figure.update_xaxes, figure.update_yaxes):
                axes(tickfont={"color": _INK}, title={"font": {"color": _INK}})
    if st.session_state.get("lecture"):
        figure.update_layout(font={"size": 18})
        figure.update_traces(selector={"type": "treemap"}, marker={"pad": {"t": 34}})  # less, and the names shrink
        figure.update_traces(selector={"type": "heatmap"}, textfont={"size": 16})
    place.plotly_chart(figure, key=key, config=FIGURE_SETTINGS, alt=alt)
    on_paper(f"figure {alt}", lambda: figure_on_paper(figure, alt))
