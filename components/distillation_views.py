"""The distillation page's controls and pictures: soft targets, loss terms, layer pairs, costs and agreement."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.address import carried, joined, numbers_in, paragraph
from components.cards import Bar, Card
from components.chips import Chip, draw_chips
from components.figures import draw_figure, put_legend_below
from components.heatmaps import token_figure, token_labels
from components.language import t
from components.palette import BLUE, GREEN, GREY, ORANGE
from components.text import percent, safe_html, visible
from models.results import (
    DistillationAgreement,
    DistillationLosses,
    HiddenSentence,
    ModelCost,
    SoftTarget,
    TinyBertTerms,
)

__all__ = [
    "DEFAULTS",
    "draw_agreement",
    "draw_costs",
    "draw_losses",
    "draw_sentence",
    "draw_targets",
    "draw_teachers_worth",
    "draw_tinybert",
    "hidden_positions",
    "pick_temperature",
    "soft_card",
    "write_text",
]

_POSITIONS = r"\d{1,3}(,\d{1,3})*"
MOST_DRAWN = 4  # hidden positions with a figure of their own
DEFAULTS: dict[str, Any] = {
    "text": "The king and his wife had three children.",
    "view": "targets",
    "teacher": "mini-bert",
    "student": "mini-student",
    "at": "8",
    "temperature": 1.0,
    "mapping": "uniform",
    "layer": 1,
    "head": "mean",
}


def write_text() -> str:
    """The sentence; another one forgets what was hidden."""
    forget = st.session_state.update
    return paragraph(t("Text", "글"), DEFAULTS["text"], key="text", on_change=forget, kwargs={"at": ""})


def hidden_positions() -> tuple[int, ...]:
    """The positions that the viewer has hidden."""
    asked = re.fullmatch(_POSITIONS, st.query_params.get("at", ""))
    if "at" not in st.session_state and not asked and "text" not in st.query_params:
        st.session_state["at"] = DEFAULTS["at"]
    return tuple(numbers_in(carried("at", _POSITIONS)))


def pick_temperature() -> float:
    """T of both softmaxes."""
    return float(
        st.slider(
            t("Temperature T", "온도 T"),
            0.5,
            10.0,
            DEFAULTS["temperature"],
            0.5,
            key="temperature",
            bind="query-params",
            width=320,
            help=t(
                "Divides the logits of both models before the softmax. Higher: flatter.",
                "두 모델의 로짓을 소프트맥스 전에 나누는 값입니다. 높을수록 분포가 평평해집니다.",
            ),
        )
    )


def draw_sentence(hidden: HiddenSentence) -> None:
    """The tokens; a click hides one or shows it again. The address says what is hidden, whatever was asked for."""
    if numbers_in(st.session_state["at"]) != set(hidden.positions):
        st.session_state["at"] = joined(hidden.positions)
        carried("at", _POSITIONS)  # so that the address follows

    def turn_over(position: int) -> None:
        if hidden.maskable[position]:
            st.session_state["at"] = joined({*hidden.positions} ^ {position})

    chips = []
    for position, token in enumerate(hidden.tokens):
        if position in hidden.positions:
            chips.append(Chip("[MASK]", visible(token), colour="c0", kind="masked"))
        else:
            chips.append(Chip(visible(token), kind="" if hidden.maskable[position] else "special"))
    draw_chips(chips, key="sentence", label=t("Tokens: click to hide", "토큰: 클릭하면 가립니다"), on_click=turn_over)
    if not st.session_state.get("lecture"):
        st.caption(
            t("Click a token to hide it, again to show it.", "토큰을 클릭하면 가려지고, 다시 클릭하면 나타납니다.")
        )


def soft_card(target: SoftTarget, temperature: float) -> Card:
    """The teacher's best tokens at one temperature as a card."""
    bars = tuple(Bar(visible(name), first, percent(first)) for name, first, _ in target.candidates[:4])
    rest = percent(target.beyond_first)
    return Card(
        f"T = {temperature:g}",
        t(f"beyond the first: {rest}", f"1위 밖의 확률: {rest}"),
        bars,
    )


def draw_targets(targets: Sequence[SoftTarget], temperature: float) -> pd.DataFrame:
    """Teacher, student and the one-hot truth as paired bars for each hidden position; returns the table."""
    drawn = targets[:MOST_DRAWN]
    ends = [min(1.0, 1.3 * max(max(both) for _, *both in target.candidates)) for target in drawn]  # of the axes
    for target, end in zip(drawn, ends, strict=True):
        names = [visible(name) for name, _, _ in target.candidates]
        title = visible(target.original) if target.original else "[MASK]"
        if len(drawn) > 1 or not st.session_state.get("lecture"):
            st.markdown(f"**{t('Position', '위치')} {target.position}**")
        series = [
            (t("teacher", "교사"), [first for _, first, _ in target.candidates], BLUE, ""),
            (t("student", "학생"), [second for _, _, second in target.candidates], ORANGE, "/"),
        ]
        if target.original is not None:
            truth = [float(name == target.original) for name, _, _ in target.candidates]
            series.append((t("one-hot truth", "원-핫 정답"), truth, GREEN, "x"))
        figure = go.Figure()
        places = list(range(len(names)))
        for name, values, colour, pattern in series:
            figure.add_bar(
                x=places, y=values, name=name, marker={"color": colour, "pattern_shape": pattern},
                hovertemplate="%{y:.2%}<extra>" + name + "</extra>",
            )  # fmt: skip
        figure.update_layout(
            height=300, margin={"t": 10, "b": 10}, legend={"orientation": "h", "y": 1.15},
            xaxis={"tickvals": places, "ticktext": [safe_html(name) for name in names], "ticklabeloverflow": "allow"},
            yaxis={"tickformat": ".3~%", "range": [0, end], "title": t("probability", "확률")},
        )  # fmt: skip
        draw_figure(
            figure,
            key=f"targets {target.position}",
            alt=t(
                f"Probabilities of teacher and student for “{title}” at T = {temperature:g}",
                f"T = {temperature:g}에서 “{title}” 자리에 대한 교사와 학생의 확률",
            ),
        )
        with st.container(horizontal=True):
            st.metric("T² · KL", f"{target.kl:.3f}")
            st.metric(t("teacher's entropy", "교사의 엔트로피"), f"{target.teacher_entropy:.2f} nat")
            st.metric(
                t("dark knowledge", "숨은 지식"),
                percent(target.beyond_first).replace(">", "\\>"),  # a metric reads Markdown
                help=t(
                    "What the teacher gives to all tokens but its first. A one-hot target says nothing about them.",
                    "교사가 1위가 아닌 토큰들에 준 확률의 합입니다. 원-핫 정답에는 이 정보가 없습니다.",
                ),
            )
    if len(targets) > MOST_DRAWN:
        st.caption(
            t(
                f"The first {MOST_DRAWN} are drawn; the table has all.",
                f"처음 {MOST_DRAWN}곳만 그렸습니다. 표에는 모두 있습니다.",
            )
        )
    if any(end < 1 for end in ends):
        st.caption(
            t(
                "The axis is cut: the one-hot truth is always 100%.",
                "세로축을 잘라 그렸습니다. 원-핫 정답은 언제나 100%입니다.",
            )
        )
    return pd.DataFrame(
        [
            (one.position, name, first, second, name == one.original)
            for one in targets
            for name, first, second in one.candidates
        ],
        columns=[
            t("position", "위치"),
            t("token", "토큰"),
            t("teacher", "교사"),
            t("student", "학생"),
            t("truth", "정답"),
        ],
    )


def draw_losses(found: DistillationLosses) -> pd.DataFrame:
    """The three terms, their weighted sum, and each hidden position; returns the table."""
    kl, mlm, cosine = found.means
    first, second, third = found.weights
    with st.container(horizontal=True):
        st.metric("L_ce = T² · KL", f"{kl:.3f}", help=t(f"weight {first:g}", f"가중치 {first:g}"))
        st.metric("L_mlm", "–" if mlm is None else f"{mlm:.3f}", help=t(f"weight {second:g}", f"가중치 {second:g}"))
        st.metric("L_cos", "–" if cosine is None else f"{cosine:.3f}", help=t(f"weight {third:g}", f"가중치 {third:g}"))
        st.metric(t("weighted sum", "가중합"), f"{found.total:.3f}")
    st.caption(
        t(
            f"Sum: {first:g} L_ce + {second:g} L_mlm + {third:g} L_cos. The paper gives no weights; these are those of the authors' training command. Means over the hidden tokens, in nats (L_cos: 1 − cosine).",
            f"합: {first:g} L_ce + {second:g} L_mlm + {third:g} L_cos. 논문에는 가중치가 없어 저자들의 학습 명령에 적힌 값을 썼습니다. 가린 토큰의 평균이며 단위는 nat입니다(L_cos는 1 − 코사인).",
        )
    )
    if found.projected:
        st.info(
            t(
                "The student is narrower than the teacher: for L_cos its hidden states go through a projection that was trained with it. In DistilBERT both are 768 wide and none is needed.",
                "학생의 폭이 교사보다 좁아서, L_cos를 잴 때 학생의 은닉 상태를 함께 학습한 투영 행렬로 넓힙니다. DistilBERT는 둘 다 768이라 필요 없습니다.",
            )
        )
    elif found.cosine is None:
        st.info(
            t(
                "No projection came with this student, and its width is not the teacher's: L_cos is left out.",
                "이 학생에는 투영 행렬이 없고 폭도 교사와 달라 L_cos는 뺐습니다.",
            )
        )
    if mlm is None:
        st.info(
            t(
                "A typed [MASK] has no truth: L_mlm is left out.",
                "직접 적은 [MASK]에는 정답이 없어 L_mlm은 뺐습니다.",
            )
        )
    labels = [f"{position} {safe_html(token)}" for position, token in zip(found.positions, found.tokens, strict=True)]
    figure = go.Figure()
    for name, values, colour, pattern in (
        ("L_ce", found.kl, BLUE, ""),
        ("L_mlm", found.mlm, ORANGE, "/"),
        ("L_cos", found.cosine, GREEN, "x"),
    ):
        if values is not None:
            marker = {"color": colour, "pattern_shape": pattern}
            figure.add_bar(x=labels, y=values, name=name, marker=marker)
    gap = max(0.2, 1 - 0.2 * len(labels))  # one hidden token gives no bars as broad as the page
    figure.update_layout(height=300, bargap=gap, margin={"t": 10, "b": 10}, legend={"orientation": "h", "y": 1.15})
    draw_figure(figure, key="losses", alt=t("The loss terms at each hidden token", "가린 토큰마다의 손실 항"))
    return pd.DataFrame(
        {
            t("position", "위치"): found.positions,
            t("token", "토큰"): found.tokens,
            "kl_times_T2": found.kl,
            "mlm": found.mlm,
            "cosine": [None] * len(found.positions) if found.cosine is None else found.cosine,
        }
    )


def draw_tinybert(found: TinyBertTerms, pair: int, head: int | None) -> pd.DataFrame:
    """One pair's attention as three heatmaps, and the MSE of each layer pair; returns the table."""
    pictures = st.container()
    if found.embedding_mse is not None:
        st.metric(t("embeddings: MSE", "임베딩: MSE"), f"{found.embedding_mse:.4f}")
    if any(one.hidden_mse is None for one in found.pairs):
        st.info(
            t(
                "This checkpoint has no projection to the teacher's width: the terms of embeddings and hidden states are left out.",
                "이 체크포인트에는 교사의 폭으로 가는 투영 행렬이 없어 임베딩과 은닉 상태 항은 뺐습니다.",
            )
        )
    table = pd.DataFrame(
        {
            t("student's layer m", "학생의 층 m"): [one.student for one in found.pairs],
            t("teacher's layer g(m)", "교사의 층 g(m)"): [one.teacher for one in found.pairs],
            t("attention MSE", "어텐션 MSE"): [one.attention_mse for one in found.pairs],
            t("hidden MSE", "은닉 상태 MSE"): [one.hidden_mse for one in found.pairs],
        }
    )
    st.dataframe(table, hide_index=True, height="content", alt=t("MSE of each layer pair", "층 쌍마다의 MSE"))
    if not found.per_head:
        pictures.caption(
            t(
                "The numbers of heads differ: attention is averaged over heads first.",
                "헤드 수가 달라 헤드 평균끼리 비교합니다.",
            )
        )
    one = found.pairs[pair]
    single = head is not None and found.per_head and head < found.teacher.shape[1]
    left, right = (a[pair, head] if single else a[pair].mean(0) for a in (found.teacher, found.student))
    labels = token_labels(found.tokens)
    top = float(max(left.max(), right.max()))
    titles = (
        (t(f"Teacher, layer {one.teacher}", f"교사, {one.teacher}층"), left, False),
        (t(f"Student, layer {one.student}", f"학생, {one.student}층"), right, False),
        (t("Student − teacher", "학생 − 교사"), right - left, True),
    )
    for place, (title, matrix, two_sided) in zip(pictures.columns(3, gap="small"), titles, strict=True):
        place.markdown(f"**{title}**")
        figure = token_figure(matrix, labels, two_sided=two_sided, largest=None if two_sided else top)
        figure.update_traces(showscale=False, texttemplate="" if len(labels) > 8 else None)
        figure.update_xaxes(title=None, tickangle=-90)
        figure.update_yaxes(title=None)
        draw_figure(figure, key=f"attention {title}", alt=t(f"Attention: {title}", f"어텐션: {title}"), place=place)
    most = float(np.abs(right - left).max())
    pictures.caption(
        t(
            f"Rows look at columns. First two: from 0 to {top:.0%}. Third: blue where the student looks more, orange where "
            f"less, by {most:.0%} at most.",
            f"행이 열을 봅니다. 앞의 둘은 0에서 {top:.0%}까지입니다. 셋째에서 파랑은 학생이 더 보는 곳, 주황은 덜 보는 곳이고, "
            f"차이는 최대 {most:.0%}p입니다.",
        )
    )
    return table


def draw_teachers_worth(figures: Sequence[Mapping[str, str]], card: str) -> pd.DataFrame:
    """The student, the same one trained without a teacher, and the teacher, from the model card; returns the table."""
    names = {
        "MLM top-1": t("right word first", "정답이 1위"),
        "MLM top-5": t("right word in the first 5", "정답이 5위 안"),
        "same first choice": t("same first word as mini-bert", "mini-bert와 1위 일치"),
    }
    models = {
        "without a teacher": (t("without a teacher", "교사 없이"), GREY, "x"),
        "mini-student": ("mini-student", ORANGE, "/"),
        "mini-bert": (t("mini-bert, its teacher", "교사 mini-bert"), BLUE, ""),
    }
    rows = [next(row for row in figures if row["held-out measure"].startswith(start)) for start in names]
    values = {column: [float(row[column]) / 100 for row in rows] for column in models}
    st.header(t("What the teacher was worth", "교사의 효과"), anchor=False)
    figure = go.Figure()
    for column, (name, colour, pattern) in models.items():
        shown = [value if value < 1 else None for value in values[column]]  # the teacher agrees with itself
        figure.add_bar(
            x=["<br>".join(wrap(measure, 14, break_on_hyphens=False)) for measure in names.values()], y=shown, name=name, marker={"color": colour, "pattern_shape": pattern},
            text=["" if value is None else f"{value:.1%}" for value in shown], textposition="outside", cliponaxis=False,
        )  # fmt: skip
    figure.update_layout(
        height=340,
        margin={"t": 10},
        xaxis={"tickangle": 0},
        yaxis={"tickformat": ".0%", "range": [0, 0.72], "nticks": 4},
    )
    put_legend_below(figure)
    figure.update_layout(margin={"b": 105})  # three lines of names, and of the legend where it is narrow
    alt = t("With and without a teacher, from the model card", "교사가 있을 때와 없을 때, 모델 카드의 수치")
    draw_figure(figure, key="worth", alt=alt)
    st.caption(
        t(
            "**Measured once, not now: from the model card.** Held-out articles; the same student, start, texts and number of "
            "steps. Without a teacher: masked language modelling alone, with the best of the learning rates tried. The "
            "comparison is one of equal steps: with many times the text it would come nearer, which was not tried.",
            "**지금 잰 값이 아니라 한 번 잰 모델 카드의 수치입니다.** 학습에 쓰지 않은 글에서 쟀고, 학생 모델, 시작 가중치, 학습 텍스트, 스텝 수가 같습니다. "
            "‘교사 없이’는 마스크 언어 모델 손실만으로, 시험해 본 학습률 중 가장 나은 값으로 학습했습니다. 같은 스텝 수에서 견준 것이라, 글이 "
            "훨씬 많다면 차이가 줄어들 텐데 그 실험은 하지 않았습니다.",
        )
    )
    with st.popover(
        t("model card", "모델 카드(영어)"), type="tertiary", icon=":material/description:", key="worth card"
    ):
        st.markdown(card)
    return pd.DataFrame(
        {t("measure", "지표"): list(names.values())} | {name: values[column] for column, (name, *_) in models.items()}
    )


def draw_costs(costs: Sequence[ModelCost]) -> pd.DataFrame:
    """Parameters, file size and milliseconds of both; returns the table."""
    medians = [float(np.median(one.milliseconds)) for one in costs]
    table = pd.DataFrame(
        {
            t("model", "모델"): [one.model for one in costs],
            t("layers", "층"): [one.layers for one in costs],
            t("width", "폭"): [one.hidden_size for one in costs],
            t("parameters (M)", "파라미터(백만)"): [round(one.parameters / 1e6, 2) for one in costs],
            t("file (MB)", "파일(MB)"): [round(one.file_bytes / 1e6, 1) for one in costs],
            t("ms per sentence, median", "문장당 ms, 중앙값"): [round(one, 2) for one in medians],
            t("fastest", "최소"): [round(float(one.milliseconds.min()), 2) for one in costs],
            t("slowest", "최대"): [round(float(one.milliseconds.max()), 2) for one in costs],
            t("class", "클래스"): [one.model_class for one in costs],
        }
    )
    st.dataframe(table, hide_index=True, height="content", alt=t("Size and speed", "크기와 속도"))
    with st.container(horizontal=True):
        st.metric(t("smaller by", "크기 축소(배)"), f"{costs[0].parameters / costs[1].parameters:.1f}×")
        st.metric(t("faster by", "속도 향상(배)"), f"{medians[0] / medians[1]:.1f}×")
    return table


def draw_agreement(parts: Sequence[DistillationAgreement]) -> pd.DataFrame:
    """How often both expect the same token, how far apart they are, and who is right; returns the table."""
    same, teacher, student, kl = (
        np.concatenate([getattr(one, name) for one in parts])
        for name in ("same_first", "teacher_right", "student_right", "kl")
    )
    with st.container(horizontal=True):
        st.metric(t("same first token", "1위 일치"), f"{same.mean():.1%}")
        st.metric(t("mean KL", "평균 KL"), f"{kl.mean():.2f}")
        st.metric(t("teacher right", "교사 정답률"), f"{teacher.mean():.1%}")
        st.metric(t("student right", "학생 정답률"), f"{student.mean():.1%}")
        st.metric(t("hidden tokens", "가린 토큰"), f"{len(kl):,}")
    table = pd.DataFrame(
        [
            [int((teacher & student).sum()), int((teacher & ~student).sum())],
            [int((~teacher & student).sum()), int((~teacher & ~student).sum())],
        ],
        index=[t("teacher right", "교사 맞음"), t("teacher wrong", "교사 틀림")],
        columns=[t("student right", "학생 맞음"), t("student wrong", "학생 틀림")],
    )
    st.table(table)
    return table.reset_index()
