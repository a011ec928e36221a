"""Fine-tuning: a new head on a pre-trained model is trained on the examples of a viewer.

Devlin et al. 2019, section 3.2 and appendix A.3; Radford et al. 2018, section 3.3. A training works on a copy of its own:
the models that all viewers share are only read.
"""

from __future__ import annotations

import copy
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np

from models.compute import Gate, tell_waiting, turn
from models.heads import check_encoder, check_length, check_text, marked_ids, new_head, padded, read_marked
from models.labelled_examples import NO_PHRASE, labels_of, places, read_phrases, split
from models.libraries import one_at_a_time
from models.loading import LoadedModel, LoadedTokenizer
from models.prompting import gpt1_sequence
from models.results import Classified, FineTuning, LabelledExample, PlaygroundError, TuningSettings, TuningStep
from models.shares import share_of

__all__ = ["TunedModel", "classify", "fine_tune"]

MOST_PARAMETERS = 50_000_000  # of an encoder that only one training has, for the memory of a small server
IGNORED = -100  # what cross_entropy leaves out
WEIGHT_DECAY = 0.01  # Devlin et al. 2019, appendix A.2

OnProgress = Callable[..., bool]  # on_progress(done, total), or with a TuningStep; False: come to an early end
Row = tuple[dict[str, list[int]], list[int]]  # the inputs of an example, and its targets
_trainings = Gate(4)  # so many copies of a model are in memory at once
_KEPT = 6  # encoders of their own that trained models may keep, over all viewers
_own: list[weakref.ref[TunedModel]] = []  # those that have one, the oldest first
_own_lock = Lock()


def _check_causal(settings: TuningSettings) -> None:
    if settings.task == "tagging" or settings.scope != "head" or settings.start != "pretrained":
        raise PlaygroundError(
            "In GPT-1's way only the head is trained here, to classify texts.",
            "여기서 GPT-1 방식으로는 헤드만, 글을 분류하도록 학습합니다.",
        )


@dataclass(eq=False)
class TunedModel:
    """A fine-tuned model, for the viewer who trained it.

    ``encoder`` is its own; None where only the head was trained, on the encoder that others use too, and where it was
    let go, since too many were trained after it.
    """

    record: FineTuning
    head: Any
    encoder: Any = None
    let_go: bool = False


def _encode(
    tokenizer: LoadedTokenizer, examples: Sequence[LabelledExample], labels: Sequence[str], settings: TuningSettings
) -> list[Row]:
    """For each example its inputs and its targets: one number, or one for each token (-100: not read)."""
    task, rows = settings.task, []
    for one in examples:
        if settings.reads == "extract":
            ids = marked_ids(tokenizer, gpt1_sequence(one.text, one.pair if task == "pair" else None))
            rows.append(({"input_ids": ids}, [labels.index(one.label) if one.label in labels else 0]))
            continue
        with tokenizer.lock:
            encoding = tokenizer.tokenizer(one.text, one.pair if task == "pair" else None, return_offsets_mapping=True)
        offsets, words = encoding.pop("offset_mapping"), encoding.word_ids()
        check_length(len(words), one.text, one.pair if task == "pair" else "")
        if all(word is None for word in words):
            raise PlaygroundError(
                f"{one.text[:40]!r} has no sign that the model reads. Write a text.",
                f"{one.text[:40]!r}에는 모델이 읽을 글자가 없습니다. 글을 써 주세요.",
            )
        if task != "tagging":
            targets = [labels.index(one.label) if one.label in labels else 0]
        else:
            targets = [IGNORED] * len(words)
            tags = read_phrases(one.label).items()
            spans = [(*span, tag) for phrase, tag in tags for span in places(one.text, phrase)]
            for place, word in enumerate(words):
                if word is not None and (place == 0 or words[place - 1] != word):  # the first piece stands for its word
                    start = offsets[place][0]
                    tag = next((tag for first, last, tag in spans if first <= start < last), NO_PHRASE)
                    targets[place] = labels.index(tag)
        rows.append((dict(encoding), targets))
    return rows


def _targets(rows: Sequence[Row]) -> Any:
    """The targets that are read  # (T,)"""
    import torch

    return torch.tensor([target for _, targets in rows for target in targets if target != IGNORED])


def _vectors(encoder: Any, rows: Sequence[Row], settings: TuningSettings) -> Any:
    """What the head reads: (B, H), or for tagging one vector for each word, (T, H)."""
    import torch

    if settings.reads == "extract":
        return read_marked(encoder, [row["input_ids"] for row, _ in rows])[-1]
    inputs = padded([row for row, _ in rows])
    found = encoder(**inputs)
    if settings.task == "tagging":
        read = [torch.tensor([target != IGNORED for target in targets]) for _, targets in rows]
        return found.last_hidden_state[torch.nn.utils.rnn.pad_sequence(read, batch_first=True)]
    if settings.reads == "pooler":
        return found.pooler_output
    mask = inputs["attention_mask"][..., None]
    return (found.last_hidden_state * mask).sum(1) / mask.sum(1)


def _copy_of_encoder(loaded: LoadedModel, settings: TuningSettings) -> Any:
    """The encoder, pre-trained or with random weights; its dropout is off."""
    import torch

    if settings.start == "pretrained":
        return copy.deepcopy(loaded.model).eval()
    with one_at_a_time, torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        return type(loaded.model)(loaded.model.config).eval()


class _Training:
    """A head and an encoder on their way; ``step`` and ``test`` each take their turn at the gate."""

    def __init__(self, loaded: LoadedModel, settings: TuningSettings, labels: int, total: int) -> None:
        import torch
        from transformers import get_linear_schedule_with_warmup

        config = loaded.model.config
        self.settings, self.whole = settings, settings.scope == "all"
        shared = settings.start == "pretrained" and not self.whole
        self.encoder = loaded.model if shared else _copy_of_encoder(loaded, settings)
        self.head = new_head(config.hidden_size, labels, config.initializer_range, settings.seed)
        groups: list[dict[str, Any]] = [{"params": list(self.head.parameters()), "lr": settings.head_rate}]
        if self.whole:
            groups.append({"params": list(self.encoder.parameters()), "lr": settings.encoder_rate})
        self.trained = [weight for group in groups for weight in group["params"]]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY, fused=True)
        self.schedule = get_linear_schedule_with_warmup(self.optimizer, 0, total)
        self.known: dict[int, Any] = {}  # what a frozen encoder says about a row is computed once

    def logits(self, rows: Sequence[Row]) -> Any:
        """(B, labels), or for tagging (words, labels)."""
        import torch

        if self.whole:
            return self.head(_vectors(self.encoder, rows, self.settings))
        new = [row for row in rows if id(row) not in self.known]
        with torch.no_grad():
            if self.settings.reads == "extract" and new:  # all at once: a large model is read through for each call
                vectors = _vectors(self.encoder, new, self.settings).split(1)
                self.known |= {id(row): vector for row, vector in zip(new, vectors, strict=True)}
            else:
                self.known |= {id(row): _vectors(self.encoder, [row], self.settings) for row in new}
        return self.head(torch.cat([self.known[id(row)] for row in rows]))

    def step(self, rows: Sequence[Row]) -> float:
        """Learn from one batch; returns its loss, in nats."""
        import torch

        with turn():
            loss = torch.nn.functional.cross_entropy(self.logits(rows), _targets(rows))
            self.optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
            self.optimizer.step()
            self.schedule.step()
        return float(loss.detach())

    def test(self, rows: Sequence[Row]) -> tuple[float, float, np.ndarray]:
        """(loss, accuracy, probabilities of every target (T, labels)) on examples that it does not learn from."""
        import torch

        size, parts = self.settings.batch_size, []
        for first in range(0, len(rows), size):
            with turn(), torch.no_grad():
                parts.append(self.logits(rows[first : first + size]))
        logits, targets = torch.cat(parts), _targets(rows)
        accuracy = float((logits.argmax(-1) == targets).float().mean())
        return float(torch.nn.functional.cross_entropy(logits, targets)), accuracy, logits.softmax(-1).numpy()


def fine_tune(
    loaded: LoadedModel,
    examples: Sequence[LabelledExample],
    settings: TuningSettings,
    on_progress: OnProgress | None = None,
) -> TunedModel:
    """Train a new head, or head and encoder, on some of the examples, and test it on the others.

    AdamW with a learning rate for the encoder and one for the head, both falling linearly to 0; gradients are clipped at
    norm 1; no dropout, so that the same settings give the same numbers. ``loaded`` is a bare BERT, or for
    ``settings.reads == "extract"`` a causal model, of which only the new head is trained (Radford et al. 2018, section
    3.3, trained all of it); the vectors of its start and extract tokens are random and stay so. ``on_progress(done, total, step)`` is called with
    each :class:`TuningStep`; once it answers False the training ends early. Raises PlaygroundError where the examples or
    the settings do not work.
    """
    import torch

    if settings.reads == "extract":
        _check_causal(settings)
    else:
        check_encoder(loaded)
    labels = labels_of(examples, settings)
    train, held_out = split(examples, settings)
    size = sum(one.numel() for one in loaded.model.parameters())
    if size > MOST_PARAMETERS and (settings.scope == "all" or settings.start == "random"):
        raise PlaygroundError(
            f"{loaded.origin.name} is too large for a copy of its own here. Train only the head, on the pre-trained encoder.",
            f"{loaded.origin.name} 모델은 여기서 복사해 쓰기에는 너무 큽니다. 사전학습된 인코더 위에 헤드만 학습해 주세요.",
        )
    rows, test_rows = (_encode(loaded.tokenizer, part, labels, settings) for part in (train, held_out))
    total = settings.epochs * -(-len(rows) // settings.batch_size)
    steps: list[TuningStep] = []

    def tell(*step: TuningStep) -> bool:
        return on_progress is None or on_progress(max(0, len(steps) - 1), total, *step)

    def tell_waiting_too(_: int) -> None:
        tell()

    began = time.perf_counter()
    with tell_waiting(tell_waiting_too), _trainings.turn():
        with turn():
            training = _Training(loaded, settings, len(labels), total)
        held_out_loss, accuracy, probabilities = training.test(test_rows)
        steps.append(TuningStep(0, None, held_out_loss, accuracy))
        go_on = tell(steps[0])
        order = torch.Generator().manual_seed(settings.seed)
        waiting: list[int] = []  # what is still to come in this epoch
        while go_on and len(steps) <= total:
            waiting = waiting or torch.randperm(len(rows), generator=order).tolist()
            batch, waiting = waiting[: settings.batch_size], waiting[settings.batch_size :]
            step = TuningStep(len(steps), training.step([rows[place] for place in batch]))
            if not waiting:
                held_out_loss, accuracy, probabilities = training.test(test_rows)
                step = replace(step, held_out_loss=held_out_loss, held_out_accuracy=accuracy)
            steps.append(step)
            go_on = tell(step)
        if steps[-1].held_out_loss is None:
            held_out_loss, accuracy, probabilities = training.test(test_rows)
            steps[-1] = replace(steps[-1], held_out_loss=held_out_loss, held_out_accuracy=accuracy)
    truth = [tuple(target for target in targets if target != IGNORED) for _, targets in test_rows]
    confusion = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(confusion, (np.concatenate(truth), probabilities.argmax(-1)), 1)
    record = FineTuning(
        model=loaded.origin.name,
        settings=settings,
        labels=labels,
        train=train,
        held_out=held_out,
        steps=tuple(steps),
        accuracy=share_of(int(np.trace(confusion)), len(probabilities)),
        majority=float(confusion.sum(1).max() / len(probabilities)),
        confusion=confusion,
        pieces=tuple(_pieces(loaded.tokenizer, one.text, settings.task) for one in held_out),
        truth=tuple(truth),
        probabilities=tuple(np.split(probabilities, np.cumsum([len(one) for one in truth])[:-1])),
        trained_parameters=sum(one.numel() for one in training.trained if one.grad is not None),
        all_parameters=size + sum(one.numel() for one in training.head.parameters()),
        seconds=time.perf_counter() - began,
    )
    if training.encoder is loaded.model:
        return TunedModel(record, training.head)
    training.encoder.zero_grad(set_to_none=True)  # the gradients are as large as the model
    return _keep(TunedModel(record, training.head, training.encoder))


def _pieces(tokenizer: LoadedTokenizer, text: str, task: str) -> tuple[str, ...]:
    """What gets a label: the whole text, or each of its words."""
    if task != "tagging":
        return (text,)
    with tokenizer.lock:
        encoding = tokenizer.tokenizer(text)
    spans = [encoding.word_to_chars(word) for word in dict.fromkeys(encoding.word_ids()) if word is not None]
    return tuple(text[span.start : span.end] for span in spans)


def _keep(tuned: TunedModel) -> TunedModel:
    """Of the encoders that belong to one viewer alone, keep the few newest."""
    with _own_lock:
        alive = [*(one for known in _own if (one := known()) is not None), tuned]
        for oldest in alive[:-_KEPT]:
            oldest.let_go = True  # first: without an encoder of its own it would pass for a head alone
            oldest.encoder = None
        _own[:] = [weakref.ref(one) for one in alive[-_KEPT:]]
    return tuned


def classify(tuned: TunedModel, loaded: LoadedModel, text: str, pair: str = "") -> Classified:
    """What the fine-tuned model says about a new text, or about each of its words.

    ``loaded`` is the model that it was made from. Raises PlaygroundError for an empty text, one that is too long, and a
    model that was let go meanwhile.
    """
    import torch

    settings, labels = tuned.record.settings, tuned.record.labels
    check_text(text, pair, settings.task == "pair")
    encoder = tuned.encoder or loaded.model  # read once: another training can let go of it meanwhile
    if tuned.let_go:
        raise PlaygroundError(
            "This model was let go, because others were trained since. Train it again.",
            "그사이 다른 모델이 여럿 학습되어 이 모델은 지워졌습니다. 다시 학습해 주세요.",
        )
    row = _encode(loaded.tokenizer, [LabelledExample(text, "", pair)], labels, settings)
    with turn(), torch.no_grad():
        probabilities = tuned.head(_vectors(encoder, row, settings)).softmax(-1)
    return Classified(_pieces(loaded.tokenizer, text, settings.task), labels, probabilities.numpy())
