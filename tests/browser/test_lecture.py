"""Lecture mode in a browser: one key to the next example, notes for the presenter, a hand-out that prints."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE

Visit = Callable[[str], Page]


def test_a_lecturer_goes_on_by_key_reads_the_notes_and_prints_the_page(visit: Visit, tmp_path: Path) -> None:
    page = visit("/electra_detector?lecture=1")
    page.get_by_role("button", name="Notes").click()
    expect(page.get_by_text("Ask which word does not belong")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page.locator(".chip.marked .token, .chip.c1 .token").filter(has_text="democracy")).to_be_visible(
        timeout=PATIENCE
    )
    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Hand-out to print").click()
    file = tmp_path / "handout.html"
    download.value.save_as(file)
    page.goto(file.as_uri())
    expect(page.locator("h1")).to_have_text("ELECTRA token detector")
    expect(page.get_by_text("democracy").first).to_be_visible()
    expect(page.locator(".main-svg").first).to_be_visible()
    expect(page.get_by_text("ElectraForPreTraining").first).to_be_visible()


def test_tables_are_large_from_the_first_moment(visit: Visit) -> None:
    """Streamlit measures their type once, so the page has to begin with it; switched off it is the usual one."""
    page = visit("/tokenizer_explorer?lecture=1")
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible(timeout=PATIENCE)
    type_of_table = (
        "e => e.querySelector('[style*=gdg-base-font-style]').style.getPropertyValue('--gdg-base-font-style')"
    )
    assert table.evaluate(type_of_table) == "400 19.25px"
    assert "clamp(22px" in page.request.get(page.url).text()
    assert "clamp(22px" not in page.request.get(page.url.replace("lecture=1", "")).text()
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_text("Lecture mode", exact=True).click()
    expect(page.locator("html")).to_have_css("font-size", "16px", timeout=PATIENCE)


def test_the_result_stands_on_the_first_screen_of_a_projector(visit: Visit) -> None:
    """Text and settings are folded away until they are opened, and again with the next example."""
    page = visit("/qa_highlighter?lecture=1")
    page.set_viewport_size({"width": 1280, "height": 720})
    expect(page.get_by_text("Where did Maria die?").first).to_be_in_viewport()
    expect(page.locator("mark.qa-answer")).to_be_in_viewport()
    expect(page.get_by_label("Passage")).to_be_hidden()
    page.get_by_text("Where did Maria die?").first.click()
    question = page.get_by_label("Question", exact=True)
    question.fill("Where was Maria born?")
    question.press("Enter")
    expect(page.locator("mark.qa-answer")).to_have_text("Paris", timeout=PATIENCE)
    expect(question).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(question).to_be_hidden(timeout=PATIENCE)
    page.get_by_text("Long passages", exact=True).first.click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=PATIENCE)
    expect(question).to_be_hidden()
    expect(page.get_by_test_id("stMain").get_by_role("alert")).to_have_count(0)


def test_the_key_works_after_a_slider_and_in_a_frame_and_writes_in_a_text(visit: Visit) -> None:
    page = visit("/distillation?lecture=1")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title("Distillation · Language model playground")
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("temperature=1.5"), timeout=PATIENCE)
    page.keyboard.press("l")
    expect(page).to_have_url(re.compile("view=losses"), timeout=PATIENCE)
    visit("/attention_viewer?lecture=1").frame_locator("iframe").first.locator("svg").first.click()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("pair="), timeout=PATIENCE)
    page.locator("h1").click()
    page.get_by_text("Text and settings").click()
    text = page.get_by_role("textbox").first
    text.fill("A bel")
    text.press("End")
    text.press("l")
    expect(text).to_have_value("A bell")
    text.press("Escape")
    expect(text).not_to_be_focused()
