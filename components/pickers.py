"""The model picker and the badge that says where a model came from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.language import t
from components.text import plain
from models.results import Origin

__all__ = ["pick_model", "source_badge"]


def pick_model(label: str, names: Sequence[str], *, key: str, default: str) -> str:
    """A list of models; the pick is in the address under ``key``."""
    return str(st.selectbox(label, names, index=list(names).index(default), key=key, bind="query-params"))


def source_badge(origin: Origin) -> None:
    """Which model it is and where it came from, in one line with a link to its card."""
    entry = origin.entry
    if entry is None:
        st.caption(f":green-badge[{t('trained on this page', '이 페이지에서 학습')}] {plain(origin.name)}")
        return
    where = {
        "embedded": t("embedded", "내장"),
        "packaged": t("packaged", "패키지"),
        "cache": t("on this computer", "이 컴퓨터에 저장됨"),
        "hub": t("fetched from the hub", "허브에서 받음"),
    }[origin.source]
    colour = {"embedded": "green", "packaged": "green", "cache": "blue", "hub": "orange"}[origin.source]
    parts = [plain(entry.family), plain(entry.licence), f"[{plain(entry.paper)}]({entry.paper_url})"]
    if entry.model_page.startswith("https:"):
        parts.append(f"[{t('model card', '모델 카드')}]({entry.model_page})")
    st.caption(f":{colour}-badge[{where}] " + " · ".join(parts))
