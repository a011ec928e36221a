"""The fast step against the model itself: the same numbers, only sooner."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from transformers import DynamicCache, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from models.fast_step import prepare_step, read_token
from models.loading import load_model
from models.packaged import NAME


def tiny_llama() -> Any:
    config = LlamaConfig(
        vocab_size=100, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64,
    )  # fmt: skip
    return LlamaForCausalLM(config)


def with_float16_numbers(model: Any) -> Any:
    return model.half().float()


MODELS = {
    "GPT-2": lambda: GPT2LMHeadModel(GPT2Config(vocab_size=100, n_embd=32, n_layer=2, n_head=2, n_positions=64)),
    "Llama": tiny_llama,
    "Llama in float16": lambda: with_float16_numbers(tiny_llama()),
    "SmolLM2": lambda: load_model(NAME, "CausalLM").model,
}


@pytest.mark.parametrize("name", MODELS)
def test_every_step_equals_the_model(name: str) -> None:
    torch.manual_seed(0)
    model: Any = MODELS[name]().eval()
    prepare_step(model)
    ids = torch.randint(5, 100, (20 if name == "SmolLM2" else 40,)).tolist()
    ours, theirs = DynamicCache(config=model.config), DynamicCache(config=model.config)
    with torch.inference_mode():
        for cache in (ours, theirs):
            model(input_ids=torch.tensor([ids[:7]]), past_key_values=cache, use_cache=True)
        for token in ids[7:]:
            found = read_token(model, token, ours)
            direct = model(input_ids=torch.tensor([[token]]), past_key_values=theirs, use_cache=True).logits[0, -1]
            assert found is not None
            torch.testing.assert_close(found, direct, atol=2e-3, rtol=1e-4)
    assert ours.get_seq_length() == theirs.get_seq_length() == len(ids)


def test_the_first_token_of_all_is_left_to_the_model() -> None:
    """A prompt of one token: the step was traced behind some, and would fail behind none."""
    model: Any = tiny_llama().eval()
    prepare_step(model)
    assert read_token(model, 7, DynamicCache(config=model.config)) is None


@pytest.mark.parametrize("name", ["Llama", "Llama in float16"])
def test_it_goes_with_its_model(name: str) -> None:
    model: Any = MODELS[name]().eval()
    prepare_step(model)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
