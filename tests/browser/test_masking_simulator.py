"""The masking simulator as a viewer meets it, with the network blocked."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import fits_a_phone, open_view, settle

Visit = Callable[[str], Page]
LINK = "/masking_simulator?seed=342"
FATES = {2: "random", 3: "hidden", 7: "kept"}


def fates_of(page: Page) -> dict[int, str]:
    """Position -> word below the chip, of the selected tokens."""
    chips = page.locator(".chips").first.locator(".chip")
    expect(chips.first).to_contain_text("[CLS]")
    below = chips.evaluate_all("all => all.map(chip => chip.querySelector('.below')?.textContent ?? '')")
    return {position: text for position, text in enumerate(below) if text}


def test_a_link_with_a_seed_shows_the_same_fates_each_time_and_the_objectives_fit_a_phone(visit: Visit) -> None:
    page = visit(LINK)
    assert fates_of(page) == FATES
    open_view(page, "objectives", "Objectives")
    assert fates_of(page) == FATES
    fits_a_phone(page)


def test_clicking_a_token_hides_it_and_the_link_says_so(visit: Visit) -> None:
    page = visit(LINK)
    before = fates_of(page)
    place = next(number for number in range(2, 10) if number not in before)
    page.locator(".chips").first.locator(".chip").nth(place).click()
    expect(page.locator(".chips").first.locator(".chip").nth(place)).to_contain_text("[MASK]")
    expect(page).to_have_url(re.compile(f"hand={place}"))
    settle(page)
    page.reload()
    settle(page)
    assert fates_of(page) == {**before, place: "hidden"}
    page.locator(".chips").first.locator(".chip").nth(place).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chips").first.locator(".chip").nth(place)).not_to_contain_text("[MASK]")


def test_the_model_fills_a_typed_blank(visit: Visit) -> None:
    page = visit("/masking_simulator?text=He+was+born+in+the+[MASK]+of+1990.&rate=1&seed=0")
    card = page.locator(".card").first
    expect(card).to_contain_text("[MASK]")
    expect(card.locator(".bar")).to_have_count(5)
    expect(page.get_by_text("first guess right")).to_have_count(0)


def test_a_sweep_draws_its_curve(visit: Visit) -> None:
    page = visit("/masking_simulator?view=rate&on=text")
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(2)
    expect(page.get_by_text("Per 100 tokens read, at 15%")).to_be_visible()


def test_markup_is_only_text(visit: Visit) -> None:
    hostile = (
        "%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+%3Cscript%3Ealert(1)%3C/script%3E+%3Ca+href%3Djavascript:alert(1)%3E"
    )
    page = visit(f"/masking_simulator?text={hostile}&rate=60&hand={hostile}")
    expect(page.get_by_text("Part of the address was not used.")).to_be_visible()
    for view, label in (("predict", ""), ("objectives", "Objectives"), ("statistics", "Statistics")):
        if label:
            open_view(page, view, label)
        for selector in ("img[src=x]", "a[href^=javascript]"):
            expect(page.locator(selector)).to_have_count(0)
