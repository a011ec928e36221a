"""Distillation: a small student learns what a larger teacher says, not only what stood in the text.

Hinton et al. 2015 (soft targets, temperature), Sanh et al. 2019 (DistilBERT, sections 2 and 3), Jiao et al. 2020 (TinyBERT,
section 3.1). Both models come with the head "MaskedLM" and the same vocabulary. Means go over the hidden positions.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from models.catalogue import entry
from models.compute import computed_once, forward, largest, turn
from models.loading import LoadedModel, OnProgress, load_model
from models.masking import corrupt
from models.results import (
    DistillationAgreement,
    DistillationLosses,
    HiddenSentence,
    LayerPair,
    MaskingSettings,
    ModelCost,
    PlaygroundError,
    SoftTarget,
    TinyBertTerms,
)

__all__ = [
    "WEIGHTS",
    "agreement",
    "check_pair",
    "cost",
    "hide",
    "layer_map",
    "load_for_distillation",
    "losses",
    "soft_targets",
    "tinybert_terms",
]

WEIGHTS = (5.0, 2.0, 1.0)  # of KL, MLM, cosine: alpha_ce, alpha_mlm, alpha_cos in the training command of the authors
_PROJECTION = "projection.safetensors"
_MATRICES = 128  # tokens; their attention is kept, a matrix for each layer and head


def load_for_distillation(name: str, on_progress: OnProgress | None = None) -> LoadedModel:
    """The masked model, or the bare one where the checkpoint has no head; eager, so that it returns attention."""
    head = "Model" if entry(name).head == "Model" else "MaskedLM"
    return load_model(name, head, on_progress, attn_implementation="eager")


def has_head(loaded: LoadedModel) -> bool:
    """Whether the model predicts tokens."""
    return loaded.model.get_output_embeddings() is not None


@computed_once
def check_pair(teacher: LoadedModel, student: LoadedModel, heads: bool = True) -> bool:
    """True; raises PlaygroundError where the vocabularies differ, or, with ``heads``, where one predicts no tokens."""
    vocabularies = []
    for one in (teacher, student):
        with one.tokenizer.lock:
            vocabularies.append(one.tokenizer.tokenizer.get_vocab())
    sizes = {one.model.config.vocab_size for one in (teacher, student)}
    if vocabularies[0] != vocabularies[1] or len(sizes) > 1:
        raise PlaygroundError(
            "Teacher and student have different vocabularies, so their probabilities cannot be compared. Pick two with the same tokenizer.",
            "교사와 학생의 어휘가 달라 확률을 비교할 수 없습니다. 토크나이저가 같은 두 모델을 고르세요.",
        )
    for one in (teacher, student) if heads else ():
        if not has_head(one):
            name = one.origin.name
            raise PlaygroundError(
                f"{name} comes without a head that predicts tokens. Look at it in the view “TinyBERT's terms”, or pick another student.",
                f"{name}에는 토큰을 예측하는 헤드가 없습니다. ‘TinyBERT의 항’ 보기에서 살펴보거나 다른 학생을 고르세요.",
            )
    return True


def hide(loaded: LoadedModel, text: str, positions: tuple[int, ...] = ()) -> HiddenSentence:
    """Put [MASK] at some positions; a [MASK] that was typed is hidden too, and nobody knows what stood there.

    Special tokens and positions outside the text are passed over; where nothing is left, the middle token is hidden.
    Raises PlaygroundError where the text is empty or too long.
    """
    whole = corrupt(loaded.tokenizer, text, MaskingSettings())
    mask_id = loaded.tokenizer.tokenizer.mask_token_id
    maskable = tuple(word is not None for word in whole.word_ids)
    typed = {n for n, token_id in enumerate(whole.input_ids) if token_id == mask_id}
    places = typed | {n for n in positions if 0 <= n < len(maskable) and maskable[n]}
    if not places:
        candidates = [n for n, one in enumerate(maskable) if one]
        places = {candidates[len(candidates) // 2]}
    return HiddenSentence(
        tokens=whole.tokens,
        input_ids=whole.input_ids,
        masked_ids=tuple(mask_id if n in places else one for n, one in enumerate(whole.input_ids)),
        positions=tuple(sorted(places)),
        maskable=maskable,
        labels=tuple(-100 if n in typed else whole.input_ids[n] for n in sorted(places)),
    )


def _log_softmax(logits: Any, temperature: float) -> np.ndarray:
    found: np.ndarray = (logits.double() / temperature).log_softmax(-1).numpy()
    return found


def _divergence(teacher: np.ndarray, student: np.ndarray) -> np.ndarray:
    """KL(teacher || student) of rows of log-probabilities, (n, V) -> (n,), nats."""
    found: np.ndarray = (np.exp(teacher) * (teacher - student)).sum(-1)
    return found


def _read(loaded: LoadedModel, input_ids: tuple[int, ...], **settings: Any) -> Any:
    import torch

    return forward(loaded, input_ids=torch.tensor([input_ids]), **settings)


@computed_once
def soft_targets(
    teacher: LoadedModel, student: LoadedModel, hidden: HiddenSentence, temperature: float = 1.0, top_k: int = 8
) -> tuple[SoftTarget, ...]:
    """Both distributions softmax(z / T) at every hidden position (Hinton et al. 2015, equation 1).

    The candidates are the teacher's and the student's best and the truth, ordered by the teacher. Raises
    PlaygroundError where :func:`check_pair` does.
    """
    check_pair(teacher, student)
    places = list(hidden.positions)
    rows = [_log_softmax(_read(one, hidden.masked_ids).logits[0, places], temperature) for one in (teacher, student)]
    tokenizer: Any = teacher.tokenizer.tokenizer
    found = []
    kl = _divergence(*rows) * temperature**2
    for n, (position, label) in enumerate(zip(hidden.positions, hidden.labels, strict=True)):
        first, second = rows[0][n], rows[1][n]
        best = {*largest(first, top_k).tolist(), *largest(second, top_k // 2).tolist()}
        shown = sorted(best | ({label} if label >= 0 else set()), key=lambda one: -first[one])
        names = tokenizer.convert_ids_to_tokens(shown)
        found.append(
            SoftTarget(
                position=position,
                original=hidden.tokens[position] if label >= 0 else None,
                candidates=tuple(
                    (str(name), float(np.exp(first[i])), float(np.exp(second[i])))
                    for name, i in zip(names, shown, strict=True)
                ),
                kl=float(kl[n]),
                teacher_entropy=float(-(np.exp(first) * first).sum()),
                beyond_first=float(1 - np.exp(first.max())),
            )
        )
    return tuple(found)


@computed_once
def losses(
    teacher: LoadedModel, student: LoadedModel, hidden: HiddenSentence, temperature: float = 2.0
) -> DistillationLosses:
    """KL at temperature T times T^2, masked language modelling, cosine of the last hidden states, (n,) each.

    Sanh et al. 2019, section 2. Where the student is narrower, its hidden states go through its projection first:
    y = x W^T, as in TinyBERT (section 3.1); in DistilBERT both are 768 wide. Without a projection there is no cosine.
    """
    import torch

    check_pair(teacher, student)
    places = list(hidden.positions)
    outputs = [_read(one, hidden.masked_ids, output_hidden_states=True) for one in (teacher, student)]
    rows = [_log_softmax(one.logits[0, places], temperature) for one in outputs]
    plain = _log_softmax(outputs[1].logits[0, places], 1.0)
    wide, own = (one.hidden_states[-1][0, places].double() for one in outputs)  # (n, H), (n, h)
    weight = _projection(student, "hidden.weight", own.shape[1], wide.shape[1])
    cosine = None
    if weight is not None or own.shape == wide.shape:
        own = own if weight is None else own @ weight.T
        cosine = (1 - torch.nn.functional.cosine_similarity(own, wide, dim=-1)).numpy()
    labels = np.array(hidden.labels)
    mlm = np.where(labels >= 0, -plain[np.arange(len(labels)), np.maximum(labels, 0)], np.nan)
    return DistillationLosses(
        tokens=tuple(hidden.tokens[n] for n in places),
        positions=hidden.positions,
        temperature=temperature,
        kl=_divergence(*rows) * temperature**2,
        cosine=cosine,
        mlm=mlm,
        projected=weight is not None,
        weights=WEIGHTS,
    )


def _projection(student: LoadedModel, name: str, width: int, wide: int) -> Any:
    """The matrix (teacher's width, student's width) that came with the student; None where none fits."""
    from safetensors.torch import load_file

    file = Path(str(student.model.name_or_path)) / _PROJECTION
    found = load_file(file).get(name) if file.is_file() else None
    return found.double() if found is not None and tuple(found.shape) == (wide, width) else None


def layer_map(student_layers: int, teacher_layers: int, mapping: str = "uniform") -> tuple[int, ...]:
    """g(m) for m = 1..M: the teacher's layer that each of the student's imitates, counted from 1.

    Raises PlaygroundError where the student is deeper than the teacher.

    >>> layer_map(3, 6), layer_map(3, 6, "top"), layer_map(3, 6, "bottom")
    ((2, 4, 6), (4, 5, 6), (1, 2, 3))
    """
    if student_layers > teacher_layers:
        raise PlaygroundError(
            "The student has more layers than the teacher. Pick a larger teacher.",
            "학생의 층이 교사보다 많습니다. 더 큰 교사를 고르세요.",
        )
    maps: dict[str, Callable[[int], int]] = {
        "uniform": lambda m: m * teacher_layers // student_layers,
        "top": lambda m: m + teacher_layers - student_layers,
        "bottom": lambda m: m,
    }
    return tuple(maps[mapping](m) for m in range(1, student_layers + 1))


@computed_once
def tinybert_terms(
    teacher: LoadedModel, student: LoadedModel, hidden: HiddenSentence, mapping: str = "uniform"
) -> TinyBertTerms:
    """Mean squared errors of embeddings, attention matrices and hidden states (Jiao et al. 2020, equations 7 to 9).

    Attention is compared after the softmax, as Transformers returns it; the paper takes the scores before it. Raises
    PlaygroundError where the vocabularies differ, the student is deeper than the teacher, or the text is too long.
    """
    check_pair(teacher, student, heads=False)
    if len(hidden.tokens) > _MATRICES:
        raise PlaygroundError(
            f"The text has {len(hidden.tokens)} tokens; attention matrices are compared for up to {_MATRICES}. Shorten it.",
            f"토큰이 {len(hidden.tokens)}개입니다. 어텐션 행렬은 {_MATRICES}개까지 비교합니다. 글을 줄여 주세요.",
        )
    both = [
        _read(one, hidden.masked_ids, output_hidden_states=True, output_attentions=True) for one in (teacher, student)
    ]
    wide, own = both
    places = layer_map(len(own.attentions), len(wide.attentions), mapping)
    matrices = [
        np.stack([layers[n][0].float().numpy() for n in numbers])  # (pairs, heads, L, L)
        for layers, numbers in (
            (wide.attentions, [n - 1 for n in places]),
            (own.attentions, list(range(len(places)))),
        )
    ]
    per_head = matrices[0].shape == matrices[1].shape
    if not per_head:
        matrices = [one.mean(1, keepdims=True) for one in matrices]
    attention = ((matrices[0].astype(np.float64) - matrices[1]) ** 2).mean((1, 2, 3))
    pairs = tuple(
        LayerPair(m, g, float(mse), _hidden_mse(student, wide.hidden_states[g], own.hidden_states[m], "hidden.weight"))
        for m, (g, mse) in enumerate(zip(places, attention, strict=True), 1)
    )
    return TinyBertTerms(
        tokens=tuple(hidden.tokens[n] if n not in hidden.positions else "[MASK]" for n in range(len(hidden.tokens))),
        pairs=pairs,
        embedding_mse=_embedding_mse(student, hidden, wide.hidden_states[0]),
        per_head=per_head,
        teacher=matrices[0],
        student=matrices[1],
    )


def _hidden_mse(student: LoadedModel, wide: Any, own: Any, name: str) -> float | None:
    """Mean over tokens and the teacher's width."""
    weight = _projection(student, name, own.shape[-1], wide.shape[-1])
    if weight is None and own.shape != wide.shape:
        return None
    own = own[0].double() if weight is None else own[0].double() @ weight.T
    return float(((own - wide[0].double()) ** 2).mean())


def _embedding_mse(student: LoadedModel, hidden: HiddenSentence, wide: Any) -> float | None:
    """The output of the embedding layer (token + position + segment, normalized); ELECTRA's is taken at width E."""
    import torch

    embed: Any = student.model.base_model.embeddings
    with turn(), torch.inference_mode():
        own = embed(input_ids=torch.tensor([hidden.masked_ids]))  # (1, L, E)
    return _hidden_mse(student, wide, own, "embeddings.weight")


@computed_once
def cost(
    teacher: LoadedModel, student: LoadedModel, texts: tuple[str, ...], *, repetitions: int = 5, run: int = 0
) -> tuple[ModelCost, ModelCost]:
    """Size and speed of both; teacher and student take turns, after one reading that does not count.

    ``run`` makes another measurement out of the same question.
    """
    rows = [tuple(corrupt(teacher.tokenizer, text, MaskingSettings()).input_ids) for text in texts]
    times = np.zeros((2, repetitions))
    for repetition in range(-1, repetitions):
        for n, one in enumerate((teacher, student)):
            spent = sum(_seconds(one, row) for row in rows)
            if repetition >= 0:
                times[n, repetition] = 1000 * spent / len(rows)
    first, second = (_cost(one, times[n]) for n, one in enumerate((teacher, student)))
    return first, second


def _seconds(loaded: LoadedModel, input_ids: tuple[int, ...]) -> float:
    """Time of one call of the model while no other calculates, without the time in the line before it."""
    import torch

    inputs = torch.tensor([input_ids])
    with turn(alone=True), torch.inference_mode():
        begin = perf_counter()
        loaded.model(input_ids=inputs)
        return perf_counter() - begin


def _cost(loaded: LoadedModel, milliseconds: np.ndarray) -> ModelCost:
    config: Any = loaded.model.config
    file = Path(str(loaded.model.name_or_path)) / "model.safetensors"
    return ModelCost(
        model=loaded.origin.name,
        model_class=type(loaded.model).__name__,
        layers=int(config.num_hidden_layers),
        hidden_size=int(config.hidden_size),
        parameters=sum(parameter.numel() for parameter in loaded.model.parameters()),
        file_bytes=file.stat().st_size if file.is_file() else 0,
        milliseconds=milliseconds,
    )


@computed_once
def agreement(
    teacher: LoadedModel, student: LoadedModel, texts: tuple[str, ...], *, first: int = 0
) -> DistillationAgreement:
    """Hide 15% of the tokens of each text, all of them [MASK], and ask both.

    ``first`` is the number of the first text, which seeds its draw.
    """
    check_pair(teacher, student)
    same, right, kl, masked, labels = [], [], [], [], []
    for number, text in enumerate(texts, first):
        drawn = corrupt(teacher.tokenizer, text, MaskingSettings(0.15, mask_share=1.0, random_share=0.0, seed=number))
        places = list(drawn.selected)
        rows = [_log_softmax(_read(one, drawn.corrupted_ids).logits[0, places], 1.0) for one in (teacher, student)]
        truth = np.array([drawn.input_ids[n] for n in places])
        best = [row.argmax(-1) for row in rows]
        same.append(best[0] == best[1])
        right.append(np.stack([one == truth for one in best]))
        kl.append(_divergence(*rows))
        masked.append(drawn.corrupted_ids)
        labels.append(tuple(one if n in places else -100 for n, one in enumerate(drawn.input_ids)))
    hits = np.concatenate(right, axis=1)  # (2, N)
    return DistillationAgreement(
        np.concatenate(same), hits[0], hits[1], np.concatenate(kl), tuple(masked), tuple(labels)
    )
