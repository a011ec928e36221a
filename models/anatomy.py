"""What architectures are made of: parameters by component and FLOPs per token, from the configuration alone.

The real classes of Transformers are built on PyTorch's meta device, where a tensor has a shape but no memory: GPT-3
with its 175 billion parameters takes half a second and no network.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from models.compute import computed_once
from models.libraries import import_libraries, one_at_a_time
from models.results import Anatomy, Component, ParameterGroup, PlaygroundError, PublishedTotal, Sharing

__all__ = ["architecture", "architectures", "bert_of", "build", "dissect", "on_meta"]

# What a tensor is for, by its name: the first expression that matches counts.
_RULES: tuple[tuple[str, Component, str], ...] = (
    (r"seq_relationship|sop_classifier", "head", "sentence pair"),
    (r"^(cls|lm_head|lm_loss|predictions|vocab_|generator_|discriminator_|qa_outputs)", "head", "prediction"),
    (r"pooler", "pooler", "pooler"),
    (r"layer_?norm|\.ln_|\bnorm\b", "normalization", "layer normalization"),
    (r"word_embedding|wte|tokens_embed|embed_tokens|mask_emb", "embeddings", "token"),
    (r"position_embeddings|wpe|positions_embed", "embeddings", "position"),
    (r"token_type_embeddings", "embeddings", "segment"),
    (r"embeddings_project|embedding_hidden_mapping_in", "embeddings", "projection"),
    (r"c_attn", "attention", "query, key, value"),
    (r"query|q_lin|q_proj|rel_attn\.q", "attention", "query"),
    (r"key|k_lin|k_proj|rel_attn\.k", "attention", "key"),
    (r"value|v_lin|v_proj|rel_attn\.v", "attention", "value"),
    (r"rel_attn\.(seg_embed|r)", "attention", "relative position"),
    (r"attention\.output|attention\.dense|out_lin|o_proj|attn\.c_proj|rel_attn\.o", "attention", "output"),
    (r"gate_proj", "feed-forward", "gate"),
    (r"intermediate|lin1|ffn\.(weight|bias)|c_fc|ff\.layer_1|up_proj", "feed-forward", "up"),
    (r"output\.dense|lin2|ffn_output|mlp\.c_proj|ff\.layer_2|down_proj", "feed-forward", "down"),
)
_LAYER = re.compile(r"\.(?:layers?|h|albert_layer_groups)\.(\d+)\.")
_lock = Lock()
_SCALE = {"M": 1_000_000, "B": 1_000_000_000}


@cache
def architectures() -> dict[str, dict[str, Any]]:
    """Every entry of ``models/architectures.toml`` by its name, in the order of the file; nobody may change it."""
    text = (Path(__file__).parent / "architectures.toml").read_text(encoding="utf-8")
    return {written["name"]: written for written in tomllib.loads(text)["architecture"]}


def on_meta(model_class: str, config_class: str, arguments: dict[str, Any]) -> Any:
    """The model on the meta device: every shape, no weights, tied as it would be when loaded."""
    import_libraries()
    import torch
    import transformers

    with _lock:  # Transformers imports a class when it is first asked for, which two threads must not do at once
        model_type, config_type = getattr(transformers, model_class), getattr(transformers, config_class)
    with one_at_a_time, torch.device("meta"):
        model = model_type(config_type(**arguments))
        model.tie_weights()
    return model


@computed_once
def architecture(name: str) -> Anatomy:
    """An entry of ``models/architectures.toml`` taken apart, beside the total that was published for it.

    >>> architecture("bert-base-uncased").parameters
    110106428

    Raises PlaygroundError for a name that is not in the file.
    """
    if name not in architectures():
        raise PlaygroundError(
            f"The configuration of “{name[:80]}” is not in this playground. Pick one from the list.",
            f"“{name[:80]}”의 설정은 이 놀이터에 없습니다. 목록에서 골라 주세요.",
        )
    written = architectures()[name]
    model = on_meta(written["model"], written["config"], written["arguments"])
    published = _published(written, sum(tensor.numel() for tensor in model.parameters()))
    return dissect(
        model, name, written["family"], published=published, source=written["source"], source_url=written["source_url"]
    )


def _published(written: dict[str, Any], counted: int) -> PublishedTotal | None:
    if "published" not in written:
        return None
    if "counted_as" in written:
        other = on_meta(written["counted_as"], written["config"], written["arguments"])
        counted = sum(tensor.numel() for tensor in other.parameters())
    text = written["published"]
    number, unit = text[:-1].replace(",", ""), _SCALE[text[-1]]
    total = round(float(number) * unit)
    last_digit = written.get("last_digit", round(unit / 10 ** len(number.partition(".")[2])))
    note = written.get("note")
    return PublishedTotal(
        text=text,
        parameters=total,
        last_digit=last_digit,
        counted=counted,
        agrees=abs(counted - total) <= last_digit / 2,
        source=written["source"],
        note=(note["en"], note["ko"]) if note else None,
    )


def dissect(
    model: Any,
    name: str,
    family: str,
    *,
    published: PublishedTotal | None = None,
    source: str = "",
    source_url: str = "",
) -> Anatomy:
    """Sort the parameters of a model of Transformers by what they are for.

    The FLOPs count a multiplication and an addition as two; a token goes once through every matrix of every layer, a
    lookup in an embedding table is free, and attention takes 4 n H per layer, 2 n H each for the scores and for the
    weighted sum (XLNet 8 n H: its scores have a second term over 2 n relative positions; Dai et al. 2019, section 3.3). This is
    what ``torch.utils.flop_counter.FlopCounterMode`` counts; the masked half of causal attention is computed too.

    Raises ValueError for a tensor whose purpose is not known.
    """
    config = model.config
    sizes: dict[tuple[Component, str, int | None], list[int]] = {}
    for tensor_name, tensor in model.named_parameters():
        component, part = _purpose(tensor_name)
        found = _LAYER.search(tensor_name)
        size = sizes.setdefault((component, part, int(found[1]) if found else None), [0, 0])
        size[0] += tensor.numel()
        if tensor.ndim > 1 and not tensor_name.endswith(("_bias", "seg_embed")) and _multiplies(component, part):
            size[1] += tensor.numel() * (2 if part == "relative position" else 1)  # XLNet: over 2 n positions
    output = model.get_output_embeddings()
    if output is not None and output.weight is model.get_input_embeddings().weight:
        sizes.setdefault(("head", "prediction", None), [0, 0])[1] += output.weight.numel()  # tied: used a second time
    layers = int(config.num_hidden_layers)
    width = int(config.hidden_size)
    unused = int(config.pad_token_id) + 1 if config.model_type == "roberta" else 0  # it counts positions from there
    groups = tuple(
        ParameterGroup(
            component=component,
            part=part,
            layer=layer,
            parameters=parameters,
            multiplied=multiplied,
            uses=1 if layer is None else _uses(sizes, component, part, layer, layers),
            per_sequence=component == "pooler" or part == "sentence pair",
        )
        for (component, part, layer), (parameters, multiplied) in sizes.items()
    )
    return Anatomy(
        name=name,
        family=family,
        model_class=type(model).__name__,
        layers=layers,
        hidden_size=width,
        heads=int(config.num_attention_heads),
        vocab_size=int(config.vocab_size),
        embedding_size=int(model.get_input_embeddings().weight.shape[1]),
        positions=max(0, int(getattr(config, "max_position_embeddings", 0) or 0) - unused),
        groups=groups,
        score_width=(8 if family == "XLNet" else 4) * width,
        published=published,
        source=source,
        source_url=source_url,
    )


def _purpose(tensor_name: str) -> tuple[Component, str]:
    for expression, component, part in _RULES:
        if re.search(expression, tensor_name, re.IGNORECASE):
            return component, part
    raise ValueError(f"what {tensor_name} is for is not known")


def _multiplies(component: Component, part: str) -> bool:
    return component not in ("embeddings", "normalization") or part == "projection"


def _uses(
    sizes: dict[tuple[Component, str, int | None], list[int]], component: Component, part: str, layer: int, layers: int
) -> int:
    """A part that only the first layer stores serves all layers."""
    alone = not any((component, part, other) in sizes for other in range(layers) if other != layer)
    return layers if alone else 1


@computed_once
def bert_of(layers: int, hidden_size: int, heads: int) -> Anatomy:
    """BERT in another size, with the heads of pre-training: L layers of width H, feed-forward 4 H (Devlin et al. 2019, section 3).

    >>> bert_of(12, 768, 12).parameters
    110106428
    """
    sizes = {"num_hidden_layers": layers, "hidden_size": hidden_size, "num_attention_heads": heads}
    return dissect(
        on_meta("BertForPreTraining", "BertConfig", {**sizes, "intermediate_size": 4 * hidden_size}), "", "BERT"
    )


@computed_once
def build(
    layers: int,
    hidden_size: int,
    heads: int,
    vocab_size: int,
    embedding_size: int,
    sharing: Sharing = "none",
) -> Anatomy:
    """An encoder of the viewer's own sizes, without a head: BERT's where E = H and nothing is shared, else ALBERT's.

    L layers of width H with A heads, V x E token embeddings, a projection E x H where E is not H, 512 positions, a
    feed-forward width of 4 H and a pooler. ``sharing`` makes the layers use the very same attention or feed-forward
    weights (Lan et al. 2020, section 3.1); the numbers are of the real modules, each counted once.

    Raises PlaygroundError where the heads do not divide the width.
    """
    if hidden_size % heads:
        raise PlaygroundError(
            f"{heads} heads do not divide a width of {hidden_size:,}: every head needs the same number of columns.",
            f"은닉 크기({hidden_size:,})를 헤드 {heads}개로 나눌 수 없습니다. 모든 헤드의 열 수가 같아야 합니다.",
        )
    model = on_meta(
        "AlbertModel",
        "AlbertConfig",
        {
            "vocab_size": vocab_size,
            "embedding_size": embedding_size,
            "hidden_size": hidden_size,
            "num_hidden_layers": layers,
            "num_hidden_groups": layers,  # a group for each layer: nothing is shared yet
            "num_attention_heads": heads,
            "intermediate_size": 4 * hidden_size,
        },
    )
    import torch

    blocks = [group.albert_layers[0] for group in model.encoder.albert_layer_groups]
    for block in blocks[1:]:
        if sharing in ("attention", "all"):
            block.attention = blocks[0].attention
        if sharing in ("feed-forward", "all"):
            block.ffn, block.ffn_output = blocks[0].ffn, blocks[0].ffn_output
            block.full_layer_layer_norm = blocks[0].full_layer_layer_norm
    if embedding_size == hidden_size:
        model.encoder.embedding_hidden_mapping_in = torch.nn.Identity()
    return dissect(model, "", "ALBERT")
