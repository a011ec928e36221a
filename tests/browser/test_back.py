"""The browser's Back: one step for one action of the viewer, and the whole page as it was."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from components.content import Example, examples_of
from tests.browser.conftest import settle

Visit = Callable[[str], Page]


@pytest.mark.parametrize("name", ["electra_detector", "sentence_pairs"])
def test_back_and_forward_through_examples_and_over_pages(visit: Visit, name: str) -> None:
    page = visit(f"/{name}")
    picked = examples_of(name)[:3]
    examples = page.get_by_role("radiogroup", name="Examples")

    def wait_for(example: Example) -> None:
        """The browser marks it at the click already; its note comes when the app has run."""
        expect(examples.locator("[aria-checked=true]")).to_have_text(example.name["en"])
        expect(page.get_by_text(example.note["en"])).to_be_visible()
        settle(page)

    wait_for(picked[0])
    for example in picked[1:]:
        examples.get_by_role("radio", name=example.name["en"], exact=True).click()
        wait_for(example)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Attention").click()
    expect(page).to_have_url(re.compile("/attention_viewer"))
    settle(page)
    for example in reversed(picked):
        page.go_back(wait_until="commit")
        wait_for(example)
    page.go_forward(wait_until="commit")
    wait_for(picked[1])


def test_back_takes_a_choice_to_its_default(visit: Visit) -> None:
    page = visit("/electra_detector")
    views = page.get_by_role("radiogroup", name="View")
    first = views.locator("[aria-checked=true]").inner_text()
    views.locator("[aria-checked=false]").first.click()
    expect(views.locator("[aria-checked=true]")).not_to_have_text(first)
    settle(page)
    page.go_back(wait_until="commit")
    expect(views.locator("[aria-checked=true]")).to_have_text(first)
    expect(page.get_by_text("Part of the address was not used.")).to_have_count(0)
