"""The controls of the prompt lab: the examples to edit, and how the next token is chosen."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from components.address import carried, flag
from components.language import t
from models.results import GenerationSettings

__all__ = ["decoding_controls", "edit_examples"]

Shot = tuple[str, str]


def edit_examples(shots: Sequence[Shot], of: str) -> list[Shot]:
    """A table of the examples; what is edited goes into the address under ``examples``.

    ``of`` names the choice of examples: with another choice earlier edits are dropped.
    """
    written = carried("examples", r"\[.{0,3900}\]")
    if st.session_state.setdefault("examples of", of) != of:
        st.session_state["examples of"], st.session_state["examples"], written = of, "", ""
        st.query_params.pop("examples", None)
    rows = _read(written) if written else list(shots)
    columns = {"input": t("input", "입력"), "output": t("output", "출력")}
    table = pd.DataFrame(rows, columns=list(columns))
    edited = st.data_editor(
        table,
        key=f"editor {of} {len(shots)}",
        num_rows="dynamic",
        hide_index=True,
        column_config={name: st.column_config.TextColumn(label) for name, label in columns.items()},
    )
    found = [(str(row.input or ""), str(row.output or "")) for row in edited.itertuples(index=False)]
    changed = json.dumps(found, ensure_ascii=False)
    if found != rows and len(changed) < 3900:
        st.session_state["examples"] = changed
    return found


def _read(written: str) -> list[Shot]:
    """Examples out of the address; nothing where they cannot be read."""
    try:
        return [(str(source), str(target)) for source, target in json.loads(written)][:16]
    except (ValueError, TypeError):
        return []


def decoding_controls(stop: Sequence[str]) -> GenerationSettings:
    """How the next token is chosen."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sample = flag(t("Sample", "샘플링"), key="sample")
        seed = st.number_input(
            t("Seed", "시드"), 0, 10**6, 0, key="seed", bind="query-params", width=110, disabled=not sample
        )
        length = st.slider(t("Length", "길이"), 1, 200, 30, key="length", bind="query-params", width=160)
        until = st.text_input(
            t("Stop at", "멈춤 문자열"),
            stop[0].replace("\n", "\\n") if stop else "",
            key="stop",
            bind="query-params",
            width=110,
            help=t(
                "Generation ends before this text; \\n is a line break.",
                "이 글자가 나오기 전에 멈춥니다. \\n은 줄바꿈입니다.",
            ),
        )
    with st.expander(t("Filters", "필터"), expanded=sample):
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
            t("Repetition penalty (1: off)", "반복 벌점 (1: 끔)"),
            1.0,
            2.0,
            1.0,
            0.05,
            key="penalty",
            bind="query-params",
        )
    ends = (until.replace("\\n", "\n"),) if until else ()
    return GenerationSettings(sample, temperature, top_k, top_p, penalty, seed, length, ends)
