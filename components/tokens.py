"""A tokenization as chips, as a coloured text and as a table."""

from __future__ import annotations

import unicodedata

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.chips import Chip, Piece, colour_of, draw_chips
from components.language import t
from components.text import plain, visible
from models.results import Decoding, Tokenization

__all__ = ["draw_tokenization", "token_chips", "token_table"]

_MOST_CHIPS = 600  # more would make the browser slow; the table has them all


def token_chips(tokenization: Tokenization) -> tuple[list[Chip], list[Piece]]:
    """One chip per token, and the original text as pieces in the colours of their tokens.

    Tokens that share characters (the bytes of one emoji) share a piece. A combining mark that no token covers stays
    with the letter before it, so that it is drawn on it.
    """
    texts = (tokenization.text, tokenization.text_pair or "")
    chips: list[Chip] = []
    spans: list[tuple[int, int, int]] = []  # (segment, start, end) of each piece
    piece_of: list[int | None] = []
    for (start, end), segment in zip(tokenization.offsets, tokenization.segments, strict=True):
        if segment is None or start == end:
            piece_of.append(None)
            continue
        if spans and spans[-1][0] == segment and start < spans[-1][2]:
            spans[-1] = (segment, spans[-1][1], max(end, spans[-1][2]))
        else:
            spans.append((segment, start, end))
        piece_of.append(len(spans) - 1)

    pieces: list[Piece] = []
    drawn_at: dict[int, int] = {}  # number of a span -> position of its piece
    for segment, text in enumerate(texts):
        reached = 0
        if segment == 1 and text:
            pieces.append(Piece("\n", "gap"))
        for number, (its_segment, start, end) in enumerate(spans):
            if its_segment == segment:
                _close(pieces, text[reached:start])
                drawn_at[number] = len(pieces)
                pieces.append(Piece(text[start:end], colour_of(number)))
                reached = end
        _close(pieces, text[reached:])

    for number, token in enumerate(tokenization.tokens):
        piece = piece_of[number]
        special = tokenization.segments[number] is None
        chips.append(
            Chip(
                token=visible(token),
                below=f"{tokenization.input_ids[number]}",
                tip=_tip(tokenization, number),
                colour="grey" if piece is None else colour_of(piece),
                kind="special" if special else "unknown" if tokenization.unknown[number] else "",
                piece=None if piece is None else drawn_at[piece],
            )
        )
    return chips, pieces


def _close(pieces: list[Piece], rest: str) -> None:
    """Text that no token covers; leading combining marks go to the piece before."""
    while rest and pieces and unicodedata.category(rest[0]).startswith("M"):
        pieces[-1] = Piece(pieces[-1].text + rest[0], pieces[-1].colour)
        rest = rest[1:]
    if rest:
        pieces.append(Piece(rest, "gap"))


def _tip(tokenization: Tokenization, number: int) -> str:
    lines = [f"{t('entry', '어휘 번호')} {tokenization.input_ids[number]:,} / {tokenization.vocab_size:,}"]
    if tokenization.segments[number] is None:
        lines.append(t("added by the tokenizer", "토크나이저가 덧붙임"))
    else:
        start, end = tokenization.offsets[number]
        lines.append(f"{t('characters', '글자')} {start}–{end}")
    if tokenization.token_bytes[number]:
        lines.append(f"{t('bytes', '바이트')} {tokenization.token_bytes[number].hex(' ')[:60]}")
    if (rank := tokenization.merge_ranks[number]) is not None:
        lines.append(f"{t('merge number', '병합 순위')} {rank:,}")
    if tokenization.unknown[number]:
        lines.append(t("not in the vocabulary: this text is lost", "어휘에 없음: 이 글자는 사라집니다"))
    return "\n".join(lines)


def draw_tokenization(tokenization: Tokenization, key: str) -> DeltaGenerator:
    """How many tokens, the text in colours, the chips; the first 600 of a long text.

    Returns the place between what decoding gives and the table.
    """
    characters = len(tokenization.text) + len(tokenization.text_pair or "")
    per_token = characters / len(tokenization.tokens) if tokenization.tokens else 0.0
    some = "token" if len(tokenization.tokens) == 1 else "tokens"
    count = t(f"**{len(tokenization.tokens):,} {some}**", f"**토큰 {len(tokenization.tokens):,}개**")
    st.markdown(f"{count} · {t(f'{per_token:.1f} characters a token', f'토큰당 {per_token:.1f}글자')}")
    limit = tokenization.model_max_length
    if limit and len(tokenization.tokens) > limit:
        st.warning(
            t(
                f"This model reads {limit:,} tokens at most; the rest would have to be cut or windowed.",
                f"이 모델은 토큰을 {limit:,}개까지만 읽습니다. 나머지는 자르거나 창으로 나누어야 합니다.",
            )
        )
    chips, pieces = token_chips(tokenization)
    if len(chips) > _MOST_CHIPS:
        last = max((chip.piece for chip in chips[:_MOST_CHIPS] if chip.piece is not None), default=-1)
        chips, pieces = chips[:_MOST_CHIPS], pieces[: last + 1]
        st.caption(t(f"The first {_MOST_CHIPS} are drawn.", f"처음 {_MOST_CHIPS}개만 그렸습니다."))
    draw_chips(chips, key=f"{key} chips", label=t("Tokens", "토큰"), pieces=pieces)
    _draw_decoding(tokenization.decoding)
    place = st.container()
    table = token_table(tokenization)
    with st.expander(t("Table", "표"), icon=":material/table:", expanded=len(table) <= 40):
        st.dataframe(
            table,
            hide_index=True,
            height="content" if len(table) < 15 else 400,
            column_config={  # narrow, so that the masks are seen in half a page
                "position": st.column_config.Column("#", width=_pixels(35), help=t("position", "위치")),
                "token": st.column_config.TextColumn(t("token", "토큰"), width=_width(table["token"])),
                "input_ids": st.column_config.Column(width=_pixels(75)),
                "token_type_ids": st.column_config.Column("type", width=_pixels(50), help="token_type_ids"),
                "attention_mask": st.column_config.Column("mask", width=_pixels(50), help="attention_mask"),
                "special_tokens_mask": st.column_config.Column(
                    "special", width=_pixels(62), help="special_tokens_mask"
                ),
                "bytes": st.column_config.TextColumn(t("bytes", "바이트"), width=_width(table["bytes"])),
            },
            alt=t("Tokens", "토큰"),
        )
    return place


def _width(cells: pd.Series) -> int:
    """Pixels for the longest of these cells, within reason; left alone, Streamlit measures the first rows only."""
    return _pixels(30 + 9 * min(30, max(map(len, cells), default=5)))


def _pixels(usual: int) -> int:
    """The width of a column, which has larger type in lecture mode."""
    return round(1.5 * usual) if st.session_state.get("lecture") else usual


def token_table(tokenization: Tokenization) -> pd.DataFrame:
    """What the model is given, one row a token, in the words of Transformers."""
    columns: dict[str, object] = {
        "position": range(len(tokenization.tokens)),
        "token": tokenization.tokens,
        "input_ids": tokenization.input_ids,
    }
    if tokenization.token_type_ids is not None:
        columns["token_type_ids"] = tokenization.token_type_ids
    columns["attention_mask"] = tokenization.attention_mask
    columns["special_tokens_mask"] = tokenization.special_tokens_mask
    columns["offsets"] = [f"{start}–{end}" for start, end in tokenization.offsets]
    columns["bytes"] = [found.hex(" ") for found in tokenization.token_bytes]
    return pd.DataFrame(columns)


def _draw_decoding(decoding: Decoding) -> None:
    """The text that comes back, and what was lost."""
    if decoding.lossless:
        st.success(
            t("Decoding gives back the text to the letter.", "되돌리면 원문과 글자 하나까지 같습니다."),
            icon=":material/check:",
        )
        return
    kinds = {
        "case": t("upper and lower case", "대소문자"),
        "accent": t("accents", "악센트"),
        "composition": t("looks alike, other code points", "모양은 같지만 다른 코드"),
        "whitespace": t("whitespace", "공백"),
        "unknown": t("unknown", "모르는 글자"),
        "other": t("other", "그 밖에"),
    }
    st.warning(
        t("Decoding does not give back the text: ", "되돌리면 원문과 다릅니다: ") + plain(decoding.text, 400),
        icon=":material/error_med:",
    )
    shown = decoding.losses[:200]
    st.dataframe(
        pd.DataFrame(
            {
                t("lost", "잃은 것"): [kinds[loss.kind] for loss in shown],
                t("in the text", "원문"): [visible(loss.original) for loss in shown],
                t("decoded", "되돌린 것"): [visible(loss.decoded) for loss in shown],
            }
        ),
        hide_index=True,
        height="content" if len(shown) < 8 else 280,
        alt=t("What decoding lost", "되돌릴 때 잃은 것"),
    )
