"""The words and files that belong to a page: explanation, examples and code, in ``content/<page>/``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from components.language import Language

__all__ = [
    "CONTENT",
    "Example",
    "card_of",
    "code_of",
    "examples_of",
    "explanation_of",
    "figures_of",
    "lines_of",
    "table_of",
    "table_title",
]

CONTENT = Path(__file__).parent.parent / "content"


@dataclass(frozen=True)
class Example:
    """One example of a page: the values of its controls, and what it teaches."""

    name: dict[str, str]  # language -> label of the button
    note: dict[str, str]  # language -> what to look at, one or two sentences
    values: dict[str, Any]  # key of a control -> value; controls not named here go back to their default
    presenter: dict[str, str] | None = None  # language -> what a lecturer asks and says


@cache
def examples_of(page: str) -> tuple[Example, ...]:
    """The examples in ``content/<page>/examples.toml``, in their order."""
    with (CONTENT / page / "examples.toml").open("rb") as file:
        read = tomllib.load(file)["example"]
    for entry in read:  # what a slider with two handles holds is a tuple
        entry["values"] = {key: tuple(v) if isinstance(v, list) else v for key, v in entry["values"].items()}
    return tuple(Example(**entry) for entry in read)


@cache
def explanation_of(page: str, language: Language) -> str:
    """The Markdown of ``content/<page>/explanation.<language>.md``."""
    return (CONTENT / page / f"explanation.{language}.md").read_text(encoding="utf-8")


@cache
def code_of(page: str, view: str) -> str:
    """The script ``content/<page>/<view>.py`` that reproduces the numbers of a page with plain Transformers."""
    return (CONTENT / page / f"{view}.py").read_text(encoding="utf-8")


@cache
def lines_of(page: str, file: str) -> tuple[str, ...]:
    """The lines of ``content/<page>/<file>``, one text on each."""
    return tuple((CONTENT / page / file).read_text(encoding="utf-8").splitlines())


@cache
def card_of(folder: str) -> str:
    """The model card of an embedded model, without the metadata at its head."""
    text = (CONTENT.parent / folder / "README.md").read_text(encoding="utf-8")
    return text.split("---", 2)[2] if text.startswith("---") else text


@cache
def figures_of(folder: str) -> tuple[dict[str, str], ...]:
    """The table of figures in the model card of an embedded model, a row for each measure: ``{column: cell}``."""
    lines = [line for line in card_of(folder).splitlines() if line.startswith("|")]
    columns, _, *rows = ([cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines)
    return tuple(dict(zip(columns, row, strict=True)) for row in rows)


@cache
def table_of(page: str, file: str) -> dict[str, Any]:
    """What ``content/<page>/<file>``, a TOML file, holds. It is shared by all viewers: nobody may change it."""
    return tomllib.loads((CONTENT / page / file).read_text(encoding="utf-8"))


def table_title(name: str, language: Language) -> str:
    """What the table or picture ``name`` is called where it is taken away; the table of a model by the model's name."""
    return str(table_of("", "table_titles.toml").get(name, {}).get(language, name))
