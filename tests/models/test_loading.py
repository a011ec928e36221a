"""Models and tokenizers load from each of the three places, and failures can be repaired."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from models import loading
from models.catalogue import entries, entry
from models.loading import LoadedModel, availability, load_model, load_tokenizer
from models.results import PlaygroundError
from tests.hub_server import HubServer
from tests.tiny_checkpoints import make_checkpoint


@pytest.mark.parametrize("name", [candidate.name for candidate in entries() if candidate.folder is None])
def test_every_architecture_loads_from_the_hub_and_runs(hub: HubServer, name: str) -> None:
    candidate = entry(name)
    loaded = load_model(name, candidate.head)
    input_ids = torch.tensor([[2, 5, 6, 7, 3]])
    with torch.inference_mode():
        first = loaded.model(input_ids=input_ids)[0]
    assert torch.isfinite(first).all()
    assert not loaded.model.training
    assert loaded.tokenizer.tokenizer("I want to go home.")["input_ids"]
    assert availability(candidate) == "cache"


def test_the_embedded_tokenizers_ask_nobody(hub: HubServer) -> None:
    assert load_tokenizer("bert-base-uncased").origin.source == "embedded"
    assert load_tokenizer("gpt2").origin.source == "embedded"
    assert hub.requests == []


def test_the_embedded_model_fills_a_gap_without_asking_anybody(hub: HubServer) -> None:
    loaded = load_model("mini-bert", "PreTraining")
    tokenizer = loaded.tokenizer.tokenizer
    encoding = tokenizer("The two brothers and their [MASK] lived in a small house.", return_tensors="pt")
    with torch.inference_mode():
        logits = loaded.model(**encoding).prediction_logits[0]
    position = encoding["input_ids"][0].tolist().index(tokenizer.mask_token_id)
    best = tokenizer.convert_ids_to_tokens(logits[position].topk(20).indices.tolist())
    assert {"mother", "father", "parents", "family", "sister", "sisters", "wife", "wives", "children"} & set(best)
    assert loaded.origin.source == "embedded"
    assert hub.requests == []


def test_two_viewers_load_a_model_once(hub: HubServer) -> None:
    loaded: list[LoadedModel] = []
    viewers = [threading.Thread(target=lambda: loaded.append(load_model("gpt2", "CausalLM"))) for _ in range(4)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    assert len({id(one.model) for one in loaded}) == 1
    assert len(loaded) == 4


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_cache_is_repaired_by_the_next_attempt(hub: HubServer, file: str) -> None:
    name = "xlnet-base-cased"  # its tokenizer is not embedded
    folder = Path(load_model(name, "CausalLM").model.name_or_path)
    loading.forget_everything()
    (folder / file).resolve().write_bytes(b"neither safetensors nor JSON")
    with pytest.raises(PlaygroundError, match="are damaged") as raised:
        load_model(name, "CausalLM")
    assert "손상되어" in raised.value.korean
    hub.requests.clear()
    assert load_model(name, "CausalLM").model is not None
    assert [path.rsplit("/")[-1] for _, path, _ in hub.requests if "/resolve/" in path] == [file]


def test_a_model_in_parts_loads_and_a_damaged_list_of_them_is_fetched_anew(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    hub.folder = tmp_path
    make_checkpoint("klue/bert-base", tmp_path / "in-parts", max_shard_size="2KB")
    name, index = "in-parts", "model.safetensors.index.json"
    folder = Path(load_model(name, "MaskedLM").model.name_or_path)
    assert len(list(folder.glob("model-*.safetensors"))) > 1
    loading.forget_everything()
    (folder / index).resolve().write_bytes(b"no JSON")
    with pytest.raises(PlaygroundError, match="are damaged"):
        load_model(name, "MaskedLM")
    hub.requests.clear()
    assert load_model(name, "MaskedLM").model is not None
    assert [path.rsplit("/")[-1] for _, path, _ in hub.requests if "/resolve/" in path] == [index]


def no_memory(*_: object, **__: object) -> None:
    torch.empty(2**60)


def no_file(*_: object, **__: object) -> None:
    raise RuntimeError("unable to open file <model.safetensors> in read-only mode: Too many open files (24)")


@pytest.mark.parametrize(("fail", "sentence"), [(no_memory, "does not fit"), (no_file, "Too many open files")])
def test_a_model_in_order_stays_in_the_cache_whatever_else_fails(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, fail: Callable[..., None], sentence: str
) -> None:
    import transformers

    load_model("xlnet-base-cased", "CausalLM")
    loading.forget_everything()
    hub.requests.clear()
    with monkeypatch.context() as broken:
        broken.setattr(transformers.AutoModelForCausalLM, "from_pretrained", fail)
        with pytest.raises(PlaygroundError, match=sentence):
            load_model("xlnet-base-cased", "CausalLM")
    with monkeypatch.context() as broken:
        broken.setattr(transformers.AutoTokenizer, "from_pretrained", fail)
        with pytest.raises(PlaygroundError, match="cannot be read"):
            load_tokenizer("xlnet-base-cased")
    with pytest.raises(PlaygroundError, match="no ObjectDetection head"):
        load_model("xlnet-base-cased", "ObjectDetection")
    assert load_model("xlnet-base-cased", "CausalLM").model is not None
    assert hub.requests == []
