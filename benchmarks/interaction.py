"""A new input and a repeated one on every page, as the server sees them, beside the model calls that the page needs.

    python -m benchmarks.interaction

Goals: a new input takes at most 1.25 times the bare calls plus 40 ms; a repeated one at most 40 ms. A page's time is that
from sending the text to the end of the script, over Streamlit's websocket; the bare calls are timed in this process while
the server rests, with as many threads.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from benchmarks.load import wait_until_ready
from benchmarks.rows import Row, median_ms
from benchmarks.viewer import Viewer
from models.loading import LoadedModel, load_model
from tests.browser.conftest import free_port, start_app

REPEATS = 15
SENTENCE = "The doctor number {} gave the patient some medicine."
PASSAGE = "The abbey was built in 1132 by monks. It was closed in 1539, and its stones were sold. Today it is a ruin."


@dataclass(frozen=True)
class Visit:
    """A page, the field that is typed into, and the model calls that its picture needs."""

    page: str
    field: str
    parameters: dict[str, str]
    text: str
    calls: Callable[[str], object]
    what: str


def bare(loaded: LoadedModel, *texts: str, **settings: Any) -> object:
    encoding = loaded.tokenizer.tokenizer(*texts, return_tensors="pt")
    with torch.inference_mode():
        return loaded.model(**encoding, **settings)


def each_token_hidden(loaded: LoadedModel, text: str) -> object:
    """What a pseudo-perplexity needs: the text once for each token, in one batch."""
    encoding = loaded.tokenizer.tokenizer(text, return_tensors="pt")
    length = encoding["input_ids"].shape[1]
    rows = encoding["input_ids"].repeat(length - 2, 1)
    rows[range(length - 2), range(1, length - 1)] = loaded.tokenizer.tokenizer.mask_token_id
    with torch.inference_mode():
        return loaded.model(input_ids=rows)


def visits() -> list[Visit]:
    masked, electra = load_model("mini-bert", "MaskedLM"), load_model("mini-electra", "PreTraining")
    eager = load_model("mini-bert", "Model", attn_implementation="eager")
    reader = load_model("mini-bert-squad", "QuestionAnswering")
    pairs = load_model("mini-bert", "NextSentencePrediction")
    encoder, student = load_model("mini-bert", "Model"), load_model("mini-student", "MaskedLM")
    causal = load_model("HuggingFaceTB/SmolLM2-135M-Instruct", "CausalLM")
    tokenizers = (masked.tokenizer.tokenizer, causal.tokenizer.tokenizer)
    fact = "A spade is used for digging."
    return [
        Visit("tokenizer_explorer", "text", {}, SENTENCE, lambda text: [one(text) for one in tokenizers], "2 tokenizers"),
        Visit("masking_simulator", "text", {}, SENTENCE,
              lambda text: (bare(masked, text), each_token_hidden(masked, text)), "2 calls: hidden, each hidden in turn"),
        Visit("attention_viewer", "text", {"view": "head"}, SENTENCE,
              lambda text: bare(eager, text, output_attentions=True), "1 call"),
        Visit("qa_highlighter", "question", {"context": PASSAGE}, "When was the abbey number {} built?",
              lambda text: bare(reader, text, PASSAGE), "1 call"),
        Visit("prompt_lab", "text", {"view": "surprise"}, SENTENCE, lambda text: bare(causal, text), "1 call"),
        Visit("electra_detector", "text", {}, SENTENCE, lambda text: bare(electra, text), "1 call"),
        Visit("sentence_pairs", "text", {}, SENTENCE,
              lambda text: [bare(pairs, text, "He bought a gallon of milk.") for _ in range(4)], "4 calls"),
        Visit("fine_tuning_heads", "text", {"shape": "single"}, SENTENCE, lambda text: bare(encoder, text), "1 call"),
        Visit("knowledge", "text", {"fact": fact}, "Doctor number {} dug with a [MASK].",
              lambda text: (bare(masked, text), bare(masked, f"{fact} {text}")), "2 calls"),
        Visit("distillation", "text", {}, SENTENCE, lambda text: (bare(masked, text), bare(student, text)), "2 calls"),
    ]  # fmt: skip


async def typed(server: str, visit: Visit) -> tuple[float, float]:
    """Milliseconds of a new text and of one that was there before; medians."""
    async with Viewer(server) as viewer:
        await viewer.open(visit.page, **visit.parameters)
        texts = [visit.text.format(number) for number in range(REPEATS + 1)]
        await viewer.type(visit.field, texts[0])
        new = [await viewer.type(visit.field, text) for text in texts[1:]]
        again = [await viewer.type(visit.field, text) for text in texts[1:]]
        assert viewer.errors == [], viewer.errors
    return 1000 * statistics.median(new), 1000 * statistics.median(again)


def run() -> list[Row]:
    """Two rows for each page: a new input, and a repeated one."""
    port = free_port()
    process = start_app(port)
    rows = []
    try:
        wait_until_ready(port)
        for visit in visits():
            new, again = asyncio.run(typed(f"127.0.0.1:{port}", visit))
            visit.calls(visit.text.format(-1))
            calls = median_ms(lambda number, visit=visit: visit.calls(visit.text.format(number)), REPEATS)
            rows.append(
                Row(f"{visit.page}: new input", new, 1.25 * calls + 40, "ms", f"1.25 x {visit.what} + 40 ms", "≤ 1")
            )
            rows.append(Row(f"{visit.page}: repeated input", again, 40, "ms", "40 ms", "≤ 1"))
            print(f"{visit.page}: new {new:.0f} ms, repeated {again:.0f} ms, {visit.what} {calls:.1f} ms", flush=True)
    finally:
        process.terminate()
        process.wait()
    return rows


if __name__ == "__main__":
    run()
