"""Tokenization against Transformers called directly, and the facts that every lecture quotes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.loading import LoadedTokenizer, load_tokenizer
from models.results import PlaygroundError
from models.tokenization import add_special_tokens, batch, fertility, read_ids, tokenize

ANY_TEXT = st.text(min_size=1, max_size=80).filter(lambda text: bool(text.strip()))
TRICKY = [
    "👩‍🚀 lands 🚀",
    "나는 집에 가고 싶다.",
    "cafe\u0301 café",
    "a\r\nb\tc",
    "שלום world",
    "ﬁﬂ ½ ①",
    "a\x00b\x07",
    "日本語",
]


def test_bert_on_the_sentence_of_the_lecture(bert: LoadedTokenizer) -> None:
    found = tokenize(bert, "I want to go home.")
    assert found.input_ids == (101, 1045, 2215, 2000, 2175, 2188, 1012, 102)
    assert found.tokens[1:-1] == ("i", "want", "to", "go", "home", ".")
    assert found.token_type_ids == (0,) * 8
    assert found.attention_mask == (1,) * 8
    assert found.special_tokens_mask == (1, 0, 0, 0, 0, 0, 0, 1)
    assert found.offsets[5] == (13, 17)
    assert found.vocab_size == 30522


def test_bert_on_a_pair(bert: LoadedTokenizer) -> None:
    found = tokenize(bert, "I want to go home.", "Me too.")
    assert found.tokens[7:] == ("[SEP]", "me", "too", ".", "[SEP]")
    assert found.token_type_ids == (0,) * 8 + (1,) * 4
    assert found.segments[8:11] == (1, 1, 1)
    assert found.token_bytes[8:11] == (b"Me", b"too", b"."), "of the second text"
    assert found.decoding.text == "i want to go home.", "of the first text, without what was added"


def test_gpt2_on_the_sentence_of_the_lecture(gpt2: LoadedTokenizer) -> None:
    found = tokenize(gpt2, "I want to go home.")
    assert found.input_ids == (40, 765, 284, 467, 1363, 13)
    assert found.tokens == ("I", "Ġwant", "Ġto", "Ġgo", "Ġhome", ".")
    assert found.token_type_ids is None
    assert found.vocab_size == 50257
    assert tokenize(gpt2, "<|endoftext|>").input_ids == (50256,)


@pytest.mark.parametrize("name", ["bert-base-uncased", "gpt2"])
@settings(max_examples=150, deadline=None)
@given(text=ANY_TEXT)
def test_equals_transformers_called_directly(name: str, text: str) -> None:
    loaded = load_tokenizer(name)
    direct: Any = loaded.tokenizer(text, return_offsets_mapping=True)
    found = tokenize(loaded, text)
    assert list(found.input_ids) == direct["input_ids"]
    assert list(found.offsets) == [tuple(span) for span in direct["offset_mapping"]]


@pytest.mark.parametrize("name", ["bert-base-uncased", "gpt2"])
@settings(max_examples=150, deadline=None)
@given(text=st.one_of(ANY_TEXT, st.sampled_from(TRICKY)))
def test_offsets_point_into_the_text_in_order(name: str, text: str) -> None:
    found = tokenize(load_tokenizer(name), text)
    spans = [span for span, segment in zip(found.offsets, found.segments, strict=True) if segment == 0]
    assert all(0 <= start <= end <= len(found.text) for start, end in spans)
    assert spans == sorted(spans)


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(ANY_TEXT, st.sampled_from(TRICKY)))
def test_gpt2_loses_nothing(text: str) -> None:
    gpt2 = load_tokenizer("gpt2")
    found = tokenize(gpt2, text)
    assert found.decoding.lossless
    assert b"".join(found.token_bytes) == text.encode("utf-8")
    covered = {position for start, end in found.offsets for position in range(start, end)}
    assert covered == set(range(len(text)))


def test_an_emoji_is_several_tokens_of_one_span(gpt2: LoadedTokenizer) -> None:
    found = tokenize(gpt2, "🚀")
    assert set(found.offsets) == {(0, 1)}
    assert b"".join(found.token_bytes) == "🚀".encode()
    assert len(found.tokens) > 1


def test_korean_keeps_its_syllables(bert: LoadedTokenizer) -> None:
    found = tokenize(bert, "나는", special_tokens=False)
    assert [found.text[start:end] for start, end in found.offsets] == ["나", "나", "는", "는", "는"]
    assert {loss.kind for loss in found.decoding.losses} == {"composition"}


def test_what_decoding_loses_is_named(bert: LoadedTokenizer) -> None:
    losses = tokenize(bert, "Zoë  SAW 🍮").decoding.losses
    assert [(loss.kind, loss.original, loss.decoded) for loss in losses] == [
        ("accent", "Zoë", "zoe"),
        ("whitespace", " ", ""),
        ("case", "SAW", "saw"),
        ("unknown", "🍮", "[UNK]"),
    ]


def test_a_line_of_signs_loses_nothing_but_spaces(bert: LoadedTokenizer) -> None:
    losses = tokenize(bert, "Notes\n" + "=" * 2000).decoding.losses
    assert {loss.kind for loss in losses} == {"case", "whitespace"}
    assert sum(len(loss.decoded) for loss in losses if loss.kind == "whitespace") == 2000


def test_no_loss_is_invented_at_the_end_of_a_long_text(bert: LoadedTokenizer) -> None:
    losses = tokenize(bert, "The cat sat on the mat and looked at me. " * 400).decoding.losses
    assert {(loss.original, loss.decoded) for loss in losses} == {("The", "the"), (" ", "")}
    assert len(losses) == 401


def test_a_typed_unknown_token_is_not_lost(bert: LoadedTokenizer) -> None:
    assert tokenize(bert, "[UNK] 🍮", special_tokens=False).unknown == (False, True)


def test_half_a_surrogate_pair_is_replaced(gpt2: LoadedTokenizer) -> None:
    found = tokenize(gpt2, "a\ud800b")
    assert found.text == "a\ufffdb"
    assert found.decoding.lossless


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_empty_text_is_a_sentence(bert: LoadedTokenizer, text: str) -> None:
    with pytest.raises(PlaygroundError, match="no text"):
        tokenize(bert, text)


def test_a_megabyte_is_refused_and_a_long_word_is_not(bert: LoadedTokenizer, gpt2: LoadedTokenizer) -> None:
    with pytest.raises(PlaygroundError, match=r"1,000,000 characters"):
        tokenize(bert, "a" * 1_000_000)
    word = "a" * 10_000
    assert tokenize(bert, word).tokens == ("[CLS]", "[UNK]", "[SEP]")
    assert tokenize(gpt2, word).decoding.lossless


@pytest.mark.parametrize("text", ["I want to go home.", "Zoë 🍮 <b>*bold*</b>", "나는 집에 가고 싶다."])
def test_ids_in_another_vocabulary(bert: LoadedTokenizer, gpt2: LoadedTokenizer, text: str) -> None:
    for own, other in ((bert, gpt2), (gpt2, bert)):
        ids = tokenize(own, text).input_ids
        found = read_ids(other, ids, own.origin.name)
        assert found.text == other.tokenizer.decode([i for i in ids if i < len(other.tokenizer)])
        assert found.outside == tuple(i for i in ids if i >= len(other.tokenizer))
        assert (found.tokenizer, found.read_by) == (own.origin.name, other.origin.name)
    assert read_ids(bert, (40, 765, 50256), "gpt2").text == "[unused39] [unused760]"
    assert read_ids(bert, (40, 765, 50256), "gpt2").outside == (50256,)


def test_added_special_tokens(gpt2: LoadedTokenizer) -> None:
    report = add_special_tokens(gpt2, ["[BOS]", "[EOS]", "[PAD]", "[SP1]", "[SP2]"], "[BOS] I want to go home.")
    assert report.added == 5
    assert (report.vocab_before, report.vocab_after) == (50257, 50262)
    assert report.input_ids == (50257, 50258, 50259, 50260, 50261)
    assert report.embedding_size == 768
    assert report.after[0] == "[BOS]"
    assert report.before[0] == "["
    assert len(gpt2.tokenizer) == 50257, "the tokenizer that all viewers share must stay as it is"
    assert add_special_tokens(gpt2, ["<|endoftext|>"], "x").added == 0
    known = add_special_tokens(gpt2, ["hello", "[SP1]"], "x")
    assert (known.added, known.vocab_after - known.vocab_before) == (1, 1), "hello has a row already"


def test_new_tokens_stay_with_whoever_added_them(gpt2: LoadedTokenizer) -> None:
    for new in ("[A]", "[B]", "[A]", "[C]"):
        report = add_special_tokens(gpt2, [new], f"{new} x")
        assert report.added == 1
        assert report.after[0] == new
        assert report.before[0] == "["
        assert batch(gpt2, [f"{new} x"]).tokens[0][0] == "["
    assert gpt2.tokenizer.pad_token is None


@pytest.mark.parametrize("tokens", [[], ["x" * 41], [f"[{n}]" for n in range(51)]])
def test_special_tokens_out_of_bounds(gpt2: LoadedTokenizer, tokens: list[str]) -> None:
    with pytest.raises(PlaygroundError, match="special tokens"):
        add_special_tokens(gpt2, tokens, "x")


def test_a_padded_batch_equals_transformers(bert: LoadedTokenizer) -> None:
    lines = ["I want to go home.", "Me too."]
    for side in ("right", "left"):
        found = batch(bert, lines, side, None)  # type: ignore[arg-type]
        direct: Any = bert.tokenizer(lines, padding=True, padding_side=side)
        assert [list(row) for row in found.input_ids] == direct["input_ids"]
        assert [list(row) for row in found.attention_mask] == direct["attention_mask"]
    assert bert.tokenizer.padding_side == "right"


def test_truncation_says_what_it_cut(gpt2: LoadedTokenizer) -> None:
    found = batch(gpt2, ["I want to go home.", "Me too."], "right", 4)
    assert found.lengths == (4, 3)
    assert found.cut == (2, 0)
    assert found.borrowed_pad_token
    assert found.input_ids[1] == (5308, 1165, 13, 50256)
    assert gpt2.tokenizer.pad_token is None, "the tokenizer that all viewers share must stay as it is"


def test_fertility_counts_tokens_over_words(bert: LoadedTokenizer, gpt2: LoadedTokenizer) -> None:
    for loaded in (bert, gpt2):
        [row] = fertility(loaded, {"English": ("I want to go home.", 5)})
        assert row.tokens == 6, "without [CLS] and [SEP]"
        assert row.tokens_per_word == pytest.approx(6 / 5)


def test_threads_with_different_settings_do_not_disturb_each_other(bert: LoadedTokenizer) -> None:
    expected = tokenize(bert, "I want to go home.").input_ids
    wrong: list[object] = []

    def work(number: int) -> None:
        for _ in range(30):
            if number % 2:
                batch(bert, ["I want to go home.", "Me too."], "left", 4)
            elif (found := tokenize(bert, "I want to go home.").input_ids) != expected:
                wrong.append(found)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))  # raises what a thread raised
    assert wrong == []
