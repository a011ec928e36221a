from __future__ import annotations

import numpy as np

from training.masking import (
    CLS,
    MASK,
    NOT_NEXT,
    PAD,
    SEP,
    choose_positions,
    mask_tokens,
    sentence_pairs,
    single_sentences,
)
from training.wikipedia import Corpus


def test_pairs_are_full_and_say_whether_b_follows_a(corpus: Corpus) -> None:
    pairs = sentence_pairs(corpus, np.random.default_rng(1), 200, 40)
    assert pairs.input_ids.shape == (200, 40)
    assert pairs.attention_mask.all()
    text = corpus.input_ids.tolist()
    for ids, types, label, article in zip(
        pairs.input_ids, pairs.token_type_ids, pairs.next_sentence_label, pairs.article, strict=True
    ):
        assert (ids[0], ids[-1], (ids == SEP).sum()) == (CLS, SEP, 2)
        a, b = ids[types == 0][1:-1].tolist(), ids[types == 1][:-1].tolist()
        starts = corpus.sentence_starts[corpus.article_starts[article] : corpus.article_starts[article + 1]]
        places = [int(start) for start in starts if text[start : start + len(a)] == a]
        follows = any(text[place + len(a) : place + len(a) + len(b)] == b for place in places)
        assert places
        assert follows == (label != NOT_NEXT)
    assert 70 <= (pairs.next_sentence_label == NOT_NEXT).sum() <= 130


def test_single_sentences_are_whole(corpus: Corpus) -> None:
    alone = single_sentences(corpus, np.random.default_rng(1), 20, 16)
    for ids, mask in zip(alone.input_ids, alone.attention_mask, strict=True):
        size = mask.sum() - 2
        assert (ids[0], ids[size + 1]) == (CLS, SEP)
        assert 6 <= size <= 14
        assert (ids[size + 2 :] == PAD).all()
    assert (alone.next_sentence_label == -100).all()


def test_fifteen_percent_are_chosen_and_never_a_special_token(corpus: Corpus) -> None:
    rng = np.random.default_rng(1)
    for segments, least in ((sentence_pairs(corpus, rng, 50, 63), 9), (single_sentences(corpus, rng, 50, 16), 1)):
        positions, labels = choose_positions(segments.input_ids, rng)
        counts = (labels >= 0).sum(1)
        assert counts.min() == least
        assert not np.isin(labels, (CLS, SEP, PAD)).any()
        kept = labels >= 0
        assert (np.take_along_axis(segments.input_ids, positions, 1) == labels)[kept].all()
        assert all(len(set(row[ok].tolist())) == ok.sum() for row, ok in zip(positions, kept, strict=True))


def test_eighty_ten_ten(corpus: Corpus) -> None:
    rng = np.random.default_rng(1)
    pairs = sentence_pairs(corpus, rng, 600, 63)
    input_ids, positions, labels = mask_tokens(pairs.input_ids, rng, vocab_size=1100)
    shown = np.take_along_axis(input_ids, positions, 1)
    assert abs((shown == MASK).mean() - 0.8) < 0.02
    assert abs((shown == labels).mean() - 0.1) < 0.02
    untouched = np.ones_like(input_ids, bool)
    np.put_along_axis(untouched, positions, False, 1)
    assert (input_ids == pairs.input_ids)[untouched].all()
