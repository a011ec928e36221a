"""A tokenizer's work on one word, step by step.

The steps are computed here from the tokenizer's own vocabulary and list of merges; a test shows on thousands of words
that they end in exactly what the library returns.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from models.libraries import import_libraries
from models.loading import LoadedTokenizer
from models.results import MatchStep, MatchTrace, MergeStep, MergeTrace, PlaygroundError

__all__ = ["bytes_of", "merge_ranks_of", "method_of", "pre_tokens", "trace", "trace_matches", "trace_merges"]

LONGEST_WORD = 200  # characters (or bytes) that a trace follows


@lru_cache(maxsize=16)
def _description(loaded: LoadedTokenizer) -> dict[str, Any]:
    """The tokenizer's own description, as in tokenizer.json."""
    with loaded.lock:
        description: dict[str, Any] = json.loads(loaded.tokenizer.backend_tokenizer.to_str())
    return description


def method_of(loaded: LoadedTokenizer) -> str:
    """ "BPE", "WordPiece", "Unigram" or "WordLevel"."""
    return str(_description(loaded)["model"]["type"])


def is_byte_level(loaded: LoadedTokenizer) -> bool:
    """Whether tokens are written in GPT-2's byte alphabet (Radford et al. 2019, section 2.2)."""
    return (_description(loaded)["decoder"] or {}).get("type") == "ByteLevel"


@lru_cache(maxsize=1)
def _byte_alphabet() -> dict[str, int]:
    """GPT-2's printable sign for every byte, the other way round: {"Ġ": 32, "a": 97, ...}."""
    import_libraries()
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    return {sign: byte for byte, sign in bytes_to_unicode().items()}


def bytes_of(loaded: LoadedTokenizer, token: str, span: str) -> bytes:
    """The bytes that a token stands for: read off the token itself where it is written in bytes, else its text's."""
    alphabet = _byte_alphabet()
    if is_byte_level(loaded) and span and all(sign in alphabet for sign in token):
        return bytes(alphabet[sign] for sign in token)
    return span.encode("utf-8")


@lru_cache(maxsize=16)
def _ranks(loaded: LoadedTokenizer) -> dict[tuple[str, str], int]:
    merges = _description(loaded)["model"].get("merges") or []
    pairs = (tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in merges)
    return {pair: rank for rank, pair in enumerate(pairs)}  # type: ignore[misc]


@lru_cache(maxsize=16)
def merge_ranks_of(loaded: LoadedTokenizer) -> dict[str, int]:
    """For BPE, the rank of the first merge that makes each token; empty for other methods."""
    found: dict[str, int] = {}
    for (left, right), rank in _ranks(loaded).items():
        found.setdefault(left + right, rank)
    return found


def pre_tokens(loaded: LoadedTokenizer, text: str) -> tuple[str, ...]:
    """The words that the method works on, after normalisation: ``"I want"`` -> ``("I", "Ġwant")`` for GPT-2."""
    with loaded.lock:
        backend = loaded.tokenizer.backend_tokenizer
        normal = backend.normalizer.normalize_str(text) if backend.normalizer else text
        words = backend.pre_tokenizer.pre_tokenize_str(normal) if backend.pre_tokenizer else [(normal, None)]
    return tuple(word for word, _ in words if word)


def _check_length(word: str) -> None:
    if len(word) > LONGEST_WORD:
        raise PlaygroundError(
            f"This word has {len(word):,} signs; steps are shown for words of up to {LONGEST_WORD}.",
            f"이 단어는 글자 {len(word):,}개입니다. 단계별 보기는 {LONGEST_WORD}개까지 됩니다.",
        )


def trace(loaded: LoadedTokenizer, text: str) -> MergeTrace | MatchTrace:
    """The steps for the first pre-token of ``text``, by the tokenizer's own method, and the pre-tokens behind it.

    Raises PlaygroundError for a special token, and for Unigram, whose search for the most probable pieces is neither.
    """
    if text.strip() in loaded.tokenizer.all_special_tokens:
        raise PlaygroundError(
            f"{text.strip()} is a special token of this tokenizer: it is taken whole, in no steps.",
            f"이 토크나이저에서 {text.strip()} 토큰은 특수 토큰이라 나누는 단계 없이 통째로 씁니다.",
        )
    words = pre_tokens(loaded, text)
    if not words:
        raise PlaygroundError("There is no word here. Type one.", "단어가 없습니다. 하나 입력하세요.")
    steps_of = trace_matches if method_of(loaded) == "WordPiece" else trace_merges
    return replace(steps_of(loaded, words[0]), behind=words[1:])


def trace_merges(loaded: LoadedTokenizer, word: str) -> MergeTrace:
    """Every merge of byte pair encoding for one pre-token, in order (Sennrich et al. 2016, algorithm 1).

    ``word`` is written as :func:`pre_tokens` writes it. The pair with the smallest rank is merged wherever it stands,
    until no pair of neighbours has a rank.

    >>> trace_merges(load_tokenizer("gpt2"), "low").tokens
    ('low',)
    """
    _check_length(word)
    model = _description(loaded)["model"]
    if model["type"] != "BPE" or model.get("continuing_subword_prefix"):
        raise PlaygroundError(
            f"This tokenizer is {model['type']}; merges are shown for byte pair encoding.",
            f"이 토크나이저는 {model['type']} 방식입니다. 병합 단계는 BPE 토크나이저에서 볼 수 있습니다.",
        )
    ranks = _ranks(loaded)
    symbols = list(word)
    if symbols and model.get("end_of_word_suffix"):
        symbols[-1] += model["end_of_word_suffix"]
    symbols = [symbol if symbol in model["vocab"] else str(model.get("unk_token") or symbol) for symbol in symbols]
    start, steps = tuple(symbols), []
    while pairs := [pair for pair in pairwise(symbols) if pair in ranks]:
        best = min(pairs, key=ranks.__getitem__)
        merged: list[str] = []
        for symbol in symbols:
            if merged and (merged[-1], symbol) == best:
                merged[-1] += symbol
            else:
                merged.append(symbol)
        symbols = merged
        steps.append(MergeStep(best, ranks[best], tuple(symbols)))
    return MergeTrace(word, start, tuple(steps), tuple(symbols))


def trace_matches(loaded: LoadedTokenizer, word: str) -> MatchTrace:
    """Every candidate of WordPiece's greedy longest match for one pre-token.

    From each position the longest piece of the vocabulary is taken; inside a word pieces carry ``##``. Where nothing
    matches, the whole word becomes ``[UNK]``.

    >>> trace_matches(load_tokenizer("bert-base-uncased"), "pretraining").tokens
    ('pre', '##train', '##ing')
    """
    model = _description(loaded)["model"]
    if model["type"] != "WordPiece":
        raise PlaygroundError(
            f"This tokenizer is {model['type']}; the longest match is shown for WordPiece.",
            f"이 토크나이저는 {model['type']} 방식입니다. 가장 긴 조각 찾기는 WordPiece에서 볼 수 있습니다.",
        )
    vocabulary, unknown = model["vocab"], (model["unk_token"],)
    if len(word) > model["max_input_chars_per_word"]:
        return MatchTrace(word, (), unknown)
    steps: list[MatchStep] = []
    start = 0
    while start < len(word):
        tried: list[str] = []
        for end in range(len(word), start, -1):
            piece = word[start:end] if start == 0 else model["continuing_subword_prefix"] + word[start:end]
            tried.append(piece)
            if piece in vocabulary:
                steps.append(MatchStep(start, tuple(tried), piece))
                start = end
                break
        else:
            steps.append(MatchStep(start, tuple(tried), None))
            return MatchTrace(word, tuple(steps), unknown)
    return MatchTrace(word, tuple(steps), tuple(step.found or "" for step in steps))
