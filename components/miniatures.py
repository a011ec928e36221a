"""The small live picture on each page's card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from components.answer_views import answer_marks
from components.cards import draw_cards
from components.chips import Chip, draw_chips
from components.cloze_views import cloze_card
from components.language import t
from components.masking_views import corruption_chips
from components.pair_views import pair_chips
from components.passages import passage_html
from components.share_views import anatomy_card
from components.target_views import soft_card
from components.text import plain, visible
from components.tokens import token_chips
from components.verdict_views import verdict_chips
from models.results import (
    Anatomy,
    AttentionMatrix,
    Cloze,
    Corruption,
    Detection,
    HeadInput,
    PairVerdict,
    SoftTarget,
    SpanPrediction,
    Tokenization,
)

__all__ = ["MINIATURES"]


def _tokenizers(tokenizations: Sequence[Tokenization]) -> None:
    for number, tokenization in enumerate(tokenizations):
        draw_chips(token_chips(tokenization)[0], key=f"miniature {number}", label=t("Tokens", "토큰"))


def _corruption(corruption: Corruption) -> None:
    draw_chips(corruption_chips(corruption), key="miniature corruption", label=t("Tokens", "토큰"))


def _attention(matrix: AttentionMatrix) -> None:
    """What one token, "it", looks at."""
    it = matrix.tokens.index("it")
    chips = [
        Chip(
            visible(token),
            below=f"{weight:.0%}",
            colour="c1" if number == it else "grey" if matrix.special[number] else "c0",
            kind="marked" if number == it else "",
            height=float(weight),
        )
        for number, (token, weight) in enumerate(zip(matrix.tokens, matrix.weights[it], strict=True))
    ]
    draw_chips(chips, key="miniature attention", label=t("What “it” looks at", "it이 보는 것"))


def _answer(prediction: SpanPrediction) -> None:
    st.caption(plain(prediction.question))
    st.html(passage_html(prediction.context, answer_marks(prediction)))


def _prompt(prompt: Tokenization) -> None:
    """A one-shot prompt, and the place where the answer will stand."""
    chips = [*token_chips(prompt)[0], Chip("?", kind="marked", colour="c1")]
    draw_chips(chips, key="miniature prompt", label=t("A prompt", "프롬프트"))


def _verdicts(detection: Detection) -> None:
    chips = verdict_chips(detection)
    draw_chips(chips, key="miniature detection", label=t("How probably each was replaced", "바뀌었을 확률"))


def _anatomy(anatomies: Sequence[Anatomy]) -> None:
    """What the parameters of each model are spent on."""
    cards = [anatomy_card(anatomy) for anatomy in anatomies]
    draw_cards(cards, key="miniature anatomy", label=t("Parameters by component", "구성 요소별 파라미터"))


def _pair(verdict: PairVerdict) -> None:
    draw_chips(pair_chips(verdict), key="miniature pair", label=t("Tokens and segments", "토큰과 세그먼트"))
    st.caption(f"IsNext {verdict.probability:.0%}")


def _head(found: HeadInput) -> None:
    """The shape of every tensor on the way to the new head's logits."""
    chips = [
        Chip(name, str(shape), colour="c1" if name == "logits" else "c0", kind="special" if name == "logits" else "")
        for name, shape in found.tensors
        if name != "token_type_ids"
    ]
    draw_chips(chips, key="miniature head", label=t("Tensors and shapes", "텐서와 모양"))


def _cloze(cloze: Cloze) -> None:
    """What stands in the blank when a fact is in front."""
    card = cloze_card(cloze, cloze.text, after=True)
    st.caption(plain(cloze.fact))
    draw_cards([card], key="miniature cloze", label=t("Probability in the blank", "빈칸에 올 확률"))


def _soft_targets(targets: Mapping[float, SoftTarget]) -> None:
    """Temperature -> the same prediction at it."""
    draw_cards(
        [soft_card(target, temperature) for temperature, target in targets.items()],
        key="miniature soft targets",
        label=t("Soft targets", "소프트 타깃"),
    )


MINIATURES: dict[str, Callable[[Any], None]] = {
    "tokenizer_explorer": _tokenizers,
    "masking_simulator": _corruption,
    "attention_viewer": _attention,
    "qa_highlighter": _answer,
    "prompt_lab": _prompt,
    "electra_detector": _verdicts,
    "model_anatomy": _anatomy,
    "sentence_pairs": _pair,
    "fine_tuning_heads": _head,
    "knowledge": _cloze,
    "distillation": _soft_targets,
}
