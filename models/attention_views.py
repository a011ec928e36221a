"""Attention matrices put together and side by side: combined heads, masks, differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from models.attention import attend, special_tokens
from models.compute import computed_once
from models.loading import LoadedModel
from models.results import AttentionDifference, AttentionMatrix, CausalComparison, PlaygroundError

__all__ = ["by_word", "combined", "compare_causal", "difference", "rollout"]

Combination = Literal["mean", "max", "norm", "rollout"]


@computed_once
def combined(
    loaded: LoadedModel,
    text: str,
    text_pair: str,
    layer: int,
    heads: tuple[int, ...] = (),
    how: Combination = "mean",
    without_sinks: bool = False,
) -> AttentionMatrix:
    """Heads of one layer as one matrix whose rows sum to 1.

    ``how``: "mean" or "max" of the heads named (none named: all of them); "norm" weighs the weights by the length of
    what they fetch, ||a_ij f(x_j)|| with f(x) = (x W_V + b_V) W_O of that head, then the mean (Kobayashi et al. 2020,
    section 3); "rollout" multiplies (A + I) / 2 of all layers up to this one, A the mean of the heads (Abnar and
    Zuidema 2020, section 3). ``without_sinks`` takes away tokens that the tokenizer added and the first token, and
    rescales the rest; the share that had gone to them is in the result.

    Raises PlaygroundError where the values of this architecture are not known, and where nothing would remain.
    """
    attention = attend(loaded, text, text_pair)
    chosen = list(heads) or list(range(attention.weights.shape[1]))
    if how == "rollout":
        matrix = rollout(attention.weights[: layer + 1, chosen].astype(np.float32).mean(1))
    else:
        weights = attention.weights[layer, chosen].astype(np.float32)  # (chosen, L, L)
        if how == "norm":
            if attention.value_norms is None:
                raise PlaygroundError(
                    f"The value vectors of {loaded.origin.name} cannot be read yet. Pick another way to combine.",
                    f"{loaded.origin.name}의 값 벡터는 아직 읽을 수 없습니다. 다른 방법으로 합쳐 보세요.",
                )
            weights = weights * attention.value_norms[layer, chosen][:, None, :]
        matrix = weights.max(0) if how == "max" else weights.mean(0)
        matrix = matrix / matrix.sum(-1, keepdims=True)
    special, tokens = special_tokens(attention), attention.tokens
    left_out: tuple[str, ...] = ()
    share = 0.0
    if without_sinks:
        keep = np.array([not added and number > 0 for number, added in enumerate(special)])
        if keep.sum() < 2:
            raise PlaygroundError(
                "Without special tokens and the first token nothing is left to look at. Type a longer text.",
                "특수 토큰과 첫 토큰을 빼면 볼 것이 남지 않습니다. 더 긴 글을 입력하세요.",
            )
        rest = matrix[np.ix_(keep, keep)]
        sums = rest.sum(-1, keepdims=True)
        share = float(1 - sums.mean())
        matrix = np.divide(rest, sums, out=np.zeros_like(rest), where=sums > 0)
        left_out = tuple(token for token, kept in zip(tokens, keep, strict=True) if not kept)
        tokens = tuple(token for token, kept in zip(tokens, keep, strict=True) if kept)
        special = (False,) * len(tokens)
    return AttentionMatrix(
        loaded.origin.name,
        tokens,
        special,
        matrix.astype(np.float32),
        attention.causal,
        left_out=left_out,
        left_out_share=share,
    )


def rollout(layers: np.ndarray) -> np.ndarray:
    """(n, L, L), the first layer first -> (L, L): where the information in each token came from."""
    flow = np.eye(layers.shape[-1], dtype=np.float32)
    for weights in layers:
        flow = (0.5 * weights + 0.5 * np.eye(len(weights), dtype=np.float32)) @ flow
    return np.asarray(flow / flow.sum(-1, keepdims=True))


def _nearest(weights: np.ndarray, layer: int, head: int | None) -> tuple[int, int | None]:
    """Layer and head, or the last ones of a model that has fewer. ``weights``: (layers, heads, L, L)"""
    layers, heads = weights.shape[:2]
    return min(layer, layers - 1), None if head is None else min(head, heads - 1)


def _matrix(weights: np.ndarray, layer: int, head: int | None) -> np.ndarray:
    """One head of a layer, or the mean of its heads  # (L, L) float32"""
    own = weights[layer].astype(np.float32)
    return np.asarray(own.mean(0) if head is None else own[head])


@computed_once
def compare_causal(
    loaded: LoadedModel, other: LoadedModel | None, text: str, text_pair: str, layer: int, head: int | None
) -> CausalComparison:
    """The same text in two models; without an ``other`` the same model under a causal mask that it never learned."""
    found = []
    for model, mask in ((loaded, False), (other or loaded, other is None)):
        attention = attend(model, text, text_pair, mask)
        own_layer, own_head = _nearest(attention.weights, layer, head)
        found.append(
            AttentionMatrix(
                model.origin.name,
                attention.tokens,
                special_tokens(attention),
                _matrix(attention.weights, own_layer, own_head),
                attention.causal,
                layer=own_layer,
                head=own_head,
            )
        )
    return CausalComparison(found[0], found[1], other is None)


@computed_once
def difference(
    loaded: LoadedModel,
    other: LoadedModel,
    texts: tuple[str, str],
    text_pair: str,
    layers: tuple[int, int],
    head: int | None,
) -> AttentionDifference:
    """Two models, two layers or two texts: their matrices over the same tokens, or else over the same words.

    To words as Clark et al. 2019, section 4.1: attention to a word is the sum over its tokens, attention from a word
    the mean. Special tokens are then left out and the rest is rescaled. Raises PlaygroundError where the numbers of
    words differ too.
    """
    found = [attend(model, text, text_pair) for model, text in zip((loaded, other), texts, strict=True)]
    matrices, where = [], []
    for attention, layer in zip(found, layers, strict=True):
        own_layer, own_head = _nearest(attention.weights, layer, head)
        matrices.append(_matrix(attention.weights, own_layer, own_head))
        where.append((own_layer, own_head))
    rows = [attention.tokens for attention in found]
    unit: Literal["token", "word"] = "token"
    if len(rows[0]) != len(rows[1]) or (loaded.model is not other.model and rows[0] != rows[1]):
        unit = "word"
        wholes = [(text + " " + text_pair).split() for text in texts]
        if len(wholes[0]) != len(wholes[1]):
            raise PlaygroundError(
                f"The texts have {len(wholes[0])} and {len(wholes[1])} words. Change one word only, so that they line up.",
                f"두 글의 단어 수가 {len(wholes[0])}개와 {len(wholes[1])}개로 다릅니다. 줄이 맞도록 단어 하나만 바꾸세요.",
            )
        rows = [tuple(whole) for whole in wholes]
        matrices = [by_word(m, a.words, len(rows[0])) for m, a in zip(matrices, found, strict=True)]
    models = (loaded.origin.name, other.origin.name)
    return AttentionDifference(models, (where[0], where[1]), rows[0], rows[1], matrices[0], matrices[1], unit)


def by_word(weights: np.ndarray, words: Sequence[int | None], count: int) -> np.ndarray:
    """(L, L) over tokens -> (count, count) over words, special tokens left out, rows sum to 1."""
    member = np.zeros((count, len(words)), dtype=np.float32)
    for token, word in enumerate(words):
        if word is not None:
            member[word, token] = 1
    to_words = weights @ member.T  # (L, count), sums
    from_words = member @ to_words  # sums too; rescaled they are the means
    sums = from_words.sum(-1, keepdims=True)
    return np.asarray(np.divide(from_words, sums, out=np.zeros_like(from_words), where=sums > 0))
