"""The controls of the ELECTRA page: the text and its edit, how the generator corrupts, and the game's round."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st

from components.address import carried, choice, joined, line, next_seed, numbers_in, paragraph, pick_seed, value_of
from components.feedback import fetch
from components.handout import input_on_paper
from components.language import language, t
from components.text import plain, visible
from models.results import Detection, DetectionScore, PlaygroundError, ReplacedText

__all__ = [
    "DEFAULTS",
    "GRID",
    "begin",
    "click_on",
    "corruption_controls",
    "edit_controls",
    "edited_position",
    "game_controls",
    "keep_answer",
    "load_second",
    "mark",
    "marked",
    "pick_generator",
    "pick_second",
    "pick_threshold",
    "show_edit",
    "views",
    "write_text",
]

DEFAULTS: dict[str, Any] = {
    "text": "The doctor gave the patient some medicine for the pain.",
    "view": "detect",
    "model": "mini-electra",
    "generator": "mini-bert",
    "at": "",
    "word": "",
    "rate": 15,
    "temperature": 1.0,
    "seed": 1,
    "threshold": 0.25,
    "marks": "",
}
GRID = [{"rate": rate, "temperature": warmth} for warmth in (0.5, 1.0, 2.0) for rate in (0.05, 0.15, 0.3, 0.5)]
FIRST_EDIT = {"at": "7", "word": "guitar"}  # of the default text
OWN_VIEWS = {"at": ("detect", "compare"), "word": ("detect", "compare"), "marks": ("game",)}
GENERATED = ("game", "steps", "measure")  # views of what a generator sampled
_NO_EDIT = "none"  # in the address, where the default text has lost its edit
_AT = rf"\d{{1,3}}|{_NO_EDIT}"
_WORD = r"(?s).{0,4000}"
_MARKS = r"\d{1,3}(,\d{1,3})*"


def views() -> dict[str, str]:
    """What the page can show: name in the address, label."""
    return {
        "detect": t("Type and see", "바꿔 보기"),
        "game": t("Play the game", "게임"),
        "steps": t("Step by step", "단계별로"),
        "measure": t("How good is it?", "얼마나 잘할까?"),
        "efficiency": t("Efficiency", "효율"),
        "ranks": t("Against perplexity", "퍼플렉시티와 비교"),
        "compare": t("Two detectors", "판별기 비교"),
    }


def begin() -> None:
    """The default text has an edit to begin with. What another view has no use for waits in the session state, and the
    address is without it.
    """
    view = value_of("view", None)
    view = view if view in views() else "detect"
    text = value_of("text", DEFAULTS["text"])
    asked = re.fullmatch(_AT, st.query_params.get("at", ""))
    untouched = "at" not in st.session_state and not asked and text == DEFAULTS["text"]
    if untouched and view in OWN_VIEWS["at"]:
        st.session_state.update(FIRST_EDIT)
    for key, own in OWN_VIEWS.items():
        if view not in own:
            st.query_params.pop(key, None)
            if key in st.session_state:
                st.session_state[key] = st.session_state[key]  # else Streamlit forgets it with its widget


def write_text() -> str:
    """The text; another one forgets the edit."""
    return paragraph(t("Text", "글"), DEFAULTS["text"], key="text", on_change=_forget_edit)


def _forget_edit() -> None:
    st.session_state["at"] = _NO_EDIT if value_of("text", DEFAULTS["text"]) == DEFAULTS["text"] else ""
    st.session_state["word"] = ""


def edited_position(detection: Detection) -> int | None:
    """The token that is edited, if it is one that can be."""
    at = carried("at", _AT)
    carried("word", _WORD)  # so that the address follows where no word is asked for
    if at in ("", _NO_EDIT):
        return None
    if int(at) >= len(detection.tokens) or detection.special[int(at)]:
        st.warning(
            t(
                f"There is no word at position {at} of this text (`at={at}` in the address), so nothing is edited.",
                f"이 글의 {at}번 위치에는 바꿀 단어가 없어(주소의 `at={at}`) 아무것도 바꾸지 않았습니다.",
            ),
            icon=":material/link_off:",
        )
        return None
    return int(at)


def click_on(shown: Detection, at: int | None, more: int) -> Callable[[int], None]:
    """What a click on a token of the edited row does: edit that token of the text, or undo the edit where it is its own.

    The edit of the token ``at`` has put ``more`` further tokens behind it.
    """

    def click(position: int) -> None:
        if shown.special[position]:
            return
        if at is not None and position > at:
            position = max(at, position - more)
        _forget_edit()
        if position != at:
            st.session_state["at"] = str(position)

    return click


def edit_controls(token: str, suggestions: Sequence[tuple[str, float]], generator: str) -> str:
    """What stands in the place of the token: any word, or one that the generator suggests."""
    if suggestions:
        st.caption(
            t(
                f"On the buttons: {generator}'s own guesses for this place.",
                f"버튼은 {generator} 생성기가 이 자리에 예상한 단어입니다.",
            )
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = t(f"Instead of “{visible(token)}”", f"“{visible(token)}” 대신")
        word = line(label, "", key="word", width=220)
        for name, probability in suggestions:
            percent = f"{probability:.0%}" if probability >= 0.01 else "<1%"
            st.button(
                f"{plain(visible(name))} {percent}",
                key=f"suggest {name}",
                on_click=st.session_state.update,
                kwargs={"word": name},
                help=t("The generator's suggestion", "생성기의 제안"),
            )
    return word


def pick_generator(
    view: str, discriminator: str, parameters: Mapping[str, int], fold: AbstractContextManager[object]
) -> str:
    """Which model fills in the masked tokens, asked in the ``fold``; ``parameters``: of each.

    The first is the one that the discriminator was trained with. Without a choice, and in a view that draws no samples,
    nothing is asked.
    """
    first = next(iter(parameters))
    if len(parameters) == 1 or view not in GENERATED:
        return first
    labels = {
        name: t(f"{name} · {count / 1e6:.0f} M", f"{name} · {count / 1e4:,.0f}만") for name, count in parameters.items()
    }
    label = t("Generator", "생성기")
    with fold:
        name = choice(label, labels, key="generator")
        st.caption(
            t(
                f"{discriminator} was trained against {first}: another generator shows how it judges other samples, not what "
                "training with them would bring.",
                f"{discriminator}의 학습 상대는 {first}였습니다. 다른 생성기를 고르면 그 생성기가 뽑은 토큰을 어떻게 판정하는지 볼 수 있을 뿐, "
                "그 생성기로 학습한 결과는 아닙니다.",
            )
        )
    input_on_paper("generator", label, name)
    return name


def corruption_controls(fold: AbstractContextManager[object] | None = None) -> tuple[float, float, int]:
    """How much the generator replaces, how boldly it samples, and the seed: (rate, temperature, seed)."""
    with fold or nullcontext(), st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
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
        seed = pick_seed(t("Seed", "시드"), default=DEFAULTS["seed"])
        st.button(t("Draw again", "다시 뽑기"), icon=":material/casino:", on_click=next_seed)
    return rate / 100, float(temperature), seed


# --- two detectors -----------------------------------------------------------------------------------------------


def pick_second(names: Sequence[str]) -> str:
    """A second discriminator."""
    if st.session_state.get("beside", names[0]) not in names:  # it has become the first one
        st.session_state["beside"] = names[0]
    return choice(t("Beside it", "비교 대상"), {name: name for name in names}, key="beside", widget=st.selectbox)


def load_second(name: str, load: Callable[..., Any]) -> Any:
    """A model for comparison; None, with a note, where it cannot be had: one detector alone is worth seeing as well."""
    try:
        return fetch(load, name, "PreTraining")
    except PlaygroundError as error:
        why = plain(error.korean if language() == "ko" else error.english, 600)
        second = t("The second detector comes from the hub.", "두 번째 판별기는 허브에서 받습니다.")
        st.info(f"{second} {why}", icon=":material/cloud_off:")
        return None


def show_edit(detection: Detection, at: int | None) -> str:
    """The word put in the place of a token in the first view, and a line that says so; empty where there is none."""
    word = str(st.session_state["word"]).strip() if at is not None else ""
    if at is not None and word:
        old, new = plain(visible(detection.tokens[at])), plain(visible(word))
        st.caption(
            t(
                f"With “{new}” in the place of “{old}”, as edited in “Type and see”.",
                f"“바꿔 보기”에서처럼 “{old}” 자리에 단어 “{new}” 하나를 넣었습니다.",
            )
        )
    return word


# --- the game ----------------------------------------------------------------------------------------------------


def pick_threshold() -> float:
    """The probability from which the discriminator's verdict reads "replaced"."""
    label = t("Discriminator's threshold", "판별기의 임계값")
    first = DEFAULTS["threshold"]
    return float(st.slider(label, 0.01, 0.99, first, 0.01, key="threshold", bind="query-params", width=260))


def game_controls() -> tuple[int, float]:
    """Which round is played, and the threshold: a class that opens the same link plays the same round."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = pick_seed(t("Round", "판 번호"), default=DEFAULTS["seed"])
        st.button(t("Next round", "다음 판"), icon=":material/skip_next:", on_click=next_seed)
        threshold = pick_threshold()
    return seed, threshold


def marked(game: ReplacedText) -> set[int]:
    """The words that the viewer has clicked in this round. Marks of another round are gone, those beside words too."""
    other_round = "marks" in st.session_state and st.session_state.get("marked round") != game.corrupted_ids
    marks = set() if other_round else numbers_in(carried("marks", _MARKS))
    words = {position for position, word in enumerate(game.word_ids) if word is not None}
    if other_round or marks - words:
        st.session_state["marks"] = joined(marks & words)
    st.session_state["marked round"] = game.corrupted_ids
    return numbers_in(carried("marks", _MARKS))


def mark(position: int) -> None:
    """A click on a token of the game: it looks replaced; a second click takes that back."""
    st.session_state["marks"] = joined(numbers_in(st.session_state["marks"]) ^ {position})


def keep_answer(
    model: str, game: ReplacedText, marks: set[int], human: DetectionScore, machine: DetectionScore
) -> tuple[set[int], DetectionScore, tuple[DetectionScore, DetectionScore, int]]:
    """Note a finished round against this model. The first answer counts, with the threshold that it was given at;
    a round without marks is no answer.

    Returns the viewer's marks and score in that answer, and (viewer's sum, discriminator's sum, rounds) so far.
    """
    tally = st.session_state.setdefault("tally of rounds", {}).setdefault(model, {})
    answer = (marks, human, machine)
    if marks:
        tally.setdefault(game.corrupted_ids, answer)
    first_marks, first_score, _ = tally.get(game.corrupted_ids, answer)
    sums = [
        DetectionScore(*(sum(getattr(answer[side], name) for answer in tally.values()) for name in _COUNTS))
        for side in (1, 2)
    ]
    return first_marks, first_score, (sums[0], sums[1], len(tally))


_COUNTS = ("right", "called", "replaced", "tokens")
