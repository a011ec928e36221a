"""Models and tokenizers load from each of the three places, and failures can be repaired."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from models import loading
from models.catalogue import ROOT, entries, entry
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


def test_models_are_built_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transformers unties the weights of every class while one model is built."""
    import transformers

    loading.forget_everything()
    meeting, met = threading.Barrier(2), []
    build = transformers.AutoModelForMaskedLM.from_pretrained

    def wait_for_another(*arguments: object, **settings: object) -> object:
        try:
            meeting.wait(timeout=1)
            met.append(True)
        except threading.BrokenBarrierError:
            pass  # nobody else is building
        return build(*arguments, **settings)

    heads = ("MaskedLM", "NextSentencePrediction")
    for head in heads:
        monkeypatch.setattr(getattr(transformers, f"AutoModelFor{head}"), "from_pretrained", wait_for_another)
    viewers = [threading.Thread(target=load_model, args=("mini-bert", head)) for head in heads]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    loading.forget_everything()
    assert not met


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


def without_a_tokenizer(folder: Path) -> None:
    for file in folder.glob("*token*"):
        file.unlink()


def with_nan(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = folder / "model.safetensors"
    save_file({name: weight * float("nan") for name, weight in load_file(file).items()}, file, {"format": "pt"})


def says(**of_itself: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "config.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **of_itself}))

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without_a_tokenizer, "without the files of a tokenizer"),
        (with_nan, "are no numbers"),
        (says(model_type="own", auto_map={"AutoModel": "code.Own"}), "code from the hub is never run"),
        (says(quantization_config={"quant_method": "gptq", "bits": 4}), "are quantized"),
        (says(num_hidden_layers=10**6), "sizes that its weights do not have"),  # minutes, were it built
        (says(max_position_embeddings=10**9), "sizes that its weights do not have"),
        (says(hidden_size=16), "sizes that its weights do not have"),
        (says(hidden_size="wide"), r"config\.json of \S+ cannot be used"),
    ],
)
def test_what_a_typed_id_can_lead_to_is_a_sentence(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None], sentence: str
) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    hub.folder = tmp_path
    make_checkpoint("klue/bert-base", tmp_path / "some/body")
    change(tmp_path / "some/body")
    with pytest.raises(PlaygroundError, match=sentence) as raised:
        load_model("some/body", "MaskedLM")
    assert "some/body" in raised.value.english
    assert "some/body" in raised.value.korean
    assert "모델을 골라 주세요" in raised.value.korean


def test_a_typed_id_whose_tokenizer_is_larger_than_the_model_is_refused_and_its_limit_is_the_models(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    hub.folder = tmp_path
    make_checkpoint("klue/bert-base", tmp_path / "small", vocab_size=7)
    make_checkpoint("klue/bert-base", tmp_path / "short", max_position_embeddings=9)
    with pytest.raises(PlaygroundError, match="do not belong together"):
        load_model("small", "MaskedLM")
    assert load_model("short", "MaskedLM").tokenizer.tokenizer.model_max_length == 9


def test_a_file_without_the_head_is_read_once(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    read: list[object] = []
    build = transformers.AutoModelForQuestionAnswering.from_pretrained
    with monkeypatch.context() as watched:
        watched.setattr(
            transformers.AutoModelForQuestionAnswering,
            "from_pretrained",
            lambda *arguments, **settings: read.append(arguments) or build(*arguments, **settings),
        )
        for _ in range(2):
            with pytest.raises(PlaygroundError, match="no weights for QuestionAnswering"):
                load_model("albert-base-v2", "QuestionAnswering")
    assert len(read) == 1


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


def test_the_least_recently_used_model_makes_room(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_model("gpt2", "CausalLM").model
    size = sum(one.nbytes for one in first.parameters())
    monkeypatch.setenv("PLAYGROUND_MODEL_BUDGET_GB", str(2.5 * size / 1e9))
    second = load_model("distilgpt2", "CausalLM").model
    assert load_model("gpt2", "CausalLM").model is first
    load_model("gpt2-medium", "CausalLM")  # no room for three: distilgpt2 was used longest ago
    assert load_model("gpt2", "CausalLM").model is first
    assert load_model("distilgpt2", "CausalLM").model is not second


def test_a_model_that_gave_way_while_it_was_being_loaded_is_not_kept(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    size = sum(one.nbytes for one in load_model("gpt2", "CausalLM").model.parameters())
    loading.forget_everything()
    monkeypatch.setenv("PLAYGROUND_MODEL_BUDGET_GB", str(1.5 * size / 1e9))
    build, make_room = transformers.AutoModelForCausalLM.from_pretrained, loading._make_room
    other_has_room, built = threading.Event(), []

    def make_room_and_tell(key: loading._Key, size: int) -> None:
        make_room(key, size)
        if threading.current_thread() is other:
            other_has_room.set()

    def build_meanwhile(*arguments: Any, **settings: Any) -> Any:
        if not built:
            other.start()
            assert other_has_room.wait(30)
        found = build(*arguments, **settings)
        built.append(weakref.ref(found[0]))
        return found

    other = threading.Thread(target=load_model, args=("distilgpt2", "CausalLM"))
    monkeypatch.setattr(loading, "_make_room", make_room_and_tell)
    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", build_meanwhile)
    load_model("gpt2", "CausalLM")
    other.join()
    gc.collect()
    assert [model() is not None for model in built] == [False, True]


def test_the_budget_counts_what_is_held_in_memory_not_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file holds float16, the memory float32."""
    loading.forget_everything()
    folder = ROOT / str(entry("mini-student").folder)
    monkeypatch.setenv("PLAYGROUND_MODEL_BUDGET_GB", str(1.5 * (folder / "model.safetensors").stat().st_size / 1e9))
    with pytest.raises(PlaygroundError, match="does not fit"):
        load_model("mini-student", "MaskedLM")
    monkeypatch.setenv("PLAYGROUND_MODEL_BUDGET_GB", "4")
    model = load_model("mini-student", "MaskedLM").model
    held = sum(one.nbytes for one in model.parameters())
    assert sum(loading._loaded.values()) == pytest.approx(held, rel=0.05)


def test_a_model_that_cannot_be_read_takes_no_room(hub: HubServer) -> None:
    with pytest.raises(PlaygroundError, match="no ObjectDetection head"):
        load_model("bert-base-uncased", "ObjectDetection")
    assert not loading._loaded


def test_a_model_larger_than_the_budget_is_refused(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_MODEL_BUDGET_GB", "0.000001")
    with pytest.raises(PlaygroundError, match=r"^gpt2 does not fit"):
        load_model("gpt2", "CausalLM")


def test_attention_implementations_are_kept_apart(hub: HubServer) -> None:
    eager = load_model("bert-base-uncased", "PreTraining", attn_implementation="eager").model
    assert load_model("bert-base-uncased", "PreTraining").model is not eager
    output = eager(torch.tensor([[2, 5, 3]]), output_attentions=True)
    assert output.attentions[0].shape == (1, 2, 3, 3)
