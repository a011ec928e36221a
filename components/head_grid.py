"""All heads of a model as small pictures, layers by heads; a click opens one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from components.language import t
from models.results import HeadGrid, Pattern

__all__ = ["SIGNS", "draw_head_grid", "grid_data", "pattern_names"]

SIGNS: dict[Pattern, str] = {
    "previous": "←",
    "next": "→",
    "same": "=",
    "first": "⇤",
    "separator": "⇥",
    "broad": "∷",
    "": "",
}
_ASSETS = Path(__file__).parent / "assets"
_component = st.components.v2.component(
    "head_grid",
    css=(_ASSETS / "head_grid.css").read_text(encoding="utf-8"),
    js=(_ASSETS / "head_grid.js").read_text(encoding="utf-8"),
)


def pattern_names() -> dict[Pattern, str]:
    """The patterns in words."""
    return {
        "previous": t("previous token", "앞 토큰"),
        "next": t("next token", "다음 토큰"),
        "same": t("the token itself", "자기 자신"),
        "first": t("first token", "첫 토큰"),
        "separator": t("separator", "구분 토큰"),
        "broad": t("broad", "고른 분포"),
        "": t("no known pattern", "알려진 패턴 없음"),
    }


def grid_data(grid: HeadGrid) -> dict[str, object]:
    """What the browser is sent: the pixels of each layer as one string, a byte a pixel."""
    names = pattern_names()
    layers, heads, size, _ = grid.thumbnails.shape
    return {
        "size": size,
        "pixels": [base64.b64encode(layer.tobytes()).decode("ascii") for layer in grid.thumbnails],
        "signs": [[SIGNS[pattern] for pattern in row] for row in grid.patterns],
        "tips": [
            [
                f"{t('Layer', '층')} {layer}, {t('head', '헤드')} {head}\n{names[grid.patterns[layer][head]]} "
                f"{grid.shares[layer, head]:.0%}\n{t('entropy', '엔트로피')} {grid.entropy[layer, head]:.2f} · "
                f"{t('distance', '거리')} {grid.distance[layer, head]:.1f}"
                for head in range(heads)
            ]
            for layer in range(layers)
        ],
        "label": t("Heads, a row for each layer", "헤드 모음, 한 줄이 한 층"),
        "words": {"head": t("head", "헤드"), "layer": t("layer", "층")},
    }


def draw_head_grid(grid: HeadGrid, *, key: str, on_open: Callable[[int, int], None] | None = None) -> None:
    """Draw the heads; ``on_open(layer, head)`` is called before the page runs again after one was picked."""

    def opened() -> None:
        picked = st.session_state[key].get("opened")
        if picked is not None and on_open is not None:
            on_open(int(picked[0]), int(picked[1]))

    _component(key=key, data=grid_data(grid), on_opened_change=opened)
