"""The lecture's points in their order: each is an example of some page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from components.address import ON_EVERY_PAGE
from components.content import Example, examples_of, table_of
from components.language import language

__all__ = ["Point", "following_point", "lecture", "place_in_lecture", "show_points", "turn_to"]


@dataclass(frozen=True)
class Point:
    """One point of the lecture."""

    title: Mapping[str, str]  # language -> what it is about
    page: str
    number: int  # of the example on that page

    @property
    def example(self) -> Example:
        return examples_of(self.page)[self.number]


def lecture() -> list[tuple[Mapping[str, str], list[Point]]]:
    """The sections of ``content/lecture.toml``: (title by language, points)."""
    return [
        (section["title"], [Point(one["title"], one["page"], _number(one)) for one in section["points"]])
        for section in table_of("", "lecture.toml")["section"]
    ]


def _number(point: Mapping[str, str]) -> int:
    return [one.name["en"] for one in examples_of(point["page"])].index(point["example"])


def _points() -> list[Point]:
    return [point for _, section in lecture() for point in section]


def place_in_lecture(page: str, number: int | None) -> str:
    """For the notes on the example ``number`` of a page: which point it is; empty where it is none."""
    points = _points()
    places = [place for place, point in enumerate(points, 1) if (point.page, point.number) == (page, number)]
    return "".join(f"{place} / {len(points)} · {points[place - 1].title[language()]}" for place in places)


def following_point(page: str, number: int | None) -> Point:
    """What comes after the example ``number`` of a page; else after the point that was shown last."""
    points = _points()
    places = [place for place, point in enumerate(points) if (point.page, point.number) == (page, number)]
    if places:
        st.session_state["point of the lecture"] = places[0]
    last: int = st.session_state.get("point of the lecture", -1)
    return points[(last + 1) % len(points)]


def turn_to(point: Point) -> None:
    """Open the page of a point with its example, as if the viewer had left it like that."""
    st.session_state[f"left on {point.page}"] = dict(point.example.values)
    stays = {key: value for key, value in st.query_params.items() if key in ON_EVERY_PAGE}
    st.switch_page(f"{point.page}.py", query_params=stays)


def show_points() -> None:
    """All points, to turn to; in lecture mode the next one is on the key that it has on the pages."""
    sections = lecture()
    if st.session_state.get("lecture"):
        point = following_point("home", None)
        if st.button(point.title[language()], icon=":material/play_arrow:", shortcut="L", type="primary"):
            turn_to(point)
    with st.container(key="points"):
        columns = st.columns(len(sections), gap="medium")
    for column, (title, points) in zip(columns, sections, strict=True):
        with column.container(gap=None):
            st.markdown(f"**{title[language()]}**")
            for point in points:
                key = f"point {point.page} {point.number}"
                if st.button(point.title[language()], key=key, type="tertiary"):
                    turn_to(point)
