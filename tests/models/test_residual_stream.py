"""What depth does to the residual stream, against Transformers called directly."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer, GPT2Config, GPT2Model

from models import packaged
from models.catalogue import ROOT
from models.loading import load_model
from models.residual_stream import lengths_at_hand, residual_growth, vector_lengths
from models.results import PlaygroundError

TEXT = "The cat sat on the mat."


def test_the_scaling_keeps_the_stream_the_same_at_every_depth() -> None:
    found = residual_growth()
    assert found.layers == (6, 12, 24, 48)
    assert found.scaled == pytest.approx([0.05] * 4, abs=0.003)
    assert found.unscaled == pytest.approx([0.15, 0.22, 0.33, 0.49], rel=0.1)


def test_the_smallest_one_is_transformers_own() -> None:
    """Its last hidden state before ``ln_f``; without scaling every weight has the same spread."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = GPT2Model(GPT2Config(n_embd=128, n_head=4, n_layer=6, tie_last_hidden_states=False)).eval()
    deviation = model.h[3].mlp.c_proj.weight.std().item()
    assert deviation == pytest.approx(0.02 / 12**0.5, rel=0.02), "Transformers scales by 1/sqrt(2 n_layer)"
    spread = []
    for _ in range(2):
        with torch.no_grad():
            outputs = model(torch.arange(64)[None], output_hidden_states=True)
            for block in model.h:
                block.attn.c_proj.weight *= 12**0.5
                block.mlp.c_proj.weight *= 12**0.5
        spread.append(outputs.hidden_states[-1].std().item())
    found = residual_growth()
    assert [found.scaled[0], found.unscaled[0]] == pytest.approx(spread, rel=1e-5)


def test_random_numbers_of_others_go_on_as_before() -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    residual_growth.__wrapped__()
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("name", ["mini-bert", packaged.NAME])
def test_lengths_are_those_of_the_hidden_states(name: str) -> None:
    if name == packaged.NAME and not packaged.is_prepared():
        pytest.skip("SmolLM2 is not prepared")
    folder = packaged.folder() if name == packaged.NAME else ROOT / "models" / "checkpoints" / name
    head = "CausalLM" if name == packaged.NAME else "MaskedLM"
    found = vector_lengths(load_model(name, head), TEXT)
    model = AutoModel.from_pretrained(folder, dtype="float32").eval()
    assert found.pre_norm == (name == packaged.NAME)
    with torch.no_grad():
        inputs = AutoTokenizer.from_pretrained(folder)(TEXT, return_tensors="pt")
        states = model(**inputs, output_hidden_states=True).hidden_states
    states = states[:-1] if found.pre_norm else states
    expected = np.stack([state[0].norm(dim=-1).numpy() for state in states])
    assert found.lengths == pytest.approx(expected[:, 1:].mean(axis=1), rel=1e-3)
    assert found.first == pytest.approx(expected[:, 0], rel=1e-3)
    if found.pre_norm:
        assert found.lengths[-1] > 50 * found.lengths[0]
        assert found.first.max() > 10 * found.lengths.max(), "a sink"
    else:
        assert found.lengths.max() < 1.5 * found.lengths[0]


def test_a_model_that_is_not_here_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "is_prepared", lambda: False)
    monkeypatch.setattr(packaged, "prepare", lambda *_: pytest.fail("fetched unasked"))
    assert [one.model for one in lengths_at_hand(TEXT)] == ["mini-bert"]


def test_one_token_has_no_mean_length() -> None:
    if not packaged.is_prepared():
        pytest.skip("SmolLM2 is not prepared")
    with pytest.raises(PlaygroundError, match="two tokens"):
        vector_lengths(load_model(packaged.NAME, "CausalLM"), "the")
