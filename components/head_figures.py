"""An input on its way through a pre-trained model and a new head, as one picture from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from components.heatmaps import is_dark, token_labels, two_sided_colours
from components.palette import BLUE, ORANGE
from components.text import safe_html, safe_words

__all__ = ["Block", "Column", "head_figure"]

MOST_ROWS = 24  # of a picture; the middle of a longer input is left out
DRAWN = 16  # numbers of a vector that are drawn
ROW = 27  # px


@dataclass(frozen=True)
class Column:
    """What stands above one tensor: its name in Transformers and its shape."""

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """A part of the model: pre-trained, or new."""

    name: str
    new: bool = False


def _shown(rows: int) -> tuple[list[int], int]:
    """Which rows are drawn, and before which of them the rest is left out (0: nowhere)."""
    if rows <= MOST_ROWS:
        return list(range(rows)), 0
    half = MOST_ROWS // 2
    return [*range(half), *range(rows - half + 1, rows)], half


def head_figure(
    labels: Sequence[str],
    segments: Sequence[int],
    vectors: np.ndarray,
    read: Sequence[int],
    blocks: Sequence[Block],
    columns: Sequence[Column],
    outputs: Sequence[str],
    logits: np.ndarray,
    cells: Sequence[Sequence[str]] | None = None,
) -> go.Figure:
    """Rows are tokens (or sequences): input, encoder, vectors, the blocks of the head, logits.

    ``vectors`` (R, H), ``read``: the rows that the head reads; ``logits`` (R, C) where it scores every row, else (1, C).
    ``blocks``: the encoder, then one or two of the head. ``columns``: input, vectors, (pooled,) logits. ``cells``: what
    is written on the logits, one line for each row that is scored, else their values.
    """
    rows, gap = _shown(len(labels))
    y = {row: place + (0.6 if gap and place >= gap else 0.0) for place, row in enumerate(rows)}
    bottom = max(y.values()) + 0.5
    larger = 1.4 if st.session_state.get("lecture") else 1.0
    line, ink = ("#9aa7ba", "#e8ecf3") if is_dark() else ("#5b6575", "#1a1f2b")
    figure = go.Figure()
    annotations: list[dict[str, object]] = []  # plotly takes all at once many times faster than one by one
    shapes: list[dict[str, object]] = []
    arrows: list[tuple[float | None, float | None, int]] = []  # x, y, size of the arrow's head there
    every_row = len(logits) == len(labels) and len(labels) > 1

    def text(x: float, at: float, words: str, size: int = 12, **more: object) -> None:
        font = {"size": size * larger, "color": ink}
        annotations.append({"x": x, "y": at, "text": words, "showarrow": False, "font": font, **more})

    def arrow(x0: float, y0: float, x1: float, y1: float) -> None:
        arrows.extend([(x0, y0, 0), (x1, y1, 7), (None, None, 0)])

    def block(x0: float, x1: float, y0: float, y1: float, one: Block) -> None:
        colour = ORANGE if one.new else BLUE
        border = {"color": colour, "width": 2, "dash": "dash" if one.new else "solid"}
        fill = f"rgba({'230,159,0' if one.new else '0,114,178'},0.14)"
        shapes.append({"x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": border, "fillcolor": fill, "layer": "below"})
        upright = y1 - y0 <= 2
        name = safe_html(one.name).replace("␣", "<br>" if upright else " ")
        text((x0 + x1) / 2, (y0 + y1) / 2, f"<b>{name}</b>", textangle=0 if upright else -90)

    names = token_labels(labels)
    for row in rows:
        border = {"color": (BLUE, ORANGE)[segments[row]], "width": 1.5}
        shapes.append({"x0": 0, "x1": 2.3, "y0": y[row] - 0.4, "y1": y[row] + 0.4, "line": border, "layer": "below"})
        arrow(2.3, y[row], 2.75, y[row])
        arrow(3.65, y[row], 4.1, y[row])
    figure.add_scatter(
        x=[1.15] * len(rows), y=[y[row] for row in rows], text=[names[row] for row in rows], mode="text",
        textfont={"size": 12 * larger, "color": ink}, hoverinfo="skip",
    )  # fmt: skip
    if gap:
        text(1.15, gap - 0.2, "⋮")
        text(5.0, gap - 0.2, "⋮")
    block(2.75, 3.65, -0.5, bottom, blocks[0])

    drawn = vectors[rows][:, :DRAWN].astype(np.float32)
    most = float(np.abs(drawn).max()) or 1.0
    figure.add_heatmap(
        z=drawn, x=np.linspace(4.16, 5.84, drawn.shape[1]), y=[y[row] for row in rows], zmin=-most, zmax=most,
        colorscale=two_sided_colours(), showscale=False, ygap=4, xgap=0,
        customdata=[[names[row]] * drawn.shape[1] for row in rows],
        text=[[str(place) for place in range(drawn.shape[1])] for _ in rows],
        hovertemplate="%{customdata}[%{text}] = %{z:.3f}<extra></extra>",
    )  # fmt: skip

    head = blocks[1:]
    edges = np.linspace(6.35, 7.85, 2 * len(head) if len(head) > 1 else 2)
    sides = [(edges[2 * place], edges[2 * place + 1]) for place in range(len(head))] if len(head) > 1 else [(6.5, 7.6)]
    read_drawn = [row for row in rows if row in set(read)]
    if every_row:
        low, high, middle = -0.5, bottom, (bottom - 0.5) / 2
        for row in rows:
            arrow(5.95, y[row], sides[0][0], y[row])
            arrow(sides[-1][1], y[row], 8.2, y[row])
    else:
        middle = (y[read_drawn[0]] + y[read_drawn[-1]]) / 2
        low, high = middle - 1.6, middle + 1.6
        if low < -0.5:
            low, high = -0.5, min(max(2.7, middle + 0.5), bottom)
        middle = (low + high) / 2 if len(read_drawn) > 1 else y[read_drawn[0]]
        for row in read_drawn:
            arrow(5.95, y[row], sides[0][0], middle)
        arrow(sides[-1][1], middle, 8.2, middle)
    for (left, right), one in zip(sides, head, strict=True):
        block(left, right, low, high, one)
    if len(head) > 1:
        arrow(sides[0][1], middle, sides[1][0], middle)

    scored = logits[rows] if every_row else logits
    places = [y[row] for row in rows] if every_row else [middle]
    top = float(np.abs(scored).max()) or 1.0
    written = [[f"{value:+.2f}" for value in row] for row in scored]
    if cells is not None:
        written = [[safe_words(cell) for cell in cells[row]] for row in (rows if every_row else range(len(cells)))]
    width = 1.7 / len(outputs)
    figure.add_heatmap(
        z=scored.astype(np.float32), x0=8.25 + width / 2, dx=width, y=places,
        zmin=-2.5 * top, zmax=2.5 * top, colorscale=two_sided_colours(), showscale=False, xgap=2, ygap=4,
        text=written, texttemplate="%{text}", textfont={"size": 11},
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    for number, output in enumerate(outputs):
        text(8.25 + width * (number + 0.5), places[0] - 0.75, safe_html(output), 11)
    heads = [1.15, 5.0, *([7.1] if len(columns) == 4 else []), 9.1]
    for x, column in zip(heads, columns, strict=True):
        name = safe_words(column.name)
        name = name.replace("_", "_<br>") if len(name) > 10 else name
        text(x, -1.25, f"{name}<br><b>{tuple(column.shape)}</b>", 11, yanchor="bottom")
    across, down, sizes = zip(*arrows, strict=True)
    marker = {"symbol": "arrow", "angleref": "previous", "size": sizes, "color": line}
    figure.add_scatter(
        x=across, y=down, mode="lines+markers", line={"color": line, "width": 1}, marker=marker, hoverinfo="skip"
    )
    figure.update_layout(annotations=annotations, shapes=[{"type": "rect", **one} for one in shapes])
    figure.update_xaxes(range=[-0.05, 10.05], visible=False, fixedrange=True)
    figure.update_yaxes(range=[bottom + 0.1, -3.6], visible=False, fixedrange=True)
    figure.update_layout(
        height=int(larger * ROW * (bottom + 3.7)) + 10, margin={"t": 4, "b": 4, "l": 0, "r": 0}, showlegend=False
    )
    return figure
