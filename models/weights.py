"""Weights in memory: read once, kept for everyone, and let go where the memory budget asks for it."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

from models.catalogue import ROOT
from models.compatibility import NoHeadError, check_config, check_loaded, name_of, weights_in
from models.hub import TooLargeError
from models.libraries import import_models, one_at_a_time
from models.results import PlaygroundError
from settings import model_budget

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["forget_models", "read_model"]

_Key = tuple[str, str, str | None, str]  # what changes the weights in memory: the parameters of _model
_lock = Lock()
_held: OrderedDict[_Key, int] = OrderedDict()  # bytes in memory, least recently used first
_headless: dict[_Key, str] = {}  # a weight that the file does not have; it need not be read again


def read_model(*key: *_Key) -> PreTrainedModel:
    """The model, for which others may have to go. Raises PlaygroundError where it alone is too large or cannot be used.

    ``key``: its folder, the head, ``attn_implementation``, and a file whose weights are laid over the model's ("": none).
    """
    if key in _headless:
        raise NoHeadError(key[1], _headless[key])
    with _lock:
        _make_room(key, _held.get(key) or _bytes_in_memory(Path(key[0])))
    try:
        model = _model(*key)
    except PlaygroundError as error:
        if isinstance(error, NoHeadError):
            _headless[key] = error.weight
        with _lock:
            _held.pop(key, None)
        raise
    with _lock:
        if key not in _held:  # it had to go while it was being loaded, when there was nothing to clear yet
            _model.clear(*key)
    return model


@st.cache_resource(show_spinner=False, max_entries=32)
def _model(folder: str, head: str, attn_implementation: str | None, laid_over: str) -> PreTrainedModel:
    import_models()
    import transformers

    name = name_of(folder)
    auto = getattr(transformers, "AutoModel" if head == "Model" else f"AutoModelFor{head}", None)
    if auto is None:
        raise ValueError(f"Transformers has no Auto class for the head {head}")
    if not Path(folder).is_relative_to(ROOT):
        check_config(folder, auto, head)
    try:
        with one_at_a_time:
            model, report = auto.from_pretrained(
                folder,
                dtype="float32",
                attn_implementation=attn_implementation,
                use_safetensors=True,
                trust_remote_code=False,
                ignore_mismatched_sizes=True,  # told below
                output_loading_info=True,
            )
    except Exception as error:
        if isinstance(error, MemoryError) or "allocate memory" in str(error):  # torch raises a RuntimeError
            raise TooLargeError(name) from error
        raise PlaygroundError(
            f"The weights of {name} cannot be read as {head} ({type(error).__name__}: "
            f"{str(error).replace(folder, name)[:160]}). Try again, or pick another model.",
            f"{name}의 가중치를 {head} 클래스로 읽을 수 없습니다({type(error).__name__}). 다시 시도하거나 다른 모델을 골라 주세요.",
        ) from error
    check_loaded(model, report, folder, head)
    if laid_over:
        _lay_over(model, laid_over)
    return model.eval()


def _make_room(key: _Key, size: int) -> None:
    """Let go of the least recently used models until one more of ``size`` bytes fits the budget."""
    if size > model_budget():
        raise TooLargeError(name_of(key[0]))
    _held.pop(key, None)
    while _held and sum(_held.values()) + size > model_budget():
        oldest, _ = _held.popitem(last=False)
        _model.clear(*oldest)
    _held[key] = size


def _bytes_in_memory(folder: Path) -> int:
    """Of the weights as float32, whatever the files hold."""
    return 4 * weights_in(folder)[1]


def _lay_over(model: PreTrainedModel, file: str) -> None:
    """Put the weights of a file in the place of the model's."""
    from safetensors.torch import load_file

    try:
        unknown = model.load_state_dict(load_file(file), strict=False).unexpected_keys
    except Exception as error:
        raise _does_not_fit(file, type(error).__name__) from error
    if unknown:
        raise _does_not_fit(file, str(unknown[0]))


def _does_not_fit(file: str, why: str) -> PlaygroundError:
    name = "/".join(Path(file).parts[-2:])
    return PlaygroundError(
        f"The weights in {name} cannot be put on this model ({why}). Whoever runs this server can restore the file.",
        f"{name}의 가중치를 이 모델에 얹을 수 없습니다({why}). 서버 관리자가 파일을 복원할 수 있습니다.",
    )


def forget_models() -> None:
    """Let go of all of them."""
    with _lock:
        _held.clear()
        _headless.clear()
        _model.clear()
