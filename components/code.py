"""Show the code: the few lines of plain Transformers that give the numbers on the page."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache

import streamlit as st

from components.content import code_of
from components.handout import code_on_paper
from components.language import t

__all__ = ["fill_in", "show_code"]


def fill_in(script: str, values: Mapping[str, object]) -> str:
    """Replace the values of the script's own assignments by the viewer's.

    Each name must be assigned once, at the top level of the script; what is put in is a Python literal, so that
    nothing a viewer typed becomes code.

    >>> fill_in('text = "Hello"\\nprint(text)', {"text": "Bye"})
    "text = 'Bye'\\nprint(text)"
    """
    lines, places = script.splitlines(), _assignments(script)
    for name, value in sorted(values.items(), key=lambda item: -places[item[0]][0]):
        first, last = places[name]
        lines[first:last] = [f"{name} = {value!r}"]
    return "\n".join(lines)


@cache  # of some sixty scripts, all ours; threads that read syntax trees at once can trip Python 3.11 (CPython issue 106905)
def _assignments(script: str) -> Mapping[str, tuple[int, int | None]]:
    """Name -> the lines [first, last) of its first assignment at the top level."""
    places: dict[str, tuple[int, int | None]] = {}
    for node in ast.parse(script).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            places.setdefault(node.targets[0].id, (node.lineno - 1, node.end_lineno))
    return places


def show_code(page: str, view: str, values: Mapping[str, object] | None) -> None:
    """A panel with the code for the current input, to copy and run.

    Where the page has nothing but a sentence on what is wrong with the input, there is no number to reproduce: without
    ``values`` nothing is shown.
    """
    if not values:
        return
    with st.expander(t("Show the code", "코드 보기"), icon=":material/code:"):
        st.caption(
            t(
                "Plain Transformers; it prints the numbers of this page for your input.",
                "Transformers만 쓴 코드입니다. 지금 입력에 대해 이 페이지와 같은 숫자를 출력합니다.",
            )
        )
        code = fill_in(code_of(page, view), values)
        st.code(code, language="python")
    code_on_paper(code)
