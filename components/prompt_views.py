"""The prompt lab's pictures: a continuation token by token, scores, the few-shot curve, and surprise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.feedback import attempt, in_steps
from components.figures import draw_figure, put_legend_below
from components.language import language, t
from components.palette import BLUE, GREEN, GREY, INK, ORANGE, PINK, VERMILION
from components.text import percent, plain, safe_html, safe_words, shorten, visible
from models.results import FewShotPoint, FewShotRun, Generation, PlaygroundError, ScoredCandidate, Surprise, Task

__all__ = [
    "ODD_TEXT",
    "decoding_table",
    "draw_answers",
    "draw_curve",
    "draw_generation",
    "draw_gpt1",
    "draw_prompt",
    "draw_published",
    "draw_scores",
    "draw_surprise",
    "grow_side_by_side",
    "item_table",
    "stream",
]

ODD_TEXT = "Every morning the sun rises in the east, and every evening it sets in the fridge."
_LONG_PROMPT = 250  # tokens; beyond, the prompt scrolls in its own box
_HUES = (BLUE, VERMILION, GREEN, PINK)
_DASHES = ("solid", "dash", "dot", "dashdot")
_RANKS = (
    (10, "c2", "", GREEN),
    (100, "c1", "marked", ORANGE),
    (1000, "c5", "random", VERMILION),
    (10**9, "c3", "masked", PINK),
)
_END_OF_PROMPT = 60  # characters that stand before the answer
_ANSWER_STYLE = """
<style>
.answer { margin: 0; padding: 0.7rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit;
  font-family: "Source Code Pro", monospace; border-left: 0.35rem solid #0072b2; border-radius: 0.5rem;
  background: light-dark(#e3f0f9, #12293b); color: light-dark(#4a5568, #b6bfcc); }
.answer strong { color: light-dark(#004c7a, #7cc4f5); font-size: 1.15em; }
</style>
"""
_NAMED_BARS = 40  # tokens whose names fit below their bars


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


def _draw_answer(text: str, prompt: str, place: DeltaGenerator) -> None:
    """What the model wrote, in colour behind the end of the prompt that it goes on from."""
    end = prompt.rsplit("\n", 1)[-1]
    end = f"…{end[-_END_OF_PROMPT:]}" if len(end) > _END_OF_PROMPT else end
    written = "\n".join(safe_words(line) for line in text.split("\n"))
    place.html(f'{_ANSWER_STYLE}<pre class="answer">{safe_words(end)}<strong>{written}</strong></pre>')


def draw_generation(generation: Generation, prompt: str, key: str, beside: DeltaGenerator) -> pd.DataFrame:
    """The text behind the end of the prompt; ``beside`` it the alternatives of one step, and all steps as chips that can
    be clicked. Returns the table.
    """
    chosen = f"{key} step"
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
            draw_cards([card], key=f"{key} alternatives", label=t("Alternatives", "다른 후보"))
            draw_chips(
                chips,
                key=f"{key} chips",
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


def draw_curve(
    runs: Sequence[FewShotRun], points: Sequence[FewShotPoint], task: Task, place: DeltaGenerator, vary: str
) -> pd.DataFrame:
    """Accuracy against the number of examples, with its 95% band, or of each order; returns the table."""
    chance = 1 / len(task.labels) if task.labels else None
    if vary == "order":
        return _draw_orders(runs, chance, place)
    figure = go.Figure()
    lines = sorted({(point.model, point.flipped) for point in points})
    rows = []
    for number, (model, flipped) in enumerate(lines):
        name = model + (t(" (wrong labels)", " (틀린 라벨)") if flipped else "")
        own = [point for point in points if (point.model, point.flipped) == (model, flipped)]
        x, colour = [str(point.shots) for point in own], _HUES[number % 4]
        band = {"x": [*x, *x[::-1]], "y": [point.high for point in own] + [point.low for point in own[::-1]]}
        figure.add_scatter(**band, fill="toself", opacity=0.18, line_width=0, fillcolor=colour, mode="lines",
                           hoverinfo="skip", showlegend=False, legendgroup=name)  # fmt: skip
        figure.add_scatter(
            x=x,
            y=[point.accuracy for point in own],
            name=safe_words(name),
            mode="lines+markers",
            line={"color": colour, "dash": _DASHES[number % 4], "width": 3},
            marker={"size": 9, "symbol": number},
            legendgroup=name,
            cliponaxis=False,
        )
        rows += [(name, point.shots, point.runs, point.accuracy, point.low, point.high) for point in own]
    if chance is not None:
        _draw_chance(figure, chance)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", title=t("accuracy", "정확도"))
    figure.update_xaxes(title=t("examples in the prompt", "프롬프트의 예시 수"), type="category")
    figure.update_layout(
        height=400,
        margin={"l": 10, "r": 10, "t": 20, "b": 10},
        legend={"orientation": "h", "y": -0.25},
        showlegend=True,
    )
    columns = [
        t("model", "모델"), t("examples", "예시 수"), t("draws", "뽑기 횟수"), t("accuracy", "정확도"),
        t("95% from", "95% 신뢰구간 하한"), t("95% to", "95% 신뢰구간 상한"),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    with place.container():
        title = t("Accuracy against the number of examples", "예시 수에 따른 정확도")
        draw_figure(figure, key=f"curve {sum(point.runs for point in points)}", alt=title)
        percent = dict.fromkeys(columns[3:], st.column_config.NumberColumn(format="percent"))
        st.dataframe(table, hide_index=True, alt=title, column_config=percent)
        st.caption(
            t(
                "Band: 95% interval over items and draws. Few items, few draws: a wide band.",
                "띠는 문항과 뽑기를 함께 고려한 95% 신뢰구간입니다. 문항이나 뽑기가 적으면 넓어집니다.",
            )
        )
    return table


def _draw_chance(figure: go.Figure, chance: float) -> None:
    """A dotted line, whose name can be read on bars as well."""
    words = {"text": t("chance", "찍었을 때"), "bgcolor": "rgba(255, 255, 255, 0.85)", "font": {"color": INK}}
    figure.add_hline(y=chance, line={"dash": "dot", "color": GREY}, annotation=words)


def _draw_orders(runs: Sequence[FewShotRun], chance: float | None, place: DeltaGenerator) -> pd.DataFrame:
    """One bar of each model for each order of the same examples (Lu et al. 2022, figure 1); returns the table.

    From the worst order of the first model to its best.
    """
    ranked = sorted(runs, key=lambda run: run.accuracy)
    of_model = {run.model: [one for one in ranked if one.model == run.model] for run in runs}
    title = t("Accuracy of each order", "순서마다의 정확도")
    figure = go.Figure()
    for number, (model, own) in enumerate(of_model.items()):
        x, y = [str(run.order) for run in own], [run.accuracy for run in own]
        pattern = ("", "/")[number % 2]
        figure.add_bar(x=x, y=y, name=safe_words(model), marker={"color": _HUES[number % 4], "pattern_shape": pattern})
    if chance is not None:
        _draw_chance(figure, chance)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", title=t("accuracy", "정확도"))
    figure.update_xaxes(
        title=t("order (any number: they only tell the orders apart)", "순서(번호는 구별용)"), type="category"
    )
    figure.update_layout(height=360, margin={"l": 10, "r": 10, "t": 20, "b": 10}, showlegend=len(of_model) > 1)
    put_legend_below(figure)
    columns = [t("model", "모델"), t("order", "순서"), t("accuracy", "정확도")]
    table = pd.DataFrame([(run.model, run.order, run.accuracy) for run in ranked], columns=columns)
    with place.container():
        words = t("best order minus worst", "가장 좋은 순서와 가장 나쁜 순서의 차이")
        with st.container(horizontal=True):
            for model, own in of_model.items():
                label = words if len(of_model) == 1 else f"{plain(model)}: {words}"
                st.metric(label, f"{100 * (own[-1].accuracy - own[0].accuracy):.0f}%p")
        draw_figure(figure, key=f"orders {len(runs)}", alt=title)
    return table


def draw_published(facts: Mapping[str, Any]) -> pd.DataFrame:
    """What Brown et al. measured: accuracy against the size of the model, a line for each number of examples; returns
    the table.
    """
    st.header(t("What GPT-3 did: size and examples", "GPT-3의 결과: 모델 크기와 예시 수"), anchor=False)
    shots = {"zero_shot": t("no example", "예시 0개"), "one_shot": t("1 example", "예시 1개")}
    looks = zip(("zero_shot", "one_shot", "few_shot"), (GREY, ORANGE, BLUE), ("dot", "dash", "solid"), strict=True)
    looks_of = {setting: (colour, dash) for setting, colour, dash in looks}
    columns: dict[str, Any] = {t("model", "모델"): facts["model"], t("parameters", "파라미터"): facts["parameters"]}
    for place, task in zip(st.columns(2, gap="medium"), facts["task"], strict=True):
        names = {**shots, "few_shot": t(f"{task['few']} examples", f"예시 {task['few']}개")}
        figure = go.Figure()
        for number, (setting, name) in enumerate(names.items()):
            colour, dash = looks_of[setting]
            figure.add_scatter(
                x=facts["parameters"], y=task[setting], text=facts["model"], name=name, mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 3}, marker={"size": 8, "symbol": number},
            )  # fmt: skip
            columns[f"{task['name']}: {name}"] = task[setting]
        ticks = {"tickvals": [125e6, 1.3e9, 13e9, 175e9], "ticktext": ["125M", "1.3B", "13B", "175B"]}
        figure.update_xaxes(type="log", title=t("parameters", "파라미터"), **ticks)
        figure.update_yaxes(range=[0, 100], ticksuffix="%")
        height = 420 if st.session_state.get("lecture") else 320
        figure.update_layout(height=height, margin={"l": 10, "r": 10, "t": 10, "b": 10})
        put_legend_below(figure)
        place.markdown(f"**{task['name']}** · {task['what'][language()]}")
        draw_figure(figure, key=f"published {task['name']}", alt=f"GPT-3, {task['name']}", place=place)
    first, last = (facts["task"][-1]["few_shot"][n] - facts["task"][-1]["zero_shot"][n] for n in (0, -1))
    many, task_name = facts["task"][-1]["few"], facts["task"][-1]["name"]
    st.caption(
        t(
            f"{task_name}: {many} examples cost the smallest model {-first:.1f} points and give the largest {last:.1f}. "
            "Brown et al. 2020, table H.1: accuracy of eight models, published, not computed here.",
            f"{task_name}: 예시 {many}개를 주면 가장 작은 모델은 {-first:.1f}점 떨어지고 가장 큰 모델은 {last:.1f}점 오릅니다. "
            "Brown et al. 2020, 표 H.1에 실린 여덟 모델의 정확도이며, 여기서 계산한 값이 아닙니다.",
        )
    )
    return pd.DataFrame(columns)


def item_table(runs: Sequence[FewShotRun]) -> pd.DataFrame:
    """Every answer behind the points of the curve."""
    return pd.DataFrame(
        [
            {
                "model": run.model,
                "shots": run.shots,
                "seed": run.seed,
                "order": run.order,
                "wrong_labels": run.flipped,
                "input": item.source,
                "answer": item.answer,
                "right": item.right,
            }
            for run in runs
            for item in run.items
        ]
    )


def draw_surprise(found: Surprise) -> pd.DataFrame:
    """The text's tokens coloured by their rank, the way GLTR does it, and their -ln p as bars; returns the table."""
    chips, hues = [], []
    for one in found.tokens:
        levels = ((c, k, hue) for most, c, k, hue in _RANKS if one.rank and one.rank <= most)
        colour, kind, hue = next(levels, ("grey", "special", GREY))
        hues.append(hue)
        tip = (
            t("The first token: nothing stands before it.", "첫 토큰이라 앞에 아무것도 없습니다.")
            if one.rank is None
            else t(
                f"rank {one.rank:,}, probability {percent(one.probability or 0.0)}\nthe model expected: {visible(one.best)}",
                f"{one.rank:,}위, 확률 {percent(one.probability or 0.0)}\n모델의 예상: {visible(one.best)}",
            )
        )
        own = visible(found.text[slice(*one.offsets)])
        chips.append(Chip(own, f"{one.rank:,}" if one.rank else "", tip, colour, kind))
    draw_figure(
        surprise_figure(found, hues),
        key="surprise bars",
        alt=t("-ln p of each token, in nats, and their mean", "토큰별 -ln p(nat)와 그 평균"),
    )
    loss, perplexity = f"**{found.loss:,.3f}**", f"**{found.perplexity:,.1f}**"
    st.markdown(
        t(
            f"Mean of the bars, in nats = the `loss` that the model returns for `labels=input_ids`: {loss} · "
            f"exp(loss) = perplexity: {perplexity}",
            f"막대의 평균(nat) = `labels=input_ids`일 때 모델이 돌려주는 `loss`: {loss} · exp(loss) = 퍼플렉시티: {perplexity}",
        )
    )
    draw_chips(chips, key="surprise chips", label=t("Tokens with their ranks", "토큰과 순위"))
    st.caption(
        t(
            "Under each token: its rank. Green: among the 10 most probable; orange: 100; red with a double border: 1,000; "
            "filled: beyond.",
            "토큰 아래는 순위입니다. 초록: 10위 이내, 주황: 100위 이내, 빨강 이중 테두리: 1,000위 이내, 채움: 그 밖.",
        )
    )
    return pd.DataFrame(
        {
            t("token", "토큰"): [one.token for one in found.tokens],
            t("rank", "순위"): [one.rank for one in found.tokens],
            t("probability", "확률"): [one.probability for one in found.tokens],
            "-ln p": [one.loss for one in found.tokens],
            t("expected", "모델의 예상"): [one.best for one in found.tokens],
        }
    )


def surprise_figure(found: Surprise, hues: Sequence[str]) -> go.Figure:
    """-ln p of each token as a bar of its colour, and a line at their mean."""
    places = list(range(1, len(found.tokens) + 1))
    names = [safe_html(shorten(found.text[slice(*one.offsets)], 14)) for one in found.tokens]
    figure = go.Figure(
        go.Bar(
            x=places,
            y=[one.loss for one in found.tokens],
            marker={"color": list(hues), "line_width": None if len(places) <= _NAMED_BARS else 0},
            customdata=[
                (name, percent(one.probability or 0.0), f"{one.rank or 0:,}")
                for name, one in zip(names, found.tokens, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>-ln p %{y:.2f} nats<br>p %{customdata[1]}<br>"
            + t("rank", "순위")
            + " %{customdata[2]}<extra></extra>",
        )
    )
    figure.add_hline(
        y=found.loss,
        line={"dash": "dot", "color": GREY},
        annotation={"text": f"loss {found.loss:.2f}", "bgcolor": "rgba(255, 255, 255, 0.85)", "font": {"color": INK}},
        annotation_position="right",
    )
    if len(places) <= _NAMED_BARS:
        figure.update_xaxes(tickvals=places, ticktext=names, tickangle=-60)
    else:
        figure.update_xaxes(title=t("position", "위치"))
    figure.update_yaxes(title="-ln p", rangemode="tozero")
    margin = {"l": 10, "r": 70, "t": 10, "b": 10}
    figure.update_layout(height=260, bargap=0.15 if len(places) <= _NAMED_BARS else 0, margin=margin, showlegend=False)
    return figure
