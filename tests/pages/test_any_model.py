"""A model outside the catalogue, where whoever runs the server allows any."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.catalogue import ROOT
from tests.hub_server import HubServer
from tests.tiny_checkpoints import make_checkpoint

NAME = "somebody/bert"
PAGES = {
    "masking_simulator": "bert-base-uncased",
    "attention_viewer": "bert-base-uncased",
    "knowledge": "bert-base-uncased",
    "fine_tuning_heads": "bert-base-uncased",
    "prompt_lab": "gpt2",
    "qa_highlighter": "deepset/roberta-base-squad2",
    "electra_detector": "google/electra-small-discriminator",
    "sentence_pairs": "bert-base-uncased",
}


def open_page(page: str, model: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
    for name, value in {"model": model, **address}.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize("page", PAGES)
def test_its_id_can_be_typed(page: str, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    hub.folder = tmp_path
    make_checkpoint(PAGES[page], tmp_path / NAME, max_position_embeddings=512)
    app = open_page(page, NAME)
    assert not app.exception
    assert any("**somebody" in one.value for one in app.caption)


@pytest.mark.parametrize(
    ("page", "other", "sentence"),
    [
        ("masking_simulator", "gpt2", "no MaskedLM head"),
        ("masking_simulator", "deepset/roberta-base-squad2", "no weights for MaskedLM"),
        ("qa_highlighter", "albert-base-v2", "no weights for QuestionAnswering"),
        ("electra_detector", "albert-base-v2", "no ELECTRA discriminator"),
        ("fine_tuning_heads", "distilbert-base-uncased", "the encoder is a BERT"),
        ("sentence_pairs", "gpt2", "no NextSentencePrediction head"),
        ("prompt_lab", "bert-base-uncased", "not trained to read from left to right"),
    ],
)
def test_what_does_not_fit_the_page_is_a_sentence(
    page: str, other: str, sentence: str, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above all a head that is not in the file: Transformers would begin it at random."""
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    hub.folder = tmp_path
    make_checkpoint(other, tmp_path / NAME)
    app = open_page(page, NAME)
    assert any(sentence in one.value for one in app.error)
    assert not app.exception


def test_a_model_without_a_head_for_sentence_order_is_refused(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    hub.folder = tmp_path
    make_checkpoint("bert-base-uncased", tmp_path / NAME)
    app = open_page("sentence_pairs", "mini-bert", view="order", sop=NAME)
    assert any("no head for sentence order" in one.value for one in app.error)
    assert not app.exception


def test_a_head_on_a_typed_causal_model_is_trained_the_way_of_gpt1(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    hub.folder = tmp_path
    make_checkpoint("gpt2", tmp_path / NAME)
    app = open_page("fine_tuning_heads", NAME, view="train")
    assert any("GPT-1's way" in one.value for one in app.markdown)
    assert not app.error
    assert not app.exception


def test_elsewhere_only_the_list_counts(hub: HubServer) -> None:
    app = open_page("masking_simulator", NAME)
    assert app.selectbox(key="model").value == "mini-bert"
    assert not app.exception


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc", "a/b/c", "https://evil/x", "..", "a--b", "a" * 5000])
def test_what_is_no_id_is_refused(name: str, hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ALLOW_ANY_MODEL", "1")
    app = open_page("masking_simulator", name)
    assert "is no id that the hub can have" in app.error[0].value
    assert not app.exception
