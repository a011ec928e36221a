"""The controls of the model anatomy page: which models, and the sizes of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from components.address import choice, number
from components.language import t

__all__ = ["DEFAULTS", "LECTURED", "pick_embedding", "pick_length", "pick_runs", "pick_shape", "pick_two"]

NOBODY = "nobody"
WIDTHS = (64, 128, 256, 384, 512, 768, 1024, 1280, 1600, 2048, 4096, 8192, 12288)
HEADS = (1, 2, 4, 6, 8, 12, 16, 20, 25, 32, 48, 64, 96)
VOCABULARIES = (1000, 8000, 16000, 30000, 30522, 32000, 50257, 100000, 250000)
LENGTHS = (1, 16, 64, 128, 256, 512, 1024, 2048)
# So many can be read from the last row of a class
LECTURED = (
    "huawei-noah/TinyBERT_General_4L_312D", "google/electra-small-discriminator", "distilbert-base-uncased",
    "bert-base-uncased", "bert-large-uncased", "albert-base-v2", "openai-gpt", "gpt2", "gpt2-xl", "gpt3-175b",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "view": "model", "model": "bert-base-uncased", "beside": NOBODY, "area": "parameters", "by": "component",
    "tokens": "128", "layers": 12, "hidden": "768", "heads": "12", "vocab": "30000", "embedding": "128",
    "sharing": "all", "first": "GPT-1", "second": "BERT", "third": "GPT-2",
}  # fmt: skip


def _steps(label: str, values: Iterable[int], key: str) -> int:
    """A slider over a few numbers; the address holds the number."""
    names = {str(value): f"{value:,}" for value in values}
    return int(choice(label, names, key=key, default=DEFAULTS[key], widget=st.select_slider))


def pick_length(longest: int = LENGTHS[-1]) -> int:
    """How many tokens FLOPs are counted for."""
    with st.container(width=260):
        return _steps(t("Text length n (tokens)", "글 길이 n(토큰)"), [n for n in LENGTHS if n <= longest], "tokens")


def pick_two(names: Iterable[str]) -> list[str]:
    """A model, and another one where two are to stand side by side."""
    known = {name: name for name in names}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = choice(t("Model", "모델"), known, key="model", default=DEFAULTS["model"], widget=st.selectbox)
        others = {NOBODY: t("nobody", "없음"), **known}
        second = choice(t("Beside it", "비교 대상"), others, key="beside", widget=st.selectbox)
    return [name for name in dict.fromkeys((first, second)) if name != NOBODY]


def pick_runs(names: Sequence[str]) -> list[str]:
    """Up to three trainings that stand side by side."""
    known = {name: name for name in names}
    others = {NOBODY: t("nobody", "없음"), **known}
    labels = {"first": t("First", "첫째"), "second": t("Second", "둘째"), "third": t("Third", "셋째")}
    with st.container(horizontal=True):
        picked = [
            choice(label, known if key == "first" else others, key=key, default=DEFAULTS[key], widget=st.selectbox)
            for key, label in labels.items()
        ]
    return [name for name in dict.fromkeys(picked) if name != NOBODY]


def pick_embedding() -> tuple[int, str]:
    """ALBERT's two ways of saving: E, and what all layers share."""
    embedding = _steps(t("Embedding size E", "임베딩 크기 E"), WIDTHS, "embedding")
    shares = {
        "none": t("nothing", "공유 안 함"),
        "attention": t("attention", "어텐션"),
        "feed-forward": t("feed-forward", "피드포워드"),
        "all": t("everything", "전부"),
    }
    label = t("Shared by all layers", "모든 층이 공유하는 것")
    # A radio goes on in a second line where its column is narrow
    return embedding, choice(
        label, shares, key="sharing", default=DEFAULTS["sharing"], widget=st.radio, horizontal=True
    )


def pick_shape(fold: AbstractContextManager[object]) -> tuple[int, int, int, int, int]:
    """L, H, A and V, and the length of the text; in the ``fold`` of a lecture."""
    with fold:
        left, middle, right = st.columns(3, gap="medium")
        with left:
            layers = number(t("Layers L", "층 L"), 1, 96, key="layers", default=DEFAULTS["layers"])
            hidden = _steps(t("Hidden size H", "은닉 크기 H"), WIDTHS, "hidden")
        with middle:
            heads = _steps(t("Heads A", "헤드 A"), HEADS, "heads")
            vocab = _steps(t("Vocabulary V", "어휘 크기 V"), VOCABULARIES, "vocab")
        with right:
            tokens = pick_length(512)
    return layers, hidden, heads, vocab, tokens
