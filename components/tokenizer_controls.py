"""The controls of the tokenizer explorer's views, and of a tokenizer that the viewer trains."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import streamlit as st

from components.address import choice, paragraph, value_of
from components.language import t

__all__ = ["batch_controls", "default_text", "train_controls"]


def default_text(of_views: Mapping[str, str], otherwise: str) -> str:
    """The text of this view while none was written: some views have one ``of_views`` that shows more than the
    ``otherwise`` usual one. To be called before the text is drawn.
    """
    default = of_views.get(value_of("view", ""), otherwise)
    untouched = value_of("text", otherwise) in {otherwise, *of_views.values()}
    if untouched and "text" not in st.query_params:
        st.session_state["text"] = default
    return default


def batch_controls(max_length: int, fold: AbstractContextManager[object]) -> tuple[str, int]:
    """The side of the padding, and how many tokens are left of a longer text: that one is drawn in the ``fold``."""
    sides = {"right": t("pad on the right", "오른쪽 패딩"), "left": t("pad on the left", "왼쪽 패딩")}
    side = choice(t("Padding", "패딩"), sides, key="padding", label_visibility="collapsed")
    with fold:
        length = st.slider(t("Truncate to", "최대 길이"), 2, 64, max_length, key="max_length", bind="query-params")
        st.caption(t("Each line of the text is one text of the batch.", "글의 한 줄이 배치의 글 하나가 됩니다."))
    return side, length


def train_controls(vocab_size: int, corpus: str) -> tuple[str, int, str]:
    """The method, the size of the vocabulary and the training text, with these defaults."""
    with st.container(border=True):
        st.markdown(t("**Train your own** tokenizer on this text.", "이 글로 토크나이저를 **직접 학습**합니다."))
        methods = {name: name for name in ("BPE", "WordPiece", "Unigram")}
        method = choice(t("Method", "방법"), methods, key="method")
        if method == "WordPiece":
            st.caption(
                t(
                    "This trainer merges the most frequent pair, as BPE does (the original WordPiece: the pair that makes "
                    "the text most likely), and breaks ties by chance: trained again it can give other pieces.",
                    "이 학습기는 BPE처럼 가장 자주 나온 쌍을 합칩니다(원래 WordPiece는 글의 가능도를 가장 높이는 쌍). 빈도가 "
                    "같으면 무작위로 고르므로 다시 학습하면 조각이 달라질 수 있습니다.",
                )
            )
        if method == "Unigram":
            st.caption(
                t(
                    "Equally probable pieces are numbered by chance: trained again, the pieces are the same, some ids are not.",
                    "확률이 같은 조각끼리는 번호를 무작위로 매깁니다. 다시 학습하면 조각은 같고 일부 ID가 달라집니다.",
                )
            )
        size = st.slider(t("Vocabulary", "어휘 크기"), 50, 2000, vocab_size, key="vocab", bind="query-params")
        text = paragraph(t("Training text", "학습 텍스트"), corpus, key="corpus", height=150)
    return method, size, text
