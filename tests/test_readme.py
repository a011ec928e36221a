"""What the README says must be so: its pictures are there, and its worked example runs."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from streamlit.testing.v1 import AppTest

from components.site import PAGES
from models.catalogue import ROOT
from models.loading import load_model

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_every_page_has_a_picture_and_its_parameters(name: str) -> None:
    picture = f"docs/pictures/{name}.jpg"
    assert picture in README
    assert 10_000 < (ROOT / picture).stat().st_size < 250_000
    assert f"### `/{name}`" in README


def test_every_link_to_a_file_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, Path]:
    """The model layer's part of the worked example as a module, and the file of its page."""
    section = README.split("## Add a page, or a model", 1)[1].split("\n## ", 1)[0]
    layer, page = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert 30 <= len((layer + page).splitlines()) <= 50
    file = tmp_path / "neighbours.py"
    file.write_text(layer, encoding="utf-8")
    (tmp_path / "page.py").write_text(page, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("models.neighbours", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "models.neighbours", module)
    spec.loader.exec_module(module)
    return module, tmp_path / "page.py"


def test_the_worked_example_finds_the_nearest_embeddings(example: tuple[ModuleType, Path]) -> None:
    module, page = example
    loaded = load_model("mini-bert", "Model")
    found = module.neighbours(loaded, "king")
    weight = loaded.model.get_input_embeddings().weight
    king = weight[loaded.tokenizer.tokenizer.convert_tokens_to_ids("king")]
    cosines = torch.cosine_similarity(weight, king[None]).topk(6)
    assert [cosine for _, cosine in found] == pytest.approx(cosines.values[1:].tolist(), abs=1e-5)
    app = AppTest.from_file(str(page), default_timeout=120).run()
    assert not app.exception
    assert not app.error
    app.text_input(key="word").set_value("antidisestablishmentarianism").run()
    assert not app.exception
    assert "is not one token" in app.error[0].value
