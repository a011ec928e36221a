"""One viewer on all pages: what a page's controls hold must not reach the next page. No browser, its protocol only."""

from __future__ import annotations

import random

import pytest

from benchmarks.load import examples
from benchmarks.viewer import Viewer
from tests.browser.conftest import run_beside


@pytest.mark.parametrize("seed", [0, 1])
def test_from_example_to_example_of_any_page_nothing_fails(app_url: str, seed: int) -> None:
    links = [link for of_one_page in examples().values() for link in random.Random(seed).sample(of_one_page, 3)]
    random.Random(seed).shuffle(links)

    async def follow() -> list[str]:
        async with Viewer(app_url.removeprefix("http://")) as viewer:
            for link in links:
                await viewer.open(**link)
            for page in sorted({link["page"] for link in links}):
                await viewer.open(page)  # back to where it was left
            return viewer.errors

    assert run_beside(follow()) == []
