"""A tiny corpus, tiny models and a state folder of their own: nothing here reads the network or the big files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import PreTrainedTokenizerFast

from training import encoder, mini_electra
from training.wikipedia import Corpus

TINY = {
    "vocab_size": 1100,  # a little more than FIRST_WORD
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
    "type_vocab_size": 2,
}


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small models, and everything written to a folder that is thrown away."""
    monkeypatch.setenv("TRAINING_STATE", str(tmp_path))
    monkeypatch.setattr(encoder, "SIZES", TINY)
    monkeypatch.setattr(mini_electra, "SIZES", TINY)
    return tmp_path


@pytest.fixture
def weights() -> dict[str, torch.Tensor]:
    """What stands in for the MiniLM encoder, without a pooler as it would come out of mini-electra."""
    from transformers import BertModel

    torch.manual_seed(0)
    return BertModel(encoder.bert_config(0.0), add_pooling_layer=False).state_dict()


@pytest.fixture
def corpus() -> Corpus:
    """Thirty articles of ten sentences; every token of article a is from a range of its own."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(6, 12, (30, 10))
    ids = [rng.integers(1000 + article, 1003 + article, sizes[article].sum()) for article in range(30)]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    return Corpus(np.concatenate(ids).astype(np.uint16), starts, np.arange(0, 301, 10))


@pytest.fixture(scope="session")
def wordpiece() -> PreTrainedTokenizerFast:
    return encoder.tokenizer()
