"""Both languages are complete."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from components.content import CONTENT, examples_of, explanation_of, figures_of
from components.site import HOME, PAGES

ROOT = Path(__file__).parent.parent.parent
HANGUL = re.compile("[가-힣]")


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_a_page_has_examples_and_an_explanation_in_both_languages(page: str) -> None:
    examples = examples_of(page)
    assert len(examples) >= 5
    for example in examples:
        assert set(example.name) == set(example.note) == {"en", "ko"}
        assert set(example.presenter) == {"en", "ko"}
        assert HANGUL.search(example.note["ko"])
        assert not HANGUL.search(example.note["en"])
    assert HANGUL.search(explanation_of(page, "ko"))
    assert not HANGUL.search(explanation_of(page, "en"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_its_files(page: object) -> None:
    name = page.name  # type: ignore[attr-defined]
    assert (ROOT / "pages" / f"{name}.py").exists()
    assert (CONTENT / name).is_dir()


def test_titles_and_leads_are_in_both_languages() -> None:
    for page in (HOME, *PAGES):
        for english, korean in (page.titles, page.leads):
            assert HANGUL.search(korean)
            assert not HANGUL.search(english)


def test_every_sentence_is_written_twice() -> None:
    """t(english, korean): the second holds Korean, the first none, unless both are the same sign."""
    for file in (*ROOT.glob("components/*.py"), *ROOT.glob("pages/*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                if any(isinstance(argument, ast.Starred) for argument in node.args):
                    continue
                english, korean = (ast.unparse(argument) for argument in node.args)
                assert HANGUL.search(korean), f"{file.name}: {korean}"
                assert not HANGUL.search(english), f"{file.name}: {english}"


def test_the_figures_of_a_card_are_those_of_its_text() -> None:
    folder = "models/checkpoints/mini-student"
    rows = {row["held-out measure"]: row for row in figures_of(folder)}
    assert len(rows) == 3
    text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    for name, row in rows.items():
        line = f"| {name} |  | **{row['mini-student']}** | {row['95% interval']} | {row['without a teacher']} | "
        assert line + row["mini-bert"] in text
    first = rows["MLM top-1 %, 1,024 pairs"]
    assert float(first["without a teacher"]) < float(first["mini-student"]) < float(first["mini-bert"])
    assert f"(top-1 {first['without a teacher']}% and" in text  # in its words too


def strings(file: Path) -> list[str]:
    """All strings of a Python file; a number stands where a value goes in, with its sign for percent."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    composed = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for whole in composed for part in ast.walk(whole) if part is not whole}
    return [
        "".join(str(part.value) if isinstance(part, ast.Constant) else value(part) for part in whole.values)
        for whole in composed
        if id(whole) not in inside
    ] + [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside
    ]


def value(part: ast.expr) -> str:
    return "5%" if isinstance(part, ast.FormattedValue) and part.format_spec and "%" in ast.unparse(part) else "5"


def test_no_mark_of_bold_is_left_to_be_read() -> None:
    """``**15%**를`` stays as it is: in CommonMark a sign before and a letter after it do not close the bold."""
    texts = [text for file in (*ROOT.glob("components/*.py"), *ROOT.glob("pages/*.py")) for text in strings(file)]
    for page in PAGES:
        for language in ("en", "ko"):
            texts += explanation_of(page.name, language).splitlines()
            texts += [words[language] for one in examples_of(page.name) for words in (one.note, one.presenter)]
    bold = [text for text in texts if text.count("**") > 1]
    assert len(bold) > 100
    left = [text for text in bold if "**" in re.sub("<code>.*?</code>", "", MarkdownIt().renderInline(text))]
    assert left == []
