"""Fixtures for pages that run without a browser."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from components import content
from components.downloads import as_csv, as_json, downloads
from components.handout import handout
from models import sentence_pairs as pairs


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twenty contexts without the causal model, which needs some seconds for them."""
    choose_all = pairs.choose_all
    monkeypatch.setattr(pairs, "choose_all", lambda bert, causal, items: choose_all(bert, None, items))


@pytest.fixture
def few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three bundled sentences, four triples and every eighth item: what a page measures on them is there at once."""
    lines_of, read_triples = content.lines_of, pairs.read_triples

    def few(page: str, file: str) -> tuple[str, ...]:
        lines = lines_of(page, file)
        return lines[:3] if file.startswith("sentences") else lines[::8] if file == "items.tsv" else lines

    monkeypatch.setattr(content, "lines_of", few)
    monkeypatch.setattr(pairs, "read_triples", lambda written: read_triples(written)[:4])


@pytest.fixture
def taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file that a page offers is made at once: one that cannot be written is an exception of the page."""

    def make_all(
        name: str,
        result: object,
        tables: Mapping[str, pd.DataFrame] | None = None,
        pictures: Mapping[str, str] | None = None,
    ) -> None:
        assert as_json(result)
        assert handout(tables or {})()
        assert all(as_csv(table) for table in (tables or {}).values())
        downloads(name, result, tables, pictures)

    monkeypatch.setattr("components.downloads.downloads", make_all)
