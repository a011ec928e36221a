"""The knowledge page's pictures: candidates before and after, the graph, scores by relation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.language import t
from components.palette import BLUE, GREEN, GREY, ORANGE, VERMILION
from components.text import fine_percent, percent, plain, safe_words, shorten, visible
from models.results import (
    CandidatePath,
    Cloze,
    ClozeItemResult,
    ComparedCloze,
    GraphNode,
    KnowledgeGraph,
    RelationScore,
    Triple,
)

__all__ = [
    "cloze_card",
    "draw_before_after",
    "draw_cloze",
    "draw_compared",
    "draw_graph",
    "draw_items",
    "draw_paths",
    "draw_scores",
    "draw_triples",
    "relation_name",
]

_ROW = 34  # pixels between two words of the graph
_LOOKS = {"plain": (GREY, "circle"), "fact": (GREEN, "diamond"), "misprime": (VERMILION, "x")}


def _source(name: str) -> str:
    return t("this project", "이 프로젝트") if name == "this project" else name


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


def condition_name(condition: str) -> str:
    """What stands in front of an item."""
    return {
        "plain": t("nothing in front", "앞에 아무것도 없음"),
        "fact": t("the right fact", "맞는 사실"),
        "misprime": t("a wrong word", "틀린 단어"),
        "prior": t("blank alone", "빈칸만"),
    }[condition]


def _name(word: str, tokens: Sequence[str]) -> str:
    return visible(shorten(word, 40)).replace("␣", " ") + (" *" if len(tokens) > 1 else "")


# --- one blank -----------------------------------------------------------------------------------------------------


def cloze_card(cloze: Cloze, title: str, after: bool = False) -> Card:
    """The candidates of a blank as bars, the likeliest first and as long as the card is wide."""
    values = [(one, (one.after or 0.0) if after else one.before) for one in cloze.rows]
    values.sort(key=lambda pair: -pair[1])
    longest = max((value for _, value in values), default=1.0) or 1.0
    return Card(
        title,
        cloze.model,
        tuple(Bar(_name(one.word, one.tokens), value / longest, fine_percent(value)) for one, value in values[:10]),
        t("Bars relative to the first.", "막대 길이는 1위 기준입니다."),
    )


def draw_cloze(cloze: Cloze) -> pd.DataFrame:
    """Candidates of the sentence alone; returns the table."""
    title = t("Probability in the blank", "빈칸에 올 확률")
    draw_cards([cloze_card(cloze, title)], key="cloze", label=title)
    _note_on_pieces(cloze)
    return _table(cloze)


def _note_on_pieces(cloze: Cloze) -> None:
    if any(len(one.tokens) > 1 for one in cloze.rows):
        cut = ", ".join(f"{plain(one.word, 40)} ({len(one.tokens)})" for one in cloze.rows if len(one.tokens) > 1)
        st.caption(
            t(
                f"\\* More than one token: {cut}. The blank is then as many [MASK] long and filled from left to right. The "
                "number holds for a blank of that length, so compare it with care.",
                f"\\* 여러 토큰인 후보: {cut}. 토큰 수만큼 [MASK]를 늘어놓고 왼쪽부터 채운 확률의 곱입니다. 빈칸의 길이가 다르니 "
                "한 토큰 후보와 곧바로 견주기는 어렵습니다.",
            )
        )


def _table(cloze: Cloze) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            t("candidate", "후보"): [one.word for one in cloze.rows],
            t("tokens", "토큰 수"): [len(one.tokens) for one in cloze.rows],
            t("before", "놓기 전"): [one.before for one in cloze.rows],
            t("rank before", "놓기 전 순위"): pd.array([one.rank_before for one in cloze.rows], "Int64"),
        }
    )
    if cloze.fact:
        table[t("after", "놓은 뒤")] = [one.after for one in cloze.rows]
        table[t("rank after", "놓은 뒤 순위")] = pd.array([one.rank_after for one in cloze.rows], "Int64")
        table[t("times", "배율")] = [(one.after or 0.0) / one.before if one.before else None for one in cloze.rows]
    return table


def draw_before_after(cloze: Cloze, key: str) -> pd.DataFrame:
    """Every candidate without and with the fact, and how many times as probable it became; returns the table."""
    if not cloze.fact:
        return draw_cloze(cloze)
    rows = cloze.rows
    st.markdown(t(f"Before and after: **{plain(cloze.fact)}**", f"앞에 놓기 전과 놓은 뒤: **{plain(cloze.fact)}**"))
    names = [safe_words(_name(one.word, one.tokens)) for one in rows]
    figure = go.Figure()
    for name, values, colour, pattern in (
        (t("before", "놓기 전"), [one.before for one in rows], GREY, "/"),
        (t("after", "놓은 뒤"), [one.after or 0.0 for one in rows], BLUE, ""),
    ):
        figure.add_bar(
            x=values, y=names, name=name, orientation="h", marker={"color": colour, "pattern": {"shape": pattern}},
            text=[fine_percent(value) for value in values], textposition="outside", cliponaxis=False,
        )  # fmt: skip
    longest = max([one.before for one in rows] + [one.after or 0.0 for one in rows])
    figure.update_layout(
        height=90 + 52 * len(rows), margin={"t": 10, "b": 10, "l": 10}, barmode="group",
        xaxis={"tickformat": ".3~p", "range": [0, longest * 1.25 or 1], "nticks": 5},
        yaxis={"autorange": "reversed", "type": "category", "automargin": True},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
    )  # fmt: skip
    draw_figure(
        figure,
        key=f"before after {key}",
        alt=t("Probability of each candidate before and after the fact", "사실을 놓기 전과 놓은 뒤의 후보별 확률"),
    )
    _note_on_pieces(cloze)
    table = _table(cloze)
    style: dict[str, Any] = {
        t("before", "놓기 전"): fine_percent,
        t("after", "놓은 뒤"): fine_percent,
        t("times", "배율"): "×{:.2f}",
    }
    st.dataframe(
        table.style.format(style, na_rep="–"),
        hide_index=True,
        height="content",
        alt=t("Candidates before and after", "놓기 전과 놓은 뒤의 후보"),
    )
    return table


# --- the graph -----------------------------------------------------------------------------------------------------


def draw_graph(graph: KnowledgeGraph, fact: str) -> None:
    """The network; what stands in front of the sentence is drawn thick."""
    places = {one.name: one for one in graph.nodes}
    figure = go.Figure()
    for used in (False, True):
        own = [one for one in graph.triples if (one.sentence in fact) == used]
        xs: list[Any] = []
        ys: list[Any] = []
        for one in own:
            head, tail, middle = places[one.head], places[one.tail], _middle(places, one)
            xs += [head.x, middle[0], tail.x, None]
            ys += [head.y, middle[1], tail.y, None]
        if own:
            figure.add_scatter(
                x=xs, y=ys, mode="lines", hoverinfo="skip",
                name=t("in front of the sentence", "문장 앞에 놓음") if used else t("relation", "관계"),
                line={"color": VERMILION if used else GREY, "width": 4 if used else 1.2, "shape": "spline"},
            )  # fmt: skip
    figure.add_scatter(
        x=[_middle(places, one)[0] for one in graph.triples],
        y=[_middle(places, one)[1] for one in graph.triples],
        mode="markers", marker={"size": 9, "color": GREY, "opacity": 0.45}, showlegend=False,
        text=[f"{one.sentence} ({_source(one.source)})" for one in graph.triples], hoverinfo="text",
    )  # fmt: skip
    looks = (
        (0, t("in your sentence, or a candidate", "문장이나 후보의 단어"), ORANGE, "square", 17),
        (1, t("1 hop", "1홉"), BLUE, "circle", 12),
        (2, t("2 hops", "2홉"), GREEN, "diamond", 9),
    )
    for hops, name, colour, symbol, size in looks:
        nodes = [one for one in graph.nodes if one.hops == hops]
        if nodes:
            figure.add_scatter(
                x=[one.x for one in nodes], y=[one.y for one in nodes], text=[one.name for one in nodes], name=name,
                mode="markers+text", textposition="top center", hoverinfo="text", cliponaxis=False,
                marker={"color": colour, "symbol": symbol, "size": size},
            )  # fmt: skip
    columns = Counter(one.hops for one in graph.nodes)
    figure.update_xaxes(visible=False, range=[-0.3, max(columns, default=0) + 0.3])
    figure.update_yaxes(visible=False, range=[0, 1.06])  # the highest words stand below the legend
    figure.update_layout(
        height=max(300, 100 + _ROW * max(columns.values(), default=0)),
        margin={"t": 10, "b": 10, "l": 30, "r": 30},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"},
    )
    draw_figure(
        figure,
        key="graph",
        alt=t(
            f"A network of {len(graph.nodes)} words and {len(graph.triples)} relations",
            f"단어 {len(graph.nodes)}개와 관계 {len(graph.triples)}개의 그래프",
        ),
    )


def _middle(places: Mapping[str, GraphNode], triple: Triple) -> tuple[float, float]:
    """The middle of a triple's line, which makes a bow where both of its words stand in one column."""
    head, tail = places[triple.head], places[triple.tail]
    return (head.x + tail.x) / 2 + (0.12 if head.x == tail.x else 0), (head.y + tail.y) / 2


def draw_paths(paths: Sequence[CandidatePath], cloze: Cloze) -> pd.DataFrame:
    """Each candidate's shortest path from the sentence beside the model's probability; returns the table."""
    st.markdown(t("**Paths** from the sentence to each candidate", "**경로**: 문장에서 각 후보까지"))
    chances = {row.word: row.before for row in cloze.rows}
    rows = sorted(paths, key=lambda one: (not one.words, len(one.words)))
    none = {True: t("no path", "경로 없음"), False: t("not in the graph", "그래프에 없음")}
    shown = pd.DataFrame(
        {
            t("candidate", "후보"): [plain(one.candidate, 40) for one in rows],
            t("shortest path (steps)", "최단 경로(길이)"): [
                f"{plain(' → '.join(one.words))} ({len(one.relations)})" if one.words else none[bool(one.concepts)]
                for one in rows
            ],
            t("probability", "확률"): [
                fine_percent(chances[one.candidate]) if one.candidate in chances else "–" for one in rows
            ],
        }
    )
    st.table(shown, hide_index=True, alt=t("Paths to the candidates", "후보까지의 경로"))
    st.caption(
        t(
            "Such paths and their relations are what KagNet's trained network reads (Lin et al. 2019). The model here sees "
            "none of them: its probability is that of the sentence alone.",
            "KagNet의 신경망은 이런 경로와 그 관계를 입력으로 받아 학습합니다(Lin et al. 2019). 여기서 쓰는 모델은 경로를 보지 않으며, "
            "확률은 문장만 읽었을 때의 값입니다.",
        )
    )
    return pd.DataFrame(
        {
            t("candidate", "후보"): [one.candidate for one in rows],
            t("path", "경로"): [" → ".join(one.words) for one in rows],
            t("relations", "관계"): [", ".join(one.relations) for one in rows],
            t("steps", "길이"): pd.array([len(one.relations) if one.words else None for one in rows], "Int64"),
            t("probability", "확률"): [chances.get(one.candidate) for one in rows],
        }
    )


def draw_triples(graph: KnowledgeGraph, fact: str, on_click: Callable[[int], None]) -> pd.DataFrame:
    """The triples of the network, each of which can be clicked into the input; returns the table."""
    st.markdown(
        t(
            "**Triples.** Click one: its sentence goes in front of yours; a second click takes it away.",
            "**트리플.** 클릭하면 그 문장이 입력 앞에 놓이고, 다시 클릭하면 빠집니다.",
        )
    )
    chips = [
        Chip(
            f"{one.head} → {one.tail}",
            relation_name(one.relation) + (t(" · ours", " · 자체 작성") if one.source == "this project" else ""),
            f"{one.sentence}\n{_source(one.source)}",
            "c5" if one.sentence in fact else "c0",
            "marked" if one.sentence in fact else "",
        )
        for one in graph.triples
    ]
    draw_chips(chips, key="triples", label=t("Triples", "트리플"), on_click=on_click)
    if graph.left_out:
        st.caption(
            t(
                f"{graph.left_out} more within reach, not drawn.",
                f"그리지 않은 가까운 트리플이 {graph.left_out}개 더 있습니다.",
            )
        )
    fields = ("head", "relation", "tail", "source", "sentence")
    return pd.DataFrame([{name: getattr(one, name) for name in fields} for one in graph.triples])


# --- scores --------------------------------------------------------------------------------------------------------


def draw_scores(scores: Sequence[RelationScore], majorities: dict[str, float], place: Any) -> pd.DataFrame:
    """Mean reciprocal rank by relation under each condition with its interval; returns the table."""
    names = list(dict.fromkeys(one.relation for one in scores))
    figure = go.Figure()
    for shift, (condition, (colour, symbol)) in zip((-0.2, 0.0, 0.2), _LOOKS.items(), strict=True):
        own = [one for one in scores if one.condition == condition]
        figure.add_scatter(
            x=[one.mrr for one in own], y=[names.index(one.relation) + shift for one in own], mode="markers",
            name=condition_name(condition), marker={"color": colour, "symbol": symbol, "size": 11},
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
            t("in front", "앞에 놓은 것"): [condition_name(one.condition) for one in scores],
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


# --- two models ----------------------------------------------------------------------------------------------------


def draw_compared(compared: Sequence[ComparedCloze]) -> pd.DataFrame:
    """A card for each model with the share of every candidate; returns the table."""
    cards = []
    for one in compared:
        best = max(row.share for row in one.rows)
        cards.append(
            Card(
                one.model,
                t("whole sentence", "문장 전체") if one.causal else t("the blank", "빈칸"),
                tuple(
                    Bar(("→ " if row.share == best else "") + _name(row.word, ()), row.share, percent(row.share))
                    for row in one.rows
                ),
                t(
                    "Shares among these candidates; → the model's choice, right or wrong.",
                    "후보들 사이의 몫입니다. →는 모델의 선택이며, 틀릴 수도 있습니다.",
                ),
            )
        )
    draw_cards(cards, key="compared", label=t("Two models", "두 모델"))
    return pd.DataFrame(
        [
            {
                t("model", "모델"): one.model,
                t("candidate", "후보"): row.word,
                t("tokens", "토큰 수"): row.tokens,
                t("log-probability", "로그 확률"): row.log_probability,
                t("share", "몫"): row.share,
            }
            for one in compared
            for row in one.rows
        ]
    )
