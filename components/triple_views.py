"""What the heads of the sentence pairs page say over all bundled triples: every pair as a point, and accuracies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure, error_bars
from components.language import t
from components.palette import BLUE, GREEN, GREY, ORANGE, VERMILION
from components.text import plain, safe_words, with_interval
from models.results import PairAccuracy, TripleVerdict

__all__ = ["draw_accuracies", "draw_spread", "draw_spreads"]


def _kinds() -> dict[str, tuple[str, str, str]]:
    """Kind of pair -> (name, colour, symbol)."""
    return {
        "next": (t("true next", "실제 다음 문장"), BLUE, "circle"),
        "random": (t("random, other topic", "무작위, 다른 주제"), ORANGE, "square"),
        "near": (t("random, near topic", "무작위, 비슷한 주제"), VERMILION, "triangle-up"),
        "swapped": (t("swapped order", "순서 바꿈"), GREEN, "diamond"),
    }


def _points(verdicts: Sequence[TripleVerdict], kind: str) -> list[tuple[float, str, str]]:
    """(probability, first, second) of each pair of one kind."""
    if kind == "next":
        return [(one.next, one.triple.first, one.triple.next) for one in verdicts]
    if kind == "swapped":
        return [(one.swapped, one.triple.next, one.triple.first) for one in verdicts]
    near = kind == "near"
    return [(one.random, one.triple.first, one.triple.random) for one in verdicts if one.triple.near == near]


def draw_spread(
    verdicts: Sequence[TripleVerdict], title: str, *, key: str, kinds: Sequence[str] = ("next", "random", "near", "swapped")
) -> pd.DataFrame:  # fmt: skip
    """Every pair as a point, a row for each kind; returns the table of pairs."""
    figure = go.Figure()
    table = []
    for kind in kinds:
        name, colour, symbol = _kinds()[kind]
        points = _points(verdicts, kind)
        figure.add_box(
            x=[value for value, _, _ in points], y=[name] * len(points), name=name, orientation="h", boxpoints="all",
            jitter=0.7, pointpos=0, line={"color": colour, "width": 1}, fillcolor="rgba(0,0,0,0)",
            marker={"color": colour, "symbol": symbol, "size": 9, "opacity": 0.75},
            text=[f"{safe_words(a)}<br>{safe_words(b)}" for _, a, b in points],
            hovertemplate="%{text}<br>%{x:.1%}<extra></extra>", hoveron="points",
        )  # fmt: skip
        table += [(name, a, b, value) for value, a, b in points]
    figure.add_vline(x=0.5, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(title=title, range=[-0.02, 1.02], tickformat=".0%", nticks=6)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(height=110 + 70 * len(kinds), margin={"t": 10, "b": 10, "l": 10, "r": 10}, showlegend=False)
    draw_figure(figure, key=key, alt=t(f"{title} of every pair, by kind", f"쌍의 종류별 {title}"))
    columns = [t("kind", "종류"), "A", "B", title]
    return pd.DataFrame(table, columns=columns)


def draw_spreads(sets: Mapping[str, Sequence[TripleVerdict]], models: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Pairs in their order and swapped, a figure for each head, beside each other; returns the tables of pairs."""
    titles = {
        "order": t("probability of the right order", "바른 순서일 확률"),
        "next": t("probability of IsNext", "IsNext 확률"),
    }
    tables = {}
    for place, (head, verdicts) in zip(st.columns(len(sets), gap="medium"), sets.items(), strict=True):
        with place:
            st.markdown(f"**{plain(models[head])}**")
            tables[head] = draw_spread(verdicts, titles[head], key=f"{head} spread", kinds=("next", "swapped"))
    return tables


def draw_accuracies(found: Sequence[PairAccuracy]) -> pd.DataFrame:
    """Accuracy of each head in both tasks, with intervals and the line of guessing; returns the table."""
    names = {
        "topic": t("next or random? (NSP)", "다음 문장일까, 무작위일까? (NSP)"),
        "order": t("right order or swapped? (SOP)", "바른 순서일까, 바뀐 순서일까? (SOP)"),
    }
    figure = go.Figure()
    looks = ((BLUE, ""), (ORANGE, "/"))
    for one, (colour, pattern) in zip(found, looks, strict=False):
        shares = [one.topic, one.order]
        figure.add_bar(
            y=list(names.values()), x=[share.value for share in shares], name=one.model, orientation="h",
            marker={"color": colour, "pattern_shape": pattern}, error_x=error_bars(shares),
        )  # fmt: skip
    figure.add_vline(
        x=0.5, line={"color": GREY, "dash": "dot"}, annotation_text=t("guessing", "찍기"), annotation_position="top"
    )
    figure.update_xaxes(title=t("accuracy", "정확도"), range=[0, 1.02], tickformat=".0%", nticks=6)
    figure.update_yaxes(autorange="reversed", tickvals=list(names.values()), ticktext=["NSP", "SOP"])
    figure.update_layout(
        height=150 + 60 * len(found), margin={"t": 30, "b": 10, "l": 10, "r": 10}, showlegend=len(found) > 1,
        legend={"orientation": "h", "y": -0.45}, bargap=0.25,
    )  # fmt: skip
    models = " ".join(one.model for one in found)
    draw_figure(
        figure, key=f"accuracy {models}", alt=t(f"Accuracy in both tasks: {models}", f"두 과제의 정확도: {models}")
    )
    st.markdown(
        "  \n".join(
            f"{plain(one.model)}: NSP **{with_interval(one.topic)}**, SOP **{with_interval(one.order)}**; "
            + t("right order ranked above swapped", "바른 순서에 더 높은 확률")
            + f" {with_interval(one.ranked_order)}"
            for one in found
        )
    )
    st.caption(
        t(
            "NSP: next or random? SOP: right order or swapped? Positive from 50% on; 95% intervals (Wilson), as if all "
            "pairs were independent of each other.",
            "NSP: 다음 문장일까, 무작위일까? SOP: 바른 순서일까, 바뀐 순서일까? 50% 이상이면 앞쪽(다음 문장, 바른 순서)으로 봅니다. 괄호는 쌍이 서로 독립이라고 볼 때의 "
            "95% 신뢰구간(Wilson)입니다.",
        )
    )
    kinds = _kinds()
    rows = []
    for one in found:
        for what, share in (
            (t("accuracy, NSP", "정확도, NSP"), one.topic),
            (t("accuracy, order", "정확도, 순서"), one.order),
            (t("next ranked above random", "다음 문장이 무작위보다 위"), one.ranked_topic),
            (t("right order ranked above swapped", "바른 순서가 바뀐 순서보다 위"), one.ranked_order),
            *(
                (t(f"called positive: {kinds[k][0]}", f"그렇다고 판정: {kinds[k][0]}"), s)
                for k, s in one.positive.items()
            ),
        ):
            rows.append((one.model, what, share.hits, share.trials, share.value, share.low, share.high))
    columns = [
        t("head", "헤드"), t("what", "항목"), t("hits", "건수"), t("of", "전체"), t("share", "비율"),
        t("95% from", "95% 신뢰구간 하한"), t("95% to", "95% 신뢰구간 상한"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    with st.expander(t("Table", "표"), icon=":material/table:"):
        percent = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            table, hide_index=True, height="content", column_config=dict.fromkeys(columns[4:], percent),
            alt=t("Accuracies", "정확도"),
        )  # fmt: skip
    return table
