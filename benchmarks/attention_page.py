"""The attention viewer: milliseconds and bytes for 16, 64, 128 and 512 tokens, beside bertviz's own HTML."""

from __future__ import annotations

import time

import numpy as np
import torch
from bertviz import head_view

from benchmarks.rows import Row, median_ms
from components.head_grid import grid_data
from components.heatmaps import token_figure, token_labels
from models.attention import attend, head_grid, head_of, load_for_attention
from models.bertviz_page import bertviz_page

_OTHERS = ("dog", "bird", "horse", "fish", "mouse")
_WORDS = ("the cat sat on a mat and saw another cat in the garden . " * 40).split()


def run() -> list[Row]:
    """Our grid, head and bertviz page after the model has run, and the bare model; bertviz up to 128 tokens.

    At 512 tokens bertviz's page would take gigabytes: its bytes are those of one row of weights, times the rows.
    """
    loaded = load_for_attention("mini-bert")
    rows = []
    for tokens in (16, 64, 128, 512):
        text = " ".join(_WORDS[: tokens - 2])
        encoding = loaded.tokenizer.tokenizer(text, return_tensors="pt")

        def bare(number: int, encoding: dict[str, torch.Tensor] = encoding) -> None:
            with torch.inference_mode():
                loaded.model(**encoding, output_attentions=True)

        def ours(number: int, tokens: int = tokens) -> None:  # another text each time: nothing is kept of it
            attend(loaded, " ".join([*_WORDS[: tokens - 3], _OTHERS[number]]))

        few = 5 if tokens < 512 else 2
        rows.append(
            Row(f"{tokens} tokens: one run, kept", median_ms(ours, few), median_ms(bare, few), "ms", "bare model")
        )
        attention = attend(loaded, text)
        theirs, their_bytes = _bertviz(attention.weights, list(attention.tokens))
        pictures = {
            "grid of all heads": lambda text=text: len("".join(grid_data(head_grid(loaded, text, ""))["pixels"])),  # type: ignore[arg-type]
            "one head": lambda text=text: _head_bytes(text, loaded),
            "bertviz offline": lambda text=text: len(bertviz_page(loaded, text, "", "head").html.encode()),
        }
        note = "bertviz head_view" + (" (estimated)" if tokens > 128 else "")
        for name, picture in pictures.items():
            start = time.perf_counter()
            size = picture()
            seconds = time.perf_counter() - start
            rows.append(Row(f"{tokens} tokens: {name}", 1000 * seconds, 1000 * theirs, "ms", note))
            rows.append(Row(f"{tokens} tokens: {name}", size / 1e6, their_bytes / 1e6, "MB", note))
    return rows


def _head_bytes(text: str, loaded: object) -> int:
    found = head_of(loaded, text, "", 0, 2)  # type: ignore[arg-type]
    return len(token_figure(found.weights, token_labels(found.tokens)).to_json(validate=False))


def _bertviz(weights: np.ndarray, tokens: list[str]) -> tuple[float, float]:
    """Seconds and bytes of bertviz's own page with all layers."""
    measured = min(len(tokens), 128)
    layers = [torch.from_numpy(layer[:, :measured, :measured].astype(np.float32))[None] for layer in weights]
    start = time.perf_counter()
    html = head_view(layers, tokens[:measured], html_action="return").data
    growth = (len(tokens) / measured) ** 2
    return (time.perf_counter() - start) * growth, len(html.encode()) * growth


if __name__ == "__main__":
    for row in run():
        print(f"{row.what} | {row.ours:.3g} {row.unit} | {row.peers:.3g} {row.unit} ({row.peer})")
