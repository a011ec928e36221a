"""Files in SQuAD's format, and scores as the official script gives them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from models import squad
from models.loading import LoadedModel
from models.question_answering import answer
from models.results import BestSpan, PlaygroundError, SquadQuestion
from models.squad import UNREADABLE, best_answers, bundled_questions, evaluate, read_squad, threshold_curve
from models.squad_metrics import best_scores

CONTEXT = "Maria sold the blue boat to Tom in 1987. Tom painted it green."


@pytest.mark.parametrize(
    ("prediction", "references", "exact", "overlap"),
    [
        ("the blue boat", ["blue boat"], 1, 1),
        ("Blue  Boat!", ["a blue, boat"], 1, 1),
        ("boat", ["blue boat"], 0, 2 / 3),
        ("boat boat", ["blue boat"], 0, 1 / 2),
        ("1987", ["in 1987", "1987"], 1, 1),
        ("Tom", ["Maria"], 0, 0),
        ("", [], 1, 1),  # refused, and there was nothing to find
        ("Tom", [], 0, 0),
        ("", ["Tom"], 0, 0),
        ("the", [], 1, 1),  # nothing is left of it: as the official script has it
        ("Tom", ["the", "!"], 0, 0),  # references of which nothing is left count as none
        ("", ["the"], 1, 1),
        ("", ["the", "Tom"], 0, 0),
        ("톰에게", ["톰"], 0, 0),  # words between spaces: SQuAD's F1 knows no particles
        ("1987년에 톰", ["톰"], 0, 2 / 3),
    ],
)
def test_scores_are_the_official_ones(prediction: str, references: list[str], exact: float, overlap: float) -> None:
    assert best_scores(prediction, references) == (exact, pytest.approx(overlap))


def file_of(**changes: Any) -> dict[str, Any]:
    qa = {
        "id": "q1",
        "question": "Who sold the boat?",
        "answers": [{"text": "Maria", "answer_start": 0}],
        "is_impossible": False,
        **changes,
    }
    return {"version": "v2.0", "data": [{"title": "Boats", "paragraphs": [{"context": CONTEXT, "qas": [qa]}]}]}


def read(value: object) -> tuple[SquadQuestion, ...]:
    return read_squad(json.dumps(value).encode())


def test_both_formats_are_read() -> None:
    [question] = read(file_of())
    assert question == SquadQuestion("q1", "Boats", "Who sold the boat?", CONTEXT, (("Maria", 0),))
    [question] = read(file_of(answers=[], is_impossible=True, plausible_answers=[{"text": "Tom", "answer_start": 28}]))
    assert question.answers == ()
    [question] = read(file_of(is_impossible=True))
    assert question.answers == (), "what is marked as impossible has no answer, whatever is listed"
    old = file_of()
    del old["data"][0]["paragraphs"][0]["qas"][0]["is_impossible"]
    [question] = read(old)
    assert question.answers == (("Maria", 0),)
    old["data"][0]["paragraphs"][0]["qas"][0]["answers"] = []
    assert read(old)[0].answers == (), "nothing says that it has an answer"
    [question] = read(file_of(question="Who\ud800 sold the boat?"))
    assert question.question == "Who\ufffd sold the boat?", "half a character can be drawn nowhere"
    [question] = read(file_of(id="\ud800", kind="a\nb " + "c" * 500))
    assert (question.id, question.kind[:4], len(question.kind)) == ("\ufffd", "a b ", 100)
    [question] = read(file_of(id=None, kind=["negation"]))
    assert (question.id, question.kind) == ("0", ""), "only a text is a name"
    assert read_squad(b"\xef\xbb\xbf" + json.dumps(file_of()).encode())[0].id == "q1"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({}, r"data is not a list"),
        ([], r"data is not a list"),
        ({"data": []}, "no question"),
        ({"data": [1]}, r"data\[0\] is not an object"),
        ({"data": [{"title": "x"}]}, r"data\[0\]\.paragraphs is not a list"),
        ({"data": [{"paragraphs": [{"qas": []}]}]}, r"data\[0\]\.paragraphs\[0\]\.context"),
        ({"data": [{"paragraphs": [{"context": "x", "qas": {}}]}]}, r"paragraphs\[0\]\.qas is not a list"),
        (file_of(question=" "), r"data\[0\]\.paragraphs\[0\]\.qas\[0\]\.question"),
        (file_of(answers="Maria"), r"qas\[0\]\.answers is not a list"),
        (file_of(answers=[]), r"qas\[0\]\.answers is empty"),
        (file_of(answers=[{"text": "Maria"}]), r"answers\[0\]\.answer_start"),
        (file_of(answers=[{"text": "Maria", "answer_start": True}]), r"answers\[0\]\.answer_start is not a whole"),
        (file_of(answers=[{"text": 7, "answer_start": 0}]), r"answers\[0\]\.text"),
    ],
)
def test_a_malformed_file_names_the_entry(value: object, sentence: str) -> None:
    with pytest.raises(PlaygroundError, match=sentence):
        read(value)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"{", b"[" * 100_000])
def test_what_is_no_json_is_a_sentence(content: bytes) -> None:
    with pytest.raises(PlaygroundError, match="not JSON"):
        read_squad(content)


def question(number: int, *answers: str, kind: str = "plain") -> SquadQuestion:
    return SquadQuestion(
        str(number), "t", f"Question {number}?", CONTEXT, tuple((a, CONTEXT.index(a)) for a in answers), kind
    )


QUESTIONS = [
    question(1, "Maria"),
    question(2, "blue boat", kind="numbers"),
    question(3, kind="unanswerable"),
    question(4, "1987", kind="numbers"),
]
BEST = [
    BestSpan("Maria", 0, 5, -4.0),
    BestSpan("boat", 20, 24, -2.0),
    BestSpan("Tom", 28, 31, 1.0),
    BestSpan("Tom", 28, 31, 3.0),
]


def test_scores_by_kind_and_the_worst_first() -> None:
    found = evaluate(QUESTIONS, BEST, threshold=0.0)
    assert (found.total.questions, found.answerable.questions, found.unanswerable.questions) == (4, 3, 1)
    assert found.total.exact_match == pytest.approx((1 + 0 + 1 + 0) / 4)
    assert found.total.f1 == pytest.approx((1 + 2 / 3 + 1 + 0) / 4)
    assert found.unanswerable.f1 == 1
    assert [(score.name, score.questions) for score in found.kinds] == [
        ("plain", 1),
        ("numbers", 2),
        ("unanswerable", 1),
    ]
    assert [one.question.id for one in found.outcomes] == ["4", "2", "1", "3"]
    assert found.outcomes[0].prediction == ""
    assert found.languages == ()
    spoken = [replace(one, language=name) for one, name in zip(QUESTIONS, ("en", "ko", "en", "ko"), strict=True)]
    languages = evaluate(spoken, BEST, threshold=0.0).languages
    assert [(one.name, one.questions, one.f1) for one in languages] == [("en", 2, 1.0), ("ko", 2, pytest.approx(1 / 3))]
    assert evaluate(QUESTIONS, BEST, threshold=2.0).unanswerable.f1 == 0


def test_a_file_is_read_once_and_its_answers_are_scored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.dumps(file_of(id="read once"))
    assert read_squad(content.encode()) is read_squad(content.encode())
    questions = [*QUESTIONS, question(5, "green", kind="once")]
    best = [*BEST, BestSpan("the green", 52, 57, 0.5)]
    scored: list[str] = []

    def count(prediction: str, references: list[str]) -> tuple[float, float]:
        scored.append(prediction)
        return best_scores(prediction, references)

    monkeypatch.setattr(squad, "best_scores", count)
    for threshold in (-30.0, -3.0, 0.0, 0.5, 2.0, 30.0):
        for one in evaluate(questions, best, threshold).outcomes:
            expected = best_scores(one.prediction, [text for text, _ in one.question.answers])
            assert (one.exact_match, one.f1) == expected
            assert (one.prediction == "") == (one.best.null_margin > threshold)
    assert len(scored) == 2 * len(questions), "with an answer, and refused: the threshold only chooses"


def test_the_curve_is_the_evaluation_at_each_threshold() -> None:
    curve = threshold_curve(QUESTIONS, BEST)
    assert curve.thresholds.tolist() == [-5.0, -4.0, -2.0, 1.0, 3.0]
    for threshold, squad_f1 in zip(curve.thresholds, curve.squad_f1, strict=True):
        assert squad_f1 == pytest.approx(evaluate(QUESTIONS, BEST, float(threshold)).total.f1)
    assert curve.precision.tolist() == pytest.approx([1, 1, (1 + 2 / 3) / 2, (1 + 2 / 3) / 3, (1 + 2 / 3) / 4])
    assert curve.recall.tolist() == pytest.approx([0, 1 / 3, (1 + 2 / 3) / 3, (1 + 2 / 3) / 3, (1 + 2 / 3) / 3])
    assert curve.best_threshold == -2.0
    assert curve.f1[0] == 0, "nothing is answered"
    for precision, recall, f1 in list(zip(curve.precision, curve.recall, curve.f1, strict=True))[1:]:
        assert f1 == pytest.approx(2 / (1 / precision + 1 / recall)), "their harmonic mean"


def test_the_curve_is_the_evaluation_where_nothing_is_left_of_an_answer_too() -> None:
    """To answer "the" where there is nothing to find is right, as the official script has it."""
    questions, best = [*QUESTIONS, question(5)], [*BEST, BestSpan("the", 11, 14, 2.0)]
    curve = threshold_curve(questions, best)
    for threshold, squad_f1 in zip(curve.thresholds, curve.squad_f1, strict=True):
        assert squad_f1 == pytest.approx(evaluate(questions, best, float(threshold)).total.f1)
    assert curve.recall[-1] == pytest.approx((1 + 2 / 3) / 3), "there is nothing to find"


def test_questions_in_batches_are_answered_as_one_by_one(random_reader: LoadedModel) -> None:
    long = " ".join([CONTEXT] * 12)
    questions = tuple(
        SquadQuestion(str(number), "", f"Who is number {number}?", context, ())
        for number, context in enumerate([CONTEXT, long, "Tom.", long + " Maria", CONTEXT * 2, "e\u0301", "𒀀𒁀"] * 12)
    )
    seen: list[tuple[int, int]] = []
    found = best_answers(
        random_reader, questions, max_length=64, doc_stride=16, on_progress=lambda *done: seen.append(done)
    )
    assert seen[-1] == (len(questions), len(questions))
    assert seen == sorted(seen)
    for asked, best in zip(questions, found, strict=True):
        if asked.context == "𒀀𒁀":
            assert best == BestSpan("", 0, 0, UNREADABLE)
            continue
        alone = answer(random_reader, asked.question, asked.context, max_length=64, doc_stride=16)
        assert (best.start, best.end, best.text) == (alone.spans[0].start, alone.spans[0].end, alone.spans[0].text)
        assert best.null_margin == pytest.approx(alone.null_margin, abs=1e-4)


def test_a_test_that_was_stopped_goes_on_where_it_was(random_reader: LoadedModel) -> None:
    questions = tuple(SquadQuestion(str(number), "", f"Who stopped at {number}?", CONTEXT, ()) for number in range(150))

    def stop(done: int, total: int) -> None:
        if done > 70:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        best_answers(random_reader, questions, on_progress=stop)
    seen: list[tuple[int, int]] = []
    found = best_answers(random_reader, questions, on_progress=lambda *done: seen.append(done))
    assert seen[0] == (64, 150)
    assert seen[-1] == (150, 150)
    assert len(found) == 150


# --- the bundled set ---------------------------------------------------------------------------------------------


def test_the_bundled_set_holds_what_it_promises() -> None:
    questions = bundled_questions()
    assert len(questions) >= 60
    assert len({question.id for question in questions}) == len(questions)
    kinds = {question.kind for question in questions}
    assert kinds >= {"plain", "negation", "swapped roles", "numbers", "paraphrase", "distractor", "unanswerable"}
    for language in ("en", "ko"):
        own = [question for question in questions if question.language == language]
        assert len(own) >= 15
        assert any(not question.answers for question in own)


@pytest.mark.parametrize("question", bundled_questions(), ids=lambda question: question.id)
def test_every_bundled_answer_stands_at_its_offset(question: SquadQuestion) -> None:
    assert bool(question.answers) == (question.kind != "unanswerable")
    for text, start in question.answers:
        assert question.context[start : start + len(text)] == text
    assert len(question.context.split()) <= 120


def test_the_embedded_model_finds_most_plain_answers_and_its_limits_show(squad_model: LoadedModel) -> None:
    questions = tuple(question for question in bundled_questions() if question.language == "en")
    found = evaluate(questions, best_answers(squad_model, questions), threshold=0.0)
    by_kind = {score.name: score.f1 for score in found.kinds}
    assert by_kind["plain"] > 0.7
    assert found.answerable.f1 > 0.5
    assert found.total.f1 < 1
