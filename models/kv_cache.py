"""Keys and values of the prompts read before: a prompt with a known beginning costs only its end.

What Transformers calls the KV cache; here it also outlives a generation, and is shared by all viewers of a model.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from models.compute import turn
from models.loading import LoadedModel

__all__ = ["NoCache", "after_prompt", "read", "read_rows", "recall"]

_KEPT_PREFIXES = 4  # per model
_WORTH_KEEPING = 16  # tokens; who reads fewer new ones than that reads them again as fast as they are copied


@dataclass
class _Prefix:
    """What a model computed for the first tokens of a prompt."""

    ids: tuple[int, ...]
    cache: Any  # DynamicCache with keys and values of all layers


_prefixes: WeakKeyDictionary[Any, list[_Prefix]] = WeakKeyDictionary()  # model -> the latest first; gone with it
_lock = Lock()


@dataclass
class NoCache:
    """GPT-1's class in Transformers keeps no keys and values: what was read is read again with every token."""

    ids: list[int]

    def batch_repeat_interleave(self, repeats: int) -> None:
        """As a DynamicCache's; all rows have the same ids before them."""


def recall(loaded: LoadedModel, ids: Sequence[int]) -> tuple[int, Any]:
    """A copy of the longest kept cache that these ids begin with, cut to it: (tokens, cache). At least one id is left."""
    from transformers import DynamicCache

    if "past_key_values" not in signature(loaded.model.forward).parameters:
        return 0, NoCache([])
    best, length = None, 0
    with _lock:
        for prefix in _prefixes.get(loaded.model, []):
            same = _shared(prefix.ids, ids)
            if same > length:
                best, length = prefix, same
    length = min(length, len(ids) - 1)
    cache = DynamicCache(config=loaded.model.config)
    if best is None or length < 1:
        return 0, cache
    for number, layer in enumerate(best.cache.layers):
        cache.update(layer.keys[:, :, :length].clone(), layer.values[:, :, :length].clone(), number)
    return length, cache


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return number
    return min(len(one), len(other))


def _keep(loaded: LoadedModel, ids: Sequence[int], cache: Any) -> None:
    """Remember the keys and values of a prompt; they are never changed afterwards."""
    if isinstance(cache, NoCache):
        return
    kept = _Prefix(tuple(ids), copy.deepcopy(cache))
    with _lock:
        line = _prefixes.setdefault(loaded.model, [])
        line[:] = [kept, *(prefix for prefix in line if prefix.ids != kept.ids)][:_KEPT_PREFIXES]


def read(loaded: LoadedModel, ids: Sequence[int], cache: Any) -> Any:
    """Logits behind each of these tokens, which follow what the cache holds  # (len(ids), V)"""
    import torch

    from models.fast_step import read_token

    if len(ids) == 1:
        with turn(), torch.inference_mode():
            logits = read_token(loaded.model, ids[0], cache)
        if logits is not None:
            return logits[None]
    return read_rows(loaded, torch.tensor([list(ids)]), cache)[0]


def read_rows(loaded: LoadedModel, rows: Any, cache: Any) -> Any:
    """The same for several continuations of what the cache holds  # (B, L) to (B, L, V)"""
    import torch

    with turn(), torch.inference_mode():
        if isinstance(cache, NoCache):
            before = torch.tensor([cache.ids] * len(rows), dtype=torch.long)
            cache.ids = [*cache.ids, *rows[0].tolist()]
            return loaded.model(input_ids=torch.cat([before, rows], 1)).logits[:, before.shape[1] :].float()
        return loaded.model(input_ids=rows, past_key_values=cache, use_cache=True).logits.float()


def after_prompt(loaded: LoadedModel, ids: Sequence[int]) -> tuple[Any, Any, int]:
    """Read a prompt, or what is new of it: (logits behind its last token, cache of all of it, tokens reused)."""
    reused, cache = recall(loaded, ids)
    logits = read(loaded, ids[reused:], cache)[-1]  # (V,)
    if len(ids) - reused >= _WORTH_KEEPING:
        _keep(loaded, ids, cache)
    return logits, cache, reused
