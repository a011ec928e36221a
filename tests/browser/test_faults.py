"""What goes wrong around the app ends in a sentence, and the rest of the app goes on working."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, ROOT, free_port, settle, start_app

NO_HUB = {"HF_ENDPOINT": "http://127.0.0.1:9"}


def test_a_server_killed_in_the_middle_of_a_generation(page: Page) -> None:
    """After the restart the tab that was open shows the whole result, without anybody touching it."""
    port = free_port()
    first = start_app(port, **NO_HUB)
    page.goto(f"http://127.0.0.1:{port}/prompt_lab?task=free&prompt=Once+upon+a+time&length=20&stop=%5C0")
    expect(page.get_by_test_id("stMain").get_by_text("▌")).to_be_visible(timeout=PATIENCE)
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = start_app(port, **NO_HUB)
    try:
        expect(page.locator(".chips").first.locator(".token")).to_have_count(20, timeout=2 * PATIENCE)
        assert "length=20" in page.url
    finally:
        second.kill()
        second.wait()


def test_a_damaged_embedded_checkpoint(page: Page, tmp_path: Path) -> None:
    """Half of a weights file is missing: its page and its card say so, others do not notice."""
    copy = tmp_path / "app"
    copy.mkdir()
    for part in ("app.py", "settings.py", "pages", "components", "models", "content", ".streamlit"):
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.safetensors"))
        else:
            shutil.copy(ROOT / part, copy / part)
    for weights in (ROOT / "models" / "checkpoints").glob("*/*.safetensors"):
        os.symlink(weights, copy / weights.relative_to(ROOT))
    damaged = copy / "models" / "checkpoints" / "mini-electra" / "model.safetensors"
    content = damaged.read_bytes()
    damaged.unlink()
    damaged.write_bytes(content[: len(content) // 2])
    port = free_port()
    process = start_app(port, copy, PLAYGROUND_CACHE=str(tmp_path), **NO_HUB)
    try:
        page.goto(f"http://127.0.0.1:{port}/electra_detector")
        settle(page)
        expect(page.get_by_text("mini-electra/model.safetensors of this installation is damaged")).to_be_visible()
        page.goto(f"http://127.0.0.1:{port}/")
        settle(page)
        expect(page.get_by_text("mini-electra/model.safetensors of this installation is damaged")).to_be_visible()
        expect(page.locator(".st-key-miniature-distillation, .cards").last).to_be_visible(timeout=PATIENCE)
        page.goto(f"http://127.0.0.1:{port}/masking_simulator")
        settle(page)
        expect(page.locator(".chips").first).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("damaged")).to_have_count(0)
    finally:
        process.kill()
        process.wait()
