"""What whoever runs the server decides, in variables of the environment; README.md has the table."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["any_model_allowed", "model_budget", "own_cache"]


def any_model_allowed() -> bool:
    """Whether viewers may type the id of any model of the hub."""
    return os.environ.get("PLAYGROUND_ALLOW_ANY_MODEL") == "1"


def model_budget() -> int:
    """Bytes of weights, as float32, that are kept in memory."""
    return int(float(os.environ.get("PLAYGROUND_MODEL_BUDGET_GB") or "4") * 1e9)


def own_cache() -> Path | None:
    """Where the copy of SmolLM2 is kept; None for the user's cache folder."""
    place = os.environ.get("PLAYGROUND_CACHE")
    return Path(place) if place else None
