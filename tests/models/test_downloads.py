"""A download that many wait for; test_hub.py and test_packaged.py try it with real files."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

import pytest

from models import downloads
from models.downloads import Download, shared_download
from models.results import DownloadProgress


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


def test_who_waits_is_heard_before_the_size_is_known() -> None:
    """A viewer can only leave, and a page only be stopped, where it draws something."""
    seen: list[DownloadProgress] = []
    told = threading.Event()

    def tell(progress: DownloadProgress) -> None:
        seen.append(progress)
        told.set()

    def work(_: Download) -> Path:
        assert told.wait(30)
        return Path("here")

    assert shared_download("a file", work, tell) == Path("here")
    assert seen[0] == DownloadProgress(0, 0)
