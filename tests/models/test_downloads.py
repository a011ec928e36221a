"""A download that many wait for; test_hub.py and test_packaged.py try it with real files."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest

from models import downloads
from models.downloads import Download, shared_download


def test_a_download_that_ends_just_as_the_patience_does_has_succeeded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(Future[Path]):
        def result(self, timeout: float | None = None) -> Path:
            path = super().result()
            if timeout is not None:
                raise TimeoutError
            return path

    class LateDownload(Download):
        def __init__(self) -> None:
            super().__init__()
            self.result = Late()

    monkeypatch.setattr(downloads, "Download", LateDownload)
    assert shared_download("a file", lambda _: Path("here")) == Path("here")
