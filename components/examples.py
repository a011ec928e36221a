"""The row of examples on top of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

import streamlit as st

from components.address import holds, set_controls
from components.content import Example, examples_of
from components.language import language, t
from components.lecture import following_point, place_in_lecture, turn_to
from components.site import page_info

__all__ = ["pick_example"]


def _apply(example: Example, defaults: Mapping[str, Any]) -> None:
    set_controls({**defaults, **example.values})


def _current(examples: tuple[Example, ...], defaults: Mapping[str, Any]) -> int | None:
    for number, example in enumerate(examples):
        wanted = {**defaults, **example.values}
        if all(holds(key, value, defaults[key]) for key, value in wanted.items()):
            return number
    return None


def pick_example(page: str, defaults: Mapping[str, Any], others: Set[str] = frozenset()) -> None:
    """Draw the examples of ``content/<page>/examples.toml``; picking one sets the controls of the page.

    ``defaults`` holds the controls that examples may set, with the values they have otherwise. The example whose
    values are the ones on the page is marked, and its note says what to look at. ``others`` are controls that examples
    leave alone and not every view has: a link may hold them in each.
    """
    examples = examples_of(page)
    st.session_state["controls of the page"] = set(defaults) | others
    number = st.session_state["example"] = _current(examples, defaults)
    if number is not None:
        st.session_state["shown example"] = page, number
    if st.session_state.get("lecture"):
        _lectern(page, examples, defaults, number)
    else:
        _pick(st.pills, t("Examples", "예시"), examples, defaults)
    with st.container():  # always there, so that what follows keeps its place, and frames are not loaded anew
        if number is not None:
            st.caption(f":material/lightbulb: {examples[number].note[language()]}")


def _pick(
    widget: Callable[..., Any], label: str, examples: tuple[Example, ...], defaults: Mapping[str, Any], **look: Any
) -> None:
    """The examples by their names."""
    widget(
        label,
        range(len(examples)),
        format_func=lambda number: examples[number].name[language()],
        key="example",
        on_change=_picked,
        args=(examples, defaults),
        **look,
    )


def _lectern(page: str, examples: tuple[Example, ...], defaults: Mapping[str, Any], current: int | None) -> None:
    """All in one row, for whoever gives the lecture: the page, its examples, what is next on one key, and what to say.

    The notes stay when something has been changed: most of them say what to change.
    """
    shown_page, number = st.session_state.get("shown example", (page, -1))
    if shown_page != page:
        number = -1
    following, point = examples[(number + 1) % len(examples)], following_point(page, current)
    with st.container(horizontal=True, vertical_alignment="center", key="lectern"):
        st.title(page_info(page).title, anchor=False, width="content")
        label = t("Examples", "예시")
        changed = f"{examples[number].name[language()]} · {t('changed', '바꿈')}" if number >= 0 else label
        _pick(st.selectbox, label, examples, defaults, index=None, placeholder=changed, label_visibility="collapsed")
        st.button(
            t("Next example", "다음 예시"),
            icon=":material/skip_next:",
            shortcut="N",
            on_click=_apply,
            args=(following, defaults),
            help=following.name[language()],
        )
        words = examples[number].presenter if number >= 0 else None
        if words:
            with st.popover(t("Notes", "강의 메모"), icon=":material/co_present:"):
                if place := place_in_lecture(page, number):
                    st.caption(f":material/menu_book: {place}")
                st.markdown(words[language()])
        here: dict[str, Any] = {"on_click": _apply, "args": (point.example, defaults)} if point.page == page else {}
        label = t("Next point", "다음 대목")
        if (
            st.button(label, icon=":material/menu_book:", shortcut="L", help=point.title[language()], **here)
            and not here
        ):
            turn_to(point)


def _picked(examples: tuple[Example, ...], defaults: Mapping[str, Any]) -> None:
    number = st.session_state["example"]
    if number is not None:
        _apply(examples[number], defaults)
