"""Fixtures of the model layer: real embedded tokenizers and models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from models import loading
from models.catalogue import entry, is_embedded
from models.loading import LoadedModel, LoadedTokenizer, load_model, load_tokenizer
from models.results import Origin
from tests.hub_server import HubServer


@pytest.fixture
def hub(hub: HubServer) -> Iterator[HubServer]:
    """A hub for a test before and after which no model is loaded."""
    loading.forget_everything()
    yield hub
    loading.forget_everything()


@pytest.fixture(scope="session")
def bert() -> LoadedTokenizer:
    return load_tokenizer("bert-base-uncased")


@pytest.fixture(scope="session")
def gpt2() -> LoadedTokenizer:
    return load_tokenizer("gpt2")


@pytest.fixture(scope="session")
def squad_model() -> LoadedModel:
    """The embedded model for questions; tests that need real answers wait until its weights are in the repository."""
    if not is_embedded(entry("mini-bert-squad")):
        pytest.skip("THE WEIGHTS OF mini-bert-squad ARE NOT IN THE REPOSITORY")
    return load_model("mini-bert-squad", "QuestionAnswering")


@pytest.fixture(scope="session")
def random_reader(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    """BERT's real vocabulary under a tiny BertForQuestionAnswering with random weights: every span can win."""
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, initializer_range=1.0
    )
    origin = Origin(None, "random", "embedded", "random")
    tokenizer = load_tokenizer("bert-base-uncased")
    return LoadedModel(BertForQuestionAnswering(config).eval(), tokenizer, origin)
