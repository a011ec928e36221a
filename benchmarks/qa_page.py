"""Milliseconds per question for passages of 128, 384 and 5,000 words: the model layer and the whole page, beside the
bare model calls and beside the script that Transformers' documentation leads to (version 5 has no pipeline for it)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from streamlit.testing.v1 import AppTest

from benchmarks.rows import Row, median_ms
from models.catalogue import ROOT, entry, is_embedded
from models.compute import forget_results
from models.loading import LoadedModel, load_model
from models.question_answering import DOC_STRIDE, LONGEST_ANSWER, MAX_LENGTH, answer

NAME = "mini-bert-squad"
SENTENCES = (
    "The old bridge over the river was built by the people of the lower town. ",
    "In spring the water rises, and for a week the street can be crossed only by boat. ",
    "A baker has the key of the tower, and whoever wants to see the view has to buy a loaf. ",
)


def _passage(words: int) -> str:
    return " ".join(("".join(SENTENCES) * (words // 30 + 1)).split()[:words])


def _encode(loaded: LoadedModel, question: str, context: str) -> Any:
    return loaded.tokenizer.tokenizer(
        question,
        context,
        truncation="only_second",
        max_length=MAX_LENGTH,
        stride=DOC_STRIDE,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding=True,
        return_tensors="pt",
    )


def _script(loaded: LoadedModel, question: str, context: str) -> str:
    """What a reader of the documentation writes: one call for all windows, then the best pair of each."""
    encoding = _encode(loaded, question, context)
    with torch.inference_mode():
        outputs = loaded.model(**{name: encoding[name] for name in loaded.tokenizer.tokenizer.model_input_names})
    best = (-np.inf, "")
    for number in range(len(encoding["input_ids"])):
        inside = torch.tensor([part == 1 for part in encoding.sequence_ids(number)])
        score = outputs.start_logits[number][:, None] + outputs.end_logits[number][None, :]
        allowed = torch.ones_like(score).triu().tril(LONGEST_ANSWER - 1).bool() & inside & inside[:, None]
        score = score.masked_fill(~allowed, -torch.inf)
        i, j = divmod(int(score.argmax()), len(score))
        first, last = encoding["offset_mapping"][number, i, 0], encoding["offset_mapping"][number, j, 1]
        best = max(best, (float(score[i, j]), context[first:last]))
    return best[1]


def run() -> list[Row]:
    """Each figure for questions that nobody asked before; without the weights there is nothing to time."""
    if not is_embedded(entry(NAME)):
        print(f"{NAME} is not in the repository: no timings of the QA page")
        return []
    loaded = load_model(NAME, "QuestionAnswering")
    rows = []
    for words, repeats in ((128, 20), (384, 15), (5_000, 3)):
        context = _passage(words)
        encoding = _encode(loaded, "Who has the key of tower number 0?", context)
        inputs = {name: encoding[name] for name in loaded.tokenizer.tokenizer.model_input_names}

        def bare(number: int, inputs: Any = inputs) -> None:
            with torch.inference_mode():
                loaded.model(**inputs)

        def layer(number: int, context: str = context) -> str:
            return answer(loaded, f"Who has the key of tower number {number}?", context).spans[0].text

        def script(number: int, context: str = context) -> str:
            return _script(loaded, f"Who has the key of tower number {number}?", context)

        assert layer(0) == script(0)
        forget_results()
        ours, bare_ms, script_ms = median_ms(layer, repeats), median_ms(bare, repeats), median_ms(script, repeats)
        windows = len(encoding["input_ids"])
        rows += [
            Row(
                f"question about {words:,} words ({windows} windows), model layer",
                ours,
                bare_ms,
                "ms",
                "bare model call",
            ),
            Row(
                f"question about {words:,} words ({windows} windows), model layer",
                ours,
                script_ms,
                "ms",
                "plain script",
            ),
        ]
    app = AppTest.from_file(str(ROOT / "pages" / "qa_highlighter.py"), default_timeout=60)
    app.query_params["context"] = context = _passage(128)
    app.run()

    def interact(number: int) -> None:
        app.text_input(key="question").set_value(f"Which boat has number {number}?").run()

    def alone(number: int) -> str:
        return _script(loaded, f"Which boat has number {number}?", context)

    rows.append(
        Row("new question about 128 words, whole page on the server", median_ms(interact, 15), median_ms(alone, 15), "ms",
            "plain script")
    )  # fmt: skip
    return rows
