"""The examples in docstrings say what comes out."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from models.loading import load_tokenizer

ROOT = Path(__file__).parent.parent
FILES = [file for folder in ("models", "components") for file in sorted((ROOT / folder).glob("*.py"))]


@pytest.mark.parametrize("file", [one for one in FILES if ">>>" in one.read_text("utf-8")], ids=lambda one: one.stem)
def test_the_examples_say_what_comes_out(file: Path) -> None:
    module = importlib.import_module(f"{file.parent.name}.{file.stem}")
    found = doctest.testmod(
        module,
        extraglobs={"load_tokenizer": load_tokenizer},
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert found.failed == 0
    assert found.attempted == file.read_text("utf-8").count(">>>")
