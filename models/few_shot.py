"""The GPT-3 curve, measured here: accuracy against the number of examples in the prompt.

Brown et al. 2020, section 3 and figure 1.2. Where the answers are fixed the most probable label is the answer;
elsewhere the first line of a greedy continuation is, and it has to be one of the accepted answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.compute import computed_once
from models.generation import generate, score
from models.loading import LoadedModel
from models.prompting import CONTENT_FREE, build_prompt, choose_shots
from models.results import FewShotRun, GenerationSettings, ItemResult, PromptFormat, Task

__all__ = ["few_shot_run", "read_task"]

_ANSWER_TOKENS = 12


@computed_once
def few_shot_run(
    loaded: LoadedModel,
    task: Task,
    shots: int,
    seed: int,
    items: int,
    *,
    order: int = 0,
    flip: bool = False,
    calibrate: bool = False,
    on_progress: Callable[[float], None] | None = None,
) -> FewShotRun:
    """Ask the first ``items`` items behind the same examples; one point of one line of the curve.

    ``seed``, ``order`` and ``flip`` are those of :func:`models.prompting.choose_shots`; ``calibrate`` chooses the label
    by its calibrated score; ``on_progress`` gets the share of the items that is done. Raises PlaygroundError where the
    examples do not fit the model's window.
    """
    examples = choose_shots(task.shots, shots, seed, task.labels, flip=flip, order=order)
    content_free = build_prompt(task.form, examples, CONTENT_FREE) if calibrate else None
    found = []
    for number, (source, accepted) in enumerate(task.items[:items]):
        if on_progress is not None:
            on_progress(number / items)
        prompt = build_prompt(task.form, examples, source)
        answer = _choose(loaded, prompt, task.labels, content_free) if task.labels else _say(loaded, prompt, task.stop)
        found.append(ItemResult(source, answer, accepted, _is_right(answer, accepted, task.contains)))
    return FewShotRun(loaded.origin.name, shots, seed, order, flip, tuple(found))


def _choose(loaded: LoadedModel, prompt: str, labels: Sequence[str], content_free: str | None) -> str:
    scored = score(loaded, prompt, tuple(f" {label}" for label in labels), content_free)
    return max(scored, key=lambda one: one.calibrated).candidate.strip()


def _say(loaded: LoadedModel, prompt: str, stop: str) -> str:
    settings = GenerationSettings(max_new_tokens=_ANSWER_TOKENS, stop=(stop,))
    *_, last = generate(loaded, prompt, settings)
    return last.text.strip()


def _is_right(answer: str, accepted: Sequence[str], contains: bool) -> bool:
    said, right = _normal(answer), [_normal(one) for one in accepted]
    return any(one in said for one in right) if contains else said in right


def _normal(answer: str) -> str:
    return answer.strip().rstrip(".!").strip().lower()


def read_task(written: Mapping[str, Any]) -> Task:
    """A task from its file in ``content/prompt_lab/tasks/``."""
    form = PromptFormat(written.get("instruction", ""), written["input_label"], written["output_label"])
    return Task(
        form=form,
        labels=tuple(written.get("labels", ())),
        shots=tuple((shot["input"], shot["output"]) for shot in written["shot"]),
        items=tuple((item["input"], tuple(item.get("outputs", [item.get("output", "")]))) for item in written["item"]),
        stop=written.get("stop", ["\n"])[0],
        contains=written.get("match") == "contains",
    )
