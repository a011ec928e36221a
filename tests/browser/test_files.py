"""Which files the server touches while viewers try to make it read and write others."""

from __future__ import annotations

import ast
from pathlib import Path

from benchmarks.load import examples
from benchmarks.viewer import Viewer
from components.site import PAGES
from tests.browser.conftest import ROOT, free_port, run_beside, start_app
from tests.pages.test_hostile import parameters_of


def test_no_file_that_a_viewer_names_is_read_and_nothing_is_written_outside_the_cache(tmp_path: Path) -> None:
    secret, cache, log = tmp_path / "secret.json", tmp_path / "cache", tmp_path / "audit.log"
    secret.write_text("{}")
    cache.mkdir()
    port = free_port()
    process = start_app(
        port,
        PYTHONPATH=str(ROOT / "tests" / "audit"),
        PYTHONDONTWRITEBYTECODE="1",
        AUDIT_LOG=str(log),
        HF_HOME=str(cache),
        HF_ENDPOINT=f"http://127.0.0.1:{free_port()}",
        TMPDIR=str(cache),
        TORCHINDUCTOR_CACHE_DIR=str(cache),
    )

    async def visit() -> None:
        async with Viewer(f"127.0.0.1:{port}") as viewer:
            for page in PAGES:
                await viewer.open(**examples()[page.name][0])
                for path in (str(secret), f"{'../' * 12}{str(secret)[1:]}", f"file://{secret}"):
                    await viewer.open(page.name, **dict.fromkeys(parameters_of(page.name), path))

    try:
        run_beside(visit())
    finally:
        process.terminate()
        process.wait()
    touched = [line.split("\t") for line in log.read_text().splitlines()]
    read, written = ({ast.literal_eval(path) for kind, path in touched if kind == which} for which in ("read", "write"))
    assert any(path.endswith("model.safetensors") or path.endswith("tokenizer.json") for path in read)
    assert str(secret) not in read | written
    allowed = (str(tmp_path), "/dev/null", "/dev/shm", "/proc/self")
    assert {path for path in written if not path.startswith(allowed)} == set()
