"""Extractive question answering: two linear layers over an encoder, from a question and a passage to a span.

Devlin et al. 2019, section 4.2: a start vector S and an end vector E score each token T_i; the answer is the span i..j
with the highest S*T_i + E*T_j, j >= i. Section 4.3: "no answer" is the span at [CLS], and is given where it scores
higher than the best span by more than a threshold. Passages longer than the model can read are cut into windows that
overlap.
"""

from __future__ import annotations

import inspect
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.compatibility import positions_of
from models.compute import computed_once, forward
from models.loading import LoadedModel
from models.results import Agreement, AnswerSpan, PlaygroundError, ReadingWindow, SpanPrediction
from models.squad_metrics import f1

__all__ = [
    "AT_ONCE",
    "DOC_STRIDE",
    "LONGEST_ANSWER",
    "MAX_LENGTH",
    "MOST_WORDS",
    "Pieces",
    "Unread",
    "agreement",
    "answer",
    "best_span",
    "best_spans",
    "cut",
    "model_limit",
    "read_batch",
    "stretch",
]

Logits = NDArray[np.float32]
OnWindows = Callable[[int, int], None]  # windows read, windows in all; what it raises ends the reading

MAX_LENGTH = 384  # tokens of a window, doc_stride and longest answer as in Devlin et al.'s script for SQuAD
DOC_STRIDE = 128
LONGEST_ANSWER = 30
MOST_WORDS = 10_000
_MOST_CHARACTERS = 120_000
_MOST_IN_A_QUESTION = 2_000
_LEAST_ROOM = 16  # tokens of the passage that must fit beside the question
_LEAST_NEWS = 8  # tokens that each further window must add
AT_ONCE = 8  # windows in one call of the model


def answer(
    loaded: LoadedModel,
    question: str,
    context: str,
    *,
    top_n: int = 5,
    longest_answer: int = LONGEST_ANSWER,
    max_length: int | None = None,
    doc_stride: int = DOC_STRIDE,
    threshold: float = 0.0,
    on_progress: OnWindows | None = None,
) -> SpanPrediction:
    """The best ``top_n`` spans of the passage, and whether "no answer" beats them.

    ``longest_answer``, ``max_length`` (of a window, question included) and ``doc_stride`` (what two neighbouring windows
    share, as in Transformers; Devlin et al.'s script means the distance between their beginnings) are in tokens;
    ``threshold`` is in logits: refused where null score - best score > threshold, so it is -tau of Devlin et al. 2019.
    ``on_progress`` is called between windows.

    Offsets are characters of ``context`` as given; a combining mark behind the last token of a span belongs to it.

    Raises PlaygroundError where question or passage is empty or too long, where the question leaves no room for the
    passage, and where no token of the one or the other is in the vocabulary.
    """
    windows, pieces = _read(loaded, question, context, max_length, doc_stride, on_progress=on_progress)
    context = _readable(context)
    spans, window_answers = _spans(context, windows, top_n, longest_answer)
    last = windows[-1]
    return SpanPrediction(
        question=_readable(question),
        context=context,
        windows=windows,
        spans=spans,
        window_answers=window_answers,
        null_score=min(window.null_score for window in windows),
        threshold=threshold,
        longest_answer=longest_answer,
        max_length=pieces.max_length,
        doc_stride=pieces.doc_stride,
        model_limit=model_limit(loaded),
        context_tokens=last.first + last.context_end - last.context_start,
        unknown_tokens=pieces.unknown,
    )


def best_spans(
    start_logits: Logits, end_logits: Logits, first: int, last: int, longest_answer: int
) -> Iterator[tuple[float, int, int]]:
    """All spans of tokens first <= i <= j < last, j - i < longest_answer, as (score, i, j), the best first.

    Of equal scores the one that begins earlier comes first, and of those the shorter one.
    """
    size = last - first
    width = min(longest_answer, size)
    starts = start_logits[first:last].astype(np.float64)
    ends = np.pad(end_logits[first:last].astype(np.float64), (0, width), constant_values=-np.inf)
    scores = starts[:, None] + np.lib.stride_tricks.sliding_window_view(ends, width)[:size]  # (size, width)
    order = np.argsort(-scores, axis=None, kind="stable")
    order = order[: int(np.isfinite(scores).sum())]
    for place in order:
        begin, further = divmod(int(place), width)
        yield float(scores[begin, further]), first + begin, first + begin + further


def best_span(
    start_logits: Logits, end_logits: Logits, first: int, last: int, longest_answer: int
) -> tuple[float, int, int]:
    """The first of :func:`best_spans` alone."""
    size = last - first
    width = min(longest_answer, size)
    ends = np.pad(end_logits[first:last].astype(np.float64), (0, width), constant_values=-np.inf)
    scores = (
        start_logits[first:last, None].astype(np.float64) + np.lib.stride_tricks.sliding_window_view(ends, width)[:size]
    )
    begin, further = divmod(int(scores.argmax()), width)
    return float(scores[begin, further]), first + begin, first + begin + further


def _spans(
    context: str, windows: Sequence[ReadingWindow], top_n: int, longest_answer: int
) -> tuple[tuple[AnswerSpan, ...], tuple[AnswerSpan, ...]]:
    """The best spans over all windows, each stretch of characters once; and the best of each window."""
    of_windows: list[AnswerSpan] = []
    best: dict[tuple[int, int], AnswerSpan] = {}
    for number, window in enumerate(windows):
        here: set[tuple[int, int]] = set()
        ranked = best_spans(
            window.start_logits, window.end_logits, window.context_start, window.context_end, longest_answer
        )
        for score, i, j in ranked:
            if not here:
                of_windows.append(_span(context, window, number, score, i, j))
            if len(here) == top_n:
                break
            place = stretch(context, int(window.offsets[i, 0]), int(window.offsets[j, 1]))
            if place in here:
                continue
            here.add(place)
            if place not in best or score > best[place].score:
                best[place] = _span(context, window, number, score, i, j)
    return tuple(sorted(best.values(), key=lambda span: -span.score)[:top_n]), tuple(of_windows)


def _span(context: str, window: ReadingWindow, number: int, score: float, first: int, last: int) -> AnswerSpan:
    """What the tokens ``first`` to ``last`` of a window cover in the passage."""
    start, end = stretch(context, int(window.offsets[first, 0]), int(window.offsets[last, 1]))
    probability = float(window.start_probabilities[first]) * float(window.end_probabilities[last])
    return AnswerSpan(context[start:end], start, end, score, probability, number, first, last)


def stretch(context: str, start: int, end: int) -> tuple[int, int]:
    """The characters of a span: without spaces around it, with the combining marks on its last letter."""
    while end < len(context) and unicodedata.category(context[end]).startswith("M"):
        end += 1
    while start < end and context[start].isspace():
        start += 1
    while end > start and context[end - 1].isspace():
        end -= 1
    return start, end


# --- reading -----------------------------------------------------------------------------------------------------


def model_limit(loaded: LoadedModel) -> int:
    """Tokens that the model reads at once: its positions, or what its tokenizer names where that is less."""
    named = int(loaded.tokenizer.tokenizer.model_max_length)
    return min(limit for limit in (positions_of(loaded.model.config), named) if limit > 0)


def _readable(text: str) -> str:
    """Half a surrogate pair is no character: U+FFFD stands in, one for one, so that offsets stay."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _checked(question: str, context: str) -> tuple[str, str]:
    if not question.strip():
        raise PlaygroundError("There is no question. Ask something about the passage.",
                              "질문이 비어 있습니다. 지문에 대해 물어보세요.")  # fmt: skip
    if not context.strip():
        raise PlaygroundError("There is no passage. Paste a text that may hold the answer.",
                              "지문이 비어 있습니다. 답이 들어 있을 만한 글을 붙여 넣으세요.")  # fmt: skip
    words = len(context.split())
    if words > MOST_WORDS or len(context) > _MOST_CHARACTERS:
        raise PlaygroundError(
            f"The passage has {words:,} words and {len(context):,} characters; this page reads {MOST_WORDS:,} words "
            f"and {_MOST_CHARACTERS:,} characters. Shorten it.",
            f"지문이 {words:,}단어, {len(context):,}자입니다. 이 페이지는 {MOST_WORDS:,}단어, "
            f"{_MOST_CHARACTERS:,}자까지 읽을 수 있으니 줄여 주세요.",
        )
    if len(question) > _MOST_IN_A_QUESTION:
        raise PlaygroundError(
            f"The question has {len(question):,} characters; at most {_MOST_IN_A_QUESTION:,} can be asked.",
            f"질문이 {len(question):,}자입니다. {_MOST_IN_A_QUESTION:,}자까지 물을 수 있습니다.",
        )
    return _readable(question), _readable(context)


@dataclass(frozen=True, eq=False)
class Unread:
    """One window before the model has seen it."""

    inputs: dict[str, list[int]]  # input_ids and what else the model takes, (L,) each
    tokens: tuple[str, ...]
    offsets: NDArray[np.int64]  # (L, 2)
    context_start: int
    context_end: int
    first: int


@dataclass(frozen=True, eq=False)
class Pieces:
    """A question with its passage, cut into windows."""

    windows: tuple[Unread, ...]
    max_length: int  # as used: never more than the model reads
    doc_stride: int  # as used: never so much that a window brings nothing new
    unknown: int  # tokens of the passage that are [UNK]


@computed_once
def _read(
    loaded: LoadedModel,
    question: str,
    context: str,
    max_length: int | None,
    doc_stride: int,
    *,
    on_progress: OnWindows | None = None,
) -> tuple[tuple[ReadingWindow, ...], Pieces]:
    """Everything that needs the model; searching the spans is cheap and done anew for each setting."""
    pieces = cut(loaded, question, context, max_length=max_length, doc_stride=doc_stride)
    found: list[ReadingWindow] = []
    for begin in range(0, len(pieces.windows), AT_ONCE):
        found += read_batch(loaded, pieces.windows[begin : begin + AT_ONCE])
        if on_progress is not None:
            on_progress(len(found), len(pieces.windows))
    return tuple(found), pieces


def cut(
    loaded: LoadedModel, question: str, context: str, *, max_length: int | None = None, doc_stride: int = DOC_STRIDE
) -> Pieces:
    """Cut a passage into windows that fit behind the question. Raises PlaygroundError as :func:`answer` does."""
    question, context = _checked(question, context)
    length = min(max_length or MAX_LENGTH, model_limit(loaded))
    tokenizer: Any = loaded.tokenizer.tokenizer
    with loaded.tokenizer.lock:
        ids = tokenizer(question, add_special_tokens=False, verbose=False)["input_ids"]
        room = length - len(ids) - int(tokenizer.num_special_tokens_to_add(pair=True))
        _check_question(ids, room, length, tokenizer.unk_token_id)
        shared = min(doc_stride, room - _LEAST_NEWS)
        encoding = tokenizer(
            question,
            context,
            truncation="only_second",
            max_length=length,
            stride=shared,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            verbose=False,
        )
    names = [name for name in inspect.signature(loaded.model.forward).parameters if name in encoding]
    windows: list[Unread] = []
    unknown = total = first = 0
    for number, input_ids in enumerate(encoding["input_ids"]):
        inside = [position for position, part in enumerate(encoding.sequence_ids(number)) if part == 1]
        if not inside:  # nothing but spaces and control characters
            break
        start, end = inside[0], inside[-1] + 1
        offsets = np.zeros((len(input_ids), 2), dtype=np.int64)
        offsets[start:end] = encoding["offset_mapping"][number][start:end]
        tokens = tuple(encoding[number].tokens)
        windows.append(Unread({name: encoding[name][number] for name in names}, tokens, offsets, start, end, first))
        fresh = input_ids[start if number == 0 else start + shared : end]
        unknown += sum(i == tokenizer.unk_token_id for i in fresh)
        total += len(fresh)
        first += end - start - shared
    if total == unknown:
        raise PlaygroundError(
            "No word of the passage is in this model's vocabulary: it would read a line of [UNK]. "
            "Use a passage in its language, or pick another model.",
            "지문의 단어가 모두 이 모델의 어휘에 없어 [UNK]만 한 줄 읽게 됩니다. "
            "모델이 아는 언어의 지문을 쓰거나 다른 모델을 골라 주세요.",
        )
    return Pieces(tuple(windows), length, shared, unknown)


def _check_question(ids: Sequence[int], room: int, length: int, unknown: int | None) -> None:
    if room < _LEAST_ROOM:
        raise PlaygroundError(
            f"The question alone has {len(ids):,} tokens, and a window holds {length:,}: no room is left for the "
            "passage. Ask more briefly, or make the window longer.",
            f"질문만 해도 {len(ids):,}토큰인데 창은 {length:,}토큰이라 지문이 들어갈 자리가 없습니다. "
            "질문을 줄이거나 창을 늘려 보세요.",
        )
    if not ids or set(ids) == {unknown}:
        raise PlaygroundError(
            "No word of the question is in this model's vocabulary: it would read only [UNK]. Ask in its language.",
            "질문의 단어가 모두 이 모델의 어휘에 없어 [UNK]로만 읽힙니다. 모델이 아는 언어로 물어보세요.",
        )


def read_batch(loaded: LoadedModel, windows: Sequence[Unread]) -> list[ReadingWindow]:
    """Run the model once over B windows, padded to the longest of them.  # start and end logits, (B, L) each"""
    import torch
    from scipy.special import softmax

    longest = max(len(window.tokens) for window in windows)
    tokenizer: Any = loaded.tokenizer.tokenizer
    filling = {"input_ids": tokenizer.pad_token_id or 0}
    rows = {
        name: [[*window.inputs[name], *[filling.get(name, 0)] * (longest - len(window.tokens))] for window in windows]
        for name in windows[0].inputs
    }
    outputs = forward(loaded, **{name: torch.tensor(values) for name, values in rows.items()})
    start_rows, end_rows = outputs.start_logits.float().numpy(), outputs.end_logits.float().numpy()
    found = []
    for window, start_row, end_row in zip(windows, start_rows, end_rows, strict=True):
        start_logits, end_logits = start_row[: len(window.tokens)].copy(), end_row[: len(window.tokens)].copy()
        ids = window.inputs["input_ids"]
        found.append(
            ReadingWindow(
                tokens=window.tokens,
                offsets=window.offsets,
                context_start=window.context_start,
                context_end=window.context_end,
                first=window.first,
                start_logits=start_logits,
                end_logits=end_logits,
                start_probabilities=softmax(start_logits),
                end_probabilities=softmax(end_logits),
                cls_position=ids.index(tokenizer.cls_token_id) if tokenizer.cls_token_id in ids else 0,
            )
        )
    return found


# --- two models --------------------------------------------------------------------------------------------------


def agreement(left: SpanPrediction, right: SpanPrediction) -> Agreement:
    """Where two answers to the same question lie on the passage, and how far they agree."""
    one, other = left.answer, right.answer
    texts = one.text if one else "", other.text if other else ""
    overlap = f1(*texts)
    if one is None and other is None:
        return Agreement("both refuse", (), overlap)
    if one is None or other is None:
        alone = one or other
        assert alone is not None
        return Agreement("one refuses", ((alone.start, alone.end, "left" if one else "right"),), overlap)
    edges = sorted({one.start, one.end, other.start, other.end})
    pieces: list[tuple[int, int, Literal["left", "right", "both"]]] = []
    for start, end in pairwise(edges):
        in_one, in_other = (span.start <= start and end <= span.end for span in (one, other))
        if in_one or in_other:
            pieces.append((start, end, "both" if in_one and in_other else "left" if in_one else "right"))
    shared = any(who == "both" for _, _, who in pieces)
    same = (one.start, one.end) == (other.start, other.end)
    return Agreement("same" if same else "overlap" if shared else "different", tuple(pieces), overlap)
