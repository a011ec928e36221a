"""One more token of a generation, faster: the same numbers with half the bytes and without Python.

On a CPU a step is as fast as the weights can be read from memory. Where each weight is a float16 number anyway, as in
most checkpoints of today, the linear layers keep them as float16 and calculate in float32 (FBGEMM; Khudia et al. 2021,
https://arxiv.org/abs/2101.05615): nothing is rounded. What is then left of a step is mostly Python, so torch traces it once.
"""

from __future__ import annotations

import copy
import warnings
from inspect import signature
from threading import Lock, Thread
from typing import Any
from weakref import WeakKeyDictionary, ref

import torch
from torch import Tensor, nn
from transformers import DynamicCache

__all__ = ["prepare_step", "read_token"]

# Tracing warns of shapes that may vary; the one that does, the length of the cache, it follows. Quantization "will move
# to torchao", which has nothing for float16 on a CPU. Filters are set once: this module works in threads.
warnings.filterwarnings("ignore", category=torch.jit._trace.TracerWarning)
warnings.filterwarnings("ignore", category=DeprecationWarning, message=r"(torch\.ao|`torch\.jit)")

_steps: WeakKeyDictionary[nn.Module, Any] = WeakKeyDictionary()  # of a model: its traced step, None until it is there
_lock = Lock()


def read_token(model: Any, token: int, cache: Any) -> Tensor | None:
    """Logits (V,) behind one more token, which the cache takes up.

    None where the cache is empty, since the step was traced behind some tokens, and while the step is being prepared:
    the first call for a model begins that, in the background.
    """
    with _lock:
        begin = model not in _steps
        step = _steps.setdefault(model, None)
    if begin:
        Thread(target=_prepare, args=(ref(model),), daemon=True).start()
    if step is None or not cache.get_seq_length():
        return None
    logits, *kept = step(torch.tensor([[token]]), torch.tensor([[cache.get_seq_length()]]), *_kept(cache))
    for number, layer in enumerate(cache.layers):
        layer.keys, layer.values = kept[2 * number : 2 * number + 2]
    found: Tensor = logits[0, -1]
    return found


def prepare_step(model: Any) -> None:
    """Prepare a model's step now; a model without a cache of keys and values (GPT-1) has none."""
    if "past_key_values" in signature(model.forward).parameters:
        step = _trace(_with_float16_weights(model))
        with _lock:
            _steps[model] = step


def _prepare(model: ref[Any]) -> None:
    found = model()
    if found is not None:
        prepare_step(found)


def _with_float16_weights(model: Any) -> Any:
    """A copy that shares everything but the linear layers, or the model itself where float16 would round a weight."""
    weights = [module.weight for module in model.modules() if isinstance(module, nn.Linear)]
    exact = all(torch.equal(weight.half().float(), weight) for weight in weights)
    if not exact or torch.backends.quantized.engine not in ("x86", "fbgemm"):
        return model
    shared = copy.deepcopy(model, {id(part): part for part in model.parameters()})
    return torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
        shared, {nn.Linear}, dtype=torch.float16, inplace=True
    )


class _Step(nn.Module):
    """One token behind a cache, in the form that torch traces: tensors in, tensors out."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, token: Tensor, position: Tensor, *kept: Tensor) -> tuple[Tensor, ...]:
        cache = DynamicCache(config=self.model.config)
        for number in range(len(kept) // 2):
            cache.update(kept[2 * number], kept[2 * number + 1], number)
        logits = self.model(input_ids=token, position_ids=position, past_key_values=cache, use_cache=True).logits
        return (logits, *_kept(cache))


def _kept(cache: Any) -> list[Tensor]:
    return [tensor for layer in cache.layers for tensor in (layer.keys, layer.values)]


@torch.inference_mode()
def _trace(model: Any) -> Any:
    cache = DynamicCache(config=model.config)
    model(input_ids=torch.zeros(1, 3, dtype=torch.long), past_key_values=cache, use_cache=True)
    example = (torch.zeros(1, 1, dtype=torch.long), torch.tensor([[3]]), *_kept(cache))
    return torch.jit.trace(_Step(model), example, check_trace=False)  # type: ignore[no-untyped-call]
