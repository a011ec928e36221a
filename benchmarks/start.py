"""Seconds from the start command to a page that a viewer can use, beside a Streamlit app of two lines."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.rows import Row
from components.site import PAGES
from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, free_port, start_app

RUNS = 3
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]:has(h1)"
GENERATING = {"prompt_lab": ".answer:has-text('▌')"}  # its first token
PATIENCE = 120  # seconds


def _seconds(folder: Path, path: str, ready: str, script: str = "app.py") -> float:
    port = free_port()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        start = time.perf_counter()
        process = start_app(port, folder, script, PYTHONPATH=str(folder))
        page.goto(f"http://127.0.0.1:{port}{path}")
        while not page.locator(ready).first.is_visible():  # locator.wait_for looks only once or twice a second
            assert time.perf_counter() - start < PATIENCE, f"{path} never shows {ready}"
            page.wait_for_timeout(20)
        seconds = time.perf_counter() - start
        browser.close()
    process.terminate()
    process.wait()
    return seconds


def run() -> list[Row]:
    """The first page, and the first answer of an embedded model."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text("import streamlit as st\nst.title('Two lines')\n")
        pairs = [
            (
                _seconds(ROOT, "/", "h1"),
                _seconds(ROOT, "/electra_detector", ".chip"),
                _seconds(Path(folder), "/", "h1"),
                _seconds(ROOT, "/", "[data-testid=stDataFrame]", "benchmarks/plain_app.py"),
            )
            for _ in range(RUNS)
        ]
    home, answer, two_lines, plain = (statistics.median(column) for column in zip(*pairs, strict=True))
    answers = ((_seconds(ROOT, f"/{page.name}", GENERATING.get(page.name, AT_REST)), page.name) for page in PAGES)
    latest, slowest = max(answers)
    return [
        Row("start to the Home page", home, two_lines, "s", "Streamlit app of two lines", "≤ 1.6"),
        Row("start to the first answer of a model", answer, plain, "s", "plain one-file app", "≤ 5 s, < 1"),
        Row(f"start to the answer of the slowest page, {slowest}", latest, plain, "s", "plain one-file app", "≤ 5 s"),
    ]
