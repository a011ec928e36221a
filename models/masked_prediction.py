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
from models.masking import FATES, corrupt, draw
from models.results import (
    Corruption,
    Fate,
    FilledPosition,
    Filling,
    FillingOrder,
    Fillings,
    LeftContext,
    MaskedPrediction,
    MaskingSettings,
    MismatchRow,
    PlaygroundError,
    SweepPoint,
)

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

    Texts of unequal length are padded behind their ends; the padding is masked out.
    """
    import torch

    longest = max(len(row) for row in rows)
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
def left_context(
    loaded: LoadedModel, corruption: Corruption, prediction: MaskedPrediction, causal: LoadedModel | None = None
) -> tuple[LeftContext, ...]:
    """The words under [MASK] again, read from left to right only: by ``causal``, or by the same masked model.

    The masked model gets the text up to the hidden token, and [SEP]. The causal model gets the text up to the word, with
    the letters as they were, and its own tokens for the word.
    """
    by_word: dict[int, list[FilledPosition]] = {}
    for one in prediction.positions:
        word = corruption.word_ids[one.position]
        if word is not None and corruption.fates[one.position] == "mask":  # a kept token would give itself away
            by_word.setdefault(word, []).append(one)
    if not by_word:
        return ()
    spans = [
        (
            min(corruption.offsets[one.position][0] for one in ones),
            max(corruption.offsets[one.position][1] for one in ones),
        )
        for ones in by_word.values()
    ]
    read = _left_masked(loaded, corruption, by_word) if causal is None else _left_causal(causal, corruption.text, spans)
    return tuple(
        LeftContext(
            position=ones[0].position,
            word=corruption.text[start:end],
            loss_both=float(sum(one.loss or 0.0 for one in ones)),
            loss_left=loss,
            guess_both=" ".join(one.candidates[0][0] for one in ones),
            guess_left=guess,
        )
        for (start, end), ones, (loss, guess) in zip(spans, by_word.values(), read, strict=True)
    )


def _left_masked(
    loaded: LoadedModel, corruption: Corruption, by_word: dict[int, list[FilledPosition]]
) -> list[tuple[float, str]]:
    tokenizer: Any = loaded.tokenizer.tokenizer
    places = [one.position for ones in by_word.values() for one in ones]
    rows = [[*corruption.corrupted_ids[:place], tokenizer.mask_token_id, tokenizer.sep_token_id] for place in places]
    scores: dict[int, np.ndarray] = {}
    for batch in _in_batches(rows):
        found = log_probabilities(loaded, [rows[n] for n in batch], [(i, places[n]) for i, n in enumerate(batch)])
        scores |= {places[n]: row for n, row in zip(batch, found, strict=True)}
    return [
        (
            float(-sum(scores[one.position][corruption.input_ids[one.position]] for one in ones)),
            " ".join(str(tokenizer.convert_ids_to_tokens(int(scores[one.position].argmax()))) for one in ones),
        )
        for ones in by_word.values()
    ]


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
    return SweepPoint(settings.rate, sum(int(row.maskable.sum()) for row in rows), predicted, right, mean_loss)


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
