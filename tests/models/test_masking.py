"""The corruption against its definition, and against Transformers' own collator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from transformers import DataCollatorForLanguageModeling

from models.loading import LoadedTokenizer, load_tokenizer
from models.masking import LONGEST_SPAN, corrupt, draw, objectives, statistics
from models.results import MaskingSettings, PlaygroundError

TEXT = "The river flows through the old city and meets the ocean near the electroencephalographers."
UNITS = ("token", "word", "span")
WORDS = [None, *range(30), None]  # one token a word


def within(part: int, whole: int, share: float) -> bool:
    """Whether the share lies in a 99.99% interval around what was observed."""
    bounds = binomtest(part, whole).proportion_ci(confidence_level=0.9999, method="wilson")
    return bool(bounds.low <= share <= bounds.high)


def test_shares_over_100_000_draws() -> None:
    found = draw([None, 0, 1, None], MaskingSettings(), 30522, 100_000)
    selected = int(found.selected.sum())
    assert within(selected, 200_000, 0.15)
    for number, share in ((1, 0.8), (2, 0.1), (3, 0.1)):
        assert within(int((found.fates == number).sum()), selected, share)
    uneven = draw([0, 1], MaskingSettings(rate=1.0, mask_share=0.5, random_share=0.4), 30522, 5_000)
    for number, share in ((1, 0.5), (2, 0.4), (3, 0.1)):
        assert within(int((uneven.fates == number).sum()), 10_000, share)
    assert not found.selected[:, [0, 3]].any()
    assert found.random_ids.min() < 100
    assert found.random_ids.max() > 30_000


@pytest.mark.parametrize("unit", UNITS)
@given(
    words=st.lists(st.one_of(st.none(), st.integers(1, 4)), min_size=1, max_size=30),
    rate=st.floats(0.01, 0.9),
    seed=st.integers(0, 10**6),
)
@settings(max_examples=60, deadline=None)
def test_special_tokens_are_never_selected(unit: str, words: list[int | None], rate: float, seed: int) -> None:
    word_ids: list[int | None] = []
    for number, pieces in enumerate(words):  # a word of 1 to 4 pieces, or a special token
        word_ids += [None] if pieces is None else [number] * pieces
    found = draw(word_ids, MaskingSettings(rate=rate, unit=unit, seed=seed), 30522, 5)  # type: ignore[arg-type]
    special = np.array([word is None for word in word_ids])
    assert not found.selected[:, special].any()
    again = draw(word_ids, MaskingSettings(rate=rate, unit=unit, seed=seed), 30522, 5)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found.fates, again.fates)
    np.testing.assert_array_equal(found.random_ids, again.random_ids)


def test_a_higher_rate_keeps_what_a_lower_one_selected() -> None:
    low, high = (draw(WORDS, MaskingSettings(rate=rate, seed=7), 30522, 50).selected for rate in (0.2, 0.5))
    assert (high | ~low).all()
    assert high.sum() > low.sum()


def test_the_shares_leave_the_selection_alone() -> None:
    ours, other = (draw(WORDS, MaskingSettings(mask_share=share, random_share=0.0), 30522, 50) for share in (0.8, 0.1))
    np.testing.assert_array_equal(ours.selected, other.selected)


def test_whole_words_are_selected_together() -> None:
    word_ids = [None, 0, 0, 0, 1, 2, 2, None]
    selected = draw(word_ids, MaskingSettings(rate=0.4, unit="word"), 30522, 200).selected
    assert (selected[:, 1] == selected[:, 2]).all()
    assert (selected[:, 1] == selected[:, 3]).all()
    assert (selected[:, 5] == selected[:, 6]).all()
    assert within(int(selected[:, 1].sum()), 200, 0.4)


def test_spans_spend_their_budget_and_have_geometric_lengths() -> None:
    words: list[int | None] = [*range(400)]
    found = draw(words, MaskingSettings(rate=0.01, unit="span"), 30522, 2000)
    assert (found.selected.sum(1) == 4).all()
    assert (draw(words, MaskingSettings(rate=0.15, unit="span"), 30522, 20).selected.sum(1) == 60).all()
    # In a long text with a budget of the longest span, the first span of a draw is hardly ever cut: its length is the
    # run of equal fates at its place. P(length = 1) = 0.2.
    found = draw(range(4000), MaskingSettings(rate=LONGEST_SPAN / 4000, unit="span", seed=3), 30522, 3000)
    edges = np.diff(found.selected.astype(int), axis=1, prepend=0, append=0)
    runs = [np.flatnonzero(row == -1) - np.flatnonzero(row == 1) for row in edges]
    assert max(run.max() for run in runs) <= 2 * LONGEST_SPAN
    assert np.mean([len(run) for run in runs]) == pytest.approx(3.0, abs=0.6)  # 10 tokens, 3.8 words a span, last cut


def test_a_span_has_one_fate() -> None:
    found = draw(range(4000), MaskingSettings(rate=10 / 4000, unit="span", mask_share=0.5, random_share=0.25), 9, 300)
    together = sum(
        len({int(fate) for fate in run}) == 1
        for row in found.fates
        for run in np.split(row, np.flatnonzero(np.diff((row > 0).astype(int))) + 1)
        if run[0] > 0
    )
    runs = sum(int((np.diff((row > 0).astype(int)) == 1).sum()) + int(row[0] > 0) for row in found.fates)
    assert together >= 0.97 * runs  # two spans may touch


def test_statistics_agree_with_the_collator_of_transformers(bert: LoadedTokenizer) -> None:
    corruption = corrupt(bert, TEXT, MaskingSettings())
    found = statistics(corruption, 30522, 10_000)
    encoding = bert.tokenizer(TEXT, return_special_tokens_mask=True)
    collator = DataCollatorForLanguageModeling(bert.tokenizer, mlm_probability=0.15, seed=1)
    batch = collator([encoding] * 3000)
    selected = batch["labels"] != -100
    assert within(int(selected.sum()), 3000 * found.maskable, found.selected / (10_000 * found.maskable))
    masked = int((batch["input_ids"][selected] == bert.tokenizer.mask_token_id).sum())
    assert within(masked, int(selected.sum()), found.counts["mask"] / found.selected)
    kept = int((batch["input_ids"] == batch["labels"])[selected].sum())
    assert within(kept, int(selected.sum()), found.counts["kept"] / found.selected)
    theirs = torch.bincount(selected.sum(1), minlength=found.maskable + 1).numpy() / 3000
    assert np.abs(theirs - found.per_draw / 10_000).max() < 0.04
    assert np.abs(found.binomial - found.per_draw).max() < 0.02 * 10_000


def test_intervals_of_words_are_wider_than_if_tokens_were_alone(bert: LoadedTokenizer) -> None:
    text = "electroencephalographers " * 6
    alone, together = (
        statistics(corrupt(bert, text, MaskingSettings(rate=0.5, unit=unit)), 30522, 500)  # type: ignore[arg-type]
        for unit in ("token", "word")
    )
    widths = [found.rate_interval[1] - found.rate_interval[0] for found in (alone, together)]
    assert widths[1] > 1.5 * widths[0]
    assert together.rate_interval[0] < 0.5 < together.rate_interval[1]


# --- one text ----------------------------------------------------------------------------------------------------


def test_what_the_model_reads_follows_from_the_fates(bert: LoadedTokenizer) -> None:
    corruption = corrupt(bert, TEXT, MaskingSettings(rate=0.6, mask_share=0.4, random_share=0.3, seed=5))
    assert {"mask", "random", "kept", ""} == set(corruption.fates)
    for position, fate in enumerate(corruption.fates):
        original, now = corruption.input_ids[position], corruption.corrupted_ids[position]
        assert (now == 103) == (fate == "mask")
        assert (now == original) or fate in ("mask", "random")
        assert corruption.labels[position] == (original if fate else -100)
    assert corruption.tokens[0] == "[CLS]"
    assert corruption.fates[0] == corruption.fates[-1] == ""


def test_at_least_one_position_is_taken(bert: LoadedTokenizer) -> None:
    for seed in range(20):
        corruption = corrupt(bert, "Hi.", MaskingSettings(rate=0.01, seed=seed))
        assert len(corruption.selected) == 1
        assert corruption.forced == (not draw(corruption.word_ids, corruption.settings, 30522).selected.any())
        assert not corrupt(bert, "Hi.", corruption.settings, (1,)).forced, "the viewer has chosen"


def test_a_whole_word_is_taken_where_whole_words_are_selected(bert: LoadedTokenizer) -> None:
    text = "Philharmonic orchestras rehearsed Tchaikovsky in Philadelphia."
    token = corrupt(bert, text, MaskingSettings(rate=0.01, seed=3))
    word = corrupt(bert, text, MaskingSettings(rate=0.01, seed=3, unit="word"))
    assert token.forced
    assert word.forced
    [place] = token.selected
    assert word.selected == tuple(n for n, one in enumerate(word.word_ids) if one == word.word_ids[place])
    assert len(word.selected) > 1


def test_turning_over_by_hand(bert: LoadedTokenizer) -> None:
    base = corrupt(bert, TEXT, MaskingSettings(seed=2))
    drawn, shown = base.selected[0], next(p for p in range(1, 15) if not base.fates[p])
    turned = corrupt(bert, TEXT, MaskingSettings(seed=2), (shown, drawn, 0, 999))
    assert turned.fates[shown] == "mask"
    assert turned.fates[drawn] == ""
    assert turned.fates[0] == ""
    assert turned.by_hand == tuple(sorted((shown, drawn)))


def test_a_mask_typed_in_the_text(bert: LoadedTokenizer) -> None:
    corruption = corrupt(bert, "A robin is a [MASK].", MaskingSettings(rate=0.01))
    assert corruption.fates[5] == "typed"
    assert corruption.labels[5] == -100
    assert corruption.corrupted_ids[5] == 103
    assert not corruption.forced
    assert None not in corrupt(bert, "The ☃ melts.", MaskingSettings()).word_ids[1:-1], "[UNK] stands for a word"


def test_what_cannot_be_masked_is_said(bert: LoadedTokenizer, gpt2: LoadedTokenizer) -> None:
    with pytest.raises(PlaygroundError, match="only special tokens"):
        corrupt(bert, "[SEP] [PAD]", MaskingSettings())
    with pytest.raises(PlaygroundError, match="602 tokens; the model has 512"):
        corrupt(bert, "a " * 600, MaskingSettings())
    with pytest.raises(PlaygroundError, match="no text"):
        corrupt(bert, " ", MaskingSettings())
    with pytest.raises(PlaygroundError, match=r"no \[MASK\] token"):
        corrupt(gpt2, "Hi", MaskingSettings())
    with pytest.raises(PlaygroundError, match="10,000"):
        statistics(corrupt(bert, TEXT, MaskingSettings()), 30522, 10_001)


def test_the_same_words_in_every_model_with_this_tokenizer(bert: LoadedTokenizer) -> None:
    ours = corrupt(load_tokenizer("mini-bert"), TEXT, MaskingSettings(seed=11))
    assert ours.corrupted_ids == corrupt(bert, TEXT, MaskingSettings(seed=11)).corrupted_ids


# --- objectives --------------------------------------------------------------------------------------------------


def test_objectives_see_and_predict_what_the_papers_say(bert: LoadedTokenizer) -> None:
    corruption = corrupt(
        bert, "one two three four five six seven eight nine ten eleven twelve", MaskingSettings(rate=0.3)
    )
    masked, causal, permutation, replaced = objectives(corruption)
    assert masked.predicted.sum() == len(corruption.selected)
    assert masked.sees.all()
    np.testing.assert_array_equal(causal.sees, np.tril(np.ones((12, 12), dtype=bool)))
    assert causal.predicted.tolist() == [True] * 11 + [False], "nothing comes behind the last token"
    assert permutation.predicted.sum() == 2
    assert sorted(permutation.sees.sum(1)) == list(range(12)), "the k-th of the order sees k others"
    assert permutation.sees.sum(1)[permutation.predicted].min() == 10, "the last of the order are predicted"
    assert replaced.predicted.all()
    again = objectives(corrupt(bert, corruption.text, replace(corruption.settings, seed=1)))
    assert (again[2].sees != permutation.sees).any()
