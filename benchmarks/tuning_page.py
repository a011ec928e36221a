"""Training in the page, beside the same loop in plain Transformers."""

from __future__ import annotations

import contextlib
import io
from statistics import median

from benchmarks.prompt_page import seconds
from benchmarks.rows import Row
from components.tuning_controls import as_code, bundled, examples_as_code
from models.fine_tuning import fine_tune
from models.loading import load_model
from models.results import LabelledExample, TuningSettings
from tests.pages.shown_code import run_code

PAGE = "fine_tuning_heads"


def run() -> list[Row]:
    """Encoder and head on the page's own examples, as many epochs as there by default. The script includes loading the model."""
    loaded, rows = load_model("mini-bert", "Model"), []
    for task, script in (("single", "train"), ("tagging", "tagging")):
        settings = TuningSettings(task=task)  # type: ignore[arg-type]
        examples = tuple(bundled(task))
        record = fine_tune(loaded, examples, settings).record
        values = {"model_id": "mini-bert", **as_code(settings), **examples_as_code(record)}

        def ours(examples: tuple[LabelledExample, ...] = examples, settings: TuningSettings = settings) -> None:
            fine_tune(loaded, examples, settings)

        def theirs(script: str = script, values: dict[str, object] = values) -> None:
            with contextlib.redirect_stdout(io.StringIO()):
                run_code(PAGE, script, values)

        fast, plain = median(seconds(ours) for _ in range(3)), median(seconds(theirs) for _ in range(3))
        rows.append(
            Row(
                f"training: {len(examples)} examples, {task}",
                fast,
                plain,
                "s",
                "plain script",
                "≤ 60 s",
            )
        )
    return rows
