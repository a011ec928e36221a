"""The frame with bertviz's own page, in the viewer's theme and language."""

from __future__ import annotations

import streamlit as st

from components.heatmaps import is_dark
from components.language import language, t
from models.results import BertvizPage

__all__ = ["bertviz_html", "draw_bertviz"]


def draw_bertviz(page: BertvizPage) -> None:
    """The frame. Its text stays the same while input, layer and head do, so that the browser keeps it as it is."""
    if page.tokens_drawn < page.tokens:
        st.caption(
            t(
                f"bertviz draws a line for each weight: the first {page.tokens_drawn} of {page.tokens} tokens. "
                "The views “One head” and “All heads” take them all.",
                f"bertviz는 가중치마다 선을 하나씩 그리므로 토큰 {page.tokens}개 중 처음 {page.tokens_drawn}개만 보여 줍니다. "
                "‘헤드 하나’와 ‘헤드 전체’ 탭에는 모두 나옵니다.",
            )
        )
    alt = (
        t("bertviz head view", "bertviz 헤드 보기")
        if page.kind == "head"
        else t("bertviz model view", "bertviz 모델 보기")
    )
    with st.container():
        height = page.height * (1.25 if st.session_state.get("lecture") else 1)
        st.iframe(bertviz_html(page), height=min(round(height), 1500), alt=alt)


def bertviz_html(page: BertvizPage) -> str:
    """bertviz's page in the viewer's theme and language."""
    html = page.html
    looks = [name for name, wanted in (("dark", is_dark()), ("lecture", st.session_state.get("lecture"))) if wanted]
    if looks:
        html = html.replace("<html ", f'<html class="{" ".join(looks)}" ', 1)
    if language() == "ko":
        start, data, rest = html.partition("const params = ")
        line, end, script = rest.partition("\n")
        for english, korean in (
            ('lang="en"', 'lang="ko"'),
            ("Layer: <select", "층: <select"),
            ("Attention: <select", "어텐션: <select"),
            (">All<", ">전체<"),
            ("Sentence A -> Sentence A", "문장 A → 문장 A"),
            ("Sentence B -> Sentence B", "문장 B → 문장 B"),
            ("Sentence A -> Sentence B", "문장 A → 문장 B"),
            ("Sentence B -> Sentence A", "문장 B → 문장 A"),
        ):
            start = start.replace(english, korean)
        for english, korean in (
            ('"Heads"', '"헤드"'),
            ('"Layers"', '"층"'),
            ("'Layer '", "'층 '"),
            (", Head ", ", 헤드 "),
        ):
            script = script.replace(english, korean)
        html = start + data + line + end + script
    return html
