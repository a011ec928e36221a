"""Text from a viewer is never markup."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from components.text import plain, safe_html, shorten, visible


@given(st.text(max_size=50))
def test_html_is_escaped(text: str) -> None:
    escaped = safe_html(text)
    assert not set(escaped) & set("<>\"'")


def test_a_quotation_mark_is_a_number_which_plotly_knows_too() -> None:
    assert safe_html('"') == "&#34;"


def test_markdown_is_shown_letter_by_letter() -> None:
    assert plain("<b>*x*</b> [a](http://b)") == r"\<b\>\*x\*\<\/b\> \[a\]\(http\:\/\/b\)"
    assert plain(":red[x] $y$") == r"\:red\[x\] \$y\$"


def test_whitespace_is_made_visible() -> None:
    assert visible("a b\n\t\x00\u202e") == "a␣b⏎⇥␀⟨202E⟩"


def test_long_text_is_shortened() -> None:
    assert shorten("abcdef", 4) == "abc…"
