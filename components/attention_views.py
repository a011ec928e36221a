"""What the attention viewer draws of each kind of result and gives to take away; here too the map of all heads."""

from __future__ import annotations

from functools import singledispatch

import pandas as pd
import streamlit as st

from components.attention_controls import Controls, open_head
from components.bertviz_views import bertviz_html, draw_bertviz
from components.comparison_views import difference_table, draw_comparison, draw_difference
from components.embedding_views import draw_embeddings, embedding_table
from components.figures import draw_figure
from components.head_grid import SIGNS, draw_head_grid, pattern_names
from components.heatmaps import layer_head_figure
from components.language import t
from components.matrix_views import draw_combined, draw_matrix, matrix_table
from models.results import AttentionDifference, AttentionMatrix, CausalComparison, EmbeddingSum, HeadGrid

__all__ = ["draw_result", "files_of"]

Tables = dict[str, pd.DataFrame]


@singledispatch
def draw_result(result: object, picked: Controls) -> None:
    """Draw any result of the attention viewer."""
    raise TypeError(type(result).__name__)


draw_result.register(draw_comparison)
draw_result.register(draw_embeddings)
draw_result.register(draw_difference)


@draw_result.register
def _draw_matrix_alone(matrix: AttentionMatrix, picked: Controls) -> None:
    if picked.view == "meaning":
        draw_combined(matrix, picked.how)
    else:
        draw_matrix(matrix, picked.view)


@draw_result.register
def _draw_bertviz_beside_numbers(found: tuple, picked: Controls) -> None:  # type: ignore[type-arg]
    page, matrix = found
    with st.container(key="wide columns"):  # one below the other where bertviz would be cut off
        left, right = st.columns([2, 3], gap="medium") if page.kind == "head" else (st.container(), st.container())
    with left:
        draw_bertviz(page)
    with right:
        draw_matrix(matrix, "beside")


@draw_result.register
def _draw_grid(grid: HeadGrid, picked: Controls) -> None:
    """The small pictures, or a map of one number for each head; the legend of the patterns above them."""
    names = pattern_names()
    st.caption(" · ".join(f"**{SIGNS[pattern]}** {names[pattern]}" for pattern in SIGNS if pattern))
    if picked.map == "pictures":
        st.caption(
            t("Row: layer. Column: head. Click one to open it.", "가로줄은 층, 세로줄은 헤드입니다. 누르면 열립니다.")
        )
        draw_head_grid(grid, key="head grid", on_open=open_head)
        return
    values, what = (
        (grid.entropy, t("entropy (nats)", "엔트로피(nat)"))
        if picked.map == "entropy"
        else (grid.distance, t("distance (tokens)", "거리(토큰)"))
    )
    marks = [[SIGNS[pattern] for pattern in row] for row in grid.patterns]
    draw_figure(
        layer_head_figure(values, what, marks), f"grid {picked.map}", t(f"{what} of every head", f"헤드별 {what}")
    )
    st.caption(
        t(
            "Entropy: 0 looks at a single token, high looks everywhere. Distance: how many tokens away it looks.",
            "엔트로피가 0이면 토큰 하나만 보고, 크면 두루 봅니다. 거리는 몇 토큰 떨어진 곳을 보는지입니다.",
        )
    )


# --- to take away ------------------------------------------------------------------------------------------------


@singledispatch
def files_of(result: object) -> tuple[object, Tables, dict[str, str]]:
    """What there is to take away of a result: for JSON, as tables, as HTML."""
    raise TypeError(type(result).__name__)


@files_of.register
def _matrix_files(matrix: AttentionMatrix) -> tuple[object, Tables, dict[str, str]]:
    return matrix, {"attention": matrix_table(matrix)}, {}


@files_of.register
def _bertviz_files(found: tuple) -> tuple[object, Tables, dict[str, str]]:  # type: ignore[type-arg]
    page, matrix = found
    return matrix, {"attention": matrix_table(matrix)}, {f"bertviz-{page.kind}": bertviz_html(page)}


@files_of.register
def _grid_files(grid: HeadGrid) -> tuple[object, Tables, dict[str, str]]:
    return grid, {"heads": _grid_table(grid)}, {}


def _grid_table(grid: HeadGrid) -> pd.DataFrame:
    """One row a head."""
    layers, heads = grid.entropy.shape
    return pd.DataFrame(
        [
            {
                "layer": layer,
                "head": head,
                "pattern": grid.patterns[layer][head] or "none",
                "share": round(float(grid.shares[layer, head]), 4),
                "entropy": round(float(grid.entropy[layer, head]), 4),
                "distance": round(float(grid.distance[layer, head]), 4),
            }
            for layer in range(layers)
            for head in range(heads)
        ]
    )


@files_of.register
def _comparison_files(found: CausalComparison) -> tuple[object, Tables, dict[str, str]]:
    return found, {"left": matrix_table(found.left), "right": matrix_table(found.right)}, {}


@files_of.register
def _embedding_files(found: EmbeddingSum) -> tuple[object, Tables, dict[str, str]]:
    return found, {"parts": embedding_table(found)}, {}


@files_of.register
def _difference_files(found: AttentionDifference) -> tuple[object, Tables, dict[str, str]]:
    return found, {"difference": difference_table(found)}, {}
