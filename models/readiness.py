"""Load what the pages open with before somebody asks for it, and tell whether that is done."""

from __future__ import annotations

import gc
import importlib.metadata
import logging
from collections.abc import Callable
from functools import cache
from threading import Event
from typing import Any

from models import packaged
from models.catalogue import entry, is_embedded
from models.compute import store_megabytes
from models.libraries import import_models
from models.loading import load_model

__all__ = ["readiness", "warm_up"]

_VERSIONS = ("streamlit", "torch", "transformers", "tokenizers")
_loaded: list[str] = []
_failed: list[str] = []
_done = Event()


def _defaults() -> dict[str, Callable[[], object]]:
    """Name -> what loads it, for the model that each page opens with, if it is on this computer."""
    from models.attention import load_for_attention

    found: dict[str, Callable[[], object]] = {}
    for name, head in (
        ("mini-bert", "MaskedLM"),
        ("mini-bert-squad", "QuestionAnswering"),
        ("mini-electra", "PreTraining"),
    ):
        if is_embedded(entry(name)):
            found[f"{name} {head}"] = lambda name=name, head=head: load_model(name, head)  # type: ignore[misc]
    if is_embedded(entry("mini-bert")):
        found["mini-bert attention"] = lambda: load_for_attention("mini-bert")
    if packaged.is_prepared():
        found[f"{packaged.NAME} CausalLM"] = _causal
    return found


def _causal() -> None:
    from models.fast_step import prepare_step

    prepare_step(load_model(packaged.NAME, "CausalLM").model)


def warm_up() -> None:
    """Import the libraries and load the default models, one after the other; what fails is logged and left out."""
    import_models()
    for name, load in _defaults().items():
        try:
            load()
            _loaded.append(name)
        except Exception:
            logging.getLogger("playground").exception("not ready: %s", name)
            _failed.append(name)
    gc.collect()
    gc.freeze()  # half a million objects that stay: a collection took 0.3 s to look at them all, and everybody waited
    _done.set()


@cache
def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _VERSIONS}


def readiness() -> dict[str, Any]:
    """Whether everything is loaded, which models are, which could not be, how full the store of results is, and the
    versions of the libraries."""
    return {
        "ready": _done.is_set() and not _failed,
        "loaded": list(_loaded),
        "failed": list(_failed),
        "results_megabytes": round(store_megabytes(), 1),
        "versions": _versions(),
    }
