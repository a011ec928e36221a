"""The few-shot curve of the prompt lab: accuracy against the number of examples or by their order, what GPT-3 reached in
its paper, and every answer behind the points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.figures import draw_figure, put_legend_below
from components.language import language, t
from components.palette import BLUE, GREEN, GREY, INK, ORANGE, PINK, VERMILION
from components.text import plain, safe_words
from models.results import FewShotPoint, FewShotRun, Task

__all__ = ["draw_curve", "draw_published", "item_table"]

_HUES = (BLUE, VERMILION, GREEN, PINK)
_DASHES = ("solid", "dash", "dot", "dashdot")


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
