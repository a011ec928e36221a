"""Weights are read once and kept within the memory budget."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import pytest
import torch

from models import loading, weights
from models.catalogue import ROOT, entry
from models.loading import load_model
from models.results import PlaygroundError
from tests.hub_server import HubServer


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
    build, make_room = transformers.AutoModelForCausalLM.from_pretrained, weights._make_room
    other_has_room, built = threading.Event(), []

    def make_room_and_tell(key: weights._Key, size: int) -> None:
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
    monkeypatch.setattr(weights, "_make_room", make_room_and_tell)
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
    with pytest.raises(PlaygroundError, match=r"^mini-student does not fit"):
        load_model("mini-student", "MaskedLM")
    monkeypatch.setenv("PLAYGROUND_MODEL_BUDGET_GB", "4")
    model = load_model("mini-student", "MaskedLM").model
    held = sum(one.nbytes for one in model.parameters())
    assert sum(weights._held.values()) == pytest.approx(held, rel=0.05)


def test_a_model_that_cannot_be_read_takes_no_room(hub: HubServer) -> None:
    with pytest.raises(PlaygroundError, match="no ObjectDetection head"):
        load_model("bert-base-uncased", "ObjectDetection")
    assert not weights._held


def test_a_model_larger_than_the_budget_is_refused(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_MODEL_BUDGET_GB", "0.000001")
    with pytest.raises(PlaygroundError, match=r"^gpt2 does not fit"):
        load_model("gpt2", "CausalLM")


def test_attention_implementations_are_kept_apart(hub: HubServer) -> None:
    eager = load_model("bert-base-uncased", "PreTraining", attn_implementation="eager").model
    assert load_model("bert-base-uncased", "PreTraining").model is not eager
    output = eager(torch.tensor([[2, 5, 3]]), output_attentions=True)
    assert output.attentions[0].shape == (1, 2, 3, 3)
