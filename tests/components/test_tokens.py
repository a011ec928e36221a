"""Chips and the coloured text fit together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.tokens import token_chips, token_table
from models.loading import load_tokenizer
from models.tokenization import tokenize

TEXTS = st.text(min_size=1, max_size=60).filter(lambda text: bool(text.strip()))


@pytest.mark.parametrize("name", ["bert-base-uncased", "gpt2"])
@settings(max_examples=100, deadline=None)
@given(text=TEXTS, pair=st.one_of(st.just(""), TEXTS))
def test_the_pieces_are_the_text(name: str, text: str, pair: str) -> None:
    found = tokenize(load_tokenizer(name), text, pair)
    chips, pieces = token_chips(found)
    whole = "".join(piece.text for piece in pieces)
    assert whole.replace("\n", "") == (found.text + (found.text_pair or "")).replace("\n", "")
    for chip in chips:
        if chip.piece is not None:
            assert pieces[chip.piece].colour == chip.colour


def test_an_accent_without_a_token_stays_on_its_letter() -> None:
    _, pieces = token_chips(tokenize(load_tokenizer("bert-base-uncased"), "cafe\u0301 x"))
    assert [piece.text for piece in pieces] == ["cafe\u0301", " ", "x"]


def test_the_table_speaks_transformers() -> None:
    table = token_table(tokenize(load_tokenizer("bert-base-uncased"), "I want to go home."))
    assert list(table["input_ids"]) == [101, 1045, 2215, 2000, 2175, 2188, 1012, 102]
    assert {"offsets", "token_type_ids", "attention_mask", "special_tokens_mask"} <= set(table)
