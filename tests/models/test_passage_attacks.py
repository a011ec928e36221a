"""Changes to a passage that mean nothing to a person."""

from __future__ import annotations

import pytest

from models.passage_attacks import attack, distracting_sentence, sentence_around
from models.results import PlaygroundError

CONTEXT = "It rained in May 3.5 times as much. The bridge was built in 1256! Anna Vogel built it.\nShe was paid."


def place(text: str, context: str = CONTEXT) -> tuple[int, int]:
    return context.index(text), context.index(text) + len(text)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("May 3.5", "It rained in May 3.5 times as much."),
        ("1256", "The bridge was built in 1256!"),
        ("Anna Vogel", "Anna Vogel built it."),
        ("paid", "She was paid."),
        ("in 1256!", "The bridge was built in 1256!"),
        ("1256! Anna", "The bridge was built in 1256! Anna Vogel built it."),
    ],
)
def test_the_sentence_around_an_answer(answer: str, sentence: str) -> None:
    start, end = sentence_around(CONTEXT, *place(answer))
    assert CONTEXT[start:end] == sentence


@pytest.mark.parametrize(
    ("context", "answer", "left"),
    [
        ("桥建于1256年。它在1552年倒塌了。城里又建了一座。", "1552", "桥建于1256年。城里又建了一座。"),
        ("彼は来た。東京は広い。雨だ。", "東京", "彼は来た。雨だ。"),
        ("It rained. Dr. Anna J. Vogel was born in 1920. She moved.", "1920", "It rained. She moved."),
        (
            "It rained. Mrs. Vogel of St. Ives met Prof. Oh and Ms. Ray in 1920. She moved.",
            "1920",
            "It rained. She moved.",
        ),
        ("He said: “We left at six.” He nodded.", "six", "He nodded."),
    ],
)
def test_nothing_of_a_removed_sentence_stays(context: str, answer: str, left: str) -> None:
    assert attack("When?", context, *place(answer, context), kind="remove").context == left


@pytest.mark.parametrize(
    ("context", "answer", "sentence"),
    [
        (CONTEXT, "1256", "In another story: The bridge was built in 1273!"),
        (CONTEXT, "Anna Vogel", "In another story: Morgan Hill built it."),
        (CONTEXT, "paid", "In another story: She was green umbrellas."),
        ("지은이는 영희다. 끝.", "영희", "다른 이야기에서는: 지은이는 홍길동다."),
        ("Two people, 2 in all, met in 2012.", "2", "In another story: Two people, 19 in all, met in 2012."),
        ("Ann met Anna and Ann.", "Ann", "In another story: Morgan Hill met Anna and Morgan Hill."),
        ("It is 5 m² in all.", "m²", "In another story: It is 5 green umbrellas in all."),
        ("It is in C:\\data\\2019 now.", "C:\\data\\2019", "In another story: It is in C:\\data\\2036 now."),
    ],
)
def test_a_distracting_sentence_has_another_answer_of_the_same_type(context: str, answer: str, sentence: str) -> None:
    assert distracting_sentence(context, *place(answer, context)) == sentence


def test_each_attack_changes_one_thing() -> None:
    question = "When was the bridge built?"
    added = attack(question, CONTEXT, *place("1256"), kind="distract", sentence=" My own. ")
    assert added.context == CONTEXT + " My own."
    assert added.added is not None
    assert added.context[slice(*added.added)] == "My own."
    removed = attack(question, CONTEXT, *place("1256"), kind="remove")
    assert removed.context == "It rained in May 3.5 times as much. Anna Vogel built it.\nShe was paid."
    assert removed.removed == "The bridge was built in 1256!"
    deleted = attack(question, CONTEXT, *place("1256"), kind="delete", word="bridge")
    assert (deleted.question, deleted.context) == ("When was the built?", CONTEXT)
    again = attack("Is the cat on the mat?", CONTEXT, *place("1256"), kind="delete", word="the")
    assert again.question == "Is cat on the mat?"


def test_nothing_left_is_a_sentence() -> None:
    with pytest.raises(PlaygroundError, match="one sentence"):
        attack("Who?", "Anna built it.", 0, 4, kind="remove")
    with pytest.raises(PlaygroundError, match="one word"):
        attack("Who?", "Anna built it.", 0, 4, kind="delete", word="Who?")
