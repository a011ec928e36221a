"""The frame around every page: language, lecture mode, navigation, and notes on the address.

It lies in here rather than in app.py because Streamlit takes a folder called pages/ beside the script it runs for its
older kind of app, and would then run a page without its frame when a link to it is the first one opened.
"""

import streamlit as st

from components.address import choice, flag, keep_for_return, remember_address, report_address
from components.feedback import waiting_place
from components.language import LANGUAGES, preferred_language, t
from components.page import ICON, count_steps_back, tell_language, use_style
from components.site import HOME, PAGES
from models.compute import tell_waiting
from models.readiness import readiness

st.set_page_config(
    page_icon=ICON,
    layout="wide",
    initial_sidebar_state="collapsed" if st.query_params.get("lecture") == "1" else "auto",
)
with st.sidebar:
    choice("Language · 언어", LANGUAGES, key="lang", default=preferred_language(), always_in_address=True)
    lecture = flag(
        t("Lecture mode", "강의 모드"),
        key="lecture",
        help=t("Larger type for the last row.", "맨 뒷줄에서도 보이도록 글자를 키웁니다."),
    )
    state = readiness()
    if not state["ready"] and not state["failed"]:
        st.caption(t("The models are still being loaded.", "모델을 불러오는 중입니다."))
    count_steps_back()
    tell_language()
use_style(lecture)

page = st.navigation(
    [
        st.Page(f"{info.name}.py", title=info.menu_title, icon=info.icon, url_path=info.name, default=info is HOME)
        for info in (HOME, *PAGES)
    ]
)
st.set_page_config(page_title=f"{page.title} · {t('Language model playground', '언어 모델 놀이터')}")
notes = st.container()
asked = remember_address(page.url_path)
with tell_waiting(waiting_place(notes)):
    page.run()
keep_for_return(page.url_path)
report_address(asked, notes)
