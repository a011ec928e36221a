"""What a load balancer asks."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import streamlit
import torch

from tests.browser.conftest import free_port, start_app


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
        while ask(port)[0] == 503 and process.poll() is None:
            pass
        status, state = ask(port)
    finally:
        process.terminate()
        process.wait()
    assert status == 200
    assert state["failed"] == []
    assert {"mini-bert MaskedLM", "mini-bert-squad QuestionAnswering", "mini-electra PreTraining"} <= set(
        state["loaded"]
    )  # type: ignore[call-overload]
    assert state["versions"]["torch"] == torch.__version__.split("+")[0] or torch.__version__  # type: ignore[index]
    assert state["versions"]["streamlit"] == streamlit.__version__  # type: ignore[index]
