"""The vectors that attention mixes: the values of each head, and the parts of the input of the first layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["embeddings_of", "position_table", "value_norms_of"]


def _layers_of(model: Any) -> list[tuple[Any, Any]] | None:
    """For each layer: a function from its hidden states (1, L, H) to all value vectors (L, H), and W_O as (H, H).

    None for architectures whose values are computed otherwise (XLNet).
    """
    kind = model.config.model_type
    if kind in ("bert", "electra", "roberta"):
        parts = [(layer.attention.self.value, layer.attention.output.dense.weight.T) for layer in model.encoder.layer]
    elif kind == "albert":
        config = model.config
        groups = [group.albert_layers for group in model.encoder.albert_layer_groups]
        used = [
            groups[int(n / (config.num_hidden_layers / config.num_hidden_groups))]
            for n in range(config.num_hidden_layers)
        ]
        parts = [(group[0].attention.value, group[0].attention.dense.weight.T) for group in used]
    elif kind == "distilbert":
        parts = [(layer.attention.v_lin, layer.attention.out_lin.weight.T) for layer in model.transformer.layer]
    elif kind == "gpt2":  # one matrix for query, key and value, after the layer normalization of the block
        parts = [(_last_third(layer.ln_1, layer.attn.c_attn), layer.attn.c_proj.weight) for layer in model.h]
    elif kind == "openai-gpt":
        parts = [(_last_third(None, layer.attn.c_attn), layer.attn.c_proj.weight) for layer in model.h]
    elif kind == "llama":  # several query heads share one value head (grouped-query attention)
        parts = [(_of_each_query_head(layer), layer.self_attn.o_proj.weight.T) for layer in model.layers]
    else:
        return None
    return parts


def _last_third(norm: Any, projection: Any) -> Any:
    def values(hidden: Any) -> Any:
        return projection(hidden if norm is None else norm(hidden)).chunk(3, dim=-1)[2]

    return values


def _of_each_query_head(layer: Any) -> Any:
    width, groups = layer.self_attn.head_dim, layer.self_attn.num_key_value_groups

    def values(hidden: Any) -> Any:
        shared = layer.self_attn.v_proj(layer.input_layernorm(hidden))
        return shared.unflatten(-1, (-1, width)).repeat_interleave(groups, dim=-2).flatten(-2)

    return values


def value_norms_of(model: Any, hidden_states: Sequence[Any]) -> np.ndarray | None:
    """||f(x_j)|| of every layer and head, f(x) = (x W_V + b_V) W_O (Kobayashi et al. 2020, equation 4).

    ``hidden_states`` are those of Transformers, the input of each layer first. Returns (layers, heads, L) float32,
    or None where the architecture is not known.
    """
    layers = _layers_of(model)
    if layers is None:
        return None
    heads = model.config.num_attention_heads
    found = []
    for (values_of, output), hidden in zip(layers, hidden_states, strict=False):  # the last state is no layer's input
        values = values_of(hidden)[0]  # (L, H)
        length, width = values.shape
        values = values.view(length, heads, width // heads).transpose(0, 1)  # (heads, L, d)
        output = output.reshape(heads, width // heads, -1)  # (heads, d, H)
        found.append((values @ output).norm(dim=-1).float().numpy())  # (heads, L)
    return np.stack(found)


def embeddings_of(model: Any, input_ids: Any, token_type_ids: Any = None) -> dict[str, np.ndarray]:
    """The parts whose sum is the input of the first layer: token, position and segment embeddings, each (L, E) float32.

    Devlin et al. 2019, section 3 and figure 2. A model without learned positions or segments has fewer parts.
    """
    import torch

    inside = getattr(model, "embeddings", model)
    positions_from = position_table(model)
    length = input_ids.shape[1]
    parts = {"token": model.get_input_embeddings()(input_ids)[0]}
    if positions_from is not None:
        # RoBERTa counts positions from the number of its padding token onwards
        first = 0 if positions_from.padding_idx is None else positions_from.padding_idx + 1
        parts["position"] = positions_from(torch.arange(first, first + length))
    segments = getattr(inside, "token_type_embeddings", None)
    if segments is not None:
        ids = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        parts["segment"] = segments(ids)[0]
    return {name: part.float().numpy() for name, part in parts.items()}


def position_table(model: Any) -> Any:
    """The learned position embeddings, an ``nn.Embedding``; None where the model has none."""
    inside = getattr(model, "embeddings", model)
    for name in ("position_embeddings", "wpe", "positions_embed"):
        table = getattr(inside, name, None)
        if table is not None:
            return table
    return None
