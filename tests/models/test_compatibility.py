"""What a typed id can lead to is looked at before and after the weights are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from models.loading import load_model
from models.results import PlaygroundError
from tests.hub_server import HubServer
from tests.tiny_checkpoints import make_checkpoint


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
