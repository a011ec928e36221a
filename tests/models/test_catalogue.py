"""The catalogue says what is true of each model."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers

from models import packaged
from models.catalogue import ROOT, entries, entry, is_embedded
from models.results import PlaygroundError

# Published hyper-parameters, where they differ from the defaults of the configuration class.
SMALL_ELECTRA = {"embedding_size": 128, "hidden_size": 256, "num_attention_heads": 4, "intermediate_size": 1024}
BASE_ELECTRA = {"embedding_size": 768, "hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072}
PUBLISHED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "mini-bert": (
        "BertConfig",
        "BertForPreTraining",
        {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536},
    ),
    "bert-base-uncased": ("BertConfig", "BertForPreTraining", {}),
    "bert-large-uncased": (
        "BertConfig",
        "BertForPreTraining",
        {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096},
    ),
    "distilbert-base-uncased": ("DistilBertConfig", "DistilBertForMaskedLM", {}),
    "huawei-noah/TinyBERT_General_4L_312D": (
        "BertConfig",
        "BertModel",
        {"hidden_size": 312, "num_hidden_layers": 4, "num_attention_heads": 12, "intermediate_size": 1200},
    ),
    "albert-base-v2": (
        "AlbertConfig",
        "AlbertForPreTraining",
        {"hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072},
    ),
    "xlnet-base-cased": (
        "XLNetConfig",
        "XLNetLMHeadModel",
        {"d_model": 768, "n_layer": 12, "n_head": 12, "d_inner": 3072},
    ),
    "google/electra-small-generator": ("ElectraConfig", "ElectraForMaskedLM", SMALL_ELECTRA),
    "google/electra-small-discriminator": ("ElectraConfig", "ElectraForPreTraining", SMALL_ELECTRA),
    "google/electra-base-generator": (
        "ElectraConfig",
        "ElectraForMaskedLM",
        {"embedding_size": 768, "hidden_size": 256, "num_attention_heads": 4, "intermediate_size": 1024},
    ),
    "google/electra-base-discriminator": ("ElectraConfig", "ElectraForPreTraining", BASE_ELECTRA),
    "openai-gpt": ("OpenAIGPTConfig", "OpenAIGPTLMHeadModel", {}),
    "gpt2": ("GPT2Config", "GPT2LMHeadModel", {}),
    "gpt2-medium": ("GPT2Config", "GPT2LMHeadModel", {"n_embd": 1024, "n_layer": 24, "n_head": 16}),
    "distilgpt2": ("GPT2Config", "GPT2LMHeadModel", {"n_layer": 6}),
    "HuggingFaceTB/SmolLM2-135M-Instruct": (
        "LlamaConfig",
        "LlamaForCausalLM",
        {
            "vocab_size": 49152,
            "hidden_size": 576,
            "num_hidden_layers": 30,
            "num_attention_heads": 9,
            "num_key_value_heads": 3,
            "intermediate_size": 1536,
            "tie_word_embeddings": True,
        },
    ),
    "mini-electra": (
        "ElectraConfig",
        "ElectraForPreTraining",
        {
            "embedding_size": 384,
            "hidden_size": 384,
            "num_hidden_layers": 6,
            "num_attention_heads": 12,
            "intermediate_size": 1536,
        },
    ),
    "mini-bert-squad": (
        "BertConfig",
        "BertForQuestionAnswering",
        {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536},
    ),
    "distilbert-base-uncased-distilled-squad": ("DistilBertConfig", "DistilBertForQuestionAnswering", {}),
    "deepset/roberta-base-squad2": (
        "RobertaConfig",
        "RobertaForQuestionAnswering",
        {"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1},
    ),
    "klue/bert-base": ("BertConfig", "BertForMaskedLM", {"vocab_size": 32000}),
    "monologg/koelectra-base-v3-generator": (
        "ElectraConfig",
        "ElectraForMaskedLM",
        {
            "vocab_size": 35000,
            "embedding_size": 768,
            "hidden_size": 256,
            "num_attention_heads": 4,
            "intermediate_size": 1024,
        },
    ),
    "monologg/koelectra-base-v3-discriminator": (
        "ElectraConfig",
        "ElectraForPreTraining",
        {"vocab_size": 35000, **BASE_ELECTRA},
    ),
    "skt/kogpt2-base-v2": ("GPT2Config", "GPT2LMHeadModel", {"vocab_size": 51200}),
    "mini-student": (
        "ElectraConfig",
        "ElectraForMaskedLM",
        {
            "embedding_size": 128,
            "hidden_size": 192,
            "num_hidden_layers": 3,
            "num_attention_heads": 12,
            "intermediate_size": 768,
        },
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_of_the_architecture(name: str) -> None:
    config_name, class_name, sizes = PUBLISHED[name]
    with torch.device("meta"):
        model = getattr(transformers, class_name)(getattr(transformers, config_name)(**sizes))
    model.tie_weights()
    assert entry(name).parameters == sum(parameter.numel() for parameter in model.parameters())
    assert entry(name).embedding_size == model.get_input_embeddings().weight.shape[1]


def test_every_model_has_its_facts() -> None:
    names = [candidate.name for candidate in entries()]
    assert len(names) == len(set(names)) >= 20
    for candidate in entries():
        assert candidate.licence
        assert candidate.paper
        assert candidate.paper_url.startswith("https://")
        half = candidate.folder or candidate.name == packaged.NAME  # float16; the others on the hub are float32
        stored = 2 if half else 4  # bytes
        assert 0.5 < candidate.size_bytes / (stored * candidate.parameters) < 1.5, candidate.name
        if candidate.tokenizer_folder:
            assert (ROOT / candidate.tokenizer_folder / "tokenizer.json").exists()


def test_unknown_models_are_refused_unless_the_operator_allows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PlaygroundError, match="not among the models"):
        entry("someone/else")
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    assert not is_embedded(entry("someone/else"))
    for hostile in ("../../etc/passwd", "https://example.org/x", "a/b/c", "", "<script>", "/tmp"):
        with pytest.raises(PlaygroundError):
            entry(hostile)


def test_embedded_models_name_their_full_size() -> None:
    for one in entries():
        assert (one.folder is None) is (one.full_size is None)
        if one.full_size is not None:
            full = entry(one.full_size)
            assert full.head == one.head
            assert full.parameters > one.parameters
