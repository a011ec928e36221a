"""What a model attends to: one run of it, and the pictures that can be taken from that run.

``weights[layer, head, i, j]`` is how much token i takes from token j (Vaswani et al. 2017, equation 1):
softmax over j of q_i · k_j / sqrt(d_k). Layers and heads are counted from 0, as in Transformers and bertviz.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.compute import computed_once, forward, turn
from models.loading import LoadedModel, OnProgress, load_model
from models.results import Attention, AttentionMatrix, AttentionModel, HeadGrid, Pattern, PlaygroundError
from models.tokenization import tokenize
from models.vectors import embeddings_of, value_norms_of

__all__ = [
    "LONGEST_INPUT",
    "attend",
    "entropy_of",
    "head_grid",
    "head_of",
    "load_for_attention",
    "max_pool",
    "pattern_of",
    "shape_of",
    "special_tokens",
]

LONGEST_INPUT = 512  # tokens
_EXACT_UP_TO = 128  # tokens; above, float16 is off by at most 0.00025
_THUMBNAIL = 48  # pixels


def load_for_attention(name: str, on_progress: OnProgress | None = None) -> LoadedModel:
    """The bare model (no task head) in the eager implementation, the one that keeps the weights it computes."""
    return load_model(name, "Model", on_progress, attn_implementation="eager")


def shape_of(loaded: LoadedModel) -> AttentionModel:
    """How many layers and heads there are. Raises PlaygroundError where the model has no attention to show."""
    config: Any = loaded.model.config
    layers, heads = getattr(config, "num_hidden_layers", 0), getattr(config, "num_attention_heads", 0)
    if not isinstance(layers, int) or not isinstance(heads, int) or layers < 1 or heads < 1:
        raise _no_attention(loaded.origin.name)
    return AttentionModel(loaded.origin, layers, heads)


def _no_attention(name: str) -> PlaygroundError:
    return PlaygroundError(
        f"{name} does not give its attention weights away. Pick another model.",
        f"{name} 모델은 어텐션 가중치를 제공하지 않습니다. 다른 모델을 골라 주세요.",
    )


@computed_once
def attend(loaded: LoadedModel, text: str, text_pair: str = "", causal_mask: bool = False) -> Attention:
    """Run the model once over a text or a pair.

    ``causal_mask`` forbids a bidirectional model to look to the right: every token sees itself and what is before it.
    Raises PlaygroundError for empty text, for more tokens than the model reads or this page shows (512), and for
    models that do not return attention.
    """
    import torch

    cut = tokenize(loaded.tokenizer, text, text_pair)
    length, name, config = len(cut.tokens), loaded.origin.name, loaded.model.config
    limits = (getattr(config, "max_position_embeddings", 0), cut.model_max_length)  # 0 and -1 where there is none
    limit = min(LONGEST_INPUT, *(number for number in limits if number and number > 0), LONGEST_INPUT)
    if not 1 <= length <= limit:
        raise PlaygroundError(
            f"The text has {length:,} tokens for {name}; this page shows up to {limit:,}. Shorten it and try again.",
            f"이 글은 {name}에서 토큰 {length:,}개입니다. 이 페이지는 {limit:,}개까지 보여 주니 줄여서 다시 시도하세요.",
        )
    inputs = {"input_ids": torch.tensor([cut.input_ids])}  # (1, L)
    if cut.token_type_ids is not None and getattr(config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = torch.tensor([cut.token_type_ids])
    if causal_mask:
        inputs["attention_mask"] = _causal_mask(length, loaded)
    try:
        outputs = forward(loaded, **inputs, output_attentions=True, output_hidden_states=True)
    except (RuntimeError, ValueError) as error:
        if causal_mask:
            raise PlaygroundError(
                f"A causal mask cannot be put on {name}. Pick another model on the left, or a GPT on the right.",
                f"{name}에는 인과 마스크를 씌울 수 없습니다. 왼쪽에 다른 모델을 고르거나 오른쪽에 GPT를 고르세요.",
            ) from error
        raise
    found = outputs.attentions
    if not found or any(layer is None or layer.ndim != 4 or layer.shape[-2:] != (length, length) for layer in found):
        raise _no_attention(name)
    kind = np.float32 if length <= _EXACT_UP_TO else np.float16
    weights = np.stack([layer[0].numpy().astype(kind) for layer in found])  # (layers, heads, L, L)
    with turn(), torch.inference_mode():
        norms = value_norms_of(loaded.model, outputs.hidden_states)
        parts = embeddings_of(loaded.model, inputs["input_ids"], inputs.get("token_type_ids"))
    return Attention(
        tokens=cut.tokens,
        segments=cut.segments,
        words=_words(cut.text, cut.text_pair or "", cut.offsets, cut.segments),
        weights=weights,
        value_norms=norms,
        embeddings=parts,
        causal=length > 1 and not any(np.triu(layer, 1).any() for layer in weights),
    )


def _causal_mask(length: int, loaded: LoadedModel) -> Any:
    """(1, 1, L, L): 0 where row i may see column j, the smallest number elsewhere; it is added before the softmax."""
    import torch

    lower = torch.tril(torch.ones(length, length, dtype=torch.bool))
    return torch.where(lower, 0.0, torch.finfo(loaded.model.dtype).min)[None, None]


def _words(
    text: str, text_pair: str, offsets: Sequence[tuple[int, int]], segments: Sequence[int | None]
) -> tuple[int | None, ...]:
    """Which word, as divided by white space, each token belongs to."""
    first = len(text.split())
    found: list[int | None] = []
    for (_, end), segment in zip(offsets, segments, strict=True):
        if segment is None:
            found.append(None)
            continue
        begun = len((text_pair if segment else text)[:end].split())  # words that have begun where the token ends
        found.append(max(begun - 1, 0) + (first if segment else 0))
    return tuple(found)


def special_tokens(attention: Attention) -> tuple[bool, ...]:
    """Which tokens the tokenizer added."""
    return tuple(segment is None for segment in attention.segments)


@computed_once
def head_of(loaded: LoadedModel, text: str, text_pair: str, layer: int, head: int | None) -> AttentionMatrix:
    """One head of one layer; the mean of its heads where ``head`` is None."""
    attention = attend(loaded, text, text_pair)
    weights = attention.weights[layer].astype(np.float32)  # (heads, L, L)
    matrix = weights.mean(0) if head is None else weights[head]
    pattern, _ = pattern_of(matrix, attention.tokens, special_tokens(attention), attention.causal)
    return AttentionMatrix(
        loaded.origin.name,
        attention.tokens,
        special_tokens(attention),
        matrix,
        attention.causal,
        "" if head is None else pattern,
    )


# --- all heads at a glance ---------------------------------------------------------------------------------------


@computed_once
def head_grid(loaded: LoadedModel, text: str, text_pair: str) -> HeadGrid:
    """Every head small, with the entropy and distance of its attention and the pattern it shows on this text.

    Entropy of a token's attention is -sum_j a_ij ln a_ij, in nats (Clark et al. 2019, section 3.3); distance is
    sum_j a_ij |i - j|, in tokens (Vig and Belinkov 2019, section 5.1.3). Both are means over all tokens i.
    """
    attention = attend(loaded, text, text_pair)
    layers, heads, length, _ = attention.weights.shape
    size = min(length, _THUMBNAIL)
    small = np.empty((layers, heads, size, size), dtype=np.uint8)
    entropy = np.empty((layers, heads), dtype=np.float32)
    distance = np.empty((layers, heads), dtype=np.float32)
    shares = np.empty((layers, heads), dtype=np.float32)
    patterns = []
    places = np.arange(length)
    apart = np.abs(places[:, None] - places[None, :]).astype(np.float32)  # (L, L)
    for layer in range(layers):
        weights = attention.weights[layer].astype(np.float32)  # (heads, L, L)
        small[layer] = np.round(255 * np.clip(max_pool(weights, size), 0, 1)).astype(np.uint8)
        entropies = entropy_of(weights)  # (heads, L)
        entropy[layer] = entropies.mean(-1)
        distance[layer] = np.einsum("hij,ij->h", weights, apart) / length
        found = [
            pattern_of(head, attention.tokens, special_tokens(attention), attention.causal, its_entropy)
            for head, its_entropy in zip(weights, entropies, strict=True)
        ]
        patterns.append(tuple(pattern for pattern, _ in found))
        shares[layer] = [share for _, share in found]
    return HeadGrid(loaded.origin.name, length, small, entropy, distance, tuple(patterns), shares)


def max_pool(matrices: np.ndarray, size: int) -> np.ndarray:
    """(..., L, L) -> (..., size, size), each cell the largest of those it stands for."""
    edges = np.arange(size) * matrices.shape[-1] // size
    return np.asarray(np.maximum.reduceat(np.maximum.reduceat(matrices, edges, axis=-1), edges, axis=-2))


def entropy_of(weights: np.ndarray) -> np.ndarray:
    """Entropy of each row in nats, 0 where it looks at one token only: (..., L, L) -> (..., L)."""
    logarithms = np.log(np.maximum(weights, np.finfo(np.float32).tiny))  # 0 ln 0 counts as 0
    return np.asarray(-np.einsum("...j,...j->...", weights, logarithms))


def pattern_of(
    weights: np.ndarray, tokens: Sequence[str], special: Sequence[bool], causal: bool, entropy: np.ndarray | None = None
) -> tuple[Pattern, float]:
    """The known pattern that a head (L, L) shows on this text, and how far: ("previous", 0.98), or ("", share).

    After Clark et al. 2019, section 3: a head is named after the previous token, the next, the same, the first or a
    separator when on average more than half of its attention goes there; "broad" when its entropy is more than 0.9 of
    what equal attention to all visible tokens would have. Tokens that the tokenizer added are looked at, but do not
    themselves look. ``entropy`` (L,) may be given where it is known already.
    """
    length = len(tokens)
    looking = np.array([not added for added in special]) if not all(special) else np.ones(length, dtype=bool)
    rows = np.flatnonzero(looking)

    def towards(step: int) -> float:
        inside = rows[(rows + step >= 0) & (rows + step < length)]
        return float(weights[inside, inside + step].mean()) if len(inside) else 0.0

    later = rows[rows > 0]  # to the first token itself, the first is the same
    separators = [number for number, added in enumerate(special) if added and number > 0]
    shares: dict[Pattern, float] = {
        "previous": towards(-1),
        "next": towards(1),
        "same": towards(0),
        "first": float(weights[later, 0].mean()) if len(later) else 0.0,
        "separator": float(weights[:, separators][rows].sum(-1).mean()) if separators else 0.0,
    }
    best = max(shares, key=lambda name: shares[name])
    if length > 2 and shares[best] > 0.5:
        return best, shares[best]
    visible = rows + 1 if causal else np.full(len(rows), length)
    several = visible > 1
    if several.any():
        nats = (entropy_of(weights) if entropy is None else entropy)[rows]
        even = float((nats[several] / np.log(visible[several])).mean())
        if even > 0.9:
            return "broad", even
    return "", shares[best]
