"""Text, token by token, from a causal language model; and what it says about text that is there already.

Radford et al. 2019, sections 2 and 3; Brown et al. 2020, section 2. The filters are Transformers' own logits
processors. Keys and values of earlier prompts are kept, so that a prompt with a known beginning costs only its end.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary, ref

from cachetools import LRUCache

from models import kv_cache
from models.compute import computed_once
from models.loading import LoadedModel
from models.results import (
    Alternative,
    GeneratedToken,
    Generation,
    GenerationSettings,
    PlaygroundError,
    ScoredCandidate,
    Surprise,
    SurprisingToken,
)
from models.tokenization import clean, document_start

__all__ = ["count_tokens", "generate", "score", "surprise", "window_of"]

SHOWN = 10  # alternatives of each step
LONGEST = 2048  # positions; SmolLM2 has 8,192, but on two cores that would take minutes
_MOST_ANSWERS, _LONGEST_ANSWER = 20, 200  # answers that are scored, tokens of each
_TOKENS_AT_ONCE = 4096  # of a batch of prompts with their answers, whose keys and values are held at the same time
_LOGITS_AT_ONCE = 1024  # positions of that batch at which the whole vocabulary is scored
_finished: LRUCache[Any, Generation] = LRUCache(128)  # whole generations: the same request costs nothing again
_lock = Lock()


def window_of(loaded: LoadedModel) -> int:
    """Positions that prompt and continuation share."""
    positions = int(getattr(loaded.model.config, "max_position_embeddings", LONGEST))
    return min(positions, LONGEST) if positions > 0 else LONGEST  # XLNet's are relative, without an end


def count_tokens(loaded: LoadedModel, text: str) -> int:
    """Tokens of a prompt."""
    return len(_ids(loaded, text)) if text else 0


def _ids(loaded: LoadedModel, text: str) -> list[int]:
    with loaded.tokenizer.lock:
        return list(loaded.tokenizer.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


# --- generation --------------------------------------------------------------------------------------------------


def _filters(settings: GenerationSettings) -> Any:
    """Transformers' logits processors, in the order of its ``generate``."""
    from transformers import (
        LogitsProcessorList,
        RepetitionPenaltyLogitsProcessor,
        TemperatureLogitsWarper,
        TopKLogitsWarper,
        TopPLogitsWarper,
    )

    filters = LogitsProcessorList()
    if settings.repetition_penalty != 1.0:
        filters.append(RepetitionPenaltyLogitsProcessor(settings.repetition_penalty))
    if settings.do_sample:
        if settings.temperature != 1.0:
            filters.append(TemperatureLogitsWarper(settings.temperature))
        if settings.top_k:
            filters.append(TopKLogitsWarper(settings.top_k))
        if settings.top_p < 1.0:
            filters.append(TopPLogitsWarper(settings.top_p))
    return filters


def _ends_of_text(loaded: LoadedModel) -> set[int]:
    found = loaded.model.generation_config.eos_token_id if loaded.model.generation_config else None
    ends = set(found) if isinstance(found, list) else {found}
    return {int(end) for end in (*ends, loaded.tokenizer.tokenizer.eos_token_id) if end is not None}


class _SharedSteps:
    """The steps of a generation for all who ask for them at the same time; who comes first to a step computes it."""

    def __init__(self, begin: Callable[[], Iterator[Generation]]) -> None:
        self._begin, self._steps, self._lock = begin, list[Generation](), Lock()
        self._growing: Iterator[Generation] | None = None

    def steps(self) -> Iterator[Generation]:
        number = 0
        while (step := self._step(number)) is not None:
            yield step
            number += 1

    def _step(self, number: int) -> Generation | None:
        with self._lock:
            if number == len(self._steps):
                if self._growing is None:  # the first time, or whoever computed a step was interrupted in it
                    self._growing = islice(self._begin(), number, None)
                try:
                    found = next(self._growing, None)
                except BaseException:
                    self._growing = None
                    raise
                if found is None:
                    return None
                self._steps.append(found)
            return self._steps[number]


_running: WeakValueDictionary[Any, _SharedSteps] = WeakValueDictionary()  # as long as somebody follows it


def generate(loaded: LoadedModel, prompt: str, settings: GenerationSettings) -> Iterator[Generation]:
    """Go on from a prompt: yields what there is after the prompt was read and after every token.

    The same request from several viewers at once is computed once; the work stops when nobody asks for more. Raises
    PlaygroundError where the prompt is empty or does not fit the window.
    """
    key = (ref(loaded.model), prompt, settings)
    with _lock:
        if known := _finished.get(key):
            shared = None
        else:
            shared = _running.setdefault(key, _SharedSteps(lambda: _generate(loaded, prompt, settings)))
    if known:
        yield known
    elif shared:
        for step in shared.steps():
            if step.ended_by:
                with _lock:
                    _finished[key] = step
            yield step


def _generate(loaded: LoadedModel, prompt: str, settings: GenerationSettings) -> Iterator[Generation]:
    import torch

    ids = _ids(loaded, clean(prompt, 60_000))
    window = window_of(loaded)
    if len(ids) >= window:
        raise PlaygroundError(
            f"The prompt has {len(ids):,} tokens; this model reads {window:,} here. Shorten the input, or use fewer examples.",
            f"프롬프트가 {len(ids):,}토큰인데 이 모델은 여기서 {window:,}토큰까지 읽습니다. 입력이나 예시를 줄여 주세요.",
        )
    logits, cache, reused = kv_cache.after_prompt(loaded, ids)
    so_far = Generation(prompt, len(ids), reused, settings, (), "", "")
    yield so_far
    filters, ends = _filters(settings), _ends_of_text(loaded)
    random = torch.Generator().manual_seed(settings.seed)
    new: list[int] = []
    while True:
        scores = filters(torch.tensor([[*ids, *new]]), logits[None])[0]  # (V,)
        drawn = torch.multinomial(scores.softmax(-1), 1, generator=random) if settings.do_sample else scores.argmax()
        chosen = int(drawn)
        if chosen in ends:
            so_far = replace(so_far, ended_by="end of text")
            break
        new.append(chosen)
        text = _decode(loaded, new)
        step = _step(loaded, chosen, text[len(so_far.text) :], logits, scores)
        at = [place for stop in settings.stop if stop and (place := text.find(stop)) >= 0]
        so_far = replace(
            so_far,
            steps=(*so_far.steps, step),
            text=text[: min(at)] if at else text,
            ended_by="stop"
            if at
            else "length"
            if len(new) >= settings.max_new_tokens
            else "window"
            if len(ids) + len(new) >= window
            else "",
        )
        if so_far.ended_by:
            break
        yield so_far
        logits = kv_cache.read(loaded, [chosen], cache)[-1]
    yield so_far


def _decode(loaded: LoadedModel, ids: list[int]) -> str:
    """The text of some tokens, without half a character at its end."""
    text = str(loaded.tokenizer.tokenizer.decode(ids, clean_up_tokenization_spaces=False))
    return text.rstrip("\ufffd")


def _step(loaded: LoadedModel, chosen: int, text: str, logits: Any, scores: Any) -> GeneratedToken:
    """``logits`` and ``scores``, before and after the filters: (V,), minus infinity where a filter cut."""
    best = [int(i) for i in logits.topk(SHOWN).indices]
    shown = best if chosen in best else [*best[:-1], chosen]
    # in float64: at a low temperature what is improbable, but not cut, would come out as 0
    before, after = ((row[[chosen, *shown]] - row.logsumexp(-1)).double().exp().tolist() for row in (logits, scores))
    tokens = loaded.tokenizer.tokenizer.convert_ids_to_tokens([chosen, *shown])
    return GeneratedToken(
        token_id=chosen,
        token=str(tokens[0]),
        text=text,
        probability=before[0],
        filtered=after[0],
        alternatives=tuple(
            Alternative(str(token), str(loaded.tokenizer.tokenizer.decode([i])), i, probability, filtered)
            for token, i, probability, filtered in zip(tokens[1:], shown, before[1:], after[1:], strict=True)
        ),
        kept=int(scores.isfinite().sum()),
    )


# --- text that is there already ----------------------------------------------------------------------------------


@computed_once
def score(
    loaded: LoadedModel, prompt: str, candidates: tuple[str, ...], content_free: str | None = None
) -> tuple[ScoredCandidate, ...]:
    """How probable each candidate is behind the prompt, with its own tokens: write the space in front of it.

    ``content_free`` is the same prompt with "N/A" in the place of the input; what the model says there is its bias
    (Zhao et al. 2021, section 5). Raises PlaygroundError for an empty prompt or candidate, for too many of them and for
    what is too long.
    """
    if not candidates or any(not candidate.strip() for candidate in candidates):
        raise PlaygroundError("Each answer needs at least one letter.", "답 후보가 비어 있으면 안 됩니다.")
    if len(candidates) > _MOST_ANSWERS:
        raise PlaygroundError(
            f"At most {_MOST_ANSWERS} answers are scored; there are {len(candidates)}.",
            f"답 후보는 {_MOST_ANSWERS}개까지 채점합니다. 지금은 {len(candidates)}개입니다.",
        )
    totals = _log_likelihoods(loaded, prompt, candidates)
    bias = (
        [0.0] * len(candidates)
        if content_free is None
        else [t for _, t in _log_likelihoods(loaded, content_free, candidates)]
    )
    return tuple(
        ScoredCandidate(candidate, tokens, total, total / tokens, total - own)
        for candidate, (tokens, total), own in zip(candidates, totals, bias, strict=True)
    )


def _log_likelihoods(loaded: LoadedModel, prompt: str, candidates: tuple[str, ...]) -> list[tuple[int, float]]:
    """(tokens, sum of log-probabilities) of each candidate; the prompt is read once for all of them."""
    import torch

    ids = _ids(loaded, clean(prompt, 60_000))
    answers = [_ids(loaded, candidate) for candidate in candidates]
    longest = max(len(answer) for answer in answers)
    if longest > _LONGEST_ANSWER:
        raise PlaygroundError(
            f"An answer has at most {_LONGEST_ANSWER} tokens here; one has {longest:,}.",
            f"답 후보는 {_LONGEST_ANSWER}토큰까지 쓸 수 있습니다. {longest:,}토큰인 후보가 있습니다.",
        )
    if len(ids) + longest > window_of(loaded):
        raise PlaygroundError(
            f"Prompt and answer have {len(ids) + longest:,} tokens; this model reads {window_of(loaded):,} here.",
            f"프롬프트와 답이 {len(ids) + longest:,}토큰으로, 이 모델이 읽는 {window_of(loaded):,}토큰을 넘습니다.",
        )
    first, cache, _ = kv_cache.after_prompt(loaded, ids)
    totals = [float(first.log_softmax(-1)[answer[0]]) for answer in answers]
    whole = len(ids) + longest
    scored = whole if isinstance(cache, kv_cache.NoCache) else longest
    at_once = max(1, min(_TOKENS_AT_ONCE // whole, _LOGITS_AT_ONCE // scored))
    for begin in range(0, len(answers) if longest > 1 else 0, at_once):
        part = answers[begin : begin + at_once]
        before = copy.deepcopy(cache) if len(answers) > at_once else cache
        before.batch_repeat_interleave(len(part))
        rows = torch.tensor([[*answer, *[0] * (longest - len(answer))] for answer in part])  # (n, longest)
        logits = kv_cache.read_rows(loaded, rows[:, :-1], before)  # (n, longest - 1, V)
        own = logits.gather(-1, rows[:, 1:, None])[..., 0] - logits.logsumexp(-1)  # (n, longest - 1)
        for number, answer in enumerate(part):
            totals[begin + number] += float(own[number, : len(answer) - 1].sum())
    return [(len(answer), total) for answer, total in zip(answers, totals, strict=True)]


@computed_once
def surprise(loaded: LoadedModel, text: str) -> Surprise:
    """Rank, probability and loss of each token of a text, given those before it.

    The ranks are the picture of GLTR (Gehrmann et al. 2019). The mean of the losses, in nats, is what a causal model is
    trained to lower (Radford et al. 2018, equation 1) and what Transformers returns for ``labels=input_ids``.
    The text begins behind :func:`document_start`, without which its first word would be read as the middle of a text.
    Raises PlaygroundError for a text of which nothing is predicted, or that is longer than the window.
    """
    import torch

    text = clean(text, 60_000)
    tokenizer: Any = loaded.tokenizer.tokenizer
    with loaded.tokenizer.lock:
        encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    ids = list(encoding["input_ids"])
    start = document_start(loaded.tokenizer)
    read = ids if start is None else [start, *ids]
    name, extra = loaded.origin.name, len(read) - len(ids)
    least, most = 2 - extra, window_of(loaded) - extra
    if not least <= len(ids) <= most:
        tokens = "1 token" if len(ids) == 1 else f"{len(ids):,} tokens"
        raise PlaygroundError(
            f"This text has {tokens}; {name} reads {least} to {most:,} here. Change it, or pick another model.",
            f"이 글은 {len(ids):,}토큰인데 {name} 모델은 여기서 {least}~{most:,}토큰을 읽습니다. 글을 바꾸거나 다른 모델을 고르세요.",
        )
    labels = torch.tensor(read[1:])  # N = L or L - 1 predicted tokens
    parts, cache = [], kv_cache.recall(loaded, read[:1])[1]
    for first in range(0, len(labels), _LOGITS_AT_ONCE // 4):
        asked = labels[first : first + _LOGITS_AT_ONCE // 4, None]  # (n, 1)
        logits = kv_cache.read(loaded, read[first : first + len(asked)], cache)  # (n, V)
        own = logits.gather(-1, asked)
        parts.append(((logits > own).sum(-1) + 1, logits.logsumexp(-1) - own[:, 0], logits.argmax(-1)))
    ranks, losses, best_ids = (torch.cat(part) for part in zip(*parts, strict=True))
    names = tokenizer.convert_ids_to_tokens(ids)
    best = tokenizer.convert_ids_to_tokens(best_ids.tolist())
    places = [tuple(place) for place in encoding["offset_mapping"]]
    unpredicted = len(ids) - len(labels)
    found = [SurprisingToken(names[n], places[n], None, None, None, "") for n in range(unpredicted)]
    for n, name, place in zip(range(len(labels)), names[unpredicted:], places[unpredicted:], strict=True):
        loss = losses[n]
        found.append(SurprisingToken(name, place, int(ranks[n]), float((-loss).exp()), float(loss), best[n]))
    return Surprise(text, tuple(found), loss=float(losses.mean()), perplexity=float(losses.mean().exp()))
