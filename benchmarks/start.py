"""Seconds from the start command to a page that a viewer can use, beside a Streamlit app of two lines."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.rows import Row
from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, free_port, start_app

RUNS = 3


def _seconds(folder: Path, path: str, ready: str) -> float:
    port = free_port()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        start = time.perf_counter()
        process = start_app(port, folder)
        page.goto(f"http://127.0.0.1:{port}{path}")
        page.locator(ready).first.wait_for(timeout=60_000)
        seconds = time.perf_counter() - start
        browser.close()
    process.terminate()
    process.wait()
    return seconds


def run() -> list[Row]:
    """The first page, and the first answer of a real tokenizer."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text("import streamlit as st\nst.title('Two lines')\n")
        pairs = [
            (
                _seconds(ROOT, "/", "h1"),
                _seconds(ROOT, "/tokenizer_explorer", "ul.chips"),
                _seconds(Path(folder), "/", "h1"),
            )
            for _ in range(RUNS)
        ]
    home, answer, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    name = "Streamlit app of two lines"
    return [
        Row("start to the Home page", home, peer, "s", name),
        Row("start to the tokens of both tokenizers", answer, peer, "s", name),
    ]
