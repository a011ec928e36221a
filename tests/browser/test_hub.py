"""A model from the hub, in the page: a server on this machine plays the hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import free_port, settle, start_app
from tests.hub_server import Fault, HubServer
from tests.tiny_checkpoints import make_checkpoint

NAME, OTHER = "albert-base-v2", "xlnet-base-cased"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    folder = tmp_path_factory.mktemp("checkpoints")
    for name in (NAME, OTHER):
        make_checkpoint(name, folder / name)
    with HubServer(folder) as server:
        yield server


@pytest.fixture(scope="module")
def url(hub: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app whose hub is ours and whose cache is empty."""
    port = free_port()
    caches = {
        "HF_HOME": str(tmp_path_factory.mktemp("huggingface")),
        "PLAYGROUND_CACHE": str(tmp_path_factory.mktemp("p")),
    }
    process = start_app(port, HF_ENDPOINT=hub.url, **caches)
    yield f"http://127.0.0.1:{port}/tokenizer_explorer?text=I+want+to+go+home.&right={NAME}"
    process.terminate()
    process.wait()


def test_failures_are_sentences_and_then_it_works(page: Page, hub: HubServer, url: str) -> None:
    for fault, sentence in (
        (Fault("status", 404), "has no model called"),
        (Fault("status", 429), "too many requests"),
        (Fault("status", 500), "answered with an error (500)"),
        (Fault("corrupt", files="tokenizer"), "arrived damaged"),
    ):
        hub.fault = fault
        page.goto(url)
        settle(page)
        expect(page.get_by_text(sentence)).to_be_visible()
        expect(page.locator(".chips")).to_have_count(1)
    hub.fault = Fault()
    page.goto(url)
    settle(page)
    expect(page.locator(".chips")).to_have_count(2)
    expect(page.get_by_text("fetched from the hub").or_(page.get_by_text("on this computer"))).to_be_visible()


def test_the_next_visit_asks_the_hub_for_nothing(page: Page, hub: HubServer, url: str, tmp_path: Path) -> None:
    hub.requests.clear()
    page.goto(url)
    settle(page)
    expect(page.locator(".chips")).to_have_count(2)
    assert hub.requests == []


def test_the_network_goes_away_between_two_clicks(page: Page, hub: HubServer, url: str) -> None:
    masking = f"{url.split('/tokenizer')[0]}/masking_simulator?view=predict&model={NAME}"
    page.goto(masking)
    settle(page)
    expect(page.get_by_text("fetched from the hub").or_(page.get_by_text("on this computer")).first).to_be_visible()
    with hub.away():
        page.goto(url.replace(NAME, OTHER))
        settle(page)
        expect(page.get_by_text("cannot be reached").first).to_be_visible()
        expect(page.locator(".chips")).to_have_count(1)
        page.goto(masking)
        settle(page)
        expect(page.locator(".chips").first).to_be_visible()
        expect(page.get_by_text("cannot be reached")).to_have_count(0)
