"""The controls of the ELECTRA page: the text and its edit, how the generator corrupts, and the game's round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.address import bind_text, carried, line
from components.language import t
from components.text import visible
from models.results import Detection, DetectionScore, ReplacedText

__all__ = [
    "DEFAULTS",
    "GRID",
    "corruption_controls",
    "edit_controls",
    "edited_position",
    "game_controls",
    "keep_score",
    "mark",
    "marked",
    "pick_position",
    "pick_threshold",
    "reveal",
    "write_text",
]

DEFAULTS: dict[str, Any] = {
    "text": "The doctor gave the patient some medicine for the pain.",
    "view": "detect",
    "model": "mini-electra",
    "at": "7",
    "word": "banana",
    "rate": 15,
    "temperature": 1.0,
    "seed": 1,
    "threshold": 0.25,
    "marks": "",
}
GRID = tuple((rate, temperature) for temperature in (0.5, 1.0, 2.0) for rate in (0.05, 0.15, 0.3, 0.5))
MOST_ROUNDS = 10**6


def write_text() -> str:
    """The text; another one forgets the edit."""
    label = t("Text", "글")
    return str(
        st.text_area(
            label, DEFAULTS["text"], key="text", bind=bind_text("text"), height="content", on_change=_forget_edit
        )
    )


def _forget_edit() -> None:
    st.session_state["at"] = st.session_state["word"] = ""


def edited_position(detection: Detection) -> int | None:
    """The token that is edited, if it is one that can be. The default text has an edit to begin with."""
    if "at" not in st.session_state and "at" not in st.query_params and "text" not in st.query_params:
        st.session_state["at"] = DEFAULTS["at"]
        st.session_state["word"] = DEFAULTS["word"]
    at = carried("at", r"\d{1,3}")
    return int(at) if at and int(at) < len(detection.tokens) and not detection.special[int(at)] else None


def pick_position(position: int) -> None:
    """A click on a token: edit it; a second click leaves it as it was."""
    same = st.session_state.get("at") == str(position)
    st.session_state["at"] = "" if same else str(position)
    st.session_state["word"] = ""


def edit_controls(token: str, suggestions: Sequence[tuple[str, float]]) -> str:
    """What stands in the place of the token: any word, or one that the generator suggests."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = t(f"Instead of “{visible(token)}”", f"“{visible(token)}” 대신")
        word = line(label, "", key="word", width=220)
        for name, probability in suggestions:
            st.button(
                f"{visible(name)} {probability:.0%}",
                key=f"suggest {name}",
                on_click=st.session_state.update,
                kwargs={"word": name},
                help=t("The generator's suggestion", "생성기의 제안"),
            )
    return word


def corruption_controls() -> tuple[float, float, int]:
    """How much the generator replaces, how boldly it samples, and the seed: (rate, temperature, seed)."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        rate = st.slider(
            t("Masked", "가리는 비율"),
            5,
            60,
            DEFAULTS["rate"],
            key="rate",
            bind="query-params",
            format="%d%%",
            width=220,
        )
        temperature = st.slider(
            t("Temperature of the generator", "생성기의 온도"),
            0.0,
            3.0,
            DEFAULTS["temperature"],
            0.1,
            key="temperature",
            bind="query-params",
            width=260,
            help=t(
                "0: always the most probable token. Higher: stranger ones.",
                "0이면 늘 가장 그럴듯한 토큰, 높일수록 엉뚱한 토큰을 뽑습니다.",
            ),
        )
        seed = _seed(t("Seed", "시드"))
        st.button(t("Draw again", "다시 뽑기"), icon=":material/casino:", on_click=_next_seed)
    return rate / 100, float(temperature), seed


def _seed(label: str) -> int:
    return int(st.number_input(label, 0, MOST_ROUNDS, DEFAULTS["seed"], key="seed", bind="query-params", width=120))


def _next_seed() -> None:
    st.session_state["seed"] = (st.session_state["seed"] + 1) % (MOST_ROUNDS + 1)
    st.session_state["marks"] = ""


# --- the game ----------------------------------------------------------------------------------------------------


def pick_threshold() -> float:
    """The probability from which the discriminator's verdict reads "replaced"."""
    label = t("Discriminator's threshold", "판별기의 문턱")
    first = DEFAULTS["threshold"]
    return float(st.slider(label, 0.01, 0.99, first, 0.01, key="threshold", bind="query-params", width=260))


def game_controls() -> tuple[int, float]:
    """Which round is played, and the threshold: a class that opens the same link plays the same round."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = _seed(t("Round", "판 번호"))
        st.button(t("Next round", "다음 판"), icon=":material/skip_next:", on_click=_next_seed)
        threshold = pick_threshold()
    return seed, threshold


def marked() -> set[int]:
    """The positions that the viewer has clicked."""
    return {int(number) for number in carried("marks", r"\d{1,3}(,\d{1,3})*").split(",") if number}


def reveal(of: object) -> bool:
    """Whether the viewer has asked for the answer of this round; else the button that asks for it."""
    revealed = st.session_state.setdefault("revealed", set())
    if of not in revealed:
        st.button(t("Show the answer", "정답 보기"), type="primary", on_click=revealed.add, args=(of,))
    return of in revealed


def mark(position: int) -> None:
    """A click on a token of the game: it looks replaced; a second click takes that back."""
    now = {int(number) for number in st.session_state["marks"].split(",") if number}
    st.session_state["marks"] = ",".join(str(number) for number in sorted(now ^ {position}))


def keep_score(
    game: ReplacedText, seed: int, human: DetectionScore, model: DetectionScore
) -> tuple[DetectionScore, DetectionScore, int]:
    """Note a finished round, the first answer to each: (viewer's sum, discriminator's sum, rounds)."""
    tally = st.session_state.setdefault("tally", {})
    tally.setdefault((seed, game.corrupted_ids), (human, model))
    sums = [
        DetectionScore(*(sum(getattr(pair[side], name) for pair in tally.values()) for name in _COUNTS))
        for side in (0, 1)
    ]
    return sums[0], sums[1], len(tally)


_COUNTS = ("right", "called", "replaced", "tokens")
