"""The head view and the model view of bertviz (Vig 2019), as pages that need no network.

bertviz writes HTML that fetches require.js, jQuery and d3 from a CDN, under an id that is new at each call. Here its
HTML gets jQuery and d3 from installed packages and a fixed id; its data are rounded, cut to what a browser can draw,
and escaped, so that no token can end the script it stands in.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

from models.attention import attend
from models.compute import computed_once
from models.loading import LoadedModel
from models.results import BertvizPage

__all__ = ["bertviz_page"]

_LINES = 60_000  # bertviz draws one line per weight; more make a browser slow
_NUMBERS = 400_000  # weights sent, of all layers and filters together: some 2 MB
_REQUIRE = """
// In place of require.js: both libraries are on this page already.
window.require = { config() {} };
window.requirejs = (names, run) => run(...names.map((name) => ({ jquery: window.jQuery, d3: window.d3 })[name]));
// Twelve colours, so that each of twelve heads has its own; neighbours differ in lightness as well.
window.d3.schemeCategory10 = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00",
  "#6a51a3", "#b8a800", "#1b6e5a", "#f4a6c6", "#7f7f7f", "#8c2d04"];
if (document.documentElement.classList.contains("dark")) {
  window.d3.schemeCategory10 = ["#5cb0ff", "#ffb733", "#2fd0a0", "#f09bcb", "#9adaff", "#ff8b40",
    "#b49cff", "#e6d84a", "#5fc7a8", "#ffc8e0", "#c0c0c0", "#e8794a"];
}
"""
# The model view is 970 pixels wide; on narrow pages it is drawn smaller, down to what can still be read.
_FIT = """
const fit = () => { document.body.style.zoom = Math.max(0.55, Math.min(1, window.innerWidth / 985)); };
window.addEventListener("resize", fit);
fit();
"""
_THOUSANDTHS = (
    "for (const part of params.attention)"
    " part.attn = part.attn.map((layer) => layer.map((head) => head.map((row) => row.map((w) => w / 1000))));"
)
_STYLE = """
:root { --ink: #17202e; --paper: #ffffff; --lift: #e3e9f2; color-scheme: light; }
:root.dark { --ink: #e8ecf3; --paper: #11161f; --lift: #2a3547; color-scheme: dark; }
body { margin: 0; background: var(--paper); color: var(--ink); font-size: 15px; }
select { font: inherit; background: var(--paper); color: var(--ink); border: 1px solid var(--ink); border-radius: 4px; }
#vis { overflow-x: auto; }
svg[fill] { fill: var(--paper); }
text { fill: var(--ink); }
.attn_background[fill="white"] { fill: var(--paper); }
.attn_background[fill="#F5F5F5"], .background { fill: var(--lift); }
.highlight { fill: var(--lift); }
.dark #attention line { stroke-width: 3; }
.lecture body { zoom: 1.25; }
"""


@computed_once
def bertviz_page(
    loaded: LoadedModel,
    text: str,
    text_pair: str,
    kind: Literal["head", "model"],
    layer: int = 0,
    layers: tuple[int, ...] = (),
    head: int | None = None,
) -> BertvizPage:
    """Draw a text or a pair. ``layers`` are sent (none named: all), the head view opens at ``layer`` and ``head``.

    Without a ``head`` it shows them all, over each other.

    Long inputs are cut to the tokens, and in the head view to the layers, that a browser can draw; the result says how
    many. Weights are rounded to three decimals.
    """
    attention = attend(loaded, text, text_pair)
    depth, heads, length, _ = attention.weights.shape
    chosen = tuple(sorted({number for number in layers if 0 <= number < depth})) or tuple(range(depth))
    filters = 2 if 1 in attention.segments else 1  # All, and the four parts of it
    drawn = min(length, math.isqrt(_LINES // (heads * (1 if kind == "head" else len(chosen)))))
    fit = max(1, _NUMBERS // (heads * drawn * drawn * filters))
    if kind == "head" and len(chosen) > fit:
        start = min(max(0, chosen.index(layer) if layer in chosen else 0), len(chosen) - fit)
        chosen = chosen[start : start + fit]
    second = attention.segments[:drawn].index(1) if 1 in attention.segments[:drawn] else None
    html = _html(kind, attention.weights[list(chosen), :, :drawn, :drawn], list(attention.tokens[:drawn]), second)
    html = _offline(html, f"bertviz: {loaded.origin.name}", chosen, layer if layer in chosen else chosen[0], head)
    if kind == "head":
        height = 40 + 30 + 23 * drawn
    else:
        height = 60 + round(max(len(chosen) * (drawn * 84 / heads + 10) + 40, drawn * 18 + 55))
    return BertvizPage(kind, html, height, length, drawn, chosen)


def _html(kind: str, weights: np.ndarray, tokens: list[str], second: int | None) -> str:
    """bertviz's own page, in which the layers given are counted from 0."""
    import bertviz
    import torch

    tensors = [torch.from_numpy(one.astype(np.float32))[None] for one in weights]  # (1, heads, L, L) each
    if kind == "head":
        return str(bertviz.head_view(tensors, tokens, second, html_action="return").data)
    return str(bertviz.model_view(tensors, tokens, second, html_action="return", display_mode="light").data)


def _offline(page: str, title: str, layers: tuple[int, ...], layer: int, head: int | None) -> str:
    """The page without its addresses, with a fixed id, and with its data rounded and escaped."""
    page = re.sub(r'<script src="https:[^"]*"></script>', "", page, count=1)
    page = re.sub(r"require\.config\(\{.*?\}\);", "", page, count=1, flags=re.DOTALL)
    root = re.search(r'<div id="(bertviz-[0-9a-f]{32})"', page)
    before, _, rest = page.partition("const params = ")
    line, _, after = rest.partition("\n")
    if root is None or not line:
        raise RuntimeError("bertviz writes its page differently: models/bertviz_page.py must follow")
    # The line holds the data twice, once as a comment: `{...}; // HACK: {...} is a template marker ...`
    params: dict[str, Any] = json.JSONDecoder().raw_decode(line)[0]
    params["root_div_id"] = "bertviz"
    params["include_layers"] = list(layers)
    if "layer" in params:
        params["layer"] = layer
        params["heads"] = None if head is None else [head]
    for part in params["attention"]:
        part["attn"] = np.round(1000 * np.asarray(part["attn"])).astype(int).tolist()  # thousandths are shorter
    data = json.dumps(params, separators=(",", ":")).replace("<", "\\u003c")
    before = before.replace(root[1], "bertviz").replace(
        "font-family:'Helvetica Neue', Helvetica, Arial,", "font-family:"
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"<script>{_library('mpld3', 'js/d3.v5.min.js')}</script>"
        f"<script>{_library('xstatic.pkg.jquery', 'data/jquery.min.js')}</script><script>{_REQUIRE}</script></head>"
        f"<body>{before}const params = {data};\n{_THOUSANDTHS}\n{after}"
        f"{'' if 'layer' in params else f'<script>{_FIT}</script>'}</body></html>"
    )


@cache
def _library(package: str, file: str) -> str:
    """A JavaScript file out of an installed package, without importing that package."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(package)
    return (Path(next(iter(found.submodule_search_locations))) / file).read_text(encoding="utf-8")
