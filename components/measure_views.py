"""How good the discriminator is over many sentences: ROC, precision-recall, calibration, and AUC by what is masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.figures import draw_figure, line_blue
from components.language import t
from components.palette import GREEN, GREY, ORANGE, VERMILION
from models.results import DetectionCurves, DetectionMeasure, DetectionScore

__all__ = ["draw_curves", "draw_grid"]


def draw_curves(
    found: DetectionCurves, measures: Sequence[DetectionMeasure], threshold: float, sentences: int
) -> dict[str, pd.DataFrame]:
    """ROC, precision-recall and calibration, side by side where there is room; the threshold marked. Returns the tables.

    ``sentences``: how many there are in all.
    """
    read = sum(len(one.corrupted) for one in measures)
    if read < sentences:
        st.caption(
            t(
                f"So far measured on {read} of {sentences} sentences; the button above goes on.",
                f"지금은 {sentences}문장 중 {read}문장에서 잰 값입니다. 위의 버튼을 누르면 나머지도 잽니다.",
            )
        )
    probabilities = np.concatenate([one.probabilities for one in measures])
    replaced = np.concatenate([one.replaced for one in measures])
    called = probabilities >= threshold
    right, false = int((called & replaced).sum()), int((called & ~replaced).sum())
    missed, kept = int((~called & replaced).sum()), int((~called & ~replaced).sum())
    score = DetectionScore(right, right + false, right + missed, len(replaced))
    with st.container(horizontal=True):
        st.metric("ROC AUC", f"{found.auc:.3f}")
        st.metric(t("average precision", "평균 정밀도(AP)"), f"{found.average_precision:.3f}")
        st.metric(
            t("best F1", "최고 F1"),
            f"{found.best_f1:.2f}",
            help=t(f"at the threshold {found.best_threshold:.2f}", f"임계값 {found.best_threshold:.2f}에서"),
        )
        st.metric(t("F1 at this threshold", "이 임계값에서 F1"), f"{score.f1:.2f}")
        filled = sum(len(positions) for one in measures for positions in one.masked)
        lucky = sum(one.lucky for one in measures)
        st.metric(
            t("lucky samples", "우연히 맞힌 토큰"),
            f"{lucky / filled:.0%}",
            help=t(
                f"The generator put the original back in {lucky} of {filled} masked places; these count as original.",
                f"가린 {filled}곳 중 {lucky}곳에서 생성기가 원래 토큰을 뽑았습니다. 이곳은 원래 토큰으로 칩니다.",
            ),
        )
        st.metric(
            t("tokens", "토큰"),
            f"{len(replaced):,}",
            help=t(f"{int(replaced.sum()):,} of them replaced", f"그중 {int(replaced.sum()):,}개가 바뀜"),
        )
    negatives, diagonal = max(1, false + kept), ((0, 1), (0, 1))
    counts = [t(f"{int(n):,} tokens", f"토큰 {int(n):,}개") for n in found.calibration[2]]
    roc = _curve(found.roc, t("false alarms", "거짓 경보율"), t("recall", "재현율"), beside=diagonal)
    _threshold_point(roc, false / negatives, score.recall)
    precision = _curve(found.precision_recall, t("recall", "재현율"), t("precision", "정밀도"))
    if score.called:
        _threshold_point(precision, score.recall, score.precision)
    calibration = _curve(
        found.calibration, t("said", "예측한 확률"), t("was replaced", "실제 비율"), beside=diagonal, text=counts
    )
    figures = (
        ("ROC", roc, t(f"ROC curve with area {found.auc:.3f}", f"ROC 곡선, 면적 {found.auc:.3f}")),
        (
            t("Precision and recall", "정밀도와 재현율"),
            precision,
            t("Precision against recall", "재현율에 따른 정밀도"),
        ),
        (t("Calibration", "보정"), calibration, t("Calibration curve", "보정 곡선")),
    )
    for number, (column, (title, figure, alt)) in enumerate(zip(st.columns(3), figures, strict=True)):
        column.markdown(f"**{title}**")
        draw_figure(figure, key=f"curve {number}", alt=alt, place=column)
    st.caption(
        t(
            "Diamond: the threshold. Dotted: guessing (ROC), perfect calibration.",
            "마름모: 임계값. 점선: 찍을 때(ROC), 완벽한 보정.",
        )
    )
    table = pd.DataFrame(
        [[right, missed], [false, kept]],
        index=[t("was replaced", "실제로 바뀜"), t("was original", "실제로 원래 토큰")],
        columns=[t("called replaced", "바뀌었다고 판정"), t("called original", "원래 토큰으로 판정")],
    )
    st.table(table)
    return {
        "roc": pd.DataFrame(found.roc.T, columns=["false_positive_rate", "true_positive_rate", "threshold"]),
        "precision_recall": pd.DataFrame(found.precision_recall.T, columns=["recall", "precision", "threshold"]),
        "calibration": pd.DataFrame(found.calibration.T, columns=["probability", "replaced", "tokens"]),
        "confusion": table.reset_index(),
    }


def _curve(points: np.ndarray, x: str, y: str, *, beside: Any = None, text: Sequence[str] | None = None) -> go.Figure:
    """A line through points (their first two rows), between 0 and 1 on both axes; with ``text`` each point is drawn."""
    figure = go.Figure()
    if beside is not None:
        figure.add_scatter(x=beside[0], y=beside[1], mode="lines", line={"color": GREY, "dash": "dot"})
    mode = "lines" if text is None else "lines+markers"
    line = {"color": line_blue(), "width": 3}
    figure.add_scatter(x=points[0], y=points[1], mode=mode, line=line, text=text, cliponaxis=False)
    figure.update_xaxes(title=x, range=[-0.02, 1.02])
    figure.update_yaxes(title=y, range=[-0.02, 1.02])
    figure.update_layout(height=300, margin={"t": 10, "b": 10, "l": 10, "r": 10}, showlegend=False)
    return figure


def _threshold_point(figure: go.Figure, x: float, y: float) -> None:
    look = {"color": VERMILION, "size": 12, "symbol": "diamond"}
    figure.add_scatter(x=[x], y=[y], mode="markers", marker=look, name=t("threshold", "임계값"), cliponaxis=False)


def draw_grid(points: Sequence[tuple[DetectionMeasure, DetectionCurves]], place: Any) -> pd.DataFrame:
    """AUC against the mask rate, a line for each temperature; returns the table."""
    figure = go.Figure()
    looks = ((line_blue(), "solid", "circle"), (ORANGE, "dash", "square"), (GREEN, "dot", "diamond"))
    for temperature, (colour, dash, symbol) in zip(
        dict.fromkeys(one.temperature for one, _ in points), looks, strict=False
    ):
        own = [(one.rate, found.auc) for one, found in points if one.temperature == temperature]
        figure.add_scatter(
            x=[rate for rate, _ in own], y=[auc for _, auc in own], mode="lines+markers",
            name=t(f"temperature {temperature:g}", f"온도 {temperature:g}"),
            line={"color": colour, "dash": dash}, marker={"symbol": symbol, "size": 9},
        )  # fmt: skip
    figure.update_layout(
        height=320, margin={"t": 10, "b": 10}, yaxis={"title": "ROC AUC"},
        xaxis={"title": t("masked", "가린 비율"), "tickformat": ".0%"},
    )  # fmt: skip
    draw_figure(
        figure, key=f"grid {len(points)}", alt=t("AUC against the mask rate", "가린 비율에 따른 AUC"), place=place
    )
    return pd.DataFrame(
        {
            t("masked", "가린 비율"): [one.rate for one, _ in points],
            t("temperature", "온도"): [one.temperature for one, _ in points],
            "ROC AUC": [found.auc for _, found in points],
            t("best F1", "최고 F1"): [found.best_f1 for _, found in points],
            t("share replaced", "바뀐 비율"): [float(one.replaced.mean()) for one, _ in points],
            t("lucky samples", "우연히 맞힌 토큰"): [one.lucky for one, _ in points],
        }
    )
