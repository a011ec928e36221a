"""The row of examples on top of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.content import Example, examples_of
from components.language import language, t

__all__ = ["pick_example"]


def _apply(example: Example, defaults: Mapping[str, Any]) -> None:
    for key, value in {**defaults, **example.values}.items():
        st.session_state[key] = value


def _value(key: str, default: Any) -> Any:
    """What a control holds now, or will hold when it is drawn for the first time."""
    return st.session_state.get(key, st.query_params.get(key, default))


def _current(examples: tuple[Example, ...], defaults: Mapping[str, Any]) -> int | None:
    for number, example in enumerate(examples):
        wanted = {**defaults, **example.values}
        if all(
            str(_value(key, defaults[key])) == str(value) for key, value in wanted.items()
        ):  # the address holds text
            return number
    return None


def pick_example(page: str, defaults: Mapping[str, Any]) -> None:
    """Draw the examples of ``content/<page>/examples.toml``; picking one sets the controls of the page.

    ``defaults`` holds the controls that examples may set, with the values they have otherwise. The example whose
    values are the ones on the page is marked, and its note says what to look at.
    """
    examples = examples_of(page)
    st.session_state["example"] = _current(examples, defaults)
    st.pills(
        t("Examples", "예시"),
        range(len(examples)),
        format_func=lambda number: examples[number].name[language()],
        key="example",
        on_change=_picked,
        args=(examples, defaults),
    )
    number = st.session_state["example"]
    with st.container():  # always there, so that what follows keeps its place, and frames are not loaded anew
        if number is not None:
            st.session_state["shown example"] = page, number
            st.caption(f":material/lightbulb: {examples[number].note[language()]}")
    if st.session_state.get("lecture"):
        _lectern(page, examples, defaults)


def _lectern(page: str, examples: tuple[Example, ...], defaults: Mapping[str, Any]) -> None:
    """For whoever gives the lecture: the next example on one key, and what to say about this one."""
    shown_page, number = st.session_state.get("shown example", (page, -1))
    number = number if shown_page == page else -1
    with st.container(horizontal=True, vertical_alignment="center"):
        following = (number + 1) % len(examples)
        st.button(
            t("Next example", "다음 예시"),
            icon=":material/skip_next:",
            shortcut="N",
            on_click=_apply,
            args=(examples[following], defaults),
            help=examples[following].name[language()],
        )
        words = examples[number].presenter if st.session_state["example"] is not None else None
        if words:
            with st.popover(t("Presenter notes", "강의자 메모"), icon=":material/co_present:"):
                st.markdown(words[language()])


def _picked(examples: tuple[Example, ...], defaults: Mapping[str, Any]) -> None:
    number = st.session_state["example"]
    if number is not None:
        _apply(examples[number], defaults)
