"""Text to tokens and back, for any tokenizer of the catalogue.

The functions take a :class:`models.loading.LoadedTokenizer` and hold its lock: a fast tokenizer shared between
threads gives wrong results when calls differ in truncation or padding.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal
from weakref import WeakKeyDictionary

from cachetools import LRUCache
from rapidfuzz.distance import Indel

from models.loading import LoadedTokenizer
from models.results import AddedTokens, Batch, Decoding, Fertility, Loss, OtherReading, PlaygroundError, Tokenization
from models.tokenizer_steps import bytes_of, merge_ranks_of

__all__ = [
    "LONGEST_TEXT",
    "add_special_tokens",
    "batch",
    "clean",
    "document_start",
    "fertility",
    "read_ids",
    "tokenize",
    "whole_words",
]

LONGEST_TEXT = 20_000  # characters of one text
_MOST_LINES = 64


def clean(text: str, limit: int = LONGEST_TEXT) -> str:
    """The text as tokenizers can read it: half a surrogate pair, which is no character, becomes U+FFFD.

    Raises a PlaygroundError where the text is empty or longer than ``limit`` characters.
    """
    if not text.strip():
        raise PlaygroundError("There is no text. Type a sentence.", "글이 비어 있습니다. 문장을 입력하세요.")
    if len(text) > limit:
        raise PlaygroundError(
            f"The text has {len(text):,} characters; this page takes {limit:,}. Shorten it and try again.",
            f"글이 {len(text):,}자입니다. 이 페이지는 {limit:,}자까지 다룰 수 있으니 줄여서 다시 시도하세요.",
        )
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


def whole_words(phrase: str) -> re.Pattern[str]:
    """Finds a phrase where it is no part of other words; a Korean word may go on with a particle, and Chinese and
    Japanese words stand side by side.

    >>> [found.start() for found in whole_words("Ann").finditer("Anna met Ann.")]
    [9]
    """
    return re.compile(rf"(?<![^\W぀-ヿ一-鿿]){re.escape(phrase)}(?![^\W가-힣぀-ヿ一-鿿])")


def tokenize(
    loaded: LoadedTokenizer, text: str, text_pair: str | None = None, special_tokens: bool = True
) -> Tokenization:
    """Cut a text, or a pair of texts in one sequence.

    >>> tokenize(load_tokenizer("bert-base-uncased"), "I want to go home.").input_ids
    (101, 1045, 2215, 2000, 2175, 2188, 1012, 102)

    Nothing is truncated. Raises PlaygroundError for empty and for very long text.
    """
    text = clean(text)
    text_pair = clean(text_pair) if text_pair and text_pair.strip() else None
    tokenizer: Any = loaded.tokenizer
    with loaded.lock:
        encoding = tokenizer(
            text,
            text_pair,
            add_special_tokens=special_tokens,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            verbose=False,
        )
        segments = tuple(encoding.sequence_ids())
        tokens = tuple(tokenizer.convert_ids_to_tokens(encoding["input_ids"]))
        decoded = str(tokenizer.decode([i for i, s in zip(encoding["input_ids"], segments, strict=True) if s == 0]))
    offsets = tuple((start, end) for start, end in encoding["offset_mapping"])
    texts = {0: text, 1: text_pair or "", None: ""}
    spans = [texts[segment][start:end] for segment, (start, end) in zip(segments, offsets, strict=True)]
    ranks = merge_ranks_of(loaded)
    return Tokenization(
        text=text,
        text_pair=text_pair,
        tokens=tokens,
        input_ids=tuple(encoding["input_ids"]),
        offsets=offsets,
        segments=segments,
        token_type_ids=tuple(encoding["token_type_ids"]) if "token_type_ids" in encoding else None,
        attention_mask=tuple(encoding["attention_mask"]),
        special_tokens_mask=tuple(encoding["special_tokens_mask"]),
        token_bytes=tuple(bytes_of(loaded, token, span) for token, span in zip(tokens, spans, strict=True)),
        merge_ranks=tuple(ranks.get(token) for token in tokens),
        unknown=tuple(
            token == tokenizer.unk_token and segment is not None and span != token
            for token, segment, span in zip(tokens, segments, spans, strict=True)
        ),
        vocab_size=len(tokenizer),
        model_max_length=_limit(tokenizer),
        decoding=_compare(text, decoded, str(tokenizer.unk_token)),
    )


def read_ids(loaded: LoadedTokenizer, input_ids: Sequence[int], tokenizer: str) -> OtherReading:
    """What this tokenizer makes of the ``input_ids`` of another, called ``tokenizer``.

    >>> read_ids(load_tokenizer("gpt2"), (1045, 2215, 2000, 2175, 2188, 1012), "bert-base-uncased").text
    'ataWhen mindittedgo Cl'
    """
    with loaded.lock:
        tokens = loaded.tokenizer.convert_ids_to_tokens(list(input_ids))  # None where it has no such id
        known = [i for i, token in zip(input_ids, tokens, strict=True) if token is not None]
        text = str(loaded.tokenizer.decode(known))
    outside = tuple(i for i, token in zip(input_ids, tokens, strict=True) if token is None)
    return OtherReading(tokenizer, loaded.origin.name, text, outside)


def document_start(loaded: LoadedTokenizer) -> int | None:
    """The id behind which a causal model read each document when it was pre-trained; None where it has none.

    <|endoftext|> in GPT-2 and in SmolLM2, whose ``bos_token`` begins a turn of a chat instead.
    """
    tokenizer: Any = loaded.tokenizer
    begins = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    found: int | None = tokenizer.added_tokens_encoder.get("<|endoftext|>", begins)
    return found


def _compare(original: str, decoded: str, unknown: str) -> Decoding:
    """What was lost between a text and its decoded tokens."""
    pairs = [] if decoded == original else _differences(original, decoded)
    losses = tuple(Loss(_kind(left, right, unknown), left, right) for left, right in pairs)
    return Decoding(decoded, decoded == original, losses)


def _differences(original: str, decoded: str) -> list[tuple[str, str]]:
    """The stretches in which two texts differ, aligned word by word without regard to case and accents."""
    left, right = _words(original), _words(decoded)
    found: list[tuple[str, str]] = []
    a = c = 0  # where the stretch that differs began
    for block in Indel.opcodes([_bare(w) for w in left], [_bare(w) for w in right]):
        if block.tag != "equal":
            continue
        found.append(("".join(left[a : block.src_start]), "".join(right[c : block.dest_start])))
        a, c = block.src_end, block.dest_end
        found += zip(left[block.src_start : a], right[block.dest_start : c], strict=True)
    found.append(("".join(left[a:]), "".join(right[c:])))
    return [(one, other) for one, other in found if one != other]


def _words(text: str) -> list[str]:
    words: list[str] = []
    for character in text:
        combining = unicodedata.category(character).startswith("M")
        if words and (combining or (character.isalnum() and words[-1][-1].isalnum())):
            words[-1] += character
        else:
            words.append(character)
    return words


def _kind(
    original: str, decoded: str, unknown: str
) -> Literal["case", "accent", "composition", "whitespace", "unknown", "other"]:
    if unknown in decoded:
        return "unknown"
    if not original.strip() and not decoded.strip():
        return "whitespace"
    if original.lower() == decoded.lower():
        return "case"
    if unicodedata.normalize("NFC", original.lower()) == unicodedata.normalize("NFC", decoded.lower()):
        return "composition"
    if _bare(original) == _bare(decoded):
        return "accent"
    return "other"


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn")


def _limit(tokenizer: Any) -> int:
    length = int(tokenizer.model_max_length)
    return length if length < 10**6 else 0  # Transformers writes 10^30 where a tokenizer names no limit


def add_special_tokens(loaded: LoadedTokenizer, new_tokens: Sequence[str], text: str) -> AddedTokens:
    """Add special tokens to a copy of the tokenizer, and cut the text without and with them.

    The embedding matrix must grow with the vocabulary, from (V, E) to (V + added, E): an id beyond its last row would
    be looked up outside of it (``model.resize_token_embeddings(len(tokenizer))``).
    """
    text = clean(text)
    wanted = [token for token in dict.fromkeys(new_tokens) if token.strip()]
    if not wanted or len(wanted) > 50 or any(len(token) > 40 for token in wanted):
        raise PlaygroundError(
            "Name between 1 and 50 special tokens of at most 40 characters each, separated by spaces.",
            "특수 토큰을 1개에서 50개까지, 각각 40자 이내로, 공백으로 구분해 적으세요.",
        )
    new = {"extra_special_tokens": [clean(token) for token in wanted]}
    with loaded.lock:
        size, before = len(loaded.tokenizer), tuple(loaded.tokenizer.tokenize(text))
        grown = _changed_copy(loaded.tokenizer, tuple(wanted), lambda fresh: fresh.add_special_tokens(new))
        after = tuple(grown.tokenize(text))
    return AddedTokens(
        added=len(grown) - size,  # what it returns counts also those that had a row already
        tokens=tuple(wanted),
        input_ids=tuple(int(i) for i in grown.convert_tokens_to_ids(wanted)),
        vocab_before=size,
        vocab_after=len(grown),
        embedding_size=loaded.origin.entry.embedding_size if loaded.origin.entry else 0,
        before=before,
        after=after,
    )


def batch(
    loaded: LoadedTokenizer,
    texts: Sequence[str],
    padding_side: Literal["left", "right"] = "right",
    max_length: int | None = None,
) -> Batch:
    """Put several texts into one rectangle of input_ids (B, L); L is the longest text, or ``max_length``.

    GPT-2 was trained without padding and has no padding token: the end-of-text token stands in, as is customary, and
    attention_mask makes sure that it is not read.
    """
    lines = [clean(text) for text in texts if text.strip()]
    if not lines or len(lines) > _MOST_LINES:
        raise PlaygroundError(
            f"Write between 1 and {_MOST_LINES} lines, one text on each.",
            f"한 줄에 글 하나씩, 1줄에서 {_MOST_LINES}줄까지 적으세요.",
        )
    with loaded.lock:
        tokenizer = _changed_copy(loaded.tokenizer, "padding", _give_padding_token)
        whole = [len(ids) for ids in tokenizer(lines, verbose=False)["input_ids"]]
        encoding = tokenizer(
            lines, padding=True, truncation=max_length is not None, max_length=max_length, padding_side=padding_side
        )
    mask = tuple(tuple(row) for row in encoding["attention_mask"])
    return Batch(
        tokens=tuple(tuple(tokenizer.convert_ids_to_tokens(row)) for row in encoding["input_ids"]),
        input_ids=tuple(tuple(row) for row in encoding["input_ids"]),
        attention_mask=mask,
        lengths=tuple(sum(row) for row in mask),
        cut=tuple(full - sum(row) for full, row in zip(whole, mask, strict=True)),
        pad_token=str(tokenizer.pad_token),
        borrowed_pad_token=loaded.tokenizer.pad_token is None,
    )


def _give_padding_token(tokenizer: Any) -> None:
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token


_copies: WeakKeyDictionary[Any, LRUCache[Hashable, Any]] = WeakKeyDictionary()  # tokenizer -> what was changed -> copy


def _changed_copy(tokenizer: Any, name: Hashable, change: Callable[[Any], object]) -> Any:
    """A copy of the tokenizer, changed and called ``name``; to be used with its lock held. The shared one stays as it is.

    The last two are kept: to copy GPT-2's takes 0.3 s, in which no other viewer's thread moves.
    """
    kept = _copies.setdefault(tokenizer, LRUCache(2))
    if name not in kept:
        fresh = copy.deepcopy(tokenizer)
        change(fresh)
        kept[name] = fresh
    return kept[name]


def fertility(loaded: LoadedTokenizer, sentences: Mapping[str, tuple[str, int]]) -> tuple[Fertility, ...]:
    """Tokens per word of ``{language: (sentence, its number of words)}``, special tokens not counted."""
    found = []
    for language, (sentence, words) in sentences.items():
        cut = tokenize(loaded, sentence, special_tokens=False)
        found.append(Fertility(language, cut.text, words, len(cut.tokens), sum(cut.unknown)))
    return tuple(found)
