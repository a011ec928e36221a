"""The distillation page in a browser, with the network blocked."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, fits_a_phone, open_view

Visit = Callable[[str], Page]


def test_a_click_hides_a_word_and_the_link_remembers_it(visit: Visit) -> None:
    page = visit("/distillation")
    expect(page.get_by_text("Position 8")).to_be_visible(timeout=PATIENCE)
    page.locator(".chip", has_text="king").click()
    expect(page.get_by_text("Position 2")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("at=2(,|%2C)8"))


def test_markup_in_the_text_is_only_text(visit: Visit) -> None:
    hostile = "<img src=x onerror=alert(1)> was <script>alert(1)</script> here."
    page = visit(f"/distillation?text={hostile}&at=2")
    for view, label in (("targets", ""), ("losses", "DistilBERT's loss"), ("tinybert", "TinyBERT's terms")):
        if label:
            open_view(page, view, label)
        expect(page.locator(".chip").first).to_be_visible(timeout=PATIENCE)
        assert page.locator(".chips img, .chips script").count() == 0
    fits_a_phone(page)
