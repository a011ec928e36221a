"""The QA span highlighter in a browser, with the network blocked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from models.catalogue import entry, is_embedded
from tests.browser.conftest import PATIENCE, fits_a_phone, open_view

Visit = Callable[[str], Page]
CONTEXT = "Berlin is the capital of Germany. Maria Vogel was born in Paris in 1920, and she died in Berlin in 1990."

pytestmark = pytest.mark.skipif(
    not is_embedded(entry("mini-bert-squad")), reason="THE WEIGHTS OF mini-bert-squad ARE NOT IN THE REPOSITORY"
)


def link(**values: str) -> str:
    return f"/qa_highlighter?{urlencode(values)}"


def without_ranks(passage: Locator) -> str:
    """The words of a passage; the answers' ranks stand in it as superscripts, wherever the model sees answers."""
    return str(
        passage.evaluate(
            "p => { p = p.cloneNode(true); p.querySelectorAll('sup').forEach(s => s.remove()); return p.textContent }"
        )
    )


def test_a_deep_link_lights_up_the_right_answer_at_the_right_place(visit: Visit) -> None:
    page = visit(link(context=CONTEXT, question="Where did Maria die?"))
    passage = page.locator("p.qa-passage")
    expect(passage).to_have_count(1)
    assert passage.inner_text() == CONTEXT
    expect(passage.locator("mark.qa-answer")).to_have_text("Berlin")
    before = passage.evaluate("p => p.querySelector('mark').previousSibling.textContent")
    assert before == CONTEXT[: CONTEXT.rindex("Berlin")]


def test_another_question_stays_listed_and_is_in_the_address(visit: Visit) -> None:
    page = visit(link(context=CONTEXT, question="Where did Maria die?"))
    page.get_by_label("Question", exact=True).fill("Where was Maria born?")
    page.keyboard.press("Enter")
    expect(page.locator("mark.qa-answer")).to_have_text("Paris", timeout=PATIENCE)
    expect(page).to_have_url(re.compile("question=Where(\\+|%20)was"))
    expect(page.get_by_text("Asked about this passage")).to_be_visible()


def test_a_long_test_can_be_stopped(visit: Visit, tmp_path: Path) -> None:
    qas = [{"id": str(n), "question": f"Where did Maria number {n} die?", "answers": []} for n in range(3000)]
    file = tmp_path / "many.json"
    file.write_text(json.dumps({"data": [{"paragraphs": [{"context": CONTEXT, "qas": qas}]}]}))
    page = visit(link(view="test"))
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(file)
    expect(page.get_by_text("3,000 questions")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Run the test").click()
    expect(page.get_by_text("/ 3,000")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Stop", exact=True).last.click()
    expect(page.get_by_role("button", name="Run the test")).to_be_visible(timeout=PATIENCE)


def test_a_model_out_of_reach_is_a_sentence_and_the_first_answer_stays(visit: Visit) -> None:
    beside = "distilbert-base-uncased-distilled-squad"
    page = visit(link(context=CONTEXT, question="Where did Maria die?", view="compare", beside=beside))
    expect(page.get_by_text("The hub cannot be reached")).to_be_visible()
    expect(page.locator("mark.qa-answer")).to_have_text("Berlin")


def test_markup_in_passage_and_question_is_only_text(visit: Visit) -> None:
    hostile = "<img src=x onerror=alert(1)></mark><script>alert(1)</script> [x](javascript:alert(1)) was built in 1256."
    page = visit(link(context=hostile, question="<svg onload=alert(1)> When was it built?", distractor=hostile))
    passage = page.locator("p.qa-passage").first
    for view, label in (("ask", ""), ("why", "See why"), ("attack", "Attack it")):
        if label:
            open_view(page, view, label)
        expect(passage).to_contain_text("<img src=x")
        assert without_ranks(passage) == hostile
        for selector in ("img[src=x]", "svg[onload]", "a[href^=javascript]"):
            expect(page.locator(selector)).to_have_count(0)
    fits_a_phone(page)
