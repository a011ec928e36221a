"""What the guesses at hidden tokens rest on: the other gaps of the text, and what stands to their right."""

from __future__ import annotations

from math import exp

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.address import choice
from components.cards import Bar, Card, draw_cards
from components.figures import draw_numbers
from components.language import t
from components.masking_figures import draw_chart
from components.palette import BLUE, ORANGE
from components.pickers import source_badge
from components.text import fine_percent, percent, plain, safe_html, visible
from models.results import Filling, Fillings, LeftContexts, Origin

__all__ = ["draw_fillings", "draw_left_context", "pick_order"]


def pick_order(model: str) -> str:
    """Draw the title of the fillings by this model, and the choice of the order in which it fills them one by one."""
    st.markdown(f"**{t('All at once, or one after the other?', '한꺼번에 채울까, 하나씩 채울까?')}** · {plain(model)}")
    orders = {
        "left": t("left to right", "왼쪽부터"),
        "right": t("right to left", "오른쪽부터"),
        "certain": t("most certain first", "확실한 것부터"),
    }
    return choice(t("Order of filling", "채우는 순서"), orders, key="order", label_visibility="collapsed")


def draw_fillings(found: Fillings) -> pd.DataFrame:
    """A card for each of the two fillings with its probability in both readings, and what that says; returns the table."""
    once, turn = found.at_once, found.one_by_one
    ways = {t("all at once", "한꺼번에"): once, t("one after the other", "하나씩"): turn}
    longest = max(once.product, once.joint, turn.product, turn.joint) or 1.0
    names = (t("independent", "서로 독립이라면"), t("in a chain", "이어서 읽으면"))
    cards = [
        Card(
            _in_text_order(found, filling),
            way,
            tuple(
                Bar(name, value / longest, fine_percent(value))
                for name, value in zip(names, (filling.product, filling.joint), strict=True)
            ),
            f"{names[1]}: {_steps(filling)}",
        )
        for way, filling in ways.items()
    ]
    draw_cards(cards, key="fillings", label=t("Fillings", "채운 결과"))
    st.caption(
        t(
            "Independent: $p(a)\\,p(b)$ from one pass, as in training. In a chain: $p(a)\\,p(b \\mid a)$, the model reads $a$ "
            "before it guesses $b$. Bars relative to the longest. ",
            "서로 독립: 학습 때처럼 한 번 읽어 얻은 $p(a)\\,p(b)$. 이어서 읽기: $a$를 넣고 다시 읽어 얻은 $p(a)\\,p(b \\mid a)$. 막대 길이는 가장 긴 것 기준입니다. ",
        )
        + _verdict(found)
    )
    if found.left_out:
        filled = len(found.positions)
        st.caption(
            t(
                f"Only the first {filled} gaps are filled here; {found.left_out} more stay [MASK].",
                f"처음 {filled}개만 채웠고, 나머지 {found.left_out}개는 [MASK]로 두었습니다.",
            )
        )
    table = fillings_table(found)
    draw_numbers(table)
    return table


def _in_text_order(found: Fillings, filling: Filling) -> str:
    pairs = sorted(zip(found.positions, filling.tokens, strict=True))
    return " ".join(visible(token) for _, token in pairs)


def _steps(filling: Filling) -> str:
    """What was put in, in the order of the filling, each with its probability given those before."""
    steps = zip(filling.tokens, filling.in_turn, strict=True)
    return " → ".join(f"{visible(token)} {percent(exp(score))}" for token, score in steps)


def _verdict(found: Fillings) -> str:
    """Which filling the chain prefers, and how much."""
    once, turn = found.at_once, found.one_by_one
    if once.tokens == turn.tokens:
        return t("Here both ways give the same filling.", "여기서는 두 방법의 결과가 같습니다.")
    difference = sum(turn.in_turn) - sum(once.in_turn)
    better, worse = (turn, once) if difference >= 0 else (once, turn)
    times = _times(abs(difference))
    better_name, worse_name = (plain(_in_text_order(found, one), 60) for one in (better, worse))
    return t(
        f"In a chain “{better_name}” is **{times}** as probable as “{worse_name}”.",
        f"이어서 읽으면 “{better_name}”의 확률이 “{worse_name}”의 **{times}**입니다.",
    )


def _times(difference: float) -> str:
    """How many times as probable, from a difference of log-probabilities; two digits of it."""
    ratio = float(f"{exp(min(difference, 50.0)):.2g}")
    if ratio > 1e6:
        return t("over a million times", "100만 배 이상")
    number = f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"
    return t(f"{number} times", f"{number}배")


def fillings_table(found: Fillings) -> pd.DataFrame:
    """One row per [MASK], in the order of the filling."""
    once, turn = found.at_once, found.one_by_one
    alone, before = t("p alone", "따로 본 p"), t("p given those before", "앞의 것을 읽은 p")
    return pd.DataFrame(
        {
            t("position", "위치"): found.positions,
            t("at once", "한꺼번에"): once.tokens,
            f"{t('at once', '한꺼번에')}: {alone}": [exp(score) for score in once.independent],
            f"{t('at once', '한꺼번에')}: {before}": [exp(score) for score in once.in_turn],
            t("one by one", "하나씩"): turn.tokens,
            f"{t('one by one', '하나씩')}: {alone}": [exp(score) for score in turn.independent],
            f"{t('one by one', '하나씩')}: {before}": [exp(score) for score in turn.in_turn],
        }
    )


def left_context_table(found: LeftContexts) -> pd.DataFrame:
    """One row per hidden word that has something to its right."""
    rows = found.words
    return pd.DataFrame(
        {
            t("hidden word", "가린 단어"): [row.word for row in rows],
            t("guess, both sides", "추측(양쪽)"): [row.guess_both for row in rows],
            t("guess, left only", "추측(왼쪽만)"): [row.guess_left for row in rows],
            t("loss, both sides", "손실(양쪽)"): [row.loss_both for row in rows],
            t("loss, left only", "손실(왼쪽만)"): [row.loss_left for row in rows],
            t("worth of the right side", "오른쪽 문맥의 효과"): [row.loss_left - row.loss_both for row in rows],
        }
    )


def draw_left_context(found: LeftContexts, reader: Origin | None) -> pd.DataFrame:
    """What each hidden word costs with both sides and with the left side only; returns the table.

    ``reader``: the causal model that read the left side; None where the masked model itself did, cut off.
    """
    table, rows = left_context_table(found), found.words
    if not rows:
        _say_left_out(found)
        return table
    names = [f"{row.position} · {safe_html(row.word)}" for row in rows]
    figure = go.Figure(
        [
            go.Bar(name=t("both sides", "양쪽"), x=names, y=[row.loss_both for row in rows], marker_color=BLUE),
            go.Bar(
                name=t("left only", "왼쪽만"),
                x=names,
                y=[row.loss_left for row in rows],
                marker={"color": ORANGE, "pattern": {"shape": "/"}},
            ),
        ]
    )
    draw_chart(
        figure,
        "left context",
        t("Loss of each hidden word", "가린 단어마다의 손실"),
        260,
        y=t("loss (nats)", "손실(nat)"),
    )
    worth = sum(row.loss_left - row.loss_both for row in rows) / len(rows)
    best = plain(max(rows, key=lambda row: row.loss_left - row.loss_both).word, 30)
    if len(rows) == 1:
        caption = t(
            f"Without the right side the loss of “{best}” changes by **{worth:+.2f} nats**.",
            f"오른쪽을 못 보면 “{best}”의 손실이 **{worth:+.2f} nat** 달라집니다.",
        )
    else:
        caption = t(
            f"Without the right side the loss of a hidden word changes by **{worth:+.2f} nats** on average; "
            f"most for “{best}”.",
            f"오른쪽을 못 보면 가린 단어의 손실이 평균 **{worth:+.2f} nat** 달라집니다. 가장 큰 것은 “{best}”입니다.",
        )
    alone = t(
        "Each word is hidden alone, all of it; the rest is as it was, to the left of it for both. ",
        "한 번에 한 단어만 통째로 가리고 나머지는 그대로 둡니다. 왼쪽은 둘 다 똑같이 봅니다. ",
    )
    st.caption(alone + caption)
    _say_left_out(found)
    if reader is None:
        st.caption(
            t(
                ":material/warning: A BERT has never read half a sentence, so much of this is the broken input. For a fair figure "
                "pick a causal model under “Reads left to right”.",
                ":material/warning: BERT는 잘린 문장을 배운 적이 없으므로 이 차이의 상당 부분은 입력이 망가진 탓입니다. 제대로 비교하려면 "
                "‘왼쪽에서 오른쪽으로 읽는 모델’에서 인과 모델을 고르세요.",
            )
        )
    else:
        name = plain(reader.name.rsplit("/", 1)[-1])
        st.caption(
            t(
                f"{name} reads the left side. It is another model with tokens of its own, so the difference is not the missing "
                "right side alone.",
                f"왼쪽만 읽은 모델은 {name}입니다. 토큰도 다른 별개의 모델이므로 차이가 모두 오른쪽 문맥의 효과는 아닙니다.",
            )
        )
        source_badge(reader, picker="reader")
    draw_numbers(table)
    return table


def _say_left_out(found: LeftContexts) -> None:
    """The hidden words that are not compared."""
    if found.at_the_end:
        last = plain(found.at_the_end[-1], 30)
        st.caption(
            t(
                f"“{last}” is left out: nothing stands to its right.",
                f"“{last}”의 오른쪽에는 아무것도 없어 비교에서 뺐습니다.",
            )
        )
    if found.left_out:
        st.caption(
            t(
                f"Only the first {len(found.words)} hidden words are read here; {found.left_out} more are not.",
                f"가린 단어 가운데 처음 {len(found.words)}개만 비교했습니다. {found.left_out}개가 더 있습니다.",
            )
        )
