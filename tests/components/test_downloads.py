"""Files to take away."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from components.downloads import as_csv, as_json


@dataclass(frozen=True)
class Found:
    text: str
    values: np.ndarray
    raw: bytes


def test_a_result_becomes_json() -> None:
    written = json.loads(as_json({"left": Found("가", np.array([1.5, 2.0]), b"\xf0\x9f")}))
    assert written == {"left": {"text": "가", "values": [1.5, 2.0], "raw": "f09f"}}


def test_what_is_no_number_is_null_for_readers_other_than_python() -> None:
    written = as_json(Found("", np.array([np.nan, np.inf, 1.0]), b""))
    assert json.loads(written, parse_constant=pytest.fail)["values"] == [None, None, 1.0]


def test_a_table_becomes_csv_that_a_spreadsheet_reads_but_never_runs() -> None:
    written = as_csv(pd.DataFrame({"token": ["=1+1", "가", "-"], "id": [-1, 2, 3], "=2+2": ["", "a", "b"]}))
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig").splitlines() == ["token,id,'=2+2", "'=1+1,-1,", "가,2,a", "'-,3,b"]
