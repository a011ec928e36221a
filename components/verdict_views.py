"""What the ELECTRA page shows of one text: how probably each token was replaced, what an edit changes, and how a causal
model ranks the same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.language import t
from components.palette import GREY, VERMILION
from components.surprise_views import rank_look
from components.text import percent, plain, safe_html, visible
from models.results import Detection, WordSuspicion

__all__ = [
    "SURE",
    "draw_against_ranks",
    "draw_difference",
    "draw_legend",
    "draw_verdicts",
    "verdict_chips",
    "verdict_table",
]

SURE, DOUBTFUL = 0.5, 0.2  # probabilities from which a token is drawn as replaced, as doubtful


def _look(probability: float) -> tuple[str, str]:
    """Colour and border of a token."""
    if probability >= SURE:
        return "c5", "marked"
    return ("c1", "") if probability >= DOUBTFUL else ("grey", "")


def verdict_chips(detection: Detection, edited: Collection[int] = (), clickable: bool = False) -> list[Chip]:
    """Every token with its probability of having been replaced, as colour, height and number."""
    chips = []
    for position, (token, probability) in enumerate(zip(detection.tokens, detection.probabilities, strict=True)):
        if detection.special[position]:
            chips.append(Chip(visible(token), kind="special", tip=t("Never replaced.", "바뀌지 않는 토큰입니다.")))
            continue
        colour, kind = _look(probability)
        tip = t(f"replaced: {percent(probability)}", f"바뀌었을 확률: {percent(probability)}")
        if clickable:
            tip += t("\nClick: put another word here", "\n클릭하면 다른 단어로 바꿔 봅니다")
        below = f"✎ {probability:.0%}" if position in edited else f"{probability:.0%}"
        chips.append(Chip(visible(token), below, tip, colour, kind, height=float(probability)))
    return chips


def draw_verdicts(
    detection: Detection,
    *,
    key: str,
    on_click: Callable[[int], None] | None = None,
    edited: Collection[int] = (),
) -> pd.DataFrame:
    """The row of tokens; returns the table."""
    label = t("Tokens, and how probably each was replaced", "토큰마다 바뀌었을 확률")
    draw_chips(verdict_chips(detection, edited, on_click is not None), key=key, label=label, on_click=on_click)
    if on_click is not None:
        draw_legend(
            t(
                "Click a token to put another word there, and ✎ to undo it.",
                "토큰을 클릭하면 다른 단어로 바꿔 볼 수 있고, ✎를 클릭하면 되돌립니다.",
            )
        )
    return verdict_table(detection)


def verdict_table(detection: Detection) -> pd.DataFrame:
    """One row per token."""
    return pd.DataFrame(
        {
            t("token", "토큰"): detection.tokens,
            "input_id": detection.input_ids,
            t("logit", "로짓"): detection.logits,
            t("replaced", "바뀌었을 확률"): detection.probabilities,
        }
    )


def draw_legend(more: str = "") -> None:
    """What colour and border mean."""
    looks = t(
        "Number and bar: how probably the token was replaced. Thick red border: at least 50%; orange: at least 20%; "
        "grey: looks original.",
        "숫자와 막대: 바뀌었을 확률. 굵은 빨강 테두리: 50% 이상, 주황: 20% 이상, 회색: 원래 토큰으로 보임.",
    )
    st.caption(f"{looks} {more}")


def draw_difference(before: Detection, after: Detection, position: int) -> pd.DataFrame:
    """Each token's probability before and after the edit of one position; returns the table."""
    more = len(after.tokens) - len(before.tokens)
    old = {number if number <= position else number + more: value for number, value in enumerate(before.probabilities)}
    names = [f"{number}: {safe_html(token)}" for number, token in enumerate(after.tokens)]
    shown = [number for number, special in enumerate(after.special) if not special]
    figure = go.Figure()
    for name, values, colour, pattern in (
        (t("before", "바꾸기 전"), [old.get(number) for number in shown], GREY, "/"),
        (t("after", "바꾼 뒤"), [float(after.probabilities[number]) for number in shown], VERMILION, ""),
    ):
        figure.add_bar(
            x=[names[number] for number in shown],
            y=values,
            name=name,
            marker={"color": colour, "pattern_shape": pattern},
        )
    figure.update_layout(
        height=260, margin={"t": 10, "b": 10}, yaxis={"title": t("replaced", "바뀌었을 확률"), "range": [0, 1], "tickformat": ".0%"},
        xaxis={"tickvals": [names[n] for n in shown], "ticktext": [safe_html(after.tokens[n]) for n in shown]},
        legend={"orientation": "h", "y": 1.15},
    )  # fmt: skip
    draw_figure(figure, key="difference", alt=t("Before and after the edit", "바꾸기 전과 뒤"))
    return pd.DataFrame(
        {
            t("token", "토큰"): after.tokens,
            t("before", "바꾸기 전"): [old.get(number) for number in range(len(after.tokens))],
            t("after", "바꾼 뒤"): after.probabilities,
        }
    )


def draw_against_ranks(words: Sequence[WordSuspicion]) -> pd.DataFrame:
    """The same words coloured by the discriminator and by a causal model's ranks; returns the table."""
    views: list[tuple[str, list[Chip]]] = [
        (
            t("The discriminator: how probably replaced", "판별기: 바뀌었을 확률"),
            [
                Chip(visible(one.word), f"{one.probability:.0%}", "", *_look(one.probability), height=one.probability)
                for one in words
            ],
        ),
        (
            t("The causal model: the rank of the word (GLTR)", "인과 모델: 단어의 순위(GLTR)"),
            [Chip(visible(one.word), f"{one.rank:,}" if one.rank else "", "", *rank_look(one.rank)) for one in words],
        ),
    ]
    for number, (title, chips) in enumerate(views):
        st.markdown(f"**{title}**")
        draw_chips(chips, key=f"words {number}", label=title)
    st.caption(
        t(
            "First row: thick red border from 50%, orange from 20%. Second row: green, rank 10 at most; orange with a thick "
            "border, 100; red with a double border, 1,000; pink and filled, beyond.",
            "첫째 줄: 굵은 빨강 테두리는 50% 이상, 주황은 20% 이상. 둘째 줄: 초록은 10위 이내, 굵은 주황 테두리는 100위 이내, 빨강 이중 "
            "테두리는 1,000위 이내, 분홍 채움은 그 밖.",
        )
    )
    rare = _listed(one for one in words if one.rank and one.rank > 1000 and one.probability < DOUBTFUL)
    suspected = _listed(one for one in words if one.rank and one.rank <= 100 and one.probability >= SURE)
    halves = []
    if rare:
        halves.append(
            t(
                f"Rare for the causal model, original for the discriminator: **{rare}**.",
                f"인과 모델에는 드물지만 판별기는 원래 단어로 본 것: **{rare}**.",
            )
        )
    if suspected:
        halves.append(
            t(
                f"Expected by the causal model, replaced for the discriminator: **{suspected}**.",
                f"인과 모델은 예상했지만 판별기는 바뀌었다고 본 것: **{suspected}**.",
            )
        )
    if halves:
        st.markdown(" ".join([t("They disagree.", "두 모델의 판단이 다른 단어 —"), *halves]))
    else:
        st.markdown(
            t("Here the two signals do not contradict each other.", "여기서는 두 신호가 서로 어긋나지 않습니다.")
        )
    st.warning(
        t(
            "None of this proves who wrote a text. People write rare words, and models write common ones.",
            "이 숫자로는 누가 쓴 글인지 증명할 수 없습니다. 사람도 드문 단어를 쓰고, 모델도 흔한 단어를 씁니다.",
        ),
        icon=":material/gavel:",
    )
    return pd.DataFrame(
        {
            t("word", "단어"): [one.word for one in words],
            t("replaced", "바뀌었을 확률"): [one.probability for one in words],
            t("rank", "순위"): [one.rank for one in words],
        }
    )


def _listed(words: Iterable[WordSuspicion]) -> str:
    """Their names without the punctuation around them; empty for none."""
    return plain(", ".join(re.sub(r"^\W+|\W+$", "", one.word) or one.word for one in words))
