"""Where the work of all viewers meets: the same result is computed once, and calculations take turns.

A function of the model layer is decorated with :func:`computed_once` and calls its model through :func:`forward` (or
within ``with turn():``), never one decorated function from within a turn.
"""

from __future__ import annotations

import hashlib
import pickle
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cache
from inspect import signature
from threading import Condition
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from models.loading import LoadedModel, LoadedTokenizer
from models.process import cores

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Gate", "computed_once", "forget_results", "forward", "largest", "store_megabytes", "tell_waiting", "turn"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_waiting: ContextVar[Callable[[int], None]] = ContextVar("_waiting")


def _nobody(ahead: int) -> None:
    """Stands in where nobody wants to know."""


@contextmanager
def tell_waiting(tell: Callable[[int], None]) -> Iterator[None]:
    """Inside, ``tell(n)`` is called with the number of calculations ahead whenever this thread has to wait its turn."""
    token = _waiting.set(tell)
    try:
        yield
    finally:
        _waiting.reset(token)


class _Ticket:
    """One calculation, inside or in the line; compared by identity."""

    def __init__(self, places: int) -> None:
        self.places = places  # that it takes


class Gate:
    """Lets ``places`` threads calculate at once, first come, first served."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._line: list[_Ticket] = []  # those inside first, then those who wait
        self._changed = Condition()

    @contextmanager
    def turn(self, *, alone: bool = False) -> Iterator[None]:
        """Wait for a place, or for all of them to be ``alone``, as whoever measures time wants to be.

        What ``tell`` raises while waiting (the viewer has left) gives up the place in the line.
        """
        ticket = _Ticket(self._places if alone else 1)
        tell = _waiting.get(_nobody)
        self._line.append(ticket)
        try:
            waited = False
            while (ahead := self._ahead(ticket)) > 0:
                waited = True
                tell(ahead)
                with self._changed:
                    if self._ahead(ticket) == ahead:
                        self._changed.wait(timeout=0.5)
            if waited:
                tell(0)
            yield
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _ahead(self, ticket: _Ticket) -> int:
        """How many have to leave before it is this one's turn."""
        line = self._line[: self._line.index(ticket) + 1]
        return next(gone for gone in range(len(line)) if sum(one.places for one in line[gone:]) <= self._places)


@cache
def _gate() -> Gate:
    """Torch spreads one calculation over all cores, but much of it is Python, which uses one: two make use of two."""
    return Gate(max(min(2, cores()), cores() // 2))


def turn(*, alone: bool = False) -> AbstractContextManager[None]:
    """For ``with``: a place among the calculations that run at once, or ``alone``."""
    return _gate().turn(alone=alone)


def forward(loaded: LoadedModel, **inputs: Any) -> Any:
    """Call the model without gradients, when it is this thread's turn."""
    import torch

    with turn(), torch.inference_mode():
        return loaded.model(**inputs)


def largest(row: np.ndarray, k: int) -> np.ndarray:
    """Where the ``k`` largest of (V,) stand, the largest first and of equals the first; without sorting all V."""
    import numpy as np

    k = min(k, len(row))
    candidates = np.flatnonzero(row >= np.partition(row, -k)[-k])
    return cast("np.ndarray", candidates[np.argsort(-row[candidates], kind="stable")][:k])


_RESULTS = (
    64 * 1024 * 1024
)  # bytes of results that are kept, as pickled: arrays as they are, tuples of tokens a seventh
_KEY = 1024  # bytes that a result takes up besides, with its key


class _Waiting(Condition):
    """Who waits for what another viewer calculates is told so, and can leave."""

    def wait(self, timeout: float | None = None) -> bool:
        notified = super().wait(0.5)
        self.release()
        try:
            _waiting.get(_nobody)(0 if notified else 1)
        finally:
            self.acquire()
        return notified


_results: LRUCache[Any, Any] = LRUCache(_RESULTS, getsizeof=lambda result: _KEY + len(pickle.dumps(result, protocol=5)))
_condition = _Waiting()


def computed_once(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Keep the results of ``function``; who asks while another computes the same waits for that result.

    Arguments are hashable; models and tokenizers count by identity, and callbacks (``on_...``) do not count. A result
    is shared by all viewers: nobody may change it.
    """
    parameters = signature(function)

    def key(*arguments: Any, **settings: Any) -> Any:
        call = parameters.bind(*arguments, **settings)
        call.apply_defaults()
        counted = [_identity(value) for name, value in call.arguments.items() if not name.startswith("on_")]
        return hashkey(function.__module__, function.__qualname__, *counted)

    return cached(_results, key=key, condition=_condition)(function)


def _identity(value: Any) -> Any:
    """What stands for an argument in the key: of a long text its hash, so that keys take up little."""
    if isinstance(value, tuple):
        return tuple(map(_identity, value))
    if isinstance(value, str) and len(value) > 100:
        return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()
    if isinstance(value, LoadedModel):
        return weakref.ref(value.model)
    if isinstance(value, LoadedTokenizer):
        return weakref.ref(value.tokenizer)
    return value


def store_megabytes() -> float:
    """How full the store of results is."""
    return _results.currsize / 1e6


def forget_results() -> None:
    """Let go of all results."""
    with _condition:
        _results.clear()
