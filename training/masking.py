"""What the models are asked: two segments and, in them, tokens to predict (Devlin et al. 2019, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.wikipedia import Corpus

PAD, CLS, SEP, MASK = 0, 101, 102, 103
FIRST_WORD = 999  # in bert-base-uncased's vocabulary: before it stand [PAD], the [unused] places and special tokens
IS_NEXT, NOT_NEXT = 0, 1  # as BertForPreTraining reads next_sentence_label

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Segments:
    """B inputs of L tokens, [CLS] A [SEP] B [SEP] or, for a single sentence, [CLS] A [SEP] and padding."""

    input_ids: Ints  # (B, L)
    token_type_ids: Ints  # (B, L)
    next_sentence_label: Ints  # (B,) IS_NEXT, NOT_NEXT, or -100 for single sentences
    article: Ints  # (B,) where A comes from

    @property
    def attention_mask(self) -> Ints:  # (B, L)
        return (self.input_ids != PAD).astype(np.int64)


def _passage(corpus: Corpus, rng: np.random.Generator, length: int) -> tuple[int, int]:
    """A random sentence with at least ``length`` tokens from its beginning to its article's end, and that article."""
    while True:
        sentence = int(rng.integers(len(corpus.sentence_starts) - 1))
        article = int(np.searchsorted(corpus.article_starts, sentence, side="right")) - 1
        end = corpus.sentence_starts[corpus.article_starts[article + 1]]
        if end - corpus.sentence_starts[sentence] >= length:
            return sentence, article


def sentence_pairs(corpus: Corpus, rng: np.random.Generator, count: int, length: int, is_next: float = 0.5) -> Segments:
    """Pairs that fill ``length`` exactly, cut off at the end of B.

    A is one or more whole sentences. B is, with probability ``is_next``, what follows A in the article, otherwise
    a passage of another article; it begins with a sentence either way.
    """
    room = length - 3  # [CLS] and two [SEP]
    shortest = room // 12
    starts = corpus.sentence_starts
    input_ids = np.empty((count, length), np.int64)
    token_type_ids = np.zeros((count, length), np.int64)
    next_sentence_label = np.where(rng.random(count) < is_next, IS_NEXT, NOT_NEXT)
    articles = np.empty(count, np.int64)
    for row in range(count):
        ends: NDArray[np.intp] = np.empty(0, np.intp)
        while not len(ends):  # a first sentence that fills the room alone is drawn again
            first, article = _passage(corpus, rng, room)
            sizes = starts[first + 1 : corpus.article_starts[article + 1]] - starts[first]
            ends = np.flatnonzero((sizes >= shortest) & (sizes <= room - shortest))
        second = first + 1 + int(rng.choice(ends))
        a = corpus.input_ids[starts[first] : starts[second]]
        if next_sentence_label[row] == NOT_NEXT:
            other = article
            while other == article:
                second, other = _passage(corpus, rng, room - len(a))
        b = corpus.input_ids[starts[second] : starts[second] + room - len(a)]
        input_ids[row] = np.concatenate([[CLS], a, [SEP], b, [SEP]])
        token_type_ids[row, len(a) + 2 :] = 1
        articles[row] = article
    return Segments(input_ids, token_type_ids, next_sentence_label, articles)


def single_sentences(corpus: Corpus, rng: np.random.Generator, count: int, length: int) -> Segments:
    """Whole sentences of 6 to ``length - 2`` tokens, each alone, as people type them into the playground."""
    starts = corpus.sentence_starts
    input_ids = np.full((count, length), PAD, np.int64)
    articles = np.empty(count, np.int64)
    for row in range(count):
        size = 0
        while not 6 <= size <= length - 2:
            sentence = int(rng.integers(len(starts) - 1))
            size = int(starts[sentence + 1] - starts[sentence])
        input_ids[row, : size + 2] = [CLS, *corpus.input_ids[starts[sentence] : starts[sentence + 1]], SEP]
        articles[row] = np.searchsorted(corpus.article_starts, sentence, side="right") - 1
    return Segments(input_ids, np.zeros_like(input_ids), np.full(count, -100), articles)


def choose_positions(input_ids: Ints, rng: np.random.Generator, share: float = 0.15) -> tuple[Ints, Ints]:
    """Which tokens are to be predicted: ``share`` of each row's tokens, special ones aside, and at least one.

    Returns ``positions`` (B, K), ascending in each row, and ``labels`` (B, K), the tokens that stand there. K is the
    most that any row has; places left over hold position 0 and the label -100, which the loss passes over.
    """
    free = ~np.isin(input_ids, (PAD, CLS, SEP))
    counts = np.maximum(1, np.round(share * free.sum(1)).astype(int))  # (B,)
    places = np.arange(counts.max())
    score = np.where(free, rng.random(input_ids.shape), 2.0)
    chosen = np.argsort(score, axis=1)[:, : counts.max()]  # (B, K)
    chosen = np.sort(np.where(places < counts[:, None], chosen, input_ids.shape[1]), axis=1)
    kept = chosen < input_ids.shape[1]
    positions = np.where(kept, chosen, 0)
    return positions, np.where(kept, np.take_along_axis(input_ids, positions, 1), -100)


def replace_tokens(input_ids: Ints, positions: Ints, labels: Ints, replacement: Ints) -> Ints:
    """A copy of ``input_ids`` (B, L) with ``replacement`` (B, K) at ``positions``, where the label is not -100."""
    replaced = input_ids.copy()
    rows, places = np.nonzero(labels != -100)
    replaced[rows, positions[rows, places]] = replacement[rows, places]
    return replaced


def mask_tokens(
    input_ids: Ints, rng: np.random.Generator, share: float = 0.15, vocab_size: int = 30_522
) -> tuple[Ints, Ints, Ints]:
    """The masked input of BERT with ``positions`` and ``labels``: 80% [MASK], 10% a random token, 10% left alone."""
    positions, labels = choose_positions(input_ids, rng, share)
    chance = rng.random(positions.shape)
    random_tokens = rng.integers(FIRST_WORD, vocab_size, positions.shape)
    shown = np.where(chance < 0.8, MASK, np.where(chance < 0.9, random_tokens, labels))
    return replace_tokens(input_ids, positions, labels, shown), positions, labels
