"""What two vocabularies do: new tokens, ids that the other one reads, and tokens per word in ten languages."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.chips import Chip, colour_of, draw_chips
from components.figures import draw_figure
from components.language import t
from components.palette import BLUE, ORANGE
from components.text import plain, safe_words, shorten, visible
from models.results import AddedTokens, Fertility, OtherReading

__all__ = ["added_table", "draw_added_tokens", "draw_fertility", "draw_reading", "reading_table"]


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
    for label, tokens, name, new in (
        (t("Before", "추가 전"), report.before, "before", ()),
        (t("After", "추가 후"), report.after, "after", report.tokens),
    ):
        st.caption(f"{label} · {len(tokens)}")
        chips = [
            Chip(visible(token), colour=colour_of(n), kind="marked" if token in new else "")
            for n, token in enumerate(tokens[:300])
        ]
        draw_chips(chips, key=f"{key} {name}", label=label)


def added_table(report: AddedTokens) -> pd.DataFrame:
    """The added tokens and their ids."""
    return pd.DataFrame({"token": report.tokens, "input_ids": report.input_ids})


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
