"""What a model knows: cloze questions, with and without a fact in front.

Petroni et al. 2019 (LAMA) ask models for facts as cloze sentences; Kassner and Schuetze 2020 negate and misprime them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from models.compute import computed_once, largest
from models.generation import surprise
from models.loading import LoadedModel
from models.masked_prediction import log_probabilities
from models.results import (
    Cloze,
    ClozeItem,
    ClozeItemResult,
    ClozeRow,
    ComparedCandidate,
    ComparedCloze,
    PlaygroundError,
    RelationScore,
)
from models.tokenization import clean

__all__ = [
    "CONDITIONS",
    "compare_candidates",
    "contexts",
    "fill_blank",
    "majority",
    "read_items",
    "score_items",
    "summarize",
]

MASK = "[MASK]"
CONDITIONS = ("plain", "fact", "misprime")
MOST_CANDIDATES, MOST_PIECES, MOST_LETTERS = 20, 4, 4000
_SHOWN = 10


# --- one blank -----------------------------------------------------------------------------------------------------


def _one_blank(text: str) -> str:
    text = clean(text, MOST_LETTERS)
    if text.count(MASK) != 1:
        raise PlaygroundError(
            f"Write exactly one [MASK] in the sentence; there are {text.count(MASK)}. A fact has none.",
            f"문장에 [MASK]를 정확히 하나 넣어 주세요. 지금은 {text.count(MASK)}개입니다. 사실 문장에는 넣지 않습니다.",
        )
    return text


def _ids(loaded: LoadedModel, text: str, blanks: int = 1) -> list[int]:
    """input_ids of a text whose blank is ``blanks`` mask tokens long."""
    tokenizer: Any = loaded.tokenizer.tokenizer
    if tokenizer.mask_token is None:
        raise PlaygroundError("Pick a masked model: this one has no [MASK].", "[MASK]가 있는 모델을 골라 주세요.")
    with loaded.tokenizer.lock:
        ids = list(tokenizer(text.replace(MASK, tokenizer.mask_token), verbose=False)["input_ids"])
    at = ids.index(tokenizer.mask_token_id)
    ids[at : at + 1] = [tokenizer.mask_token_id] * blanks
    window = min(int(tokenizer.model_max_length), 512)
    if len(ids) > window:
        raise PlaygroundError(
            f"Fact and sentence have {len(ids)} tokens; this model reads {window}. Shorten them.",
            f"사실과 문장이 {len(ids)}토큰으로, 이 모델이 읽는 {window}토큰을 넘습니다. 줄여 주세요.",
        )
    return ids


def _pieces(loaded: LoadedModel, word: str) -> tuple[int, ...]:
    tokenizer: Any = loaded.tokenizer.tokenizer
    with loaded.tokenizer.lock:
        return tuple(tokenizer(word, add_special_tokens=False, verbose=False)["input_ids"])


def _at_blank(loaded: LoadedModel, rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Log-probabilities of all tokens at the first [MASK] of each text  # (B, V)"""
    mask_id = loaded.tokenizer.tokenizer.mask_token_id
    return log_probabilities(loaded, rows, [(number, list(row).index(mask_id)) for number, row in enumerate(rows)])


def _word(loaded: LoadedModel, text: str, pieces: tuple[int, ...], first: np.ndarray) -> float:
    """Log-probability of a word of k tokens: k blanks, filled from left to right."""
    if len(pieces) == 1:
        return float(first[pieces[0]])
    ids, total = _ids(loaded, text, len(pieces)), 0.0
    mask_id = loaded.tokenizer.tokenizer.mask_token_id
    for piece in pieces:
        total += float(_at_blank(loaded, [ids])[0][piece])
        ids[ids.index(mask_id)] = piece
    return total


def _candidates(loaded: LoadedModel, words: Sequence[str]) -> list[tuple[str, tuple[int, ...]]]:
    if len(words) > MOST_CANDIDATES:
        raise PlaygroundError(
            f"At most {MOST_CANDIDATES} candidates; there are {len(words)}.",
            f"후보는 {MOST_CANDIDATES}개까지입니다. 지금은 {len(words)}개입니다.",
        )
    found = [(word, _pieces(loaded, word)) for word in dict.fromkeys(words)]
    for word, pieces in found:
        if not 0 < len(pieces) <= MOST_PIECES or loaded.tokenizer.tokenizer.mask_token_id in pieces:
            raise PlaygroundError(
                f"“{word[:40]}” is {len(pieces)} tokens; a candidate may have 1 to {MOST_PIECES}, and no [MASK].",
                f"“{word[:40]}”의 길이는 {len(pieces)}토큰입니다. 후보는 1~{MOST_PIECES}토큰이어야 하고 [MASK]는 쓸 수 없습니다.",
            )
    return found


@computed_once
def fill_blank(loaded: LoadedModel, text: str, fact: str = "", candidates: tuple[str, ...] = ()) -> Cloze:
    """Probability of each candidate in the one [MASK] of a text, and again with ``fact`` in front of the text.

    Without candidates: the ten most probable tokens, and with a fact the five most probable ones behind it. A candidate
    of k tokens gets k [MASK], filled from left to right; its probability is the product, given a blank of that length.

    Raises PlaygroundError where there is not exactly one [MASK], and for a candidate of more than four tokens.
    """
    text = _one_blank(text)
    texts = [text, _one_blank(f"{fact.strip()} {text}")] if fact.strip() else [text]
    scores = [_at_blank(loaded, [_ids(loaded, one)])[0] for one in texts]  # (V,) each
    tokenizer: Any = loaded.tokenizer.tokenizer
    words = _candidates(loaded, candidates)
    if not words:
        best = [largest(row, most) for row, most in zip(scores, (_SHOWN, 5), strict=False)]
        for token_id in dict.fromkeys(int(one) for row in best for one in row):
            words.append((str(tokenizer.convert_ids_to_tokens(token_id)).lstrip("\u2581"), (token_id,)))
    rows = []
    for word, pieces in words:
        values = [_word(loaded, one, pieces, row) for one, row in zip(texts, scores, strict=True)]
        ranks = [int((row > row[pieces[0]]).sum()) + 1 if len(pieces) == 1 else None for row in scores]
        rows.append(
            ClozeRow(
                word=word,
                tokens=tuple(str(one) for one in tokenizer.convert_ids_to_tokens(list(pieces))),
                before=float(np.exp(values[0])),
                rank_before=ranks[0],
                after=float(np.exp(values[1])) if len(values) > 1 else None,
                rank_after=ranks[1] if len(ranks) > 1 else None,
            )
        )
    return Cloze(loaded.origin.name, text, fact.strip(), tuple(rows))


@computed_once
def compare_candidates(loaded: LoadedModel, text: str, candidates: tuple[str, ...], causal: bool) -> ComparedCloze:
    """The candidates of a blank under one model, and their shares: a softmax over the candidates.

    A masked model scores the word in the blank. A causal model knows nothing of what follows, so it scores the whole
    filled sentence: the sum of the log-probabilities of its tokens. Raises PlaygroundError for fewer than two
    candidates, for too many, and for a text that cannot be read.
    """
    from scipy.special import softmax

    text = _one_blank(text)
    if len(candidates) < 2:
        raise PlaygroundError("Give two candidates or more.", "후보를 두 개 이상 적어 주세요.")
    if causal:
        if len(candidates) > MOST_CANDIDATES:
            raise PlaygroundError(f"At most {MOST_CANDIDATES} candidates.", f"후보는 {MOST_CANDIDATES}개까지입니다.")
        scored = [(word, *_sentence(loaded, text.replace(MASK, word))) for word in dict.fromkeys(candidates)]
    else:
        first = _at_blank(loaded, [_ids(loaded, text)])[0]
        scored = [
            (word, len(pieces), _word(loaded, text, pieces, first)) for word, pieces in _candidates(loaded, candidates)
        ]
    rows = zip(scored, softmax([total for *_, total in scored]), strict=True)
    return ComparedCloze(
        loaded.origin.name, causal, tuple(ComparedCandidate(*one, float(share)) for one, share in rows)
    )


def _sentence(loaded: LoadedModel, text: str) -> tuple[int, float]:
    """(predicted tokens, log-likelihood) of a text under a causal model; GPT-1 predicts all but the first."""
    losses = [one.loss for one in surprise(loaded, text).tokens if one.loss is not None]
    return len(losses), -sum(losses)


# --- scores --------------------------------------------------------------------------------------------------------


def read_items(lines: Sequence[str]) -> tuple[ClozeItem, ...]:
    """The rows of ``items.tsv``; the first line names the columns."""
    return tuple(ClozeItem(*line.split("\t")) for line in lines[1:])


def contexts(item: ClozeItem) -> tuple[str, str, str]:
    """The item plain, behind its fact, and behind the wrong answer as in Kassner and Schuetze's "Talk? Birds can [MASK]." """
    return item.text, f"{item.fact} {item.text}", f"{item.wrong.capitalize()}? {item.text}"


@computed_once
def score_items(loaded: LoadedModel, items: tuple[ClozeItem, ...]) -> tuple[ClozeItemResult, ...]:
    """Rank and probability of every answer under the three conditions; items whose answer is not one token are left out."""
    known = [(item, pieces[0]) for item in items if len(pieces := _pieces(loaded, item.answer)) == 1]
    if not known:
        return ()
    tokenizer: Any = loaded.tokenizer.tokenizer
    rows = [_ids(loaded, text) for item, _ in known for text in contexts(item)]
    scores = _at_blank(loaded, [*rows, _ids(loaded, f"{MASK}.")])  # (3n + 1, V)
    found = []
    for number, (item, answer) in enumerate(known):
        own = scores[3 * number : 3 * number + 3]  # (3, V)
        ranks = [int((row > row[answer]).sum()) + 1 for row in own]
        guesses = [str(token).lstrip("\u2581") for token in tokenizer.convert_ids_to_tokens(own.argmax(-1).tolist())]
        found.append(
            ClozeItemResult(
                item,
                (ranks[0], ranks[1], ranks[2]),
                (guesses[0], guesses[1], guesses[2]),
                tuple(np.exp(own[:, answer]).tolist()),
                int((scores[-1] > scores[-1][answer]).sum()) + 1,
            )
        )
    return tuple(found)


def summarize(results: Sequence[ClozeItemResult], condition: str) -> RelationScore:
    """Top-1, top-5 and mean reciprocal rank, with a 95% percentile bootstrap interval over the items."""
    if condition == "prior":
        ranks = np.array([one.prior_rank for one in results])
    else:
        ranks = np.array([one.ranks[CONDITIONS.index(condition)] for one in results])
    reciprocal = 1 / ranks
    low, high = _interval_of_mean(tuple(reciprocal.tolist()))
    return RelationScore(
        relation=results[0].item.relation,
        condition=condition,
        items=len(ranks),
        top1=float((ranks == 1).mean()),
        top5=float((ranks <= 5).mean()),
        mrr=float(reciprocal.mean()),
        low=low,
        high=high,
    )


@lru_cache(maxsize=1024)
def _interval_of_mean(values: tuple[float, ...]) -> tuple[float, float]:
    from scipy.stats import bootstrap

    if len(set(values)) == 1:
        return values[0], values[0]
    found = bootstrap((values,), np.mean, n_resamples=2000, method="percentile", rng=np.random.default_rng(0))
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def majority(results: Sequence[ClozeItemResult]) -> float:
    """Top-1 of whoever always gives the most frequent answer of the relation."""
    answers = [one.item.answer for one in results]
    return max(map(answers.count, answers)) / len(answers)
