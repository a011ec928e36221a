"""Milliseconds per interaction on the tokenizer explorer, beside the bare tokenizer call."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from benchmarks.rows import Row, median_ms
from models.catalogue import ROOT
from models.loading import load_tokenizer
from models.tokenization import tokenize


def run() -> list[Row]:
    """The whole page's script (two tokenizers, chips, tables, code), and the model layer alone."""
    bert, gpt2 = load_tokenizer("bert-base-uncased"), load_tokenizer("gpt2")

    def bare(number: int) -> None:
        for loaded in (bert, gpt2):
            loaded.tokenizer(f"I want to go home, number {number}.", return_offsets_mapping=True)

    def layer(number: int) -> None:
        for loaded in (bert, gpt2):
            tokenize(loaded, f"I want to go home, number {number}.")

    app = AppTest.from_file(str(ROOT / "pages" / "tokenizer_explorer.py"), default_timeout=60).run()

    def interact(number: int) -> None:
        app.text_area(key="text").set_value(f"I want to go home, number {number}.").run()

    bare_ms = median_ms(bare)
    name = "both bare tokenizer calls"
    return [
        Row("tokenize, model layer", median_ms(layer), bare_ms, "ms", name),
        Row("new text, whole page on the server", median_ms(interact, 20), bare_ms, "ms", name),
    ]
