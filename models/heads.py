"""New heads on pre-trained models, with every tensor's shape: BERT's four and GPT-1's input transformations.

Devlin et al. 2019, figure 4; Radford et al. 2018, section 3.3 and figure 1. A new head is random, as at the start of
fine-tuning (:mod:`models.fine_tuning`), and always the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.compatibility import is_masked
from models.compute import computed_once, largest, turn
from models.loading import LoadedModel, LoadedTokenizer
from models.prompting import gpt1_sequence
from models.results import (
    ChoiceInput,
    GPT1Task,
    HeadInput,
    HeadShape,
    InputTransformation,
    MaskedInput,
    PlaygroundError,
)

__all__ = [
    "MOST_CHOICES",
    "check_encoder",
    "check_length",
    "check_segments",
    "check_text",
    "choice_input",
    "head_input",
    "input_transformation",
    "is_causal",
    "marked_ids",
    "masked_input",
    "new_head",
    "padded",
    "read_marked",
]

MOST_CHOICES = 5  # of one question
MOST_TOKENS = 128  # of one example
MARKERS = ("<s>", "$", "<e>")


def new_head(width: int, outputs: int, spread: float, seed: int) -> Any:
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
    check_encoder(loaded)
    check_text(text, pair, two)
    with loaded.tokenizer.lock:
        encoding = loaded.tokenizer.tokenizer(text, pair if two else None)
    check_length(len(encoding["input_ids"]), text, pair if two else "", most=_most_tokens(loaded))
    tokens = loaded.tokenizer.tokenizer.convert_ids_to_tokens(encoding["input_ids"])
    inputs = {name: torch.tensor([values]) for name, values in encoding.items()}
    config = loaded.model.config
    head = new_head(config.hidden_size, len(outputs), config.initializer_range, 0)
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

    check_encoder(loaded)
    if not 2 <= len(choices) <= MOST_CHOICES:
        raise PlaygroundError(
            f"There are {len(choices)} choices; write 2 to {MOST_CHOICES}, one a line.",
            f"선택지가 {len(choices)}개입니다. 한 줄에 하나씩 2개에서 {MOST_CHOICES}개까지 써 주세요.",
        )
    for choice in choices:
        check_text(text, choice, True)
    tokenizer = loaded.tokenizer.tokenizer
    with loaded.tokenizer.lock:
        rows = [tokenizer(text, choice) for choice in choices]
    for row, choice in zip(rows, choices, strict=True):
        check_length(len(row["input_ids"]), text, choice, most=_most_tokens(loaded))
    inputs = padded([dict(row) for row in rows])  # (B*K, L)
    config = loaded.model.config
    head = new_head(config.hidden_size, 1, config.initializer_range, 0)
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

    check_encoder(loaded)
    check_text(text, "", False)
    tokenizer = loaded.tokenizer.tokenizer
    with loaded.tokenizer.lock:
        encoding = tokenizer(text)
    check_length(len(encoding["input_ids"]), text, most=_most_tokens(loaded))
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


def padded(rows: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    """The encodings of B texts as tensors (B, L), padded to the longest."""
    import torch

    return {
        name: torch.nn.utils.rnn.pad_sequence([torch.tensor(row[name]) for row in rows], batch_first=True)
        for name in rows[0]
    }


def check_text(text: str, pair: str, two: bool) -> None:
    if not text.strip() or (two and not pair.strip()):
        raise PlaygroundError("A text is empty. Fill it in.", "비어 있는 글이 있습니다. 내용을 채워 주세요.")


def _most_tokens(loaded: LoadedModel) -> int:
    return min(MOST_TOKENS, int(loaded.tokenizer.tokenizer.model_max_length))


def check_length(tokens: int, text: str, pair: str = "", *, most: int = MOST_TOKENS) -> None:
    if tokens > most:
        named = " + ".join(f"“{one[:40]}…”" for one in (text, pair) if one)
        raise PlaygroundError(
            f"{named}: {tokens} tokens; this page takes up to {most} at a time. Shorten the text.",
            f"{named}: 토큰 {tokens}개입니다. 이 페이지는 한 번에 {most}개까지 받으니 글을 줄여 주세요.",
        )


def check_encoder(loaded: LoadedModel) -> None:
    if loaded.model.config.model_type != "bert":
        raise PlaygroundError(
            f"Here the encoder is a BERT; {loaded.origin.name} is of the type {loaded.model.config.model_type}. "
            "Pick one of the list.",
            f"여기서는 인코더로 BERT를 씁니다. {loaded.origin.name} 모델의 종류는 {loaded.model.config.model_type}입니다. "
            "목록에서 골라 주세요.",
        )
    check_segments(loaded)


def check_segments(loaded: LoadedModel) -> None:
    """Raises PlaygroundError for a model that has one token_type_id for both sentences."""
    if getattr(loaded.model.config, "type_vocab_size", 2) < 2:
        raise PlaygroundError(
            f"{loaded.origin.name} does not tell sentence A from B (it has one token_type_id). Pick another model.",
            f"{loaded.origin.name} 모델은 문장 A와 B를 구별하지 않습니다(token_type_id가 하나뿐). 다른 모델을 골라 주세요.",
        )


def is_causal(loaded: LoadedModel) -> bool:
    """Whether a head is trained on this model in GPT-1's way, and not in BERT's.

    Raises PlaygroundError for a model that is neither a BERT nor reads from left to right.
    """
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL

    config = loaded.model.config
    if config.model_type in CAUSAL and not is_masked(config):
        return True
    check_encoder(loaded)
    return False


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


def marked_ids(tokenizer: LoadedTokenizer, sequence: Sequence[str]) -> list[int]:
    """Token ids of texts between markers. Those are new and have no id: -1, -2 and -3 for "<s>", "$" and "<e>"."""
    ids: list[int] = []
    for place, part in enumerate(sequence):
        if place % 2 == 0:  # a text between each two markers
            ids.append(-1 - MARKERS.index(part))
        else:
            with tokenizer.lock:
                ids += tokenizer.tokenizer(part, add_special_tokens=False)["input_ids"]
    check_length(len(ids), *sequence[1::2])
    return ids


def read_marked(model: Any, rows: Sequence[Sequence[int]]) -> tuple[Any, Any, Any]:
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
        check_text(text, "", False)
    config = loaded.model.config
    rows = [marked_ids(loaded.tokenizer, sequence) for sequence in _sequences(task, texts)]
    tokens, markers = [], []
    for row in rows:
        names = loaded.tokenizer.tokenizer.convert_ids_to_tokens([max(0, one) for one in row])
        tokens.append(tuple(name if one >= 0 else MARKERS[-one - 1] for name, one in zip(names, row, strict=True)))
        markers.append(tuple(one < 0 for one in row))
    with turn(), torch.inference_mode():
        padded, hidden, extract = read_marked(loaded.model, rows)
        tensors = [("inputs_embeds", padded), ("last_hidden_state", hidden), ("extract", extract)]
        read = extract
        if task == "similarity":
            read = extract.sum(0, keepdim=True)
            tensors.append(("h₁ + h₂", read))
        head = new_head(config.hidden_size, 1 if task == "choice" else 2, config.initializer_range, 0)
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
