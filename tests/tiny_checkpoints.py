"""Tiny random checkpoints of every architecture in the catalogue, for tests only.

Random weights: what comes out of them means nothing; that they load and run is what the tests look at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AlbertConfig,
    AlbertForPreTraining,
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    BertModel,
    DistilBertConfig,
    DistilBertForMaskedLM,
    DistilBertForQuestionAnswering,
    ElectraConfig,
    ElectraForMaskedLM,
    ElectraForPreTraining,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    OpenAIGPTConfig,
    OpenAIGPTLMHeadModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForQuestionAnswering,
    XLNetConfig,
    XLNetLMHeadModel,
)

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "want", "to", "go", "home", ".", "me", "too"]
_V = {"vocab_size": len(WORDS)}
_BERT = {**_V, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
_ELECTRA = {**_BERT, "embedding_size": 4}
_DISTIL = {**_V, "dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 16}
_GPT = {**_V, "n_embd": 8, "n_layer": 2, "n_head": 2}
_LLAMA = {
    **_V, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "intermediate_size": 16,
}  # fmt: skip

ARCHITECTURES: dict[str, tuple[type[Any], type[Any], dict[str, int]]] = {
    "bert-base-uncased": (BertForPreTraining, BertConfig, _BERT),
    "bert-large-uncased": (BertForPreTraining, BertConfig, _BERT),
    "distilbert-base-uncased": (DistilBertForMaskedLM, DistilBertConfig, _DISTIL),
    "huawei-noah/TinyBERT_General_4L_312D": (BertModel, BertConfig, _BERT),
    "albert-base-v2": (AlbertForPreTraining, AlbertConfig, _ELECTRA),
    "xlnet-base-cased": (XLNetLMHeadModel, XLNetConfig, {**_V, "d_model": 8, "n_layer": 2, "n_head": 2, "d_inner": 16}),
    "google/electra-small-generator": (ElectraForMaskedLM, ElectraConfig, _ELECTRA),
    "google/electra-small-discriminator": (ElectraForPreTraining, ElectraConfig, _ELECTRA),
    "google/electra-base-generator": (ElectraForMaskedLM, ElectraConfig, _ELECTRA),
    "google/electra-base-discriminator": (ElectraForPreTraining, ElectraConfig, _ELECTRA),
    "openai-gpt": (OpenAIGPTLMHeadModel, OpenAIGPTConfig, _GPT),
    "gpt2": (GPT2LMHeadModel, GPT2Config, _GPT),
    "gpt2-medium": (GPT2LMHeadModel, GPT2Config, _GPT),
    "distilgpt2": (GPT2LMHeadModel, GPT2Config, _GPT),
    "HuggingFaceTB/SmolLM2-135M-Instruct": (LlamaForCausalLM, LlamaConfig, _LLAMA),
    "distilbert-base-uncased-distilled-squad": (  # it comes with the embedded tokenizer of BERT
        DistilBertForQuestionAnswering,
        DistilBertConfig,
        {**_DISTIL, "vocab_size": 30_522},
    ),
    "deepset/roberta-base-squad2": (RobertaForQuestionAnswering, RobertaConfig, _BERT),
    "klue/bert-base": (BertForMaskedLM, BertConfig, _BERT),
    "monologg/koelectra-base-v3-generator": (ElectraForMaskedLM, ElectraConfig, _ELECTRA),
    "monologg/koelectra-base-v3-discriminator": (ElectraForPreTraining, ElectraConfig, _ELECTRA),
    "skt/kogpt2-base-v2": (GPT2LMHeadModel, GPT2Config, _GPT),
}


def make_tokenizer() -> PreTrainedTokenizerFast:
    """A word-level tokenizer of thirteen entries with BERT's special tokens."""
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=32,
    )


def make_checkpoint(name: str, folder: Path, max_shard_size: str = "1GB", **other_sizes: int) -> None:
    """Write the tiny checkpoint of a catalogue entry as a Transformers folder.

    ``vocab_size=50257`` makes it fit the embedded tokenizers, which the app takes where it has them;
    ``max_shard_size="2KB"`` cuts the weights into several files.
    """
    model_class, config_class, sizes = ARCHITECTURES[name]
    model_class(config_class(**{**sizes, **other_sizes})).save_pretrained(folder, max_shard_size=max_shard_size)
    make_tokenizer().save_pretrained(folder)
