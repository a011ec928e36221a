"""One pair of sentences: does B follow A, what goes into the first layer, and in which order do they stand?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.heatmaps import token_labels
from components.language import t
from components.text import percent, plain, safe_html, shorten, visible
from models.results import PairInput, PairVerdict

__all__ = ["draw_input", "draw_order", "draw_segments", "draw_verdict", "pair_chips"]


def pair_chips(verdict: PairVerdict) -> list[Chip]:
    """The tokens in the colour of their segment, its number below; a thick border where the segment is wrong."""
    chips = []
    for number, token in enumerate(verdict.tokens):
        given, expected = verdict.token_type_ids[number], verdict.expected_type_ids[number]
        wrong = given != expected
        tip = f"input_id {verdict.input_ids[number]}\ntoken_type_id {given}"
        if wrong:
            tip += t(f", should be {expected}", f", 원래는 {expected}")
        kind = "random" if wrong else "special" if verdict.special[number] else ""
        below = f"{'AB'[given]} · {given}" + (" ✗" if wrong else "")
        chips.append(Chip(visible(token), below, tip, ("c0", "c1")[given], kind))
    return chips


def draw_verdict(verdict: PairVerdict) -> pd.DataFrame:
    """IsNext or not, and the tokens that this was read from; returns the table of tokens."""
    follows = verdict.probability >= 0.5
    name = t("IsNext: B follows A", "IsNext: B가 A에 이어짐") if follows else t("NotNext", "NotNext: 이어지지 않음")
    with st.container(horizontal=True):
        st.metric(t("Probability of IsNext", "IsNext 확률"), percent(verdict.probability).replace(">", "\\>"))
        st.metric(t("Verdict", "판정"), ("✓ " if follows else "✗ ") + ("IsNext" if follows else "NotNext"), help=name)
        st.metric(
            t("Logits", "로짓"),
            f"{verdict.logits[0]:+.2f} / {verdict.logits[1]:+.2f}",
            help=t("IsNext / NotNext, read off [CLS]", "[CLS]에서 읽은 IsNext / NotNext"),
        )
    draw_chips(pair_chips(verdict), key="pair chips", label=t("Tokens and their segments", "토큰과 세그먼트"))
    st.caption(
        t(
            "Under each token its segment and token_type_id: A blue, B orange. Dashed: added by the tokenizer. Double "
            "border and ✗: a segment the model did not learn to see there.",
            "토큰 아래는 세그먼트와 token_type_id입니다. A는 파랑, B는 주황, 점선은 토크나이저가 덧붙인 토큰입니다. "
            "이중 테두리와 ✗는 학습 때와 다른 세그먼트입니다.",
        )
    )
    return pd.DataFrame(
        {
            t("token", "토큰"): verdict.tokens,
            "input_ids": verdict.input_ids,
            "token_type_ids": verdict.token_type_ids,
        }
    )


def draw_segments(verdicts: Mapping[str, PairVerdict]) -> pd.DataFrame:
    """IsNext with the right and with wrong token_type_ids; returns the table."""
    names = {
        "right": t("A = 0, B = 1 (right)", "A = 0, B = 1 (올바름)"),
        "zeros": t("all 0", "모두 0"),
        "ones": t("all 1", "모두 1"),
        "swapped": "A = 1, B = 0",
    }
    label = t("IsNext with other token_type_ids", "token_type_ids를 바꾸면")
    bars = tuple(
        Bar(names[key], one.probability, percent(one.probability), key == "right") for key, one in verdicts.items()
    )
    note = t("✓ what the tokenizer gives the model", "✓ 토크나이저가 실제로 넘기는 값")
    draw_cards([Card(label, "", bars, note)], key="segments card", label=label)
    return pd.DataFrame(
        {
            "token_type_ids": [names[key] for key in verdicts],
            "IsNext": [one.probability for one in verdicts.values()],
        }
    )


def draw_input(verdict: PairVerdict, found: PairInput) -> pd.DataFrame:
    """Figure 2 of the BERT paper: each token's three embeddings and their sum, with their lengths; returns the table."""
    names = {
        "token": t("token", "토큰"),
        "segment": t("segment", "세그먼트"),
        "position": t("position", "위치"),
    }
    columns = [names[part] for part in found.parts]
    labels = {
        "token": [f"E<sub>{safe_html(shorten(visible(token), 14))}</sub>" for token in verdict.tokens],
        "segment": [f"E<sub>{'AB'[number]}</sub>" for number in verdict.token_type_ids],
        "position": [f"E<sub>{number}</sub>" for number in range(len(verdict.tokens))],
    }
    cells = [
        [f"{labels[part][row]} {found.norms[number, row]:.2f}" for number, part in enumerate(found.parts)]
        + [f"{found.norms[-1, row]:.2f}"]
        for row in range(len(verdict.tokens))
    ]
    lengths = found.norms.T.astype(np.float32)  # (L, P + 1)
    rows = token_labels(verdict.tokens, numbered=True)
    figure = go.Figure(
        go.Heatmap(
            z=lengths, x=[" + ".join(columns[:1]), *(f"+ {name}" for name in columns[1:]), t("= sum", "= 합")],
            y=rows, text=cells, texttemplate="%{text}",
            textfont={"size": 11}, colorscale=[[0, "#e8f1f7"], [1, "#59a3cd"]], showscale=False, xgap=6, ygap=1,
            hovertemplate="%{y}<br>%{x}: %{z:.3f}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_traces(textfont={"color": "#11161f"})
    figure.update_xaxes(side="top", type="category", showgrid=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    figure.update_layout(height=70 + 24 * len(verdict.tokens), margin={"l": 10, "r": 10, "t": 40, "b": 10})
    st.header(t("What goes into the first layer", "첫 층에 들어가는 것"), anchor=False)
    draw_figure(
        figure, key="input sum", alt=t("Lengths of three embeddings and their sum", "세 임베딩과 그 합의 크기(노름)")
    )
    apart = len(set(verdict.token_type_ids)) > 1
    st.caption(
        t(
            "Three vectors per token, looked up in three tables and added; the numbers are their lengths. The segment "
            f"table has two rows only, {found.segment_distance:.2f} apart: ",
            "토큰마다 표 세 개에서 벡터를 하나씩 찾아 더합니다. 숫자는 벡터의 크기(노름)입니다. 세그먼트 표는 두 줄뿐이고 둘 사이의 거리는 "
            f"{found.segment_distance:.2f}입니다. ",
        )
        + (
            t(
                "besides [SEP], the only thing that tells B from A.",
                "입력에서 A와 B를 가르는 것은 [SEP]과 이 차이뿐입니다.",
            )
            if apart
            else t(
                "here every token gets the same one, and only [SEP] is left to tell B from A.",
                "지금은 모든 토큰이 같은 줄을 쓰므로 A와 B를 가르는 것은 [SEP]뿐입니다.",
            )
        )
    )
    table = pd.DataFrame({t("token", "토큰"): verdict.tokens})
    for number, name in enumerate([*columns, t("sum", "합")]):
        table[t(f"{name} length", f"{name} 크기(노름)")] = found.norms[number]
    return table


def _begins(text: str) -> str:
    return shorten(" ".join(text.split()), 13)


def draw_order(verdicts: Mapping[str, tuple[PairVerdict, PairVerdict]], first: str, second: str) -> pd.DataFrame:
    """The pair as it stands and swapped, as each head sees it; returns the table. Heads: "order" first, then "next"."""
    st.markdown(f"**A** {plain(first, 600)}  \n**B** {plain(second, 600)}")
    titles = {
        "order": t("In order? (SOP head)", "바른 순서일까? (SOP 헤드)"),
        "next": t("IsNext? (NSP head)", "이어질까? (NSP 헤드)"),
    }
    labels = (t("A, then B", "A 다음 B"), t("B, then A", "B 다음 A"))
    names = (t(f"A first: {_begins(first)}", f"A 먼저: {_begins(first)}"),
             t(f"B first: {_begins(second)}", f"B 먼저: {_begins(second)}"))  # fmt: skip
    for place, (head, both) in zip(st.columns(len(verdicts), gap="medium"), verdicts.items(), strict=True):
        best = int(np.argmax([one.probability for one in both]))
        bars = tuple(
            Bar(("→ " if number == best else "") + name, one.probability, percent(one.probability))
            for number, (name, one) in enumerate(zip(names, both, strict=True))
        )
        difference = abs(both[0].probability - both[1].probability)
        note = t(
            f"→ the order it prefers, by {100 * difference:.1f} points",
            f"→ 더 그럴듯하다고 본 순서, 차이 {100 * difference:.1f}%p",
        )
        with place:
            draw_cards([Card(titles[head], both[0].model, bars, note)], key=f"order card {head}", label=titles[head])
    return pd.DataFrame(
        [
            (both[0].model, titles[head], label, one.probability, *one.logits)
            for head, both in verdicts.items()
            for label, one in zip(labels, both, strict=True)
        ],
        columns=[
            t("model", "모델"),
            t("head", "헤드"),
            t("order", "순서"),
            t("probability", "확률"),
            "logit 0",
            "logit 1",
        ],
    )
