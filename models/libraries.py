"""Torch and Transformers take seconds to import: once, by one thread, beside the first page.

Transformers fills its modules as they are asked for, which breaks when two threads do it at once; whoever needs it
calls :func:`import_libraries` first.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

from models.process import cores

__all__ = ["import_libraries", "import_models", "one_at_a_time"]

_lock = Lock()

# While from_pretrained builds a model, Transformers turns initialization and weight tying off for the whole process: two
# models built at once can end up with weights that are untied, random or not there at all.
one_at_a_time = Lock()


@cache
def import_libraries() -> None:
    """Return as soon as Torch and the tokenizers are imported, by this thread or by another."""
    with _lock, _without_collections():
        import torch
        from transformers import (  # noqa: F401
            AutoConfig,
            AutoModel,
            AutoTokenizer,
            PreTrainedTokenizerFast,
            convert_slow_tokenizer,
        )

        torch.set_num_threads(min(torch.get_num_threads(), cores()))


@cache
def import_models() -> None:
    """Return as soon as the model classes are imported too, which takes another second."""
    import_libraries()
    with one_at_a_time, _without_collections():
        from transformers import BertForMaskedLM, ElectraForPreTraining  # noqa: F401


@contextmanager
def _without_collections() -> Iterator[None]:
    """Nothing of what is imported is garbage; looking for some, now and later, takes a fifth of the time.

    Once only: what is frozen is never looked at again, and what a viewer leaves behind has to be.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
