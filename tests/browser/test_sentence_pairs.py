"""The sentence pairs page in a browser, with the network blocked."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, fits_a_phone

Visit = Callable[[str], Page]
PAGE = "/sentence_pairs"
HOSTILE = "<img src=x onerror=alert(1)> was <script>alert(1)</script> here."


def test_a_pair_is_drawn_with_its_segments_and_swapped(visit: Visit) -> None:
    page = visit(PAGE)
    tokens = page.locator(".chip .token")
    expect(tokens.first).to_have_text("[CLS]")
    expect(page.locator(".chip.c1 .token").first).to_have_text("he")
    expect(page.get_by_text("IsNext with other token_type_ids")).to_be_visible()
    page.get_by_role("button", name="Swap A and B").click()
    expect(page.locator(".chip.c1 .token").first).to_have_text("the", timeout=PATIENCE)
    page.get_by_role("radio", name="all 0").click()
    expect(page.locator(".chip.c1")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".chip.random").first).to_be_visible()


def test_triples_and_endings_show_their_accuracies(visit: Visit) -> None:
    page = visit(f"{PAGE}?view=set")
    expect(page.get_by_text("mini-bert: NSP")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    page = visit(f"{PAGE}?view=choice&wrong=near&lang=ko&item=own&context={HOSTILE}&a={HOSTILE}")
    expect(page.get_by_text("SWAG로 미세조정한 헤드가 아닙니다")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="시작").click()
    expect(page.get_by_text("/20, ").first).to_be_visible(timeout=PATIENCE)
    assert page.locator("img[src=x]").count() == 0
    fits_a_phone(page)


def test_markup_in_the_sentences_is_only_text(visit: Visit) -> None:
    page = visit(f"{PAGE}?text={HOSTILE}&pair={HOSTILE}")
    expect(page.locator(".chip").first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stPlotlyChart")).to_be_visible(timeout=PATIENCE)
    assert page.locator("img[src=x], .chips script").count() == 0
    expect(page.get_by_test_id("stException")).to_have_count(0)
