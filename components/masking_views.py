"""The masking simulator's pictures: the tokens and their fates, the model's candidates, and what many draws show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots
from streamlit.delta_generator import DeltaGenerator

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure, draw_numbers
from components.language import t
from components.masking_figures import draw_chart
from components.palette import BLUE, GREEN, GREY, ORANGE, SKY, VERMILION
from components.text import percent, safe_html, visible
from models.results import (
    Corruption,
    Fate,
    MaskedPrediction,
    MaskingStatistics,
    MismatchRow,
    Objective,
    SweepPoint,
)

__all__ = [
    "corruption_chips",
    "draw_corruption",
    "draw_mismatch",
    "draw_objectives",
    "draw_prediction",
    "draw_statistics",
    "draw_sweep",
    "objective_figure",
]

# Okabe and Ito's palette, as in chips.css
_LOOK: dict[Fate, tuple[str, str]] = {  # fate -> colour and kind of its chip
    "": ("grey", ""),
    "mask": ("c0", "masked"),
    "typed": ("c0", "masked"),
    "random": ("c5", "random"),
    "kept": ("c2", "kept"),
}
_MOST_CARDS = 12


def _fate_name(fate: Fate) -> str:
    return {
        "": t("not selected", "안 뽑힘"),
        "mask": "[MASK]",
        "typed": t("typed", "직접 입력"),
        "random": t("random", "무작위"),
        "kept": t("kept", "그대로"),
    }[fate]


def corruption_chips(corruption: Corruption, clickable: bool = False) -> list[Chip]:
    """One chip per token, as the model reads it; colour, border and the word below tell its fate."""
    chips = []
    for position, fate in enumerate(corruption.fates):
        original, special = corruption.tokens[position], corruption.word_ids[position] is None
        colour, kind = _LOOK[fate]
        if special and not fate:
            tip = t("Special tokens are never selected.", "특수 토큰은 뽑히지 않습니다.")
            kind = "special"
        elif fate == "typed":
            tip = t("You typed [MASK]: the original is not known.", "직접 입력한 [MASK]라서 원래 토큰은 모릅니다.")
        elif fate:
            tip = t(f"original: {visible(original)}", f"원래 토큰: {visible(original)}")
            tip += t("\nClick: show it", "\n클릭하면 되돌립니다") if clickable else ""
        else:
            tip = t("Click: hide it", "클릭하면 가립니다") if clickable else ""
        chips.append(
            Chip(
                token=visible(corruption.corrupted_tokens[position]),
                below=t("hidden", "가림") if fate == "mask" else _fate_name(fate) if fate else "",
                tip=tip,
                colour=colour,
                kind=kind,
            )
        )
    return chips


def draw_corruption(corruption: Corruption, on_click: Callable[[int], None]) -> None:
    """The row of tokens, and how many were selected."""
    chips = corruption_chips(corruption, clickable=True)
    draw_chips(chips, key="corruption chips", label=t("Tokens", "토큰"), on_click=on_click)
    maskable = sum(word is not None for word in corruption.word_ids) + corruption.fates.count("typed")
    fates: list[Fate] = [
        fate for fate in ("mask", "random", "kept", "typed") if fate != "typed" or fate in corruption.fates
    ]
    counts = " · ".join(f"{_fate_name(fate)} {corruption.fates.count(fate)}" for fate in fates)
    selected = len(corruption.selected)
    st.caption(
        t(
            f"**{selected} of {maskable}** tokens selected: {counts}. Click a token to hide it or show it.",
            f"토큰 {maskable}개 중 **{selected}개** 선택: {counts}. 토큰을 클릭하면 가리거나 되돌릴 수 있습니다.",
        )
    )
    if corruption.forced:
        st.info(
            t(
                "The draw had selected nothing. As in BERT's code one was then taken, so that there is something to learn.",
                "뽑기에서는 아무것도 뽑히지 않아, BERT의 코드처럼 배울 것이 있도록 하나를 골랐습니다.",
            ),
            icon=":material/info:",
        )


def draw_prediction(
    corruption: Corruption, prediction: MaskedPrediction, pseudo_perplexity: float | None
) -> pd.DataFrame:
    """Figures over the sentence, then a card with the candidates for each selected position; returns the table."""
    table = prediction_table(corruption, prediction)
    if not prediction.positions:
        st.info(
            t(
                "Nothing is hidden: click a token, or raise the rate.",
                "가린 토큰이 없습니다. 토큰을 클릭하거나 비율을 올려 보세요.",
            ),
            icon=":material/info:",
        )
        return table
    with st.container(horizontal=True):
        if prediction.share_right is not None and prediction.mean_loss is not None:
            st.metric(t("first guess right", "첫 추측 정답률"), f"{prediction.share_right:.0%}")
            st.metric(t("mean loss (nats)", "평균 손실(nat)"), f"{prediction.mean_loss:.2f}")
    if pseudo_perplexity is not None:
        st.caption(
            t(
                f"Pseudo-perplexity of the whole text (one token hidden at a time, whatever the rate): **{pseudo_perplexity:,.1f}**",
                f"글 전체의 유사 퍼플렉시티(비율과 상관없이 토큰을 하나씩만 가림): **{pseudo_perplexity:,.1f}**",
            ),
            help=t(
                "exp of the mean loss when each token in turn is the only one hidden (Salazar et al. 2020).",
                "토큰을 하나씩만 가려 가며 구한 평균 손실의 exp입니다(Salazar et al. 2020).",
            ),
        )
    cards = []
    for one in prediction.positions[:_MOST_CARDS]:
        fate = corruption.fates[one.position]
        bars = [
            Bar(visible(token), probability, percent(probability), token == one.original)
            for token, probability in one.candidates
        ]
        note = ""
        if one.original is not None and one.probability is not None and one.loss is not None:
            if one.rank and one.rank > len(bars):
                bars.append(Bar(visible(one.original), one.probability, percent(one.probability), True))
            note = t(
                f"original “{visible(one.original)}”: rank {one.rank:,}, loss {one.loss:.2f}",
                f"원래 토큰 “{visible(one.original)}”: {one.rank:,}위, 손실 {one.loss:.2f}",
            )
        cards.append(
            Card(
                f"{one.position} · {visible(corruption.corrupted_tokens[one.position])}",
                _fate_name(fate),
                tuple(bars),
                note,
            )
        )
    draw_cards(cards, key=f"cards of {prediction.model}", label=t("Candidates", "후보"))
    if len(prediction.positions) > _MOST_CARDS:
        rest = len(prediction.positions) - _MOST_CARDS
        st.caption(t(f"{rest} more positions are in the table.", f"나머지 {rest}개 위치는 표에 있습니다."))
    draw_numbers(table)
    return table


def prediction_table(corruption: Corruption, prediction: MaskedPrediction) -> pd.DataFrame:
    """One row per selected position."""
    return pd.DataFrame(
        {
            t("position", "위치"): [one.position for one in prediction.positions],
            t("original", "원래 토큰"): [one.original or "?" for one in prediction.positions],
            t("fate", "처리"): [_fate_name(corruption.fates[one.position]) for one in prediction.positions],
            t("first guess", "첫 추측"): [one.candidates[0][0] for one in prediction.positions],
            t("its probability", "그 확률"): [one.candidates[0][1] for one in prediction.positions],
            t("rank of the original", "원래 토큰의 순위"): [one.rank for one in prediction.positions],
            t("probability of the original", "원래 토큰의 확률"): [one.probability for one in prediction.positions],
            t("loss", "손실"): [one.loss for one in prediction.positions],
        }
    )


def draw_statistics(corruption: Corruption, found: MaskingStatistics) -> pd.DataFrame:
    """Observed shares with their intervals, and the histogram of selected tokens beside the binomial."""
    table = statistics_table(found)
    settings = corruption.settings
    expected = {
        "mask": settings.mask_share,
        "random": settings.random_share,
        "kept": 1 - settings.mask_share - settings.random_share,
    }
    figure = make_subplots(
        cols=2,
        subplot_titles=(
            t("What became of<br>the selected tokens", "뽑힌 토큰은<br>어떻게 되었나"),
            t("Selected tokens<br>per draw", "한 번에 뽑힌<br>토큰 수"),
        ),
        column_widths=[0.4, 0.6],
    )
    fates: tuple[Fate, ...] = ("mask", "random", "kept")
    shares = [found.counts[fate] / max(1, found.selected) for fate in fates]
    figure.add_bar(
        x=[_fate_name(fate) for fate in fates],
        y=shares,
        name=t("observed", "관측"),
        marker_color=[BLUE, VERMILION, GREEN],
        text=[f"{share:.1%}" for share in shares],
        textposition="outside",
        cliponaxis=False,
        error_y={
            "array": [found.intervals[fate][1] - share for fate, share in zip(fates, shares, strict=True)],
            "arrayminus": [share - found.intervals[fate][0] for fate, share in zip(fates, shares, strict=True)],
        },
        showlegend=False,
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=[_fate_name(fate) for fate in fates],
        y=[expected[fate] for fate in fates],
        mode="markers",
        marker={"symbol": "line-ew-open", "size": 34, "color": GREY, "line": {"width": 3}},
        name=t("as set", "설정값"),
        row=1,
        col=1,
    )
    last = int(max(found.per_draw.nonzero()[0].max(), 1)) + 2
    figure.add_bar(
        x=list(range(last)), y=found.per_draw[:last], name=t("draws", "뽑기 횟수"), marker_color=SKY, row=1, col=2
    )
    figure.add_scatter(
        x=list(range(last)),
        y=found.binomial[:last],
        mode="lines+markers",
        line={"color": GREY, "dash": "dot"},
        name=t("binomial", "이항분포"),
        row=1,
        col=2,
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 1.1], col=1)
    draw_chart(figure, "statistics", t("Many draws", "여러 번 뽑은 결과"), 360)
    rate = found.selected / max(1, found.draws * found.maskable)
    nothing = int(found.per_draw[0])
    st.caption(
        t(
            f"{found.draws:,} draws: **{rate:.2%}** of {found.maskable} tokens selected "
            f"(95% interval {found.rate_interval[0]:.2%} to {found.rate_interval[1]:.2%}); "
            f"nothing selected in {nothing:,} draws.",
            f"{found.draws:,}번 뽑아 토큰 {found.maskable}개 중 평균 **{rate:.2%}** 선택"
            f"(95% 신뢰구간 {found.rate_interval[0]:.2%}~{found.rate_interval[1]:.2%}), 하나도 안 뽑힌 경우 {nothing:,}번.",
        )
    )
    draw_numbers(table)
    return table


def statistics_table(found: MaskingStatistics) -> pd.DataFrame:
    """One row per fate."""
    fates: tuple[Fate, ...] = ("mask", "random", "kept")
    return pd.DataFrame(
        {
            t("fate", "처리"): [_fate_name(fate) for fate in fates],
            t("tokens", "토큰 수"): [found.counts[fate] for fate in fates],
            t("share", "비율"): [found.counts[fate] / max(1, found.selected) for fate in fates],
            t("95% from", "95% 신뢰구간 하한"): [found.intervals[fate][0] for fate in fates],
            t("95% to", "95% 신뢰구간 상한"): [found.intervals[fate][1] for fate in fates],
        }
    )


def draw_sweep(points: Sequence[SweepPoint], where: DeltaGenerator) -> pd.DataFrame:
    """Share right and loss against the rate, above the training signals of one pass; returns the table."""
    rates = [100 * point.rate for point in points]
    figure = make_subplots(
        rows=2,
        shared_xaxes=True,
        vertical_spacing=0.19,
        subplot_titles=(
            t("How well a hidden token is restored", "가린 토큰을 얼마나 잘 되살리나"),
            t(
                "Training signals per 100 tokens read<br>(on the bars: hidden tokens that were measured)",
                "토큰 100개를 읽을 때 얻는 학습 신호<br>(막대 위: 실제로 잰 가린 토큰 수)",
            ),
        ),
        specs=[[{"secondary_y": True}], [{}]],
    )
    figure.add_scatter(
        x=rates,
        y=[point.share_right for point in points],
        name=t("first guess right (95% interval)", "첫 추측 정답률(95% 신뢰구간)"),
        mode="lines+markers",
        line={"color": BLUE, "width": 3},
        error_y={
            "array": [point.high - point.share_right for point in points],
            "arrayminus": [point.share_right - point.low for point in points],
            "thickness": 1.5,
            "width": 5,
        },
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=rates,
        y=[point.loss for point in points],
        name=t("mean loss (right axis)", "평균 손실(오른쪽 축)"),
        mode="lines+markers",
        line={"color": VERMILION, "dash": "dash"},
        marker={"symbol": "diamond"},
        row=1,
        col=1,
        secondary_y=True,
    )
    per_100 = [100 / point.tokens for point in points]
    figure.add_bar(
        x=rates,
        y=[point.right * scale for point, scale in zip(points, per_100, strict=True)],
        name=t("restored", "되살린 토큰"),
        marker_color=GREEN,
        width=3,
        row=2,
        col=1,
    )
    figure.add_bar(
        x=rates,
        y=[(point.predicted - point.right) * scale for point, scale in zip(points, per_100, strict=True)],
        name=t("missed", "놓친 토큰"),
        marker={"color": ORANGE, "pattern": {"shape": "/"}},
        width=3,
        text=[f"{point.predicted:,}" for point in points],
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        row=2,
        col=1,
    )
    figure.add_vline(x=15, line={"dash": "dot", "color": GREY}, annotation_text="BERT: 15%", row=1, col=1)
    figure.add_vline(x=15, line={"dash": "dot", "color": GREY}, row=2, col=1)
    figure.update_layout(barmode="stack")
    figure.update_xaxes(range=[0, 84], ticksuffix="%")
    figure.update_xaxes(title=t("rate", "가리는 비율"), row=2, col=1)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", row=1, col=1, secondary_y=False)
    figure.update_yaxes(rangemode="tozero", tickmode="auto", nticks=6, showgrid=False, row=1, col=1, secondary_y=True)
    table = sweep_table(points)
    with where.container():
        draw_chart(figure, f"sweep {len(points)}", t("Rates from 5% to 80%", "5%에서 80%까지의 비율"), 540)
        sentences = [
            t(
                f"at {point.rate:.0%}: **{point.share_right:.0%} right** (95% interval {point.low:.0%} to {point.high:.0%}), "
                f"{100 * point.predicted / point.tokens:.0f} signals",
                f"{point.rate:.0%}일 때: **정답률 {point.share_right:.0%}**(95% 신뢰구간 {point.low:.0%}~{point.high:.0%}), "
                f"신호 {100 * point.predicted / point.tokens:.0f}개",
            )
            for point in (points[min(2, len(points) - 1)], points[-1])
            if point.predicted
        ]
        st.caption(t("Per 100 tokens read, ", "토큰 100개를 읽으면, ") + "; ".join(sentences) + ".")
        draw_numbers(table)
    return table


def sweep_table(points: Sequence[SweepPoint]) -> pd.DataFrame:
    """One row per rate."""
    return pd.DataFrame(
        {
            t("rate", "비율"): [point.rate for point in points],
            t("tokens read", "읽은 토큰"): [point.tokens for point in points],
            t("predicted", "예측한 토큰"): [point.predicted for point in points],
            t("right", "맞힌 토큰"): [point.right for point in points],
            t("share right", "정답률"): [point.share_right for point in points],
            t("95% from", "95% 신뢰구간 하한"): [point.low for point in points],
            t("95% to", "95% 신뢰구간 상한"): [point.high for point in points],
            t("mean loss", "평균 손실"): [point.loss for point in points],
        }
    )


def draw_mismatch(groups: Sequence[tuple[MismatchRow, ...]], where: DeltaGenerator) -> pd.DataFrame:
    """For each way of corrupting: what the model gives the original, by what the position shows; returns the table."""
    table = mismatch_table(groups)
    kinds: tuple[Fate, ...] = ("mask", "random", "kept", "")
    colours = {"mask": BLUE, "random": VERMILION, "kept": GREEN, "": GREY}
    patterns = {"mask": "", "random": "x", "kept": "/", "": "."}
    figure = go.Figure()
    for kind in kinds:
        rows = [row for group in groups for row in group if row.kind == kind]
        figure.add_bar(
            x=[_mix_name(row) for row in rows],
            y=[row.original_probability for row in rows],
            name=_fate_name(kind),
            marker={"color": colours[kind], "pattern": {"shape": patterns[kind]}},
            text=[f"{row.original_probability:.0%}" for row in rows],
            textposition="outside",
            cliponaxis=False,
        )
    figure.update_yaxes(tickformat=".0%", range=[0, 1.1])
    title = t("Mean probability of the original token", "원래 토큰에 준 평균 확률")
    random = [row for group in groups for row in group if row.kind == "random"]
    with where.container():
        st.markdown(f"**{title}**")
        draw_chart(
            figure, f"mismatch {len(groups)}", title, 360, x=t("[MASK] / random / kept", "[MASK] / 무작위 / 그대로")
        )
        if random:
            seen = random[0].seen_probability
            st.caption(
                t(
                    f"Where a random token stands, the model gives it only {seen:.0%}: it does not simply repeat what it "
                    "reads, because in training that was sometimes wrong.",
                    f"무작위 토큰이 놓인 자리에서 모델은 그 토큰에 {seen:.0%}만 줍니다. 학습할 때 보이는 토큰이 틀린 경우가 "
                    "있었기 때문에 보이는 대로 베끼지 않습니다.",
                )
            )
        draw_numbers(table)
    return table


def _mix_name(row: MismatchRow) -> str:
    kept = 1 - row.mask_share - row.random_share
    return f"{row.mask_share:.0%} / {row.random_share:.0%} / {kept:.0%}"


def mismatch_table(groups: Sequence[tuple[MismatchRow, ...]]) -> pd.DataFrame:
    """One row per way of corrupting and kind of position."""
    rows = [row for group in groups for row in group]
    return pd.DataFrame(
        {
            t("[MASK] / random / kept", "[MASK] / 무작위 / 그대로"): [_mix_name(row) for row in rows],
            t("position", "위치"): [_fate_name(row.kind) for row in rows],
            t("how many", "개수"): [row.positions for row in rows],
            t("p(original)", "p(원래 토큰)"): [row.original_probability for row in rows],
            t("p(what it reads)", "p(보이는 토큰)"): [row.seen_probability for row in rows],
            t("first guess right", "첫 추측 정답률"): [row.share_right for row in rows],
        }
    )


def draw_objectives(corruption: Corruption, objectives: Sequence[Objective]) -> None:
    """For each objective: who may see whom, and which positions give a loss (a star where row and column meet)."""
    words = zip(corruption.tokens, corruption.word_ids, strict=True)
    tokens = [token for token, word in words if word is not None]
    if not tokens:
        st.info(
            t(
                "Every token is [MASK] already: nothing is left to predict.",
                "모든 토큰이 이미 [MASK]라서 예측할 것이 없습니다.",
            )
        )
        return
    names = {
        "masked": (
            t("Masked (BERT)", "마스크(BERT)"),
            t("Both sides, hidden ones as [MASK]", "양쪽을 보지만 가린 토큰은 못 봄"),
        ),
        "causal": (
            t("Causal (GPT)", "인과(GPT)"),
            t(
                "Itself and the left; each predicts the next token, which the last has not",
                "자신과 왼쪽만 보고 다음 토큰을 예측(마지막 토큰은 다음이 없음)",
            ),
        ),
        "permutation": (
            t("Permutation (XLNet)", "순열(XLNet)"),
            t(
                "What comes earlier in a random order, in which the rows stand here; its last sixth is predicted",
                "무작위 순서(행의 순서)에서 앞선 토큰만 보고, 순서의 마지막 6분의 1만 예측",
            ),
        ),
        "replaced": (
            t("Replaced tokens (ELECTRA)", "바뀐 토큰(ELECTRA)"),
            t("Both sides; all are judged", "양쪽을 보고 모두 판정"),
        ),
    }
    st.caption(
        t(
            "A row reads, a column is seen. Blue: it sees the token; orange with –: only what stands in its place; grey: nothing. "
            "★ gives a loss.",
            "행은 읽는 위치, 열은 보이는 위치입니다. 파랑: 토큰이 보임, 주황과 –: 대신 놓인 것만 보임, 회색: 안 보임. ★: 손실이 생김.",
        )
    )
    labels = [f"{number + 1} {safe_html(token)}" for number, token in enumerate(tokens)]
    # Two by two, and all four in a row on a projector: each pair is one column, and columns wrap where they are narrow.
    with st.container(key=None if st.session_state.get("lecture") else "wide-columns"):
        columns = [column for pair in st.columns(2) for column in pair.columns(2)]
    for column, one in zip(columns, objectives, strict=True):
        title, rule = names[one.name]
        losses, length = int(one.predicted.sum()), len(one.predicted)
        with column:
            st.markdown(f"**{title}**")
            draw_figure(objective_figure(one, labels), f"objective {one.name}", title)
            st.caption(
                f"{rule}.  \n"
                + t(
                    f"★ **{losses} of {length}** positions give a loss ({losses / length:.0%}).",
                    f"★ 손실이 생기는 위치 **{length}개 중 {losses}개**({losses / length:.0%})",
                )
            )


def objective_figure(one: Objective, labels: Sequence[str]) -> go.Figure:
    """Who (row) may see whom (column); the rows of permutation modelling stand in its order and say their turn."""
    length, rows, names = len(labels), np.arange(len(labels)), list(labels)
    if one.name == "permutation":
        rows = one.sees.sum(1).argsort()  # who sees more has a later turn
        turns = enumerate(rows, start=1)
        names = [f"{labels[row]} · {t(f'turn {turn}', f'{turn}번째')}" for turn, row in turns]
    # 0 may not see, 1 sees, 2 sees a position whose token is hidden or replaced
    shade = one.sees * (1 + one.hidden[None, :])
    figure = go.Figure(
        go.Heatmap(
            z=shade[rows],
            zmin=0,
            zmax=2,
            colorscale=[[0, "rgba(138,148,166,0.12)"], [0.5, SKY], [1, ORANGE]],
            text=np.where(shade[rows] == 2, "–", ""),  # blue and orange are equally bright
            texttemplate="%{text}",
            textfont={"color": "#000"},
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate=t("row %{y} sees column %{x}: %{z}", "%{y} 행이 %{x} 열을 봄: %{z}") + "<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[int(row) for row in rows if one.predicted[row]],
        y=[place for place, row in enumerate(rows) if one.predicted[row]],
        mode="markers",
        marker={"symbol": "star", "color": "#000", "size": 9, "line": {"color": "#fff", "width": 1}},
        hoverinfo="skip",
        showlegend=False,
    )
    if length <= 32:
        ticks = {"tickvals": list(range(length)), "tickfont": {"size": 10}}
        figure.update_xaxes(**ticks, ticktext=labels)
        figure.update_yaxes(**ticks, ticktext=names)
    figure.update_xaxes(tickangle=-60, range=[-0.5, length - 0.5])
    figure.update_yaxes(range=[length - 0.5, -0.5])
    figure.update_layout(height=340, margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="closest")
    return figure
