"""Text from a viewer is never markup."""

from __future__ import annotations

import html

from hypothesis import given
from hypothesis import strategies as st

from components.text import percent, plain, safe_html, shorten, visible, with_interval
from models.results import Share


@given(st.text(max_size=50))
def test_html_is_escaped(text: str) -> None:
    escaped = safe_html(text)
    assert not set(escaped) & set("<>\"'")
    assert html.unescape(escaped) == visible(text)


def test_a_quotation_mark_is_a_number_which_plotly_knows_too() -> None:
    assert safe_html('"') == "&#34;"


def test_markdown_is_shown_letter_by_letter() -> None:
    assert plain("<b>*x*</b> [a](http://b)") == r"\<b\>\*x\*\<\/b\> \[a\]\(http" + "\u2060" + r"\:\/\/b\)"
    assert plain("- a->b").replace("\u2060", "") == r"\- a\-\>b"
    assert plain(":red[x] $y$") == r"\:red\[x\] \$y\$"


def test_whitespace_is_made_visible() -> None:
    assert visible("a b\n\t\x00\u202e") == "a␣b⏎⇥␀⟨202E⟩"


def test_long_text_is_shortened() -> None:
    assert shorten("abcdef", 4) == "abc…"


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_what_can_happen_or_fail_is_neither_0_nor_100_percent(probability: float) -> None:
    assert percent(probability) not in {"0.0%", "100.0%"}
    assert (percent(0.0), percent(0.1234), percent(1.0)) == ("0.0%", "12.3%", "100.0%")


def test_an_interval_stands_behind_its_share() -> None:
    assert with_interval(Share(hits=32, trials=40, low=0.652, high=0.895)) == "80% (65%–90%)"
