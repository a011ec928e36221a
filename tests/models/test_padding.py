"""What padding does to [CLS], against Transformers called directly."""

from __future__ import annotations

from typing import Literal

import pytest
import torch
from transformers import AutoModel

from models.catalogue import ROOT
from models.loading import LoadedTokenizer, load_model
from models.padding import padding_effect, reader_of
from models.tokenization import batch

TEXTS = ["I want to go home.", "Me too.", "The bus that would have taken us there left an hour ago."]


@pytest.mark.parametrize("side", ["right", "left"])
def test_equals_transformers_called_directly(bert: LoadedTokenizer, side: Literal["right", "left"]) -> None:
    found = padding_effect(load_model("mini-bert", "Model"), batch(bert, TEXTS, side))
    model = AutoModel.from_pretrained(ROOT / "models/checkpoints/mini-bert", dtype="float32").eval()
    padded = bert.tokenizer(TEXTS, padding=True, padding_side=side, return_tensors="pt")
    place = padded["input_ids"][1].tolist().index(bert.tokenizer.cls_token_id)
    with torch.inference_mode():
        alone = model(**bert.tokenizer("Me too.", return_tensors="pt")).last_hidden_state[0, 0]
        masked = model(**padded).last_hidden_state[1, place]
        unmasked = model(input_ids=padded["input_ids"]).last_hidden_state[1, place]
    assert (found.model, found.row, found.tokens, found.padded, found.first) == ("mini-bert", 1, 5, 15, place)
    assert found.with_mask == pytest.approx(torch.cosine_similarity(alone, masked, dim=0).item(), abs=1e-5)
    assert found.without_mask == pytest.approx(torch.cosine_similarity(alone, unmasked, dim=0).item(), abs=1e-5)
    assert found.without_mask < 0.8
    assert (found.with_mask > 0.9999) == (side == "right"), "on the left the positions shift"


def test_only_its_own_tokenizer_has_a_reader(bert: LoadedTokenizer, gpt2: LoadedTokenizer) -> None:
    assert reader_of(bert) == "mini-bert"
    assert reader_of(gpt2) is None
