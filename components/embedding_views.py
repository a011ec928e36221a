"""Where a model's input vectors come from: the parts of each token's vector, and how alike positions are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.attention_controls import Controls
from components.figures import draw_figure
from components.heatmaps import position_figure, token_labels
from components.language import t
from components.palette import BLUE, GREEN, GREY, ORANGE
from components.text import plain
from models.results import EmbeddingSum

__all__ = ["draw_embeddings", "embedding_table"]


def draw_embeddings(found: EmbeddingSum, picked: Controls) -> None:
    """Bars for each token: lengths of the parts, and their cosines with the sum; then the two position matrices."""
    names, labels = _part_names(), token_labels(found.tokens)
    colours = dict(zip(names, (BLUE, ORANGE, GREEN, GREY), strict=True))
    shapes = dict(zip(names, ("", "/", "x", ""), strict=True))
    for title, values, parts in (
        (t("length of each part", "각 벡터의 크기(노름)"), found.norms, (*found.parts, "sum")),
        (t("cosine with the sum", "합과의 코사인"), found.cosines, found.parts),
    ):
        figure = go.Figure()
        for part, row in zip(parts, values, strict=True):
            figure.add_bar(
                name=names[part],
                x=labels,
                y=row.astype(np.float32),
                marker={"color": colours[part], "pattern": {"shape": shapes[part]}},
                hovertemplate=f"%{{x}}<br>{names[part]} %{{y:.2f}}<extra></extra>",
            )
        figure.update_layout(
            barmode="group",
            height=320,
            margin={"l": 10, "r": 10, "t": 40, "b": 10},
            legend={"orientation": "h", "y": 1.15},
        )
        figure.update_xaxes(type="category", tickangle=-60)
        figure.update_yaxes(title=title)
        draw_figure(figure, f"{len(parts)} parts", title)
    if found.learned is None or found.sinusoids is None:
        return
    st.markdown(t("**How alike are two positions?**", "**두 위치는 얼마나 비슷할까?**"))
    for place, title, matrix in zip(
        st.columns(2, gap="medium"),
        (
            t(f"learned by {plain(found.model)}", f"{plain(found.model)} 모델이 배운 것"),
            t("sinusoids of the first Transformer", "첫 트랜스포머의 사인 곡선"),
        ),
        (found.learned, found.sinusoids),
        strict=True,
    ):
        with place:
            st.caption(title)
            draw_figure(
                position_figure(matrix, found.step),
                f"positions {title}",
                t("Cosines of positions", "위치 사이의 코사인"),
            )


def _part_names() -> dict[str, str]:
    return {
        "token": t("token", "토큰"),
        "position": t("position", "위치"),
        "segment": t("segment", "세그먼트"),
        "sum": t("sum", "합"),
    }


def embedding_table(found: EmbeddingSum) -> pd.DataFrame:
    """One row a token."""
    columns: dict[str, object] = {"token": found.tokens}
    for part, row in zip((*found.parts, "sum"), found.norms, strict=True):
        columns[f"{part} length"] = row.round(4)
    for part, row in zip(found.parts, found.cosines, strict=True):
        columns[f"{part} cosine"] = row.round(4)
    return pd.DataFrame(columns)
