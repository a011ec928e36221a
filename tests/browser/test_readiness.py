"""What a load balancer asks."""

from __future__ import annotations

import contextlib
import subprocess

import pytest
import streamlit
import torch

import app as server
from tests.browser.conftest import Server, ask_ready, run_beside


def test_503_until_the_default_models_are_loaded_then_200_with_versions(app: tuple[str, Server]) -> None:
    url, process = app
    status, state = process.ready_at_first
    assert (status, state["ready"], state["loaded"], state["results_megabytes"]) == (503, False, [], 0)
    while ask_ready(url)[0] == 503:
        with contextlib.suppress(subprocess.TimeoutExpired):  # asking without a pause takes a core from the app
            raise RuntimeError(f"the app ended with {process.wait(timeout=0.2)}")
    status, state = ask_ready(url)
    assert (status, state["failed"]) == (200, [])
    assert {"mini-bert MaskedLM", "mini-bert-squad QuestionAnswering", "mini-electra PreTraining"} <= set(
        state["loaded"]
    )
    assert state["versions"]["torch"] in (torch.__version__, torch.__version__.split("+")[0])
    assert state["versions"]["streamlit"] == streamlit.__version__


@pytest.mark.parametrize(("path", "begins"), [("/", False), ("/static/x.js", False), ("/space/qa_highlighter", True)])
def test_only_a_link_to_a_page_with_a_model_begins_the_imports_at_once(path: str, begins: bool) -> None:
    async def rest(scope: object, receive: object, send: object) -> None: ...

    server.a_page_is_asked_for.clear()
    run_beside(server.NoticePages(rest)({"type": "http", "path": path}, None, None))  # type: ignore[arg-type]
    assert server.a_page_is_asked_for.is_set() is begins
