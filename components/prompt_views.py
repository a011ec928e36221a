"""What the prompt lab shows of one prompt: the exact prompt, its continuations token by token, and the scores of given
answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.feedback import attempt, in_steps
from components.language import t
from components.text import percent, plain, safe_words, visible
from models.results import Generation, PlaygroundError, ScoredCandidate

__all__ = [
    "decoding_table",
    "draw_answers",
    "draw_generation",
    "draw_gpt1",
    "draw_prompt",
    "draw_scores",
    "grow_side_by_side",
    "stream",
]

_LONG_PROMPT = 250  # tokens; beyond, the prompt scrolls in its own box
_END_OF_PROMPT = 60  # characters that stand before the answer
_ANSWER_STYLE = """
<style>
.answer { margin: 0; padding: 0.7rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit;
  font-family: "Source Code Pro", monospace; border-left: 0.35rem solid #0072b2; border-radius: 0.5rem;
  background: light-dark(#e3f0f9, #12293b); color: light-dark(#4a5568, #b6bfcc); }
.answer strong { color: light-dark(#004c7a, #7cc4f5); font-size: 1.15em; }
</style>
"""


def draw_prompt(prompt: str, tokens: int, window: int) -> None:
    """The exact prompt, letter by letter, with its size."""
    share = min(1.0, tokens / window)
    label = t(f"The exact prompt: {tokens:,} of {window:,} tokens", f"실제 프롬프트: {window:,}토큰 중 {tokens:,}토큰")
    st.progress(share, text=label)
    if tokens >= window:
        st.warning(
            t("Too long: no room is left for an answer.", "너무 깁니다. 답이 들어갈 자리가 없습니다."),
            icon=":material/warning:",
        )
    long = tokens > _LONG_PROMPT or prompt.count("\n") > 20
    st.code(prompt, language=None, wrap_lines=True, height=480 if long else "content")


def draw_gpt1(sequence: Sequence[str], labels: Sequence[str]) -> None:
    """How GPT-1 wrote the same input: with new tokens around it and a new layer behind its last token."""
    with st.expander(t("The GPT-1 way", "GPT-1 방식"), icon=":material/schema:"):
        chips = [Chip(visible(part), kind="" if number % 2 else "special") for number, part in enumerate(sequence)]
        draw_chips(chips, key="gpt1", label=t("Input of GPT-1", "GPT-1의 입력"))
        what = " / ".join(plain(label) for label in labels) or t("how well they fit", "둘이 얼마나 잘 맞는지의 점수")
        st.caption(
            t(
                f"GPT-1 read the vector of `<e>` with a new linear layer: {what}. That layer and the model were trained "
                "on labelled examples; here nothing is trained.",
                f"GPT-1은 `<e>`의 벡터를 새 선형층에 넣어 답을 골랐습니다({what}). 그 층과 모델을 라벨 데이터로 학습했지만, "
                "여기서는 아무것도 학습하지 않습니다.",
            )
        )


def stream(prompt: str, of: object, generations: Iterator[Generation]) -> Generation | None:
    """Draw a continuation while it grows, with a button that stops it; the last state is returned, and kept."""
    state = st.session_state.setdefault("stream of text", {})
    if state.get("of") != of:
        state.update(of=of, stopped=False, last=None)
    before, whole = st.empty(), st.empty()  # the buttons stand above the text, which moves what is below it
    if state["stopped"]:
        before.button(
            t("Start again", "처음부터 다시"), key="go on text", icon=":material/play_arrow:", on_click=state.update,
            kwargs={"stopped": False},
        )  # fmt: skip
        return cast("Generation | None", state["last"])
    with whole.container():
        st.button(
            t("Stop", "멈추기"), key="stop text", icon=":material/stop:", on_click=state.update,
            kwargs={"stopped": True},
        )  # fmt: skip
        place = st.empty()
        try:
            for generation in generations:
                state["last"] = generation
                _draw_answer(generation.text + " ▌", prompt, place)
        except PlaygroundError:
            whole.empty()  # nothing is left to stop
            raise
    whole.empty()
    return cast("Generation | None", state["last"])


def _draw_answer(text: str, prompt: str, place: DeltaGenerator) -> None:
    """What the model wrote, in colour behind the end of the prompt that it goes on from."""
    end = prompt.rsplit("\n", 1)[-1]
    end = f"…{end[-_END_OF_PROMPT:]}" if len(end) > _END_OF_PROMPT else end
    written = "\n".join(safe_words(line) for line in text.split("\n"))
    place.html(f'{_ANSWER_STYLE}<pre class="answer">{safe_words(end)}<strong>{written}</strong></pre>')


def grow_side_by_side(
    name: str,
    of: tuple[object, ...],
    growing: Mapping[str, Iterator[Generation]],
    notes: Mapping[str, str] | None = None,
    *,
    ask: bool = False,
) -> dict[str, Generation]:
    """Let several continuations grow one after the other, each in its own place, with a bar and a stop button.

    Returns the last state of those that were begun and did not fail. ``of`` says what is asked, the model first;
    ``notes`` stand under the names. With ``ask`` nothing begins before a button is pressed.
    """
    steps = in_steps(list(growing), name=name, of=of, ask=ask)
    places, found = {}, {}
    for first in range(0, len(growing), 3):
        row = list(growing)[first : first + 3]
        for label, column in zip(row, st.columns(3, gap="medium"), strict=False):
            column.markdown(f"**{plain(label)}**")
            if notes:
                column.code(notes[label], language=None, wrap_lines=True)
            places[label] = column.empty()
    for label in steps:
        last = attempt(f"{name} {label}", _write_into, places[label], growing[label], of=of[0])
        if last is not None:
            found[label] = last
    return found


def _write_into(place: DeltaGenerator, generations: Iterator[Generation]) -> Generation:
    for generation in generations:
        place.code(generation.text.strip() or "…", language=None, wrap_lines=True)
    return generation


def decoding_table(found: Mapping[str, Generation]) -> pd.DataFrame:
    """The continuations in numbers."""
    return pd.DataFrame(
        [
            {
                t("decoding", "디코딩"): name,
                t("text", "글"): one.text,
                t("tokens", "토큰"): len(one.steps),
                t("mean probability", "평균 확률"): float(np.mean([step.probability for step in one.steps] or [0.0])),
                t("different tokens", "서로 다른 토큰"): len({step.token_id for step in one.steps}),
            }
            for name, one in found.items()
        ]
    )


def draw_answers(found: Mapping[str, Generation], prompts: Mapping[str, str]) -> pd.DataFrame:
    """The answers to several prompts about one text; returns the table."""
    return pd.DataFrame(
        {
            t("task", "과제"): list(found),
            t("prompt", "프롬프트"): [prompts[name] for name in found],
            t("answer", "답"): [one.text.strip() for one in found.values()],
        }
    )


def draw_generation(generation: Generation, prompt: str, beside: DeltaGenerator) -> pd.DataFrame:
    """The text behind the end of the prompt; ``beside`` it the alternatives of one step, and all steps as chips that can
    be clicked. Returns the table.
    """
    chosen = "generation step"
    place = min(st.session_state.get(chosen, 0), len(generation.steps) - 1)
    if generation.steps:
        _draw_answer(generation.text, prompt, st.container())
    chips = [
        Chip(
            token=visible(step.text) or "…",
            below=f"{step.probability:.0%}",
            tip=t(
                f"probability {percent(step.probability)}, after the filters {percent(step.filtered)}\nClick: its alternatives",
                f"확률 {percent(step.probability)}, 필터 뒤 {percent(step.filtered)}\n클릭하면 다른 후보를 봅니다",
            ),
            colour="c0" if step.probability == max(one.probability for one in step.alternatives) else "c1",
            kind="marked" if number == place else "",
            height=step.probability,
        )
        for number, step in enumerate(generation.steps)
    ]
    if not chips:
        st.info(
            t("The model ended the text at once.", "모델이 아무것도 쓰지 않고 바로 끝냈습니다."), icon=":material/info:"
        )
    ends = {
        "length": t("the length was reached", "정한 길이까지 생성"),
        "stop": t("a stop string came", "멈춤 문자열이 나옴"),
        "end of text": t("the model ended the text", "모델이 글을 끝냄"),
        "window": t("the window is full", "모델의 창이 가득 참"),
        "": t("stopped by you", "직접 멈춤"),
    }
    reused = t(
        f"{generation.reused_tokens:,} of {generation.prompt_tokens:,} prompt tokens were known already",
        f"프롬프트 {generation.prompt_tokens:,}토큰 중 {generation.reused_tokens:,}토큰 재사용",
    )
    many = len(generation.steps)
    count = t(f"{many} token" if many == 1 else f"{many} tokens", f"{many}토큰")
    facts = [count, ends[generation.ended_by]]
    st.caption(" · ".join(facts if st.session_state.get("lecture") else [*facts, reused]))
    if generation.steps:
        step = generation.steps[place]
        filtered = any(one.filtered != one.probability for one in step.alternatives)
        card = Card(
            f"{place + 1} · {visible(step.text) or '…'}",
            "",
            tuple(
                Bar(
                    visible(one.text),
                    one.probability,
                    _percent(one.probability) + (f" → {_percent(one.filtered) or '✂'}" if filtered else ""),
                    one.token_id == step.token_id,
                )
                for one in step.alternatives
            ),
            t(
                f"before → after the filters, which left {step.kept:,} tokens; ✂ cut away",
                f"필터 전 → 필터 후(남은 토큰 {step.kept:,}개), ✂ 잘려 나감",
            )
            if filtered
            else "",
        )
        with beside:
            draw_cards([card], key="generation alternatives", label=t("Alternatives", "다른 후보"))
            draw_chips(
                chips,
                key="generation chips",
                label=t("Generated tokens: click one for its alternatives", "생성된 토큰: 클릭하면 다른 후보를 봅니다"),
                on_click=lambda place: st.session_state.update({chosen: place}),
            )
    return pd.DataFrame(
        [
            {
                t("step", "단계"): number + 1,
                t("token", "토큰"): step.token,
                t("candidate", "후보"): one.text,
                t("probability", "확률"): one.probability,
                t("after the filters", "필터 후"): one.filtered,
            }
            for number, step in enumerate(generation.steps)
            for one in step.alternatives
        ]
    )


def _percent(share: float) -> str:
    """Empty for exactly nothing."""
    return "" if share == 0 else percent(share)


def draw_scores(scored: Sequence[ScoredCandidate], expected: str | None, *, calibrated: bool) -> pd.DataFrame:
    """Each answer's share among the candidates, as the sum, per token and calibrated; returns the table."""
    from scipy.special import softmax

    ways: tuple[tuple[str, str, Callable[[ScoredCandidate], float]], ...] = (
        (t("sum", "합"), t("log-probability of the whole answer", "답 전체의 로그 확률"), lambda one: one.total),
        (t("per token", "토큰당"), t("sum divided by tokens", "합을 토큰 수로 나눔"), lambda one: one.mean),
        (
            t("calibrated", "보정"),
            t("sum minus that for “N/A” as input", "입력이 “N/A”일 때의 합을 뺀 값"),
            lambda one: one.calibrated,
        ),
    )
    cards = []
    for name, rule, value in ways if calibrated else ways[:2]:
        values = np.array([value(one) for one in scored])
        shares = softmax(values)
        winner = scored[int(values.argmax())].candidate.strip()
        bars = tuple(
            Bar(
                visible(one.candidate.strip()),
                float(share),
                f"{share:.0%} ({number:.2f})",
                one.candidate.strip() == expected,
            )
            for one, share, number in zip(scored, shares, values, strict=True)
        )
        cards.append(Card(name, f"→ {visible(winner)}", bars, rule))
    draw_cards(cards, key="scores", label=t("Scores of the answers", "답 후보의 점수"))
    if calibrated:  # a difference of two log-probabilities may be above 0
        what = t("the card's score, in nats", "로그 확률(‘보정’은 두 로그 확률의 차)")
    else:
        what = t("the log-probability, in nats", "로그 확률")
    st.caption(
        t(
            f"Bars: shares among these answers. In brackets: {what}.",
            f"막대는 이 후보들 안에서의 비율이고, 괄호 안은 {what}입니다.",
        )
    )
    table = {
        t("answer", "답"): [one.candidate.strip() for one in scored],
        t("tokens", "토큰"): [one.tokens for one in scored],
        t("sum", "합"): [one.total for one in scored],
        t("per token", "토큰당"): [one.mean for one in scored],
    }
    if calibrated:
        table[t("calibrated", "보정")] = [one.calibrated for one in scored]
    return pd.DataFrame(table)
