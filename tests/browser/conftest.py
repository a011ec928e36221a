"""A running app, and a Chromium that reaches nothing but this app."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.chromium import find

Result = TypeVar("Result")
ROOT = Path(__file__).parent.parent.parent
CHROMIUM = find()
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing outside this machine has an address
]
FAILURE = re.compile("Something went wrong on our side|서버에서 문제가 생겼습니다")
PATIENCE = 60_000  # ms; a first model on two busy cores
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [item for item in items if Path(item.path).parent == Path(__file__).parent]
    for item in here:
        item.add_marker(pytest.mark.browser)
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))  # once more where a busy machine let a browser wait too long
        if CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="NO CHROMIUM: the browser tests did not run"))
    if here and CHROMIUM is None:
        if os.environ.get("CI"):
            raise pytest.UsageError("no Chromium could be had, and in CI the browser tests must run")
        print("\n*** NO CHROMIUM FOUND: the browser tests are skipped. Set CHROMIUM=/path/to/chromium. ***\n")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_beside(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """``asyncio.run`` in another thread: the browser has an event loop in this one."""
    with ThreadPoolExecutor() as pool:
        return pool.submit(asyncio.run, coroutine).result()


class Server(subprocess.Popen[str]):
    """A running app, and all that it has printed: what nobody reads fills its pipe, and then it waits forever."""

    log: list[str]
    ready_at_first: tuple[int, dict[str, Any]]

    def read(self) -> None:
        assert self.stdout is not None
        self.log.extend(self.stdout)

    @property
    def failures(self) -> list[str]:
        """The last line of each traceback in the log."""
        found, inside = [], False
        for line in self.log:
            if line.startswith("Traceback"):
                inside = True
            elif inside and line.strip() and not line.startswith((" ", "\t")):
                found.append(line.strip())
                inside = False
        return found


def start_app(port: int, folder: Path = ROOT, script: str = "app.py", **environment: str) -> Server:
    """Start the app and return as soon as it says that it serves."""
    process = Server(
        [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), "--server.headless", "true"],
        cwd=folder,
        env={**os.environ, "STREAMLIT_SERVER_ADDRESS": "127.0.0.1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    process.log = []
    for line in process.stdout:
        process.log.append(line)
        if "You can now view" in line:
            break
    else:
        raise RuntimeError(f"the app ended with {process.wait()}: {process.log[-1:]}")
    threading.Thread(target=process.read, daemon=True).start()
    return process


def ask_ready(url: str) -> tuple[int, dict[str, Any]]:
    """What /ready answers: status and state."""
    try:
        with urllib.request.urlopen(f"{url}/ready") as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(scope="session")
def audit_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app notes every file that it touches."""
    return tmp_path_factory.mktemp("audit") / "files.log"


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, audit_log: Path) -> Iterator[tuple[str, Server]]:
    """An app without a network, and its address: its hub is a port where nobody listens, its cache is empty."""
    port, cache = free_port(), str(tmp_path_factory.mktemp("cache"))
    process = start_app(
        port,
        HF_ENDPOINT=f"http://127.0.0.1:{free_port()}",
        HF_HOME=cache,
        TMPDIR=cache,
        TORCHINDUCTOR_CACHE_DIR=cache,
        PYTHONPATH=str(ROOT / "tests" / "audit"),
        PYTHONDONTWRITEBYTECODE="1",
        AUDIT_LOG=str(audit_log),
    )
    url = f"http://127.0.0.1:{port}"
    process.ready_at_first = ask_ready(url)
    yield url, process
    process.terminate()
    process.wait()


@pytest.fixture
def app_url(app: tuple[str, Server]) -> Iterator[str]:
    """The address of the app without a network, in whose log the test leaves no traceback."""
    url, process = app
    before = len(process.failures)
    yield url
    assert process.failures[before:] == []


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {"executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, object]:
    return {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", "color_scheme": "light"}


@pytest.fixture
def outside(page: Page) -> list[str]:
    """Addresses outside this machine that the page asked for; none was reached."""
    asked: list[str] = []

    def notice(request: Request) -> None:  # a route would ask this process about every file of every page
        opened_by_the_test = request.is_navigation_request() and request.url.startswith("file:")
        if (
            "//127.0.0.1:" not in request.url
            and not request.url.startswith(("data:", "blob:"))
            and not opened_by_the_test
        ):
            asked.append(request.url)

    page.context.on("request", notice)
    return asked


@pytest.fixture
def visit(page: Page, app_url: str, outside: list[str]) -> Iterator[object]:
    """``visit("/page?text=x")`` opens a page and returns it when the app has come to rest."""
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    dialogs: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))

    def open_page(path: str) -> Page:
        page.goto(app_url + path)
        settle(page)
        return page

    yield open_page
    assert errors == [], "an error in the page's own scripts"
    assert dialogs == [], "a script from outside ran"
    assert outside == [], "the page asked the network for something"


def settle(page: Page) -> None:
    """Wait until the app has run its script to the end."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text(FAILURE)).to_have_count(0)


def open_view(page: Page, view: str, label: str) -> None:
    """Click on a view of a page, and wait until it is there; the address changes while it is drawn."""
    page.get_by_role("radiogroup", name="View").get_by_role("radio", name=label, exact=True).click()
    expect(page).to_have_url(re.compile(rf"view={view}\b"))
    settle(page)


def fits_a_phone(page: Page) -> None:
    """390 pixels are wide enough for what is shown: nothing scrolls sideways but what has its own bar."""
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    main = page.get_by_test_id("stMain")
    assert main.evaluate("m => m.scrollWidth - m.clientWidth") <= 0
