from __future__ import annotations

import pytest

from models.squad_metrics import best_scores, exact_match, f1, normalise_answer


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("The Normans", "normans"),
        ("an  apple, a day.", "apple day"),
        ("theatre", "theatre"),
        ("U.S.", "us"),
        ("the", ""),
    ],
)
def test_answers_are_compared_without_case_articles_and_punctuation(text: str, normalised: str) -> None:
    assert normalise_answer(text) == normalised


@pytest.mark.parametrize(
    ("prediction", "reference", "em", "overlap"),
    [
        ("the Denver Broncos", "Denver Broncos", 1.0, 1.0),
        ("Denver", "Denver Broncos", 0.0, 2 / 3),
        ("Broncos Broncos", "Denver Broncos", 0.0, 0.5),  # a word counts only as often as it occurs
        ("New York, New York", "New York New York City", 0.0, 8 / 9),  # and as often as it does
        ("Carolina", "Denver Broncos", 0.0, 0.0),
        ("", "Denver Broncos", 0.0, 0.0),
    ],
)
def test_exact_match_and_f1(prediction: str, reference: str, em: float, overlap: float) -> None:
    assert exact_match(prediction, reference) == em
    assert f1(prediction, reference) == pytest.approx(overlap)


def test_the_best_reference_counts() -> None:
    assert best_scores("Santa Clara", ["Levi's Stadium", "Santa Clara, California", "santa clara"]) == (1.0, 1.0)
