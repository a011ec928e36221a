"""The arrow of the imports: app -> pages -> components -> models/results.py <- models."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imported_by(file: Path) -> set[str]:
    """The full names of all modules that a file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: write the full name of the module"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def files_of(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


@pytest.mark.parametrize("file", files_of("components"), ids=lambda file: file.name)
def test_components_only_draw(file: Path) -> None:
    for name in imported_by(file):
        assert not within(name, "torch", "transformers", "tokenizers", "pages", "app"), name
        assert not within(name, "models") or within(name, "models.results"), name


@pytest.mark.parametrize("file", files_of("models"), ids=lambda file: file.name)
def test_models_know_nothing_of_the_screen(file: Path) -> None:
    for name in imported_by(file):
        assert not within(name, "components", "pages", "app", "plotly"), name


@pytest.mark.parametrize("file", [*files_of("pages"), ROOT / "app.py"], ids=lambda file: file.name)
def test_pages_leave_the_calculation_to_models(file: Path) -> None:
    for name in imported_by(file):
        assert not within(name, "transformers", "tokenizers", "plotly", "training", "tests"), name


@pytest.mark.parametrize("file", files_of("pages"), ids=lambda file: file.name)
def test_a_page_can_be_read_aloud(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 150


def test_the_entry_is_short() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) < 100


def test_results_are_plain_values() -> None:
    allowed = ("__future__", "collections", "dataclasses", "typing", "numpy")
    for name in imported_by(ROOT / "models" / "results.py"):
        assert within(name, *allowed), name
