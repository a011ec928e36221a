"""The ELECTRA page's pictures: verdicts on tokens, the generator's steps, the score, the curves."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.heatmaps import is_dark
from components.language import t
from components.palette import BLUE, GREEN, GREY, ORANGE, SKY, VERMILION
from components.text import percent, plain, safe_html, visible
from models.results import (
    Detection,
    DetectionCurves,
    DetectionMeasure,
    DetectionScore,
    GeneratedReplacement,
    ReplacedText,
    WordSuspicion,
)

__all__ = [
    "draw_against_ranks",
    "draw_called",
    "draw_curves",
    "draw_difference",
    "draw_efficiency",
    "draw_game",
    "draw_grid",
    "draw_legend",
    "draw_losses",
    "draw_scores",
    "draw_steps",
    "draw_verdicts",
    "verdict_chips",
]

SURE, DOUBTFUL = 0.5, 0.2  # probabilities from which a token is drawn as replaced, as doubtful


def _blue() -> str:
    """The blue of a line: a light one on a dark page."""
    return SKY if is_dark() else BLUE


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
    return _verdict_table(detection)


def _verdict_table(detection: Detection) -> pd.DataFrame:
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


# --- the game ----------------------------------------------------------------------------------------------------


def draw_game(game: ReplacedText, marks: Collection[int], on_click: Callable[[int], None] | None) -> None:
    """The corrupted sentence; marked tokens have a thick border. Without ``on_click`` the truth is shown below."""
    if on_click is not None:
        st.markdown(
            t(
                "Which words did the generator put in? Click them.",
                "생성기가 바꿔 넣은 단어는 무엇일까요? 클릭해 보세요.",
            )
        )
    else:
        st.markdown(t("**Your answer**", "**내 답**"))
    chips = []
    originals = {one.position: one for one in game.replacements}
    for position, (token, word) in enumerate(zip(game.corrupted_tokens, game.word_ids, strict=True)):
        if word is None:
            continue
        marked, replaced = position in marks, game.labels[position]
        if on_click is not None:
            chips.append(Chip(visible(token), colour="c1" if marked else "grey", kind="marked" if marked else ""))
            continue
        below = t("replaced", "바뀜") if replaced else t("original", "원래 토큰") if marked else ""
        tip = (
            t(f"It was: {visible(originals[position].original)}", f"원래 토큰: {visible(originals[position].original)}")
            if replaced
            else ""
        )
        chips.append(_answer_chip(token, marked, replaced, below, tip))
    first = next(number for number, word in enumerate(game.word_ids) if word is not None)
    draw_chips(
        chips,
        key="game chips",
        label=t("The sentence", "문장"),
        on_click=(lambda number: on_click(first + number)) if on_click is not None else None,
    )
    st.caption(
        t("Orange with a thick border: you marked it.", "굵은 주황 테두리: 내가 표시한 토큰.")
        if on_click is not None
        else t(
            "Thick border: called replaced. Green ✓: found; red ✗: a false alarm, or missed (double border). Hovering "
            "over a replaced token shows the original.",
            "굵은 테두리: 바뀌었다고 판정. 초록 ✓: 찾음, 빨강 ✗: 잘못 짚었거나(굵은 테두리) 놓침(이중 테두리). 바뀐 토큰에 마우스를 올리면 원래 "
            "토큰이 보입니다.",
        )
    )


def _answer_chip(token: str, called: bool, replaced: bool, below: str, tip: str, height: float | None = None) -> Chip:
    """A token in somebody's answer; ✓ and ✗ where it was called replaced or was replaced."""
    if not (called or replaced):
        return Chip(visible(token), below, tip, height=height)
    right = called and replaced
    kind = "marked" if called else "random"
    return Chip(visible(token), f"{below} {'✓' if right else '✗'}", tip, "c2" if right else "c5", kind, height)


def draw_called(detection: Detection, called: Collection[int], game: ReplacedText, threshold: float) -> pd.DataFrame:
    """The discriminator's answer, drawn like the viewer's, with its probabilities; returns the table."""
    title = t(
        f"The discriminator's answer: called replaced from {threshold:.0%}",
        f"판별기의 답: {threshold:.0%}부터 바뀌었다고 판정",
    )
    st.markdown(f"**{title}**")
    chips = [
        _answer_chip(
            token,
            position in called,
            game.labels[position],
            f"{detection.probabilities[position]:.0%}",
            t("replaced", "바뀜") if game.labels[position] else t("original", "원래 토큰"),
            float(detection.probabilities[position]),
        )
        for position, token in enumerate(detection.tokens)
        if game.word_ids[position] is not None
    ]
    draw_chips(chips, key="judged", label=title)
    table = _verdict_table(detection)
    table[t("called replaced", "바뀌었다고 판정")] = [position in called for position in range(len(table))]
    table[t("was replaced", "실제로 바뀜")] = game.labels
    return table


def draw_scores(
    model: str, now: tuple[DetectionScore, DetectionScore], so_far: tuple[DetectionScore, DetectionScore, int]
) -> dict[str, pd.DataFrame]:
    """Viewer and discriminator side by side, in this round and over all rounds; returns the tables."""
    names = (t("You", "나"), model)
    tables = {"score": _draw_score(list(zip(names, now, strict=True)), key="score")}
    if not now[0].called:
        st.caption(
            t(
                "Next time mark some words first: a round without marks is no answer, and no sum counts it.",
                "다음 판에서는 먼저 단어를 표시해 보세요. 표시가 없으면 답이 아니므로 합계에 넣지 않습니다.",
            )
        )
    if so_far[2] > 1:
        st.markdown(t(f"**After {so_far[2]} rounds**", f"**{so_far[2]}판까지의 합계**"))
        tables["tally"] = _draw_score(list(zip(names, so_far[:2], strict=True)), key="tally")
        st.caption(
            t(
                "Your first answer to each round against this model counts, with the threshold it was given at.",
                "이 모델과 겨룬 판마다 첫 번째 답을, 답할 때의 임계값으로 셉니다.",
            )
        )
    return tables


def _draw_score(sides: Sequence[tuple[str, DetectionScore]], *, key: str) -> pd.DataFrame:
    """Precision, recall and F1 of each side; returns the table."""
    shares = [
        (one.precision, one.recall, one.f1) if one.called else (None, one.recall, None)  # 0 / 0 is no precision
        for _, one in sides
    ]
    names = (t("precision", "정밀도"), t("recall", "재현율"), "F1")
    cards = [
        Card(
            name,
            "" if one.called else t("nothing marked", "표시한 단어 없음"),
            tuple(
                Bar(label, value or 0.0, "–" if value is None else f"{value:.0%}")
                for label, value in zip(names, own, strict=True)
            ),
            t(
                f"{one.called} marked, {one.right} right, {one.replaced} were replaced",
                f"{one.called}개 표시, {one.right}개 정답, 바뀐 토큰 {one.replaced}개",
            ),
        )
        for (name, one), own in zip(sides, shares, strict=True)
    ]
    draw_cards(cards, key=key, label=t("Scores", "점수"))
    return pd.DataFrame(
        {
            t("who", "누구"): [name for name, _ in sides],
            t("marked", "표시"): [one.called for _, one in sides],
            t("right", "정답"): [one.right for _, one in sides],
            t("replaced", "바뀐 토큰"): [one.replaced for _, one in sides],
        }
        | dict(zip(names, zip(*shares, strict=True), strict=True))
    )


# --- step by step ------------------------------------------------------------------------------------------------


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
                Chip(
                    chip.token,
                    chip.below + (" " + _tick(pair.labels[number], chip) if pair.judged[number] else ""),
                    chip.tip,
                    chip.colour,
                    chip.kind,
                    chip.height,
                )
                for number, chip in enumerate(verdict_chips(detection))
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


# --- how good is it? ---------------------------------------------------------------------------------------------


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
    line = {"color": _blue(), "width": 3}
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
    looks = ((_blue(), "solid", "circle"), (ORANGE, "dash", "square"), (GREEN, "dot", "diamond"))
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


# --- efficiency and perplexity -----------------------------------------------------------------------------------


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
        ("ELECTRA", _blue(), "circle"),
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
            [Chip(visible(one.word), f"{one.rank:,}" if one.rank else "", "", *_rank_look(one.rank)) for one in words],
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


def _rank_look(rank: int | None) -> tuple[str, str]:
    for most, look in ((10, ("c2", "")), (100, ("c1", "marked")), (1000, ("c5", "random"))):
        if rank is not None and rank <= most:
            return look
    return ("c3", "masked") if rank else ("grey", "special")
