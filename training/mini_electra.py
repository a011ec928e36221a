"""mini-electra: ElectraForPreTraining of the same size; mini-bert writes the corruptions (Clark et al. 2020, section 2).

    python -m training.mini_electra --minutes 120     # again to go on from the last checkpoint
    python -m training.mini_electra --export          # what it has reached, to models/checkpoints/mini-electra

Unlike in the paper the generator is trained already and stays as it is: no second loss, no shared embeddings.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import precision_recall_curve, roc_auc_score
from torch import Tensor
from transformers import BertForPreTraining, ElectraConfig, ElectraForPreTraining

from training import loop
from training.encoder import ATTENTION, SIZES, encoder_weights, fill_encoder, save, tokenizer
from training.folders import CHECKPOINTS, CURVE, state_folder
from training.loop import Batch, tensors
from training.masking import CLS, MASK, PAD, SEP, Segments, choose_positions, sentence_pairs, single_sentences
from training.mini_bert import predict
from training.wikipedia import Corpus

NAME = "mini-electra"


@dataclass(frozen=True)
class Recipe:
    batch_size: int = 32
    length: int = 128
    single_share: float = 0.1
    single_length: int = 32
    start: str = "mini-bert"  # its encoder has learned already which words fit where
    encoder_rate: float = 3e-4
    head_rate: float = 1e-3
    dropout: float = 0.0
    steps: int = 10_000
    warmup_steps: int = 100
    seed: int = 1


def electra_config(dropout: float) -> ElectraConfig:
    """As wide as the encoder everywhere, so that no projection stands between embeddings and layers."""
    return ElectraConfig(
        **SIZES,
        embedding_size=SIZES["hidden_size"],
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        attn_implementation=ATTENTION,
    )


def question_batch(segments: Segments, rng: np.random.Generator) -> Batch:
    """The original text, and which 15% of it the generator is to fill in."""
    positions, labels = choose_positions(segments.input_ids, rng)
    return tensors(
        input_ids=segments.input_ids,  # (B, L)
        token_type_ids=segments.token_type_ids,  # (B, L)
        attention_mask=None if segments.attention_mask.all() else segments.attention_mask,  # (B, L)
        positions=positions,  # (B, K)
        labels=labels,  # (B, K)
        article=segments.article,  # (B,)
    )


def make_batch(corpus: Corpus, recipe: Recipe, step: int) -> Batch:
    rng = np.random.default_rng([recipe.seed, step])
    if rng.random() < recipe.single_share:
        count = recipe.batch_size * recipe.length // recipe.single_length
        return question_batch(single_sentences(corpus, rng, count, recipe.single_length), rng)
    return question_batch(sentence_pairs(corpus, rng, recipe.batch_size, recipe.length, is_next=1.0), rng)


@torch.no_grad()
def corrupt(
    generator: BertForPreTraining, batch: Batch, random: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Fill the chosen positions with samples of the generator.

    Returns the corrupted ``input_ids`` (B, L) and ``replaced`` (B, L), 1 where a token is not the original one: a
    sample that happens to be right counts as original. No gradient passes through the sampling.
    """
    input_ids, positions = batch["input_ids"], batch["positions"]
    chosen = batch["labels"] >= 0  # (B, K)
    original = input_ids.gather(1, positions)
    masked = input_ids.scatter(1, positions, torch.where(chosen, MASK, original))
    logits, _ = predict(generator, {**batch, "input_ids": masked})
    cumulative = logits.float().softmax(-1).cumsum(-1)  # (B, K, V); one draw finds its token in it: inverse sampling
    draws = torch.rand(*positions.shape, 1, generator=random, device=logits.device) * cumulative[..., -1:]
    sampled = torch.searchsorted(cumulative, draws, right=True).clamp(max=logits.shape[-1] - 1).squeeze(-1)  # (B, K)
    corrupted = input_ids.scatter(1, positions, torch.where(chosen, sampled, original))
    return corrupted, (corrupted != input_ids).long()


def discriminate(model: ElectraForPreTraining, batch: Batch, corrupted: Tensor) -> Tensor:
    """One score for each token, above 0 for "replaced"  # (B, L)"""
    return model(
        input_ids=corrupted,
        token_type_ids=batch["token_type_ids"],
        attention_mask=batch.get("attention_mask"),
    ).logits


def is_text(input_ids: Tensor) -> Tensor:
    """Everything but [CLS], [SEP] and padding: only there can a token have been replaced  # (B, L)"""
    return (input_ids != CLS) & (input_ids != SEP) & (input_ids != PAD)


def losses(model: ElectraForPreTraining, generator: BertForPreTraining, batch: Batch) -> dict[str, Tensor]:
    """Binary cross entropy over all tokens, not just the 15%: what makes ELECTRA learn faster (section 3.4)."""
    corrupted, replaced = corrupt(generator, batch)
    text = is_text(batch["input_ids"])
    logits = discriminate(model, batch, corrupted).float()
    each = F.binary_cross_entropy_with_logits(logits, replaced.float(), reduction="none")  # (B, L)
    return {"rtd": (each * text).sum() / text.sum()}


@torch.no_grad()
def scores(
    model: ElectraForPreTraining, generator: BertForPreTraining, batches: list[Batch], seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, truth and article of every token, flat  # three times (N,)"""
    random = torch.Generator(model.device).manual_seed(seed)
    found = []
    for batch in batches:
        batch = {key: value.to(model.device) for key, value in batch.items()}
        corrupted, replaced = corrupt(generator, batch, random)
        text = is_text(batch["input_ids"])
        article = batch["article"][:, None].expand_as(text)
        found.append((discriminate(model, batch, corrupted).float()[text], replaced[text], article[text]))
    score, replaced, article = (torch.cat(part).cpu().numpy() for part in zip(*found, strict=True))
    return score, replaced, article


def best_f1(score: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The highest F1 that any threshold gives, and that threshold: replaced where the score is at least as high."""
    precision, recall, thresholds = precision_recall_curve(truth, score)
    f1 = 2 * precision[:-1] * recall[:-1] / np.maximum(precision[:-1] + recall[:-1], 1e-12)
    best = int(f1.argmax())
    return float(f1[best]), float(thresholds[best])


def load_generator(device: str = "cpu") -> BertForPreTraining:
    folder = CHECKPOINTS / "mini-bert"
    model = BertForPreTraining.from_pretrained(folder, dtype=torch.float32, attn_implementation=ATTENTION)
    return model.to(device).eval().requires_grad_(False)


def build(recipe: Recipe, start: str, wheel: Path | None) -> ElectraForPreTraining:
    torch.manual_seed(recipe.seed)
    model = ElectraForPreTraining(electra_config(recipe.dropout))
    fill_encoder(model.electra, encoder_weights(start, wheel))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    loop.add_options(parser)
    parser.add_argument("--batch-size", type=int, default=Recipe.batch_size)
    parser.add_argument("--encoder-rate", type=float, default=Recipe.encoder_rate)
    parser.add_argument("--export", action="store_true", help="write the checkpoint of the app, train nothing")
    options = parser.parse_args()
    recipe = Recipe(batch_size=options.batch_size, encoder_rate=options.encoder_rate)
    if options.export:
        model = ElectraForPreTraining(electra_config(dropout=0.1))
        model.load_state_dict(torch.load(state_folder(NAME) / "state.pt", map_location="cpu")["model"])
        save(model, CHECKPOINTS / NAME)
        shutil.copy(state_folder(NAME) / CURVE, CHECKPOINTS / NAME / CURVE)
        tokenizer().save_pretrained(CHECKPOINTS / NAME)
        return
    model = build(recipe, options.start or recipe.start, options.wheel)
    generator = load_generator(options.device)
    train_part, held_out = (Corpus.load(state_folder("wikipedia") / part) for part in ("train", "held_out"))
    rng = np.random.default_rng(recipe.seed)
    held_out_batches = [question_batch(sentence_pairs(held_out, rng, 64, recipe.length, 1.0), rng) for _ in range(8)]

    def measure() -> dict[str, float]:
        score, replaced, _ = scores(model, generator, held_out_batches)
        return {"auc": float(roc_auc_score(replaced, score)), "f1": best_f1(score, replaced)[0]}

    loop.train(
        NAME,
        model,
        make_batch=lambda step: make_batch(train_part, recipe, step),
        losses=lambda batch: losses(model, generator, batch),
        measure=measure,
        parameter_groups=loop.groups(model, ("discriminator_predictions",), recipe.encoder_rate, recipe.head_rate),
        default_steps=recipe.steps,
        warmup_steps=recipe.warmup_steps,
        options=options,
    )


if __name__ == "__main__":
    main()
