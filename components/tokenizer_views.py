"""The other pictures of the tokenizer explorer: steps, added tokens, batches, fertility."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.address import number
from components.chips import Chip, colour_of, draw_chips
from components.figures import draw_figure
from components.language import t
from components.palette import BLUE, INK, ORANGE, SKY
from components.text import plain, safe_html, safe_words, shorten, visible
from components.tokens import draw_tokenization, token_table
from models.results import (
    AddedTokens,
    Batch,
    Fertility,
    MatchTrace,
    MergeTrace,
    OtherReading,
    PaddingEffect,
    Tokenization,
)

__all__ = [
    "as_table",
    "draw_fertility",
    "draw_padding",
    "draw_reading",
    "draw_result",
    "padding_table",
    "reading_table",
]


@singledispatch
def draw_result(result: object, key: str) -> DeltaGenerator | None:
    """Draw any result of the tokenizer explorer under a key of its own; returns the place for what is known later."""
    raise TypeError(type(result).__name__)


@singledispatch
def as_table(result: object) -> pd.DataFrame:
    """The table of a result, for the page and for the download."""
    raise TypeError(type(result).__name__)


draw_result.register(Tokenization, draw_tokenization)
as_table.register(Tokenization, token_table)


def draw_reading(reading: OtherReading, place: DeltaGenerator) -> OtherReading:
    """The line of what another tokenizer reads in these ids, and which of them it does not have."""
    by, text, missing = plain(reading.read_by), plain(reading.text, 400) or "–", len(reading.outside)
    line = t(f"These ids read by **{by}**: {text}", f"이 번호들을 **{by}** 토크나이저로 읽으면: {text}")
    if missing:
        some = ", ".join(map(str, dict.fromkeys(reading.outside[:5]))) + ("…" if missing > 5 else "")
        line += t(
            f" · {missing:,} {'id is' if missing == 1 else 'ids are'} not in its vocabulary ({some})",
            f" · 그 어휘에 없는 번호 {missing:,}개({some})",
        )
    place.markdown(line)
    return reading


def reading_table(readings: Sequence[OtherReading]) -> pd.DataFrame:
    """One row a direction."""
    return pd.DataFrame(
        {
            "tokenizer": [reading.tokenizer for reading in readings],
            "read by": [reading.read_by for reading in readings],
            "text": [reading.text for reading in readings],
            "outside": [" ".join(map(str, reading.outside)) for reading in readings],
        }
    )


def _pick_step(trace: MergeTrace | MatchTrace, key: str) -> int:
    """The slider that walks through the steps, on the last one at first, and again for another word."""
    last, slider, of = len(trace.steps), f"{key}_step", f"{key}_word"
    if st.session_state.get(of, trace.word) != trace.word:
        st.session_state[slider] = last
    st.session_state[of] = trace.word
    return number(t("Step", "단계"), 0, last, key=slider, default=last) if last else 0


def _say_behind(trace: MergeTrace | MatchTrace) -> None:
    """What was asked falls into several words before any step; only the first is followed."""
    if trace.behind:
        parts = " ".join(f"“{plain(visible(part))}”" for part in (trace.word, *trace.behind))
        st.caption(
            t(
                f"Cut before any step: {parts} · Only the first is followed here.",
                f"먼저 나뉜 조각: {parts} · 여기서는 첫 조각만 봅니다.",
            )
        )


@draw_result.register
def draw_merges(trace: MergeTrace, key: str) -> None:
    """The word after the merges so far; the piece that the last one made is marked."""
    _say_behind(trace)
    step = _pick_step(trace, key)
    symbols = trace.start if step == 0 else trace.steps[step - 1].symbols
    made = "" if step == 0 else "".join(trace.steps[step - 1].pair)
    if step == 0:
        st.markdown(t("The word as single signs.", "단어를 글자 하나씩 풀어 놓았습니다."))
    else:
        left, right = trace.steps[step - 1].pair
        rank = trace.steps[step - 1].rank
        st.markdown(
            t("Merged", "병합")
            + f" **{plain(visible(left))}** + **{plain(visible(right))}** · "
            + t("rank", "순위")
            + f" {rank:,}"
        )
    chips = [
        Chip(visible(symbol), colour=colour_of(number), kind="marked" if symbol == made else "")
        for number, symbol in enumerate(symbols)
    ]
    draw_chips(chips, key=f"{key} chips", label=t("The word after this step", "이 단계 뒤의 단어"))


@as_table.register
def merge_table(trace: MergeTrace) -> pd.DataFrame:
    """Every merge in order."""
    return pd.DataFrame(
        {
            "step": range(1, len(trace.steps) + 1),
            "pair": [f"{left} + {right}" for left, right in (step.pair for step in trace.steps)],
            "rank": [step.rank for step in trace.steps],
            "symbols": [" ".join(step.symbols) for step in trace.steps],
        }
    )


@draw_result.register
def draw_matches(trace: MatchTrace, key: str) -> None:
    """The pieces found so far, and the candidates tried in the last round."""
    _say_behind(trace)
    step = _pick_step(trace, key)
    if not trace.steps:
        st.markdown(
            t("Too long for WordPiece: the word becomes `[UNK]`.", "WordPiece에는 너무 길어 단어가 `[UNK]`가 됩니다.")
        )
        return
    if step == 0:
        st.markdown(t("The word, nothing matched yet.", "아직 아무 조각도 떼지 않았습니다."))
        draw_chips([Chip(visible(trace.word))], key=f"{key} chips", label=t("The word", "단어"))
        return
    round_ = trace.steps[step - 1]
    found = plain(visible(round_.found)) if round_.found is not None else None
    tried = len(round_.tried)
    if found is not None:
        st.markdown(
            t(
                f"Longest match: **{found}**, candidate number {tried}",
                f"가장 긴 조각: **{found}**, {tried}번째 후보",
            )
        )
    else:
        st.markdown(
            t(
                "Nothing matches here, so the whole word becomes `[UNK]`.",
                "맞는 조각이 없어 단어 전체가 `[UNK]`가 됩니다.",
            )
        )
    pieces = [earlier.found or "" for earlier in trace.steps[:step] if earlier.found]
    chips = [Chip(visible(piece), colour=colour_of(number)) for number, piece in enumerate(pieces)]
    if chips and found is not None:
        chips[-1] = Chip(chips[-1].token, colour=chips[-1].colour, kind="marked")
    draw_chips(chips, key=f"{key} chips", label=t("Pieces found so far", "지금까지 뗀 조각"))
    st.caption(t("Tried, longest first:", "긴 것부터 차례로 시도:"))
    most = 24
    shown = round_.tried if tried <= most else (*round_.tried[: most - 1], round_.tried[-1])
    draw_chips(
        [Chip(visible(candidate), kind="marked" if candidate == round_.found else "struck") for candidate in shown],
        key=f"{key} tried",
        label=t("Candidates tried", "시도한 후보"),
    )


@as_table.register
def match_table(trace: MatchTrace) -> pd.DataFrame:
    """Every round of the longest match."""
    return pd.DataFrame(
        {
            "step": range(1, len(trace.steps) + 1),
            "start": [step.start for step in trace.steps],
            "tried": [len(step.tried) for step in trace.steps],
            "found": [step.found or "[UNK]" for step in trace.steps],
        }
    )


@draw_result.register
def draw_added_tokens(report: AddedTokens, key: str) -> None:
    """How many tokens were new, and the embedding matrix that has to grow."""
    with st.container(horizontal=True):
        st.metric(t("new tokens", "새 토큰"), report.added)
        st.metric(t("vocabulary", "어휘 크기"), f"{report.vocab_after:,}", f"{report.added:+,}", delta_color="off")
    if report.embedding_size:
        before, after = (
            f"({size:,} × {report.embedding_size:,})" for size in (report.vocab_before, report.vocab_after)
        )
        st.markdown(t("Embedding matrix", "임베딩 행렬") + f" $V \\times E$: **{before} → {after}**")
    if report.added:
        largest = max(report.input_ids)
        st.info(
            t(
                f"The matrix ends at row {report.vocab_before - 1:,}; id {largest:,} has no row yet. "
                "`resize_token_embeddings` appends rows drawn around the mean of the old ones: they must be trained.",
                f"행렬은 {report.vocab_before - 1:,}번 행에서 끝나서 {largest:,}번 토큰에는 행이 없습니다. "
                "`resize_token_embeddings`는 기존 행들의 평균 근처에서 무작위로 뽑은 행을 덧붙이며, 이 행은 따로 학습해야 합니다.",
            )
        )
    else:
        st.info(t("All of them were in the vocabulary already.", "모두 이미 어휘에 있는 토큰입니다."))
    for label, tokens, name in (
        (t("Before", "추가 전"), report.before, "before"),
        (t("After", "추가 후"), report.after, "after"),
    ):
        st.caption(f"{label} · {len(tokens)}")
        new = set(report.tokens)
        chips = [
            Chip(visible(token), colour=colour_of(n), kind="marked" if token in new and name == "after" else "")
            for n, token in enumerate(tokens[:300])
        ]
        draw_chips(chips, key=f"{key} {name}", label=label)


@as_table.register
def added_table(report: AddedTokens) -> pd.DataFrame:
    """The added tokens and their ids."""
    return pd.DataFrame({"token": report.tokens, "input_ids": report.input_ids})


def batch_figure(batch: Batch) -> go.Figure:
    """The attention mask as a rectangle: the tokens where there is room for them, else its 1 and 0."""
    rows = [t(f"text {number + 1}", f"글 {number + 1}") for number in range(len(batch.tokens))]
    readable = len(batch.tokens[0]) <= 12
    figure = go.Figure(
        go.Heatmap(
            z=batch.attention_mask,
            y=rows,
            text=[[safe_html(shorten(visible(token), 9)) for token in row] for row in batch.tokens],
            customdata=[[str(i) for i in row] for row in batch.input_ids],
            texttemplate="%{text}" if readable else "%{z}",
            hovertemplate="%{text}<br>id %{customdata}<br>attention_mask %{z}<extra></extra>",
            colorscale=[[0, "#C9D1DC"], [1, SKY]],
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=2,
            ygap=2,
            textfont={"color": INK, "size": 12},
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(side="top")
    figure.update_layout(height=60 + 46 * len(rows), margin={"l": 10, "r": 10, "t": 40, "b": 10})
    return figure


@draw_result.register
def draw_batch(batch: Batch, key: str) -> None:
    """The rectangle, and what padding and truncation cost."""
    size = len(batch.tokens) * len(batch.tokens[0])
    padding, cut = size - sum(batch.lengths), sum(batch.cut)
    st.markdown(
        t(
            f"**({len(batch.tokens)}, {len(batch.tokens[0])})** · {padding} of {size} positions are padding "
            f"({padding / size:.0%}) · {cut} {'token' if cut == 1 else 'tokens'} cut",
            f"**({len(batch.tokens)}, {len(batch.tokens[0])})** · {size}칸 가운데 {padding}칸이 패딩 "
            f"({padding / size:.0%}) · 잘린 토큰 {cut}개",
        )
    )
    if batch.borrowed_pad_token:
        st.caption(
            t(
                f"No padding token of its own; `{batch.pad_token}` stands in. On the right it hardly matters which one: a "
                "causal model never looks there, and the loss leaves it out if you, or the data collator, set its labels "
                "to -100 (with `labels=input_ids` it counts).",
                f"자체 패딩 토큰이 없어 `{batch.pad_token}` 토큰을 대신 씁니다. 오른쪽에 두면 어떤 토큰이든 거의 상관없습니다. 인과 모델은 "
                "그쪽을 보지 않고, 여러분이나 데이터 콜레이터가 그 자리의 라벨을 -100으로 바꾸면 손실에서도 빠집니다"
                "(`labels=input_ids`를 그대로 주면 손실에 들어갑니다).",
            )
        )
    draw_figure(
        batch_figure(batch),
        key=f"{key} mask",
        alt=t(
            "Attention mask: 1 where there is text, 0 where there is padding",
            "어텐션 마스크: 글이 있으면 1, 패딩이면 0",
        ),
    )


@as_table.register
def batch_table(batch: Batch) -> pd.DataFrame:
    """One row a text, as lists."""
    return pd.DataFrame(
        {
            "tokens": [" ".join(row) for row in batch.tokens],
            "input_ids": [" ".join(map(str, row)) for row in batch.input_ids],
            "attention_mask": [" ".join(map(str, row)) for row in batch.attention_mask],
            "cut": batch.cut,
        }
    )


def draw_padding(effect: PaddingEffect) -> None:
    """What padding does to the vector of [CLS], in one line."""
    with_mask, without_mask = f"**{effect.with_mask:.2f}**", f"**{effect.without_mask:.2f}**"
    line = t(
        f"`{effect.model}` reads text {effect.row + 1} alone and padded from {effect.tokens} to {effect.padded} tokens; "
        f"cosine of the two [CLS] vectors (last hidden state): {with_mask} with the attention_mask, {without_mask} "
        "without it.",
        f"`{effect.model}` 모델이 {effect.row + 1}번 글을 그대로({effect.tokens}토큰) 읽을 때와 패딩해서({effect.padded}토큰) "
        f"읽을 때, 두 [CLS] 벡터(마지막 은닉 상태)의 코사인은 attention_mask를 주면 {with_mask}, 주지 않으면 "
        f"{without_mask}입니다.",
    )
    if effect.first:
        line += t(
            " On the left the position embeddings shift as well.",
            " 왼쪽에 패딩하면 위치 임베딩까지 밀립니다.",
        )
    st.markdown(line)


def padding_table(effects: Mapping[str, PaddingEffect]) -> pd.DataFrame:
    """One row a tokenizer."""
    return pd.DataFrame(
        {
            "tokenizer": list(effects),
            "model": [effect.model for effect in effects.values()],
            "text": [effect.row + 1 for effect in effects.values()],
            "tokens": [effect.tokens for effect in effects.values()],
            "padded": [effect.padded for effect in effects.values()],
            "cosine with attention_mask": [effect.with_mask for effect in effects.values()],
            "cosine without": [effect.without_mask for effect in effects.values()],
        }
    )


def _fertility_table(found: Sequence[tuple[str, Sequence[Fertility]]]) -> pd.DataFrame:
    """Tokens per word, one row a language and tokenizer."""
    return pd.DataFrame(
        [
            {
                "tokenizer": name,
                "language": row.language,
                "words": row.words,
                "tokens": row.tokens,
                "tokens per word": round(row.tokens_per_word, 2),
                "unknown": row.unknown,
                "sentence": row.sentence,
            }
            for name, rows in found
            for row in rows
        ]
    )


def draw_fertility(found: Sequence[tuple[str, Sequence[Fertility]]]) -> pd.DataFrame:
    """Tokens per word by language, a bar for each tokenizer with its unknown tokens; returns the table below it."""
    figure = go.Figure()
    for place, (name, rows) in enumerate(found):
        figure.add_bar(
            name=shorten(name, 30),
            y=[row.language for row in rows],
            x=[row.tokens_per_word for row in rows],
            orientation="h",
            text=[f"{row.tokens_per_word:.1f}" + (f" · {row.unknown} [UNK]" if row.unknown else "") for row in rows],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            marker={"color": [BLUE, ORANGE][place % 2], "pattern": {"shape": ["", "/"][place % 2]}},
            hovertext=[safe_words(shorten(row.sentence, 200)) for row in rows],
        )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(title=t("tokens per word", "단어당 토큰 수"))
    figure.update_layout(
        barmode="group", height=560, margin={"l": 10, "r": 60, "t": 30, "b": 10}, legend={"orientation": "h", "y": 1.08}
    )
    draw_figure(figure, key="fertility", alt=t("Tokens per word in ten languages", "열 개 언어의 단어당 토큰 수"))
    table = _fertility_table(found)
    names = {
        "tokenizer": t("tokenizer", "토크나이저"),
        "language": t("language", "언어"),
        "words": t("words", "단어"),
        "tokens": t("tokens", "토큰"),
        "tokens per word": t("tokens per word", "단어당 토큰 수"),
        "unknown": t("unknown", "모르는 토큰"),
        "sentence": t("sentence", "문장"),
    }
    st.dataframe(table, hide_index=True, column_config=names, alt=t("Tokens per word", "단어당 토큰 수"))
    return table
