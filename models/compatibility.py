"""Can a model be used here? What is looked at before and after its weights are read.

Any id of the hub can be typed in, so that a config may promise anything and a file may hold anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.libraries import one_at_a_time
from models.results import PlaygroundError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from models.loading import LoadedTokenizer

__all__ = [
    "NoHeadError",
    "UnfitError",
    "check_config",
    "check_loaded",
    "fit_together",
    "is_masked",
    "name_of",
    "positions_of",
    "weights_in",
]


class UnfitError(PlaygroundError):
    """The files are in order, but they are not those of a model that can be used here."""


class NoHeadError(PlaygroundError):
    """The file is in order, but the model would begin some of its weights at random, ``weight`` among them."""

    def __init__(self, head: str, weight: str) -> None:
        self.weight = weight
        super().__init__(
            f"The file of this model holds no weights for {head} (none for {weight}); what it says would be random. "
            "Pick another model.",
            f"이 모델의 파일에는 {head}에 필요한 가중치({weight})가 없어서 무작위로 답하게 됩니다. 다른 모델을 골라 주세요.",
        )


def check_config(folder: str, auto: Any, head: str) -> None:
    """Look at what a model says of itself before it is built, which can take minutes and more memory than there is.

    Raises PlaygroundError for an architecture that the head is not made for, and for sizes far from the file's.
    """
    from transformers import AutoConfig, PreTrainedConfig
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    name = name_of(folder)
    try:
        kind = PreTrainedConfig.get_config_dict(folder)[0].get("model_type")
        if kind not in CONFIG_MAPPING_NAMES:
            raise UnfitError(
                f"{name} is of a kind that Transformers does not have ({kind}), and code from the hub is never run. "
                "Pick another model.",
                f"{name}은(는) Transformers에 없는 종류의 모델이고({kind}), 허브의 코드는 실행하지 않습니다. 다른 모델을 골라 주세요.",
            )
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        if type(config) not in auto._model_mapping:
            raise UnfitError(
                f"{name} has no {head} head, which this page needs: Transformers knows none for its architecture ({kind}). "
                "Pick another model.",
                f"{name}에는 이 페이지에 필요한 {head} 헤드가 없습니다. Transformers에 이 구조({kind})의 {head} 클래스가 없습니다. "
                "다른 모델을 골라 주세요.",
            )
        if head == "Model" and config.is_encoder_decoder:
            raise UnfitError(
                f"{name} has an encoder and a decoder ({kind}); this page shows models that are one of the two. "
                "Pick a BERT or a GPT, for example.",
                f"{name}은(는) 인코더와 디코더가 모두 있는 모델입니다({kind}). 이 페이지는 둘 중 하나만 있는 모델을 보여 줍니다. "
                "BERT나 GPT 같은 모델을 골라 주세요.",
            )
        if hasattr(config, "quantization_config"):
            raise UnfitError(
                f"The weights of {name} are quantized, which this playground does not read. Pick another model.",
                f"{name}의 가중치는 양자화되어 있어 이 놀이터에서 읽지 않습니다. 다른 모델을 골라 주세요.",
            )
        tensors, numbers = weights_in(Path(folder))
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


def check_loaded(model: PreTrainedModel, report: Mapping[str, Any], folder: str, head: str) -> None:
    """Look at a model that was read, and at what ``from_pretrained`` reports with ``output_loading_info``.

    Raises PlaygroundError for a masked model taken for a causal one, for sizes that differ, for weights that the file does
    not have, and for weights that are no numbers.
    """
    name = name_of(folder)
    if head == "CausalLM" and is_masked(model.config):
        raise UnfitError(
            f"This model ({model.config.model_type}) was not trained to read from left to right. Pick a causal one, such as a GPT.",
            f"이 모델({model.config.model_type})은 왼쪽에서 오른쪽으로 읽도록 학습되지 않았습니다. GPT 같은 인과 모델을 고르세요.",
        )
    if report["mismatched_keys"]:
        raise _mismatch(name)
    reads_pooler = head in ("NextSentencePrediction", "PreTraining")
    if missing := [key for key in report["missing_keys"] if reads_pooler or "pooler" not in key]:
        raise NoHeadError(head, min(missing))
    if _is_of_the_hub(folder) and not all(weight.sum().isfinite() for weight in model.parameters()):
        raise UnfitError(
            f"Some weights of {name} are no numbers (NaN or infinite), so it can compute nothing. Pick another model.",
            f"{name}의 가중치 일부가 수가 아니라서(NaN 또는 무한대) 계산할 수 없습니다. 다른 모델을 골라 주세요.",
        )


def fit_together(name: str, model: PreTrainedModel, tokenizer: LoadedTokenizer) -> None:
    """Let the tokenizer know how much the model reads, which not every one says.

    Raises PlaygroundError for a model that reads no text, and where the tokenizer has more tokens than the model.
    """
    if model.main_input_name != "input_ids":
        raise UnfitError(
            f"{name} reads no text ({model.config.model_type}). Pick another model.",
            f"{name}은(는) 글을 읽는 모델이 아닙니다({model.config.model_type}). 다른 모델을 골라 주세요.",
        )
    rows = model.get_input_embeddings().weight.shape[0]
    if tokenizer.tokenizer.vocab_size > rows:
        raise UnfitError(
            f"The tokenizer of {name} has {tokenizer.tokenizer.vocab_size:,} tokens and the model embeddings for {rows:,}: they "
            "do not belong together. Pick another model.",
            f"{name}의 토크나이저는 토큰이 {tokenizer.tokenizer.vocab_size:,}개인데 모델의 임베딩은 {rows:,}개라 서로 맞지 않습니다. "
            "다른 모델을 골라 주세요.",
        )
    with tokenizer.lock:
        limit = positions_of(model.config) or tokenizer.tokenizer.model_max_length
        tokenizer.tokenizer.model_max_length = min(tokenizer.tokenizer.model_max_length, limit)


def _mismatch(name: str) -> PlaygroundError:
    return UnfitError(
        f"The config.json of {name} names sizes that its weights do not have. Pick another model.",
        f"{name}의 config.json에 적힌 크기가 가중치와 맞지 않습니다. 다른 모델을 골라 주세요.",
    )


def is_masked(config: Any) -> bool:
    """Whether it is a masked model, whose weights Transformers would take for a causal one's without a word."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES as MASKED

    return config.model_type in MASKED and not getattr(config, "is_decoder", False)


def positions_of(config: Any) -> int:
    """Tokens that a model has learned positions for; 0 where it has none."""
    positions = int(getattr(config, "max_position_embeddings", 0) or 0)
    if config.model_type in ("roberta", "xlm-roberta", "camembert"):
        positions -= int(config.pad_token_id) + 1  # their positions are counted from behind the padding's
    return max(0, positions)


def weights_in(folder: Path) -> tuple[int, int]:
    """(tensors, numbers in them) in the files; 0 where they cannot be read, as whoever loads them will say."""
    from safetensors import SafetensorError, safe_open

    sizes: list[int] = []
    for file in folder.glob("*.safetensors"):
        with suppress(SafetensorError, OSError), safe_open(file, "numpy") as weights:
            sizes += [prod(weights.get_slice(name).get_shape()) for name in weights.offset_keys()]
    return len(sizes), sum(sizes)


def _is_of_the_hub(folder: str) -> bool:
    """Whether a model comes from there. Of others we know what is in them, and looking takes a part of the start."""
    return Path(folder).parent.name == "snapshots"


def name_of(folder: str) -> str:
    """What a viewer calls a model.

    >>> name_of("/cache/models--klue--bert-base/snapshots/c0ffee"), name_of("models/checkpoints/mini-bert")
    ('klue/bert-base', 'mini-bert')
    """
    kind, *name = Path(folder).parent.parent.name.split("--")
    return "/".join(name) if kind == "models" and name else Path(folder).name
