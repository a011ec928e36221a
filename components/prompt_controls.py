"""The controls of the prompt lab: the prompt with its examples, how the next token is chosen, what the curve varies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from components.address import carried, choice, flag, line, number, paragraph, pick_seed, rows_in
from components.language import t
from components.pickers import warn_of_korean
from components.text import plain
from models.results import GenerationSettings, Origin, PromptFormat, Shot, Task

__all__ = [
    "TASKS",
    "CurveSetup",
    "as_arguments",
    "curve_code",
    "curve_controls",
    "decoding_controls",
    "decodings",
    "edit_examples",
    "edit_format",
    "forget_question",
    "pick_draw",
    "pick_number",
    "places",
    "tell_items",
    "views",
    "write_candidates",
    "write_prompt",
    "write_question",
    "write_text",
]

MOST_SHOTS = 16
COUNTS = (0, 1, 2, 4, 8, 16)
ORDERED, ORDERS = 4, (0, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14)  # of the 24 orders of four examples, twelve that differ
FIRST_SEED = 10  # the curve's draws are not those that the page opens with
TASKS = ("sentiment", "topic", "question_answering", "translation", "summary", "arithmetic", "unscrambling", "grammar")
_SEPARATORS = {"blank": "\n\n", "line": "\n", "hashes": "\n###\n"}


def views() -> dict[str, str]:
    """What the page can show: name in the address, label."""
    return {
        "generate": t("Generate", "생성"),
        "decodings": t("Decodings", "디코딩 비교"),
        "score": t("Score answers", "답 후보 점수"),
        "curve": t("The GPT-3 curve", "GPT-3 곡선"),
        "ask": t("One text, many tasks", "글 하나, 여러 과제"),
        "surprise": t("Surprise", "얼마나 놀랐나"),
    }


def forget_question() -> None:
    """Another task was picked: what was asked does not fit it."""
    st.session_state["question"] = ""


def write_question(task: Task) -> str:
    """The input to ask about: typed, or one of the task's own items."""
    sources = [source for source, _ in task.items]

    def take_another() -> None:
        now = st.session_state["question"] or sources[0]
        place = sources.index(now) if now in sources else -1
        st.session_state["question"] = sources[(place + 1) % len(sources)]

    with st.container(horizontal=True, vertical_alignment="bottom"):
        question = line(t("Input", "입력"), "", key="question", placeholder=sources[0])
        st.button(t("Another", "다른 입력"), icon=":material/casino:", on_click=take_another)
    return question or sources[0]


def write_prompt(default: str) -> str:
    """A prompt of one's own."""
    return paragraph(t("Prompt", "프롬프트"), "", key="prompt", placeholder=default, height=122) or default


def write_text(key: str, default: str, origin: Origin, korean: str | None, fold: AbstractContextManager[object]) -> str:
    """A text that the prompts are about; the default one where there is none. ``korean``: a model that reads Korean.

    In lecture mode it is written in the ``fold``, and stands outside to be read.
    """
    with fold:
        written = paragraph(t("Text", "글"), default, key=key, placeholder=default)
    warn_of_korean(origin, korean, written)
    text = written.strip() or default
    if st.session_state.get("lecture"):
        st.markdown(plain(text, len(text)))
    return text


def places(fold: AbstractContextManager[object]) -> tuple[Any, Any, Any, Any, Any]:
    """Where things stand: (what is asked, how many examples, prompt and answer, what is said of the answer, the settings).

    Below each other on a phone, the answer above the settings. In lecture mode the settings are in the ``fold``.
    """
    asked, counted = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    left, right = st.columns([3, 2], gap="large")
    if st.session_state.get("lecture"):
        return asked, asked, left, right, fold
    return asked, counted, left, left, right


def pick_number() -> int:
    """How many examples are in the prompt."""
    label = t("Examples in the prompt", "프롬프트의 예시 수")
    return number(label, 0, MOST_SHOTS, key="shots", default=2)


def pick_draw(task: Task) -> tuple[int, bool]:
    """Which examples: the seed of their choice, and whether their labels are wrong."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = t("Another number draws other examples.", "번호를 바꾸면 다른 예시가 뽑힙니다.")
        seed = pick_seed(t("Draw", "뽑기 번호"), key="draw", default=1, help=other)
        flip = flag(t("Wrong labels", "틀린 라벨"), key="flip") if task.labels else False
    return seed, flip


def edit_examples(shots: list[Shot], of: str) -> list[Shot]:
    """A table of examples, whose edits go into the address.

    ``of`` names the choice of examples: with another choice earlier edits are dropped; another number keeps them.
    """
    carried("examples", r"\[.{0,3900}\]")
    if st.session_state.setdefault("examples of", of) != of:
        st.session_state["examples of"], st.session_state["examples"] = of, ""
        st.query_params.pop("examples", None)
    rows = _read(st.session_state["examples"])
    base = st.session_state.setdefault("edited table", {})
    if (base.get("of"), base.get("number")) == (of, len(shots)):  # the editor goes on from the same rows
        if f"editor {of} {len(shots)}" not in st.session_state:  # it was away, and Streamlit forgot its edits
            base["rows"] = base["found"]
    else:
        if base.get("of") == of:
            rows = [*rows[: len(shots)], *shots[len(rows) :]]
        elif not rows and st.session_state["examples"] != "[]":  # a link can carry a table without rows
            rows = shots
        base.update(of=of, number=len(shots), rows=rows, found=rows)
    columns = {"input": t("input", "입력"), "output": t("output", "출력")}
    with st.expander(t("Edit the examples", "예시 고치기"), icon=":material/table_edit:"):
        edited = st.data_editor(
            pd.DataFrame(base["rows"], columns=list(columns), dtype=str),
            key=f"editor {of} {len(shots)}",
            num_rows="dynamic",
            hide_index=True,
            column_config={
                name: st.column_config.TextColumn(label, width="medium" if name == "input" else "small")
                for name, label in columns.items()
            },
        )
    found = [(str(row.input or ""), str(row.output or "")) for row in edited.fillna("").itertuples(index=False)]
    base["found"] = found
    written = json.dumps(found, ensure_ascii=False)
    st.session_state["examples"] = written if found != shots and len(written) <= 3900 else ""
    carried("examples", r"\[.{0,3900}\]")
    return found[:MOST_SHOTS]


def _read(written: str) -> list[Shot]:
    """Examples out of the address; none where they cannot be read."""
    return [(source, target) for source, target in rows_in(written, 2)][:MOST_SHOTS]


def edit_format(form: PromptFormat) -> PromptFormat:
    """What stands around inputs and outputs. An empty field means the task's own words."""
    with st.expander(t("Instruction and labels", "지시문과 라벨"), icon=":material/edit_note:"):
        instruction = line(
            t("Instruction", "지시문"), "", key="instruction", placeholder=form.instruction or t("none", "없음")
        )
        with st.container(horizontal=True):
            before = line(t("Before an input", "입력 앞"), "", key="before", placeholder=form.input_label)
            after = line(t("Before an output", "출력 앞"), "", key="after", placeholder=form.output_label)
            names = {
                "blank": t("a blank line", "빈 줄"),
                "line": t("a new line", "줄바꿈"),
                "hashes": "###",
            }
            between = choice(t("Between examples", "예시 사이"), names, key="between", widget=st.selectbox)
    return replace(
        form,
        instruction=instruction or form.instruction,
        input_label=before or form.input_label,
        output_label=after or form.output_label,
        separator=_SEPARATORS[between],
    )


def decodings() -> dict[str, dict[str, Any]]:
    """Six ways to choose the next token, by name, each as arguments of ``generate``."""
    return {
        t("greedy", "그리디"): {},
        t("temperature 0.7", "온도 0.7"): {"do_sample": True, "temperature": 0.7},
        "top-k 40": {"do_sample": True, "top_k": 40},
        "top-p 0.9": {"do_sample": True, "top_p": 0.9},
        t("temperature 2", "온도 2"): {"do_sample": True, "temperature": 2.0},
        t("repetition penalty 1.3", "반복 페널티 1.3"): {"repetition_penalty": 1.3},
    }


def decoding_controls(stop: Sequence[str], filters: bool = True) -> GenerationSettings:
    """How the next token is chosen, and where generation ends. ``filters`` False: only where it ends."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        length = number(t("Length", "길이"), 1, 200, key="length", default=30, width=150)
        until = line(
            t("Stop at", "멈춤 문자열"),
            "",
            key="stop",
            width=130,
            placeholder=stop[0].replace("\n", "\\n") if stop else "",
            help=t(
                "Generation ends before this text; \\n is a line break, \\0 never.",
                "이 문자열이 나오면 그 앞에서 멈춥니다. \\n은 줄바꿈, \\0은 ‘멈춤 문자열 없음’입니다.",
            ),
        )
        seed = pick_seed(t("Seed", "시드"))
        sample = flag(t("Sample", "샘플링"), key="sample") if filters else False
    ends = tuple(stop) if not until else () if until == "\\0" else (until.replace("\\n", "\n"),)
    settings = GenerationSettings(seed=seed, max_new_tokens=length, stop=ends)
    if not filters:
        return settings
    with st.expander(t("Filters", "필터"), icon=":material/filter_alt:", expanded=sample):
        left, right = st.columns(2, gap="medium")
        temperature = left.slider(
            t("Temperature", "온도"), 0.1, 3.0, 1.0, 0.1, key="temperature", bind="query-params", disabled=not sample
        )
        top_k = left.slider(
            t("Top-k (0: off)", "Top-k (0: 끔)"), 0, 200, 0, key="top_k", bind="query-params", disabled=not sample
        )
        top_p = right.slider(
            t("Top-p (1: off)", "Top-p (1: 끔)"),
            0.05,
            1.0,
            1.0,
            0.05,
            key="top_p",
            bind="query-params",
            disabled=not sample,
        )
        penalty = right.slider(
            t("Repetition penalty (1: off)", "반복 페널티(1: 끔)"),
            1.0,
            2.0,
            1.0,
            0.05,
            key="penalty",
            bind="query-params",
        )
    return replace(
        settings,
        do_sample=sample,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        repetition_penalty=penalty,
    )


def as_arguments(settings: GenerationSettings) -> dict[str, object]:
    """The settings as arguments of Transformers' ``generate``, and the stop strings."""
    arguments: dict[str, object] = {"max_new_tokens": settings.max_new_tokens, "do_sample": settings.do_sample}
    if settings.do_sample:
        arguments |= {"temperature": settings.temperature, "top_k": settings.top_k, "top_p": settings.top_p}
    if settings.repetition_penalty != 1.0:
        arguments["repetition_penalty"] = settings.repetition_penalty
    return {"settings": arguments, "stop_strings": list(settings.stop), "seed": settings.seed}


def write_candidates(default: str) -> tuple[str, ...]:
    """Answers to score, for a task that has no fixed ones."""
    typed = line(
        t("Answers to score, separated by |", "채점할 답(|로 구분)"), "", key="candidates", placeholder=default
    )
    return tuple(part.strip() for part in (typed or default).split("|"))


# --- the curve ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CurveSetup:
    """What is measured: each point is (examples, seed of their choice, order, wrong labels)."""

    vary: str
    points: tuple[tuple[int, int, int, bool], ...]
    items: int
    calibrate: bool
    beside: str


def curve_controls(task: Task, others: Mapping[str, str], fold: AbstractContextManager[object]) -> CurveSetup:
    """What the curve varies, on how many items, and which second model is measured too."""
    names = {
        "examples": t("Number of examples", "예시 수"),
        "order": t("Their order", "예시 순서"),
    }
    if task.labels:
        names["labels"] = t("Right or wrong labels", "맞는 라벨·틀린 라벨")
    with fold:
        vary = choice(t("Vary", "바꿀 조건"), names, key="vary")
    with fold, st.container(horizontal=True, vertical_alignment="bottom"):
        items = number(t("Items", "문항 수"), 10, min(60, len(task.items)), key="items", default=20, width=200)
        repeats = 1 if vary == "order" else number(t("Draws", "뽑기 횟수"), 2, 5, key="draws", default=3, width=160)
        beside = choice(t("Second model", "비교할 모델"), others, key="beside", widget=st.selectbox)
        calibrate = flag(t("Calibrate", "보정"), key="calibrate") if task.labels else False
    if vary == "order":
        points = [(ORDERED, FIRST_SEED, order, False) for order in ORDERS]
    else:
        flips = (False, True) if vary == "labels" else (False,)
        seeds = range(FIRST_SEED, FIRST_SEED + repeats)
        points = [(n, seed, 0, flip) for n in COUNTS for flip in flips for seed in seeds]
        points = [
            point for point in points if point[0] or (point[1] == FIRST_SEED and not point[3])
        ]  # no examples: one
    return CurveSetup(vary, tuple(points), items, calibrate, beside)


def tell_items(bar: Any) -> Callable[[float], None]:
    """Draws how many items of a step are done."""
    return lambda share: bar.progress(share, text=t("Items of this step", "이 단계의 문항"))


def curve_code(task: Task, setup: CurveSetup) -> dict[str, Any]:
    """The task and the points of the curve as values of the shown code."""
    form = task.form
    return {
        "instruction": form.instruction,
        "input_label": form.input_label,
        "output_label": form.output_label,
        "labels": list(task.labels),
        "pool": [list(shot) for shot in task.shots],
        "items": [[source, list(accepted)] for source, accepted in task.items[: setup.items]],
        "points": [list(point) for point in setup.points],
        "contains": task.contains,
        "calibrate": setup.calibrate,
    }
