"""Milliseconds of the masking simulator, beside the bare model call and Transformers' own collator."""

from __future__ import annotations

import torch
from streamlit.testing.v1 import AppTest
from transformers import DataCollatorForLanguageModeling

from benchmarks.rows import Row, median_ms
from models.catalogue import ROOT
from models.loading import load_model
from models.masked_prediction import fill
from models.masking import corrupt, statistics
from models.results import MaskingSettings

TEXT = "The river flows through the old city and meets the ocean near the border."


def run() -> list[Row]:
    """One prediction, one whole page, and 10,000 draws of a text of 64 tokens."""
    model = load_model("mini-bert", "MaskedLM")
    tokenizer = model.tokenizer.tokenizer
    collator = DataCollatorForLanguageModeling(tokenizer)

    def bare(number: int) -> None:
        encoding = tokenizer(f"{TEXT} Number {number}.", return_tensors="pt")
        with torch.inference_mode():
            model.model(**encoding)

    def layer(number: int) -> None:
        fill(model, corrupt(model.tokenizer, f"{TEXT} Layer {number}.", MaskingSettings()))

    app = AppTest.from_file(str(ROOT / "pages" / "masking_simulator.py"), default_timeout=60).run()

    def interact(number: int) -> None:
        app.text_area(key="text").set_value(f"{TEXT} Page {number}.").run()

    def again(number: int) -> None:
        app.text_area(key="text").set_value(f"{TEXT} Page {number % 2}.").run()

    long_text = " ".join(["river"] * 62)
    encoding = tokenizer(long_text, return_special_tokens_mask=True)

    def draws(number: int) -> None:
        statistics(corrupt(model.tokenizer, long_text, MaskingSettings(seed=number)), len(tokenizer), 10_000)

    bare_ms = median_ms(bare, 40)
    return [
        Row("fill the blanks, model layer", median_ms(layer, 40), bare_ms, "ms", "bare model call"),
        Row("masking page, new text", median_ms(interact, 20), bare_ms, "ms", "bare model call"),
        Row("masking page, text seen before", median_ms(again, 20), bare_ms, "ms", "bare model call"),
        Row(
            "10,000 draws of 64 tokens, with statistics",
            median_ms(draws, 5),
            median_ms(lambda number: collator([encoding] * 10_000), 3),
            "ms",
            "Transformers' collator",
        ),
    ]
