"""The small live picture on each page's card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from components.chips import draw_chips
from components.language import t
from components.masking_views import corruption_chips
from components.tokens import token_chips
from models.results import Corruption, Tokenization

__all__ = ["MINIATURES"]


def _tokenizers(tokenizations: Sequence[Tokenization]) -> None:
    for number, tokenization in enumerate(tokenizations):
        draw_chips(token_chips(tokenization)[0], key=f"miniature {number}", label=t("Tokens", "토큰"))


def _corruption(corruption: Corruption) -> None:
    draw_chips(corruption_chips(corruption), key="miniature corruption", label=t("Tokens", "토큰"))


MINIATURES: dict[str, Callable[[Any], None]] = {"tokenizer_explorer": _tokenizers, "masking_simulator": _corruption}
