"""Two matrices of attention beside each other: under a causal mask and without one, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from components.attention_controls import Controls
from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.heatmaps import height_of, pooled, token_figure, token_labels
from components.language import t
from components.text import plain, visible
from models.results import AttentionDifference, AttentionMatrix, CausalComparison

__all__ = ["difference_table", "draw_comparison", "draw_difference"]


def draw_comparison(found: CausalComparison, picked: Controls) -> None:
    """Two models in two columns: what the picked token can see, the mask, the attention."""
    if found.same_model:
        st.info(
            t(
                "The second one is the same model under a causal mask. It never learned to work like that; a GPT did.",
                "둘째는 같은 모델에 인과 마스크를 씌운 것입니다. 이 모델은 이렇게 배운 적이 없고, GPT는 이렇게 배웁니다.",
            ),
            icon=":material/info:",
        )
    largest = float(max(found.left.weights.max(), found.right.weights.max()))
    for number, (place, matrix) in enumerate(zip(st.columns(2, gap="medium"), (found.left, found.right), strict=True)):
        with place:
            name, where = plain(matrix.model), _where(matrix.layer, matrix.head)
            if matrix.causal:
                st.markdown(t(f"**{name}** · {where} · sees only the left", f"**{name}** · {where} · 왼쪽만 봄"))
            else:
                st.markdown(t(f"**{name}** · {where} · sees both sides", f"**{name}** · {where} · 양쪽을 모두 봄"))
            _draw_sight(matrix, f"masks {number}")
            cells, labels = _small(matrix.weights, matrix.tokens)
            picture = token_figure(cells, labels, largest=largest)
            draw_figure(picture, f"masks {number} heatmap", t("Attention under this mask", "이 마스크에서의 어텐션"))


def _draw_sight(matrix: AttentionMatrix, key: str) -> None:
    """The tokens; those that the picked one cannot see are crossed out. A click picks another."""
    length = len(matrix.tokens)
    picked = min(st.session_state.get(f"{key} picked", length // 2), length - 1)
    chips = []
    for number, token in enumerate(matrix.tokens):
        seen = number <= picked or not matrix.causal
        chips.append(
            Chip(
                visible(token),
                below=f"{matrix.weights[picked, number]:.0%}" if seen else "–",
                tip=t("hidden by the mask", "마스크에 가려짐") if not seen else "",
                colour="c1" if number == picked else "c0" if seen else "grey",
                kind="marked" if number == picked else "" if seen else "struck",
                height=float(matrix.weights[picked, number]) if seen else 0.0,
            )
        )
    st.caption(t("Click a token: what it sees.", "토큰을 누르면 그 토큰이 보는 것이 나옵니다."))
    draw_chips(
        chips,
        key=f"{key} sight",
        label=t("What a token can see", "토큰이 볼 수 있는 것"),
        on_click=lambda number: st.session_state.update({f"{key} picked": number}),
    )
    mask = np.tril(np.ones((length, length))) if matrix.causal else np.ones((length, length))
    cells, labels, _ = pooled(mask, token_labels(matrix.tokens))
    figure = token_figure(cells, labels, largest=2)  # 1 is half of the scale: a calm colour
    figure.update_traces(
        text=None, texttemplate=None, showscale=False, xgap=1 if length <= 40 else 0, ygap=1 if length <= 40 else 0
    )
    figure.update_traces(hovertemplate="%{y} → %{x}: %{z}<extra></extra>")
    named = length <= 24  # every row, or none
    figure.update_layout(height=height_of(min(length, 24), most=820))
    figure.update_xaxes(
        showticklabels=named, dtick=1, title=t("mask: coloured may be seen", "마스크: 색칠된 곳만 볼 수 있음")
    )
    figure.update_yaxes(showticklabels=named, dtick=1)
    alt = (
        t("Triangle: only the left is visible", "삼각형: 왼쪽만 보임")
        if matrix.causal
        else t("All is visible", "전부 보임")
    )
    draw_figure(figure, f"{key} mask", alt)


def draw_difference(found: AttentionDifference, picked: Controls) -> None:
    """Where the second of two "layers", "models" or "texts" looks more (blue, plus), and the first (orange, minus)."""
    if picked.what == "texts":
        names = [t("the first text", "첫째 글"), t("the second text", "둘째 글")]
    else:
        names = [f"{name} · {_where(*where)}" for name, where in zip(found.models, found.where, strict=True)]
    if found.unit == "word":
        st.caption(
            t(
                "The tokens differ, so this is per word, without special tokens.",
                "토큰이 서로 달라 단어별로 더했고, 특수 토큰은 뺐습니다.",
            )
        )
    labels = token_labels([a if a == b else f"{a}/{b}" for a, b in zip(found.rows, found.other_rows, strict=True)])
    change = found.second - found.first
    moved = float(np.abs(change).sum(-1).mean() / 2)
    st.markdown(
        t(
            f"**{moved:.0%}** of the attention goes elsewhere. Blue and **+**: more in {plain(names[1])}; "
            f"orange and **−**: more in {plain(names[0])}.",
            f"다른 곳으로 간 어텐션: **{moved:.0%}**. 파랑과 **+**: {plain(names[1])} 쪽이 큼, "
            f"주황과 **−**: {plain(names[0])} 쪽이 큼.",
        )
    )
    draw_figure(token_figure(change, labels, two_sided=True), "difference", t("Difference", "차이"))
    largest = float(max(found.first.max(), found.second.max()))
    for number, (place, name, matrix) in enumerate(
        zip(st.columns(2, gap="medium"), names, (found.first, found.second), strict=True)
    ):
        with place:
            st.caption(plain(name))
            cells, short = _small(matrix, found.rows if number == 0 else found.other_rows)
            figure = token_figure(cells, short, largest=largest)
            figure.update_traces(text=None, texttemplate=None)
            draw_figure(figure, f"compared {number}", plain(name))


def _where(layer: int | None, head: int | None) -> str:
    """Which layer and head it is; a model that has fewer than the other shows its last."""
    which = t("all heads", "모든 헤드") if head is None else t(f"head {head}", f"{head}번 헤드")
    return t(f"layer {layer}, {which}", f"{layer}층, {which}")


def _small(matrix: np.ndarray, tokens: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    cells, labels, step = pooled(matrix, token_labels(tokens))
    if step > 1:
        st.caption(
            t(
                f"Each cell: the largest of {step} × {step} weights.",
                f"한 칸은 {step} × {step} 가중치 중 가장 큰 값입니다.",
            )
        )
    return cells, labels


def difference_table(found: AttentionDifference) -> pd.DataFrame:
    """Second minus first; rows look at columns."""
    names = [f"{number} {row}" for number, row in enumerate(found.rows)]
    return pd.concat([pd.DataFrame({"from": names}), pd.DataFrame(found.second - found.first, columns=names)], axis=1)
