"""A test of question answering: scores, kinds of traps, the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure
from components.language import t
from components.palette import BLUE, ORANGE
from components.span_figures import curve_figure
from components.text import safe_words, shorten
from models.results import Evaluation, Score, SquadQuestion, ThresholdCurve

__all__ = ["draw_curve", "draw_evaluation", "pick_questions", "say_size"]

_MOST_BARS = 30


def _name(kind: str) -> str:
    return {
        "plain": t("plain", "기본"),
        "negation": t("negation", "부정"),
        "swapped roles": t("swapped roles", "역할 바꾸기"),
        "numbers": t("numbers", "숫자"),
        "paraphrase": t("paraphrase", "바꿔 말하기"),
        "distractor": t("distractor", "방해 문장"),
        "repeated": t("repeated answer", "되풀이되는 답"),
        "unanswerable": t("unanswerable", "답 없음"),
        "en": t("in English", "영어"),
        "ko": t("in Korean", "한국어"),
    }.get(kind, kind)


def pick_questions() -> tuple[str, bytes] | None:
    """Name and content of a file that the viewer uploads, or None for the bundled questions."""
    file = st.file_uploader(
        t("Or a file of yours in SQuAD's format (1.1 or 2.0, JSON)", "또는 SQuAD 형식 파일 올리기(1.1이나 2.0, JSON)"),
        type="json",
        key="squad file",
    )
    return (file.name, bytes(file.getvalue())) if file is not None else None


def say_size(questions: Sequence[SquadQuestion]) -> None:
    """How many questions, and how many of them have no answer."""
    without = sum(not question.answers for question in questions)
    st.markdown(
        t(
            f"**{len(questions):,} questions**, {without:,} of them without an answer.",
            f"**질문 {len(questions):,}개**, 그중 {without:,}개는 답이 없습니다.",
        )
    )


def _score_table(found: Evaluation) -> pd.DataFrame:
    """Exact match and F1 over all, with and without an answer, by kind and by language."""
    rows: list[tuple[str, Score]] = [
        (t("all", "전체"), found.total),
        (t("with an answer", "답이 있는 질문"), found.answerable),
        (t("without an answer", "답이 없는 질문"), found.unanswerable),
        *((_name(score.name), score) for score in (*found.kinds, *found.languages)),
    ]
    return pd.DataFrame(
        [
            {
                t("questions about", "질문"): name,
                "n": score.questions,
                "EM": 100 * score.exact_match,
                "F1": 100 * score.f1,
            }
            for name, score in rows
        ]
    ).round(1)


def _outcome_table(found: Evaluation) -> pd.DataFrame:
    """Every question, the worst first."""
    no_answer = t("(no answer)", "(답 없음)")
    outcomes, questions = found.outcomes, [one.question for one in found.outcomes]
    kinds = {kind: _name(kind) for kind in {question.kind for question in questions}}
    right = [" | ".join(dict.fromkeys(text for text, _ in question.answers)) for question in questions]
    return pd.DataFrame(
        {
            "F1": [round(100 * one.f1, 1) for one in outcomes],
            "EM": [round(100 * one.exact_match) for one in outcomes],
            t("kind", "종류"): [kinds[question.kind] for question in questions],
            t("question", "질문"): [question.question for question in questions],
            t("said", "모델의 답"): [one.prediction or no_answer for one in outcomes],
            t("right", "정답"): [answers or no_answer for answers in right],
            t("margin", "답 없음 − 최고"): [round(one.best.null_margin, 2) for one in outcomes],
            t("passage", "지문"): [question.context for question in questions],
            "id": [question.id for question in questions],
        }
    )


def draw_evaluation(found: Evaluation) -> dict[str, pd.DataFrame]:
    """Four figures, a bar for each kind of trap, the mistakes; returns the tables to take away."""
    with st.container(horizontal=True):
        st.metric(t("exact match", "정확히 일치(EM)"), f"{100 * found.total.exact_match:.1f}")
        st.metric("F1", f"{100 * found.total.f1:.1f}")
        if found.answerable.questions:
            st.metric(t("F1, with an answer", "F1, 답 있는 질문"), f"{100 * found.answerable.f1:.1f}")
        if found.unanswerable.questions:
            st.metric(t("refused rightly", "바르게 거절"), f"{100 * found.unanswerable.f1:.1f}")
    if len(found.kinds) > 1:
        kinds, languages = _most_frequent(found.kinds), _most_frequent(found.languages)
        draw_figure(
            _kinds_figure(kinds, languages),
            key="kinds",
            alt=t("F1 by kind of trap", "함정 종류별 F1"),
        )
        drawn, whole = len(kinds) + len(languages), len(found.kinds) + len(found.languages)
        if drawn < whole:
            st.caption(
                t(
                    f"Of {whole:,} kinds and languages the {drawn:,} with the most questions are drawn; the table of scores under "
                    "“Take it away” has all of them.",
                    f"종류와 언어 {whole:,}가지 가운데 질문이 많은 {drawn:,}가지만 그렸습니다. 전체는 “내려받기”의 점수 표에 "
                    "있습니다.",
                )
            )
    st.markdown(f"**{t('The worst mistakes first', '크게 틀린 것부터')}**")
    answers = _outcome_table(found)
    st.dataframe(answers.head(1000), hide_index=True, height=420, alt=t("Questions and answers", "질문과 답"))
    return {"scores": _score_table(found), "answers": answers}


def _most_frequent(scores: Sequence[Score]) -> list[Score]:
    return sorted(scores, key=lambda score: -score.questions)[:_MOST_BARS]


def _kinds_figure(kinds: Sequence[Score], languages: Sequence[Score]) -> go.Figure:
    scores = [*sorted(kinds, key=lambda score: -score.f1), *languages]
    names = [f"{safe_words(shorten(_name(score.name), 24))} ({score.questions})" for score in scores]
    figure = go.Figure(
        go.Bar(
            y=list(range(len(scores))),
            x=[100 * score.f1 for score in scores],
            orientation="h",
            text=[f"{100 * score.f1:.0f}" for score in scores],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            marker={
                "color": [BLUE] * len(kinds) + [ORANGE] * len(languages),
                "pattern": {"shape": [""] * len(kinds) + ["/"] * len(languages)},
            },
            hoverinfo="skip",
        )
    )
    figure.update_yaxes(autorange="reversed", tickvals=list(range(len(scores))), ticktext=names)
    figure.update_xaxes(range=[0, 108], title="F1")
    figure.update_layout(height=110 + 28 * len(scores), margin={"l": 10, "r": 20, "t": 10, "b": 10})
    return figure


def draw_curve(curve: ThresholdCurve, threshold: float) -> None:
    """What each threshold costs on the bundled questions."""
    draw_figure(
        curve_figure(curve, threshold),
        key="curve",
        alt=t(
            f"Precision, recall and F1 by threshold; the best is {curve.best_threshold:.2f}",
            f"임계값별 정밀도, 재현율, F1. 가장 좋은 값은 {curve.best_threshold:.2f}",
        ),
    )
    st.caption(
        t(
            f"SQuAD 2.0 F1 is highest at {curve.best_threshold:.2f} ({100 * curve.squad_f1.max():.1f}).",
            f"SQuAD 2.0 F1은 {curve.best_threshold:.2f}에서 가장 높습니다({100 * curve.squad_f1.max():.1f}).",
        )
    )
