"""Prompts: instruction, examples, and the question, as one text.

Brown et al. 2020, section 2 and figure 2.1: zero-shot, one-shot, few-shot; no gradient, the examples are only read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.results import PlaygroundError, PromptFormat, Shot

__all__ = ["CONTENT_FREE", "build_prompt", "choose_shots", "gpt1_sequence"]

CONTENT_FREE = "N/A"  # an input that says nothing (Zhao et al. 2021, section 5)


def build_prompt(form: PromptFormat, shots: Sequence[Shot], question: str) -> str:
    """The text that the model goes on from; it ends with the label of the output, without a space behind it.

    >>> build_prompt(PromptFormat("", "Q:", "A:"), [("1 + 1?", "2")], "2 + 2?")
    'Q: 1 + 1?\\nA: 2\\n\\nQ: 2 + 2?\\nA:'

    Raises PlaygroundError where an example or the question is empty.
    """
    if any(not source.strip() or not target.strip() for source, target in shots):
        raise PlaygroundError(
            "An example has an empty side. Fill it in, or delete its row.",
            "비어 있는 칸이 있는 예시가 있습니다. 채우거나 그 줄을 지워 주세요.",
        )
    if not question.strip():
        raise PlaygroundError("There is no input to ask about.", "물어볼 입력이 비어 있습니다.")
    parts = [form.instruction.strip()] if form.instruction.strip() else []
    parts += [_example(form, source, target) for source, target in shots]
    parts.append(_example(form, question, ""))
    return form.separator.join(parts)


def _example(form: PromptFormat, source: str, target: str) -> str:
    before = " ".join(part for part in (form.input_label, source.strip()) if part)
    return form.line.join(part for part in (before, f"{form.output_label} {target.strip()}".strip()) if part)


def choose_shots(
    pool: Sequence[Shot], number: int, seed: int, labels: Sequence[str] = (), *, flip: bool = False, order: int = 0
) -> list[Shot]:
    """Some examples of a pool in random order: the first ``number`` of one permutation, so that more keep the fewer.

    ``order`` other than 0 puts the same examples in another order (Lu et al. 2022). ``flip`` gives each example the next
    wrong label of ``labels`` (Min et al. 2022, section 4).
    """
    if number > len(pool):
        raise PlaygroundError(
            f"There are only {len(pool)} examples to choose from.", f"고를 수 있는 예시가 {len(pool)}개뿐입니다."
        )
    chosen = np.random.default_rng(seed).permutation(len(pool))[:number]
    if order:
        chosen = np.random.default_rng(order).permutation(chosen)
    shots = [pool[place] for place in chosen]
    if not flip or len(labels) < 2:
        return shots
    return [(source, labels[(labels.index(target) + 1) % len(labels)]) for source, target in shots]


def gpt1_sequence(text: str, pair: str | None = None) -> tuple[str, ...]:
    """How GPT-1 writes the same input for fine-tuning (Radford et al. 2018, section 3.3 and figure 1).

    A new linear layer reads the last position, the extract token; start, delimiter and extract are new tokens.
    """
    return ("<s>", text, "<e>") if pair is None else ("<s>", text, "$", pair, "<e>")
