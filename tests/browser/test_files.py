"""Which files the server touches while viewers try to make it read and write others."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.load import examples
from benchmarks.viewer import Viewer
from components.site import PAGES
from tests.browser.conftest import run_beside
from tests.pages.test_hostile import parameters_of


def test_no_file_that_a_viewer_names_is_read_and_nothing_is_written_outside_the_cache(
    app_url: str, audit_log: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Of all that the app has done so far, in other tests too."""
    secret = tmp_path / "secret.json"
    secret.write_text("{}")

    async def visit() -> list[str]:
        async with Viewer(app_url.removeprefix("http://")) as viewer:
            for page in PAGES:
                await viewer.open(**examples()[page.name][0])
                for path in (str(secret), f"{'../' * 12}{str(secret)[1:]}", f"file://{secret}"):
                    await viewer.open(page.name, **dict.fromkeys(parameters_of(page.name), path))
            return viewer.errors

    assert run_beside(visit()) == []
    touched = [line.split("\t") for line in audit_log.read_text().splitlines()]
    read, written = ({ast.literal_eval(path) for kind, path in touched if kind == which} for which in ("read", "write"))
    assert any(path.endswith("model.safetensors") or path.endswith("tokenizer.json") for path in read)
    assert str(secret) not in read | written
    allowed = (str(tmp_path_factory.getbasetemp()), "/dev/null", "/dev/shm", "/proc/self")
    assert {path for path in written if not path.startswith(allowed)} == set()
