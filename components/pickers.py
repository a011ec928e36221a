"""The model picker and the badge that says where a model came from."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from components.address import choice
from components.content import card_of
from components.handout import input_on_paper
from components.language import t
from components.text import plain
from models.results import Origin
from settings import any_model_allowed

__all__ = ["pick_model", "pick_word", "source_badge", "warn_of_korean"]

_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")


def pick_model(label: str, names: Sequence[str], *, key: str, default: str) -> str:
    """A list of models; the pick is in the address under ``key``.

    Where the operator allows any model (``models.catalogue.entry``), its id can be typed too.
    """
    index = list(names).index(default)
    return str(st.selectbox(label, names, index, key=key, bind="query-params", accept_new_options=any_model_allowed()))


def pick_word(label: str, text: str) -> str:
    """One of the first words of a text, the longest unless another is picked; "" where there is none."""
    words = {word: plain(word) for word in list(dict.fromkeys(text.split()))[:60] or [""]}
    return choice(label, words, key="word", default=max(words, key=len), widget=st.pills)


def warn_of_korean(origin: Origin, korean: str | None, *texts: str) -> None:
    """A hint where a model of English is given Korean. ``korean``: a model of its list that reads Korean."""
    reads_english = origin.entry is not None and origin.entry.paper != "" and origin.entry.language == "en"
    if not reads_english or not any(_HANGUL.search(text) for text in texts):
        return
    hint = t(
        "This model reads English: Korean falls apart into letters or bytes, or becomes [UNK].",
        "이 모델은 영어 모델이라 한글을 자모나 바이트로 쪼개거나 [UNK]로 바꿉니다.",
    )
    if korean:
        hint += t(f" Pick {plain(korean)} for Korean.", f" 한국어 글에는 {plain(korean)} 모델을 고르세요.")
    st.info(hint, icon=":material/translate:")


def source_badge(origin: Origin, *, picker: str | None = None) -> None:
    """Which model it is and where it came from, in one line with its card.

    ``picker`` is the key of the list that it was picked from: there one click takes the published model that an
    embedded one stands for. In lecture mode the list alone does that, and the card, which nobody reads from the last
    row, is left out, as are the licence and the links.
    """
    entry = origin.entry
    of = f" ({entry.family}, {entry.paper})" if entry and entry.paper else ""
    input_on_paper(f"model {origin.name}", t("Model", "모델"), origin.name + of)
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
    lecture = st.session_state.get("lecture")
    named = [f"**{plain(entry.name)}**"] if lecture else []  # there its list is folded away
    parts = [plain(entry.family)]
    if not lecture:
        parts += [plain(entry.licence), f"[{plain(entry.paper)}]({entry.paper_url})"]
    if not entry.paper:  # not of the catalogue, which knows nothing of it
        named, parts = [f"**{plain(entry.name)}**"], []
    if entry.folder is None:
        if not lecture:
            parts.append(f"[{t('model card', '모델 카드')}]({entry.model_page})")
        st.caption(f":{colour}-badge[{where}] " + " · ".join([*named, *parts]))
        return
    size = f"{entry.parameters / 1e6:.0f}"
    own = t(
        f"{size} M parameters, trained by this project",
        f"파라미터 {entry.parameters / 1e4:,.0f}만 개, 이 프로젝트에서 학습",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":{colour}-badge[{where}] " + " · ".join([*named, own, *parts]), width="content")
        if lecture:
            return
        place = f"{picker} {entry.name}"
        with st.popover(t("model card", "모델 카드(영어)"), type="tertiary", key=f"card {place}"):
            st.markdown(card_of(entry.folder))
        if picker and entry.full_size:
            st.button(
                t(f"Use {entry.full_size}", f"{entry.full_size} 사용"),
                key=f"full size {place}",
                type="tertiary",
                icon=":material/open_in_full:",
                on_click=st.session_state.update,
                kwargs={picker: entry.full_size},
            )
