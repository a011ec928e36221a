"""What a student learns from: the three terms of DistilBERT's loss, and TinyBERT's, layer for layer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure
from components.heatmaps import token_figure, token_labels
from components.language import t
from components.palette import BLUE, GREEN, ORANGE
from components.text import safe_html
from models.results import DistillationLosses, TinyBertTerms

__all__ = ["draw_losses", "draw_tinybert"]


def draw_losses(found: DistillationLosses) -> pd.DataFrame:
    """The three terms, their weighted sum, and each hidden position; returns the table."""
    kl, mlm, cosine = found.means
    first, second, third = found.weights
    with st.container(horizontal=True):
        st.metric("L_ce = T² · KL", f"{kl:.3f}", help=t(f"weight {first:g}", f"가중치 {first:g}"))
        st.metric("L_mlm", "–" if mlm is None else f"{mlm:.3f}", help=t(f"weight {second:g}", f"가중치 {second:g}"))
        st.metric("L_cos", "–" if cosine is None else f"{cosine:.3f}", help=t(f"weight {third:g}", f"가중치 {third:g}"))
        st.metric(t("weighted sum", "가중합"), f"{found.total:.3f}")
    st.caption(
        t(
            f"Sum: {first:g} L_ce + {second:g} L_mlm + {third:g} L_cos. The paper gives no weights; these are those of the authors' training command. Means over the hidden tokens, in nats (L_cos: 1 − cosine).",
            f"합: {first:g} L_ce + {second:g} L_mlm + {third:g} L_cos. 논문에는 가중치가 없어 저자들의 학습 명령에 적힌 값을 썼습니다. 가린 토큰의 평균이며 단위는 nat입니다(L_cos는 1 − 코사인).",
        )
    )
    if found.projected:
        st.info(
            t(
                "The student is narrower than the teacher: for L_cos its hidden states go through a projection that was trained with it. In DistilBERT both are 768 wide and none is needed.",
                "학생의 폭이 교사보다 좁아서, L_cos를 잴 때 학생의 은닉 상태를 함께 학습한 투영 행렬로 넓힙니다. DistilBERT는 둘 다 768이라 필요 없습니다.",
            )
        )
    elif found.cosine is None:
        st.info(
            t(
                "No projection came with this student, and its width is not the teacher's: L_cos is left out.",
                "이 학생에는 투영 행렬이 없고 폭도 교사와 달라 L_cos는 뺐습니다.",
            )
        )
    if mlm is None:
        st.info(
            t(
                "A typed [MASK] has no truth: L_mlm is left out.",
                "직접 적은 [MASK]에는 정답이 없어 L_mlm은 뺐습니다.",
            )
        )
    labels = [f"{position} {safe_html(token)}" for position, token in zip(found.positions, found.tokens, strict=True)]
    figure = go.Figure()
    for name, values, colour, pattern in (
        ("L_ce", found.kl, BLUE, ""),
        ("L_mlm", found.mlm, ORANGE, "/"),
        ("L_cos", found.cosine, GREEN, "x"),
    ):
        if values is not None:
            marker = {"color": colour, "pattern_shape": pattern}
            figure.add_bar(x=labels, y=values, name=name, marker=marker)
    gap = max(0.2, 1 - 0.2 * len(labels))  # one hidden token gives no bars as broad as the page
    figure.update_layout(height=300, bargap=gap, margin={"t": 10, "b": 10}, legend={"orientation": "h", "y": 1.15})
    draw_figure(figure, key="losses", alt=t("The loss terms at each hidden token", "가린 토큰마다의 손실 항"))
    return pd.DataFrame(
        {
            t("position", "위치"): found.positions,
            t("token", "토큰"): found.tokens,
            "kl_times_T2": found.kl,
            "mlm": found.mlm,
            "cosine": [None] * len(found.positions) if found.cosine is None else found.cosine,
        }
    )


def draw_tinybert(found: TinyBertTerms, pair: int, head: int | None) -> pd.DataFrame:
    """One pair's attention as three heatmaps, and the MSE of each layer pair; returns the table."""
    pictures = st.container()
    if found.embedding_mse is not None:
        st.metric(t("embeddings: MSE", "임베딩: MSE"), f"{found.embedding_mse:.4f}")
    if any(one.hidden_mse is None for one in found.pairs):
        st.info(
            t(
                "This checkpoint has no projection to the teacher's width: the terms of embeddings and hidden states are left out.",
                "이 체크포인트에는 교사의 폭으로 가는 투영 행렬이 없어 임베딩과 은닉 상태 항은 뺐습니다.",
            )
        )
    table = pd.DataFrame(
        {
            t("student's layer m", "학생의 층 m"): [one.student for one in found.pairs],
            t("teacher's layer g(m)", "교사의 층 g(m)"): [one.teacher for one in found.pairs],
            t("attention MSE", "어텐션 MSE"): [one.attention_mse for one in found.pairs],
            t("hidden MSE", "은닉 상태 MSE"): [one.hidden_mse for one in found.pairs],
        }
    )
    st.dataframe(table, hide_index=True, height="content", alt=t("MSE of each layer pair", "층 쌍마다의 MSE"))
    if not found.per_head:
        pictures.caption(
            t(
                "The numbers of heads differ: attention is averaged over heads first.",
                "헤드 수가 달라 헤드 평균끼리 비교합니다.",
            )
        )
    one = found.pairs[pair]
    single = head is not None and found.per_head and head < found.teacher.shape[1]
    left, right = (a[pair, head] if single else a[pair].mean(0) for a in (found.teacher, found.student))
    labels = token_labels(found.tokens)
    top = float(max(left.max(), right.max()))
    titles = (
        (t(f"Teacher, layer {one.teacher}", f"교사, {one.teacher}층"), left, False),
        (t(f"Student, layer {one.student}", f"학생, {one.student}층"), right, False),
        (t("Student − teacher", "학생 − 교사"), right - left, True),
    )
    for place, (title, matrix, two_sided) in zip(pictures.columns(3, gap="small"), titles, strict=True):
        place.markdown(f"**{title}**")
        figure = token_figure(matrix, labels, two_sided=two_sided, largest=None if two_sided else top)
        figure.update_traces(showscale=False, texttemplate="" if len(labels) > 8 else None)
        figure.update_xaxes(title=None, tickangle=-90)
        figure.update_yaxes(title=None)
        draw_figure(figure, key=f"attention {title}", alt=t(f"Attention: {title}", f"어텐션: {title}"), place=place)
    most = float(np.abs(right - left).max())
    pictures.caption(
        t(
            f"Rows look at columns. First two: from 0 to {top:.0%}. Third: blue where the student looks more, orange where "
            f"less, by {most:.0%} at most.",
            f"행이 열을 봅니다. 앞의 둘은 0에서 {top:.0%}까지입니다. 셋째에서 파랑은 학생이 더 보는 곳, 주황은 덜 보는 곳이고, "
            f"차이는 최대 {most:.0%}p입니다.",
        )
    )
    return table
