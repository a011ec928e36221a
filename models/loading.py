"""Models and tokenizers: from a folder of this repository, the local hub cache, or the hub.

Torch and Transformers are imported inside the functions, so that the app shows its first page before they are loaded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import streamlit as st

from models import hub, packaged
from models.catalogue import ROOT, entry, is_embedded
from models.libraries import import_libraries, import_models, one_at_a_time
from models.results import CatalogueEntry, DownloadProgress, Origin, PlaygroundError, Source
from settings import model_budget

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

__all__ = [
    "LoadedModel",
    "LoadedTokenizer",
    "OnProgress",
    "availability",
    "forget_everything",
    "is_masked",
    "load_model",
    "load_tokenizer",
    "load_with_head",
    "positions_of",
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
        model = _within_budget(str(folder), head, attn_implementation, "")
    except (hub.TooLargeError, _NoHeadError, _UnfitError):
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
        _fit_together(name, model, tokenizer)
    return LoadedModel(model, tokenizer, _origin(candidate, source))


def positions_of(config: Any) -> int:
    """Tokens that a model has learned positions for; 0 where it has none."""
    positions = int(getattr(config, "max_position_embeddings", 0) or 0)
    if config.model_type in ("roberta", "xlm-roberta", "camembert"):
        positions -= int(config.pad_token_id) + 1  # their positions are counted from behind the padding's
    return max(0, positions)


def _fit_together(name: str, model: PreTrainedModel, tokenizer: LoadedTokenizer) -> None:
    """Let the tokenizer know how much the model reads, which not every one says.

    Raises PlaygroundError for a model that reads no text, and where the tokenizer has more tokens than the model.
    """
    if model.main_input_name != "input_ids":
        raise _UnfitError(
            f"{name} reads no text ({model.config.model_type}). Pick another model.",
            f"{name}은(는) 글을 읽는 모델이 아닙니다({model.config.model_type}). 다른 모델을 골라 주세요.",
        )
    rows = model.get_input_embeddings().weight.shape[0]
    if tokenizer.tokenizer.vocab_size > rows:
        raise _UnfitError(
            f"The tokenizer of {name} has {tokenizer.tokenizer.vocab_size:,} tokens and the model embeddings for {rows:,}: they "
            "do not belong together. Pick another model.",
            f"{name}의 토크나이저는 토큰이 {tokenizer.tokenizer.vocab_size:,}개인데 모델의 임베딩은 {rows:,}개라 서로 맞지 않습니다. "
            "다른 모델을 골라 주세요.",
        )
    with tokenizer.lock:
        limit = positions_of(model.config) or tokenizer.tokenizer.model_max_length
        tokenizer.tokenizer.model_max_length = min(tokenizer.tokenizer.model_max_length, limit)


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
    model = _within_budget(str(folder), head, None, str(file))
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


@st.cache_resource(show_spinner=False, max_entries=32)
def _model(folder: str, head: str, attn_implementation: str | None, laid_over: str) -> PreTrainedModel:
    import_models()
    import transformers

    name = _name_of(folder)
    auto = getattr(transformers, "AutoModel" if head == "Model" else f"AutoModelFor{head}", None)
    if auto is None:
        raise ValueError(f"Transformers has no Auto class for the head {head}")
    if not Path(folder).is_relative_to(ROOT):
        _check_config(folder, auto, head)
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
            raise hub.TooLargeError(name) from error
        raise PlaygroundError(
            f"The weights of {name} cannot be read as {head} ({type(error).__name__}: "
            f"{str(error).replace(folder, name)[:160]}). Try again, or pick another model.",
            f"{name}의 가중치를 {head} 클래스로 읽을 수 없습니다({type(error).__name__}). 다시 시도하거나 다른 모델을 골라 주세요.",
        ) from error
    if head == "CausalLM" and is_masked(model.config):
        raise PlaygroundError(
            f"This model ({model.config.model_type}) was not trained to read from left to right. Pick a causal one, such as a GPT.",
            f"이 모델({model.config.model_type})은 왼쪽에서 오른쪽으로 읽도록 학습되지 않았습니다. GPT 같은 인과 모델을 고르세요.",
        )
    if report["mismatched_keys"]:
        raise _mismatch(name)
    reads_pooler = head in ("NextSentencePrediction", "PreTraining")
    if missing := [key for key in report["missing_keys"] if reads_pooler or "pooler" not in key]:
        _headless[folder, head, attn_implementation, laid_over] = min(missing)
        raise _NoHeadError(head, min(missing))
    if laid_over:
        _lay_over(model, laid_over)
    if _is_of_the_hub(folder) and not all(weight.sum().isfinite() for weight in model.parameters()):
        raise _UnfitError(
            f"Some weights of {name} are no numbers (NaN or infinite), so it can compute nothing. Pick another model.",
            f"{name}의 가중치 일부가 수가 아니라서(NaN 또는 무한대) 계산할 수 없습니다. 다른 모델을 골라 주세요.",
        )
    return model.eval()


def _is_of_the_hub(folder: str) -> bool:
    """Whether a model comes from there. Of others we know what is in them, and looking takes a part of the start."""
    return Path(folder).parent.name == "snapshots"


def _name_of(folder: str) -> str:
    """What a viewer calls a model.

    >>> _name_of("/cache/models--klue--bert-base/snapshots/c0ffee"), _name_of("models/checkpoints/mini-bert")
    ('klue/bert-base', 'mini-bert')
    """
    kind, *name = Path(folder).parent.parent.name.split("--")
    return "/".join(name) if kind == "models" else Path(folder).name


def _check_config(folder: str, auto: Any, head: str) -> None:
    """Look at what a model says of itself before it is built, which can take minutes and more memory than there is.

    Raises PlaygroundError for an architecture that the head is not made for, and for sizes far from the file's.
    """
    from transformers import AutoConfig, PreTrainedConfig
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    name = _name_of(folder)
    try:
        kind = PreTrainedConfig.get_config_dict(folder)[0].get("model_type")
        if kind not in CONFIG_MAPPING_NAMES:
            raise _UnfitError(
                f"{name} is of a kind that Transformers does not have ({kind}), and code from the hub is never run. "
                "Pick another model.",
                f"{name}은(는) Transformers에 없는 종류의 모델이고({kind}), 허브의 코드는 실행하지 않습니다. 다른 모델을 골라 주세요.",
            )
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        if type(config) not in auto._model_mapping:
            raise _UnfitError(
                f"{name} has no {head} head, which this page needs: Transformers knows none for its architecture ({kind}). "
                "Pick another model.",
                f"{name}에는 이 페이지에 필요한 {head} 헤드가 없습니다. Transformers에 이 구조({kind})의 {head} 클래스가 없습니다. "
                "다른 모델을 골라 주세요.",
            )
        if head == "Model" and config.is_encoder_decoder:
            raise _UnfitError(
                f"{name} has an encoder and a decoder ({kind}); this page shows models that are one of the two. "
                "Pick a BERT or a GPT, for example.",
                f"{name}은(는) 인코더와 디코더가 모두 있는 모델입니다({kind}). 이 페이지는 둘 중 하나만 있는 모델을 보여 줍니다. "
                "BERT나 GPT 같은 모델을 골라 주세요.",
            )
        if hasattr(config, "quantization_config"):
            raise _UnfitError(
                f"The weights of {name} are quantized, which this playground does not read. Pick another model.",
                f"{name}의 가중치는 양자화되어 있어 이 놀이터에서 읽지 않습니다. 다른 모델을 골라 주세요.",
            )
        tensors, numbers = _weights_in(Path(folder))
        layers = getattr(config, "num_hidden_layers", 0)
        if tensors and isinstance(layers, int) and layers > tensors:
            raise _mismatch(name)
        if tensors and _is_of_the_hub(folder) and _size_on_paper(auto, config) > 2 * numbers + 10**8:
            raise _mismatch(name)
    except PlaygroundError:
        raise
    except Exception as error:
        raise PlaygroundError(
            f"The config.json of {name} cannot be used ({type(error).__name__}). Pick another model.",
            f"{name}의 config.json을 쓸 수 없습니다({type(error).__name__}). 다른 모델을 골라 주세요.",
        ) from error


def _size_on_paper(auto: Any, config: Any) -> int:
    """Parameters of the model that a config describes, without the memory for them; 0 where it cannot be built like that."""
    import torch

    with suppress(Exception), one_at_a_time, torch.device("meta"):
        return sum(one.numel() for one in auto.from_config(config, trust_remote_code=False).parameters())
    return 0


def _mismatch(name: str) -> PlaygroundError:
    return _UnfitError(
        f"The config.json of {name} names sizes that its weights do not have. Pick another model.",
        f"{name}의 config.json에 적힌 크기가 가중치와 맞지 않습니다. 다른 모델을 골라 주세요.",
    )


def is_masked(config: Any) -> bool:
    """Whether it is a masked model, whose weights Transformers would take for a causal one's without a word."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES as MASKED

    return config.model_type in MASKED and not getattr(config, "is_decoder", False)


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


# --- the memory budget -------------------------------------------------------------------------------------------

_budget_lock = Lock()
_Key = tuple[str, str, str | None, str]
_loaded: OrderedDict[_Key, int] = OrderedDict()  # key of _model -> bytes in memory, least recently used first
_headless: dict[_Key, str] = {}  # key of _model -> a weight that the file does not have; it need not be read again


def _within_budget(*key: *_Key) -> PreTrainedModel:
    """The model, for which others may have to go. Raises PlaygroundError where it alone is too large or has no head."""
    if key in _headless:
        raise _NoHeadError(key[1], _headless[key])
    with _budget_lock:
        _make_room(key, _loaded.get(key) or _bytes_in_memory(Path(key[0])))
    try:
        model = _model(*key)
    except PlaygroundError:
        with _budget_lock:
            _loaded.pop(key, None)
        raise
    with _budget_lock:
        if key not in _loaded:  # it had to go while it was being loaded, when there was nothing to clear yet
            _model.clear(*key)
    return model


def _bytes_in_memory(folder: Path) -> int:
    """Of the weights as float32, whatever the files hold."""
    return 4 * _weights_in(folder)[1]


def _weights_in(folder: Path) -> tuple[int, int]:
    """(tensors, numbers in them) in the files; 0 where they cannot be read, as whoever loads them will say."""
    from safetensors import SafetensorError, safe_open

    sizes: list[int] = []
    for file in folder.glob("*.safetensors"):
        with suppress(SafetensorError, OSError), safe_open(file, "numpy") as weights:
            sizes += [prod(weights.get_slice(name).get_shape()) for name in weights.offset_keys()]
    return len(sizes), sum(sizes)


def _make_room(key: _Key, size: int) -> None:
    """Let go of the least recently used models until one more of ``size`` bytes fits the budget."""
    if size > model_budget():
        raise hub.TooLargeError(_name_of(key[0]))
    _loaded.pop(key, None)
    while _loaded and sum(_loaded.values()) + size > model_budget():
        oldest, _ = _loaded.popitem(last=False)
        _model.clear(*oldest)
    _loaded[key] = size


class _UnfitError(PlaygroundError):
    """The files are in order, but they are not those of a model that can be used here."""


class _NoHeadError(PlaygroundError):
    """The file is in order, but the model would begin some of its weights at random."""

    def __init__(self, head: str, weight: str) -> None:
        super().__init__(
            f"The file of this model holds no weights for {head} (none for {weight}); what it says would be random. "
            "Pick another model.",
            f"이 모델의 파일에는 {head}에 필요한 가중치({weight})가 없어서 무작위로 답하게 됩니다. 다른 모델을 골라 주세요.",
        )


def forget_everything() -> None:
    """Let go of all models and tokenizers."""
    with _budget_lock:
        _loaded.clear()
        _headless.clear()
        _model.clear()
        _tokenizer.clear()
