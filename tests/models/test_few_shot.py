"""The few-shot curve's points against answers worked out one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from models.few_shot import few_shot_points, few_shot_run, read_task
from models.loading import LoadedModel, LoadedTokenizer
from models.prompting import build_prompt, choose_shots, gpt1_sequence
from models.results import FewShotRun, ItemResult, Origin, PlaygroundError, PromptFormat, Task

POOL = tuple((f"the {noun} was {word}", label) for noun in ("film", "meal", "trip") for word, label in
             (("great", "good"), ("awful", "bad")))  # fmt: skip
ITEMS = tuple((f"a {word} day", (label,)) for word, label in
              (("lovely", "good"), ("grim", "bad"), ("fine", "good"), ("sad", "bad"), ("warm", "good")))  # fmt: skip
TASK = Task(PromptFormat("", "Text:", "Label:"), ("good", "bad"), POOL, ITEMS)


@pytest.fixture(scope="module")
def model(gpt2: LoadedTokenizer) -> LoadedModel:
    torch.manual_seed(1)
    network = GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=2, n_head=2, n_positions=256, initializer_range=0.4)).eval()
    return LoadedModel(network, gpt2, Origin(None, "tiny", "embedded", "nowhere"))


def log_probability(model: LoadedModel, prompt: str, answer: str) -> float:
    tokenizer = model.tokenizer.tokenizer
    before, after = tokenizer(prompt)["input_ids"], tokenizer(answer)["input_ids"]
    with torch.inference_mode():
        rows = model.model(torch.tensor([before + after])).logits[0, len(before) - 1 : -1].log_softmax(-1)
    return sum(float(row[i]) for row, i in zip(rows, after, strict=True))


@pytest.mark.parametrize("calibrate", [False, True])
@pytest.mark.parametrize("shots", [0, 3])
def test_a_point_is_the_share_of_items_whose_best_label_is_right(
    model: LoadedModel, shots: int, calibrate: bool
) -> None:
    run = few_shot_run(model, TASK, shots, seed=4, items=5, calibrate=calibrate)
    examples = choose_shots(POOL, shots, 4)
    empty = build_prompt(TASK.form, examples, "N/A")
    for found, (source, accepted) in zip(run.items, ITEMS, strict=True):
        prompt = build_prompt(TASK.form, examples, source)
        scores = {
            label: log_probability(model, prompt, f" {label}")
            - (log_probability(model, empty, f" {label}") if calibrate else 0)
            for label in TASK.labels
        }
        assert found.answer == max(scores, key=lambda label: scores[label])
        assert found.right is (found.answer == accepted[0])
    assert run.accuracy == pytest.approx(sum(item.right for item in run.items) / 5)


def test_written_answers_end_at_the_stop_and_are_compared_without_case_and_full_stop(model: LoadedModel) -> None:
    free = replace(TASK, labels=())
    said = few_shot_run(model, free, 2, seed=0, items=2).items[0].answer
    assert "\n" not in said
    right = replace(free, items=((ITEMS[0][0], (f"{said.upper()}.",)), *ITEMS[1:]))
    assert few_shot_run(model, right, 2, seed=0, items=1).accuracy == 1.0
    part = replace(free, items=((ITEMS[0][0], (said.strip()[:-1], "one or the other")),))
    assert few_shot_run(model, part, 2, seed=0, items=1).accuracy == 0.0
    assert few_shot_run(model, replace(part, contains=True), 2, seed=0, items=1).accuracy == 1.0


def test_more_examples_keep_the_fewer_and_an_order_keeps_them_all() -> None:
    four = choose_shots(POOL, 4, seed=3)
    assert choose_shots(POOL, 2, seed=3) == four[:2]
    other = choose_shots(POOL, 4, seed=3, order=2)
    assert sorted(other) == sorted(four)
    assert other != four
    assert choose_shots(POOL, 4, seed=5) != four


def test_flipped_labels_are_all_wrong() -> None:
    right, wrong = choose_shots(POOL, 6, 0, TASK.labels), choose_shots(POOL, 6, 0, TASK.labels, flip=True)
    assert [source for source, _ in right] == [source for source, _ in wrong]
    assert all(a != b and b in TASK.labels for (_, a), (_, b) in zip(right, wrong, strict=True))


def test_prompts_letter_by_letter() -> None:
    form = PromptFormat("Is it good?", "Q:", "A:", separator="\n###\n")
    assert build_prompt(form, [("x", "y")], "z") == "Is it good?\n###\nQ: x\nA: y\n###\nQ: z\nA:"
    with pytest.raises(PlaygroundError, match="empty side"):
        build_prompt(form, [("x", " ")], "z")
    with pytest.raises(PlaygroundError, match="no input"):
        build_prompt(form, [], " ")
    with pytest.raises(PlaygroundError, match="only 6 examples"):
        choose_shots(POOL, 7, 0)


def test_gpt1_puts_start_delimiter_and_extract_around() -> None:
    assert gpt1_sequence("it rains") == ("<s>", "it rains", "<e>")
    assert gpt1_sequence("it rains", "wet") == ("<s>", "it rains", "$", "wet", "<e>")


def test_a_task_file_is_read() -> None:
    task = read_task(
        {
            "input_label": "Q:",
            "output_label": "A:",
            "stop": ["."],
            "match": "contains",
            "shot": [{"input": "1", "output": "2"}],
            "item": [{"input": "3", "outputs": ["4", "four"]}, {"input": "5", "output": "6"}],
        }
    )
    assert task.items == (("3", ("4", "four")), ("5", ("6",)))
    assert (task.stop, task.contains, task.labels, task.form.instruction) == (".", True, (), "")


def test_the_interval_of_a_point_covers_items_and_draws() -> None:
    """Against the normal approximation, where items are independent; and no draw without an interval."""
    random = np.random.default_rng(1)
    items = [ItemResult(str(n), "", (), bool(right)) for n, right in enumerate(random.random(400) < 0.7)]
    single = FewShotRun("m", 0, 0, 0, False, tuple(items))
    (point,) = few_shot_points([single])
    mean = np.mean([item.right for item in items])
    half = 1.96 * np.sqrt(mean * (1 - mean) / 400)
    assert point.accuracy == pytest.approx(mean)
    assert (point.low, point.high) == pytest.approx((mean - half, mean + half), abs=0.012)
    worse = FewShotRun("m", 0, 1, 0, False, tuple(replace(item, right=False) for item in items))
    (both,) = few_shot_points([single, worse])
    assert both.runs == 2
    assert both.accuracy == pytest.approx(mean / 2)
    assert both.low == 0.0  # both draws may be the bad one
    (perfect,) = few_shot_points(
        [
            FewShotRun("m", 0, seed, 0, False, tuple(replace(item, right=True) for item in items[:10]))
            for seed in range(3)
        ]
    )
    assert perfect.high == 1.0
    assert perfect.low == pytest.approx(0.722, abs=0.001)  # Wilson 1927: 10 of 10, however often they were asked
    assert both.high > mean - 0.1
    assert [one.shots for one in few_shot_points([replace(single, shots=n) for n in (4, 0, 16)])] == [0, 4, 16]
    lines = few_shot_points([single, replace(worse, flipped=True)])
    assert [(one.flipped, one.accuracy) for one in lines] == [(False, point.accuracy), (True, 0.0)]


def test_the_interval_is_a_bootstrap_over_items_and_draws() -> None:
    right = np.arange(20) < np.array([[6], [10], [14], [18]])  # (draws, items)
    runs = [
        FewShotRun("m", 0, seed, 0, False, tuple(ItemResult("", "", (), bool(one)) for one in row))
        for seed, row in enumerate(right)
    ]
    (point,) = few_shot_points(runs)
    random = np.random.default_rng(1)
    means = [right[random.integers(4, size=4)][:, random.integers(20, size=20)].mean() for _ in range(10_000)]
    assert (point.low, point.high) == pytest.approx(np.quantile(means, (0.025, 0.975)).tolist(), abs=0.025)
