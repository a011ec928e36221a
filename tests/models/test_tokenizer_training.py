"""Tokenizers trained on the viewer's text."""

from __future__ import annotations

import pytest

from models.results import PlaygroundError
from models.tokenization import tokenize
from models.tokenizer_steps import pre_tokens, trace_matches, trace_merges
from models.tokenizer_training import Method, train_tokenizer

TEXT = "low lower lowest new newer newest wide wider widest\n" * 30


@pytest.mark.parametrize("method", ["BPE", "WordPiece", "Unigram"])
def test_a_trained_tokenizer_is_used_like_any_other(method: Method) -> None:
    loaded = train_tokenizer(method, TEXT, 60)
    assert len(loaded.tokenizer) <= 60
    found = tokenize(loaded, "newest lowest")
    assert found.decoding.text == "newest lowest"
    assert not any(found.unknown)
    assert tokenize(loaded, "newest 🍮").unknown[-1]


def test_spaces_are_no_signs_of_their_own() -> None:
    assert len(train_tokenizer("BPE", "abc " * 10, 13).tokenizer) <= 13, "three signs and ten more entries"


def test_frequent_pairs_are_merged_first() -> None:
    loaded = train_tokenizer("BPE", "aaab aaab aaab xyz", 17)
    assert trace_merges(loaded, "▁aaab").steps[0].pair in {("a", "a"), ("▁", "a")}


@pytest.mark.parametrize(("method", "follow"), [("BPE", trace_merges), ("WordPiece", trace_matches)])
def test_traces_hold_for_trained_tokenizers_too(method: Method, follow: object) -> None:
    loaded = train_tokenizer(method, TEXT, 45)
    for word in ("lowest", "newwide", "xylophone", "west"):
        traced = [token for part in pre_tokens(loaded, word) for token in follow(loaded, part).tokens]  # type: ignore[operator]
        assert traced == loaded.tokenizer.tokenize(word)


def test_equal_text_gives_equal_vocabularies() -> None:
    first, second = (train_tokenizer("BPE", TEXT, 60).tokenizer.get_vocab() for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("text", "size"), [("", 100), ("abc", 5), ("abc " * 10, 12), ("abc " * 10, 40_000), ("x" * 300_000, 100)]
)
def test_text_and_size_out_of_bounds(text: str, size: int) -> None:
    with pytest.raises(PlaygroundError):
        train_tokenizer("BPE", text, size)
