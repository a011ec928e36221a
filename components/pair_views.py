"""The sentence pairs page's pictures: the input of a pair, verdicts over triples, order, endings and their scalars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.heatmaps import token_labels
from components.language import t
from components.page import reveal
from components.palette import BLUE, GREEN, GREY, ORANGE, VERMILION
from components.text import percent, plain, safe_html, safe_words, shorten, visible
from models.results import PairAccuracy, PairInput, PairVerdict, ScoredChoice, Share, TripleVerdict

__all__ = [
    "draw_accuracies",
    "draw_choice",
    "draw_choices",
    "draw_input",
    "draw_order",
    "draw_segments",
    "draw_spread",
    "draw_spreads",
    "draw_verdict",
    "pair_chips",
]

LETTERS = "ABCDEFGH"


# --- one pair ----------------------------------------------------------------------------------------------------


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


# --- triples -----------------------------------------------------------------------------------------------------


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


def _written(share: Share) -> str:
    return f"{share.value:.0%} ({share.low:.0%}–{share.high:.0%})"


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
            marker={"color": colour, "pattern_shape": pattern},
            error_x={
                "type": "data", "symmetric": False, "array": [share.high - share.value for share in shares],
                "arrayminus": [share.value - share.low for share in shares], "color": GREY,
            },
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
            f"{plain(one.model)}: NSP **{_written(one.topic)}**, SOP **{_written(one.order)}**; "
            + t("right order ranked above swapped", "바른 순서에 더 높은 확률")
            + f" {_written(one.ranked_order)}"
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


# --- multiple choice ---------------------------------------------------------------------------------------------


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
        rows.append(f"- **{LETTERS[number]}** {plain(ending, 2000)}{t(' ✓ right', ' ✓ 정답') if right else ''}")
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
            Bar(LETTERS[number], share, f"{percent(share)} ({score:+.2f})", number == found.right)
            for number, (share, score) in enumerate(zip(found.shares(scorer), scores, strict=True))
        )
        best = found.best(scorer)
        note = t(f"picks {LETTERS[best]}", f"선택: {LETTERS[best]}")
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
            marker={"color": colour, "pattern_shape": pattern},
            error_x={"type": "data", "symmetric": False, "array": [share.high - share.value],
                     "arrayminus": [share.value - share.low], "color": GREY},
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
            f"{names[scorer][0]} **{share.hits}/{share.trials}**, {_written(share)}" for scorer, share in right.items()
        )
    )
    table: dict[str, Any] = {
        t("context", "상황"): [one.context for one in choices],
        t("right", "정답"): ["" if one.right is None else LETTERS[one.right] for one in choices],
    }
    for scorer in right:
        table[names[scorer][0]] = [
            LETTERS[one.best(scorer)] + (" ✓" if one.best(scorer) == one.right else " ✗") for one in choices
        ]
    frame = pd.DataFrame(table)
    with st.expander(t("Every context", "상황별 결과"), icon=":material/table:"):
        st.dataframe(frame, hide_index=True, height="content", alt=t("Every context", "상황별 결과"))
    return frame
