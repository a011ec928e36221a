"""Torch and Transformers take seconds to import: once, by one thread, beside the first page.

Transformers fills its modules as they are asked for, which breaks when two threads do it at once; whoever needs it
calls :func:`import_libraries` first.
"""

from __future__ import annotations

from threading import Lock

__all__ = ["import_libraries", "one_at_a_time"]

_lock = Lock()

# While from_pretrained builds a model, Transformers turns initialization and weight tying off for the whole process: two
# models built at once can end up with weights that are untied, random or not there at all.
one_at_a_time = Lock()


def import_libraries() -> None:
    """Return as soon as the libraries are imported, by this thread or by another."""
    with _lock:
        import torch  # noqa: F401
        from transformers import (  # noqa: F401
            AutoConfig,
            AutoModel,
            AutoTokenizer,
            PreTrainedTokenizerFast,
            convert_slow_tokenizer,
        )
