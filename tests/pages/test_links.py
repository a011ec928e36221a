"""A link copied from the address bar shows whoever opens it the same example, whatever was clicked before.

So every example of these pages runs here, and the files that it offers are made.
"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from components.content import examples_of
from models.catalogue import ROOT

# Every kind of control is on one of them; the examples of the others take minutes.
NAMES = ("attention_viewer", "distillation", "model_anatomy", "qa_highlighter", "tokenizer_explorer")


def open_page(page: str) -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)


@pytest.mark.usefixtures("taken_away")
@pytest.mark.parametrize("page", NAMES)
def test_a_link_brings_back_the_example_it_was_copied_from(page: str) -> None:
    clicked = open_page(page).run()
    wrong = []
    for number, example in enumerate(examples_of(page)):
        clicked.pills[0].set_value(number).run()
        assert clicked.session_state["example"] == number
        opened = open_page(page)
        for name, value in clicked.query_params.items():
            opened.query_params[name] = value
        opened.run()
        assert not opened.exception, example.name["en"]
        assert not opened.error, example.name["en"]
        assert opened.expander[-1].label == "Take it away"
        assert any(one.value.endswith(example.note["en"]) for one in opened.caption), "the example is marked"
        if opened.session_state["example"] != number:
            wrong.append((example.name["en"], dict(clicked.query_params)))
    assert wrong == []


def test_the_name_of_a_slider_says_what_the_address_holds() -> None:
    app = open_page("masking_simulator")
    for name, value in {"shares": ["0", "100"], "rate": "20", "seed": "5"}.items():
        app.query_params[name] = value
    app.run()
    slider = app.slider(key="shares")
    assert slider.value == (0, 100)
    assert slider.label == "0% [MASK] · 100% random · 0% kept"
    assert examples_of("masking_simulator")[app.session_state["example"]].name["en"] == "Only random tokens"


@pytest.mark.parametrize(
    ("page", "written", "shown"),
    [
        ("electra_detector", "x", "7"),
        ("distillation", "2,x", "8"),
        ("distillation", "2,6,99", "2,6"),
        ("distillation", "99", "5"),
    ],
)
def test_positions_that_cannot_be_are_not_used_and_the_address_says_what_is_shown(
    page: str, written: str, shown: str
) -> None:
    app = open_page(page)
    app.query_params["at"] = written
    app.run()
    assert not app.exception
    assert app.session_state["at"] == shown
    assert app.query_params["at"] == shown
