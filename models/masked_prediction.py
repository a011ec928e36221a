"""What a masked language model puts in the place of the tokens that were hidden.

Devlin et al. 2019, section 3.1; losses are cross entropies in nats. All functions take a model loaded with the head
"MaskedLM" and call it as a reader would: ``AutoModelForMaskedLM``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.compute import computed_once, forward, largest
from models.generation import surprise
from models.loading import LoadedModel, LoadedTokenizer
from models.masking import FATES, check_length, corrupt, draw
from models.results import (
    Corruption,
    Fate,
    FilledPosition,
    Filling,
    FillingOrder,
    Fillings,
    LeftContext,
    LeftContexts,
    MaskedPrediction,
    MaskingSettings,
    MismatchRow,
    PlaygroundError,
    SweepPoint,
)
from models.shares import share_of

__all__ = [
    "MOST_FILLED",
    "MOST_WITHOUT_ASKING",
    "fill",
    "fill_one_by_one",
    "left_context",
    "log_probabilities",
    "mismatch",
    "pseudo_perplexity",
    "sweep_point",
]

MOST_WITHOUT_ASKING = 64  # tokens; pseudo-perplexity reads the text once per token
MOST_FILLED = 8  # [MASK] of one text that are filled one after the other
_TOKENS_AT_ONCE = 1024  # of one batch


def log_probabilities(
    loaded: LoadedModel, rows: Sequence[Sequence[int] | np.ndarray], where: Sequence[tuple[int, int]]
) -> np.ndarray:
    """Log-probabilities of all V tokens at some places (row, position) of B texts  # (len(where), V)

    Texts of unequal length are padded behind their ends; the padding is masked out. Raises PlaygroundError where one has
    more tokens than the model has positions.
    """
    import torch

    longest = max(len(row) for row in rows)
    check_length(longest, int(loaded.tokenizer.tokenizer.model_max_length))
    pad = int(loaded.tokenizer.tokenizer.pad_token_id or 0)
    input_ids = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])  # (B, L)
    attention_mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])  # (B, L)
    logits = forward(loaded, input_ids=input_ids, attention_mask=attention_mask).logits  # (B, L, V)
    row, position = zip(*where, strict=True)
    found: np.ndarray = logits[list(row), list(position)].float().log_softmax(-1).numpy()
    return found


def _in_batches(rows: Sequence[Sequence[int] | np.ndarray]) -> list[list[int]]:
    """Numbers of rows, the short ones first, in batches that the memory bears."""
    batches: list[list[int]] = []
    for number in sorted(range(len(rows)), key=lambda number: len(rows[number])):
        if not batches or (len(batches[-1]) + 1) * len(rows[number]) > _TOKENS_AT_ONCE:
            batches.append([])
        batches[-1].append(number)
    return batches


@computed_once
def fill(loaded: LoadedModel, corruption: Corruption, top_k: int = 5) -> MaskedPrediction:
    """The model's candidates at every selected position of one text, and how well it does.

    The model must have the tokenizer that cut the text.
    """
    selected = corruption.selected
    if not selected:
        return MaskedPrediction(loaded.origin.name, (), None, None, None)
    scores = log_probabilities(loaded, [corruption.corrupted_ids], [(0, position) for position in selected])  # (n, V)
    tokenizer: Any = loaded.tokenizer.tokenizer
    labels = corruption.labels
    filled = []
    for position, row in zip(selected, scores, strict=True):
        best = largest(row, top_k)
        label = labels[position]
        known = label >= 0
        filled.append(
            FilledPosition(
                position=position,
                candidates=tuple(
                    (str(token), float(np.exp(row[i])))
                    for token, i in zip(tokenizer.convert_ids_to_tokens(best.tolist()), best, strict=True)
                ),
                original=corruption.tokens[position] if known else None,
                rank=int((row > row[label]).sum()) + 1 if known else None,
                probability=float(np.exp(row[label])) if known else None,
                loss=float(-row[label]) if known else None,
                seen_probability=float(np.exp(row[corruption.corrupted_ids[position]])),
                entropy=float(-(np.exp(row) * row).sum()),
            )
        )
    losses = [one.loss for one in filled if one.loss is not None]
    mean = float(np.mean(losses)) if losses else None
    return MaskedPrediction(
        model=loaded.origin.name,
        positions=tuple(filled),
        mean_loss=mean,
        perplexity=float(np.exp(mean)) if mean is not None else None,
        share_right=float(np.mean([one.rank == 1 for one in filled if one.rank])) if losses else None,
    )


@computed_once
def fill_one_by_one(loaded: LoadedModel, corruption: Corruption, order: FillingOrder = "left") -> Fillings:
    """The first eight [MASK] of a text filled all at once, and one after the other, in this order.

    At once, each gets its likeliest token in one pass, as if it did not depend on the others: the independence
    assumption of masked language modelling (Yang et al. 2019, section 2.1). One after the other, the model reads what
    it has put in before it fills the next. Both fillings are then scored both ways: as independent tokens, and by the
    chain rule in the order of the filling.

    Raises PlaygroundError where there are fewer than two [MASK].
    """
    places = corruption.masked[:MOST_FILLED]
    if len(places) < 2:
        raise PlaygroundError("Hide two tokens or more.", "토큰을 두 개 이상 가려 주세요.")
    rows = log_probabilities(loaded, [corruption.corrupted_ids], [(0, place) for place in places])  # (n, V)
    alone = dict(zip(places, rows, strict=True))
    at_once = {place: int(row.argmax()) for place, row in alone.items()}
    one_by_one: dict[int, int] = {}  # in the order of the filling
    read: list[np.ndarray] = []  # where each of these tokens was taken from, (V,)
    while rest := [place for place in places if place not in one_by_one]:
        if one_by_one:
            rows = log_probabilities(loaded, [_filled(corruption, one_by_one)], [(0, place) for place in rest])
        number = {"left": 0, "right": -1, "certain": int(rows.max(1).argmax())}[order]
        read.append(rows[number])
        one_by_one[rest[number]] = int(rows[number].argmax())
    positions = tuple(one_by_one)

    def scored(filling: dict[int, int], chain: Sequence[np.ndarray]) -> Filling:
        tokenizer: Any = loaded.tokenizer.tokenizer
        return Filling(
            tokens=tuple(map(str, tokenizer.convert_ids_to_tokens([filling[p] for p in positions]))),
            independent=tuple(float(alone[p][filling[p]]) for p in positions),
            in_turn=tuple(float(row[filling[p]]) for p, row in zip(positions, chain, strict=True)),
        )

    # As long as both have put in the same, the next token of both is read from the same.
    same = next((n for n, p in enumerate(positions) if at_once[p] != one_by_one[p]), len(positions)) + 1
    begun = [_filled(corruption, {p: at_once[p] for p in positions[:n]}) for n in range(same, len(positions))]
    own: list[np.ndarray] = []
    for batch in _in_batches(begun):
        where = [(i, positions[same + n]) for i, n in enumerate(batch)]
        own.extend(log_probabilities(loaded, [begun[n] for n in batch], where))
    return Fillings(
        positions,
        len(corruption.masked) - len(places),
        scored(at_once, [*read[:same], *own]),
        scored(one_by_one, read),
    )


def _filled(corruption: Corruption, filling: dict[int, int]) -> list[int]:
    """What the model reads when these positions hold these ids."""
    return [filling.get(place, token_id) for place, token_id in enumerate(corruption.corrupted_ids)]


@computed_once
def pseudo_perplexity(loaded: LoadedModel, text: str, *, on_progress: Callable[[float], None] | None = None) -> float:
    """exp of the mean loss when each token of the text is hidden in its turn (Salazar et al. 2020, section 2.3).

    Reads the text once per token; ``on_progress`` gets the share that is done.
    """
    original = corrupt(loaded.tokenizer, text, MaskingSettings())
    mask_id = loaded.tokenizer.tokenizer.mask_token_id
    places = [position for position, word in enumerate(original.word_ids) if word is not None]
    if not places:
        raise PlaygroundError("There is no word to hide in this text.", "가릴 단어가 없는 글입니다.")
    rows = [[*original.input_ids[:place], mask_id, *original.input_ids[place + 1 :]] for place in places]
    total, done = 0.0, 0
    for batch in _in_batches(rows):
        scores = log_probabilities(loaded, [rows[n] for n in batch], [(i, places[n]) for i, n in enumerate(batch)])
        total -= float(sum(score[original.input_ids[places[n]]] for n, score in zip(batch, scores, strict=True)))
        done += len(batch)
        if on_progress:
            on_progress(done / len(rows))
    return float(np.exp(total / len(rows)))


@computed_once
def left_context(loaded: LoadedModel, corruption: Corruption, causal: LoadedModel | None = None) -> LeftContexts:
    """Each word under [MASK] as the only hidden one, read with both sides and with the left side only.

    Both readings have all of the word hidden and all before it as it was, and take its tokens from left to right, each
    given those before it: for a masked model, Kauf and Ivanova 2023, section 3 (PLL-word-l2r). So they differ in the
    right side, which ``causal`` does not see; without it the same masked model reads the text up to the word's end, and
    [SEP]. The causal model has tokens of its own for the letters of the word.
    """
    words: dict[int, list[int]] = {}  # number of a word -> the positions of its tokens
    for position, number in enumerate(corruption.word_ids):
        if number is not None:
            words.setdefault(number, []).append(position)
    last = max((places[-1] for places in words.values()), default=0)
    hidden = [places for places in words.values() if any(corruption.fates[place] == "mask" for place in places)]
    inside = [places for places in hidden if places[-1] < last]
    asked = inside[: MOST_WITHOUT_ASKING**2 // len(corruption.tokens)]

    def letters(places: list[int]) -> tuple[int, int]:
        return corruption.offsets[places[0]][0], corruption.offsets[places[-1]][1]

    both = _read_words(loaded, corruption, asked, right_side=True)
    if causal is None:
        left = _read_words(loaded, corruption, asked, right_side=False)
    else:
        left = _left_causal(causal, corruption.text, [letters(places) for places in asked]) if asked else []
    return LeftContexts(
        words=tuple(
            LeftContext(
                places[0], corruption.text[slice(*letters(places))], loss_both, loss_left, guess_both, guess_left
            )
            for places, (loss_both, guess_both), (loss_left, guess_left) in zip(asked, both, left, strict=True)
        ),
        at_the_end=tuple(corruption.text[slice(*letters(places))] for places in hidden if places[-1] == last),
        left_out=len(inside) - len(asked),
    )


def _read_words(
    loaded: LoadedModel, corruption: Corruption, words: list[list[int]], *, right_side: bool
) -> list[tuple[float, str]]:
    """The loss of each word by the chain rule, and the masked model's guesses where all of the word is hidden."""
    tokenizer: Any = loaded.tokenizer.tokenizer
    rows: list[list[int]] = []
    gaps: list[list[int]] = []  # of each row, the positions that are [MASK]
    for places in words:
        end = len(corruption.input_ids) if right_side else places[-1] + 1
        for number in range(len(places)):
            gaps.append(places[number:])
            row = [
                tokenizer.mask_token_id if place in gaps[-1] else corruption.input_ids[place] for place in range(end)
            ]
            rows.append(row if right_side else [*row, tokenizer.sep_token_id])
    losses: dict[int, float] = {}
    guesses: dict[int, str] = {}
    for batch in _in_batches(rows):
        where = [(i, place) for i, n in enumerate(batch) for place in gaps[n]]
        scores = iter(log_probabilities(loaded, [rows[n] for n in batch], where))
        for first, *behind in (gaps[n] for n in batch):
            own = [next(scores) for _ in (first, *behind)]  # (V,) each
            losses[first] = float(-own[0][corruption.input_ids[first]])
            guesses[first] = " ".join(tokenizer.convert_ids_to_tokens([int(one.argmax()) for one in own]))
    return [(sum(losses[place] for place in places), guesses[places[0]]) for places in words]


def _left_causal(causal: LoadedModel, text: str, spans: list[tuple[int, int]]) -> list[tuple[float, str]]:
    """The loss of the characters [start, end), and the model's guess for the token with which they begin."""
    tokenizer: Any = causal.tokenizer.tokenizer
    predicted = [one for one in surprise(causal, text).tokens if one.loss is not None]
    found = []
    for start, end in spans:
        own = [one for one in predicted if one.offsets[0] < end and one.offsets[1] > start]
        guess = tokenizer.convert_tokens_to_string([own[0].best]).strip() if own else ""
        found.append((sum(one.loss or 0.0 for one in own) if own else float("nan"), guess))
    return found


@dataclass(frozen=True)
class _Row:
    """One draw of one text; all arrays are (L,)."""

    input_ids: np.ndarray
    fates: np.ndarray
    corrupted_ids: np.ndarray
    maskable: np.ndarray


def _prepare(tokenizer: LoadedTokenizer, texts: Sequence[str], settings: MaskingSettings, repeats: int) -> list[_Row]:
    """Each text ``repeats`` times, each time with a draw of its own."""
    rows = []
    mask_id, size = tokenizer.tokenizer.mask_token_id, len(tokenizer.tokenizer)
    for number, text in enumerate(texts):
        original = corrupt(tokenizer, text, MaskingSettings())
        ids = np.array(original.input_ids)
        maskable = np.array([word is not None for word in original.word_ids])
        found = draw(original.word_ids, replace(settings, seed=settings.seed + number), size, repeats)
        for fates, random_ids in zip(found.fates, found.random_ids, strict=True):
            corrupted = np.where(fates == 1, mask_id, np.where(fates == 2, random_ids, ids))
            rows.append(_Row(ids, fates, corrupted, maskable))
    return rows


@computed_once
def sweep_point(loaded: LoadedModel, texts: tuple[str, ...], settings: MaskingSettings, repeats: int) -> SweepPoint:
    """How well the model restores the texts at one rate, each of them drawn ``repeats`` times."""
    rows = _prepare(loaded.tokenizer, texts, settings, repeats)
    right, predicted, loss = 0, 0, 0.0
    for batch in _in_batches([row.input_ids for row in rows]):
        where = [(i, int(place)) for i, n in enumerate(batch) for place in np.flatnonzero(rows[n].fates)]
        if not where:
            continue
        scores = log_probabilities(loaded, [rows[n].corrupted_ids for n in batch], where)
        labels = np.array([rows[batch[i]].input_ids[place] for i, place in where])
        right += int((scores.argmax(1) == labels).sum())
        loss -= float(scores[np.arange(len(labels)), labels].sum())
        predicted += len(labels)
    mean_loss = loss / predicted if predicted else float("nan")
    tokens, share = sum(int(row.maskable.sum()) for row in rows), share_of(right, predicted)
    return SweepPoint(settings.rate, tokens, predicted, right, mean_loss, share.low, share.high)


@computed_once
def mismatch(
    loaded: LoadedModel, texts: tuple[str, ...], settings: MaskingSettings, repeats: int
) -> tuple[MismatchRow, ...]:
    """What the model says at positions that became [MASK], a random token, stayed, or were never selected.

    Devlin et al. 2019, appendix C.2: [MASK] never occurs in fine-tuning, so the model has to be good at the others too.
    """
    rows = _prepare(loaded.tokenizer, texts, settings, repeats)
    found: dict[Fate, list[tuple[float, float, bool]]] = {fate: [] for fate in FATES}
    for batch in _in_batches([row.input_ids for row in rows]):
        where = [(i, int(place)) for i, n in enumerate(batch) for place in np.flatnonzero(rows[n].maskable)]
        if not where:
            continue
        scores = log_probabilities(loaded, [rows[n].corrupted_ids for n in batch], where)
        for (i, place), row in zip(where, scores, strict=True):
            one = rows[batch[i]]
            label, seen = row[one.input_ids[place]], row[one.corrupted_ids[place]]
            found[FATES[one.fates[place]]].append((float(np.exp(label)), float(np.exp(seen)), bool(label >= row.max())))
    return tuple(
        MismatchRow(settings.mask_share, settings.random_share, fate, len(values), *map(float, np.mean(values, axis=0)))
        for fate, values in found.items()
        if values
    )
