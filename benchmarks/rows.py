"""One line of the table, and the way to time a call."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure beside its peer's."""

    what: str
    ours: float
    peers: float
    unit: str
    peer: str
    goal: str = ""  # of the ratio, or of our own figure where it names a unit


def median_ms(call: Callable[[int], object], repeats: int = 200) -> float:
    """Median milliseconds of ``call(n)`` for n = 0, 1, 2, ..."""
    seconds = []
    for number in range(repeats):
        start = time.perf_counter()
        call(number)
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds)
