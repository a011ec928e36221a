"""One download for many viewers: a thread of its own does it, whoever wants it waits and watches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial
from pathlib import Path

from models.results import DownloadProgress

__all__ = ["Download", "shared_download"]


class Download:
    """A download under way: whoever does it counts the bytes."""

    def __init__(self) -> None:
        self.done_bytes = 0
        self.total_bytes = 0
        self.result: Future[Path] = Future()

    def progress(self) -> DownloadProgress:
        return DownloadProgress(min(self.done_bytes, self.total_bytes), self.total_bytes)


_under_way: dict[str, Download] = {}
_lock = threading.Lock()


def shared_download(
    key: str, work: Callable[[Download], Path], on_progress: Callable[[DownloadProgress], None] | None = None
) -> Path:
    """What ``work`` returns or raises; who asks for the same ``key`` meanwhile gets the same.

    ``on_progress`` is called as it comes, with a total of 0 as long as that is not known. The download goes on where a
    viewer leaves, that is, where ``on_progress`` raises.
    """
    with _lock:
        download = _under_way.get(key)
        if download is None:
            download = _under_way[key] = Download()
            threading.Thread(target=_run, args=(key, work, download), daemon=True, name=f"download {key}").start()
    while not wait([download.result], timeout=0.2).done:
        if on_progress is not None:
            on_progress(download.progress())
    path = download.result.result()
    if on_progress is not None:
        on_progress(download.progress())
    return path


def _run(key: str, work: Callable[[Download], Path], download: Download) -> None:
    try:
        tell = partial(download.result.set_result, work(download))
    except BaseException as error:
        tell = partial(download.result.set_exception, error)
    with _lock:  # before anyone is told: who tries again at once gets a new attempt, not the failure of this one
        del _under_way[key]
    tell()
