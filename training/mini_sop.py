"""mini-sop: what mini-bert lacks to tell the order of two sentences (Lan et al. 2020, section 3.1).

    python -m training.mini_sop                   # again to go on from the last checkpoint
    python -m training.mini_sop --export          # what it has reached, to models/checkpoints/mini-sop

Only the attention of mini-bert's last layer, the pooler and the classifier learn; everything else is mini-bert's and
stays as it is. So the checkpoint is a small file that is laid over mini-bert, not another model.

The pairs are the first two sentences of a paragraph. Any two neighbours will not do: in the middle of a paragraph either
may well stand first (a linear model on words tells 51% of such pairs right, and 70% of the openings).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import BertForNextSentencePrediction

from training import loop
from training.encoder import tokenizer
from training.folders import CHECKPOINTS, data_folder, state_folder
from training.loop import Batch, tensors
from training.masking import CLS, PAD, SEP
from training.wikipedia import FILE, is_held_out, read_articles, sentences

NAME = "mini-sop"
LONGEST = 38  # tokens of a sentence
LEARNED = ("bert.encoder.layer.5.attention.", "bert.pooler.", "cls.seq_relationship.")


@dataclass(frozen=True)
class Recipe:
    batch_size: int = 32
    encoder_rate: float = 5e-4
    head_rate: float = 1e-3
    steps: int = 1_000
    warmup_steps: int = 60
    seed: int = 3


@dataclass(frozen=True)
class Openings:
    """The first two sentences of N paragraphs, tokens of each padded with 0 to ``LONGEST``."""

    first: NDArray[np.uint16]  # (N, LONGEST)
    second: NDArray[np.uint16]  # (N, LONGEST)
    article: NDArray[np.int64]  # (N,)


def read_openings(part: str) -> Openings:
    """Those of the training or of the held-out articles; read from the text the first time, some minutes."""
    folder = state_folder("openings")
    if not (folder / f"{part}.npz").exists():
        found: dict[str, list[tuple[str, str, int]]] = {"train": [], "held_out": []}
        for number, (title, paragraphs) in enumerate(read_articles(data_folder() / FILE)):
            for paragraph in paragraphs:
                if len(opening := sentences([paragraph])[:2]) == 2:
                    found["held_out" if is_held_out(title) else "train"].append((*opening, number))
        for name, pairs in found.items():
            np.savez(folder / f"{name}.npz", **_encode(pairs))
    with np.load(folder / f"{part}.npz") as arrays:
        return Openings(**arrays)


def _encode(pairs: list[tuple[str, str, int]]) -> dict[str, np.ndarray]:
    """Tokens of the pairs whose sentences both have 5 to ``LONGEST`` tokens."""
    encode = tokenizer().backend_tokenizer.encode_batch_fast
    columns = [
        [encoding.ids for encoding in encode([pair[side] for pair in pairs], add_special_tokens=False)]
        for side in (0, 1)
    ]
    kept = [row for row in range(len(pairs)) if all(5 <= len(column[row]) <= LONGEST for column in columns)]
    arrays = [np.zeros((len(kept), LONGEST), np.uint16) for _ in columns]
    for array, column in zip(arrays, columns, strict=True):
        for place, row in enumerate(kept):
            array[place, : len(column[row])] = column[row]
    return {"first": arrays[0], "second": arrays[1], "article": np.array([pairs[row][2] for row in kept])}


def order_batch(openings: Openings, rows: NDArray[np.int64], rng: np.random.Generator) -> Batch:
    """[CLS] A [SEP] B [SEP]: half of the pairs in the order of the text, half swapped."""
    length = 2 * LONGEST + 3
    input_ids = np.zeros((len(rows), length), np.int64)
    token_type_ids = np.zeros((len(rows), length), np.int64)
    swapped = (rng.random(len(rows)) < 0.5).astype(np.int64)
    for place, row in enumerate(rows):
        a, b = (side[row][side[row] > 0] for side in (openings.first, openings.second))
        if swapped[place]:
            a, b = b, a
        end = len(a) + len(b) + 3
        input_ids[place, :end] = np.concatenate([[CLS], a, [SEP], b, [SEP]])
        token_type_ids[place, len(a) + 2 : end] = 1
    return tensors(
        input_ids=input_ids,  # (B, L)
        token_type_ids=token_type_ids,  # (B, L)
        attention_mask=(input_ids != PAD).astype(np.int64),  # (B, L)
        labels=swapped,  # (B,) 0 right order, 1 swapped
    )


def make_batch(openings: Openings, recipe: Recipe, step: int) -> Batch:
    rng = np.random.default_rng([recipe.seed, step])
    return order_batch(openings, rng.integers(len(openings.first), size=recipe.batch_size), rng)


def predict(model: BertForNextSentencePrediction, batch: Batch) -> Tensor:
    """Scores of the right and of the swapped order  # (B, 2)"""
    return model(**{name: value for name, value in batch.items() if name != "labels"}).logits


def losses(model: BertForNextSentencePrediction, batch: Batch) -> dict[str, Tensor]:
    return {"sop": F.cross_entropy(predict(model, batch), batch["labels"])}


@torch.no_grad()
def hits(model: BertForNextSentencePrediction, batches: list[Batch]) -> np.ndarray:
    """Whether each pair was told right  # (P,)"""
    found = []
    for batch in batches:
        batch = {name: value.to(model.device) for name, value in batch.items()}
        found.append((predict(model, batch).argmax(-1) == batch["labels"]).cpu().numpy())
    return np.concatenate(found)


def build(seed: int) -> BertForNextSentencePrediction:
    """mini-bert with all weights fixed but those of ``LEARNED``, and a new classifier."""
    torch.manual_seed(seed)
    model = BertForNextSentencePrediction.from_pretrained(CHECKPOINTS / "mini-bert", dtype=torch.float32)
    model.cls.seq_relationship.reset_parameters()
    for name, weight in model.named_parameters():
        weight.requires_grad_(name.startswith(LEARNED))
    return model


def load() -> BertForNextSentencePrediction:
    """As the app loads it."""
    model = BertForNextSentencePrediction.from_pretrained(CHECKPOINTS / "mini-bert", dtype=torch.float32)
    model.load_state_dict(load_file(CHECKPOINTS / NAME / "head.safetensors"), strict=False)
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    loop.add_options(parser)
    parser.add_argument("--export", action="store_true", help="write the checkpoint of the app, train nothing")
    options = parser.parse_args()
    recipe = Recipe()
    model = build(recipe.seed)
    if options.export:
        model.load_state_dict(torch.load(state_folder(NAME) / "state.pt", map_location="cpu")["model"])
        learned = {
            name: weight.half().contiguous() for name, weight in model.state_dict().items() if name.startswith(LEARNED)
        }
        (CHECKPOINTS / NAME).mkdir(exist_ok=True)
        save_file(learned, CHECKPOINTS / NAME / "head.safetensors", metadata={"format": "pt"})
        return
    openings, held_out = read_openings("train"), read_openings("held_out")
    rng = np.random.default_rng(recipe.seed)
    some = rng.permutation(len(held_out.first))[:512]
    held_out_batches = [order_batch(held_out, rows, rng) for rows in np.split(some, 8)]
    learned = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    heads = [weight for name, weight in learned if not name.startswith("bert.encoder")]
    loop.train(
        NAME,
        model,
        make_batch=lambda step: make_batch(openings, recipe, step),
        losses=lambda batch: losses(model, batch),
        measure=lambda: {"accuracy": float(hits(model, held_out_batches).mean())},
        parameter_groups=[
            {
                "params": [weight for name, weight in learned if name.startswith("bert.encoder")],
                "lr": recipe.encoder_rate,
            },
            {"params": heads, "lr": recipe.head_rate},
        ],
        default_steps=recipe.steps,
        warmup_steps=recipe.warmup_steps,
        options=options,
    )


if __name__ == "__main__":
    main()
