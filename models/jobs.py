"""Long calculations beside the page: in a thread of their own, with progress, and cancelled when nobody looks on.

The calculation takes turns with everybody else's at the gate (``models.compute``), so the page stays usable.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any, Generic, TypeVar

from models.results import PlaygroundError

__all__ = ["Job"]

Result = TypeVar("Result")
# Seconds without a look after which a job gives up: its viewer has left. A page looks by a timer, and browsers run the
# timers of a hidden tab only once a minute.
_UNATTENDED = 180.0


class _CancelledError(Exception):
    pass


class Job(Generic[Result]):
    """Starts ``work(on_progress)`` at once; ``on_progress(done, total)`` is where it can be cancelled.

    ``progress`` is (done, total), ``running`` turns False in the end; then ``result`` is there, or ``error``, or, where
    it was cancelled, neither. Work that has something to show meanwhile calls ``on_progress(done, total, part)``, which
    collects ``parts``; it answers False once the work shall come to an early end with what it has.
    """

    def __init__(self, work: Callable[[Callable[..., bool]], Result]) -> None:
        self.progress = (0, 0)
        self.parts: list[Any] = []
        self.result: Result | None = None
        self.error: PlaygroundError | None = None
        self._cancelled, self._ending = Event(), Event()
        self._seen = time.monotonic()
        self._thread = Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def look(self) -> tuple[int, int]:
        """The progress; tells the job that somebody still wants its result."""
        self._seen = time.monotonic()
        return self.progress

    def cancel(self) -> None:
        """Ends the work at its next step."""
        self._cancelled.set()

    def end(self) -> None:
        """Asks for an early end, with a result."""
        self._ending.set()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so many seconds."""
        self._thread.join(seconds)
        return not self.running

    def _step(self, done: int, total: int, *parts: Any) -> bool:
        self.progress = (done, total)
        self.parts += parts
        if time.monotonic() - self._seen > _UNATTENDED:
            self.cancel()
        if self.cancelled:
            raise _CancelledError
        return not self._ending.is_set()

    def _run(self, work: Callable[[Callable[..., bool]], Result]) -> None:
        try:
            self.result = work(self._step)
        except _CancelledError:
            pass
        except PlaygroundError as error:
            self.error = error
        except Exception:
            logging.getLogger("playground").exception("a job failed")
            self.error = PlaygroundError(
                "The calculation failed on our side; the log of the server tells more. Try again.",
                "서버에서 계산하지 못했습니다. 자세한 내용은 서버 로그에 있습니다. 다시 시도해 주세요.",
            )
