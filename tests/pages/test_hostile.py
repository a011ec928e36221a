"""Addresses that nobody meant: every parameter of every page, filled with what breaks things elsewhere."""

from __future__ import annotations

import base64
import re
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from components.content import examples_of
from components.site import PAGES
from models.catalogue import ROOT

NAMES = [page.name for page in PAGES]
NAUGHTY = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>'; DROP TABLE students; -- {{7*7}} ${7*7} %s %n ../../etc/passwd",
    "\u202e\u200b\ufeff\u0000 ﷽ Ω≈ç√ 👩‍👩‍👧‍👦 e\u0301 \U0001f3f3\ufe0f",
    "NaN",
    "inf",
    "-" + "9" * 40,
    "word " * 1500,
)
NUMBERS = NAUGHTY[2:5]
SOON = {"prompt_lab": {"length": "2"}}  # what is no number would be the default of 30 tokens


def parameters_of(page: str) -> list[str]:
    """The parameters that the README lists for a page."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split(f"### `/{page}`", 1)[1].split("\n#", 1)[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def open_page(page: str, address: dict[str, str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
@pytest.mark.parametrize("name", NAMES)
def test_naughty_strings_in_every_parameter(name: str, text: str) -> None:
    address = dict.fromkeys(parameters_of(name), text)
    app = open_page(name, address if text in NUMBERS else address | SOON.get(name, {}))
    assert not app.exception


@pytest.mark.usefixtures("few_lines", "quick")
@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_is_none_in_every_view(name: str) -> None:
    """Each view has controls of its own."""
    for view in {example.values.get("view") for example in examples_of(name)} - {None}:
        address = dict.fromkeys(set(parameters_of(name)) - {"model"}, "inf") | {"view": view}
        assert not open_page(name, address).exception, view


@pytest.mark.parametrize(
    ("name", "address"),
    [("tokenizer_explorer", {"view": "steps"}), ("qa_highlighter", {"view": "attack", "attack": "delete"})],
)
def test_words_to_pick_stand_letter_by_letter(name: str, address: dict[str, str]) -> None:
    """Streamlit reads the label of an option as Markdown, pictures included."""
    hostile = "a *and* ![x](https://e.org/x.png)"
    app = open_page(name, {**address, "text": hostile, "question": hostile})
    (words,) = [group for group in app.get("button_group") if group.key == "word"]
    assert words.value == "![x](https://e.org/x.png)"
    labels = [option.content.replace("\\", "").replace("\u2060", "") for option in words.proto.options]
    assert labels == hostile.split()
    assert all(re.search(r"(?<!\\)[*!\[]", option.content) is None for option in words.proto.options)
    assert not app.exception


@pytest.mark.parametrize(
    "rows", ["[" * 1500 + "]" * 1500, '[["\\ud800", "x", "x"]]', '["hi", "abc"]', "{}", "[[1, 2]]"]
)
def test_rows_that_cannot_be_read_are_left_out(rows: str) -> None:
    packed = base64.urlsafe_b64encode(zlib.compress(rows.encode())).decode()
    for page, address in (
        ("prompt_lab", {"view": "score", "examples": rows.replace(', "x", "x"', ', "x"')}),
        ("fine_tuning_heads", {"view": "train", "rows": packed}),
    ):
        assert not open_page(page, address).exception


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("qa_highlighter", {"threshold": "30.0", "longest": "2"}, {"threshold": 0.0, "longest": 30}),
        ("tokenizer_explorer", {"special": "0"}, {"special": True}),
        ("prompt_lab", {"instruction": "In French.", "after": "Mood:"}, {"instruction": "", "after": ""}),
        ("attention_viewer", {"view": "meaning", "heads": "3"}, {"heads": []}),
    ],
)
def test_an_example_sets_back_what_was_changed_before(
    name: str, address: dict[str, str], expected: dict[str, object]
) -> None:
    app = open_page(name, address)
    assert app.session_state["example"] is None
    app.button_group(key="example").set_value(0).run()
    assert {key: app.session_state[key] for key in expected} == expected
    assert app.session_state["example"] == 0
    assert not app.exception


@pytest.mark.parametrize("name", NAMES)
def test_any_address_opens_the_page(name: str) -> None:
    names = parameters_of(name)
    anything = st.dictionaries(
        st.sampled_from(names), st.text(max_size=30) | st.integers().map(str), min_size=1, max_size=4
    )

    @settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(anything)
    def check(address: dict[str, str]) -> None:
        app = open_page(name, address)
        assert not app.exception

    check()
