"""The ELECTRA token detector in a browser, with the network blocked."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, open_view

Visit = Callable[[str], Page]
PAGE = "/electra_detector"


def test_the_default_example_highlights_the_wrong_word_and_a_click_edits_another(visit: Visit) -> None:
    page = visit(PAGE)
    highlighted = page.locator(".chip.c5.marked .token")
    expect(highlighted).to_have_text(["guitar"])
    page.locator(".chip", has_text="doctor").click()
    expect(page.get_by_label("Instead of “doctor”")).to_be_visible(timeout=PATIENCE)
    expect(highlighted).to_have_count(0)
    page.get_by_label("Instead of “doctor”").fill("cloud")
    page.keyboard.press("Enter")
    expect(page.locator(".chip .token", has_text="cloud")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("at=2.*word=cloud|word=cloud.*at=2"))


def test_a_shared_round_is_the_same_for_everybody_and_is_scored(visit: Visit) -> None:
    sentences = []
    for _ in range(2):
        page = visit(f"{PAGE}?view=game&seed=15")
        sentences.append(page.locator(".chips").first.inner_text())
    assert sentences[0] == sentences[1]
    page.locator(".chip").nth(1).click()
    expect(page).to_have_url(re.compile("marks=2"), timeout=PATIENCE)
    page.get_by_role("button", name="Show the answer").click()
    expect(page.get_by_text("1 marked").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".chip .below", has_text="replaced").first).to_be_visible()


def test_a_click_after_a_word_of_several_pieces_edits_what_was_clicked(visit: Visit) -> None:
    page = visit(f"{PAGE}?text=The board met.&at=2&word=philharmonics orchestra")
    chips = page.locator(".chip")
    pieces = chips.locator(".token").all_inner_texts()[2:-3]
    assert len(pieces) > 2
    chips.first.click()  # [CLS]: nothing happens
    expect(page.get_by_label("Instead of “board”")).to_have_value("philharmonics orchestra")
    chips.nth(2 + len(pieces)).click()
    expect(page.get_by_label("Instead of “met”")).to_be_visible(timeout=PATIENCE)
    expect(chips).to_have_count(6)
    expect(page).to_have_url(re.compile("at=3"))
    assert "word=" not in page.url
    page.get_by_label("Instead of “met”").fill("philharmonics")
    page.keyboard.press("Enter")
    expect(chips.nth(6)).to_be_visible(timeout=PATIENCE)
    chips.nth(4).click()  # a later piece of the edit: undoes it
    expect(chips).to_have_count(6, timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile("at=|word="))


def test_a_mark_at_the_end_of_a_round_does_not_break_a_shorter_one(visit: Visit) -> None:
    page = visit(f"{PAGE}?view=game&seed=3")
    page.locator(".chip").last.click()
    expect(page).to_have_url(re.compile("marks="), timeout=PATIENCE)
    page.get_by_label("Round", exact=True).fill("31")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("marks="), timeout=PATIENCE)
    page.get_by_role("button", name="Show the answer").click()
    expect(page.get_by_text("0 marked").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("The discriminator's answer")).to_be_visible()


def test_the_address_of_another_view_gives_no_warning(visit: Visit) -> None:
    page = visit(f"{PAGE}?text=The board met.&at=2&word=cloud")
    page.get_by_text("Step by step").last.click()
    expect(page).to_have_url(re.compile("view=steps"), timeout=PATIENCE)
    expect(page).not_to_have_url(re.compile("at=|word="))
    visit(f"{PAGE}?{page.url.split('?')[1]}")
    expect(page.get_by_text("Part of the address was not used.")).to_have_count(0)


def test_markup_in_the_text_and_in_the_new_word_is_only_text(visit: Visit) -> None:
    hostile = "<img src=x onerror=alert(1)> was <script>alert(1)</script> here."
    page = visit(f"{PAGE}?text={hostile}&at=2&word=<svg onload=alert(1)>")
    for view, label in (("detect", ""), ("steps", "Step by step"), ("ranks", "Against perplexity")):
        if label:
            open_view(page, view, label)
        expect(page.locator(".chip").first).to_be_visible()
        assert page.locator(".chips img, .chips script, .chips svg").count() == 0
