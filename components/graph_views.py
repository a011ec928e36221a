"""The small knowledge graph: the network around a sentence, the paths to the candidates, and its triples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.language import t
from components.palette import BLUE, GREEN, GREY, ORANGE, VERMILION
from components.relation_views import relation_name
from components.text import fine_percent, plain
from models.results import CandidatePath, Cloze, GraphNode, KnowledgeGraph, Triple

__all__ = ["draw_graph", "draw_paths", "draw_triples"]

_ROW = 34  # pixels between two words of the graph


def _source(name: str) -> str:
    return t("this project", "이 프로젝트") if name == "this project" else name


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
