"""Several texts as one batch: the attention mask, and what padding does to a model's vector."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure
from components.language import t
from components.palette import INK, SKY
from components.text import safe_html, shorten, visible
from models.results import Batch, PaddingEffect

__all__ = ["batch_table", "draw_batch", "draw_padding", "padding_table"]


def _batch_figure(batch: Batch) -> go.Figure:
    """The attention mask as a rectangle: the tokens where there is room for them, else its 1 and 0."""
    rows = [t(f"text {number + 1}", f"글 {number + 1}") for number in range(len(batch.tokens))]
    readable = len(batch.tokens[0]) <= 12
    figure = go.Figure(
        go.Heatmap(
            z=batch.attention_mask,
            y=rows,
            text=[[safe_html(shorten(visible(token), 9)) for token in row] for row in batch.tokens],
            customdata=[[str(i) for i in row] for row in batch.input_ids],
            texttemplate="%{text}" if readable else "%{z}",
            hovertemplate="%{text}<br>id %{customdata}<br>attention_mask %{z}<extra></extra>",
            colorscale=[[0, "#C9D1DC"], [1, SKY]],
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=2,
            ygap=2,
            textfont={"color": INK, "size": 12},
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(side="top")
    figure.update_layout(height=60 + 46 * len(rows), margin={"l": 10, "r": 10, "t": 40, "b": 10})
    return figure


def draw_batch(batch: Batch, key: str) -> None:
    """The rectangle, and what padding and truncation cost."""
    size = len(batch.tokens) * len(batch.tokens[0])
    padding, cut = size - sum(batch.lengths), sum(batch.cut)
    st.markdown(
        t(
            f"**({len(batch.tokens)}, {len(batch.tokens[0])})** · {padding} of {size} positions are padding "
            f"({padding / size:.0%}) · {cut} {'token' if cut == 1 else 'tokens'} cut",
            f"**({len(batch.tokens)}, {len(batch.tokens[0])})** · {size}칸 가운데 {padding}칸이 패딩 "
            f"({padding / size:.0%}) · 잘린 토큰 {cut}개",
        )
    )
    if batch.borrowed_pad_token:
        st.caption(
            t(
                f"No padding token of its own; `{batch.pad_token}` stands in. On the right it hardly matters which one: a "
                "causal model never looks there, and the loss leaves it out if you, or the data collator, set its labels "
                "to -100 (with `labels=input_ids` it counts).",
                f"자체 패딩 토큰이 없어 `{batch.pad_token}` 토큰을 대신 씁니다. 오른쪽에 두면 어떤 토큰이든 거의 상관없습니다. 인과 모델은 "
                "그쪽을 보지 않고, 여러분이나 데이터 콜레이터가 그 자리의 라벨을 -100으로 바꾸면 손실에서도 빠집니다"
                "(`labels=input_ids`를 그대로 주면 손실에 들어갑니다).",
            )
        )
    draw_figure(
        _batch_figure(batch),
        key=f"{key} mask",
        alt=t(
            "Attention mask: 1 where there is text, 0 where there is padding",
            "어텐션 마스크: 글이 있으면 1, 패딩이면 0",
        ),
    )


def batch_table(batch: Batch) -> pd.DataFrame:
    """One row a text, as lists."""
    return pd.DataFrame(
        {
            "tokens": [" ".join(row) for row in batch.tokens],
            "input_ids": [" ".join(map(str, row)) for row in batch.input_ids],
            "attention_mask": [" ".join(map(str, row)) for row in batch.attention_mask],
            "cut": batch.cut,
        }
    )


def draw_padding(effect: PaddingEffect) -> None:
    """What padding does to the vector of [CLS], in one line."""
    with_mask, without_mask = f"**{effect.with_mask:.2f}**", f"**{effect.without_mask:.2f}**"
    line = t(
        f"`{effect.model}` reads text {effect.row + 1} alone and padded from {effect.tokens} to {effect.padded} tokens; "
        f"cosine of the two [CLS] vectors (last hidden state): {with_mask} with the attention_mask, {without_mask} "
        "without it.",
        f"`{effect.model}` 모델이 {effect.row + 1}번 글을 그대로({effect.tokens}토큰) 읽을 때와 패딩해서({effect.padded}토큰) "
        f"읽을 때, 두 [CLS] 벡터(마지막 은닉 상태)의 코사인은 attention_mask를 주면 {with_mask}, 주지 않으면 "
        f"{without_mask}입니다.",
    )
    if effect.first:
        line += t(
            " On the left the position embeddings shift as well.",
            " 왼쪽에 패딩하면 위치 임베딩까지 밀립니다.",
        )
    st.markdown(line)


def padding_table(effects: Mapping[str, PaddingEffect]) -> pd.DataFrame:
    """One row a tokenizer."""
    return pd.DataFrame(
        {
            "tokenizer": list(effects),
            "model": [effect.model for effect in effects.values()],
            "text": [effect.row + 1 for effect in effects.values()],
            "tokens": [effect.tokens for effect in effects.values()],
            "padded": [effect.padded for effect in effects.values()],
            "cosine with attention_mask": [effect.with_mask for effect in effects.values()],
            "cosine without": [effect.without_mask for effect in effects.values()],
        }
    )
