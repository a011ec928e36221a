"""One matrix of attention: the heatmap, the tokens to hover, and what to mind where heads are combined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.head_grid import SIGNS, pattern_names
from components.heatmaps import token_figure, token_labels
from components.language import t
from components.text import plain, shorten, visible
from models.results import AttentionMatrix

__all__ = ["draw_combined", "draw_matrix", "matrix_table"]

_LISTED = 5  # tokens named for each token


def draw_matrix(matrix: AttentionMatrix, key: str) -> None:
    """The heatmap, and the tokens to hover."""
    if matrix.pattern:
        name = pattern_names()[matrix.pattern]
        st.markdown(
            t(
                f"Pattern on this text: **{SIGNS[matrix.pattern]} {name}**",
                f"이 글에서 보이는 패턴: **{SIGNS[matrix.pattern]} {name}**",
            )
        )
    alt = t(
        f"Heatmap: what each of {len(matrix.tokens)} tokens attends to",
        f"히트맵: 토큰 {len(matrix.tokens)}개가 저마다 보는 곳",
    )
    draw_figure(token_figure(matrix.weights, token_labels(matrix.tokens)), f"{key} heatmap", alt)
    st.caption(
        t(
            "Hover a token: what it looks at, what looks at it. Under it: its share of all attention.",
            "토큰에 마우스를 올리면 무엇을 보는지, 무엇이 보는지 나옵니다. 아래 숫자는 전체 어텐션에서 받는 몫입니다.",
        )
    )
    draw_chips(_attention_chips(matrix), key=f"{key} chips", label=t("Tokens", "토큰"))


def _attention_chips(matrix: AttentionMatrix) -> list[Chip]:
    """A chip a token; hovering lists what it looks at and what looks at it. The bar is its share of all attention."""
    received = matrix.weights.mean(0)
    largest = float(received.max()) or 1.0
    return [
        Chip(
            visible(token),
            below=f"{received[n]:.0%}",
            tip=f"{t('looks at', '보는 토큰')}: {_strongest(matrix.tokens, matrix.weights[n])}\n"
            f"{t('is looked at by', '이 토큰을 보는 토큰')}: {_strongest(matrix.tokens, matrix.weights[:, n])}",
            colour="grey" if matrix.special[n] else "c0",
            kind="special" if matrix.special[n] else "",
            height=float(received[n]) / largest,
        )
        for n, token in enumerate(matrix.tokens)
    ]


def _strongest(tokens: Sequence[str], weights: np.ndarray) -> str:
    """``mat 0.31, [CLS] 0.22, ...``"""
    order = np.argsort(-weights, kind="stable")[:_LISTED]
    return ", ".join(f"{shorten(visible(tokens[n]), 14)} {weights[n]:.2f}" for n in order if weights[n] >= 0.005)


def draw_combined(matrix: AttentionMatrix, how: str) -> None:
    """The matrix, the share of what was left out, and why raw attention can mislead."""
    if matrix.left_out:
        st.metric(
            t("went to what was left out", "뺀 토큰이 받던 몫"),
            f"{matrix.left_out_share:.0%}",
            help=t(
                "Share of the attention of the other tokens; the rest is rescaled to 100 %.",
                "나머지 토큰들의 어텐션에서 차지하던 비율입니다. 남은 것은 합이 100%가 되도록 다시 맞췄습니다.",
            ),
        )
        names = ", ".join(plain(visible(token), 20) for token in dict.fromkeys(matrix.left_out))
        st.caption(f"{t('Left out', '뺀 토큰')}: {names}")
    notes = {
        "norm": t(
            "A large weight on a short vector moves little: this is weight × length of what is fetched.",
            "가중치가 커도 가져오는 벡터가 작으면 영향이 작습니다. 그래서 가중치에 벡터의 크기(노름)를 곱했습니다.",
        ),
        "rollout": t(
            "Above the first layer a position is already a mixture: this follows it back to the words.",
            "첫 층을 지나면 각 위치는 이미 여러 단어가 섞인 것입니다. 그 섞임을 따라 원래 단어까지 거슬러 갑니다.",
        ),
        "max": t(
            "The largest weight of any head: nothing that one head sees gets lost in the mean.",
            "헤드 중 가장 큰 가중치입니다. 한 헤드만 보는 것도 평균에 묻히지 않습니다.",
        ),
        "mean": t(
            "Raw weights say where a head looks, not what it takes from there; compare “value norms”.",
            "가중치는 어디를 보는지만 말할 뿐, 거기서 무엇을 가져오는지는 말하지 않습니다. ‘값 벡터의 크기’와 비교해 보세요.",
        ),
    }
    st.info(notes[how], icon=":material/lightbulb:")
    draw_matrix(matrix, "meaning")


def matrix_table(matrix: AttentionMatrix) -> pd.DataFrame:
    """A row for each token that looks, a column for each that is looked at."""
    names = [f"{number} {token}" for number, token in enumerate(matrix.tokens)]
    return pd.concat([pd.DataFrame({"token": names}), pd.DataFrame(matrix.weights, columns=names)], axis=1)
