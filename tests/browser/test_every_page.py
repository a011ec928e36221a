"""What must hold on every page, whatever it teaches."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from components.site import HOME, PAGES
from tests.browser.conftest import fits_a_phone, settle

Visit = Callable[[str], Page]
NAMES = [info.name for info in (HOME, *PAGES)]


def findings(page: Page, **options: object) -> list[str]:
    """Serious and critical violations that axe-core finds, with the first element of each."""
    violations = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("name", NAMES)
def test_readable_by_everyone_and_on_a_phone(visit: Visit, name: str) -> None:
    """axe-core in light, contrast in dark, then 390 pixels: nothing serious, and no scrolling sideways."""
    page = visit("/" if name == HOME.name else f"/{name}")
    assert findings(page) == []
    page.emulate_media(color_scheme="dark")
    settle(page)
    assert findings(page, runOnly={"type": "rule", "values": ["color-contrast"]}) == []  # the rest is the same
    fits_a_phone(page)
