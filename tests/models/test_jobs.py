"""Long work beside the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from models import jobs
from models.jobs import Job
from models.results import PlaygroundError


def test_a_job_tells_how_far_it_is_and_then_has_a_result() -> None:
    go_on = threading.Event()

    def work(tell: object) -> str:
        tell(1, 2)  # type: ignore[operator]
        go_on.wait(10)
        return "done"

    job = Job(work)
    while job.look() == (0, 0):
        pass
    assert job.look() == (1, 2)
    assert job.running
    go_on.set()
    assert job.wait(10)
    assert (job.result, job.error, job.cancelled) == ("done", None, False)


def endless(tell: object) -> str:
    while True:
        tell(0, 1)  # type: ignore[operator]


def test_a_cancelled_job_ends_at_its_next_step() -> None:
    job = Job(endless)
    job.cancel()
    assert job.wait(10)
    assert (job.result, job.error, job.cancelled) == (None, None, True)


def test_a_job_that_nobody_looks_at_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_UNATTENDED", 0.05)
    job = Job(endless)
    assert job.wait(10)
    assert job.cancelled


def test_a_job_outlives_a_timer_that_fires_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: seconds[0]))

    def work(tell: Callable[..., bool]) -> str:
        seconds[0] += 100  # a tab in the background, and a server that is busy
        tell(1, 2)
        return "done"

    job = Job(work)
    assert job.wait(10)
    assert (job.result, job.cancelled) == ("done", False)


def test_errors_become_sentences() -> None:
    def fails(tell: object) -> None:
        raise PlaygroundError("No.", "아니요.")

    def breaks(tell: object) -> None:
        raise ZeroDivisionError

    for work, sentence in ((fails, "No."), (breaks, "failed on our side")):
        job = Job(work)
        assert job.wait(10)
        assert job.error is not None
        assert sentence in job.error.english


def test_a_job_shows_parts_and_ends_early_with_a_result() -> None:
    asked = threading.Event()

    def work(tell: Callable[..., bool]) -> str:
        tell(0, 9, "first")
        while tell(1, 9):
            asked.set()
        tell(1, 9, "second")
        return "what it has"

    job = Job(work)
    assert asked.wait(10)
    assert job.parts == ["first"]
    job.end()
    assert job.wait(10)
    assert (job.result, job.parts, job.cancelled) == ("what it has", ["first", "second"], False)
