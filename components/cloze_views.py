"""The candidates of one blank: alone, before and after a fact, and under two models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.figures import draw_figure
from components.language import t
from components.palette import BLUE, GREY
from components.text import fine_percent, percent, plain, safe_words, shorten, visible
from models.results import Cloze, ComparedCloze

__all__ = ["cloze_card", "draw_before_after", "draw_compared"]


def _candidate_name(word: str, tokens: Sequence[str]) -> str:
    """As it is drawn; a star behind what is more than one token."""
    return visible(shorten(word, 40)).replace("␣", " ") + (" *" if len(tokens) > 1 else "")


def cloze_card(cloze: Cloze, title: str, after: bool = False) -> Card:
    """The candidates of a blank as bars, the likeliest first and as long as the card is wide."""
    values = [(one, (one.after or 0.0) if after else one.before) for one in cloze.rows]
    values.sort(key=lambda pair: -pair[1])
    longest = max((value for _, value in values), default=1.0) or 1.0
    return Card(
        title,
        cloze.model,
        tuple(
            Bar(_candidate_name(one.word, one.tokens), value / longest, fine_percent(value))
            for one, value in values[:10]
        ),
        t("Bars relative to the first.", "막대 길이는 1위 기준입니다."),
    )


def draw_before_after(cloze: Cloze, key: str) -> pd.DataFrame:
    """Every candidate without and with the fact, and how many times as probable it became; returns the table."""
    if not cloze.fact:
        return _draw_alone(cloze)
    rows = cloze.rows
    st.markdown(t(f"Before and after: **{plain(cloze.fact)}**", f"앞에 놓기 전과 놓은 뒤: **{plain(cloze.fact)}**"))
    names = [safe_words(_candidate_name(one.word, one.tokens)) for one in rows]
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
    table = _candidate_table(cloze)
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


def _draw_alone(cloze: Cloze) -> pd.DataFrame:
    """Candidates of the sentence alone; returns the table."""
    title = t("Probability in the blank", "빈칸에 올 확률")
    draw_cards([cloze_card(cloze, title)], key="cloze", label=title)
    _note_on_pieces(cloze)
    return _candidate_table(cloze)


def _note_on_pieces(cloze: Cloze) -> None:
    cut = ", ".join(f"{plain(one.word, 40)} ({len(one.tokens)})" for one in cloze.rows if len(one.tokens) > 1)
    if cut:
        st.caption(
            t(
                f"\\* More than one token: {cut}. The blank is then as many [MASK] long and filled from left to right. The "
                "number holds for a blank of that length, so compare it with care.",
                f"\\* 여러 토큰인 후보: {cut}. 토큰 수만큼 [MASK]를 늘어놓고 왼쪽부터 채운 확률의 곱입니다. 빈칸의 길이가 다르니 "
                "한 토큰 후보와 곧바로 견주기는 어렵습니다.",
            )
        )


def _candidate_table(cloze: Cloze) -> pd.DataFrame:
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
                    Bar(
                        ("→ " if row.share == best else "") + _candidate_name(row.word, ()),
                        row.share,
                        percent(row.share),
                    )
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
