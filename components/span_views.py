"""Why a model answers as it does: the scores of tokens, spans and “no answer”, and the windows of a long passage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from components.address import set_controls
from components.answer_views import answer_marks, say_answer
from components.content import examples_of
from components.figures import draw_figure
from components.language import t
from components.passages import Mark, draw_passage
from components.span_figures import matrix_figure, null_figure, shown_tokens, token_figure, windows_figure
from components.text import percent, plain, shorten
from models.results import SpanPrediction

__all__ = ["draw_why", "draw_windows", "offer_longer", "span_table", "token_table"]


def span_table(prediction: SpanPrediction) -> pd.DataFrame:
    """The best spans, and "no answer" among them where it belongs."""
    rows: list[dict[str, object]] = [
        {
            "rank": str(rank),
            "text": span.text,
            "score": span.score,
            "probability": span.probability,
            "start": span.start,
            "end": span.end,
            "window": span.window + 1,
        }
        for rank, span in enumerate(prediction.spans, 1)
    ]
    least = min(prediction.windows, key=lambda window: window.null_score)
    chance = float(least.start_probabilities[least.cls_position] * least.end_probabilities[least.cls_position])
    rows.append({"rank": "∅", "text": "[CLS]", "score": prediction.null_score, "probability": chance})
    table = pd.DataFrame(rows).sort_values("score", ascending=False, kind="stable")
    return table.round({"probability": 4, "score": 3})


def token_table(prediction: SpanPrediction) -> pd.DataFrame:
    """Every token of every window with its two scores, in the words of Transformers."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "window": number + 1,
                    "token": window.tokens,
                    "offset_start": window.offsets[:, 0],
                    "offset_end": window.offsets[:, 1],
                    "start_logits": window.start_logits,
                    "end_logits": window.end_logits,
                    "start_probability": window.start_probabilities,
                    "end_probability": window.end_probabilities,
                }
            )
            for number, window in enumerate(prediction.windows)
        ]
    )


def draw_why(prediction: SpanPrediction) -> None:
    """Bars under the tokens, the best spans on the passage and as a table, the matrix, and "no answer" beside them.

    Ends with the heading of what a threshold costs, which is measured beside the page.
    """
    say_answer(prediction)
    best = prediction.spans[0]
    many = len(prediction.windows)
    where = f" · {t('window', '창')} {best.window + 1}/{many}" if many > 1 else ""
    st.markdown(f"**{t('Start and end of each token', '토큰마다 시작과 끝의 확률')}**{where}")
    draw_figure(
        token_figure(prediction),
        key="token bars",
        alt=t(
            f"Bars: most probable start {best.start}, most probable span “{shorten(best.text, 60)}”",
            f"막대그래프: 가장 확률이 높은 답은 “{shorten(best.text, 60)}”",
        ),
    )
    _say_what_is_shown(prediction)
    large = bool(st.session_state.get("lecture"))
    st.markdown(f"**{t('The best spans', '점수가 높은 구간')}**")
    marks = [
        Mark(span.start, span.end, "answer" if rank == 0 else "other", str(rank + 1))
        for rank, span in enumerate(prediction.spans)
    ]
    draw_passage(prediction.context, marks, key="overlay")
    column, narrow = st.column_config.Column, 70 if large else 50
    st.dataframe(
        span_table(prediction),
        hide_index=True,
        height="content",
        column_order=("rank", "probability", "score", "text"),  # where room is short, the text is cut and no number
        column_config={
            "rank": column(t("rank", "순위"), width=narrow),
            "probability": column(t("probability", "확률"), width=2 * narrow),
            "score": column(t("score", "점수"), width=3 * narrow // 2),
            "text": column(t("text", "글"), width="large"),
        },
        alt=t("The best spans", "점수가 높은 구간"),
    )
    st.markdown(f"**{t('Start × end: the score of each span', '시작 × 끝: 구간마다의 점수')}**")
    draw_figure(
        matrix_figure(prediction, large=large),
        key="matrix",
        alt=t(
            "Matrix of scores, rows start tokens, columns end tokens; only the band above the diagonal is allowed",
            "점수 행렬. 행은 시작 토큰, 열은 끝 토큰이고 대각선 위의 띠만 허용됩니다",
        ),
    )
    st.markdown(f"**{t('Is there an answer at all?', '답이 있기는 할까?')}**")
    draw_figure(
        null_figure(prediction),
        key="null score",
        alt=t(
            f"Best span {best.score:.2f}, no answer {prediction.null_score:.2f}, threshold {prediction.threshold:g}",
            f"최고 구간 {best.score:.2f}, 답 없음 {prediction.null_score:.2f}, 임계값 {prediction.threshold:g}",
        ),
    )
    st.markdown(t("**What a threshold costs** on our test questions", "**임계값의 대가** (내장 시험 문제 기준)"))


def _say_what_is_shown(prediction: SpanPrediction) -> None:
    """Of a long passage: which of its tokens are in view, and what [CLS] has, which stands before the first."""
    window = prediction.windows[prediction.spans[0].window]
    low, high = shown_tokens(prediction)
    first, last, whole = (place - window.context_start for place in (low + 1, high, window.context_end))
    if last - first + 1 == whole:
        return
    start, end = (
        percent(float(one[window.cls_position])) for one in (window.start_probabilities, window.end_probabilities)
    )
    st.caption(
        t(
            f"Tokens {first} to {last} of the {whole} in this window; drag the bars sideways for more. At the far left stands "
            f"[CLS], “no answer”: start {start}, end {end}.",
            f"이 창의 토큰 {whole}개 가운데 {first}번째부터 {last}번째까지 보입니다. 막대그래프를 옆으로 끌면 더 볼 수 있습니다. 맨 왼쪽에는 "
            f"[CLS](“답 없음”)가 있습니다: 시작 {start}, 끝 {end}.",
        )
    )


def offer_longer(prediction: SpanPrediction, page: str, defaults: Mapping[str, Any]) -> None:
    """Where a passage fits into one window: a button that puts the long passage of the examples in its place."""
    if len(prediction.windows) > 1:
        return
    longer = next(one for one in examples_of(page) if one.values.get("view") == "windows")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            t("This passage fits into one window, so nothing is cut.", "지문이 창 하나에 다 들어가 나눌 것이 없습니다.")
        )
        label = t("Read a long passage", "긴 지문으로 보기")
        values = {**defaults, **longer.values}
        st.button(label, icon=":material/article:", type="primary", on_click=set_controls, args=(values,))


def draw_windows(prediction: SpanPrediction, in_one_piece: SpanPrediction | None) -> pd.DataFrame:
    """Where the windows lie, which one won, and whether one window would have said the same; returns their table."""
    say_answer(prediction)
    many = len(prediction.windows)
    st.markdown(
        t(
            f"**{prediction.context_tokens:,} tokens in {many} {'window' if many == 1 else 'windows'}** of at most {prediction.max_length} · "
            f"overlap (doc_stride) {prediction.doc_stride} · this model reads {prediction.model_limit} at once",
            f"**토큰 {prediction.context_tokens:,}개를 창 {many}개로** (창마다 최대 {prediction.max_length}토큰) · "
            f"겹치는 토큰(doc_stride) {prediction.doc_stride}개 · 이 모델은 한 번에 {prediction.model_limit}토큰까지 읽습니다",
        )
    )
    draw_figure(
        windows_figure(prediction),
        key="windows",
        alt=t(
            f"{many} windows over the passage; window {prediction.spans[0].window + 1} won",
            f"지문 위의 창 {many}개. {prediction.spans[0].window + 1}번 창의 답이 뽑혔습니다",
        ),
    )
    if in_one_piece is not None and many > 1:
        one, parts = in_one_piece.answer, prediction.answer
        if (one and (one.start, one.end)) == (parts and (parts.start, parts.end)):
            st.success(
                t("Read in one piece it gives the same answer.", "한 번에 읽어도 답이 같습니다."),
                icon=":material/check:",
            )
        else:
            said = plain(one.text, 120) if one else t("no answer", "답 없음")
            st.warning(
                t("Read in one piece it answers otherwise: ", "한 번에 읽으면 답이 다릅니다: ") + said,
                icon=":material/error_med:",
            )
    draw_passage(prediction.context, answer_marks(prediction), key="windows_passage")
    table = _window_table(prediction)
    st.dataframe(
        table,
        hide_index=True,
        height="content" if many < 12 else 400,
        column_config={
            "window": t("window", "창"),
            "first token": t("first token", "첫 토큰"),
            "last token": t("last token", "끝 토큰"),
            "start (max)": t("start (max)", "시작(최대)"),
            "end (max)": t("end (max)", "끝(최대)"),
            "null score": t("null score", "답 없음 점수"),
            "best": t("best span", "최고 구간"),
            "score": t("score", "점수"),
        },
        alt=t("The windows", "창마다의 결과"),
    )
    return table


def _window_table(prediction: SpanPrediction) -> pd.DataFrame:
    """One row a window: which tokens of the passage, its best span with its score, its null score."""
    rows = []
    for number, (window, best) in enumerate(zip(prediction.windows, prediction.window_answers, strict=True)):
        size = window.context_end - window.context_start
        rows.append(
            {
                "window": number + 1,
                "first token": window.first + 1,
                "last token": window.first + size,
                "start (max)": round(float(window.start_probabilities[window.context_start :].max()), 3),
                "end (max)": round(float(window.end_probabilities[window.context_start :].max()), 3),
                "best": shorten(" ".join(best.text.split()), 60),
                "score": round(best.score, 2),
                "null score": round(window.null_score, 2),
            }
        )
    return pd.DataFrame(rows)
