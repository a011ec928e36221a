"""What stands on top of every page, and the look of the whole app."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import streamlit as st

from components.address import value_of
from components.content import explanation_of
from components.handout import begin_handout
from components.language import language, t
from components.large_type import LARGE_TYPE, USUAL_TYPE
from components.site import SECTIONS, page_info
from components.text import plain

__all__ = [
    "ICON",
    "count_steps_back",
    "explain",
    "page_header",
    "reveal",
    "settings_place",
    "tell_language",
    "use_style",
]

ICON = Path(__file__).parent / "assets" / "icon.svg"  # a file of our own: icons by name come from the network

_STYLE = """
<style>
.block-container { padding-top: 3.8rem; padding-bottom: 4rem; max-width: 76rem; }
:is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) :is(p, li, h1, h2, h3, td) {
  overflow-wrap: anywhere; word-break: keep-all; /* Korean breaks between words */
}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p { color: inherit; opacity: 1; }
[data-testid="stHeading"] h1 { font-size: 2rem; padding: 0.4rem 0; }
[data-testid="stHeading"] h2 { font-size: 1.5rem; padding: 0.6rem 0; }
[data-testid="stMarkdownContainer"] h2 { font-size: 1.3rem; padding: 0.4rem 0; }
[data-testid="stBaseButton-primary"] { color: light-dark(#ffffff, #11161f); } /* Streamlit's white is pale on dark's light blue */
[data-testid="stStatusWidget"] button { display: none; } /* long work has a stop button of its own, which keeps what is there */
[data-testid="stHorizontalBlock"] { row-gap: 1rem; } /* below each other, columns stand no further apart than other things */
@media (min-width: 641px) { /* columns go below each other before their controls are cut off */
  [data-testid="stColumn"] { min-width: 13rem; }
  .st-key-wide-columns [data-testid="stColumn"] { min-width: 21rem; }
}
[data-testid="stMetricValue"] > div { white-space: normal; overflow: visible; } /* "698 · 349 · 175 GB" is not cut off */
/* so that a result begins on the first screen: */
.block-container > [data-testid="stVerticalBlock"] { gap: 0.75rem; }
[data-testid="stTextArea"] textarea { field-sizing: content; min-height: 2.75rem; }
[data-testid="stBaseButton-tertiary"] { min-height: 1.6rem; padding-block: 0; }
.st-key-points button { min-height: 1.8rem; padding: 0; text-align: left; }
.st-key-points button p { text-decoration: underline; text-underline-offset: 0.2em; }
/* so that language and lecture mode stand on the first screen of a laptop, below the pages: */
[data-testid="stSidebarHeader"] { margin-bottom: 0; }
[data-testid="stSidebarNavItems"] > li::before { display: block; margin-block: 0.6rem 0.2rem; font-size: 0.875rem; font-weight: 600; }
[data-testid="stSidebarNavLink"] { margin-block: 0; }
[data-testid="stSidebarUserContent"] { padding-top: 0.75rem; }
@media (hover: none) { .modebar { display: none; } } /* of a figure: on a phone it would lie over the legend for good */
@media (max-width: 640px) {
  .block-container { padding-left: 1rem; padding-right: 1rem; }
  [data-testid="stHeading"] h1 { font-size: 1.6rem; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-whole-row) { min-width: 100%; }
}
</style>
"""

_LECTURE_STYLE = """
<style>
.block-container { max-width: none; padding-top: 2.6rem; }
[data-testid="stHeader"] { min-height: 2.4rem; height: 2.4rem; }
.block-container > [data-testid="stVerticalBlock"] { gap: 0.6rem; }
[data-testid="stHeading"] h1 { font-size: 1.5rem; padding: 0 0 1rem; }
.st-key-lectern { gap: 0.6rem; } /* with the longest title, too, all stands in one row of 1280 pixels */
.st-key-lectern [data-testid="stHeading"] h1 { padding: 0; font-size: 1.3rem; }
.st-key-lectern [data-testid="stSelectbox"] [aria-label="Clear value"] { display: none; } /* an example that is left stays */
[data-testid="stButtonGroup"] button { padding-inline: 0.75rem; } /* seven views side by side */
[data-testid="stHeading"] h2 { font-size: 1.25rem; }
[data-testid="stCaptionContainer"] { font-size: 1rem; }
@media (min-width: 641px) and (max-width: 1100px) { .block-container { padding-inline: 1.5rem; } } /* an old projector */
</style>
"""

_KEYS_EVERYWHERE = """
<script>
if (!window.keysEverywhere) { // Streamlit leaves shortcuts out in every field, and a frame keeps its keys to itself
  window.keysEverywhere = true
  const pass = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !["l", "n"].includes(event.key)) return
    event.stopImmediatePropagation()
    document.activeElement.blur()
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: event.key, code: event.code, bubbles: true }))
  }
  addEventListener("keydown", event => {
    if (event.target.type === "range") pass(event)
    if (event.key === "Escape" && event.target.matches("textarea, input[type=text]")) event.target.blur()
  }, true)
  addEventListener("blur", () => setTimeout(() => {
    if (document.activeElement.tagName === "IFRAME") document.activeElement.contentWindow.addEventListener("keydown", pass)
  }))
  const leaveList = () => setTimeout(() => { // once an example is picked
    if (document.activeElement.matches(".st-key-lectern [role=combobox][aria-expanded=false]")) document.activeElement.blur()
  }, 300)
  addEventListener("click", event => { if (event.target.closest("[role=option]")) leaveList() }, true)
  addEventListener("keydown", event => { if (event.key === "Enter") leaveList() }, true)
}
</script>
"""

_ONE_STEP_BACK = """
<script>
if (!history.countsActions) { // Streamlit pushes an entry for each control that an example sets: one is enough
  history.countsActions = true
  let acted = false
  for (const action of ["pointerdown", "click", "keydown"]) addEventListener(action, () => { acted = true }, true)
  const push = history.pushState.bind(history)
  history.pushState = (...entry) => {
    if (acted) push(...entry)
    else history.replaceState(...entry)
    acted = false
  }
}
</script>
"""


def tell_language() -> None:
    """A screen reader reads the page aloud in the language that it is written in."""
    st.html(f'<script>document.documentElement.lang = "{language()}"</script>', unsafe_allow_javascript=True)


def count_steps_back() -> None:
    """The browser's Back takes back one action of the viewer, however many controls that has changed."""
    st.html(_ONE_STEP_BACK, unsafe_allow_javascript=True)


def use_style(lecture: bool) -> None:
    """Our few rules of style; in lecture mode its larger type, and its keys wherever nobody is writing."""
    size = LARGE_TYPE if lecture else USUAL_TYPE
    st.html(f"{_STYLE}<style>{size}{_section_titles()}</style>{_LECTURE_STYLE if lecture else ''}")
    if lecture:
        st.html(_KEYS_EVERYWHERE, unsafe_allow_javascript=True)


def _section_titles() -> str:
    """Over the first page of each section in the sidebar. Streamlit's own sections are no list to a screen reader."""
    number, rules = 2, []  # Home is the first
    for section in SECTIONS:
        rules.append(
            f'[data-testid="stSidebarNavItems"] > li:nth-child({number})::before {{ content: "{section.title}"; }}'
        )
        number += len(section.pages)
    return "\n".join(rules)


def page_header(page: str) -> None:
    """The title of a page and one sentence on what to do here.

    Who gives a lecture says that sentence, and has the title beside the examples (see ``components.examples``).
    """
    info = page_info(page)
    begin_handout(info.title, info.lead)
    lecture = st.session_state.get("lecture")
    if not lecture or page == "home":
        st.title(info.title, anchor=False)
    if not lecture:
        st.markdown(info.lead)


def settings_place(key: str | None = None, default: str = "") -> AbstractContextManager[object]:
    """For ``with``: the text and settings drawn in it are folded away in lecture mode, until somebody opens them.

    Of what is folded, the text under ``key`` stays to be read, where the result does not repeat it. The place can be
    entered several times. Messages belong outside of it, where they are seen.
    """
    if not st.session_state.get("lecture"):
        return nullcontext()
    label = t("Text and settings", "글과 설정")
    if key is not None:
        label = f"**{plain(str(value_of(key, default)))}** · {label}"
    example = st.session_state.get("shown example")  # with the next one they are folded again
    return st.expander(label, icon=":material/tune:", key=f"settings fold {example}")


def reveal(of: object) -> bool:
    """Whether the viewer has asked for the answer of this round; else the button that asks for it."""
    revealed = st.session_state.setdefault("revealed rounds", set())
    if of not in revealed:
        st.button(t("Show the answer", "정답 보기"), type="primary", on_click=revealed.add, args=(of,))
    return of in revealed


def explain(page: str) -> None:
    """What am I looking at? A short explanation with the formula and the paper."""
    with st.expander(t("What am I looking at?", "지금 무엇을 보고 있나요?"), icon=":material/help:"):
        st.markdown(explanation_of(page, language()))
