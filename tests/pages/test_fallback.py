"""What cannot be calculated leaves the previous result on the page, but never one that belongs to something else."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models.catalogue import ROOT
from tests.hub_server import HubServer
from tests.tiny_checkpoints import make_checkpoint

KOREAN = "klue/bert-base"
TINYBERT = "huawei-noah/TinyBERT_General_4L_312D"
ROBERTA = "deepset/roberta-base-squad2"


def run_page(page: str, **address: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


def test_an_answer_is_kept_under_the_name_of_the_model_that_gave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    app = run_page("qa_highlighter")
    app.selectbox(key="model").set_value(ROBERTA).run()
    assert "hub" in app.error[0].value
    assert {model for model, *_ in app.session_state["asked before"]} == {"mini-bert-squad"}
    assert not app.exception


def test_questions_asked_before_keep_their_answers_and_follow_the_threshold() -> None:
    app = run_page("qa_highlighter")
    first = app.text_input(key="question").value
    app.text_input(key="question").set_value("Who wrote the Faust?").run()
    table = app.dataframe[0].value
    assert list(table["question"]) == ["Who wrote the Faust?", first]
    assert list(table["answer"]) == ["(no answer)", "Berlin"]
    app.slider(key="threshold").set_value(app.slider(key="threshold").max).run()
    assert "(no answer)" not in list(app.dataframe[0].value["answer"])


def test_the_tokens_of_one_model_are_not_read_by_another(hub: HubServer) -> None:
    """A text that is too long for the Korean model: BERT's ids would be other words of its vocabulary."""
    app = run_page("masking_simulator", text="I want to go home . " * 8)
    assert [one for one in app.metric if one.label == "first guess right"]
    app.selectbox(key="model").set_value(KOREAN).run()
    assert "32 positions" in app.error[0].value
    assert not app.metric
    assert not app.exception


@pytest.mark.parametrize("view", ["targets", "measure"])
def test_a_pair_that_does_not_fit_is_not_taken_for_the_one_before(view: str, hub: HubServer, tmp_path: Any) -> None:
    make_checkpoint(TINYBERT, tmp_path / TINYBERT, vocab_size=30522, max_position_embeddings=512)
    hub.folder = tmp_path
    app = run_page("distillation")
    app.segmented_control(key="view").set_value(view).run()
    app.selectbox(key="student").set_value(TINYBERT).run()
    assert [("without a head" in one.value) for one in app.error] == [True]
    assert not app.exception


def test_the_result_of_another_page_is_no_previous_one() -> None:
    def script() -> None:

        import streamlit as st

        from components.feedback import attempt
        from models.results import PlaygroundError

        def fail() -> str:
            raise PlaygroundError("no", "아니요")

        def shown(page: str, model: str, calculate: object = fail) -> None:
            st.session_state["page with this address"] = page
            st.write(str(attempt("model", calculate, of=model)))

        shown("first", "a", lambda: "found")
        shown("first", "a")
        shown("first", "b")
        shown("second", "a")

    app = AppTest.from_function(script).run()
    assert [one.value for one in app.markdown] == ["found", "found", "None", "None"]
