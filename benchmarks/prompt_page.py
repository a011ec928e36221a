"""The prompt lab's speed, beside plain Transformers on the same model in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import torch

from benchmarks.rows import Row
from components.content import table_of
from models.fast_step import prepare_step
from models.few_shot import few_shot_run, read_task
from models.generation import generate
from models.loading import load_model
from models.packaged import NAME
from models.prompting import build_prompt, choose_shots
from models.results import GenerationSettings

NEW_TOKENS = 40
ITEMS = 40


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run() -> list[Row]:
    """Tokens per second, the first token of a long known prompt, and the scores of 4 labels on 40 items."""
    model = load_model(NAME, "CausalLM")
    prepare_step(model.model)
    tokenizer = model.tokenizer.tokenizer
    topic = read_task(table_of("prompt_lab", "tasks/topic.toml"))
    shots = choose_shots(topic.shots, 16, 0)

    def text_of(source: str) -> str:
        return build_prompt(topic.form, shots, source)

    def prompt(number: int) -> str:
        return f"Story number {number}. Once upon a time in a small town by the sea"

    def theirs(number: int) -> None:
        encoding = tokenizer(prompt(number), return_tensors="pt")
        model.model.generate(**encoding, max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS, do_sample=False)

    def ours(number: int) -> None:
        list(generate(model, prompt(number), GenerationSettings(max_new_tokens=NEW_TOKENS)))

    slow, fast = [], []
    for number in range(5):  # in turns, since other work on the machine comes and goes
        slow.append(NEW_TOKENS / seconds(lambda n=number: theirs(n)))  # type: ignore[misc]
        fast.append(NEW_TOKENS / seconds(lambda n=number: ours(n)))  # type: ignore[misc]

    examples = text_of("A new song by the harbour choir was heard for the first time.") + " music\n\n"
    longer, seen = (examples + text_of(source) for source in ("The ferry is late.", "The bakery has a new oven."))
    next(generate(model, seen, GenerationSettings(max_new_tokens=1)))
    known = seconds(lambda: list(generate(model, longer, GenerationSettings(max_new_tokens=1))))
    ids = tokenizer(longer, return_tensors="pt")
    anew = seconds(lambda: model.model.generate(**ids, max_new_tokens=1, do_sample=False))

    def naive() -> None:
        with torch.inference_mode():
            for source, _ in topic.items[:ITEMS]:
                for label in topic.labels:
                    model.model(**tokenizer(f"{text_of(source)} {label}", return_tensors="pt"))

    scored = seconds(lambda: few_shot_run(model, topic, 16, 0, ITEMS))
    read = seconds(naive)
    return [
        Row("generation", median(fast), median(slow), "tokens/s", "model.generate, float32", "≥ 2.5"),
        Row(
            f"first token, {ids['input_ids'].shape[1]}-token prompt with known examples",
            known,
            anew,
            "s",
            "model.generate",
            "≤ 1 s",
        ),
        Row(f"4 labels x {ITEMS} items, 16 examples", scored, read, "s", "a forward pass for each", "≤ 0.25"),
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
