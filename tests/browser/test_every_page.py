"""What must hold on every page, whatever it teaches."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from components.site import HOME, PAGES
from tests.browser.conftest import settle

Visit = Callable[[str], Page]
NAMES = [info.name for info in (HOME, *PAGES)]


def findings(page: Page) -> list[str]:
    """Serious and critical violations that axe-core finds, with the first element of each."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("name", NAMES)
def test_readable_by_everyone_and_on_a_phone(visit: Visit, name: str) -> None:
    """axe-core in light and dark, then 390 pixels: nothing serious, and no scrolling sideways."""
    page = visit("/" if name == HOME.name else f"/{name}")
    assert findings(page) == []
    page.emulate_media(color_scheme="dark")
    settle(page)
    assert findings(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    main = page.get_by_test_id("stMain")
    assert main.evaluate("m => m.scrollWidth - m.clientWidth") <= 0


@pytest.mark.parametrize(
    "path",
    [
        "/attention_viewer?view=grid",
        "/attention_viewer?kind=model",
        "/masking_simulator?seed=342&view=objectives",
        "/qa_highlighter?view=attack",
        "/sentence_pairs?view=choice",
        "/distillation?view=tinybert",
    ],
)
def test_wide_views_fit_a_phone(visit: Visit, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    main = visit(path).get_by_test_id("stMain")
    assert main.evaluate("m => m.scrollWidth - m.clientWidth") <= 0
