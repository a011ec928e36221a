"""The server: what it tells a load balancer of itself."""

from __future__ import annotations

import gc
import json
import logging
from threading import Event

import pytest
from starlette.requests import Request

import app as server
from models import attention, packaged, readiness
from models.results import PlaygroundError


def answer() -> tuple[int, dict[str, object]]:
    """Status and state that /ready gives."""
    response = server.ready(Request({"type": "http"}))
    return response.status_code, json.loads(bytes(response.body))


@pytest.mark.parametrize("damaged", [None, "mini-electra"])
def test_ready_says_which_default_model_could_not_be_loaded(
    damaged: str | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def load(name: str, head: str = "") -> None:
        if name == damaged:
            raise PlaygroundError("damaged", "손상")

    monkeypatch.setattr(readiness, "load_model", load)
    monkeypatch.setattr(attention, "load_for_attention", load)
    monkeypatch.setattr(packaged, "is_prepared", lambda: False)
    monkeypatch.setattr(readiness, "import_models", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)  # what this process holds need not stay
    for name, value in {"_loaded": [], "_failed": [], "_done": Event()}.items():
        monkeypatch.setattr(readiness, name, value)
    status, state = answer()
    assert (status, state["ready"], state["loaded"], state["failed"]) == (503, False, [], [])
    with caplog.at_level(logging.ERROR, "playground"):
        readiness.warm_up()
    status, state = answer()
    assert (status, state["ready"]) == ((503, False) if damaged else (200, True))
    failed = ["mini-electra PreTraining"] if damaged else []
    assert state["failed"] == failed
    others = ["mini-bert MaskedLM", "mini-bert-squad QuestionAnswering", "mini-bert attention"]
    assert sorted([*state["loaded"], *failed]) == sorted([*others, "mini-electra PreTraining"])  # type: ignore[misc]
    assert [one.message for one in caplog.records] == [f"not ready: {name}" for name in failed]
