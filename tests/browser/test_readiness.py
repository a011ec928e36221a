"""What a load balancer asks."""

from __future__ import annotations

import contextlib
import json
import subprocess
import urllib.error
import urllib.request

import pytest
import streamlit
import torch

import app as server
from tests.browser.conftest import free_port, run_beside, start_app


def ask(port: int) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready") as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_503_until_the_default_models_are_loaded_then_200_with_versions() -> None:
    port = free_port()
    process = start_app(port)
    try:
        status, state = ask(port)
        assert (status, state["ready"], state["loaded"]) == (503, False, [])
        while ask(port)[0] == 503:
            with contextlib.suppress(subprocess.TimeoutExpired):  # asking without a pause takes a core from the app
                raise RuntimeError(f"the app ended with {process.wait(timeout=0.2)}")
        status, state = ask(port)
    finally:
        process.terminate()
        process.wait()
    assert status == 200
    assert (state["failed"], state["results_megabytes"]) == ([], 0)
    assert {"mini-bert MaskedLM", "mini-bert-squad QuestionAnswering", "mini-electra PreTraining"} <= set(
        state["loaded"]
    )  # type: ignore[call-overload]
    assert state["versions"]["torch"] == torch.__version__.split("+")[0] or torch.__version__  # type: ignore[index]
    assert state["versions"]["streamlit"] == streamlit.__version__  # type: ignore[index]


@pytest.mark.parametrize(("path", "begins"), [("/", False), ("/static/x.js", False), ("/space/qa_highlighter", True)])
def test_only_a_link_to_a_page_with_a_model_begins_the_imports_at_once(path: str, begins: bool) -> None:
    async def rest(scope: object, receive: object, send: object) -> None: ...

    server.a_page_is_asked_for.clear()
    run_beside(server.NoticePages(rest)({"type": "http", "path": path}, None, None))  # type: ignore[arg-type]
    assert server.a_page_is_asked_for.is_set() is begins
