"""The GPT-3 curve, measured here: accuracy against the number of examples in the prompt.

Brown et al. 2020, section 3 and figure 1.2. Where the answers are fixed the most probable label is the answer;
elsewhere the first line of a greedy continuation is, and it has to be one of the accepted answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from models.compute import computed_once
from models.generation import generate, score
from models.loading import LoadedModel
from models.prompting import CONTENT_FREE, build_prompt, choose_shots
from models.results import FewShotPoint, FewShotRun, GenerationSettings, ItemResult, PromptFormat, Task
from models.shares import share_of

__all__ = ["few_shot_points", "few_shot_run", "read_task"]

_ANSWER_TOKENS = 12
_RESAMPLES = 2_000


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


def few_shot_points(runs: Sequence[FewShotRun]) -> tuple[FewShotPoint, ...]:
    """The curve of these runs: for each model and kind of labels, its points in the order of their shots.

    The interval is the wider of two: the bootstrap over items and draws together, since the same items are asked in
    every draw, and Wilson's for that many items, which does not vanish where all of them are right.
    """
    groups: dict[tuple[str, bool, int], list[FewShotRun]] = defaultdict(list)
    for run in runs:
        groups[run.model, run.flipped, run.shots].append(run)
    points = []
    for (model, flipped, shots), own in sorted(groups.items()):
        right = np.array([[item.right for item in run.items] for run in own], dtype=float)  # (draws, items)
        draws, items = right.shape
        random = np.random.default_rng(0)
        rows = random.integers(draws, size=(_RESAMPLES, draws, 1))
        columns = random.integers(items, size=(_RESAMPLES, 1, items))
        low, high = np.quantile(right[rows, columns].mean((1, 2)), (0.025, 0.975))
        mean = float(right.mean())
        wilson = share_of(round(mean * items), items)
        low, high = min(float(low), wilson.low), max(float(high), wilson.high)
        points.append(FewShotPoint(model, flipped, shots, draws, mean, low, high))
    return tuple(points)


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
