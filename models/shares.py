"""A share with its interval: how often something was right, and how sure that is."""

from __future__ import annotations

from models.results import Share

__all__ = ["share_of"]


def share_of(hits: int, trials: int) -> Share:
    """Hits among trials with the 95% interval of Wilson 1927; nothing is known where there are no trials.

    >>> share_of(10, 10).low
    0.7224...
    """
    if not trials:
        return Share(0, 0, 0.0, 1.0)
    from scipy.stats import binomtest  # half a second of import, which the first page does not wait for

    bounds = binomtest(hits, trials).proportion_ci(method="wilson")
    return Share(hits, trials, float(bounds.low), float(bounds.high))
