"""The code on a page runs as it stands there, in the folder of the repository."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models import packaged
from models.catalogue import ROOT
from tests.pages.shown_code import run_text

VIEWS: list[tuple[str, dict[str, Any]]] = [
    ("tokenizer_explorer", {"left": "mini-bert", "right": "mini-student"}),
    ("tokenizer_explorer", {"view": "steps", "left": packaged.NAME, "right": "mini-bert", "text": "I"}),
    ("masking_simulator", {}),
    ("masking_simulator", {"view": "objectives"}),
    ("masking_simulator", {"view": "statistics", "unit": "span", "draws": "100"}),
    ("attention_viewer", {"view": "head"}),
    ("attention_viewer", {"view": "meaning", "how": "norm", "model": packaged.NAME}),
    ("qa_highlighter", {}),
    ("prompt_lab", {"view": "surprise"}),
    ("electra_detector", {}),
    ("electra_detector", {"view": "steps"}),
    ("electra_detector", {"view": "ranks"}),
    ("sentence_pairs", {}),
    ("sentence_pairs", {"view": "choice"}),
    ("fine_tuning_heads", {}),
    ("fine_tuning_heads", {"shape": "choice"}),
    ("fine_tuning_heads", {"shape": "masked"}),
    ("fine_tuning_heads", {"view": "gpt1"}),
    ("knowledge", {}),
    ("knowledge", {"view": "graph"}),
    ("knowledge", {"view": "compare"}),
    ("distillation", {}),
    ("distillation", {"view": "tinybert"}),
    ("model_anatomy", {}),
]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("page", "address"), VIEWS, ids=[f"{page} {address.get('view', '')}" for page, address in VIEWS]
)
def test_what_is_copied_from_the_page_runs(page: str, address: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    [code] = [block.value for block in app.code if "import" in block.value]
    monkeypatch.chdir(ROOT)
    # the only model here that is no folder of the repository: its package stands in for the hub
    assert run_text(code.replace(f"'{packaged.NAME}'", repr(str(packaged.folder()))))


@pytest.mark.parametrize(
    ("page", "address", "filled_in"),
    [
        ("attention_viewer", {"view": "head", "pair": "  "}, "text_pair = None"),  # of blanks the page makes no pair
        ("qa_highlighter", {"threshold": "-30"}, "threshold = -30.0"),  # decides whether the page shows an answer
        ("distillation", {"text": "A [MASK] sat here."}, "labels = [-100]"),
    ],
)
def test_what_decides_the_picture_is_in_the_code(page: str, address: dict[str, str], filled_in: str) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    [code] = [block.value for block in app.run().code if "import" in block.value]
    assert filled_in in code.splitlines()


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("knowledge", {"text": "No blank here."}),
        ("knowledge", {"view": "graph", "text": "A dog, but no blank."}),
        ("knowledge", {"view": "compare", "text": "No blank here."}),
        ("sentence_pairs", {"text": " "}),
        ("electra_detector", {"text": " "}),
        ("electra_detector", {"view": "steps", "text": " "}),
        ("distillation", {"text": " "}),
        ("distillation", {"view": "losses", "text": " "}),
        ("fine_tuning_heads", {"text": " "}),
        ("attention_viewer", {"view": "head", "text": " "}),
        ("attention_viewer", {"view": "embeddings", "model": packaged.NAME}),  # its positions are no embeddings
        ("qa_highlighter", {"question": " "}),
        ("qa_highlighter", {"view": "compare", "question": " "}),
        ("tokenizer_explorer", {"left": "mini-bert", "right": "mini-bert", "view": "batch", "text": " "}),
        ("prompt_lab", {"view": "decodings", "task": "free", "prompt": "word " * 9000}),
        ("model_anatomy", {"view": "build", "hidden": "128", "heads": "12"}),
    ],
)
def test_where_an_error_is_all_that_the_page_has_there_is_no_code(page: str, address: dict[str, str]) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert app.error
    assert not [block for block in app.code if "import" in block.value]
