"""An input on its way to the logits of a head: BERT's heads, and GPT-1's input transformations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.head_figures import Block, Column, head_figure
from components.language import t
from components.text import percent, shorten, visible
from models.results import ChoiceInput, HeadInput, InputTransformation, MaskedInput

__all__ = ["draw_choice", "draw_gpt1_input", "draw_head", "draw_masked"]

_SYMBOLS = {
    "input_ids": "(B, L)",
    "token_type_ids": "(B, L)",
    "inputs_embeds": "(B, L, H)",
    "last_hidden_state": "(B, L, H)",
    "pooler_output": "(B, H)",
    "extract": "(B, H)",
    "start_logits": "(B, L)",
    "end_logits": "(B, L)",
    "h₁ + h₂": "(1, H)",
}
_CHOICE_SYMBOLS = {
    "input_ids": "(B, K, L)",
    "input_ids, flat": "(B·K, L)",
    "last_hidden_state": "(B·K, L, H)",
    "pooler_output": "(B·K, H)",
    "scores": "(B·K, 1)",
    "logits": "(B, K)",
}


def _tensor_table(
    tensors: Sequence[tuple[str, tuple[int, ...]]], scored: str, symbols: Mapping[str, str] = _SYMBOLS
) -> pd.DataFrame:
    """Every tensor with its shape in symbols and in numbers, drawn and returned."""
    table = pd.DataFrame(
        {
            t("tensor", "텐서"): [name for name, _ in tensors],
            t("shape", "모양"): [symbols.get(name, scored) for name, _ in tensors],
            t("here", "이 입력"): [str(shape) for _, shape in tensors],
        }
    )
    st.dataframe(table, hide_index=True, height="content", width="content", alt=t("Tensors and shapes", "텐서와 모양"))
    return table


def draw_head(found: HeadInput) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The input, the encoder and the head; returns the tables of tensors and of logits."""
    shapes = dict(found.tensors)
    linear = Block(f"Linear {found.hidden.shape[1]}→{len(found.outputs)}", new=True)
    pooled = "pooler_output" in shapes
    every_token = len(found.logits) > 1
    columns = [Column("input_ids", shapes["input_ids"]), Column("last_hidden_state", shapes["last_hidden_state"])]
    if pooled:
        columns.append(Column("pooler_output", shapes["pooler_output"]))
    columns.append(Column("logits", shapes.get("logits", (*shapes["input_ids"], len(found.outputs)))))
    figure = head_figure(
        found.tokens, found.token_type_ids, found.hidden, found.read,
        [Block("BERT"), *([Block("pooler")] if pooled else []), linear], columns, found.outputs, found.logits,
    )  # fmt: skip
    draw_figure(figure, key=f"head {found.shape}", alt=t("From input_ids to logits", "input_ids에서 logits까지"))
    st.caption(
        t(
            f"Blue: pre-trained, {found.encoder_parameters / 1e6:.1f} million parameters. Orange, dashed: the new head, "
            f"{found.head_parameters:,} parameters that start at random, so its logits say nothing yet. Of each vector "
            "16 numbers are drawn.",
            f"파랑은 사전학습된 부분으로 파라미터 {found.encoder_parameters / 1e4:,.0f}만 개입니다. 주황 점선은 새 헤드입니다. "
            f"파라미터 {found.head_parameters:,}개가 무작위로 시작하니 로짓에는 아직 의미가 없습니다. 벡터마다 숫자 16개만 그렸습니다.",
        )
    )
    tensors = _tensor_table(found.tensors, "(B, L, K)" if every_token else "(B, K)")
    rows = found.tokens if every_token else ("[CLS]",)
    table = pd.DataFrame(found.logits, columns=list(found.outputs))
    table.insert(0, t("token", "토큰"), list(rows))
    return tensors, table


def draw_choice(found: ChoiceInput) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each choice as tokens, and the way to one score for each; returns the tables of tensors and of choices."""
    names = [t(f"Choice {number}", f"선택지 {number}") for number in range(1, len(found.sequences) + 1)]
    for name, tokens, segments in zip(names, found.sequences, found.token_type_ids, strict=True):
        chips = [
            Chip(visible(token), colour=f"c{segment}", kind="special" if token in ("[CLS]", "[SEP]") else "")
            for token, segment in zip(tokens, segments, strict=True)
        ]
        st.markdown(f"**{name}**")
        draw_chips(chips, key=name, label=name)
    shapes = dict(found.tensors)
    columns = [
        Column("input_ids", shapes["input_ids, flat"]),
        *(Column(name, shapes[name]) for name in ("last_hidden_state", "pooler_output", "logits")),
    ]
    figure = head_figure(
        [str(number) for number in range(1, len(names) + 1)], [0] * len(names), found.hidden, range(len(names)),
        [Block("BERT"), Block("pooler"), Block(f"Linear {found.hidden.shape[1]}→1", new=True)], columns, ("K",),
        found.logits.reshape(-1, 1),
    )  # fmt: skip
    draw_figure(figure, key="head choice", alt=t("From the choices to logits", "선택지에서 logits까지"))
    bars = tuple(
        Bar(name, float(share), percent(float(share))) for name, share in zip(names, found.probabilities, strict=True)
    )
    draw_cards([Card("softmax", t("over the choices", "선택지 방향"), bars)], key="choice shares", label="softmax")
    st.caption(
        t(
            f"Every choice is a row of the batch: B·K = {len(names)}. Of each, the vector of [CLS] is drawn. Orange, "
            f"dashed: the new layer, {found.head_parameters:,} parameters that start at random, so these "
            "probabilities mean nothing yet.",
            f"선택지마다 배치의 한 행이 됩니다(B·K = {len(names)}). 행마다 [CLS] 벡터를 그렸습니다. 주황 점선은 새 층으로, 파라미터 "
            f"{found.head_parameters:,}개가 무작위로 시작하니 이 확률에는 아직 근거가 없습니다.",
        )
    )
    tensors = _tensor_table(found.tensors, "", _CHOICE_SYMBOLS)
    table = pd.DataFrame(
        {t("choice", "선택지"): names, t("logit", "로짓"): found.logits, t("probability", "확률"): found.probabilities}
    )
    return tensors, table


def draw_masked(found: MaskedInput) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The way to a score for every token of the vocabulary; returns the tables of tensors and of the best tokens."""
    shapes = dict(found.tensors)
    width, vocabulary = found.hidden.shape[1], shapes["logits"][-1]
    figure = head_figure(
        found.tokens, found.token_type_ids, found.hidden, range(len(found.tokens)),
        [Block("BERT"), Block("transform"), Block(f"Linear {width}→{vocabulary}")],
        [Column(name, shapes[name]) for name in ("input_ids", "last_hidden_state", "logits")],
        (t("1st", "1위"),), found.logits[:, :1],
        [[f"{shorten(tokens[0], 14)} {shares[0]:.0%}"] for tokens, shares in zip(found.best, found.probabilities, strict=True)],
    )  # fmt: skip
    draw_figure(figure, key="head masked", alt=t("From input_ids to tokens", "input_ids에서 토큰까지"))
    st.caption(
        t(
            f"Nothing here is new: the head's {found.head_parameters:,} parameters were trained with the encoder, and the "
            "matrix of its linear layer is that of the word embeddings. Where no [MASK] stands, the model sees the token "
            "that it names.",
            f"여기에는 새로 더한 것이 없습니다. 헤드의 파라미터 {found.head_parameters:,}개는 인코더와 함께 학습했고, 선형층의 행렬은 단어 "
            "임베딩과 같은 것입니다. [MASK]가 아닌 자리에서는 모델이 그 토큰을 보면서 맞힙니다.",
        )
    )
    rows = [
        [(visible(token), float(share)) for token, share in zip(tokens, shares, strict=True)]
        for tokens, shares in zip(found.best, found.probabilities, strict=True)
    ]
    if found.masked:
        cards = [
            Card(f"{place} · [MASK]", "", tuple(Bar(token, share, percent(share)) for token, share in rows[place]))
            for place in found.masked
        ]
        draw_cards(cards, key="masked", label=t("Candidates", "후보"))
    table = pd.DataFrame([[f"{token} {percent(share)}" for token, share in row] for row in rows])
    table.columns = [t(f"{place}.", f"{place}위") for place in range(1, len(table.columns) + 1)]
    table.insert(0, t("token", "토큰"), [visible(token) for token in found.tokens])
    st.dataframe(
        table, hide_index=True, height=min(320, 37 * len(table) + 38), width="content",
        alt=t("Three likeliest tokens at every position", "위치마다 확률이 가장 높은 토큰 세 개"),
    )  # fmt: skip
    return _tensor_table(found.tensors, "(B, L, V)"), table


def draw_gpt1_input(found: InputTransformation) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each sequence as tokens, and the way to the logits; returns the tables of tensors and of sequences."""
    for number, (tokens, markers) in enumerate(zip(found.sequences, found.markers, strict=True), 1):
        label = t(f"Sequence {number}", f"시퀀스 {number}")
        chips = [
            Chip(visible(token), colour="c1" if new else "c0", kind="special" if new else "")
            for token, new in zip(tokens, markers, strict=True)
        ]
        st.markdown(f"**{label}**")
        draw_chips(chips, key=f"sequence {number}", label=label)
    shapes = dict(found.tensors)
    joined = found.task == "similarity"
    each = found.task == "choice"
    linear = Block(f"Linear {found.extract.shape[1]}→{1 if each else len(found.scores)}", new=True)
    labels = [f"{tokens[0]}…{tokens[-1]}" for tokens in found.sequences]
    columns = [Column("inputs_embeds", shapes["inputs_embeds"]), Column("extract", shapes["extract"])]
    if joined:
        columns.append(Column("h₁ + h₂", shapes["h₁ + h₂"]))
    columns.append(Column("logits", shapes["logits"]))
    figure = head_figure(
        labels, [0] * len(labels), found.extract, range(len(labels)),
        [Block("Transformer"), *([Block("+")] if joined else []), linear], columns,
        ("K",) if each else tuple(str(place) for place in range(len(found.scores))),
        found.scores.reshape(-1, 1) if each else found.scores.reshape(1, -1),
    )  # fmt: skip
    draw_figure(figure, key=f"gpt1 {found.task}", alt=t("From the sequences to logits", "시퀀스에서 logits까지"))
    st.caption(
        t(
            f"Orange: new. Three vectors (start, delimiter, extract) and the linear layer, {found.new_parameters:,} "
            "parameters; everything else is the language model as it was. Its last hidden state of the extract token is read.",
            f"주황은 새로 더한 부분으로, 벡터 세 개(시작·구분·추출)와 선형층을 합해 파라미터 {found.new_parameters:,}개입니다. 나머지는 "
            "언어 모델 그대로이고, 선형층은 추출 토큰의 마지막 은닉 상태를 읽습니다.",
        )
    )
    tensors = _tensor_table(found.tensors, "(B, 1)" if each else "(1, K)")
    table = pd.DataFrame(
        [(number, token) for number, tokens in enumerate(found.sequences, 1) for token in tokens],
        columns=[t("sequence", "시퀀스"), t("token", "토큰")],
    )
    return tensors, table
