"""ELECTRA's pre-training on one text: mask, sample, judge; both losses; and how many tokens give a training signal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure, line_blue
from components.language import t
from components.palette import GREY, ORANGE
from components.text import percent, visible
from components.verdict_views import SURE, verdict_chips
from models.results import Detection, GeneratedReplacement, ReplacedText

__all__ = ["draw_efficiency", "draw_losses", "draw_steps"]


def draw_steps(pair: ReplacedText, detection: Detection, mask: str) -> pd.DataFrame:
    """Original, masked, sampled, judged: four rows of the same tokens; returns the table of replacements."""
    masked = {one.position: one for one in pair.replacements}
    rows: list[tuple[str, list[Chip]]] = [
        (
            t("1 · Original text", "1 · 원래 글"),
            [
                Chip(visible(token), kind="special" if word is None else "")
                for token, word in zip(pair.tokens, pair.word_ids, strict=True)
            ],
        ),
        (
            t("2 · Some tokens are masked", "2 · 토큰 몇 개 가리기"),
            [
                Chip(mask, colour="c0", kind="masked") if number in masked else Chip(visible(token))
                for number, token in enumerate(pair.tokens)
            ],
        ),
        (
            t("3 · The generator samples", "3 · 생성기가 뽑아 채우기"),
            [
                _sampled_chip(masked[number]) if number in masked else Chip(visible(token))
                for number, token in enumerate(pair.corrupted_tokens)
            ],
        ),
        (
            t("4 · The discriminator judges every token", "4 · 판별기가 토큰마다 판정하기"),
            [
                replace(chip, below=f"{chip.below} {_tick(replaced, chip)}") if judged else chip
                for chip, replaced, judged in zip(verdict_chips(detection), pair.labels, pair.judged, strict=True)
            ],
        ),
    ]
    for number, (title, chips) in enumerate(rows):
        st.markdown(f"**{title}**")
        draw_chips(chips, key=f"step {number}", label=title)
    st.caption(
        t(
            "Row 3: “=” the sample is the original token (thick line), “≠” it is another one (double border), each with "
            "its probability. Row 4: how probably replaced; thick red border from 50%, orange from 20%. ✓ and ✗ judge at "
            "a fixed 50%.",
            "3행: “=”는 뽑은 토큰이 원래 토큰과 같음(굵은 밑줄), “≠”는 다름(이중 테두리), 숫자는 뽑힐 확률. 4행: 바뀌었을 확률. 굵은 빨강 "
            "테두리는 50% 이상, 주황은 20% 이상. ✓와 ✗는 언제나 50%를 기준으로 매깁니다.",
        )
    )
    cards = [
        Card(
            f"{one.position} · {visible(one.original)}",
            t("✓ original", "✓ 원래 토큰"),
            _candidate_bars(one),
            t(
                f"sampled: {visible(one.sampled)} ({percent(one.sampled_probability)}), loss {one.loss:.2f}",
                f"뽑은 토큰: {visible(one.sampled)} ({percent(one.sampled_probability)}), 손실 {one.loss:.2f}",
            ),
        )
        for one in pair.replacements[:8]
    ]
    draw_cards(cards, key="candidates", label=t("The generator's candidates", "생성기의 후보"))
    return pd.DataFrame(
        {
            t("position", "위치"): [one.position for one in pair.replacements],
            t("original", "원래"): [one.original for one in pair.replacements],
            t("sampled", "뽑은 토큰"): [one.sampled for one in pair.replacements],
            t("probability", "확률"): [one.sampled_probability for one in pair.replacements],
            t("counts as", "정답 라벨"): [
                t("replaced", "바뀜") if one.replaced else t("original", "원래 토큰") for one in pair.replacements
            ],
            t("discriminator", "판별기"): [float(detection.probabilities[one.position]) for one in pair.replacements],
            t("generator loss", "생성기 손실"): [one.loss for one in pair.replacements],
        }
    )


def _candidate_bars(one: GeneratedReplacement) -> tuple[Bar, ...]:
    """The most probable tokens, and below them the sampled and the original one where they are not among those."""
    shown = dict(one.candidates[:5])
    for token, probability in ((one.sampled, one.sampled_probability), (one.original, one.original_probability)):
        shown.setdefault(token, probability)
    return tuple(Bar(visible(token), p, percent(p), token == one.original) for token, p in shown.items())


def _sampled_chip(one: GeneratedReplacement) -> Chip:
    if one.replaced:
        return Chip(
            visible(one.sampled),
            f"≠ {percent(one.sampled_probability)}",
            t(f"instead of {visible(one.original)}", f"원래 토큰: {visible(one.original)}"),
            "c5",
            "random",
        )
    return Chip(
        visible(one.sampled),
        f"= {percent(one.sampled_probability)}",
        t("happens to be right: counts as original", "우연히 맞힘: 원래 토큰으로 칩니다"),
        "c2",
        "kept",
    )


def _tick(replaced: bool, chip: Chip) -> str:
    return "✓" if replaced == ((chip.height or 0.0) >= SURE) else "✗"


def draw_losses(pair: ReplacedText, discriminator: float) -> None:
    """Both losses of one step of pre-training and their sum (Clark et al. 2020, section 2)."""
    masked, tokens = len(pair.replacements), sum(pair.judged)
    generator = float(np.mean([one.loss for one in pair.replacements])) if pair.replacements else None
    with st.container(horizontal=True):
        if generator is not None:
            st.metric(
                t("generator: MLM loss", "생성기: MLM 손실"),
                f"{generator:.2f}",
                help=t(f"mean over {masked} masked tokens, in nats", f"가린 토큰 {masked}개의 평균(nat)"),
            )
        st.metric(
            t("discriminator: loss", "판별기: 손실"),
            f"{discriminator:.3f}" if tokens else "–",
            help=t(f"mean over all {tokens} tokens, in nats", f"모든 토큰 {tokens}개의 평균(nat)"),
        )
        if generator is not None:
            st.metric(t("sum with λ = 50", "λ = 50일 때의 합"), f"{generator + 50 * discriminator:.2f}")
    st.caption(
        t(
            "Looks like a GAN, but is none: the generator learns from its own MLM loss and is not rewarded for fooling "
            "anybody, since no gradient passes through the sampling.",
            "GAN처럼 보이지만 아닙니다. 생성기는 자기 MLM 손실로만 배웁니다. 샘플링 단계로는 그래디언트가 흐르지 않으므로, 판별기를 속여도 보상이 없습니다.",
        )
    )


def draw_efficiency(pair: ReplacedText, facts: dict[str, Any]) -> pd.DataFrame:
    """Which tokens of a text give a training signal, and what that was worth in the paper; returns the paper's table."""
    masked = {one.position for one in pair.replacements}
    text = [number for number, known in enumerate(pair.judged) if known]
    for title, signals in (
        (t("Masked language modelling", "마스크 언어 모델링"), masked),
        (t("Replaced token detection", "바뀐 토큰 탐지"), set(text)),
    ):
        st.markdown(f"**{title}: {len(signals)} / {len(text)}**")
        chips = [
            Chip(
                visible(pair.tokens[number]),
                colour="c0" if number in signals else "grey",
                kind="masked" if number in signals else "",
            )
            for number in text
        ]
        draw_chips(chips, key=f"signals {len(signals)} {title}", label=title)
    left, right = st.columns(2, gap="large")
    rows = pd.DataFrame(facts["compute"])
    figure = go.Figure()
    for family, colour, symbol in (
        ("BERT", ORANGE, "square"),
        ("ELECTRA", line_blue(), "circle"),
        ("GPT", GREY, "diamond"),
    ):
        own = rows[rows["family"] == family].sort_values("flops")
        figure.add_scatter(
            x=own["flops"], y=own["glue"], text=own["model"], name=family, mode="lines+markers" if family == "ELECTRA" else "markers",
            marker={"color": colour, "symbol": symbol, "size": 11},
        )  # fmt: skip
    figure.update_layout(
        height=340, margin={"t": 10, "b": 10}, xaxis={"type": "log", "title": t("training FLOPs", "학습 FLOPs")},
        yaxis={"title": "GLUE"}, legend={"orientation": "h", "y": 1.15},
    )  # fmt: skip
    draw_figure(figure, key="compute", alt=t("GLUE against training compute", "학습 연산량에 따른 GLUE"), place=left)
    left.caption(
        t(
            "GLUE dev against compute: Clark et al. 2020, Table 1.",
            "연산량에 따른 GLUE dev 점수: Clark et al. 2020, 표 1.",
        )
    )
    cards = [
        Card(
            t("What the signals are worth", "학습 신호의 효과"),
            t("GLUE dev, base size: Clark et al. 2020, Table 5", "GLUE dev, base 크기: Clark et al. 2020, 표 5"),
            tuple(
                Bar(one["name"], (one["glue"] - 80) / 6, f"{one['glue']:.1f}", one["name"] == "ELECTRA")
                for one in facts["signals"]
            ),
            t("Bars begin at 80.", "막대는 80점에서 시작합니다."),
        )
    ]
    with right:
        draw_cards(cards, key="signals", label=t("What the signals are worth", "학습 신호의 효과"))
    return rows
