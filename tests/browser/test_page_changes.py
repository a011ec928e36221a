"""One viewer on all pages: what a page's controls hold must not reach the next page. No browser, its protocol only."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.load import examples
from benchmarks.viewer import Viewer


@pytest.mark.parametrize("seed", [0, 1])
def test_from_example_to_example_of_any_page_nothing_fails(app_url: str, seed: int) -> None:
    links = [link for of_one_page in examples().values() for link in random.Random(seed).sample(of_one_page, 3)]
    random.Random(seed).shuffle(links)

    async def follow() -> list[str]:
        async with Viewer(app_url.removeprefix("http://")) as viewer:
            for link in links:
                await viewer.open(**link)
            return viewer.errors

    with ThreadPoolExecutor() as beside:  # the browser tests have an event loop in this thread
        assert beside.submit(asyncio.run, follow()).result() == []
