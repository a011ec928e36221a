"""What the pictures of the model anatomy page have in common: names, colours and the legend of the components, and
numbers as text.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any, Literal

import streamlit as st

from components.language import t
from components.palette import GREEN, GREY, INK, ORANGE, SKY, VERMILION, YELLOW
from models.results import Anatomy, Component

__all__ = [
    "COMPONENTS",
    "COMPONENT_COLOURS",
    "Area",
    "bar_label",
    "bar_look",
    "component_name",
    "draw_component_legend",
    "flops_text",
    "memory_text",
    "model_label",
    "short",
    "size_text",
]

Area = Literal["parameters", "flops"]
COMPONENTS: tuple[Component, ...] = ("embeddings", "attention", "feed-forward", "normalization", "pooler", "head")
COMPONENT_COLOURS: dict[Component, str] = {
    "embeddings": ORANGE,
    "attention": SKY,
    "feed-forward": GREEN,
    "normalization": GREY,
    "pooler": YELLOW,
    "head": VERMILION,
}
_PATTERN: dict[Component, str] = {
    "embeddings": "",
    "attention": "/",
    "feed-forward": "",
    "normalization": "x",
    "pooler": "-",
    "head": ".",
}
_LABEL = 22  # characters of a model's name in a figure


def component_name(component: Component) -> str:
    """What a component is called, in the viewer's language."""
    return {
        "embeddings": t("embeddings", "임베딩"),
        "attention": t("attention", "어텐션"),
        "feed-forward": t("feed-forward", "피드포워드"),
        "normalization": t("layer norm", "층 정규화"),
        "pooler": t("pooler", "풀러"),
        "head": t("head", "헤드(출력층)"),
    }[component]


def model_label(name: str) -> str:
    """Without its owner where that is long: ``electra-small-generator``, but ``klue/bert-base``."""
    return name if len(name) <= _LABEL else name.rpartition("/")[2]


def bar_label(name: str) -> str:
    """Short enough for a phone: ``koelectra-b…enerator``."""
    label = model_label(name)
    return label if len(label) <= _LABEL else f"{label[:11]}…{label[-8:]}"


def short(number: float) -> str:
    """Three or four digits and M or B, as the papers write it.

    >>> short(110_106_428), short(174_604_259_328), short(2048)
    ('110.1M', '174.6B', '2,048')
    """
    for unit, letter in ((1e9, "B"), (1e6, "M")):
        if number >= unit:
            return f"{number / unit:,.1f}{letter}"
    return f"{number / 1e3:,.1f}K" if number >= 1e5 else f"{number:,.0f}"


def flops_text(number: float) -> str:
    """Floating point operations with their unit: ``220.3 MFLOPs``."""
    for unit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if number >= unit:
            return f"{number / unit:,.1f} {letter}FLOPs"
    return f"{number / 1e3:,.1f} kFLOPs"


def size_text(area: Area) -> Callable[[float], str]:
    """How a size of this area is written."""
    return short if area == "parameters" else flops_text


def memory_text(anatomy: Anatomy) -> str:
    """The weights in float32, 16 bits and int8: ``440 · 220 · 110 MB``."""
    sizes = [anatomy.memory(bits) for bits in (32, 16, 8)]
    unit, letters = (1e9, "GB") if sizes[-1] >= 1e9 else (1e6, "MB")
    return " · ".join(f"{size / unit:,.{0 if size >= 10 * unit else 1}f}" for size in sizes) + f" {letters}"


def bar_look(component: Component) -> dict[str, Any]:
    """The ``marker`` of a component's bars: its colour, and a pattern for those who cannot tell the colours apart."""
    pattern = {"shape": _PATTERN[component], "fillmode": "overlay", "fgcolor": INK, "fgopacity": 0.45, "size": 7}
    return {"color": COMPONENT_COLOURS[component], "pattern": pattern}


def draw_component_legend(components: Sequence[Component]) -> None:
    """The colours in the order of the bars; unlike Plotly's own it takes several columns on a phone."""
    entries = "".join(
        f"<span style='white-space:nowrap'><span style='display:inline-block;width:.9em;height:.9em;"
        f"border-radius:.15em;vertical-align:-.1em;background:{COMPONENT_COLOURS[component]}'></span> "
        f"{html.escape(component_name(component))}</span>"
        for component in components
    )
    st.html(f"<div style='display:flex;flex-wrap:wrap;gap:.2rem 1.1rem'>{entries}</div>")
