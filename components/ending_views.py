"""Which ending fits a context: softmax over the scalars of the endings, and how often each scorer is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.figures import draw_figure, error_bars
from components.language import t
from components.page import reveal
from components.palette import BLUE, GREEN, GREY, ORANGE
from components.text import percent, plain, with_interval
from models.results import ScoredChoice, Share

__all__ = ["draw_choice", "draw_choices"]

_LETTERS = "ABCDEFGH"


def _scorers(model: str, reader: str) -> dict[str, tuple[str, str]]:
    """Scorer -> (its scalar, the model that gives it)."""
    reader = reader.split("/")[-1]
    return {
        "nsp": (t("IsNext logit", "IsNext 로짓"), model),
        "sum": (t("ln p, sum", "ln p의 합"), reader),
        "mean": (t("ln p per token", "토큰당 ln p"), reader),
    }


def draw_choice(found: ScoredChoice, model: str, reader: str) -> pd.DataFrame:
    """The endings, and softmax over their scalars for each scorer; returns the table.

    In lecture mode the class answers first: what is right, and what the models say, comes at the press of a button.
    """
    st.markdown(f"**{plain(found.context, 2000)}**")
    place = st.empty()
    told = not st.session_state.get("lecture") or reveal((found.context, found.endings))
    rows = []
    for number, ending in enumerate(found.endings):
        right = told and number == found.right
        rows.append(f"- **{_LETTERS[number]}** {plain(ending, 2000)}{t(' ✓ right', ' ✓ 정답') if right else ''}")
    place.markdown("\n".join(rows))
    if told:
        _draw_scores(found, model, reader)
    table: dict[str, Any] = {t("ending", "선택지"): found.endings}
    for scorer, scores in found.scores.items():
        title = _scorers(model, reader)[scorer][0]
        table[title] = scores
        table[f"softmax · {title}"] = found.shares(scorer)
    return pd.DataFrame(table)


def _draw_scores(found: ScoredChoice, model: str, reader: str) -> None:
    cards = []
    for scorer, scores in found.scores.items():
        title, subtitle = _scorers(model, reader)[scorer]
        bars = tuple(
            Bar(_LETTERS[number], share, f"{percent(share)} ({score:+.2f})", number == found.right)
            for number, (share, score) in enumerate(zip(found.shares(scorer), scores, strict=True))
        )
        best = found.best(scorer)
        note = t(f"picks {_LETTERS[best]}", f"선택: {_LETTERS[best]}")
        if found.right is not None:
            note += t(": right", ": 정답") if best == found.right else t(": wrong", ": 오답")
        cards.append(Card(title, subtitle, bars, note))
    draw_cards(
        cards, key="choice cards", label=t("Softmax over the scalars of the endings", "선택지 점수의 소프트맥스")
    )
    st.caption(
        t(
            "Each ending is read as its own sequence behind the context; in brackets its scalar. None of these is a head "
            "fine-tuned on SWAG: the first borrows the next sentence head, the others ask a causal model how likely the "
            "words are.",
            "선택지마다 상황 뒤에 붙여 따로 읽고, 괄호 안이 그 점수입니다. 어느 것도 SWAG로 미세조정한 헤드가 아닙니다. 첫째는 다음 문장 예측 헤드를 "
            "빌려 쓰고, 나머지는 인과 모델에 그 단어들이 얼마나 그럴듯한지 묻습니다.",
        )
    )


def draw_choices(choices: Sequence[ScoredChoice], right: Mapping[str, Share], model: str, reader: str) -> pd.DataFrame:
    """Accuracy over the bundled contexts beside chance, and the table of picks."""
    names = _scorers(model, reader)
    figure = go.Figure()
    looks = {"nsp": (BLUE, ""), "sum": (ORANGE, "/"), "mean": (GREEN, "x")}
    for scorer, share in right.items():
        colour, pattern = looks[scorer]
        figure.add_bar(
            y=[names[scorer][0]], x=[share.value], orientation="h", name=names[scorer][0],
            marker={"color": colour, "pattern_shape": pattern}, error_x=error_bars([share]),
        )  # fmt: skip
    figure.add_vline(
        x=0.25,
        line={"color": GREY, "dash": "dot"},
        annotation_text=t("chance 25%", "찍기 25%"),
        annotation_position="top",
    )
    figure.update_xaxes(title=t("accuracy", "정확도"), range=[0, 1.02], tickformat=".0%", nticks=6)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(height=90 + 55 * len(right), margin={"t": 30, "b": 10, "l": 10, "r": 10}, showlegend=False)
    draw_figure(figure, key=f"choices {len(choices)}", alt=t("Accuracy of each scorer", "채점 방식별 정확도"))
    st.markdown(
        " · ".join(
            f"{names[scorer][0]} **{share.hits}/{share.trials}**, {with_interval(share)}"
            for scorer, share in right.items()
        )
    )
    table: dict[str, Any] = {
        t("context", "상황"): [one.context for one in choices],
        t("right", "정답"): ["" if one.right is None else _LETTERS[one.right] for one in choices],
    }
    for scorer in right:
        table[names[scorer][0]] = [
            _LETTERS[one.best(scorer)] + (" ✓" if one.best(scorer) == one.right else " ✗") for one in choices
        ]
    frame = pd.DataFrame(table)
    with st.expander(t("Every context", "상황별 결과"), icon=":material/table:"):
        st.dataframe(frame, hide_index=True, height="content", alt=t("Every context", "상황별 결과"))
    return frame
