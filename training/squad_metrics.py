"""Exact match and F1 of SQuAD, as the app computes them."""

from __future__ import annotations

from models.squad_metrics import best_scores, exact_match, f1, normalise_answer

__all__ = ["best_scores", "exact_match", "f1", "normalise_answer"]
