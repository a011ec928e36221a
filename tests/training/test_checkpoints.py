"""The embedded weights that stand in the repository: half precision, small, and together under 150 MB."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors import safe_open

from training.folders import CHECKPOINTS

WEIGHTS = sorted(CHECKPOINTS.glob("*/*.safetensors"))
MODELS = [file for file in WEIGHTS if file.name == "model.safetensors"]


@pytest.mark.parametrize("file", WEIGHTS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_weights_are_small_and_in_float16(file: Path) -> None:
    assert file.stat().st_size <= 48_000_000
    with safe_open(file, "pt") as weights:
        assert {weights.get_slice(name).get_dtype() for name in weights.keys()} == {"F16"}  # noqa: SIM118


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.parent.name)
def test_weights_come_with_a_card_and_a_tokenizer(file: Path) -> None:
    assert {"README.md", "config.json", "tokenizer.json"} <= {other.name for other in file.parent.iterdir()}


def test_all_weights_together_stay_small() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS) < 150_000_000
