"""Tests for question answering: files in the format of SQuAD 1.1 and 2.0, scored as the official script scores them.

Rajpurkar et al. 2016 and 2018. A question without an answer is right where the model refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from models.catalogue import ROOT
from models.compute import computed_once
from models.loading import LoadedModel
from models.question_answering import AT_ONCE, DOC_STRIDE, LONGEST_ANSWER, Unread, best_span, cut, read_batch, stretch
from models.results import (
    BestSpan,
    Evaluation,
    Outcome,
    PlaygroundError,
    Score,
    SquadQuestion,
    ThresholdCurve,
)
from models.squad_metrics import best_scores
from models.tokenization import clean

__all__ = ["BUNDLED", "UNREADABLE", "best_answers", "bundled_questions", "evaluate", "read_squad", "threshold_curve"]

BUNDLED = ROOT / "content" / "qa_highlighter" / "questions.json"
UNREADABLE = 1000.0  # the null margin of a question that the model cannot read at all
_BLOCK = 64  # questions whose windows are put in order of length, and whose answers are kept together
_LONGEST_LABEL = 100  # characters
OnQuestions = Callable[[int, int], None]  # questions answered, questions in all; what it raises ends the test


def read_squad(content: bytes) -> tuple[SquadQuestion, ...]:
    """The questions of a file in the format of SQuAD 1.1 or 2.0 (JSON, UTF-8).

    Raises PlaygroundError with the place of the first entry that does not fit, as ``data[0].paragraphs[2].qas[1]``.
    """
    try:
        return _questions_of(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "the first bytes"
        raise PlaygroundError(
            f"This file is not JSON in UTF-8 (see {where}). Upload a file in SQuAD's format.",
            "UTF-8로 적힌 JSON 파일이 아닙니다"
            + (f"({error.lineno}번째 줄)" if isinstance(error, json.JSONDecodeError) else "")
            + ". SQuAD 형식의 파일을 올려 주세요.",
        ) from error


@computed_once
def _questions_of(text: str) -> tuple[SquadQuestion, ...]:
    found: list[SquadQuestion] = []
    for article, at_article in _entries(json.loads(text), "data", ""):
        for paragraph, at_paragraph in _entries(article, "paragraphs", at_article):
            context = _text(paragraph, "context", at_paragraph)
            for qa, place in _entries(paragraph, "qas", at_paragraph):
                found.append(_question(qa, place, article, context, len(found)))
    if not found:
        raise PlaygroundError(
            "There is no question in this file: “data” holds no “qas”.",
            "파일에 질문이 하나도 없습니다. “data” 안에 “qas”가 없습니다.",
        )
    return tuple(found)


def _question(qa: dict[str, Any], place: str, article: dict[str, Any], context: str, number: int) -> SquadQuestion:
    answers = []
    for answer, at_answer in _entries(qa, "answers", place):
        start = answer.get("answer_start")
        if not isinstance(start, int) or isinstance(start, bool):
            raise _malformed(f"{at_answer}.answer_start", "is not a whole number", "정수가 아닙니다")
        answers.append((_text(answer, "text", at_answer), start))
    if not answers and qa.get("is_impossible") is False:
        raise _malformed(f"{place}.answers", "is empty, yet “is_impossible” is false",
                         "비어 있는데 “is_impossible”은 false입니다")  # fmt: skip
    return SquadQuestion(
        id=_label(qa, "id") or str(number),
        title=_label(article, "title"),
        question=_text(qa, "question", place),
        context=context,
        answers=() if qa.get("is_impossible") is True else tuple(answers),
        kind=_label(qa, "kind"),
        language=_label(article, "language"),
    )


def _entries(owner: Any, name: str, place: str) -> Iterable[tuple[dict[str, Any], str]]:
    where = f"{place}.{name}" if place else name
    if not isinstance(owner, dict) or not isinstance(owner.get(name), list):
        raise _malformed(where, "is not a list", "목록이 아닙니다")
    for number, entry in enumerate(owner[name]):
        if not isinstance(entry, dict):
            raise _malformed(f"{where}[{number}]", "is not an object", "객체가 아닙니다")
        yield entry, f"{where}[{number}]"


def _text(owner: dict[str, Any], name: str, place: str) -> str:
    value = owner.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _malformed(f"{place}.{name}", "is not a text, or empty", "글이 아니거나 비어 있습니다")
    return clean(value, len(value))


def _label(owner: dict[str, Any], name: str) -> str:
    """What is only shown and need not be there: one line, not too long."""
    value = owner.get(name)
    text = " ".join(str(value).split())[:_LONGEST_LABEL] if isinstance(value, str | int) else ""
    return clean(text) if text else ""


def _malformed(place: str, english: str, korean: str) -> PlaygroundError:
    return PlaygroundError(
        f"This is not a file in SQuAD's format: {place} {english}.",
        f"SQuAD 형식의 파일이 아닙니다. {place} 항목이 {korean}.",
    )


@cache
def bundled_questions() -> tuple[SquadQuestion, ...]:
    """The questions that were written for this playground, English and Korean, each labelled with its trap."""
    return read_squad(BUNDLED.read_bytes())


# --- running -----------------------------------------------------------------------------------------------------


def best_answers(
    loaded: LoadedModel,
    questions: tuple[SquadQuestion, ...],
    *,
    max_length: int | None = None,
    doc_stride: int = DOC_STRIDE,
    longest_answer: int = LONGEST_ANSWER,
    on_progress: OnQuestions | None = None,
) -> tuple[BestSpan, ...]:
    """The best span of each question, and how far "no answer" is above it.

    A question that cannot be read (nothing but [UNK], longer than a window) gets "" and the margin ``UNREADABLE``. The
    answers are kept block by block: what was stopped goes on where it was when it is asked for again.
    """
    best: list[BestSpan] = []

    def tell(more: int) -> None:
        if on_progress is not None:
            on_progress(len(best) + more, len(questions))

    for begin in range(0, len(questions), _BLOCK):
        block = questions[begin : begin + _BLOCK]
        best += _answer_block(loaded, block, max_length, doc_stride, longest_answer, on_progress=tell)
        tell(0)
    return tuple(best)


@computed_once
def _answer_block(
    loaded: LoadedModel,
    questions: tuple[SquadQuestion, ...],
    max_length: int | None,
    doc_stride: int,
    longest_answer: int,
    *,
    on_progress: Callable[[int], None],  # questions answered
) -> tuple[BestSpan, ...]:
    """Like :func:`best_answers`; windows of similar length run together."""
    unread: list[tuple[int, Unread]] = []
    for number, question in enumerate(questions):
        try:
            pieces = cut(loaded, question.question, question.context, max_length=max_length, doc_stride=doc_stride)
        except PlaygroundError:
            continue
        unread += [(number, window) for window in pieces.windows]
    unread.sort(key=lambda pair: len(pair[1].tokens))
    spans: dict[int, tuple[float, int, int]] = {}  # question -> score, first and last character
    nulls: dict[int, float] = {}
    for first in range(0, len(unread), AT_ONCE):
        together = unread[first : first + AT_ONCE]
        for (number, _), window in zip(together, read_batch(loaded, [one for _, one in together]), strict=True):
            score, i, j = best_span(
                window.start_logits, window.end_logits, window.context_start, window.context_end, longest_answer
            )
            nulls[number] = min(nulls.get(number, window.null_score), window.null_score)
            if number not in spans or score > spans[number][0]:
                spans[number] = (score, int(window.offsets[i, 0]), int(window.offsets[j, 1]))
        on_progress(len(questions) * min(first + AT_ONCE, len(unread)) // len(unread))
    best: list[BestSpan] = []
    for number, question in enumerate(questions):
        if number not in spans:
            best.append(BestSpan("", 0, 0, UNREADABLE))
            continue
        score, start, end = spans[number]
        start, end = stretch(question.context, start, end)
        best.append(BestSpan(question.context[start:end], start, end, nulls[number] - score))
    return tuple(best)


@computed_once
def _credits(
    questions: tuple[SquadQuestion, ...], best: tuple[BestSpan, ...]
) -> tuple[tuple[tuple[float, float], tuple[float, float]], ...]:
    """Exact match and F1 of each question where its best span is the answer, and where it is refused."""
    found = []
    for question, one in zip(questions, best, strict=True):
        references = [text for text, _ in question.answers]
        found.append((best_scores(one.text, references), best_scores("", references)))
    return tuple(found)


def evaluate(questions: Sequence[SquadQuestion], best: Sequence[BestSpan], threshold: float) -> Evaluation:
    """Exact match and F1 at a threshold for "no answer", over all questions and by kind; the worst outcomes first.

    The worst are those with the lowest F1, and of those the ones about which the model was most certain.
    """
    outcomes = []
    credit = _credits(tuple(questions), tuple(best))
    for question, one, (if_answered, if_refused) in zip(questions, best, credit, strict=True):
        refused = one.null_margin > threshold
        exact, overlap = if_refused if refused else if_answered
        outcomes.append(Outcome(question, one, refused, exact, overlap))
    return Evaluation(
        threshold=threshold,
        total=_score("", outcomes),
        answerable=_score("", [outcome for outcome in outcomes if outcome.question.answers]),
        unanswerable=_score("", [outcome for outcome in outcomes if not outcome.question.answers]),
        kinds=_scores_by(lambda question: question.kind, outcomes),
        languages=_scores_by(lambda question: question.language, outcomes),
        outcomes=tuple(sorted(outcomes, key=lambda one: (one.f1, -abs(one.best.null_margin - threshold)))),
    )


def _scores_by(label: Callable[[SquadQuestion], str], outcomes: Sequence[Outcome]) -> tuple[Score, ...]:
    """The scores of the questions under each label, in the order in which the labels first occur."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(label(outcome.question), []).append(outcome)
    return tuple(_score(name, some) for name, some in groups.items() if name)


def _score(name: str, outcomes: Sequence[Outcome]) -> Score:
    size = len(outcomes)
    exact, overlap = (sum(values) for values in ([one.exact_match for one in outcomes], [one.f1 for one in outcomes]))
    return Score(name, size, exact / size if size else 0.0, overlap / size if size else 0.0)


def threshold_curve(questions: Sequence[SquadQuestion], best: Sequence[BestSpan]) -> ThresholdCurve:
    """What each threshold costs, from refusing everything to answering everything.

    The thresholds are those at which some question changes sides: below the lowest null margin, then each of them.
    """
    margins = np.array([one.null_margin for one in best])
    credit = _credits(tuple(questions), tuple(best))
    if_answered, if_refused = (np.array([pair[place][1] for pair in credit]) for place in (0, 1))  # F1 of each question
    has_answer = np.array([bool(question.answers) for question in questions])
    thresholds = np.unique(margins)
    thresholds = np.concatenate([[thresholds[0] - 1.0], thresholds])  # (T,)
    answered = margins[None, :] <= thresholds[:, None]  # (T, questions)
    earned = (answered * has_answer * if_answered).sum(1)
    counted = answered.sum(1)
    precision = np.where(counted > 0, earned / np.maximum(counted, 1), 1.0)
    recall = earned / max(int(has_answer.sum()), 1)
    both = precision + recall
    squad = np.where(answered, if_answered, if_refused).mean(1)
    return ThresholdCurve(
        thresholds=thresholds,
        precision=precision,
        recall=recall,
        f1=np.where(both > 0, 2 * precision * recall / np.where(both > 0, both, 1.0), 0.0),
        squad_f1=squad,
        best_threshold=float(thresholds[int(squad.argmax())]),
    )
