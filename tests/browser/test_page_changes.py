"""One viewer on all pages: what a page's controls hold must not reach the next page. No browser, its protocol only."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable
from contextlib import suppress
from urllib.parse import parse_qsl

import pytest

from benchmarks.load import examples
from benchmarks.viewer import Viewer
from tests.browser.conftest import run_beside


async def glance(page: Awaitable[float]) -> None:
    """Wait a second for a page: viewers go on in the middle of a calculation too."""
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(page, 1)


@pytest.mark.parametrize("seed", [0, 1])
def test_from_example_to_example_of_any_page_nothing_fails(app_url: str, seed: int) -> None:
    links = [link for of_one_page in examples().values() for link in random.Random(seed).sample(of_one_page, 2)]
    random.Random(seed).shuffle(links)

    async def follow() -> list[str]:
        async with Viewer(app_url.removeprefix("http://")) as viewer:
            for link in links:
                await glance(viewer.open(**link))
            for page in sorted({link["page"] for link in links}):
                await glance(viewer.open(page))  # back to where it was left
            await viewer.open("tokenizer_explorer")  # and all that was sent before has arrived
            return viewer.errors

    assert run_beside(follow()) == []


@pytest.mark.parametrize(
    ("page", "table", "view", "row", "key"),
    [
        ("fine_tuning_heads", "table 1", "train", {"text": "My own sentence.", "label": "positive"}, "rows"),
        ("prompt_lab", "editor sentiment 1 False 2", "generate", {"input": "My own.", "output": "sad"}, "examples"),
    ],
)
def test_an_edited_table_is_there_when_its_view_comes_back(
    app_url: str, page: str, table: str, view: str, row: dict[str, str], key: str
) -> None:
    other = {"fine_tuning_heads": "shapes", "prompt_lab": "surprise"}[page]
    edits = {"edited_rows": {}, "added_rows": [row], "deleted_rows": []}

    async def edit_and_come_back() -> tuple[list[str], str, str]:
        async with Viewer(app_url.removeprefix("http://")) as viewer:
            await viewer.open(page, view=view)
            await viewer.type(table, json.dumps(edits))
            edited = dict(parse_qsl(viewer.query))[key]
            for shown in (other, view):
                await viewer.open(page, view=shown, **{key: edited})
            return viewer.errors, edited, dict(parse_qsl(viewer.query)).get(key, "")

    errors, edited, found = run_beside(edit_and_come_back())
    assert errors == []
    assert found == edited
