"""The tasks written for the prompt lab are what their files promise."""

from __future__ import annotations

from collections import Counter

import pytest

from components.content import table_of
from components.prompt_controls import TASKS
from models.few_shot import read_task
from models.loading import LoadedTokenizer
from models.prompting import build_prompt

PAGE = "prompt_lab"


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_its_examples_and_items(name: str, gpt2: LoadedTokenizer) -> None:
    written = table_of(PAGE, f"tasks/{name}.toml")
    task = read_task(written)
    assert all(written[key][language].strip() for key in ("name", "note") for language in ("en", "ko"))
    assert len(task.shots) == 16
    assert len(task.items) >= 40
    sources = [source for source, _ in task.items]
    assert len(set(sources)) == len(sources)
    assert not set(sources) & {source for source, _ in task.shots}
    assert all(answer.strip() == answer != "" for _, accepted in task.items for answer in accepted)
    longest = build_prompt(task.form, task.shots, max(sources, key=len))
    assert len(gpt2.tokenizer(longest)["input_ids"]) < 1000


@pytest.mark.parametrize("name", [name for name in TASKS if table_of(PAGE, f"tasks/{name}.toml").get("labels")])
def test_fixed_answers_are_balanced(name: str) -> None:
    task = read_task(table_of(PAGE, f"tasks/{name}.toml"))
    for answers in ([answer for _, answer in task.shots], [accepted[0] for _, accepted in task.items]):
        counts = Counter(answers)
        assert set(counts) == set(task.labels)
        assert max(counts.values()) - min(counts.values()) <= max(1, len(answers) // 10)


def test_sums_are_right() -> None:
    task = read_task(table_of(PAGE, "tasks/arithmetic.toml"))
    for source, answer in [*task.shots, *((source, accepted[0]) for source, accepted in task.items)]:
        left, sign, right = source.rstrip("= ").split()
        assert int(answer) == (int(left) + int(right) if sign == "+" else int(left) - int(right))


def test_scrambled_words_have_the_same_letters() -> None:
    task = read_task(table_of(PAGE, "tasks/unscrambling.toml"))
    for source, answer in [*task.shots, *((source, accepted[0]) for source, accepted in task.items)]:
        assert sorted(source.replace(" ", "")) == sorted(answer)
        assert source != answer


def test_every_question_about_the_one_text_holds_it_once() -> None:
    one_text = table_of(PAGE, "one_text.toml")
    assert len(one_text["ask"]) >= 5
    for ask in one_text["ask"]:
        assert ask["prompt"].count("{text}") == 1
        assert ask["name"]["en"]
        assert ask["name"]["ko"]


@pytest.mark.parametrize("name", [name for name in TASKS if table_of(PAGE, f"tasks/{name}.toml").get("labels")])
def test_the_first_items_are_balanced_too(name: str) -> None:
    """The page measures on the first of them."""
    task = read_task(table_of(PAGE, f"tasks/{name}.toml"))
    for number in (20, 40):
        counts = Counter(accepted[0] for _, accepted in task.items[:number])
        assert all(abs(counts[label] / number - 1 / len(task.labels)) <= 0.1 for label in task.labels)


def test_a_summary_that_copies_the_first_sentence_does_not_count() -> None:
    task = read_task(table_of(PAGE, "tasks/summary.toml"))
    assert task.contains
    for source, words in task.items:
        first = source.split(". ")[0].lower()
        assert not any(word.lower() in first for word in words), source
        assert any(word.lower() in source.lower() for word in words), source


def test_corrected_sentences_differ_from_the_wrong_ones() -> None:
    task = read_task(table_of(PAGE, "tasks/grammar.toml"))
    assert all(source != target for source, target in task.shots)
    assert not any(source in accepted for source, accepted in task.items)
