"""Replaced token detection: a generator fills in some tokens, a discriminator says which ones.

Clark et al. 2020 (ELECTRA), section 2. The generator is any model with the head "MaskedLM", the discriminator one with
ELECTRA's pre-training head; both must have the same tokenizer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from models.compute import computed_once, forward, largest
from models.generation import surprise
from models.loading import LoadedModel, OnProgress, load_model
from models.masking import check_length, corrupt
from models.results import (
    Detection,
    DetectionCurves,
    DetectionMeasure,
    DetectionScore,
    GeneratedReplacement,
    MaskingSettings,
    PlaygroundError,
    ReplacedText,
    WordSuspicion,
)
from models.tokenization import clean

__all__ = [
    "against_ranks",
    "called",
    "curves",
    "detect",
    "discriminator_loss",
    "generators_of",
    "ids_of",
    "load_discriminator",
    "make_game",
    "measure",
    "replace_tokens",
    "score_verdicts",
    "suggest",
    "text_with_word",
    "with_word",
]

SHOWN = 8  # candidates of the generator at each position
GAME_RATE = 0.2
BINS = 8  # of predicted probabilities, in the calibration curve
_GENERATORS = {"mini-electra": ("mini-bert", "mini-student")}  # the others' are called like their discriminators


def generators_of(discriminator: str) -> tuple[str, ...]:
    """Generators for a discriminator of the catalogue, with its tokenizer: first the one that it was trained with.

    >>> generators_of("mini-electra"), generators_of("google/electra-small-discriminator")
    (('mini-bert', 'mini-student'), ('google/electra-small-generator',))
    """
    return _GENERATORS.get(discriminator, (discriminator.replace("discriminator", "generator"),))


def load_discriminator(name: str, on_progress: OnProgress | None = None) -> LoadedModel:
    """Load a model that tells replaced tokens. Raises PlaygroundError like ``load_model``, and for one of another kind."""
    loaded = load_model(name, "PreTraining", on_progress)
    if loaded.model.config.model_type != "electra":
        raise PlaygroundError(
            f"{name} is no ELECTRA discriminator: it does not say of tokens whether they were replaced.",
            f"{name} 모델은 ELECTRA 판별기가 아니어서 토큰이 바뀌었는지 판정하지 못합니다.",
        )
    return loaded


def ids_of(loaded: LoadedModel, text: str) -> tuple[int, ...]:
    """input_ids of a text, special tokens included. Raises PlaygroundError where it is empty or too long."""
    return corrupt(loaded.tokenizer, text, MaskingSettings()).input_ids


@computed_once
def detect(loaded: LoadedModel, input_ids: tuple[int, ...]) -> Detection:
    """For every token the probability that it was replaced: sigmoid(w^T h) (section 2, equation for D)."""
    import torch

    logits = forward(loaded, input_ids=torch.tensor([input_ids])).logits[0].float()  # (L,)
    tokenizer: Any = loaded.tokenizer.tokenizer
    special = _special_ids(tokenizer)
    return Detection(
        model=loaded.origin.name,
        tokens=tuple(str(token) for token in tokenizer.convert_ids_to_tokens(list(input_ids))),
        input_ids=input_ids,
        logits=logits.numpy(),
        probabilities=logits.sigmoid().numpy(),
        special=tuple(token_id in special for token_id in input_ids),
    )


def _special_ids(tokenizer: Any) -> set[int]:
    """Of the tokens that are no part of the text: [UNK] and a typed [MASK] stand for a word of it."""
    return set(tokenizer.all_special_ids) - {tokenizer.unk_token_id, tokenizer.mask_token_id}


@computed_once
def replace_tokens(
    generator: LoadedModel, text: str, *, rate: float = 0.15, temperature: float = 1.0, seed: int = 0
) -> ReplacedText:
    """Mask a share of the tokens and let the generator sample what stands there.

    The positions are those of the masking simulator (``models.masking.draw``) for this rate and seed, all of them
    [MASK]. Temperature 0 takes the most probable token. The same text and settings give the same samples everywhere.

    A ``[MASK]`` typed in the text is filled too, but it is no replacement: nobody knows its original.

    Raises PlaygroundError where the text is empty or too long for the generator.
    """
    import torch

    hidden = corrupt(generator.tokenizer, text, MaskingSettings(rate, mask_share=1.0, random_share=0.0, seed=seed))
    logits = forward(generator, input_ids=torch.tensor([hidden.corrupted_ids])).logits[0].float()  # (L, V)
    tokenizer: Any = generator.tokenizer.tokenizer
    corrupted = list(hidden.corrupted_ids)
    found = []
    for position in hidden.selected:
        # one stream of random numbers for each position, so that a higher rate keeps the samples of a lower one
        uniform = np.random.default_rng([seed, position]).random()
        plain = logits[position].double().softmax(-1).numpy()  # (V,)
        warm = plain if temperature == 1 else _at_temperature(logits[position], temperature)
        sampled = int(np.searchsorted(warm.cumsum(), uniform * warm.sum(), side="right"))
        corrupted[position] = sampled = min(sampled, len(warm) - 1)
        if hidden.fates[position] == "typed":
            continue
        original = hidden.input_ids[position]
        best = largest(warm, SHOWN)
        name, own, *names = tokenizer.convert_ids_to_tokens([sampled, original, *best.tolist()])
        found.append(
            GeneratedReplacement(
                position=position,
                original=str(own),
                sampled=str(name),
                sampled_probability=float(warm[sampled]),
                original_probability=float(warm[original]),
                candidates=tuple((str(token), float(warm[i])) for token, i in zip(names, best, strict=True)),
                loss=float(-np.log(plain[original])),
            )
        )
    return ReplacedText(
        text=hidden.text,
        tokens=hidden.tokens,
        input_ids=hidden.input_ids,
        masked_ids=hidden.corrupted_ids,
        corrupted_ids=tuple(corrupted),
        corrupted_tokens=tuple(str(token) for token in tokenizer.convert_ids_to_tokens(corrupted)),
        word_ids=hidden.word_ids,
        replacements=tuple(found),
        temperature=temperature,
    )


def _at_temperature(logits: Any, temperature: float) -> np.ndarray:
    if temperature <= 0:
        greedy = np.zeros(len(logits))
        greedy[int(logits.argmax())] = 1.0
        return greedy
    found: np.ndarray = (logits.double() / temperature).softmax(-1).numpy()
    return found


@computed_once
def suggest(generator: LoadedModel, input_ids: tuple[int, ...], position: int) -> tuple[tuple[str, float], ...]:
    """The generator's most probable tokens for one position, which it does not see."""
    import torch

    tokenizer: Any = generator.tokenizer.tokenizer
    hidden = [*input_ids[:position], tokenizer.mask_token_id, *input_ids[position + 1 :]]
    logits = forward(generator, input_ids=torch.tensor([hidden])).logits[0, position].float()  # (V,)
    best = logits.softmax(-1).topk(SHOWN)
    names = tokenizer.convert_ids_to_tokens(best.indices.tolist())
    return tuple((str(name), float(value)) for name, value in zip(names, best.values, strict=True))


def with_word(loaded: LoadedModel, input_ids: tuple[int, ...], position: int, word: str) -> tuple[int, ...]:
    """The same input_ids with the tokens of a word in the place of one token.

    Raises PlaygroundError where the position is not one of the text's, where the word has no token, and where the text
    becomes too long for the model.
    """
    tokenizer: Any = loaded.tokenizer.tokenizer
    if not 0 <= position < len(input_ids) or input_ids[position] in _special_ids(tokenizer):
        raise PlaygroundError("There is no word at this place.", "이 자리에는 단어가 없습니다.")
    with loaded.tokenizer.lock:
        known = tokenizer.get_vocab().get(word.strip())  # a piece such as "##ing" as well
        new = [known] if known is not None else tokenizer(word, add_special_tokens=False)["input_ids"]
    if not 0 < len(new) <= 16:
        raise PlaygroundError("Write one word to put there.", "바꿔 넣을 단어를 하나 적어 주세요.")
    check_length(len(input_ids) - 1 + len(new), int(tokenizer.model_max_length))
    return (*input_ids[:position], *new, *input_ids[position + 1 :])


def text_with_word(loaded: LoadedModel, text: str, position: int, word: str) -> str:
    """The text with a word in the place of one token: for a model with another tokenizer.

    Raises PlaygroundError where :func:`with_word` does.
    """
    text = clean(text)
    tokenizer: Any = loaded.tokenizer.tokenizer
    with loaded.tokenizer.lock:
        encoding = tokenizer(text, return_offsets_mapping=True, verbose=False)
    with_word(loaded, tuple(encoding["input_ids"]), position, word)
    first, last = encoding["offset_mapping"][position]
    return text[:first] + word.strip().removeprefix("##") + text[last:]


def make_game(generator: LoadedModel, sentences: Sequence[str], seed: int) -> ReplacedText:
    """One of the sentences with some tokens replaced, at least one; the same seed gives the same game."""
    sentence = sentences[int(np.random.default_rng(seed).integers(len(sentences)))]
    for attempt in range(20):
        game = replace_tokens(generator, sentence, rate=GAME_RATE, temperature=1.0, seed=20 * seed + attempt)
        if any(game.labels):
            return game
    raise PlaygroundError(
        "The generator put every word back. Take the next round.",
        "생성기가 모든 단어를 원래대로 채웠습니다. 다음 판으로 넘어가세요.",
    )


def discriminator_loss(detection: Detection, replaced: ReplacedText) -> float:
    """Mean binary cross entropy over all tokens whose original is known, in nats (section 2, L_Disc); NaN for none."""
    labels = np.array(replaced.labels)
    signs = np.where(labels, 1.0, -1.0)
    losses = np.logaddexp(0.0, -signs * detection.logits.astype(np.float64))
    return float(losses[np.array(replaced.judged)].mean()) if any(replaced.judged) else float("nan")


def called(detection: Detection, threshold: float) -> tuple[int, ...]:
    """Positions that the discriminator calls replaced at this threshold."""
    return tuple(int(n) for n in np.flatnonzero((detection.probabilities >= threshold) & ~np.array(detection.special)))


def score_verdicts(positions: Collection[int], replaced: ReplacedText) -> DetectionScore:
    """Positions that somebody called replaced against the truth."""
    truth = {position for position, label in enumerate(replaced.labels) if label}
    tokens = sum(replaced.judged)
    if not all(0 <= position < len(replaced.tokens) for position in positions):
        raise PlaygroundError("A marked position is outside the text.", "표시한 위치가 글 밖에 있습니다.")
    return DetectionScore(len(truth & set(positions)), len(set(positions)), len(truth), tokens)


@computed_once
def measure(
    discriminator: LoadedModel,
    generator: LoadedModel,
    texts: tuple[str, ...],
    *,
    rate: float = 0.15,
    temperature: float = 1.0,
    seed: int = 0,
    first: int = 0,
) -> DetectionMeasure:
    """Corrupt each text once and let the discriminator judge every token of it.

    ``first`` is the number of the first text, which together with ``seed`` seeds its draw.
    """
    probabilities, replaced, corrupted, labels, masked = [], [], [], [], []
    for number, text in enumerate(texts, first):
        pair = replace_tokens(generator, text, rate=rate, temperature=temperature, seed=1000 * seed + number)
        verdict = detect(discriminator, pair.corrupted_ids)
        own, truth = np.array(pair.judged), np.array(pair.labels)
        probabilities.append(verdict.probabilities[own])
        replaced.append(truth[own])
        corrupted.append(pair.corrupted_ids)
        labels.append(tuple(int(label) for label in np.where(own, truth, -100)))
        masked.append(tuple(one.position for one in pair.replacements))
    return DetectionMeasure(
        rate=rate,
        temperature=temperature,
        corrupted=tuple(corrupted),
        labels=tuple(labels),
        masked=tuple(masked),
        probabilities=np.concatenate(probabilities),
        replaced=np.concatenate(replaced),
    )


def curves(measures: Sequence[DetectionMeasure]) -> DetectionCurves:
    """ROC, precision-recall and calibration curves over the tokens of all measures (scikit-learn's).

    Raises PlaygroundError where nothing or everything was replaced: then there is nothing to tell apart.
    """
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

    probabilities = np.concatenate([one.probabilities for one in measures]).astype(np.float64)  # (N,)
    replaced = np.concatenate([one.replaced for one in measures])  # (N,)
    if replaced.all() or not replaced.any():
        raise PlaygroundError(
            "The generator replaced nothing here. Raise the rate or the temperature.",
            "생성기가 바꾼 토큰이 없습니다. 비율이나 온도를 올려 주세요.",
        )
    precision, recall, thresholds = precision_recall_curve(replaced, probabilities)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(f1[:-1].argmax())
    place = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    means = [np.bincount(place, weights, BINS) / np.maximum(counts, 1) for weights in (probabilities, replaced)]
    return DetectionCurves(
        roc=np.stack(roc_curve(replaced, probabilities)),
        precision_recall=np.stack([recall[:-1], precision[:-1], thresholds]),
        calibration=np.stack([*means, counts])[:, counts > 0],
        auc=float(roc_auc_score(replaced, probabilities)),
        average_precision=float(average_precision_score(replaced, probabilities)),
        best_f1=float(f1[best]),
        best_threshold=float(thresholds[best]),
    )


@computed_once
def against_ranks(discriminator: LoadedModel, causal: LoadedModel, text: str) -> tuple[WordSuspicion, ...]:
    """Each word of a text: how probably it was replaced, and how surprised a causal model is by it.

    Words are what stands between spaces; the discriminator reads both sides of a word, the causal model its left.
    """
    found = surprise(causal, text)
    tokenizer: Any = discriminator.tokenizer.tokenizer
    with discriminator.tokenizer.lock:
        encoding = tokenizer(found.text, return_offsets_mapping=True, truncation=True, verbose=False)
    verdict = detect(discriminator, tuple(encoding["input_ids"]))
    words = []
    for match in re.finditer(r"\S+", found.text):
        inside = [
            float(probability)
            for probability, (first, last), special in zip(
                verdict.probabilities, encoding["offset_mapping"], verdict.special, strict=True
            )
            if not special and first < match.end() and last > match.start()
        ]
        ranks = [
            one.rank
            for one in found.tokens
            if one.rank is not None and one.offsets[0] < match.end() and one.offsets[1] > match.start()
        ]
        words.append(WordSuspicion(match.group(), max(inside, default=0.0), max(ranks, default=None)))
    return tuple(words)
