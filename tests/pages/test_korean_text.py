"""Whoever writes Korean to a model of English is told that it reads English, and which model of the list reads Korean."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from components.text import plain
from models.catalogue import ROOT

KOREAN = "고양이가 매트 위에 앉았다."
MASKED, CAUSAL = "klue/bert-base", "skt/kogpt2-base-v2"


def open_page(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize(
    ("page", "address", "korean"),
    [
        ("masking_simulator", {"text": KOREAN}, MASKED),
        ("attention_viewer", {"text": KOREAN}, MASKED),
        ("attention_viewer", {"text": "The cat", "pair": KOREAN}, MASKED),
        ("knowledge", {"text": "고양이는 [MASK] 마신다."}, MASKED),
        ("electra_detector", {"text": KOREAN}, "monologg/koelectra-base-v3-discriminator"),
        ("prompt_lab", {"task": "free", "prompt": KOREAN, "length": "1"}, CAUSAL),
        ("prompt_lab", {"view": "surprise", "text": KOREAN}, CAUSAL),
        ("fine_tuning_heads", {"view": "gpt1", "a": KOREAN}, CAUSAL),
        ("fine_tuning_heads", {"text": KOREAN}, None),
        ("sentence_pairs", {"text": KOREAN}, None),
        ("distillation", {"text": KOREAN}, None),
        ("qa_highlighter", {"context": KOREAN}, None),
    ],
)
def test_an_english_model_is_not_given_korean_in_silence(
    page: str, address: dict[str, str], korean: str | None
) -> None:
    app = open_page(page, **address)
    assert not app.exception
    [said] = [one.value for one in app.info if "This model reads English" in one.value]
    assert said.endswith(f"Pick {plain(korean)} for Korean." if korean else "or becomes [UNK].")


@pytest.mark.parametrize("page", ["masking_simulator", "electra_detector", "prompt_lab", "sentence_pairs"])
def test_english_is_met_in_silence(page: str) -> None:
    assert not [one for one in open_page(page).info if "reads English" in one.value]
