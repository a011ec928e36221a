"""Take it away: the result as JSON, each table as CSV, each picture as HTML or SVG."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from components.content import table_title
from components.handout import handout
from components.language import language, t

__all__ = ["as_csv", "as_json", "downloads"]


def _plain_value(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"cannot be written as JSON: {type(value).__name__}")


def as_json(result: object) -> bytes:
    """A result dataclass (or a plain value) as indented JSON, UTF-8; bytes become hexadecimal, NaN and infinity null."""
    plain = json.loads(json.dumps(result, default=_plain_value), parse_constant=lambda _: None)  # JSON has no NaN
    text = json.dumps(plain, ensure_ascii=False, indent=1)
    return text.encode("utf-8", errors="backslashreplace")


def as_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV with a byte order mark, so that spreadsheets read Korean right.

    Cells and headings that a spreadsheet would run as a formula get an apostrophe in front.
    """

    def harmless(cell: object) -> object:
        return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r")) else cell

    return (
        table.map(harmless).rename(columns=harmless).to_csv(index=False).encode("utf-8-sig", errors="backslashreplace")
    )


def downloads(
    name: str,
    result: object,
    tables: Mapping[str, pd.DataFrame] | None = None,
    pictures: Mapping[str, str] | None = None,
) -> None:
    """A panel of download buttons; the files are only made when asked for."""
    with st.expander(t("Take it away", "내려받기"), icon=":material/download:"), st.container(horizontal=True):
        st.download_button(
            t("Hand-out to print", "인쇄용 유인물"),
            handout(tables or {}),
            f"{name}.html",
            "text/html",
            key=f"{name} hand-out",
            on_click="ignore",
            icon=":material/print:",
        )
        st.download_button(
            "JSON", lambda: as_json(result), f"{name}.json", "application/json", key=f"{name} json", on_click="ignore"
        )
        for title, table in (tables or {}).items():
            st.download_button(
                f"CSV · {table_title(title, language())}",
                partial(as_csv, table),
                f"{name}-{title}.csv",
                "text/csv",
                key=f"{name} {title} csv",
                on_click="ignore",
            )
        for title, markup in (pictures or {}).items():
            st.download_button(
                f"HTML · {table_title(title, language())}",
                partial(markup.encode, "utf-8", "backslashreplace"),
                f"{name}-{title}.html",
                "text/html",
                key=f"{name} {title} html",
                on_click="ignore",
            )
