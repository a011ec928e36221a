"""The controls of a reading: threshold, longest answer, how many spans, window and overlap."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from components.address import choice, line
from components.language import t
from components.pickers import pick_word

__all__ = ["ReadingSettings", "pick_attack", "pick_settings"]


@dataclass(frozen=True)
class ReadingSettings:
    """Tokens everywhere, but for the threshold (logits) and top_n (spans)."""

    threshold: float
    top_n: int
    longest_answer: int
    max_length: int
    doc_stride: int

    @property
    def reading(self) -> dict[str, int]:
        """What decides the best span of a question."""
        return {name: getattr(self, name) for name in ("longest_answer", "max_length", "doc_stride")}

    @property
    def arguments(self) -> dict[str, float]:
        """All of them, as ``answer`` calls them."""
        return {"threshold": self.threshold, "top_n": self.top_n, **self.reading}


def pick_settings(longest_answer: int, max_length: int, doc_stride: int, *, expanded: bool) -> ReadingSettings:
    """A panel with all settings, each in the address; the arguments are the defaults."""
    with st.expander(t("Settings", "설정"), icon=":material/tune:", expanded=expanded):
        left, right = st.columns(2, gap="medium")
        with left:
            threshold = st.slider(
                t("Threshold for “no answer”", "“답 없음” 임계값"),
                -30.0,
                30.0,
                0.0,
                0.5,
                key="threshold",
                bind="query-params",
                help=t(
                    "The model refuses where the score of “no answer” is higher than the best span's by more than this.",
                    "“답 없음” 점수가 최고 구간의 점수를 이 값보다 크게 앞서면 답하지 않습니다.",
                ),
            )
            longest = st.slider(
                t("Longest answer, tokens", "가장 긴 답(토큰)"),
                1,
                60,
                longest_answer,
                key="longest",
                bind="query-params",
            )
            top_n = st.slider(t("Best spans shown", "보여 줄 구간 수"), 1, 10, 5, key="top_n", bind="query-params")
        with right:
            length = st.slider(
                t("Window, tokens", "창 길이(토큰)"), 32, 512, max_length, key="max_length", bind="query-params"
            )
            stride = st.slider(
                t("Overlap of windows, doc_stride", "창끼리 겹치는 토큰, doc_stride"),
                0,
                256,
                doc_stride,
                key="doc_stride",
                bind="query-params",
            )
    return ReadingSettings(float(threshold), int(top_n), int(longest), int(length), int(stride))


def pick_attack(question: str, made: str) -> dict[str, str]:
    """Which attack, with its sentence (``made`` unless the viewer writes another) or its word of the question."""
    kinds = {
        "distract": t("Add a distracting sentence", "방해 문장 넣기"),
        "remove": t("Remove the answer's sentence", "답이 든 문장 빼기"),
        "delete": t("Delete a word of the question", "질문에서 단어 빼기"),
    }
    kind = choice(t("Attack", "공격"), kinds, key="attack", label_visibility="collapsed")
    sentence = word = ""
    if kind == "distract":
        label = t("Distracting sentence", "방해 문장")
        sentence = line(label, "", key="distractor", placeholder=made) or made
    elif kind == "delete":
        word = pick_word(t("Word to delete", "뺄 단어"), question)
    return {"kind": kind, "sentence": sentence, "word": word}
