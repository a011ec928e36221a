"""What depth does to the vectors that every layer adds to: in random GPT-2s of any depth, and by layer after training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure, put_legend_below
from components.language import t
from components.palette import BLUE, VERMILION
from components.text import plain
from models.results import ResidualGrowth, VectorLengths

__all__ = ["draw_depth"]


def draw_depth(growth: ResidualGrowth, lengths: Sequence[VectorLengths]) -> dict[str, pd.DataFrame]:
    """The two pictures beside each other; returns their tables."""
    left, right = st.columns(2, gap="medium")
    with left:
        grown = _draw_growth(growth)
    with right:
        return {"growth": grown, "lengths": _draw_lengths(lengths)}


def _draw_growth(growth: ResidualGrowth) -> pd.DataFrame:
    """The spread of the residual stream against depth, with GPT-2's scaling and without; returns the table."""
    title = t("Before training: spread of the residual stream", "학습 전: 잔차 스트림의 표준편차")
    lines = {t("not scaled", "배율 없음"): growth.unscaled, "× 1/√N": growth.scaled}
    figure = go.Figure()
    for number, (name, spread) in enumerate(lines.items()):
        _add_line(figure, growth.layers, spread, name, number, [f"{one:.2f}" for one in spread])
    figure.update_xaxes(title=t("layers", "층 수"), tickvals=growth.layers, range=[2, growth.layers[-1] + 4])
    figure.update_yaxes(range=[0, 1.2 * max(growth.unscaled)])
    _draw(figure, "growth", title)
    st.caption(
        t(
            f"Standard deviation in random GPT-2s, not trained: width {growth.width}, made just now, read before the last layer "
            "norm. With the scaling, depth makes no difference. *Radford et al. 2019, §2.3.*",
            f"학습하지 않은 무작위 GPT-2입니다. 폭 {growth.width}로 방금 만들어 마지막 층 정규화 앞에서 쟀습니다. 배율을 쓰면 깊어져도 "
            "그대로입니다. *Radford et al. 2019, §2.3.*",
        )
    )
    return pd.DataFrame({t("layers", "층 수"): growth.layers, **lines})


def _draw_lengths(found: Sequence[VectorLengths]) -> pd.DataFrame:
    """The mean vector length after each layer, in a post-LN and a pre-LN model; returns the table."""
    title = t("After training: vector length after each layer", "학습 후: 층별 벡터의 크기(노름)")
    names = {False: "mini-bert (post-LN)", True: "SmolLM2 (pre-LN)"}
    figure = go.Figure()
    for one in found:
        last = [""] * (len(one.lengths) - 1) + [f" {one.lengths[-1]:,.1f}"]
        _add_line(figure, range(len(one.lengths)), one.lengths, names[one.pre_norm], int(not one.pre_norm), last)
    figure.update_traces(textposition="middle right")
    figure.update_xaxes(title=t("after layer (0: embeddings)", "층(0은 임베딩)"), rangemode="tozero")
    figure.update_yaxes(type="log", dtick=1, range=[-0.3, 3.3])
    _draw(figure, "lengths", title)
    st.caption(_about_lengths(found))
    return pd.DataFrame(
        {
            t("model", "모델"): [one.model for one in found for _ in one.lengths],
            t("layer", "층"): [layer for one in found for layer in range(len(one.lengths))],
            t("mean length", "평균 크기"): [float(length) for one in found for length in one.lengths],
            t("first token", "첫 토큰"): [float(length) for one in found for length in one.first],
        }
    )


def _about_lengths(found: Sequence[VectorLengths]) -> str:
    post = next(one for one in found if not one.pre_norm)
    told = t(
        f"“{plain(post.text)}” Post-LN: the layer norm behind each sublayer sets the length anew, the last one to "
        f"{post.lengths[-1]:.1f}. Pre-LN: every layer only adds. *Xiong et al. 2020, §3.* ",
        f"“{plain(post.text)}” post-LN은 하위 층마다 뒤의 층 정규화가 크기를 다시 맞추고(마지막은 {post.lengths[-1]:.1f}), "
        "pre-LN은 층마다 더하기만 합니다. *Xiong et al. 2020, §3.* ",
    )
    if pre := next((one for one in found if one.pre_norm), None):
        longest = f"{pre.first.max():,.0f}"
        return told + t(
            f"Left out: the first token, an attention sink, in SmolLM2 up to {longest} long.",
            f"어텐션이 쏠리는 첫 토큰(attention sink)은 SmolLM2에서 {longest}까지 커지므로 뺐습니다.",
        )
    return told + t(
        "SmolLM2 (pre-LN) is drawn too once the Prompt lab has prepared it.",
        "프롬프트 실험실에서 SmolLM2(pre-LN)를 준비하면 함께 그립니다.",
    )


def _add_line(figure: go.Figure, x: Iterable[int], y: Iterable[float], name: str, look: int, texts: list[str]) -> None:
    """A line of one of two looks, told apart by colour, mark and stroke."""
    figure.add_scatter(
        x=list(x),
        y=list(y),
        name=name,
        mode="lines+markers+text",
        text=texts,
        textposition="top center",
        cliponaxis=False,
        line={"color": (VERMILION, BLUE)[look], "dash": ("dash", "solid")[look]},
        marker={"symbol": ("square", "circle")[look], "size": 7},
        hovertemplate="%{x}: %{y:.3~g}",
    )


def _draw(figure: go.Figure, key: str, title: str) -> None:
    figure.update_layout(height=310, margin={"l": 0, "r": 45, "t": 10})
    put_legend_below(figure)
    st.markdown(f"**{title}**")
    draw_figure(figure, key, title)
