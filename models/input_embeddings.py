"""Where an input vector comes from: token + position + segment embeddings."""

from __future__ import annotations

import numpy as np

from models.attention import attend
from models.compute import computed_once
from models.loading import LoadedModel
from models.results import EmbeddingSum, PlaygroundError
from models.vectors import position_table

__all__ = ["embedding_sum", "sinusoids"]

_MOST_POSITIONS = 256  # rows of a similarity matrix


@computed_once
def embedding_sum(loaded: LoadedModel, text: str, text_pair: str) -> EmbeddingSum:
    """Lengths of the parts of each input vector and their cosines with the sum, and how alike positions are.

    Learned position embeddings (Devlin et al. 2019) stand beside the sinusoids of Vaswani et al. 2017, section 3.5.
    """
    attention = attend(loaded, text, text_pair)
    parts = attention.embeddings
    if len(parts) < 2:
        raise PlaygroundError(
            f"{loaded.origin.name} adds nothing to its token embeddings: positions come in inside the attention. Pick a BERT or a GPT-2.",
            f"{loaded.origin.name} 모델은 토큰 임베딩에 더하는 것이 없고, 위치는 어텐션 안에서 다룹니다. BERT나 GPT-2를 고르세요.",
        )
    total = np.sum(list(parts.values()), axis=0)  # (L, E)
    norms = [np.linalg.norm(part, axis=-1) for part in (*parts.values(), total)]
    cosines = [
        (part * total).sum(-1) / np.maximum(norm * norms[-1], 1e-12)
        for part, norm in zip(parts.values(), norms[:-1], strict=True)
    ]
    learned = sines = None
    step = 1
    table = position_table(loaded.model)
    if table is not None:
        first = 0 if table.padding_idx is None else table.padding_idx + 1
        weights = table.weight[first:].detach().float().numpy()  # (N, E)
        step = max(1, -(-min(len(weights), 512) // _MOST_POSITIONS))
        learned = _cosines(weights[:512:step])
        sines = _cosines(sinusoids(len(weights), weights.shape[1])[:512:step])
    return EmbeddingSum(
        model=loaded.origin.name,
        tokens=attention.tokens,
        parts=tuple(parts),
        norms=np.stack(norms),
        cosines=np.stack(cosines),
        learned=learned,
        sinusoids=sines,
        step=step,
    )


def _cosines(rows: np.ndarray) -> np.ndarray:
    unit = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return np.asarray(unit @ unit.T, dtype=np.float32)


def sinusoids(positions: int, width: int) -> np.ndarray:
    """(positions, width): sin(pos / 10000^(2i/width)) in the even columns, cos in the odd (Vaswani et al. 2017, 3.5)."""
    angles = np.arange(positions)[:, None] / 10000 ** (2 * np.arange((width + 1) // 2)[None, :] / width)
    waves = np.empty((positions, width), dtype=np.float32)
    waves[:, 0::2] = np.sin(angles)
    waves[:, 1::2] = np.cos(angles[:, : width // 2])
    return waves
