"""Whoever gives the lecture: its points in their order, the next one on one key, and notes that stay."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from components.lecture import lecture
from components.site import PAGES
from models.catalogue import ROOT

POINTS = [point for _, points in lecture() for point in points]


def test_every_page_has_its_points_in_both_languages() -> None:
    assert {point.page for point in POINTS} == {page.name for page in PAGES}
    assert all(set(point.title) == {"en", "ko"} for point in POINTS)
    assert len({(point.page, point.number) for point in POINTS}) == len(POINTS)


def test_the_list_on_home_is_only_drawn_where_it_is_open() -> None:
    home = AppTest.from_file(str(ROOT / "pages" / "_frame.py"), default_timeout=120).run()
    assert [one.label for one in home.button] == []
    home.session_state["points False"] = True  # what a click on it sets
    assert [one.label for one in home.run().button] == [point.title["en"] for point in POINTS]


@pytest.fixture(scope="module")
def app() -> AppTest:
    """A page opened at a point of the list on Home."""
    app = AppTest.from_file(str(ROOT / "pages" / "_frame.py"), default_timeout=60)
    app.query_params["lecture"] = "1"
    app.run()
    [point] = [one for one in app.button if one.label == "Two sentences and [SEP]"]
    return point.click().run()


def test_a_point_opens_its_example(app: AppTest) -> None:
    assert not app.exception
    assert app.title[0].value == "Tokenizer explorer"
    [point] = [one for one in POINTS if one.title["en"] == "Two sentences and [SEP]"]
    assert app.session_state["example"] == point.number


def test_the_next_point_may_be_on_this_page_or_on_another(app: AppTest) -> None:
    for title, name in (("Tokenizer explorer", "A padded batch"), ("Fine-tuning heads", "(b) One sentence")):
        [button] = [one for one in app.button if one.label == "Next point"]
        assert button.proto.shortcut == "l"
        button.click().run()
        assert not app.exception
        assert app.title[0].value == title
        assert app.selectbox(key="example").proto.options[app.session_state["example"]] == name


def test_the_notes_stay_when_something_is_changed(app: AppTest) -> None:
    app.text_area(key="text").set_value("What a dull film!").run()
    assert app.session_state["example"] is None
    assert app.selectbox(key="example").proto.placeholder == "(b) One sentence · changed"
    assert [one.proto.popover.label for one in app.get("popover")] == ["Notes"]


def test_the_list_goes_on_with_the_next_point_on_the_same_key() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / "_frame.py"), default_timeout=60)
    app.query_params["lecture"] = "1"
    app.query_params["lang"] = "ko"
    app.run()
    [button] = [one for one in app.button if one.proto.shortcut == "l"]
    assert button.label == POINTS[0].title["ko"]
    assert any('documentElement.lang = "ko"' in one.proto.body for one in app.get("html"))
    button.click().run()
    assert not app.exception
    assert app.session_state["example"] == POINTS[0].number
    assert f":material/menu_book: 1 / {len(POINTS)} · {POINTS[0].title['ko']}" in [one.value for one in app.caption]
