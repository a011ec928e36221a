"""Exact match and F1 as the official evaluation of SQuAD defines them.

Rajpurkar et al. 2016, section 6.1, and for questions without an answer Rajpurkar et al. 2018 (evaluate-v2.0.py): an
answer is compared after lower-casing and without punctuation, articles and extra spaces, with each of the reference
answers; the best comparison counts. Where nothing is left of one side, only nothing on the other is right.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["best_scores", "exact_match", "f1", "normalise_answer"]


@lru_cache(maxsize=1024)  # a reference is compared several times in a row
def normalise_answer(text: str) -> str:
    """
    >>> normalise_answer("The  Eiffel Tower!")
    'eiffel tower'
    """
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact_match(prediction: str, reference: str) -> float:
    return float(normalise_answer(prediction) == normalise_answer(reference))


def f1(prediction: str, reference: str) -> float:
    """The harmonic mean of precision and recall over words, each counted as often as it occurs.

    >>> f1("in the city of Paris", "Paris")
    0.4
    >>> f1("", "")
    1.0
    """
    predicted, expected = normalise_answer(prediction).split(), normalise_answer(reference).split()
    if not predicted or not expected:
        return float(predicted == expected)
    common = (Counter(predicted) & Counter(expected)).total()
    if not common:
        return 0.0
    precision, recall = common / len(predicted), common / len(expected)
    return 2 * precision * recall / (precision + recall)


def best_scores(prediction: str, references: Sequence[str]) -> tuple[float, float]:
    """Exact match and F1 against the reference that fits best; without a reference, "" is the right answer."""
    compared = [reference for reference in references if normalise_answer(reference)] or [""]
    return (
        max(exact_match(prediction, reference) for reference in compared),
        max(f1(prediction, reference) for reference in compared),
    )
