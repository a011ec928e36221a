"""English and Korean side by side, where they are used.

>>> t("Text", "글")
'Text'
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

__all__ = ["LANGUAGES", "Language", "language", "preferred_language", "t"]

Language = Literal["en", "ko"]
LANGUAGES: dict[str, str] = {"en": "English", "ko": "한국어"}


def language() -> Language:
    """The language the viewer picked; English outside a running app."""
    return "ko" if st.session_state.get("lang") == "ko" else "en"


def preferred_language() -> Language:
    """What the viewer's browser asks for, as the default of the switch."""
    return "ko" if (st.context.locale or "").lower().startswith("ko") else "en"


def t(english: str, korean: str) -> str:
    """The sentence in the viewer's language."""
    return korean if language() == "ko" else english
