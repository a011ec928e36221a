"""mini-bert: BertForPreTraining from the MiniLM encoder, with new heads (Devlin et al. 2019, section 3.1).

python -m training.mini_bert --minutes 120      # or --steps 20000; again to go on from the last checkpoint
python -m training.mini_bert --export           # what it has reached, to models/checkpoints/mini-bert
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import BertForPreTraining

from training import loop
from training.encoder import bert_config, encoder_weights, fill_encoder, save
from training.folders import CHECKPOINTS, CURVE, state_folder
from training.loop import Batch, tensors
from training.masking import Segments, mask_tokens, sentence_pairs, single_sentences
from training.wikipedia import Corpus

NAME = "mini-bert"
HEADS = ("cls", "bert.pooler")  # the pooler came untrained: the sentence encoder never used it


@dataclass(frozen=True)
class Recipe:
    batch_size: int = 32
    length: int = 128  # of sentence pairs, which fill it without padding
    single_share: float = 0.1  # of the batches hold single sentences, as people type them, four times as many
    single_length: int = 32
    encoder_rate: float = 4e-4
    head_rate: float = 1e-3
    dropout: float = 0.0  # nothing is seen twice often enough to be learned by heart
    steps: int = 20_000
    warmup_steps: int = 60
    seed: int = 0


def masked_batch(segments: Segments, rng: np.random.Generator) -> Batch:
    """What the model reads, which positions it predicts, and what is right."""
    input_ids, positions, labels = mask_tokens(segments.input_ids, rng)
    padded = not segments.attention_mask.all()
    paired = bool((segments.next_sentence_label >= 0).all())
    return tensors(
        input_ids=input_ids,  # (B, L)
        token_type_ids=segments.token_type_ids,  # (B, L)
        attention_mask=segments.attention_mask if padded else None,  # (B, L)
        positions=positions,  # (B, K)
        labels=labels,  # (B, K)
        next_sentence_label=segments.next_sentence_label if paired else None,  # (B,)
    )


def make_batch(corpus: Corpus, recipe: Recipe, step: int) -> Batch:
    rng = np.random.default_rng([recipe.seed, step])
    if rng.random() < recipe.single_share:
        count = recipe.batch_size * recipe.length // recipe.single_length
        return masked_batch(single_sentences(corpus, rng, count, recipe.single_length), rng)
    return masked_batch(sentence_pairs(corpus, rng, recipe.batch_size, recipe.length), rng)


def predict(model: BertForPreTraining, batch: Batch) -> tuple[Tensor, Tensor]:
    """Scores of the vocabulary at the chosen positions (B, K, V), and of IsNext and NotNext (B, 2).

    The MLM head is most of the work where it runs on all L positions, so their K are picked out before it.
    """
    outputs = model.bert(
        input_ids=batch["input_ids"],
        token_type_ids=batch["token_type_ids"],
        attention_mask=batch.get("attention_mask"),
    )
    hidden = outputs.last_hidden_state  # (B, L, H)
    index = batch["positions"][..., None].expand(-1, -1, hidden.shape[-1])
    return model.cls.predictions(hidden.gather(1, index)), model.cls.seq_relationship(outputs.pooler_output)


def losses(model: BertForPreTraining, batch: Batch) -> dict[str, Tensor]:
    """Cross entropy of both tasks; their sum is the loss of pre-training."""
    prediction_logits, next_logits = predict(model, batch)
    parts = {"mlm": F.cross_entropy(prediction_logits.flatten(0, 1).float(), batch["labels"].flatten())}
    if "next_sentence_label" in batch:
        parts["nsp"] = F.cross_entropy(next_logits.float(), batch["next_sentence_label"])
    return parts


@torch.no_grad()
def measure(model: BertForPreTraining, batches: list[Batch]) -> dict[str, float]:
    """Shares of right answers on held-out pairs, for the learning curve."""
    hits = np.zeros(3)
    asked = np.zeros(3)
    for batch in batches:
        batch = {key: value.to(model.device) for key, value in batch.items()}
        prediction_logits, next_logits = predict(model, batch)
        labels = batch["labels"]
        top = prediction_logits.topk(5).indices  # (B, K, 5)
        is_hit = top == labels[..., None]
        is_next_hit = next_logits.argmax(-1) == batch["next_sentence_label"]
        hits += [float(is_hit[..., 0].sum()), float(is_hit.sum()), float(is_next_hit.sum())]
        asked += [int((labels >= 0).sum()), int((labels >= 0).sum()), len(labels)]
    return dict(zip(("top1", "top5", "nsp"), (hits / asked).tolist(), strict=True))


def build(recipe: Recipe, start: str, wheel: Path | None) -> BertForPreTraining:
    """The encoder with new heads; the decoder of the MLM head is tied to the word embeddings."""
    torch.manual_seed(recipe.seed)
    model = BertForPreTraining(bert_config(recipe.dropout))
    fill_encoder(model.bert, encoder_weights(start, wheel))
    model.tie_weights()
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
        model = BertForPreTraining(bert_config(dropout=0.1))
        model.load_state_dict(torch.load(state_folder(NAME) / "state.pt", map_location="cpu")["model"])
        save(model, CHECKPOINTS / NAME)
        shutil.copy(state_folder(NAME) / CURVE, CHECKPOINTS / NAME / CURVE)
        return
    start = options.start or (NAME if options.go_on else "minilm")  # overwritten when going on: no download
    model = build(recipe, start, options.wheel)
    train_part, held_out = (Corpus.load(state_folder("wikipedia") / part) for part in ("train", "held_out"))
    rng = np.random.default_rng(recipe.seed)
    held_out_batches = [masked_batch(sentence_pairs(held_out, rng, 64, recipe.length), rng) for _ in range(8)]
    loop.train(
        NAME,
        model,
        make_batch=lambda step: make_batch(train_part, recipe, step),
        losses=lambda batch: losses(model, batch),
        measure=lambda: measure(model, held_out_batches),
        parameter_groups=loop.groups(model, HEADS, recipe.encoder_rate, recipe.head_rate),
        default_steps=recipe.steps,
        warmup_steps=recipe.warmup_steps,
        options=options,
    )


if __name__ == "__main__":
    main()
