"""The prompt lab as a viewer meets it: streaming, stopping, two viewers at once; with the network blocked."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import settle

Visit = Callable[[str], Page]
FREE = "/prompt_lab?task=free&prompt={}&length={}"


def stop_button(page: Page) -> Locator:
    """The page's own; Streamlit has another one in its header."""
    return page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True)


def chips(page: Page) -> list[str]:
    return page.locator(".chips").first.locator(".token").all_inner_texts()


def test_a_prompt_goes_on_and_each_token_opens_its_alternatives(visit: Visit) -> None:
    page = visit(FREE.format("The+capital+of+Italy+is", 6))
    expect(page.get_by_text("the length was reached")).to_be_visible(timeout=60_000)
    assert len(chips(page)) == 6
    assert "Rome" in chips(page)[0]
    first = page.locator(".card").first
    expect(first).to_contain_text("1 · ")
    page.locator(".chips").first.locator(".chip").nth(2).click()
    expect(page.locator(".card").first).to_contain_text("3 · ")


def test_stop_ends_a_generation_and_it_can_start_again(visit: Visit) -> None:
    page = visit(FREE.format("Once+upon+a+time", 1) + "&stop=%5C0")
    page.goto(page.url.replace("length=1", "length=200"))
    expect(page.get_by_test_id("stMain").get_by_text("▌")).to_be_visible()
    stop_button(page).click(timeout=60_000)
    expect(page.get_by_text("stopped by you")).to_be_visible(timeout=30_000)
    settle(page)
    stopped = len(chips(page))
    assert 0 < stopped < 200
    page.get_by_role("button", name="Start again").click()
    expect(stop_button(page)).to_be_visible()
    stop_button(page).click()
    settle(page)


def test_two_viewers_generate_at_once_and_each_gets_their_own(visit: Visit) -> None:
    one = visit(FREE.format("My+dog+likes+to", 1))
    other = one.context.new_page()
    other.goto(one.url.replace("length=1", "length=12").replace("My+dog+likes+to", "The+recipe+needs"))
    one.goto(one.url.replace("length=1", "length=12"))
    for page in (one, other):
        expect(page.locator(".chips").first.locator(".token")).to_have_count(12, timeout=90_000)
    assert chips(one) != chips(other)


def test_a_script_in_a_prompt_stays_text(visit: Visit) -> None:
    page = visit(FREE.format("%3Cimg+src=x+onerror=alert(1)%3E", 2))
    expect(page.get_by_text("the length was reached")).to_be_visible(timeout=60_000)
    assert page.locator("img[src=x]").count() == 0


def test_the_curve_starts_when_asked_and_can_be_stopped(visit: Visit) -> None:
    page = visit("/prompt_lab?view=curve&items=10&draws=2")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)  # what was published
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(3, timeout=60_000)
    stop_button(page).click()
    expect(page.get_by_text(re.compile(r"Stopped: \d+ of 11 steps"))).to_be_visible(timeout=60_000)
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
