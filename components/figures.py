"""Plotly figures, drawn the same way everywhere."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from components.handout import figure_on_paper, on_paper

__all__ = ["FIGURE_SETTINGS", "draw_figure"]

# The camera in a figure's corner saves it as SVG; no logo of the drawing library.
FIGURE_SETTINGS: dict[str, Any] = {
    "displaylogo": False,
    "toImageButtonOptions": {"format": "svg", "filename": "playground"},
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


def draw_figure(figure: go.Figure, key: str, alt: str, *, place: Any = st) -> None:
    """A figure that fits its ``place``, with larger type in lecture mode; ``alt`` says what it shows."""
    if st.session_state.get("lecture"):
        figure.update_layout(font={"size": 18})
        figure.update_traces(selector={"type": "heatmap"}, textfont={"size": 16})
    place.plotly_chart(figure, key=key, config=FIGURE_SETTINGS, alt=alt)
    on_paper(f"figure {alt}", lambda: figure_on_paper(figure, alt))
