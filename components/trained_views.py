"""What a fine-tuning made: accuracy, the confusion matrix, every held-out verdict, and the verdict on a new text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.heatmaps import from_nothing
from components.language import t
from components.text import percent, plain, safe_html, shorten, visible
from components.training_views import draw_curve
from models.results import CatalogueEntry, Classified, FineTuning

__all__ = ["draw_classified", "draw_training", "say_sizes"]


def draw_training(found: FineTuning) -> dict[str, pd.DataFrame]:
    """The figures, the curve, the confusion matrix and every held-out verdict; returns their tables."""
    share = found.accuracy
    with st.container(horizontal=True):
        st.metric(
            t("Accuracy, held out", "떼어 둔 예시의 정확도"),
            f"{share.value:.0%}",
            f"{share.hits} / {share.trials} · {share.low:.0%}–{share.high:.0%}",
            delta_color="off",
            delta_arrow="off",
            help=t("Behind it the 95% interval (Wilson).", "뒤의 범위는 95% 신뢰구간(Wilson)입니다."),
        )
        st.metric(t("Always the most frequent label", "늘 가장 흔한 라벨로 답하면"), f"{found.majority:.0%}")
        st.metric(
            t("Trained parameters", "학습한 파라미터"),
            f"{found.trained_parameters:,}",
            percent(found.trained_parameters / found.all_parameters),
            delta_color="off",
            delta_arrow="off",
        )
        st.metric(t("Time", "시간"), t(f"{found.seconds:.1f} s", f"{found.seconds:.1f}초"))
    tables = {"curve": draw_curve(found.steps)}
    left, right = st.columns([2, 3], gap="medium")
    with left:
        tables["confusion"] = _draw_confusion(found)
    with right:
        tables["held out"] = _draw_verdicts(found)
    return tables


def _draw_confusion(found: FineTuning) -> pd.DataFrame:
    labels = [safe_html(shorten(label, 16)) for label in found.labels]
    names = [label + number * "\u200b" for number, label in enumerate(labels)]  # different, whatever was cut off
    figure = go.Figure(
        go.Heatmap(
            z=found.confusion, x=names, y=names, text=found.confusion, texttemplate="%{text}", textfont={"size": 15},
            colorscale=from_nothing(), showscale=False, xgap=2, ygap=2,
            hovertemplate=f"{t('true', '정답')} %{{y}}, {t('predicted', '예측')} %{{x}}: %{{z}}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(title=t("predicted", "예측"), side="top", type="category")
    figure.update_yaxes(title=t("true", "정답"), autorange="reversed", type="category")
    figure.update_layout(height=120 + 55 * len(names), margin={"t": 10, "b": 10, "l": 10, "r": 10})
    draw_figure(figure, key="confusion", alt=t("Confusion matrix", "혼동 행렬"))
    table = pd.DataFrame(found.confusion, columns=list(found.labels))
    table.insert(0, t("true \\ predicted", "정답 \\ 예측"), list(found.labels))
    return table


def _draw_verdicts(found: FineTuning) -> pd.DataFrame:
    """The held-out texts, or their words, those that went wrong first."""
    rows: list[tuple[str, str, str, float, str]] = []
    for one, pieces, truth, probabilities in zip(
        found.held_out, found.pieces, found.truth, found.probabilities, strict=True
    ):
        for piece, label, shares in zip(pieces, truth, probabilities, strict=True):
            best = int(np.argmax(shares))
            text = piece if len(pieces) > 1 or not one.pair else f"{one.text} / {one.pair}"
            rows.append(
                ("✓" if best == label else "✗", found.labels[label], found.labels[best], float(shares[best]), text)
            )
    what = t("word", "단어") if found.settings.task == "tagging" else t("held-out text", "떼어 둔 문장")
    columns = ["✓ ✗", t("true", "정답"), t("predicted", "예측"), t("probability", "확률"), what]
    rows.sort(key=lambda row: (row[0] == "✓", row[1] == found.labels[0], -row[3]))
    table = pd.DataFrame(rows, columns=columns)
    st.dataframe(
        table, hide_index=True, height=300, alt=t("Held-out verdicts", "떼어 둔 예시의 판정"),
        column_config={columns[0]: st.column_config.TextColumn(width=40), columns[3]: st.column_config.NumberColumn(format="percent")},
    )  # fmt: skip
    return table


def say_sizes(found: FineTuning, small: CatalogueEntry) -> None:
    """What a comparison with another pre-trained model has to bear in mind."""
    times = found.all_parameters / small.parameters
    text = t("other text", "다른 글")
    if "SmolLM2-135M" in found.model:
        text = t(
            "far more text: 2 trillion tokens (Ben Allal et al. 2025)",
            "훨씬 많은 글(토큰 2조 개, Ben Allal et al. 2025)",
        )
    st.caption(
        t(
            f"Before you compare with {small.name}: {plain(found.model)} is {times:.1f} times as large, and has read {text}.",
            f"{small.name}와 비교할 때 주의하세요. {plain(found.model)} 모델은 크기가 {times:.1f}배이고, {text}을 읽었습니다.",
        )
    )


def draw_classified(found: Classified) -> pd.DataFrame:
    """What the trained model says about a new text, or its words; returns the table."""
    best = found.probabilities.argmax(-1)
    if len(found.pieces) == 1:
        order = np.argsort(-found.probabilities[0])
        shares = [(found.labels[place], float(found.probabilities[0, place])) for place in order]
        bars = tuple(Bar(label, share, percent(share)) for label, share in shares)
        draw_cards([Card(found.labels[best[0]], "", bars)], key="classified", label=t("Verdict", "판정"))
    else:
        chips = [
            Chip(
                visible(piece),
                f"{found.labels[label]} {shares[label]:.0%}",
                colour=f"c{label % 6}" if label else "grey",
            )
            for piece, label, shares in zip(found.pieces, best, found.probabilities, strict=True)
        ]
        draw_chips(chips, key="classified", label=t("Words and their tags", "단어와 태그"))
    table = pd.DataFrame(found.probabilities, columns=[f"p({label})" for label in found.labels])
    table.insert(0, t("text", "글"), list(found.pieces))
    return table
