"""A printable hand-out of a page: its input, pictures, numbers, code and link as one HTML file.

What draws something on a page also notes here how the same looks on paper; the file is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from components.content import table_title
from components.language import language, t
from components.text import safe_html, safe_words

__all__ = ["begin_handout", "code_on_paper", "figure_on_paper", "handout", "input_on_paper", "on_paper"]

_HEAD, _INPUTS, _PARTS = "head of the hand-out", "inputs on the hand-out", "parts of the hand-out"
_ROWS, _COLUMNS = 40, 24  # of a table; the CSV has them all
_WIDE = 12  # columns; with more, numbers have two decimals, so that the paper holds them
_STYLE = """
body { font: 12pt/1.45 sans-serif; max-width: 190mm; margin: 10mm auto; padding: 0 4mm; color: #111; background: #fff; }
h1 { font-size: 17pt; margin: 0 0 2mm; } h2 { font-size: 12pt; margin: 6mm 0 1mm; }
table { border-collapse: collapse; font-size: 9pt; margin: 3mm 0; } td, th { border: 1px solid #999; padding: 0.5mm 2mm; }
table.wide { font-size: 6pt; } .wide td, .wide th { padding: 0.3mm 0.6mm; }
dt { font-weight: bold; } dd { margin: 0 0 2mm; white-space: pre-wrap; overflow-wrap: anywhere; }
pre { font-size: 8.5pt; white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f5f7; padding: 3mm; }
a { overflow-wrap: anywhere; } section { break-inside: avoid; margin: 3mm 0; }
@page { margin: 12mm; }
"""


def begin_handout(title: str, lead: str) -> None:
    """Another run of a page: what was noted before is no longer on it."""
    st.session_state[_HEAD] = {"title": title, "lead": lead, "code": ""}
    st.session_state[_INPUTS], st.session_state[_PARTS] = {}, {}


def code_on_paper(code: str) -> None:
    """Note the code that is shown."""
    st.session_state.setdefault(_HEAD, {"title": "", "lead": ""})["code"] = code


def input_on_paper(key: str, label: str, value: str) -> None:
    """Note a text that the viewer wrote, or a model that reads it. The same key replaces it; an empty one is left out."""
    st.session_state.setdefault(_INPUTS, {})[key] = (label, value)


def on_paper(key: str, make: Callable[[], str]) -> None:
    """Note a picture; ``make`` returns its HTML, with everything from a viewer escaped. The same key replaces it."""
    st.session_state.setdefault(_PARTS, {})[key] = make


def figure_on_paper(figure: Any, title: str) -> str:
    """A plotly figure as HTML that needs plotly's script on the page."""
    from plotly.io import to_html

    config = {"staticPlot": True}
    on_white = figure.to_dict()
    on_white["layout"] |= {"font": {"size": 12}, "paper_bgcolor": "#fff"}
    for axis in [name for name in on_white["layout"] if name.startswith(("xaxis", "yaxis"))]:
        on_white["layout"][axis]["automargin"] = True
    drawn = to_html(on_white, full_html=False, include_plotlyjs=False, config=config, default_width="180mm")
    return f"<section><h2>{safe_words(title)}</h2>{drawn}</section>"


def _table(title: str, table: pd.DataFrame) -> str:
    wide = len(table.columns) > _WIDE
    shown = table.iloc[:_ROWS, :_COLUMNS].map(_short if wide else _cell)
    rows = shown.to_html(index=False, escape=True, border=0, classes="wide" if wide else None)
    more = f"<p>… {len(table):,} × {len(table.columns):,}</p>" if shown.shape != table.shape else ""
    return f"<section><h2>{safe_words(title)}</h2>{rows}{more}</section>"


def _cell(value: object) -> object:
    """A cell as people write it: 0.00008454 rather than 8.454e-05, ✓ rather than True, – where there is nothing."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool):
        return "✓" if value else "–"
    if value is pd.NA or value is None or value != value:  # NaN
        return "–"
    if not isinstance(value, float):
        return value
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return "≈ 0" if 0 < abs(value) < 1e-9 else np.format_float_positional(value, 4, fractional=False, trim="-")


def _short(value: object) -> object:
    return f"{value:.2f}" if isinstance(value, float) and value == value else _cell(value)


def handout(tables: Mapping[str, pd.DataFrame]) -> Callable[[], bytes]:
    """What makes the file of the page as it stands now: UTF-8 HTML that loads nothing from anywhere."""
    parts, head = dict(st.session_state.get(_PARTS, {})), dict(st.session_state.get(_HEAD, {}))
    written = [(label, value) for label, value in st.session_state.get(_INPUTS, {}).values() if value.strip()]
    title, lead, code = (str(head.get(name, "")) for name in ("title", "lead", "code"))
    link, spoken = _link(), language()
    caption = t("Same page, live", "이 페이지 열기")
    heading = t("The code behind these numbers", "이 숫자를 내는 코드")

    def make() -> bytes:
        from plotly.offline import get_plotlyjs

        drawn = "\n".join(part() for part in parts.values())
        script = f"<script>{get_plotlyjs()}</script>" if "plotly-graph-div" in drawn else ""
        inputs = "".join(f"<dt>{safe_words(label)}</dt><dd>{_lines(value)}</dd>" for label, value in written)
        behind = f"<h2>{heading}</h2><pre>{_lines(code)}</pre>" if code else ""
        shown = "\n".join(_table(table_title(str(name), spoken), table) for name, table in tables.items())
        text = (
            f'<!doctype html><html lang="{spoken}"><meta charset="utf-8"><title>{safe_words(title)}</title>'
            f"<style>{_STYLE}</style>{script}<body><h1>{safe_words(title)}</h1><p>{safe_words(lead)}</p>"
            f'<p>{caption}: <a href="{safe_html(link)}">{safe_html(link)}</a></p><dl>{inputs}</dl>{drawn}{shown}'
            f"{behind}</body></html>"
        )
        return text.encode("utf-8", "backslashreplace")

    return make


def _lines(text: str) -> str:
    return "\n".join(safe_words(line) for line in text.split("\n"))


def _link() -> str:
    """The address of the page with its state."""
    values = {name: st.query_params.get_all(name) for name in st.query_params if name != "lecture"}
    return f"{str(st.context.url or '').split('?')[0]}?{urlencode(values, doseq=True)}"
