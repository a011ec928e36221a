"""The page as a viewer meets it, with the network blocked."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import settle

Visit = Callable[[str], Page]


def test_the_treemap_is_drawn_without_a_network(visit: Visit) -> None:
    page = visit("/model_anatomy")
    expect(page.locator(".treemaplayer")).to_contain_text("feed-forward · 56.7M")
    expect(page.get_by_text("they agree")).to_be_visible()


def test_sharing_layers_moves_the_number_and_the_address(visit: Visit) -> None:
    page = visit("/model_anatomy?view=build&sharing=none")
    metric = page.get_by_test_id("stMetricValue").first
    expect(metric).to_have_text("89.7M")
    page.get_by_test_id("stMain").get_by_text("everything", exact=True).click()
    settle(page)
    expect(metric).to_have_text("11.7M")
    expect(page).not_to_have_url(re.compile("sharing=none"))
