"""What the student lost and won: the worth of its teacher, size and speed, and how often both agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure, put_legend_below
from components.language import t
from components.palette import BLUE, GREY, ORANGE
from models.results import DistillationAgreement, ModelCost

__all__ = ["draw_agreement", "draw_costs", "draw_teachers_worth"]


def draw_teachers_worth(figures: Sequence[Mapping[str, str]], card: str) -> pd.DataFrame:
    """The student, the same one trained without a teacher, and the teacher, from the model card; returns the table."""
    names = {
        "MLM top-1": t("right word first", "정답이 1위"),
        "MLM top-5": t("right word in the first 5", "정답이 5위 안"),
        "same first choice": t("same first word as mini-bert", "mini-bert와 1위 일치"),
    }
    models = {
        "without a teacher": (t("without a teacher", "교사 없이"), GREY, "x"),
        "mini-student": ("mini-student", ORANGE, "/"),
        "mini-bert": (t("mini-bert, its teacher", "교사 mini-bert"), BLUE, ""),
    }
    rows = [next(row for row in figures if row["held-out measure"].startswith(start)) for start in names]
    values = {column: [float(row[column]) / 100 for row in rows] for column in models}
    st.header(t("What the teacher was worth", "교사의 효과"), anchor=False)
    figure = go.Figure()
    for column, (name, colour, pattern) in models.items():
        shown = [value if value < 1 else None for value in values[column]]  # the teacher agrees with itself
        figure.add_bar(
            x=["<br>".join(wrap(measure, 14, break_on_hyphens=False)) for measure in names.values()], y=shown, name=name, marker={"color": colour, "pattern_shape": pattern},
            text=["" if value is None else f"{value:.1%}" for value in shown], textposition="outside", cliponaxis=False,
        )  # fmt: skip
    figure.update_layout(
        height=340,
        margin={"t": 10},
        xaxis={"tickangle": 0},
        yaxis={"tickformat": ".0%", "range": [0, 0.72], "nticks": 4},
    )
    put_legend_below(figure)
    figure.update_layout(margin={"b": 105})  # three lines of names, and of the legend where it is narrow
    alt = t("With and without a teacher, from the model card", "교사가 있을 때와 없을 때, 모델 카드의 수치")
    draw_figure(figure, key="worth", alt=alt)
    st.caption(
        t(
            "**Measured once, not now: from the model card.** Held-out articles; the same student, start, texts and number of "
            "steps. Without a teacher: masked language modelling alone, with the best of the learning rates tried. The "
            "comparison is one of equal steps: with many times the text it would come nearer, which was not tried.",
            "**지금 잰 값이 아니라 한 번 잰 모델 카드의 수치입니다.** 학습에 쓰지 않은 글에서 쟀고, 학생 모델, 시작 가중치, 학습 텍스트, 스텝 수가 같습니다. "
            "‘교사 없이’는 마스크 언어 모델 손실만으로, 시험해 본 학습률 중 가장 나은 값으로 학습했습니다. 같은 스텝 수에서 견준 것이라, 글이 "
            "훨씬 많다면 차이가 줄어들 텐데 그 실험은 하지 않았습니다.",
        )
    )
    with st.popover(
        t("model card", "모델 카드(영어)"), type="tertiary", icon=":material/description:", key="worth card"
    ):
        st.markdown(card)
    return pd.DataFrame(
        {t("measure", "지표"): list(names.values())} | {name: values[column] for column, (name, *_) in models.items()}
    )


def draw_costs(costs: Sequence[ModelCost]) -> pd.DataFrame:
    """Parameters, file size and milliseconds of both; returns the table."""
    medians = [float(np.median(one.milliseconds)) for one in costs]
    table = pd.DataFrame(
        {
            t("model", "모델"): [one.model for one in costs],
            t("layers", "층"): [one.layers for one in costs],
            t("width", "폭"): [one.hidden_size for one in costs],
            t("parameters (M)", "파라미터(백만)"): [round(one.parameters / 1e6, 2) for one in costs],
            t("file (MB)", "파일(MB)"): [round(one.file_bytes / 1e6, 1) for one in costs],
            t("ms per sentence, median", "문장당 ms, 중앙값"): [round(one, 2) for one in medians],
            t("fastest", "최소"): [round(float(one.milliseconds.min()), 2) for one in costs],
            t("slowest", "최대"): [round(float(one.milliseconds.max()), 2) for one in costs],
            t("class", "클래스"): [one.model_class for one in costs],
        }
    )
    st.dataframe(table, hide_index=True, height="content", alt=t("Size and speed", "크기와 속도"))
    with st.container(horizontal=True):
        st.metric(t("smaller by", "크기 축소(배)"), f"{costs[0].parameters / costs[1].parameters:.1f}×")
        st.metric(t("faster by", "속도 향상(배)"), f"{medians[0] / medians[1]:.1f}×")
    return table


def draw_agreement(parts: Sequence[DistillationAgreement]) -> pd.DataFrame:
    """How often both expect the same token, how far apart they are, and who is right; returns the table."""
    same, teacher, student, kl = (
        np.concatenate([getattr(one, name) for one in parts])
        for name in ("same_first", "teacher_right", "student_right", "kl")
    )
    with st.container(horizontal=True):
        st.metric(t("same first token", "1위 일치"), f"{same.mean():.1%}")
        st.metric(t("mean KL", "평균 KL"), f"{kl.mean():.2f}")
        st.metric(t("teacher right", "교사 정답률"), f"{teacher.mean():.1%}")
        st.metric(t("student right", "학생 정답률"), f"{student.mean():.1%}")
        st.metric(t("hidden tokens", "가린 토큰"), f"{len(kl):,}")
    table = pd.DataFrame(
        [
            [int((teacher & student).sum()), int((teacher & ~student).sum())],
            [int((~teacher & student).sum()), int((~teacher & ~student).sum())],
        ],
        index=[t("teacher right", "교사 맞음"), t("teacher wrong", "교사 틀림")],
        columns=[t("student right", "학생 맞음"), t("student wrong", "학생 틀림")],
    )
    st.table(table)
    return table.reset_index()
