"""Fixtures of the model layer: real embedded tokenizers, and a hub on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from models import loading
from models.catalogue import entry, is_embedded
from models.loading import LoadedModel, LoadedTokenizer, load_model, load_tokenizer
from models.results import Origin
from tests.hub_server import HubServer
from tests.tiny_checkpoints import ARCHITECTURES, make_checkpoint


@pytest.fixture(scope="session")
def bert() -> LoadedTokenizer:
    return load_tokenizer("bert-base-uncased")


@pytest.fixture(scope="session")
def gpt2() -> LoadedTokenizer:
    return load_tokenizer("gpt2")


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny checkpoints of every model in the catalogue, as folders named like on the hub."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for name in ARCHITECTURES:
        make_checkpoint(name, folder / name)
    return folder


@pytest.fixture
def hub(checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub of its own for one test, with an empty cache and little patience."""
    from huggingface_hub import constants
    from huggingface_hub.utils import _http

    with HubServer(checkpoints) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "packages"))
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setattr(_http.time, "sleep", lambda seconds: None)  # the pauses between attempts
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1024)  # the checkpoints are tiny
        monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)
        monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.5)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        loading.forget_everything()
        yield server
    loading.forget_everything()


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
