"""SQuAD as arrays: questions, questions without an answer, and windows over long paragraphs (Devlin et al. 2019, 4.2).

python -m training.squad        # writes the training windows once, some minutes
"""

from __future__ import annotations

import json
import lzma
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast

from training.encoder import tokenizer
from training.folders import data_folder, state_folder
from training.masking import SEP
from training.wikipedia import squad_dev

MAX_LENGTH = 256
DOC_STRIDE = 96  # tokens that two neighbouring windows of a paragraph share
MAX_QUESTION = 64
UNANSWERABLE_SHARE = 0.4  # unanswerable training questions for each answerable one
SAME_ARTICLE = 0.5  # of the wrong paragraphs come from the question's own article: refusing those takes reading


@dataclass(frozen=True)
class Question:
    id: str
    article: str
    question: str
    context: str
    answers: tuple[tuple[str, int], ...]  # text and where it starts in the context; none: unanswerable


def read(file: Path) -> list[Question]:
    """All questions of a file in SQuAD's official JSON format."""
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        articles = json.load(lines)["data"]
    return [
        Question(
            str(qa["id"]),
            article["title"],
            qa["question"].strip(),
            paragraph["context"],
            tuple((answer["text"], answer["answer_start"]) for answer in qa["answers"]),
        )
        for article in articles
        for paragraph in article["paragraphs"]
        for qa in paragraph["qas"]
    ]


def train_questions() -> list[Question]:
    """SQuAD 1.1 train without any article that also stands in dev."""
    titles, _ = squad_dev()
    questions = read(data_folder() / "squad" / "train-v1.1.json.xz")
    return [question for question in questions if question.article.replace("_", " ").casefold() not in titles]


def dev_questions() -> list[Question]:
    return read(data_folder() / "squad" / "dev-v1.1.json.xz")


def pair_wrongly(
    questions: Sequence[Question], rng: np.random.Generator, same_article: float = SAME_ARTICLE
) -> list[Question]:
    """Each question with a paragraph that does not answer it, so that "no answer" is right.

    With probability ``same_article`` it is another paragraph of the same article, otherwise one of any article. None
    of the question's answers occurs in it; a question for which ten tries find no such paragraph is left out.
    """
    by_article: dict[str, list[str]] = defaultdict(list)
    for context, article in dict.fromkeys((question.context, question.article) for question in questions):
        by_article[article].append(context)
    everywhere = [context for contexts in by_article.values() for context in contexts]
    paired = []
    for question in questions:
        near = rng.random() < same_article
        contexts = by_article[question.article] if near else everywhere
        for _ in range(10):
            context = contexts[int(rng.integers(len(contexts)))]
            if not any(text.lower() in context.lower() for text, _ in question.answers):
                kind = "same" if near else "any"
                paired.append(replace(question, id=f"{question.id}-{kind}", context=context, answers=()))
                break
    return paired


@dataclass(frozen=True)
class Windows:
    """W windows of L tokens, [CLS] question [SEP] piece of the paragraph [SEP] padding."""

    input_ids: NDArray[np.uint16]  # (W, L)
    context_start: NDArray[np.int16]  # (W,) first token of the paragraph
    context_end: NDArray[np.int16]  # (W,) one behind its last
    start_positions: NDArray[np.int16]  # (W,) of the answer; 0, the [CLS], where the window does not hold it
    end_positions: NDArray[np.int16]  # (W,) its last token
    question: NDArray[np.int32]  # (W,) which question the window belongs to
    offsets: NDArray[np.int16]  # (W, L, 2) characters of the paragraph that a token covers

    def save(self, folder: Path) -> None:
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path) -> Windows:
        return cls(*(np.load(folder / f"{field.name}.npy", mmap_mode="r") for field in fields(cls)))


def make_windows(
    questions: Sequence[Question],
    tokenizer: PreTrainedTokenizerFast,
    max_length: int = MAX_LENGTH,
    doc_stride: int = DOC_STRIDE,
) -> Windows:
    """Cut each paragraph into overlapping windows that fit behind the question."""
    parts = [
        _some_windows(questions[first : first + 2000], first, tokenizer, max_length, doc_stride)
        for first in range(0, len(questions), 2000)
    ]
    return Windows(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Windows)))


def _some_windows(
    questions: Sequence[Question], first: int, tokenizer: PreTrainedTokenizerFast, max_length: int, doc_stride: int
) -> Windows:
    short = _shorten([question.question for question in questions], tokenizer)
    encoded = tokenizer(
        short,
        [question.context for question in questions],
        truncation="only_second",
        max_length=max_length,
        stride=doc_stride,
        padding="max_length",
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_tensors="np",
    )
    input_ids, owner = encoded["input_ids"], np.asarray(encoded["overflow_to_sample_mapping"])
    offsets = np.asarray(encoded["offset_mapping"])
    context_start = (input_ids == SEP).argmax(1) + 1  # behind the first [SEP]
    context_end = encoded["attention_mask"].sum(1) - 1  # before the last one
    start_positions, end_positions = np.zeros(len(input_ids), np.int16), np.zeros(len(input_ids), np.int16)
    for window, index in enumerate(owner):
        for text, begin in questions[index].answers[:1]:
            inside = slice(context_start[window], context_end[window])
            starts, ends = offsets[window, inside, 0], offsets[window, inside, 1]
            if len(starts) and starts[0] <= begin and begin + len(text) <= ends[-1]:
                start_positions[window] = inside.start + np.searchsorted(ends, begin, side="right")
                end_positions[window] = inside.start + np.searchsorted(starts, begin + len(text)) - 1
    return Windows(
        input_ids.astype(np.uint16),
        context_start.astype(np.int16),
        context_end.astype(np.int16),
        start_positions,
        end_positions,
        (owner + first).astype(np.int32),
        offsets.astype(np.int16),
    )


def _shorten(texts: Iterable[str], tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """Questions cut after MAX_QUESTION tokens, since only the paragraph may be cut into windows."""
    texts = list(texts)
    offsets = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return [text[: spans[:MAX_QUESTION][-1][1]] if spans else text for text, spans in zip(texts, offsets, strict=True)]


def prepare(seed: int = 0) -> None:
    """Write the training windows into the state folder ``squad``."""
    rng = np.random.default_rng(seed)
    answerable = train_questions()
    chosen = rng.permutation(len(answerable))[: int(UNANSWERABLE_SHARE * len(answerable))]
    wrong = set(chosen.tolist())
    paired = [question for index, question in enumerate(pair_wrongly(answerable, rng)) if index in wrong]
    windows = make_windows([*answerable, *paired], tokenizer())
    windows.save(state_folder("squad"))
    print(f"{len(answerable):,} questions with an answer, {len(paired):,} without, {len(windows.question):,} windows")


if __name__ == "__main__":
    prepare()
