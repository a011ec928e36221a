"""What the model knows by relation: ranks of the right word with and without something in front, and every item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure
from components.language import t
from components.palette import GREEN, GREY, VERMILION
from models.results import ClozeItemResult, RelationScore

__all__ = ["draw_items", "draw_scores", "relation_name"]

_LOOKS = {"plain": (GREY, "circle"), "fact": (GREEN, "diamond"), "misprime": (VERMILION, "x")}


def relation_name(relation: str) -> str:
    """A relation of triples and items in the viewer's language."""
    return {
        "is-a": t("is a", "상위어"),
        "has-part": t("has part", "부분"),
        "part-of": t("part of", "전체"),
        "made-of": t("made of", "재료"),
        "opposite-of": t("opposite of", "반대말"),
        "opposite": t("opposite", "반대말"),
        "used-for": t("used for", "쓰임"),
        "found-in": t("found in", "장소"),
        "location": t("location", "장소"),
        "capital": t("capital", "수도"),
        "negation": t("negation (low is good)", "부정(낮아야 좋음)"),
        "numbers": t("numbers", "수"),
    }[relation]


def _condition_name(condition: str) -> str:
    """What stands in front of an item."""
    return {
        "plain": t("nothing in front", "앞에 아무것도 없음"),
        "fact": t("the right fact", "맞는 사실"),
        "misprime": t("a wrong word", "틀린 단어"),
        "prior": t("blank alone", "빈칸만"),
    }[condition]


def draw_scores(scores: Sequence[RelationScore], majorities: dict[str, float], place: Any) -> pd.DataFrame:
    """Mean reciprocal rank by relation under each condition with its interval; returns the table."""
    names = list(dict.fromkeys(one.relation for one in scores))
    figure = go.Figure()
    for shift, (condition, (colour, symbol)) in zip((-0.2, 0.0, 0.2), _LOOKS.items(), strict=True):
        own = [one for one in scores if one.condition == condition]
        figure.add_scatter(
            x=[one.mrr for one in own], y=[names.index(one.relation) + shift for one in own], mode="markers",
            name=_condition_name(condition), marker={"color": colour, "symbol": symbol, "size": 11},
            text=[f"{relation_name(one.relation)}: top-1 {one.top1:.0%}, top-5 {one.top5:.0%}" for one in own],
            error_x={
                "type": "data", "symmetric": False, "color": colour,
                "array": [one.high - one.mrr for one in own], "arrayminus": [one.mrr - one.low for one in own],
            },
        )  # fmt: skip
    figure.update_layout(
        height=110 + 62 * len(names), margin={"t": 10, "b": 10}, legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"},
        xaxis={"title": t("mean reciprocal rank", "평균 역순위(MRR)"), "range": [0, 1.02]},
        yaxis={
            "tickvals": list(range(len(names))), "ticktext": [relation_name(one) for one in names], "zeroline": False,
            "range": [len(names) - 0.5, -0.5], "automargin": True,
        },
    )  # fmt: skip
    draw_figure(
        figure,
        key=f"scores {len(names)}",
        alt=t("Mean reciprocal rank by relation and condition", "관계와 조건별 평균 역순위"),
        place=place,
    )
    return pd.DataFrame(
        {
            t("relation", "관계"): [relation_name(one.relation) for one in scores],
            t("in front", "앞에 놓은 것"): [_condition_name(one.condition) for one in scores],
            t("items", "문항"): [one.items for one in scores],
            "top-1": [one.top1 for one in scores],
            "top-5": [one.top5 for one in scores],
            "MRR": [one.mrr for one in scores],
            t("95% from", "95% 신뢰구간 하한"): [one.low for one in scores],
            t("to", "상한"): [one.high for one in scores],
            t("top-1 of the most frequent answer", "최빈 정답의 top-1"): [majorities[one.relation] for one in scores],
        }
    )


def draw_items(results: Sequence[ClozeItemResult], scores: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind the figure, and what the model said to every item; returns the second table."""
    numbers = scores.select_dtypes("float").columns
    st.dataframe(
        scores.style.format(dict.fromkeys(numbers, "{:.2f}")),
        hide_index=True,
        alt=t("Scores by relation", "관계별 점수"),
    )
    st.caption(
        t(
            "“Blank alone”: the same answers where the model reads nothing but “[MASK].”. “Most frequent answer”: top-1 of always "
            "giving the commonest answer of the relation. Intervals: 2,000 bootstrap samples of the items; with so few items they are wide.",
            "“빈칸만”은 모델이 “[MASK].”만 읽고 답했을 때입니다. “최빈 정답”은 관계마다 가장 흔한 답만 늘 말했을 때의 top-1입니다. "
            "구간은 문항을 2,000번 다시 뽑은 부트스트랩으로, 문항이 적어 넓습니다.",
        )
    )
    table = pd.DataFrame(
        {
            t("relation", "관계"): [relation_name(one.item.relation) for one in results],
            t("item", "문항"): [one.item.text for one in results],
            t("answer", "정답"): [one.item.answer for one in results],
            t("guess", "추측"): [one.guesses[0] for one in results],
            t("rank", "순위"): [one.ranks[0] for one in results],
            t("fact", "사실"): [one.item.fact for one in results],
            t("guess with fact", "사실이 있을 때 추측"): [one.guesses[1] for one in results],
            t("wrong word", "틀린 단어"): [one.item.wrong for one in results],
            t("guess behind it", "틀린 단어가 있을 때 추측"): [one.guesses[2] for one in results],
        }
    )
    with st.expander(t("Every item", "문항 모두 보기")):
        st.dataframe(table, hide_index=True, alt=t("Every item", "모든 문항"))
    return table
