"""Marks lie on the characters they were given, and a passage is never markup."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from components.passages import Mark, passage_html

PLAIN = re.compile("<[^>]*>")


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_without_its_tags_the_html_is_the_passage(context: str, ends: list[tuple[int, int]]) -> None:
    marks = [Mark(min(pair), min(max(pair), len(context)), "other") for pair in ends if min(pair) < len(context)]
    markup = passage_html(context, marks)
    assert html.unescape(PLAIN.sub("", markup)) == context


@given(st.text(min_size=1, max_size=60), st.data())
def test_the_answer_is_what_is_marked(context: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(context) - 1))
    end = data.draw(st.integers(start + 1, len(context)))
    other = data.draw(st.integers(0, len(context) - 1))
    markup = passage_html(context, [Mark(start, end, "answer"), Mark(other, len(context), "other", "2")])
    marked = "".join(re.findall('<mark class="qa-answer"[^>]*>(.*?)</mark>', markup, re.DOTALL))
    assert html.unescape(PLAIN.sub("", marked)) == context[start:end]


def test_hostile_text_stays_text() -> None:
    markup = passage_html('<script>alert(1)</script>"', [Mark(0, 8, "answer", "<b>")])
    assert "<script" not in markup
    assert "<b>" not in markup


def test_of_a_long_passage_the_part_around_the_answer_is_shown() -> None:
    context = "x" * 5000 + "here" + "y" * 5000
    markup = passage_html(context, [Mark(5000, 5004, "answer")])
    assert ">here</mark>" in markup
    assert len(markup) < 3000
