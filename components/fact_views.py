"""How models were trained, fact by fact with its source, the batches of all runs as a picture, and what is often written
wrong about them.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.anatomy_figures import model_label, short
from components.figures import draw_figure
from components.language import language, t
from components.palette import GREY, ORANGE
from models.results import Anatomy

__all__ = ["draw_corrections", "draw_facts"]

_LEAST = 4  # where the axis of batches begins: 10 to the power of 4 tokens
_FACTS_STYLE = """
<style>
.facts { display: grid; grid-template-columns: max-content repeat(var(--runs), minmax(0, 1fr)); border-radius: 0.5rem;
  border: 1px solid color-mix(in srgb, currentColor 25%, transparent); overflow: hidden; line-height: 1.35; word-break: keep-all; overflow-wrap: anywhere; }
.facts > * { padding: 0.45rem 0.7rem; border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.facts .top { font-weight: 700; border-top: 0; background: color-mix(in srgb, currentColor 8%, transparent); }
.facts .fact { font-weight: 600; }
.facts small, .mistakes small { display: block; opacity: 0.8; font-size: 0.8em; }
.facts a { color: inherit; }
.facts .run { display: none; font-weight: 700; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 0.6rem; line-height: 1.35; }
.mistakes div { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 0.5rem; padding: 0.6rem 0.8rem; }
.mistakes p { margin: 0 0 0.3rem; }
.mistakes del { opacity: 0.85; }
@media (max-width: 640px) {
  .facts { grid-template-columns: 1fr; }
  .facts .top { display: none; }
  .facts .fact { background: color-mix(in srgb, currentColor 8%, transparent); }
  .facts .run { display: block; }
}
</style>
"""


def draw_facts(
    runs: Sequence[Mapping[str, Any]], sizes: Mapping[str, Sequence[Anatomy]], picked: Sequence[str]
) -> pd.DataFrame:
    """The picked runs side by side, each fact with its source, and the batches of all runs; returns the table.

    ``sizes`` are the models that came out of each picked run.
    """
    shown = [next(run for run in runs if run["name"] == name) for name in picked]
    computed = t("computed: ", "계산: ")
    rows = {
        t("L / H / A, parameters", "L / H / A, 파라미터"): [
            ("; ".join(map(_size_text, made)), computed + ", ".join(model_label(one.name) for one in made))
            for made in (sizes[name] for name in picked)
        ]
    }
    for key, name in _fact_names().items():
        rows[name] = [(run[key][language()], _cited(run[key]["source"])) for run in shown]
        if key == "data":
            rows[t("Batch", "배치")] = [(_batch(run), _cited(run["batch_source"])) for run in shown]
    parts = ["<div class='top'></div>"]
    for run in shown:
        link = f"<a href='{html.escape(run['url'], quote=True)}' target='_blank'>{html.escape(run['paper'])}</a>"
        parts.append(f"<div class='top'>{html.escape(run['name'])}<small>{link}</small></div>")
    for name, cells in rows.items():
        parts.append(f"<div class='fact'>{html.escape(name)}</div>")
        for run, (fact, source) in zip(shown, cells, strict=True):
            who = f"<span class='run'>{html.escape(run['name'])}</span>"
            whole = html.escape(fact).replace(" / ", "&nbsp;/&nbsp;")  # L / H / A stay on one line
            parts.append(f"<div>{who}{whole}<small>{html.escape(source)}</small></div>")
    st.html(f"{_FACTS_STYLE}<div class='facts' style='--runs:{len(shown)}'>{''.join(parts)}</div>")
    _draw_batches(runs, picked)
    return pd.DataFrame(
        [
            {
                t("model", "모델"): run["name"],
                t("fact", "항목"): name,
                t("value", "내용"): fact,
                t("source", "출처"): source,
            }
            for name, cells in rows.items()
            for run, (fact, source) in zip(shown, cells, strict=True)
        ]
    )


def _fact_names() -> dict[str, str]:
    return {
        "sees": t("Each token sees", "각 토큰이 보는 쪽"),
        "data": t("Data", "데이터"),
        "objective": t("Objective", "학습 목표"),
        "rate": t("Learning rate", "학습률"),
        "positions": t("Positions", "위치 정보"),
        "normalization": t("Normalization", "정규화 위치"),
        "residual": t("Residual scaling", "잔차 배율"),
        "special": t("Special tokens, segments", "특수 토큰, 세그먼트"),
        "fine_tuning": t("Fine-tuning rate", "미세조정 학습률"),
    }


def _size_text(anatomy: Anatomy) -> str:
    """``12 / 768 / 12, 110.1M``."""
    return f"{anatomy.layers} / {anatomy.hidden_size} / {anatomy.heads}, {short(anatomy.parameters)}"


def _cited(source: str | Mapping[str, str]) -> str:
    """A source; where it has words, in the viewer's language."""
    return source if isinstance(source, str) else source[language()]


def _draw_batches(runs: Sequence[Mapping[str, Any]], picked: Sequence[str]) -> None:
    """A point for each run, the largest batch on top: the length of a bar would say nothing on a logarithmic axis."""
    known = sorted((run for run in runs if _batch_tokens(run)), key=_batch_tokens)
    unknown = [run for run in runs if run["name"] in picked and run not in known]
    sizes = [None] * len(unknown) + [_batch_tokens(run) for run in known]
    marked = [run["name"] in picked for run in unknown + known]
    rows = [
        f"<b>▸ {run['name']}</b>" if mark else run["name"] for run, mark in zip(unknown + known, marked, strict=True)
    ]
    figure = go.Figure(
        go.Scatter(
            x=sizes,
            y=rows,
            mode="markers+text",
            text=[f"  {size:,}" if size else "" for size in sizes],
            textposition="middle right",
            cliponaxis=False,
            marker={
                "size": 13,
                "color": [ORANGE if mark else GREY for mark in marked],
                "symbol": ["diamond" if mark else "circle" for mark in marked],
            },
            hoverinfo="skip",
        )
    )
    if unknown:  # where their points would be they are told apart by words
        words = [_batch(run) for run in unknown]
        figure.add_scatter(
            x=[1.1 * 10**_LEAST] * len(unknown), y=rows[: len(unknown)], mode="text", text=words,
            textposition="middle right", hoverinfo="skip",
        )  # fmt: skip
    figure.update_layout(height=50 + 28 * len(rows), margin={"l": 0, "r": 80, "t": 5, "b": 0}, showlegend=False)
    figure.update_xaxes(
        type="log",
        range=[_LEAST, 6.9],
        tickvals=[1e4, 1e5, 1e6],
        ticktext=["10K", "100K", "1M"],
        showgrid=True,
        gridcolor=f"rgba{(*bytes.fromhex(GREY[1:]), 0.5)}",
    )
    figure.update_yaxes(automargin=True, categoryorder="array", categoryarray=rows, showgrid=False)
    title = t("Tokens per batch (each line is 10 times the one before)", "배치당 토큰 수(세로선마다 10배)")
    st.markdown(f"**{title}**")
    draw_figure(figure, "batches", title)


def _batch(run: Mapping[str, Any]) -> str:
    tokens = _batch_tokens(run)
    if not tokens:
        return t("not given in tokens", "토큰 수는 공개되지 않음")
    if not run["sequences"]:
        return t(f"{tokens:,} tokens", f"{tokens:,}토큰")
    return t(
        f"{run['sequences']:,} × {run['length']:,} = {tokens:,} tokens",
        f"{run['sequences']:,} × {run['length']:,} = {tokens:,}토큰",
    )


def _batch_tokens(run: Mapping[str, Any]) -> int:
    return int(run.get("tokens", run["sequences"] * run["length"]))


def draw_corrections(corrections: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """What popular notes get wrong, crossed out above what the source says; returns the table."""
    cards = "".join(
        f"<div><p><span aria-hidden='true'>✗ </span><del>{html.escape(one['often'][language()])}</del></p>"
        f"<p>✓ {html.escape(one['right'][language()])}</p><small>{html.escape(_cited(one['source']))}</small></div>"
        for one in corrections
    )
    st.html(f"{_FACTS_STYLE}<div class='mistakes'>{cards}</div>")
    return pd.DataFrame(
        [(one["often"][language()], one["right"][language()], _cited(one["source"])) for one in corrections],
        columns=[t("often written", "흔한 서술"), t("right", "바른 내용"), t("source", "출처")],
    )
