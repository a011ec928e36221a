"""Models and tokenizers: from a folder of this repository, the local hub cache, or the hub.

Torch and Transformers are imported inside the functions, so that the app shows its first page before they are loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import streamlit as st

from models import hub, packaged
from models.catalogue import ROOT, entry, is_embedded
from models.compatibility import NoHeadError, UnfitError, fit_together
from models.libraries import import_libraries
from models.results import CatalogueEntry, DownloadProgress, Origin, PlaygroundError, Source
from models.weights import forget_models, read_model

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

__all__ = [
    "LoadedModel",
    "LoadedTokenizer",
    "OnProgress",
    "availability",
    "forget_everything",
    "load_model",
    "load_tokenizer",
    "load_with_head",
]

OnProgress = Callable[[DownloadProgress], None]


@dataclass(frozen=True, eq=False)
class LoadedTokenizer:
    """A fast tokenizer, the lock to hold around each call, and where it came from."""

    tokenizer: PreTrainedTokenizerFast
    lock: Lock
    origin: Origin


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model in evaluation mode with its tokenizer."""

    model: PreTrainedModel
    tokenizer: LoadedTokenizer
    origin: Origin


def availability(candidate: CatalogueEntry, *, tokenizer_only: bool = False) -> Source:
    """Where the files would come from now. Asks no network."""
    if is_embedded(candidate) or (tokenizer_only and candidate.tokenizer_folder is not None):
        return "embedded"
    if candidate.name == packaged.NAME and packaged.is_prepared():
        return "packaged"
    return "cache" if hub.cached_folder(candidate.name, hub.TOKENIZER if tokenizer_only else hub.WEIGHTS) else "hub"


def load_tokenizer(name: str, on_progress: OnProgress | None = None) -> LoadedTokenizer:
    """The tokenizer of a catalogue entry; downloads it where it is not on this computer.

    Raises PlaygroundError with the reason where it cannot be had.
    """
    candidate = entry(name)
    source = availability(candidate, tokenizer_only=True)
    if source == "embedded":
        folder = ROOT / str(candidate.tokenizer_folder or candidate.folder)
    else:
        folder, source = _from_elsewhere(candidate, source, hub.TOKENIZER, on_progress)
    return _tokenizer(str(folder), _origin(candidate, source))


def load_model(
    name: str,
    head: str,
    on_progress: OnProgress | None = None,
    *,
    attn_implementation: str | None = None,
) -> LoadedModel:
    """A catalogue entry with a task head, ``AutoModelFor<head>`` (``AutoModel`` for "Model").

    ``attn_implementation="eager"`` is what returns attention weights; None takes the fastest that the model has. Raises PlaygroundError with the reason where
    the model cannot be had.
    """
    candidate = entry(name)
    source = availability(candidate)
    if source == "embedded":
        folder = ROOT / str(candidate.folder)
    else:
        folder, source = _from_elsewhere(candidate, source, hub.WEIGHTS, on_progress)
    try:
        model = read_model(str(folder), head, attn_implementation, "")
    except (hub.TooLargeError, NoHeadError, UnfitError):
        raise
    except PlaygroundError as error:
        if _forget_damaged(folder, source, hub.WEIGHTS):
            raise _damaged(name) from error
        if source == "embedded":
            raise PlaygroundError(
                f"The file {candidate.folder}/model.safetensors of this installation is damaged. Whoever runs this server "
                "can restore it with git; the other models still work.",
                f"설치된 {candidate.folder}/model.safetensors 파일이 손상되었습니다. 서버 관리자가 git으로 복원할 수 있으며, "
                "다른 모델은 그대로 쓸 수 있습니다.",
            ) from error
        raise
    tokenizer = load_tokenizer(name, on_progress)
    if not candidate.family:  # its id was typed
        fit_together(name, model, tokenizer)
    return LoadedModel(model, tokenizer, _origin(candidate, source))


def load_with_head(
    name: str, head: str, file: Path, origin: Origin, on_progress: OnProgress | None = None
) -> LoadedModel:
    """An embedded model with the weights of a safetensors file laid over its own; the file holds some of them.

    Raises PlaygroundError where one of the two is not there or the file does not fit the model.
    """
    candidate = entry(name)
    if not is_embedded(candidate) or not file.exists():
        missing = file.relative_to(ROOT) if file.is_relative_to(ROOT) else Path(file.name)
        raise PlaygroundError(
            f"The weights of {origin.name} are not part of this installation ({missing} is missing). "
            "Pick another model; the rest of the page works without them.",
            f"이 설치본에는 {origin.name}의 가중치가 없습니다({missing} 파일이 없음). "
            "다른 모델을 고르세요. 페이지의 나머지는 그대로 쓸 수 있습니다.",
        )
    folder = ROOT / str(candidate.folder)
    model = read_model(str(folder), head, None, str(file))
    return LoadedModel(model, load_tokenizer(name, on_progress), origin)


def _from_elsewhere(
    candidate: CatalogueEntry, source: Source, kind: str, on_progress: OnProgress | None
) -> tuple[Path, Source]:
    """The folder of a model that is not in this repository: its package where it has one, else the hub."""
    if candidate.name == packaged.NAME and source != "cache":
        try:
            return packaged.prepare(on_progress), "packaged"
        except PlaygroundError as no_package:
            try:
                return hub.fetch(candidate.name, kind, on_progress), "hub"
            except PlaygroundError as no_hub:
                raise no_package from no_hub
    return hub.fetch(candidate.name, kind, on_progress), source


def _forget_damaged(folder: Path, source: Source, kind: str) -> bool:
    """Remove damaged files that can be fetched again; whether there were any."""
    if source == "packaged":
        return packaged.forget_damaged()
    return source in ("cache", "hub") and hub.forget_damaged(folder, kind)


def _damaged(name: str) -> PlaygroundError:
    return PlaygroundError(
        f"Files of {name} cannot be read: they are damaged, and were removed. Try again to fetch them anew.",
        f"{name}의 파일이 손상되어 읽을 수 없어서 지웠습니다. 다시 시도하면 새로 받습니다.",
    )


def _origin(candidate: CatalogueEntry, source: Source) -> Origin:
    return Origin(candidate, candidate.name, source, candidate.folder or candidate.name)


@st.cache_resource(show_spinner=False, max_entries=64)
def _tokenizer(folder: str, origin: Origin) -> LoadedTokenizer:
    import_libraries()
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=True, trust_remote_code=False)
    except Exception as error:
        if _forget_damaged(Path(folder), origin.source, hub.TOKENIZER):
            raise _damaged(origin.name) from error
        raise PlaygroundError(
            f"The tokenizer of {origin.name} cannot be read ({type(error).__name__}). Try again, or pick another model.",
            f"{origin.name}의 토크나이저를 읽을 수 없습니다({type(error).__name__}). 다시 시도하거나 다른 모델을 골라 주세요.",
        ) from error
    # where no file has a vocabulary, Transformers builds an empty one without a word
    if len(tokenizer) <= len(set(tokenizer.all_special_tokens)):
        raise PlaygroundError(
            f"{origin.name} comes without the files of a tokenizer (such as tokenizer.json), so no text can be cut for it. "
            "Pick another model.",
            f"{origin.name}에는 토크나이저 파일(tokenizer.json 등)이 없어 글을 토큰으로 나눌 수 없습니다. 다른 모델을 골라 주세요.",
        )
    if not tokenizer.is_fast:
        raise PlaygroundError(
            f"{origin.name} has no fast tokenizer, so character offsets are not known. Pick another model.",
            f"{origin.name}에는 fast 토크나이저가 없어 글자 위치를 알 수 없습니다. 다른 모델을 골라 주세요.",
        )
    return LoadedTokenizer(tokenizer, Lock(), origin)


def forget_everything() -> None:
    """Let go of all models and tokenizers."""
    forget_models()
    _tokenizer.clear()
