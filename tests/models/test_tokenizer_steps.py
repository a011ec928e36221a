"""The traces end in exactly what the library returns."""

from __future__ import annotations

import re
from threading import Lock
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from models.catalogue import ROOT
from models.loading import LoadedTokenizer, load_tokenizer
from models.results import Origin, PlaygroundError
from models.tokenizer_steps import LONGEST_WORD, merge_ranks_of, pre_tokens, trace, trace_matches, trace_merges
from models.tokenizer_training import train_tokenizer

WORDS = sorted(
    {
        word
        for path in (*ROOT.glob("content/**/*.md"), *ROOT.glob("models/*.py"), *ROOT.glob("components/*.py"))
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
)
MADE_UP = [a + b for a, b in zip(WORDS[::2], WORDS[::-2], strict=True)]


def test_there_are_thousands_of_words() -> None:
    assert len(WORDS) + len(MADE_UP) > 3000


@pytest.mark.parametrize("space", ["", " "])
def test_merges_end_in_what_the_library_returns(gpt2: LoadedTokenizer, space: str) -> None:
    for word in WORDS + MADE_UP:
        written = space + word
        traced = [token for part in pre_tokens(gpt2, written) for token in trace_merges(gpt2, part).tokens]
        assert traced == gpt2.tokenizer.tokenize(written), written


def test_matches_end_in_what_the_library_returns(bert: LoadedTokenizer) -> None:
    for word in WORDS + MADE_UP:
        traced = [token for part in pre_tokens(bert, word) for token in trace_matches(bert, part).tokens]
        assert traced == bert.tokenizer.tokenize(word), word


@pytest.mark.parametrize("name", ["bert-base-uncased", "gpt2"])
@settings(max_examples=200, deadline=None)
@given(text=st.text(min_size=1, max_size=30).filter(lambda text: bool(text.strip())))
def test_any_text_ends_in_what_the_library_returns(name: str, text: str) -> None:
    loaded: Any = load_tokenizer(name)
    if any(token in text for token in loaded.tokenizer.all_special_tokens):
        return
    follow = trace_matches if name.startswith("bert") else trace_merges
    traced = [token for part in pre_tokens(loaded, text) for token in follow(loaded, part).tokens]
    assert traced == loaded.tokenizer.tokenize(text)


def test_pretraining_and_why(bert: LoadedTokenizer) -> None:
    found = trace_matches(bert, "pretraining")
    assert found.tokens == ("pre", "##train", "##ing")
    assert found.steps[0].tried[0] == "pretraining"
    assert found.steps[0].tried[-1] == "pre"
    assert len(found.steps[0].tried) == 9, "eight longer candidates are not in the vocabulary"


def test_each_merge_takes_the_smallest_rank(gpt2: LoadedTokenizer) -> None:
    found = trace_merges(gpt2, "Ġhome")
    assert found.start == ("Ġ", "h", "o", "m", "e")
    assert found.tokens == ("Ġhome",)
    ranks = merge_ranks_of(gpt2)
    for step in found.steps:
        assert ranks["".join(step.pair)] == step.rank
    # token 256 + r is the one that merge r made
    assert gpt2.tokenizer.convert_tokens_to_ids("Ġhome") == 256 + found.steps[-1].rank


def test_of_two_merges_that_make_a_token_the_first_counts() -> None:
    merges = [("a", "b"), ("ab", "c"), ("b", "c"), ("a", "bc")]
    signs = ["a", "b", "c", "ab", "abc", "bc"]
    model = models.BPE({sign: number for number, sign in enumerate(signs)}, merges)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(model))
    found = merge_ranks_of(LoadedTokenizer(tokenizer, Lock(), Origin(None, "made by hand", "embedded", "nowhere")))
    assert found == {"ab": 0, "abc": 1, "bc": 2}


def test_nothing_matches_an_unknown_sign(bert: LoadedTokenizer) -> None:
    found = trace(bert, "🍮")
    assert found.tokens == ("[UNK]",)
    assert found.steps[-1].found is None  # type: ignore[union-attr]


def test_long_words_are_bounded(bert: LoadedTokenizer, gpt2: LoadedTokenizer) -> None:
    assert trace(bert, "a" * 10_000).tokens == ("[UNK]",)
    with pytest.raises(PlaygroundError, match="10,000 signs"):
        trace(gpt2, "a" * 10_000)
    assert "".join(trace(gpt2, "ab" * (LONGEST_WORD // 2)).tokens) == "ab" * (LONGEST_WORD // 2)


def test_what_is_cut_before_any_step_is_named(bert: LoadedTokenizer, gpt2: LoadedTokenizer) -> None:
    assert trace(bert, "don't").behind == ("'", "t")
    assert trace(gpt2, " home.").behind == (".",)
    assert trace(bert, "home").behind == ()
    with pytest.raises(PlaygroundError, match=r"\[MASK\] is a special token"):
        trace(bert, "[MASK]")


def test_no_word_and_no_method(bert: LoadedTokenizer) -> None:
    with pytest.raises(PlaygroundError, match="no word"):
        trace(bert, " ")
    with pytest.raises(PlaygroundError, match="Unigram"):
        trace(train_tokenizer("Unigram", "the cat sat on the mat " * 20, 40), "the cat")
