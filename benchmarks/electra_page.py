"""Milliseconds per sentence of the ELECTRA page: the verdict, and generator with verdict, beside the bare model calls."""

from __future__ import annotations

import torch

from benchmarks.rows import Row, median_ms
from models.loading import load_model
from models.replaced_tokens import detect, ids_of, replace_tokens

SENTENCE = "The doctor number {} gave the patient some medicine for the pain, and went home early in the evening."


def run() -> list[Row]:
    """A new sentence each time, so that nothing is remembered."""
    discriminator = load_model("mini-electra", "PreTraining")
    generator = load_model("mini-bert", "MaskedLM")

    def verdict(number: int) -> None:
        detect(discriminator, ids_of(discriminator, SENTENCE.format(number)))

    def bare(number: int) -> None:
        encoding = discriminator.tokenizer.tokenizer(SENTENCE.format(number), return_tensors="pt")
        with torch.inference_mode():
            discriminator.model(**encoding).logits.sigmoid()

    def both(number: int) -> None:
        pair = replace_tokens(generator, SENTENCE.format(number), seed=number)
        detect(discriminator, pair.corrupted_ids)

    def bare_both(number: int) -> None:
        encoding = discriminator.tokenizer.tokenizer(SENTENCE.format(number), return_tensors="pt")
        with torch.inference_mode():
            generator.model(**encoding).logits.softmax(-1)
            discriminator.model(**encoding).logits.sigmoid()

    repeats = 50
    for work in (verdict, bare, both, bare_both):
        work(repeats)
    return [
        Row("ELECTRA: verdict on a sentence", median_ms(verdict, repeats), median_ms(bare, repeats), "ms", "bare call"),
        Row(
            "ELECTRA: corrupt and judge a sentence",
            median_ms(both, repeats),
            median_ms(bare_both, repeats),
            "ms",
            "two bare calls",
        ),
    ]
