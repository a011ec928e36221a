"""The game of the ELECTRA page: who finds the replaced words, the viewer's answer beside the discriminator's, and the
scores of both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import pandas as pd
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.language import t
from components.text import visible
from components.verdict_views import verdict_table
from models.results import Detection, DetectionScore, ReplacedText

__all__ = ["draw_called", "draw_game", "draw_scores"]


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
    table = verdict_table(detection)
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
