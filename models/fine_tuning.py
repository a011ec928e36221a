"""Fine-tuning: a new head on a pre-trained model, and training it on the examples of a viewer.

Devlin et al. 2019, section 3.2, figure 4 and appendix A.3; Radford et al. 2018, section 3.3 and figure 1. A training works
on a copy of its own: the models that all viewers share are only read.
"""

from __future__ import annotations

import copy
import time
import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np

from models.compute import Gate, computed_once, largest, tell_waiting, turn
from models.libraries import one_at_a_time
from models.loading import LoadedModel, LoadedTokenizer
from models.prompting import gpt1_sequence
from models.results import (
    ChoiceInput,
    Classified,
    FineTuning,
    GPT1Task,
    HeadInput,
    HeadShape,
    InputTransformation,
    LabelledExample,
    MaskedInput,
    PlaygroundError,
    TuningSettings,
    TuningStep,
)
from models.shares import share_of
from models.tokenization import whole_words

__all__ = [
    "FEWEST",
    "MOST",
    "MOST_CHOICES",
    "TunedModel",
    "choice_input",
    "classify",
    "fine_tune",
    "head_input",
    "input_transformation",
    "masked_input",
    "read_phrases",
    "split",
]

FEWEST, MOST = 8, 200  # labelled examples
MOST_LABELS = 8
MOST_CHOICES = 5  # of one question
MOST_TOKENS = 128  # of one example
MOST_PARAMETERS = 50_000_000  # of an encoder that only one training has, for the memory of a small server
NO_PHRASE = "O"  # "outside": the tag of all other words
IGNORED = -100  # what cross_entropy leaves out
WEIGHT_DECAY = 0.01  # Devlin et al. 2019, appendix A.2
MARKERS = ("<s>", "$", "<e>")

OnProgress = Callable[..., bool]  # on_progress(done, total), or with a TuningStep; False: come to an early end
Row = tuple[dict[str, list[int]], list[int]]  # the inputs of an example, and its targets
_trainings = Gate(4)  # so many copies of a model are in memory at once
_KEPT = 6  # encoders of their own that trained models may keep, over all viewers
_own: list[weakref.ref[TunedModel]] = []  # those that have one, the oldest first
_own_lock = Lock()


# --- a head on an encoder ------------------------------------------------------------------------------------------


def _new_head(width: int, outputs: int, spread: float, seed: int) -> Any:
    """A linear layer as Transformers starts it: weights from N(0, initializer_range), bias 0."""
    import torch

    head = torch.nn.Linear(width, outputs)
    torch.nn.init.normal_(head.weight, std=spread, generator=torch.Generator().manual_seed(seed))
    torch.nn.init.zeros_(head.bias)
    return head


@computed_once
def head_input(
    loaded: LoadedModel, shape: HeadShape, text: str, pair: str, outputs: tuple[str, ...], reads: str = "pooler"
) -> HeadInput:
    """The tensors of one input for one of BERT's four shapes, with a head of random weights.

    ``loaded`` is the bare encoder (head "Model"). Raises PlaygroundError for an empty text and one that is too long.
    """
    import torch

    two = shape in ("pair", "answer")
    _check_encoder(loaded)
    _check_text(text, pair, two)
    with loaded.tokenizer.lock:
        encoding = loaded.tokenizer.tokenizer(text, pair if two else None)
    _check_length(len(encoding["input_ids"]), text, pair if two else "")
    tokens = loaded.tokenizer.tokenizer.convert_ids_to_tokens(encoding["input_ids"])
    inputs = {name: torch.tensor([values]) for name, values in encoding.items()}
    config = loaded.model.config
    head = _new_head(config.hidden_size, len(outputs), config.initializer_range, 0)
    every_token = shape in ("answer", "tagging")
    with turn(), torch.inference_mode():
        found = loaded.model(**inputs)
        hidden = found.last_hidden_state
        pooled = None if every_token else found.pooler_output if reads == "pooler" else hidden.mean(1)
        logits = head(hidden if pooled is None else pooled)
    tensors = [(name, tuple(inputs[name].shape)) for name in ("input_ids", "token_type_ids") if name in inputs]
    tensors.append(("last_hidden_state", tuple(hidden.shape)))
    if pooled is not None:
        tensors.append(("pooler_output" if reads == "pooler" else "mean", tuple(pooled.shape)))
    if shape == "answer":
        tensors += [("start_logits", tuple(logits[..., 0].shape)), ("end_logits", tuple(logits[..., 1].shape))]
    else:
        tensors.append(("logits", tuple(logits.shape)))
    whole = not every_token and reads == "pooler"
    return HeadInput(
        model=loaded.origin.name,
        shape=shape,
        tokens=tuple(tokens),
        token_type_ids=tuple(encoding.get("token_type_ids", [0] * len(tokens))),
        tensors=tuple(tensors),
        hidden=hidden[0].float().numpy(),
        pooled=None if pooled is None else pooled[0].float().numpy(),
        outputs=outputs,
        logits=logits.reshape(-1, len(outputs)).float().numpy(),
        read=(0,) if whole else tuple(range(len(tokens))),
        head_parameters=sum(one.numel() for one in head.parameters()),
        encoder_parameters=sum(one.numel() for one in loaded.model.parameters()),
    )


@computed_once
def choice_input(loaded: LoadedModel, text: str, choices: tuple[str, ...]) -> ChoiceInput:
    """K continuations of a text, each read as a sentence pair, and one new layer that scores every pooled [CLS].

    ``BertForMultipleChoice`` (Devlin et al. 2019, section 4.4): (B, K, L) is read as (B*K, L), its scores (B*K, 1) are put
    back into (B, K), and a softmax runs over the choices. ``loaded`` is the bare encoder; the new layer is random. Raises
    PlaygroundError for an empty text, one that is too long, and for less than 2 or more than MOST_CHOICES choices.
    """
    import torch

    _check_encoder(loaded)
    if not 2 <= len(choices) <= MOST_CHOICES:
        raise PlaygroundError(
            f"There are {len(choices)} choices; write 2 to {MOST_CHOICES}, one a line.",
            f"선택지가 {len(choices)}개입니다. 한 줄에 하나씩 2개에서 {MOST_CHOICES}개까지 써 주세요.",
        )
    for choice in choices:
        _check_text(text, choice, True)
    tokenizer = loaded.tokenizer.tokenizer
    with loaded.tokenizer.lock:
        rows = [tokenizer(text, choice) for choice in choices]
    for row, choice in zip(rows, choices, strict=True):
        _check_length(len(row["input_ids"]), text, choice)
    inputs, _ = _batch([(dict(row), []) for row in rows])  # (B*K, L), padded to the longest
    config = loaded.model.config
    head = _new_head(config.hidden_size, 1, config.initializer_range, 0)
    with turn(), torch.inference_mode():
        found = loaded.model(**inputs)
        scores = head(found.pooler_output)  # (B*K, 1)
        logits = scores.reshape(1, -1)  # (B, K)
    tensors = [
        ("input_ids", (1, *inputs["input_ids"].shape)),
        ("input_ids, flat", tuple(inputs["input_ids"].shape)),
        ("last_hidden_state", tuple(found.last_hidden_state.shape)),
        ("pooler_output", tuple(found.pooler_output.shape)),
        ("scores", tuple(scores.shape)),
        ("logits", tuple(logits.shape)),
    ]
    return ChoiceInput(
        model=loaded.origin.name,
        sequences=tuple(tuple(tokenizer.convert_ids_to_tokens(row["input_ids"])) for row in rows),
        token_type_ids=tuple(tuple(row.get("token_type_ids", [0] * len(row["input_ids"]))) for row in rows),
        tensors=tuple(tensors),
        hidden=found.last_hidden_state[:, 0].numpy(),
        logits=logits[0].numpy(),
        probabilities=logits.softmax(-1)[0].numpy(),
        head_parameters=sum(one.numel() for one in head.parameters()),
        encoder_parameters=sum(one.numel() for one in loaded.model.parameters()),
    )


@computed_once
def masked_input(loaded: LoadedModel, text: str, top_k: int = 3) -> MaskedInput:
    """The ``top_k`` likeliest tokens at every position, by the head that was trained with the encoder.

    ``loaded`` has the head "MaskedLM": (B, L, H) becomes (B, L, V) (Devlin et al. 2019, section 3.1). Raises
    PlaygroundError for an empty text and one that is too long.
    """
    import torch

    _check_encoder(loaded)
    _check_text(text, "", False)
    tokenizer = loaded.tokenizer.tokenizer
    with loaded.tokenizer.lock:
        encoding = tokenizer(text)
    _check_length(len(encoding["input_ids"]), text)
    inputs = {name: torch.tensor([values]) for name, values in encoding.items()}
    with turn(), torch.inference_mode():
        hidden = loaded.model.base_model(**inputs).last_hidden_state  # (B, L, H)
        logits = loaded.model.cls(hidden)  # (B, L, V)
        probabilities = logits[0].softmax(-1).numpy()
    best = np.stack([largest(row, top_k) for row in logits[0].numpy()])  # (L, k)
    tokens = tokenizer.convert_ids_to_tokens(encoding["input_ids"])
    encoder = sum(one.numel() for one in loaded.model.base_model.parameters())
    return MaskedInput(
        model=loaded.origin.name,
        tokens=tuple(tokens),
        token_type_ids=tuple(encoding.get("token_type_ids", [0] * len(tokens))),
        tensors=(
            ("input_ids", tuple(inputs["input_ids"].shape)),
            ("last_hidden_state", tuple(hidden.shape)),
            ("logits", tuple(logits.shape)),
        ),
        hidden=hidden[0].numpy(),
        masked=tuple(place for place, one in enumerate(encoding["input_ids"]) if one == tokenizer.mask_token_id),
        best=tuple(tuple(tokenizer.convert_ids_to_tokens(row.tolist())) for row in best),
        logits=np.take_along_axis(logits[0].numpy(), best, -1),
        probabilities=np.take_along_axis(probabilities, best, -1),
        head_parameters=sum(one.numel() for one in loaded.model.parameters()) - encoder,
        encoder_parameters=encoder,
    )


def _check_text(text: str, pair: str, two: bool) -> None:
    if not text.strip() or (two and not pair.strip()):
        raise PlaygroundError("A text is empty. Fill it in.", "비어 있는 글이 있습니다. 내용을 채워 주세요.")


def _check_length(tokens: int, text: str, pair: str = "") -> None:
    if tokens > MOST_TOKENS:
        named = " + ".join(f"“{one[:40]}…”" for one in (text, pair) if one)
        raise PlaygroundError(
            f"{named}: {tokens} tokens; this page takes up to {MOST_TOKENS} at a time. Shorten the text.",
            f"{named}: 토큰 {tokens}개입니다. 이 페이지는 한 번에 {MOST_TOKENS}개까지 받으니 글을 줄여 주세요.",
        )


# --- GPT-1's input transformations ---------------------------------------------------------------------------------


def _sequences(task: GPT1Task, texts: Sequence[str]) -> list[tuple[str, ...]]:
    first, *others = texts
    if task == "classification":
        return [gpt1_sequence(first)]
    if task == "entailment":
        return [gpt1_sequence(first, others[0])]
    if task == "similarity":
        return [gpt1_sequence(first, others[0]), gpt1_sequence(others[0], first)]
    return [gpt1_sequence(first, other) for other in others]


def _marked_ids(tokenizer: LoadedTokenizer, sequence: Sequence[str]) -> list[int]:
    """Token ids of texts between markers. Those are new and have no id: -1, -2 and -3 for "<s>", "$" and "<e>"."""
    ids: list[int] = []
    for place, part in enumerate(sequence):
        if place % 2 == 0:  # a text between each two markers
            ids.append(-1 - MARKERS.index(part))
        else:
            with tokenizer.lock:
                ids += tokenizer.tokenizer(part, add_special_tokens=False)["input_ids"]
    _check_length(len(ids), *sequence[1::2])
    return ids


def _read_marked(model: Any, rows: Sequence[Sequence[int]]) -> tuple[Any, Any, Any]:
    """(vectors (N, L, H), last hidden states (N, L, H), those of the extract tokens (N, H)).

    The vectors of the markers are random, as at the start of fine-tuning, and always the same.
    """
    import torch

    embed, config = model.get_input_embeddings(), model.config
    generator = torch.Generator().manual_seed(0)
    new = torch.randn((len(MARKERS), config.hidden_size), generator=generator) * config.initializer_range
    ids = [torch.tensor(row) for row in rows]
    vectors = [torch.where(row[:, None] < 0, new[(-1 - row).clamp(0)], embed(row.clamp(0)).float()) for row in ids]
    padded = torch.nn.utils.rnn.pad_sequence(vectors, batch_first=True)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in ids], batch_first=True)
    hidden = model.base_model(inputs_embeds=padded, attention_mask=mask).last_hidden_state
    return padded, hidden, hidden[torch.arange(len(rows)), mask.sum(1) - 1].float()


@computed_once
def input_transformation(loaded: LoadedModel, task: GPT1Task, texts: tuple[str, ...]) -> InputTransformation:
    """A task as GPT-1 reads it: start, delimiter and extract are new vectors, a new linear layer reads the extract token.

    ``texts``: one for classification, two for entailment and similarity, a context and its endings for choice. The new
    vectors and the new layer are random, as at the start of fine-tuning. Raises PlaygroundError for empty and for too
    long texts.
    """
    import torch

    for text in texts:
        _check_text(text, "", False)
    config = loaded.model.config
    rows = [_marked_ids(loaded.tokenizer, sequence) for sequence in _sequences(task, texts)]
    tokens, markers = [], []
    for row in rows:
        names = loaded.tokenizer.tokenizer.convert_ids_to_tokens([max(0, one) for one in row])
        tokens.append(tuple(name if one >= 0 else MARKERS[-one - 1] for name, one in zip(names, row, strict=True)))
        markers.append(tuple(one < 0 for one in row))
    with turn(), torch.inference_mode():
        padded, hidden, extract = _read_marked(loaded.model, rows)
        tensors = [("inputs_embeds", padded), ("last_hidden_state", hidden), ("extract", extract)]
        read = extract
        if task == "similarity":
            read = extract.sum(0, keepdim=True)
            tensors.append(("h₁ + h₂", read))
        head = _new_head(config.hidden_size, 1 if task == "choice" else 2, config.initializer_range, 0)
        logits = head(read)
    tensors.append(("logits", logits))
    return InputTransformation(
        model=loaded.origin.name,
        task=task,
        sequences=tuple(tokens),
        markers=tuple(markers),
        tensors=tuple((name, tuple(one.shape)) for name, one in tensors),
        extract=extract.numpy(),
        scores=logits.flatten().numpy(),
        new_parameters=sum(one.numel() for one in head.parameters()) + len(MARKERS) * config.hidden_size,
    )


# --- labelled examples ---------------------------------------------------------------------------------------------


def read_phrases(label: str) -> dict[str, str]:
    """The tagged phrases of a text.

    >>> read_phrases("Anna = person; Oslo = place")
    {'Anna': 'person', 'Oslo': 'place'}
    """
    parts = [part.rsplit("=", 1) for part in label.split(";") if part.strip()]
    if any(len(part) != 2 or not part[0].strip() or not part[1].strip() for part in parts):
        raise PlaygroundError(
            f"The tags “{label[:60]}” cannot be read. Write them like this: Anna = person; Oslo = place",
            f"태그 “{label[:60]}” 부분을 읽을 수 없습니다. 이렇게 써 주세요: Anna = person; Oslo = place",
        )
    return {phrase.strip(): tag.strip() for phrase, tag in parts}


def _labels_of(examples: Sequence[LabelledExample], task: str) -> tuple[str, ...]:
    if task == "tagging":
        return (NO_PHRASE, *sorted({tag for one in examples for tag in read_phrases(one.label).values()} - {NO_PHRASE}))
    return tuple(sorted({one.label for one in examples}))


def _check_encoder(loaded: LoadedModel) -> None:
    if loaded.model.config.model_type != "bert":
        raise PlaygroundError(
            f"Here the encoder is a BERT; {loaded.origin.name} is of the type {loaded.model.config.model_type}.",
            f"여기서는 인코더로 BERT를 씁니다. {loaded.origin.name} 모델의 종류는 {loaded.model.config.model_type}입니다.",
        )


def _check_causal(settings: TuningSettings) -> None:
    if settings.task == "tagging" or settings.scope != "head" or settings.start != "pretrained":
        raise PlaygroundError(
            "In GPT-1's way only the head is trained here, to classify texts.",
            "여기서 GPT-1 방식으로는 헤드만, 글을 분류하도록 학습합니다.",
        )


def _check(examples: Sequence[LabelledExample], settings: TuningSettings) -> tuple[str, ...]:
    """The labels; raises PlaygroundError where the table cannot be learned from."""
    if not FEWEST <= len(examples) <= MOST:
        raise PlaygroundError(
            f"The table has {len(examples)} examples; {FEWEST} to {MOST} are needed.",
            f"표에 예시가 {len(examples)}개 있습니다. {FEWEST}개에서 {MOST}개 사이여야 합니다.",
        )
    for number, one in enumerate(examples, 1):
        missing = not one.text.strip() or (settings.task == "pair" and not one.pair.strip())
        if missing or (settings.task != "tagging" and not one.label.strip()):
            raise PlaygroundError(
                f"Row {number} of the table has an empty cell. Fill it in, or delete the row.",
                f"표의 {number}번째 줄에 빈칸이 있습니다. 채우거나 그 줄을 지워 주세요.",
            )
        for phrase in read_phrases(one.label) if settings.task == "tagging" else ():
            if not _places(one.text, phrase):
                raise PlaygroundError(
                    f"Row {number}: “{phrase[:40]}” does not occur in its text as a word of its own.",
                    f"{number}번째 줄: “{phrase[:40]}” 부분이 글에 온전한 단어로 나오지 않습니다.",
                )
    labels = _labels_of(examples, settings.task)
    if not 2 <= len(labels) <= MOST_LABELS:
        raise PlaygroundError(
            f"The table has {len(labels)} different labels; 2 to {MOST_LABELS} are needed.",
            f"표의 라벨이 {len(labels)}가지입니다. 2가지에서 {MOST_LABELS}가지 사이여야 합니다.",
        )
    return labels


def split(
    examples: Sequence[LabelledExample], settings: TuningSettings
) -> tuple[tuple[LabelledExample, ...], tuple[LabelledExample, ...]]:
    """(to train on, held out). Rows with the same ``text`` stay on one side; the labels are spread as evenly as it goes.

    Raises PlaygroundError where nothing is left on one of the sides.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups = [one.text.strip().lower() for one in examples]
    labels = [one.label if settings.task != "tagging" else "" for one in examples]
    folds = min(settings.folds, len(set(groups)), max(Counter(labels).values()))
    if folds < 2:
        raise PlaygroundError(
            "Nothing can be held out: each label needs two different texts at least.",
            "따로 떼어 둘 예시가 없습니다. 라벨마다 서로 다른 글이 두 개 이상 필요합니다.",
        )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=settings.seed)
    train, held_out = next(splitter.split(groups, labels, groups))
    return tuple(examples[place] for place in train), tuple(examples[place] for place in held_out)


# --- training ------------------------------------------------------------------------------------------------------


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
            ids = _marked_ids(tokenizer, gpt1_sequence(one.text, one.pair if task == "pair" else None))
            rows.append(({"input_ids": ids}, [labels.index(one.label) if one.label in labels else 0]))
            continue
        with tokenizer.lock:
            encoding = tokenizer.tokenizer(one.text, one.pair if task == "pair" else None, return_offsets_mapping=True)
        offsets, words = encoding.pop("offset_mapping"), encoding.word_ids()
        _check_length(len(words), one.text, one.pair if task == "pair" else "")
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
            spans = [(*span, tag) for phrase, tag in tags for span in _places(one.text, phrase)]
            for place, word in enumerate(words):
                if word is not None and (place == 0 or words[place - 1] != word):  # the first piece stands for its word
                    start = offsets[place][0]
                    tag = next((tag for first, last, tag in spans if first <= start < last), NO_PHRASE)
                    targets[place] = labels.index(tag)
        rows.append((dict(encoding), targets))
    return rows


def _places(text: str, phrase: str) -> list[tuple[int, int]]:
    """Where a phrase stands in a text."""
    return [found.span() for found in whole_words(phrase).finditer(text)]


def _batch(rows: Sequence[Row]) -> tuple[dict[str, Any], Any]:
    """Inputs padded to the longest, (B, L) each, and the targets that are read, (T,)."""
    import torch

    inputs = {
        name: torch.nn.utils.rnn.pad_sequence([torch.tensor(row[name]) for row, _ in rows], batch_first=True)
        for name in rows[0][0]
    }
    return inputs, torch.tensor([target for _, targets in rows for target in targets if target != IGNORED])


def _vectors(encoder: Any, rows: Sequence[Row], settings: TuningSettings) -> Any:
    """What the head reads: (B, H), or for tagging one vector for each word, (T, H)."""
    import torch

    if settings.reads == "extract":
        return _read_marked(encoder, [row["input_ids"] for row, _ in rows])[-1]
    inputs, _ = _batch(rows)
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
        self.head = _new_head(config.hidden_size, labels, config.initializer_range, settings.seed)
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
            loss = torch.nn.functional.cross_entropy(self.logits(rows), _batch(rows)[1])
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
        logits, targets = torch.cat(parts), _batch(rows)[1]
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
        _check_encoder(loaded)
    labels = _check(examples, settings)
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
    _check_text(text, pair, settings.task == "pair")
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
