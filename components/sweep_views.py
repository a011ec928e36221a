"""What many draws show in the masking simulator: the fates of the tokens, the accuracy at each rate, and what the model
gives to what it sees.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots
from streamlit.delta_generator import DeltaGenerator

from components.figures import draw_numbers
from components.language import t
from components.masking_figures import draw_chart, fate_name
from components.palette import BLUE, GREEN, GREY, ORANGE, SKY, VERMILION
from models.results import Corruption, Fate, MaskingStatistics, MismatchRow, SweepPoint

__all__ = ["draw_mismatch", "draw_statistics", "draw_sweep"]

_FATES: tuple[Fate, ...] = ("mask", "random", "kept")  # of a selected token


def draw_statistics(corruption: Corruption, found: MaskingStatistics) -> pd.DataFrame:
    """Observed shares with their intervals, and the histogram of selected tokens beside the binomial."""
    table = _statistics_table(found)
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
    shares = [found.counts[fate] / max(1, found.selected) for fate in _FATES]
    figure.add_bar(
        x=[fate_name(fate) for fate in _FATES],
        y=shares,
        name=t("observed", "관측"),
        marker_color=[BLUE, VERMILION, GREEN],
        text=[f"{share:.1%}" for share in shares],
        textposition="outside",
        cliponaxis=False,
        error_y={
            "array": [found.intervals[fate][1] - share for fate, share in zip(_FATES, shares, strict=True)],
            "arrayminus": [share - found.intervals[fate][0] for fate, share in zip(_FATES, shares, strict=True)],
        },
        showlegend=False,
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=[fate_name(fate) for fate in _FATES],
        y=[expected[fate] for fate in _FATES],
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


def _statistics_table(found: MaskingStatistics) -> pd.DataFrame:
    """One row per fate."""
    return pd.DataFrame(
        {
            t("fate", "처리"): [fate_name(fate) for fate in _FATES],
            t("tokens", "토큰 수"): [found.counts[fate] for fate in _FATES],
            t("share", "비율"): [found.counts[fate] / max(1, found.selected) for fate in _FATES],
            t("95% from", "95% 신뢰구간 하한"): [found.intervals[fate][0] for fate in _FATES],
            t("95% to", "95% 신뢰구간 상한"): [found.intervals[fate][1] for fate in _FATES],
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
    table = _sweep_table(points)
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


def _sweep_table(points: Sequence[SweepPoint]) -> pd.DataFrame:
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
    table = _mismatch_table(groups)
    kinds: tuple[Fate, ...] = ("mask", "random", "kept", "")
    colours = {"mask": BLUE, "random": VERMILION, "kept": GREEN, "": GREY}
    patterns = {"mask": "", "random": "x", "kept": "/", "": "."}
    figure = go.Figure()
    for kind in kinds:
        rows = [row for group in groups for row in group if row.kind == kind]
        figure.add_bar(
            x=[_mix_name(row) for row in rows],
            y=[row.original_probability for row in rows],
            name=fate_name(kind),
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


def _mismatch_table(groups: Sequence[tuple[MismatchRow, ...]]) -> pd.DataFrame:
    """One row per way of corrupting and kind of position."""
    rows = [row for group in groups for row in group]
    return pd.DataFrame(
        {
            t("[MASK] / random / kept", "[MASK] / 무작위 / 그대로"): [_mix_name(row) for row in rows],
            t("position", "위치"): [fate_name(row.kind) for row in rows],
            t("how many", "개수"): [row.positions for row in rows],
            t("p(original)", "p(원래 토큰)"): [row.original_probability for row in rows],
            t("p(what it reads)", "p(보이는 토큰)"): [row.seen_probability for row in rows],
            t("first guess right", "첫 추측 정답률"): [row.share_right for row in rows],
        }
    )
