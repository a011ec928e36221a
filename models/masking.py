"""Which tokens are hidden, and what becomes of them: the corruption of masked language modelling.

Devlin et al. 2019, section 3.1 and appendix A.1 (tokens, 80/10/10); the whole-word variant is that of BERT's later
release; spans are those of Joshi et al. 2020 (SpanBERT), section 3.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.compute import computed_once
from models.loading import LoadedTokenizer
from models.results import Corruption, Fate, MaskingSettings, MaskingStatistics, Objective, PlaygroundError
from models.tokenization import clean

__all__ = [
    "FATES",
    "LONGEST_SPAN",
    "Draws",
    "check_length",
    "corrupt",
    "draw",
    "draw_spans",
    "objectives",
    "statistics",
]

SPAN_P = 0.2  # of the geometric distribution of span lengths, in words
LONGEST_SPAN = 10  # words
FATES: tuple[Fate, ...] = ("", "mask", "random", "kept")


@dataclass(frozen=True)
class Draws:
    """N draws for one text of L tokens."""

    fates: np.ndarray  # (N, L) int8: 0 not selected, 1 [MASK], 2 random, 3 kept
    random_ids: np.ndarray  # (N, L) the token to put in where the fate is random

    @property
    def selected(self) -> np.ndarray:
        """(N, L) bool"""
        return self.fates > 0


def draw(word_ids: Iterable[int | None], settings: MaskingSettings, vocab_size: int, draws: int = 1) -> Draws:
    """Select tokens and decide their fates, ``draws`` times at once.

    ``word_ids`` holds the word of each token, None for special tokens: those are never selected. Selection, fates and
    random tokens have random numbers of their own, so that moving one slider changes nothing else; a higher rate keeps
    what a lower one selected (by token and by word).

    >>> draw([None, 0, 1, 1, None], MaskingSettings(rate=1.0, mask_share=1.0, random_share=0.0), 30522).fates
    array([[0, 1, 1, 1, 0]], dtype=int8)
    """
    words = np.array([-1 if word is None else word for word in word_ids])  # (L,)
    selecting, fating, replacing = (np.random.default_rng([settings.seed, stream]) for stream in range(3))
    shape = (draws, len(words))
    fate_numbers = fating.random(shape)  # (N, L)
    if settings.unit == "span":
        spans = draw_spans(words, settings.rate, draws, selecting)  # (N, L), 0 outside
        selected = spans > 0
        fate_numbers = np.take_along_axis(fate_numbers, np.maximum(spans - 1, 0), axis=1)  # one fate for a whole span
    elif settings.unit == "word":
        selected = (selecting.random((draws, words.max(initial=0) + 1)) < settings.rate)[:, words]
    else:
        selected = selecting.random(shape) < settings.rate
    selected &= words >= 0
    mask, random = settings.mask_share, settings.mask_share + settings.random_share
    fates = np.where(fate_numbers < mask, 1, np.where(fate_numbers < random, 2, 3))
    return Draws(
        fates=np.where(selected, fates, 0).astype(np.int8),
        random_ids=replacing.integers(vocab_size, size=shape),
    )


def draw_spans(words: np.ndarray, rate: float, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Spans of whole words until the budget of tokens is spent; the last one is cut to fit it  # (N, L)

    Each selected token holds one more than the position where its span begins. A span never takes what another took.
    """
    taken = np.zeros((draws, len(words)), dtype=np.int64)
    is_text = words >= 0
    if not is_text.any():
        return taken
    budget = max(1, round(rate * int(is_text.sum())))
    last_word = int(words.max())
    open_draws = np.arange(draws)  # those with budget left
    while len(open_draws):
        length = np.minimum(rng.geometric(SPAN_P, len(open_draws)), LONGEST_SPAN)
        first = rng.integers(last_word + 1, size=len(open_draws))
        now = taken[open_draws]
        inside = (words >= first[:, None]) & (words < (first + length)[:, None]) & (now == 0)  # (n, L)
        left = budget - (now > 0).sum(1)
        inside &= inside.cumsum(1) <= left[:, None]
        begin = inside.argmax(1) + 1
        taken[open_draws] = np.where(inside, begin[:, None], now)
        open_draws = open_draws[(taken[open_draws] > 0).sum(1) < budget]
    return taken


@computed_once
def corrupt(loaded: LoadedTokenizer, text: str, settings: MaskingSettings, by_hand: tuple[int, ...] = ()) -> Corruption:
    """Hide tokens of a text: the same seed, text and settings give the same draw everywhere.

    Positions in ``by_hand`` are turned over: a selected token is shown again, any other becomes [MASK]. A ``[MASK]``
    typed in the text is a selected position whose original nobody knows. Where nothing was selected, one position
    or whole word is (BERT's code predicts at least one per text).

    Raises PlaygroundError where the text is empty, has nothing but special tokens, or is longer than the model reads.
    """
    text = clean(text)
    tokenizer: Any = loaded.tokenizer
    if tokenizer.mask_token is None:
        raise PlaygroundError(
            f"{loaded.origin.name} has no [MASK] token: it was not trained to fill in blanks. Pick a masked model.",
            f"{loaded.origin.name}에는 [MASK] 토큰이 없습니다. 빈칸 채우기로 학습한 모델을 고르세요.",
        )
    with loaded.lock:
        encoding = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True, verbose=False)
        tokens = tuple(tokenizer.convert_ids_to_tokens(encoding["input_ids"]))
    input_ids = tuple(encoding["input_ids"])
    check_length(len(input_ids), int(tokenizer.model_max_length))
    typed = tuple(token_id == tokenizer.mask_token_id for token_id in input_ids)
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    word_ids = tuple(
        None if token_id in special else word for token_id, word in zip(input_ids, encoding.word_ids(), strict=True)
    )
    if not any(typed) and all(word is None for word in word_ids):
        raise PlaygroundError(
            "This text has only special tokens, and those are never masked. Add a word.",
            "특수 토큰뿐인 글입니다. 특수 토큰은 가리지 않으니 단어를 하나 넣어 주세요.",
        )

    one = draw(word_ids, settings, len(tokenizer))
    fates: list[Fate] = ["typed" if is_mask else FATES[fate] for fate, is_mask in zip(one.fates[0], typed, strict=True)]
    forced = not any(fates)
    if forced:
        candidates = [position for position, word in enumerate(word_ids) if word is not None]
        taken = candidates[np.random.default_rng([settings.seed, 3]).integers(len(candidates))]
        for position in candidates if settings.unit == "word" else [taken]:
            if word_ids[position] == word_ids[taken]:
                fates[position] = "mask"
    turned = tuple(sorted({p for p in by_hand if 0 <= p < len(word_ids) and word_ids[p] is not None}))
    for position in turned:
        fates[position] = "" if fates[position] else "mask"
    become = {"mask": tokenizer.mask_token_id, "typed": tokenizer.mask_token_id}
    corrupted = tuple(
        int(one.random_ids[0, position]) if fate == "random" else become.get(fate, input_ids[position])
        for position, fate in enumerate(fates)
    )
    with loaded.lock:
        corrupted_tokens = tuple(tokenizer.convert_ids_to_tokens(list(corrupted)))
    return Corruption(
        text=text,
        settings=settings,
        tokens=tokens,
        input_ids=input_ids,
        offsets=tuple((start, end) for start, end in encoding["offset_mapping"]),
        word_ids=word_ids,
        fates=tuple(fates),
        corrupted_ids=corrupted,
        corrupted_tokens=corrupted_tokens,
        by_hand=turned,
        forced=forced and not turned,
    )


def check_length(tokens: int, most: int) -> None:
    """Raises PlaygroundError where a text has more tokens, special ones included, than the model has positions."""
    if tokens > most:
        raise PlaygroundError(
            f"This text has {tokens:,} tokens; the model has {most:,} positions. Shorten it: BERT's own training cuts "
            "such a text into several.",
            f"이 글은 토큰이 {tokens:,}개인데 모델의 위치는 {most:,}개뿐입니다. 줄여 주세요. BERT를 학습할 때도 이런 글은 여러 개로 나눕니다.",
        )


@computed_once
def statistics(corruption: Corruption, vocab_size: int, draws: int) -> MaskingStatistics:
    """Repeat the draw of a text (without what was done by hand), beginning with its seed.

    The expected counts are binomial, B(maskable, rate); so are the real ones where tokens are selected one by one. Whole
    words and spans share their fortune, so there the intervals count each draw as one observation, not each token.
    """
    from scipy.stats import binom, binomtest

    if not 1 <= draws <= 10_000:
        raise PlaygroundError("Between 1 and 10,000 draws, please.", "1번에서 10,000번까지 반복할 수 있습니다.")
    settings = corruption.settings
    found = draw(corruption.word_ids, settings, vocab_size, draws)
    maskable = sum(word is not None for word in corruption.word_ids)
    per_draw = found.selected.sum(1)  # (N,)
    hits = {fate: (found.fates == number).sum(1) for number, fate in enumerate(FATES) if fate}  # (N,) each

    def interval(hits: np.ndarray, trials: np.ndarray) -> tuple[float, float]:
        part, whole = int(hits.sum()), int(trials.sum())
        if whole == 0:
            return 0.0, 1.0
        if settings.unit == "token":
            bounds = binomtest(part, whole).proportion_ci(method="wilson")
            return float(bounds.low), float(bounds.high)
        share = part / whole
        error = 1.96 * float(np.sqrt(np.square(hits - share * trials).sum())) / whole
        return max(0.0, share - error), min(1.0, share + error)

    return MaskingStatistics(
        draws=draws,
        maskable=maskable,
        selected=int(per_draw.sum()),
        counts={fate: int(hit.sum()) for fate, hit in hits.items()},
        intervals={fate: interval(hit, per_draw) for fate, hit in hits.items()},
        rate_interval=interval(per_draw, np.full(draws, maskable)),
        per_draw=np.bincount(per_draw, minlength=maskable + 1),
        binomial=draws * binom.pmf(np.arange(maskable + 1), maskable, settings.rate),
    )


def objectives(corruption: Corruption) -> tuple[Objective, ...]:
    """The same sentence under four objectives: who sees whom, and which positions give a loss.

    Special tokens are left out, L counts the text alone. Permutation (Yang et al. 2019, section 2.2 and 2.3): position
    i sees those before it in a random order, and only the last sixth of the order is predicted (K = 6, section 2.3).
    Causal: each predicts the one behind it, which the last has not (Transformers' L - 1 losses of ``labels=input_ids``).
    Replaced tokens (Clark et al. 2020): the selected positions are filled by a generator, and all are judged.
    """
    places = [position for position, word in enumerate(corruption.word_ids) if word is not None]
    length = len(places)
    selected = np.array([bool(corruption.fates[place]) for place in places])
    masked = np.array([corruption.fates[place] in ("mask", "random") for place in places])
    order = np.random.default_rng([corruption.settings.seed, 4]).permutation(length)
    rank = np.empty(length, dtype=int)
    rank[order] = np.arange(length)  # (L,) when each position has its turn
    everything, nothing = np.ones(length, dtype=bool), np.zeros(length, dtype=bool)
    last = rank >= length - max(1, length // 6)
    return (
        Objective("masked", np.ones((length, length), dtype=bool), selected, masked),
        Objective("causal", np.tri(length, dtype=bool), np.arange(length) < length - 1, nothing),
        Objective("permutation", rank[None, :] < rank[:, None], last, nothing),
        Objective("replaced", np.ones((length, length), dtype=bool), everything, selected),
    )
