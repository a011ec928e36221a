"""What the masking simulator's pictures have in common."""

from __future__ import annotations

import plotly.graph_objects as go

from components.figures import draw_figure, put_legend_below
from components.language import t
from models.results import Fate

__all__ = ["draw_chart", "fate_name"]


def fate_name(fate: Fate) -> str:
    """What became of a token, in the viewer's language."""
    return {
        "": t("not selected", "안 뽑힘"),
        "mask": "[MASK]",
        "typed": t("typed", "직접 입력"),
        "random": t("random", "무작위"),
        "kept": t("kept", "그대로"),
    }[fate]


def draw_chart(
    figure: go.Figure,
    key: str,
    title: str,
    height: int,
    x: str | None = None,
    y: str | None = None,
) -> None:
    """A figure of this height (pixels) under a title of the page's own, which is also its text alternative."""
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 55 if figure.layout.annotations else 10},
        title=None,
        hovermode="closest",
    )
    put_legend_below(figure)
    if x:
        figure.update_xaxes(title=x)
    if y:
        figure.update_yaxes(title=y)
    draw_figure(figure, key=f"figure {key}", alt=title)
