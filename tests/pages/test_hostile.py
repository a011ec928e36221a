"""Addresses that nobody meant: every parameter of every page, filled with what breaks things elsewhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from components.site import PAGES
from models.catalogue import ROOT

NAMES = [page.name for page in PAGES]
NAUGHTY = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "'; DROP TABLE students; -- {{7*7}} ${7*7} %s %n ../../etc/passwd",
    "\u202e\u200b\ufeff\u0000 ﷽ Ω≈ç√ 👩‍👩‍👧‍👦 e\u0301 \U0001f3f3\ufe0f",
    "NaN",
    "-" + "9" * 40,
    "word " * 1500,
)


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
    app = open_page(name, dict.fromkeys(parameters_of(name), text))
    assert not app.exception


@pytest.mark.parametrize("name", NAMES)
def test_any_address_opens_the_page(name: str) -> None:
    names = parameters_of(name)
    anything = st.dictionaries(st.sampled_from(names), st.text(max_size=30) | st.integers().map(str), max_size=4)

    @settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(anything)
    def check(address: dict[str, str]) -> None:
        app = open_page(name, address)
        assert not app.exception

    check()
