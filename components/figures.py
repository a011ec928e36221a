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
    font: dict[str, Any] = {} if is_dark() else {"color": _INK}
    if st.session_state.get("lecture"):
        font["size"] = 18
        figure.update_traces(selector={"type": "treemap"}, marker={"pad": {"t": 34}})  # less, and the names shrink
        figure.update_traces(selector={"type": "heatmap"}, textfont={"size": 16})
    figure.update_layout(font=font, legend={"font": font})
    if figure.data and "xaxis" in figure.data[0]:  # Streamlit's theme has fonts of its own for axes
        for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
            smaller = (axis.tickfont.size or 12) / 12  # where a figure has many names
            axis.update(
                tickfont=font | ({"size": font["size"] * smaller} if "size" in font else {}), title={"font": font}
            )
    place.plotly_chart(figure, key=key, config=FIGURE_SETTINGS, alt=alt)
    on_paper(f"figure {alt}", lambda: figure_on_paper(figure, alt))
