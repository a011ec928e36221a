"""A question about a passage, answered by a causal model, which only goes on with the text."""

from __future__ import annotations

import re

from models.generation import generate
from models.loading import LoadedModel
from models.results import GenerationSettings, PlaygroundError, SpanPrediction, WrittenAnswer
from models.squad_metrics import f1
from models.tokenization import whole_words

__all__ = ["write_answer"]

LONGEST = 30  # tokens


def write_answer(
    loaded: LoadedModel, question: str, context: str, marked: SpanPrediction | None = None
) -> WrittenAnswer:
    """The passage, "Q:" with the question and "A:" are read, and greedy tokens follow up to the end of the line.

    As Radford et al. 2019, section 3.5, ask about the passages of CoQA. ``marked`` is the answer of a model for questions.
    Raises PlaygroundError where question or passage is empty, or both do not fit the window.
    """
    if not question.strip() or not context.strip():
        raise PlaygroundError("A question and a passage are needed.", "질문과 지문이 모두 필요합니다.")
    prompt = f"{context.strip()}\n\nQ: {question.strip()}\nA:"
    *_, written = generate(loaded, prompt, GenerationSettings(max_new_tokens=LONGEST, stop=("\n",)))
    text = written.text.strip()
    said = text.rstrip(".")
    found = re.search(whole_words(said).pattern, context, re.IGNORECASE) if said else None
    return WrittenAnswer(
        model=loaded.origin.name,
        prompt=prompt,
        text=text,
        steps=written.steps,
        place=found.span() if found else None,
        f1=f1(text, marked.answer.text) if marked and marked.answer else None,
    )
