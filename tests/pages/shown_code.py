"""Run the code that a page shows, as a reader would."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from typing import Any

from components.code import fill_in
from components.content import code_of
from models import packaged
from models.catalogue import ROOT, entry

__all__ = ["run_code", "run_text"]


def run_code(page: str, view: str, values: Mapping[str, Any]) -> list[str]:
    """The lines it prints for these values; the name of a model that is here is replaced by its folder."""
    values = dict(values)
    for name in [name for name in values if name.endswith("model_id")]:
        candidate = entry(values[name])
        embedded = candidate.folder or candidate.tokenizer_folder
        values[name] = str(packaged.folder() if candidate.name == packaged.NAME else ROOT / str(embedded))
    return run_text(fill_in(code_of(page, view), values))


def run_text(code: str) -> list[str]:
    """The lines that a piece of code prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "shown", "exec"), {})
    return printed.getvalue().splitlines()
