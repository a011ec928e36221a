"""The frame around the pages: what a viewer is told when a page fails, and while another viewer's work comes first."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import ScriptRunnerEvent
from streamlit.testing.v1 import AppTest, app_test

import app as server
from components.site import page_info
from models.catalogue import ROOT
from models.compute import computed_once

SORRY = {"en": "Something went wrong on our side.", "ko": "서버에서 문제가 생겼습니다."}
WAITING = {"en": "Waiting: 1 before you.", "ko": "대기 중: 앞에 1건"}


class Runner(app_test.LocalScriptRunner):
    """Runs the script of a test as the server does: an error of ours is answered by the app, not by Streamlit."""

    newest: Runner
    on_alert: Callable[[str], Any] = staticmethod(lambda text: None)

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._on_script_error = server.app._on_script_error
        self.on_event.connect(self.look, weak=False)
        Runner.newest = self

    def look(self, sender: object, event: ScriptRunnerEvent, forward_msg: ForwardMsg | None = None, **_: Any) -> None:
        if forward_msg is not None and forward_msg.delta.new_element.HasField("alert"):
            self.on_alert(forward_msg.delta.new_element.alert.body)


@pytest.fixture(autouse=True)
def as_on_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_test, "LocalScriptRunner", Runner)


def frame(language: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "_frame.py"), default_timeout=60)
    app.query_params["lang"] = language
    return app


@pytest.mark.parametrize("language", ["en", "ko"])
def test_who_meets_an_error_of_ours_reads_a_sentence_and_can_go_elsewhere(
    language: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(page: str) -> None:
        raise RuntimeError("a secret of /srv/app")

    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR, "playground"):
        broken.setattr("components.page.page_header", fail)
        app = frame(language).run()
    [said] = [one.value for one in app.error]
    assert said.startswith(SORRY[language])
    assert not app.exception, "no traceback"
    assert "secret" not in "".join(str(one.proto) for one in app.main)
    [record] = [one for one in caplog.records if one.message == "a page failed"]
    assert "a secret of /srv/app" in str(record.exc_info), "that is for whoever runs the server"
    assert app.sidebar.toggle(key="lecture")
    app.switch_page("model_anatomy.py").run()
    assert not app.error
    assert app.title[0].value == page_info("model_anatomy").titles[language == "ko"]


@pytest.mark.parametrize(("language", "leaves"), [("en", False), ("ko", True)])
def test_who_waits_for_the_work_of_another_viewer_is_told_and_can_leave(
    language: str, leaves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, told, go_on = threading.Event(), threading.Event(), threading.Event()

    @computed_once
    def slow(asked_in: str) -> str:
        begun.set()
        assert go_on.wait(30)
        return "the result of both"

    def page(name: str) -> None:
        st.markdown(slow(language))
        st.stop()

    def told_so(text: str) -> None:
        assert text == WAITING[language]
        told.set()

    monkeypatch.setattr("components.page.page_header", page)
    monkeypatch.setattr(Runner, "on_alert", staticmethod(told_so))
    app = frame(language)
    with ThreadPoolExecutor(2) as pool:
        other = pool.submit(slow, language)
        assert begun.wait(10)
        viewer = pool.submit(app.run)
        try:
            assert told.wait(30), "the sentence is on the page while the work goes on"
            if leaves:
                Runner.newest.request_stop()
                viewer.result(10)  # although the other's work is not done
                assert not other.done()
        finally:
            go_on.set()
        assert other.result(10) == "the result of both"
        viewer.result(30)
    assert not app.error
    assert [one.value for one in app.info] == ([WAITING[language]] if leaves else [])
    assert [one.value for one in app.markdown] == ([] if leaves else ["the result of both"])


@pytest.mark.parametrize(("state", "told"), [({}, True), ({"ready": True}, False), ({"failed": ["mini-bert"]}, False)])
def test_the_sidebar_says_that_models_are_loading_only_while_they_are(
    state: dict[str, Any], told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.readiness.readiness", lambda: {"ready": False, "failed": [], **state})
    monkeypatch.setattr("components.page.page_header", lambda name: st.stop())
    captions = [one.value for one in frame("ko").run().sidebar.caption]
    assert captions == (["모델을 불러오는 중입니다."] if told else [])
