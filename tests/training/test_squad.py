from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import PreTrainedTokenizerFast

from training.evaluate import overlap_answer
from training.mini_bert_squad import (
    negative_log_likelihood,
    order,
    threshold_that_keeps,
    window_batch,
    without_most_unanswerable,
)
from training.squad import Question, Windows, make_windows, pair_wrongly

LONG = " ".join(f"Number {number} was Mr. Smith's cat." for number in range(40))
QUESTIONS = [
    Question("1", "Rhine", "Where does it rise?", "The Rhine rises in the Alps.", (("the Alps", 19),)),
    Question("2", "Cats", "Which one?", LONG, (("Number 31", LONG.index("Number 31")),)),
    Question("3", "Cats", "Who?", "Nobody knows.", ()),
]


def test_windows_hold_the_answer_or_point_to_cls(wordpiece: PreTrainedTokenizerFast) -> None:
    windows = make_windows(QUESTIONS, wordpiece, max_length=64, doc_stride=16)
    assert set(windows.question.tolist()) == {0, 1, 2}
    holding = 0
    for window, owner in enumerate(windows.question):
        start, end = windows.start_positions[window], windows.end_positions[window]
        if start:
            characters = slice(windows.offsets[window, start, 0], windows.offsets[window, end, 1])
            assert QUESTIONS[owner].context[characters] == QUESTIONS[owner].answers[0][0]
            holding += 1
        else:
            assert end == 0
    assert holding >= 2  # one window of the Rhine, at least one of the cats
    covered = {
        int(character)
        for window in np.flatnonzero(windows.question == 1)
        for character in windows.offsets[window, windows.context_start[window] : windows.context_end[window], 0]
    }
    whole = wordpiece(LONG, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    assert covered == {start for start, _ in whole}


def test_a_batch_is_padded_no_further_than_needed(wordpiece: PreTrainedTokenizerFast) -> None:
    windows = make_windows(QUESTIONS[:1] * 3, wordpiece)
    batch = window_batch(windows, np.arange(3))
    expected = wordpiece(QUESTIONS[0].question, QUESTIONS[0].context)
    assert batch["input_ids"].shape == (3, 96)
    for name in ("input_ids", "token_type_ids", "attention_mask"):
        assert batch[name][0, : len(expected["input_ids"])].tolist() == expected[name]
    assert batch["attention_mask"].sum() == 3 * len(expected["input_ids"])


def test_an_answer_that_stands_twice_is_right_twice(wordpiece: PreTrainedTokenizerFast) -> None:
    text = "The Rhine rises in the Alps. Snow of the Alps feeds the river."
    at_second = Question("1", "Rhine", "What are the Alps?", text, (("the Alps", text.rindex("the Alps")),))
    windows = make_windows([at_second, QUESTIONS[2]], wordpiece)
    batch = window_batch(windows, np.arange(2))
    for name, side in (("starts", 0), ("ends", 1)):
        places = windows.offsets[0, np.flatnonzero(batch[name][0]), side]
        assert places.tolist() == [text.index("the Alps") + 8 * side, text.rindex("the Alps") + 8 * side]
        assert np.flatnonzero(batch[name][1]).tolist() == [0]  # without an answer: [CLS] alone


def test_the_loss_asks_for_any_right_place() -> None:
    logits = torch.randn(2, 5, generator=torch.manual_seed(0))
    logits[1, 4] = -torch.inf  # padding
    is_right = torch.tensor([[False, True, False, True, False], [True, False, False, False, False]])
    probabilities = logits.softmax(1)
    expected = -(torch.log(probabilities[0, 1] + probabilities[0, 3]) + torch.log(probabilities[1, 0])) / 2
    assert negative_log_likelihood(logits, is_right) == pytest.approx(float(expected))


def test_a_pass_sees_each_kept_window_once() -> None:
    count = 500
    empty = np.zeros((count, 4), np.uint16)
    ends = np.random.default_rng(0).integers(2, 200, count)
    windows = Windows(empty, ends, ends, ends, ends, ends, empty)
    kept = np.arange(count) % 5 > 0
    rows = order(windows, kept, 16, seed=3)
    assert rows.shape == (25, 16)
    assert len(np.unique(rows)) == rows.size
    assert kept[rows].all()


def test_of_the_unanswerable_questions_every_fourth_stays(wordpiece: PreTrainedTokenizerFast) -> None:
    questions = [*QUESTIONS[:2], *QUESTIONS[2:] * 8]  # numbers 4 and 8 of the eight that have no answer
    windows = make_windows(questions, wordpiece, max_length=64, doc_stride=16)
    kept = without_most_unanswerable(windows, 0.25)
    assert set(windows.question[kept].tolist()) == {0, 1, 4, 8}
    assert kept[windows.question == 1].all()  # also the windows of an answerable question that do not hold its answer


def test_a_wrong_paragraph_holds_no_answer() -> None:
    questions = [
        Question(str(number), f"article {number // 4}", "?", f"paragraph {number} by Ann", ((f"{number} by", 10),))
        for number in range(40)
    ]
    paired = pair_wrongly(questions, np.random.default_rng(0))
    assert len(paired) == 40
    for question, pair in zip(questions, paired, strict=True):
        assert pair.answers == ()
        assert pair.context != question.context
        if pair.id.endswith("-same"):
            number = int(pair.context.split()[1])
            assert f"article {number // 4}" == question.article


def test_an_answer_that_stands_everywhere_has_no_wrong_paragraph() -> None:
    questions = [Question(str(n), "a", "?", f"Ann {n}", (("Ann", 0),)) for n in range(4)]
    assert pair_wrongly(questions, np.random.default_rng(0)) == []


def test_the_threshold_keeps_the_share() -> None:
    f1 = np.array([1.0, 1.0, 0.0, 1.0, 1.0])
    margin = np.array([-4.0, -2.0, 3.0, -1.0, 2.0])
    assert threshold_that_keeps(f1, margin, share=0.75) == -1.0
    assert threshold_that_keeps(f1, margin, share=1.0) == 2.0


@pytest.mark.parametrize(
    ("question", "text", "margin"), [("Who built the mill?", "John Smith", 0.0), ("Who painted the mill?", "", 0.5)]
)
def test_the_overlap_baseline(question: str, text: str, margin: float) -> None:
    found = overlap_answer(Question("", "", question, "It rained. John Smith built the mill.", ()))
    assert found.null_margin == margin
    assert text in found.text
