"""Every model that can be picked.

Parameters are those of the architecture with the named head, tied weights counted once; the size is that of the
weights file on the hub, which often holds more or less than that (pooler, precision, buffers).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from models.results import CatalogueEntry, PlaygroundError
from settings import any_model_allowed

__all__ = ["ROOT", "entries", "entry", "first_korean", "is_embedded", "place_of", "same_tokenizer", "trained_for"]

ROOT = Path(__file__).parent.parent  # of the repository; the folders of entries are relative to it
_BERT_TOKENIZER = "models/checkpoints/mini-bert"  # bert-base-uncased's WordPiece, shared by many
_GPT2_TOKENIZER = "models/checkpoints/gpt2-tokenizer"
_MASKED = "masked language modelling"
_CAUSAL = "causal language modelling"
_DETECTION = "replaced token detection"

_BERT = ("Devlin et al. 2019", "https://arxiv.org/abs/1810.04805")
_ELECTRA = ("Clark et al. 2020", "https://arxiv.org/abs/2003.10555")
_GPT2 = (
    "Radford et al. 2019",
    "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf",
)
_DISTILBERT = ("Sanh et al. 2019", "https://arxiv.org/abs/1910.01108")


def _entry(
    name: str,
    family: str,
    objective: str,
    head: str,
    parameters: int,
    embedding_size: int,
    megabytes: int,
    licence: str,
    paper: tuple[str, str],
    language: str = "en",
    folder: str | None = None,
    tokenizer_folder: str | None = None,
    full_size: str | None = None,
) -> CatalogueEntry:
    return CatalogueEntry(
        name=name,
        family=family,
        objective=objective,
        head=head,
        language="ko" if language == "ko" else "en",
        parameters=parameters,
        embedding_size=embedding_size,
        size_bytes=megabytes * 1_000_000,
        licence=licence,
        paper=paper[0],
        paper_url=paper[1],
        folder=folder,
        tokenizer_folder=tokenizer_folder,
        full_size=full_size,
    )


_ENTRIES: tuple[CatalogueEntry, ...] = (
    _entry("mini-bert", "BERT", f"{_MASKED}, next sentence prediction", "PreTraining", 22_893_116, 384, 46,
           "Apache-2.0", _BERT, folder=_BERT_TOKENIZER, tokenizer_folder=_BERT_TOKENIZER, full_size="bert-base-uncased"),
    _entry("bert-base-uncased", "BERT", f"{_MASKED}, next sentence prediction", "PreTraining", 110_106_428, 768, 440,
           "Apache-2.0", _BERT, tokenizer_folder=_BERT_TOKENIZER),
    _entry("bert-large-uncased", "BERT", f"{_MASKED}, next sentence prediction", "PreTraining", 336_226_108, 1024, 1345,
           "Apache-2.0", _BERT, tokenizer_folder=_BERT_TOKENIZER),
    _entry("distilbert-base-uncased", "DistilBERT", f"distillation, {_MASKED}", "MaskedLM", 66_985_530, 768, 268,
           "Apache-2.0", _DISTILBERT, tokenizer_folder=_BERT_TOKENIZER),
    _entry("huawei-noah/TinyBERT_General_4L_312D", "TinyBERT", "distillation", "Model", 14_350_248, 312, 63,
           "Apache-2.0", ("Jiao et al. 2020", "https://arxiv.org/abs/1909.10351"), tokenizer_folder=_BERT_TOKENIZER),
    _entry("albert-base-v2", "ALBERT", f"{_MASKED}, sentence order prediction", "PreTraining", 11_813_810, 128, 47,
           "Apache-2.0", ("Lan et al. 2020", "https://arxiv.org/abs/1909.11942")),
    _entry("xlnet-base-cased", "XLNet", "permutation language modelling", "CausalLM", 116_750_336, 768, 467,
           "MIT", ("Yang et al. 2019", "https://arxiv.org/abs/1906.08237")),
    _entry("mini-electra", "ELECTRA", _DETECTION, "PreTraining", 22_713_601, 384, 45, "Apache-2.0", _ELECTRA,
           folder="models/checkpoints/mini-electra", tokenizer_folder=_BERT_TOKENIZER,
           full_size="google/electra-base-discriminator"),
    _entry("google/electra-small-generator", "ELECTRA", _MASKED, "MaskedLM", 13_546_682, 128, 54,
           "Apache-2.0", _ELECTRA, tokenizer_folder=_BERT_TOKENIZER),
    _entry("google/electra-small-discriminator", "ELECTRA", _DETECTION, "PreTraining", 13_549_057, 128, 54,
           "Apache-2.0", _ELECTRA, tokenizer_folder=_BERT_TOKENIZER),
    _entry("google/electra-base-generator", "ELECTRA", _MASKED, "MaskedLM", 33_740_602, 768, 135,
           "Apache-2.0", _ELECTRA, tokenizer_folder=_BERT_TOKENIZER),
    _entry("google/electra-base-discriminator", "ELECTRA", _DETECTION, "PreTraining", 109_483_009, 768, 440,
           "Apache-2.0", _ELECTRA, tokenizer_folder=_BERT_TOKENIZER),
    _entry("openai-gpt", "GPT-1", _CAUSAL, "CausalLM", 116_534_784, 768, 479,
           "MIT", ("Radford et al. 2018",
                   "https://cdn.openai.com/research-covers/language-unsupervised/language_understanding_paper.pdf")),
    _entry("gpt2", "GPT-2", _CAUSAL, "CausalLM", 124_439_808, 768, 548, "MIT", _GPT2, tokenizer_folder=_GPT2_TOKENIZER),
    _entry("gpt2-medium", "GPT-2", _CAUSAL, "CausalLM", 354_823_168, 1024, 1520,
           "MIT", _GPT2, tokenizer_folder=_GPT2_TOKENIZER),
    _entry("distilgpt2", "GPT-2", f"distillation, {_CAUSAL}", "CausalLM", 81_912_576, 768, 353,
           "Apache-2.0", _DISTILBERT, tokenizer_folder=_GPT2_TOKENIZER),
    _entry("HuggingFaceTB/SmolLM2-135M-Instruct", "SmolLM2", f"{_CAUSAL}, instruction tuning", "CausalLM", 134_515_008,
           576, 269, "Apache-2.0", ("Ben Allal et al. 2025", "https://arxiv.org/abs/2502.02737")),
    _entry("mini-bert-squad", "BERT", "extractive question answering", "QuestionAnswering", 22_566_146, 384, 45,
           "Apache-2.0", _BERT, folder="models/checkpoints/mini-bert-squad", tokenizer_folder=_BERT_TOKENIZER,
           full_size="distilbert-base-uncased-distilled-squad"),
    _entry("distilbert-base-uncased-distilled-squad", "DistilBERT", "extractive question answering",
           "QuestionAnswering", 66_364_418, 768, 265, "Apache-2.0", _DISTILBERT, tokenizer_folder=_BERT_TOKENIZER),
    _entry("deepset/roberta-base-squad2", "RoBERTa", "extractive question answering", "QuestionAnswering",
           124_056_578, 768, 496, "CC-BY-4.0", ("Liu et al. 2019", "https://arxiv.org/abs/1907.11692")),
    _entry("klue/bert-base", "BERT", _MASKED, "MaskedLM", 110_650_880, 768, 445,
           "CC-BY-SA-4.0", ("Park et al. 2021", "https://arxiv.org/abs/2105.09680"), language="ko"),
    _entry("monologg/koelectra-base-v3-generator", "ELECTRA", _MASKED, "MaskedLM", 37_184_184, 768, 148,
           "Apache-2.0", _ELECTRA, language="ko"),
    _entry("monologg/koelectra-base-v3-discriminator", "ELECTRA", _DETECTION, "PreTraining", 112_922_113, 768, 452,
           "Apache-2.0", _ELECTRA, language="ko"),
    _entry("skt/kogpt2-base-v2", "GPT-2", _CAUSAL, "CausalLM", 125_164_032, 768, 513,
           "CC-BY-NC-SA-4.0", _GPT2, language="ko"),
    _entry("mini-student", "DistilBERT (ElectraForMaskedLM)", f"distillation, {_MASKED}", "MaskedLM", 5_387_706, 128, 11,
           "Apache-2.0", _DISTILBERT, folder="models/checkpoints/mini-student", tokenizer_folder=_BERT_TOKENIZER,
           full_size="distilbert-base-uncased"),
)  # fmt: skip


def entries() -> tuple[CatalogueEntry, ...]:
    """All models, in the order of the lecture."""
    return _ENTRIES


def trained_for(objective: str) -> list[str]:
    """The models that were trained with this objective, among others.

    >>> trained_for("sentence order prediction")
    ['albert-base-v2']
    """
    return [entry.name for entry in _ENTRIES if objective in entry.objective.split(", ")]


def _is_id(name: str) -> bool:
    """Whether the hub can have a model of this name, which becomes part of a path and of an address."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return True


def entry(name: str) -> CatalogueEntry:
    """The model with this name.

    Raises PlaygroundError for a name that is not in the catalogue, unless the operator has set
    ``PLAYGROUND_ALLOW_ANY_MODEL=1``: then any id of the hub goes through (safetensors only all the same).
    """
    for candidate in _ENTRIES:
        if candidate.name == name:
            return candidate
    if any_model_allowed() and _is_id(name):
        return _entry(name, "", "", "Model", 0, 0, 0, "", ("", ""))  # nothing is known of it
    if any_model_allowed():
        raise PlaygroundError(
            f"“{name[:80]}” is no id that the hub can have. Type one like FacebookAI/roberta-base, or pick a model from the list.",
            f"“{name[:80]}”은(는) 허브의 모델 ID가 될 수 없습니다. FacebookAI/roberta-base처럼 쓰거나 목록에서 골라 주세요.",
        )
    raise PlaygroundError(
        f"“{name[:80]}” is not among the models of this playground. Pick one from the list.",
        f"“{name[:80]}” 모델은 이 놀이터에 없습니다. 목록에서 골라 주세요.",
    )


def place_of(name: str) -> str:
    """What a reader's own code gives to ``from_pretrained``: the folder of an embedded model, else its name."""
    return entry(name).folder or name


def first_korean(names: Iterable[str]) -> str | None:
    """The first of these models that reads Korean."""
    return next((name for name in names if entry(name).language == "ko"), None)


def same_tokenizer(name: str) -> tuple[str, ...]:
    """Other masked models that cut a text into the very same tokens."""
    folder = entry(name).tokenizer_folder
    return tuple(
        other.name
        for other in _ENTRIES
        if folder and other.tokenizer_folder == folder and other.name != name and _MASKED in other.objective
    )


def is_embedded(candidate: CatalogueEntry) -> bool:
    """Whether the weights are in this repository, and there."""
    return candidate.folder is not None and (ROOT / candidate.folder / "model.safetensors").exists()
