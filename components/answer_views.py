"""What a model answered: in words, lit up in the passage, and the questions asked before."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd
import streamlit as st

from components.language import t
from components.passages import Mark, draw_passage, passage_html
from components.text import percent, plain
from models.results import SpanPrediction

__all__ = ["answer_marks", "draw_answer", "draw_history", "passage_picture", "say_answer"]


def answer_marks(prediction: SpanPrediction) -> list[Mark]:
    """The answer's characters; nothing where the model refuses."""
    found = prediction.answer
    return [Mark(found.start, found.end, "answer")] if found else []


def passage_picture(prediction: SpanPrediction) -> str:
    """A page of its own with question, answer and passage, to keep or to print."""
    return (
        f'<!doctype html><meta charset="utf-8"><title>{html.escape(prediction.question)}</title>'
        f'<body style="font-family:sans-serif;max-width:50rem"><h1>{html.escape(prediction.question)}</h1>\n'
        f"{passage_html(prediction.context, answer_marks(prediction))}</body>"
    )


def say_answer(prediction: SpanPrediction) -> None:
    """The best span, or that there is no answer, as a heading with its scores below."""
    best = prediction.spans[0]
    if prediction.refused:
        st.markdown(f"## :material/block: {t('No answer in this passage', '이 지문에는 답이 없음')}")
        st.caption(
            t("It would rather not say: ", "굳이 고른다면: ")
            + f"“{plain(best.text, 120)}” · {t('“no answer”', '“답 없음”')} {prediction.null_score:.2f} "
            + f"\\> {t('score', '점수')} {best.score:.2f} + {t('threshold', '임계값')} {prediction.threshold:g}"
        )
        return
    st.markdown(f"## :material/format_ink_highlighter: {plain(best.text, 300)}")
    st.caption(
        f"{t('probability', '확률')} {percent(best.probability)} · {t('score', '점수')} {best.score:.2f} · "
        f"{t('“no answer”', '“답 없음”')} {prediction.null_score:.2f} · "
        f"{t('characters', '글자')} {best.start:,}–{best.end:,}"
    )


def draw_answer(prediction: SpanPrediction, key: str) -> None:
    """The answer in words, and lit up in the passage."""
    say_answer(prediction)
    draw_passage(prediction.context, answer_marks(prediction), key=f"{key}_passage")
    _say_unknown(prediction)


def _say_unknown(prediction: SpanPrediction) -> None:
    share = prediction.unknown_tokens / prediction.context_tokens
    if share >= 0.1:
        st.warning(
            t(
                f"{share:.0%} of the passage is [UNK] to this model: it reads around those words.",
                f"지문의 {share:.0%}가 이 모델에게는 [UNK]입니다. 그 단어들은 읽지 못합니다.",
            ),
            icon=":material/translate:",
        )


def draw_history(prediction: SpanPrediction, model: str) -> pd.DataFrame:
    """The questions that were asked about this passage, the latest first."""
    window = (prediction.max_length, prediction.doc_stride, prediction.longest_answer)
    asked = _keep_latest(st.session_state.setdefault("asked before", {}), (model, prediction.context, window), {}, 10)
    _keep_latest(
        asked, prediction.question, (prediction.spans[0].text, prediction.spans[0].probability, prediction.null_margin)
    )
    refused = t("(no answer)", "(답 없음)")
    table = pd.DataFrame(
        [
            {
                t("question", "질문"): question,
                t("answer", "답"): text if margin <= prediction.threshold else refused,
                t("probability", "확률"): probability if margin <= prediction.threshold else None,
                t("“no answer” − best", "“답 없음” − 최고 점수"): margin,
            }
            for question, (text, probability, margin) in reversed(asked.items())
        ]
    )
    if len(table) > 1:
        st.markdown(f"**{t('Asked about this passage', '이 지문에 물어본 것')}**")
        style: dict[str, Any] = {
            t("probability", "확률"): percent,
            t("“no answer” − best", "“답 없음” − 최고 점수"): "{:.2f}",
        }
        shown = table.style.format(style, na_rep="–")
        st.dataframe(shown, hide_index=True, height="content", alt=t("Questions and answers", "질문과 답"))
    return table


def _keep_latest(kept: dict[Any, Any], key: object, value: Any, most: int = 50) -> Any:
    """What is kept under the key, else this value, as the latest of at most so many."""
    kept[key] = kept.pop(key, value)
    while len(kept) > most:
        kept.pop(next(iter(kept)))
    return kept[key]
