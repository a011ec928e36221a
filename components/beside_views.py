"""Two answers beside each other: before and after an attack, and of two models, one of which may write it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from components.answer_views import answer_marks, draw_answer, say_answer
from components.chips import Chip, draw_chips
from components.language import t
from components.passages import Mark, draw_passage
from components.text import percent, plain, visible
from models.results import Agreement, ChangedPassage, SpanPrediction, WrittenAnswer

__all__ = ["draw_agreement", "draw_before_and_after", "draw_beside"]


def draw_before_and_after(before: SpanPrediction, changed: ChangedPassage, after: SpanPrediction) -> None:
    """The two readings beside each other, with what was added marked and what was removed told."""
    same = (before.answer.text if before.answer else "") == (after.answer.text if after.answer else "")
    if same:
        st.success(t("The answer has not changed.", "답이 바뀌지 않았습니다."), icon=":material/shield:")
    else:
        st.warning(t("The answer has changed.", "답이 바뀌었습니다."), icon=":material/error_med:")
    left, right = st.columns(2, gap="medium")
    with left:
        st.caption(f"**{t('Before', '바꾸기 전')}** · {plain(before.question, 200)}")
        draw_answer(before, "before")
    with right:
        st.caption(f"**{t('After', '바꾼 뒤')}** · {plain(after.question, 200)}")
        say_answer(after)
        marks = answer_marks(after)
        if changed.added:
            marks.append(Mark(*changed.added, "added", "+"))
        draw_passage(after.context, marks, key="after_passage")
        if changed.removed:
            st.caption(f":material/content_cut: {t('Removed', '뺀 것')}: {plain(changed.removed, 300)}")


def draw_agreement(found: Agreement, context: str, names: Sequence[str]) -> None:
    """One passage with both answers on it."""
    said = {
        "same": t("Both give the same answer.", "두 모델의 답이 같습니다."),
        "overlap": t("The answers overlap.", "답이 일부 겹칩니다."),
        "different": t("The answers lie elsewhere.", "서로 다른 곳을 골랐습니다."),
        "one refuses": t("One says that there is no answer.", "한 모델은 답이 없다고 합니다."),
        "both refuse": t("Both say that there is no answer.", "두 모델 모두 답이 없다고 합니다."),
    }[found.kind]
    agree = found.kind in ("same", "both refuse")
    (st.success if agree else st.info)(
        f"{said} · F1 {found.f1:.2f}", icon=":material/check:" if agree else ":material/call_split:"
    )
    draw_passage(context, [Mark(start, end, who) for start, end, who in found.pieces], key="agreement")
    both = t("both", "둘 다")
    st.caption(f"━ {plain(names[0])} · ┅ {plain(names[1])} · ═ {both}")


def draw_beside(
    left: SpanPrediction | None, right: SpanPrediction | WrittenAnswer | None, context: str
) -> dict[str, pd.DataFrame]:
    """Two answers beside each other; returns the table of the tokens where one was written."""
    tables = {}
    for place, side, one in zip(st.columns(2, gap="medium"), ("left", "right"), (left, right), strict=True):
        with place:
            if isinstance(one, WrittenAnswer):
                tables["written"] = _draw_written(one, context)
            elif one:
                draw_answer(one, side)
    return tables


def _draw_written(written: WrittenAnswer, context: str) -> pd.DataFrame:
    """An answer that was written and not cut out, token by token."""
    st.markdown(f"## :material/edit: {plain(written.text, 300) or t('nothing', '아무 말도 없음')}")
    said = (
        t(
            "Written token by token; the passage has the same words.",
            "토큰을 하나씩 쓴 답입니다. 지문에도 그대로 있습니다.",
        )
        if written.place
        else t(
            "Written token by token; the passage does not say it in these words.",
            "토큰을 하나씩 쓴 답입니다. 지문에 이 말 그대로 나오지는 않습니다.",
        )
    )
    if "Instruct" in written.model:
        said += t(
            " This model was trained further on instructions, unlike GPT-2.",
            " GPT-2와 달리 지시문으로 더 학습한 모델입니다.",
        )
    if written.f1 is not None:
        said += t(f" F1 with the marked answer: {written.f1:.2f}", f" 칠한 답과의 F1: {written.f1:.2f}")
    st.caption(said)
    chips = [
        Chip(visible(step.text), below=percent(step.probability), height=step.probability, colour="c0")
        for step in written.steps
        if step.text.strip()
    ]
    draw_chips(chips, key="written", label=t("Each token and its probability", "토큰과 그 확률"))
    if written.place:
        draw_passage(context, [Mark(*written.place, "answer")], key="written_passage")
    return pd.DataFrame(
        [{"token": step.token, "id": step.token_id, "probability": step.probability} for step in written.steps],
        columns=["token", "id", "probability"],
    )
