"""Soft targets: what teacher and student give to the same tokens at a temperature."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card
from components.figures import draw_figure
from components.language import t
from components.palette import BLUE, GREEN, ORANGE
from components.text import percent, safe_html, visible
from models.results import SoftTarget

__all__ = ["draw_targets", "soft_card"]

_MOST_DRAWN = 4  # hidden positions with a figure of their own


def soft_card(target: SoftTarget, temperature: float) -> Card:
    """The teacher's best tokens at one temperature as a card."""
    bars = tuple(Bar(visible(name), first, percent(first)) for name, first, _ in target.candidates[:4])
    rest = percent(target.beyond_first)
    return Card(
        f"T = {temperature:g}",
        t(f"beyond the first: {rest}", f"1위 밖의 확률: {rest}"),
        bars,
    )


def draw_targets(targets: Sequence[SoftTarget], temperature: float) -> pd.DataFrame:
    """Teacher, student and the one-hot truth as paired bars for each hidden position; returns the table."""
    drawn = targets[:_MOST_DRAWN]
    ends = [min(1.0, 1.3 * max(max(both) for _, *both in target.candidates)) for target in drawn]  # of the axes
    for target, end in zip(drawn, ends, strict=True):
        names = [visible(name) for name, _, _ in target.candidates]
        title = visible(target.original) if target.original else "[MASK]"
        if len(drawn) > 1 or not st.session_state.get("lecture"):
            st.markdown(f"**{t('Position', '위치')} {target.position}**")
        series = [
            (t("teacher", "교사"), [first for _, first, _ in target.candidates], BLUE, ""),
            (t("student", "학생"), [second for _, _, second in target.candidates], ORANGE, "/"),
        ]
        if target.original is not None:
            truth = [float(name == target.original) for name, _, _ in target.candidates]
            series.append((t("one-hot truth", "원-핫 정답"), truth, GREEN, "x"))
        figure = go.Figure()
        places = list(range(len(names)))
        for name, values, colour, pattern in series:
            figure.add_bar(
                x=places, y=values, name=name, marker={"color": colour, "pattern_shape": pattern},
                hovertemplate="%{y:.2%}<extra>" + name + "</extra>",
            )  # fmt: skip
        figure.update_layout(
            height=300, margin={"t": 10, "b": 10}, legend={"orientation": "h", "y": 1.15},
            xaxis={"tickvals": places, "ticktext": [safe_html(name) for name in names], "ticklabeloverflow": "allow"},
            yaxis={"tickformat": ".3~%", "range": [0, end], "title": t("probability", "확률")},
        )  # fmt: skip
        draw_figure(
            figure,
            key=f"targets {target.position}",
            alt=t(
                f"Probabilities of teacher and student for “{title}” at T = {temperature:g}",
                f"T = {temperature:g}에서 “{title}” 자리에 대한 교사와 학생의 확률",
            ),
        )
        with st.container(horizontal=True):
            st.metric("T² · KL", f"{target.kl:.3f}")
            st.metric(t("teacher's entropy", "교사의 엔트로피"), f"{target.teacher_entropy:.2f} nat")
            st.metric(
                t("dark knowledge", "숨은 지식"),
                percent(target.beyond_first).replace(">", "\\>"),  # a metric reads Markdown
                help=t(
                    "What the teacher gives to all tokens but its first. A one-hot target says nothing about them.",
                    "교사가 1위가 아닌 토큰들에 준 확률의 합입니다. 원-핫 정답에는 이 정보가 없습니다.",
                ),
            )
    if len(targets) > _MOST_DRAWN:
        st.caption(
            t(
                f"The first {_MOST_DRAWN} are drawn; the table has all.",
                f"처음 {_MOST_DRAWN}곳만 그렸습니다. 표에는 모두 있습니다.",
            )
        )
    if any(end < 1 for end in ends):
        st.caption(
            t(
                "The axis is cut: the one-hot truth is always 100%.",
                "세로축을 잘라 그렸습니다. 원-핫 정답은 언제나 100%입니다.",
            )
        )
    return pd.DataFrame(
        [
            (one.position, name, first, second, name == one.original)
            for one in targets
            for name, first, second in one.candidates
        ],
        columns=[
            t("position", "위치"),
            t("token", "토큰"),
            t("teacher", "교사"),
            t("student", "학생"),
            t("truth", "정답"),
        ],
    )
