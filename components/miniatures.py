"""The small live picture on each page's card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from components.answers import answer_marks
from components.chips import draw_chips
from components.language import t
from components.passages import passage_html
from components.text import plain
from components.tokens import token_chips
from models.results import SpanPrediction, Tokenization

__all__ = ["MINIATURES"]


def _tokenizers(tokenizations: Sequence[Tokenization]) -> None:
    for number, tokenization in enumerate(tokenizations):
        draw_chips(token_chips(tokenization)[0], key=f"miniature {number}", label=t("Tokens", "토큰"))


def _answer(prediction: SpanPrediction) -> None:
    st.caption(plain(prediction.question))
    st.html(passage_html(prediction.context, answer_marks(prediction)))


MINIATURES: dict[str, Callable[[Any], None]] = {
    "tokenizer_explorer": _tokenizers,
    "qa_highlighter": _answer,
}
