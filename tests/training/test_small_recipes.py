"""The student that learns from mini-bert, and the head for the order of sentences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import BertForPreTraining, ElectraForMaskedLM

from training import evaluate, mini_sop, mini_student
from training.masking import CLS, SEP, sentence_pairs
from training.mini_bert import masked_batch
from training.mini_sop import LONGEST, Openings
from training.wikipedia import Corpus


@pytest.fixture(scope="module")
def teacher() -> BertForPreTraining:
    return mini_student.load_teacher()


@pytest.fixture(scope="module")
def student(teacher: BertForPreTraining) -> ElectraForMaskedLM:
    return mini_student.build(teacher, seed=0).eval()


@pytest.fixture
def batch(corpus: Corpus) -> dict[str, torch.Tensor]:
    rng = np.random.default_rng(0)
    return masked_batch(sentence_pairs(corpus, rng, 4, 40), rng)


def test_the_masked_loss_is_that_of_transformers(student: ElectraForMaskedLM, batch: dict[str, torch.Tensor]) -> None:
    labels = torch.full_like(batch["input_ids"], -100).scatter(1, batch["positions"], batch["labels"])
    names = ("input_ids", "token_type_ids", "attention_mask")
    expected = student(**{name: batch[name] for name in names if name in batch}, labels=labels).loss
    torch.testing.assert_close(mini_student.alone_losses(student, batch)["mlm"], expected)


def test_soft_targets_by_the_definition() -> None:
    mine, theirs = torch.randn(5, 7), torch.randn(5, 7)
    p, q = (theirs / 2).softmax(-1), (mine / 2).softmax(-1)
    expected = 4 * (p * (p / q).log()).sum(-1).mean()
    torch.testing.assert_close(mini_student.soft_target_loss(mine, theirs, 2.0), expected)
    assert mini_student.soft_target_loss(theirs, theirs, 2.0).abs() < 1e-6


def test_every_loss_is_at_hand_and_reaches_the_student(
    student: ElectraForMaskedLM, teacher: BertForPreTraining, batch: dict[str, torch.Tensor]
) -> None:
    parts = mini_student.losses(student, teacher, batch, temperature=2.0)
    assert list(parts) == list(mini_student.WEIGHTS)
    for name, loss in parts.items():
        student.zero_grad()
        loss.backward(retain_graph=True)
        assert any(weight.grad is not None and weight.grad.any() for weight in student.parameters()), name


def test_the_student_begins_with_what_the_teacher_has_in_its_embeddings(
    student: ElectraForMaskedLM, teacher: BertForPreTraining
) -> None:
    words, positions = (
        getattr(teacher.bert.embeddings, part).weight for part in ("word_embeddings", "position_embeddings")
    )
    basis = student.projection.embeddings.weight
    torch.testing.assert_close(basis.T @ basis, torch.eye(128), atol=1e-4, rtol=0)
    kept = student.electra.embeddings.position_embeddings.weight.square().sum() / positions.square().sum()
    assert kept > 0.9  # a cut by the words alone keeps a third
    assert student.electra.embeddings.word_embeddings.weight.square().sum() / words.square().sum() > 0.5


@pytest.fixture
def openings() -> Openings:
    first, second = np.zeros((2, 6, LONGEST), np.uint16)
    for row in range(6):
        first[row, : 5 + row], second[row, : 9 - row] = 1000 + row, 2000 + row
    return Openings(first, second, np.arange(6))


def test_half_of_the_pairs_are_swapped_and_labelled_so(openings: Openings) -> None:
    batch = mini_sop.order_batch(openings, np.arange(6), np.random.default_rng(1))
    assert 0 < batch["labels"].sum() < 6
    for row, swapped in enumerate(batch["labels"].tolist()):
        ids = [token for token in batch["input_ids"][row].tolist() if token]
        a, b = [1000 + row] * (5 + row), [2000 + row] * (9 - row)
        assert ids == [CLS, *(b if swapped else a), SEP, *(a if swapped else b), SEP]
        assert batch["token_type_ids"][row].sum() == len(a if swapped else b) + 1
        assert batch["attention_mask"][row].sum() == len(ids)


def test_words_of_a_swapped_pair_change_their_sign(openings: Openings) -> None:
    rows = np.arange(6)
    right, swapped = (evaluate.word_order(openings, rows, np.full(6, value)) for value in (False, True))
    assert right[2, 1002] == 7
    assert right[2, 2002] == -7
    assert abs(right + swapped).sum() == 0


def test_only_the_head_learns() -> None:
    learned = {name for name, weight in mini_sop.build(0).named_parameters() if weight.requires_grad}
    assert learned
    assert all(name.startswith(mini_sop.LEARNED) for name in learned)


def test_what_stands_in_the_repository_tells_an_opening_from_its_reverse() -> None:
    """Three plain cases, so that a broken file is noticed; the figures stand in the card."""
    from training.encoder import tokenizer

    pairs = [
        ("The bridge was built in 1932 by a local company.", "It was closed for repairs ten years later."),
        ("Marie Curie was a physicist born in Warsaw.", "She later moved to Paris to study."),
        ("The red fox is the largest of the true foxes.", "However, it is also found in cities."),
    ]
    model = mini_sop.load()
    for first, second in pairs:
        both = tokenizer()([first, second], [second, first], return_tensors="pt", padding=True)
        right, swapped = model(**both).logits.softmax(-1)[:, 0].tolist()
        assert right > swapped, first
