"""How surprised a causal model is by each token of a text: its rank as a colour, its -ln p as a bar."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.chips import HUES, Chip, draw_chips
from components.figures import draw_figure
from components.language import t
from components.palette import GREY, INK
from components.text import percent, safe_html, shorten, visible
from models.results import Surprise

__all__ = ["draw_surprise", "rank_look"]

_NAMED_BARS = 40  # tokens whose names fit below their bars


def rank_look(rank: int | None) -> tuple[str, str]:
    """Colour and kind of a token's chip by its rank, the way GLTR does it (Gehrmann et al. 2019)."""
    for most, look in ((10, ("c2", "")), (100, ("c1", "marked")), (1000, ("c5", "random"))):
        if rank is not None and rank <= most:
            return look
    return ("c3", "masked") if rank else ("grey", "special")


def draw_surprise(found: Surprise) -> pd.DataFrame:
    """The text's tokens coloured by their rank and their -ln p as bars; returns the table."""
    chips, hues = [], []
    for one in found.tokens:
        colour, kind = rank_look(one.rank)
        hues.append(HUES.get(colour, GREY))
        tip = (
            t("The first token: nothing stands before it.", "첫 토큰이라 앞에 아무것도 없습니다.")
            if one.rank is None
            else t(
                f"rank {one.rank:,}, probability {percent(one.probability or 0.0)}\nthe model expected: {visible(one.best)}",
                f"{one.rank:,}위, 확률 {percent(one.probability or 0.0)}\n모델의 예상: {visible(one.best)}",
            )
        )
        own = visible(found.text[slice(*one.offsets)])
        chips.append(Chip(own, f"{one.rank:,}" if one.rank else "", tip, colour, kind))
    draw_figure(
        _surprise_figure(found, hues),
        key="surprise bars",
        alt=t("-ln p of each token, in nats, and their mean", "토큰별 -ln p(nat)와 그 평균"),
    )
    loss, perplexity = f"**{found.loss:,.3f}**", f"**{found.perplexity:,.1f}**"
    st.markdown(
        t(
            f"Mean of the bars, in nats = the `loss` that the model returns for `labels=input_ids`: {loss} · "
            f"exp(loss) = perplexity: {perplexity}",
            f"막대의 평균(nat) = `labels=input_ids`일 때 모델이 돌려주는 `loss`: {loss} · exp(loss) = 퍼플렉시티: {perplexity}",
        )
    )
    draw_chips(chips, key="surprise chips", label=t("Tokens with their ranks", "토큰과 순위"))
    st.caption(
        t(
            "Under each token: its rank. Green: among the 10 most probable; orange: 100; red with a double border: 1,000; "
            "filled: beyond.",
            "토큰 아래는 순위입니다. 초록: 10위 이내, 주황: 100위 이내, 빨강 이중 테두리: 1,000위 이내, 채움: 그 밖.",
        )
    )
    return pd.DataFrame(
        {
            t("token", "토큰"): [one.token for one in found.tokens],
            t("rank", "순위"): [one.rank for one in found.tokens],
            t("probability", "확률"): [one.probability for one in found.tokens],
            "-ln p": [one.loss for one in found.tokens],
            t("expected", "모델의 예상"): [one.best for one in found.tokens],
        }
    )


def _surprise_figure(found: Surprise, hues: Sequence[str]) -> go.Figure:
    """-ln p of each token as a bar of its colour, and a line at their mean."""
    places = list(range(1, len(found.tokens) + 1))
    names = [safe_html(shorten(found.text[slice(*one.offsets)], 14)) for one in found.tokens]
    figure = go.Figure(
        go.Bar(
            x=places,
            y=[one.loss for one in found.tokens],
            marker={"color": list(hues), "line_width": None if len(places) <= _NAMED_BARS else 0},
            customdata=[
                (name, percent(one.probability or 0.0), f"{one.rank or 0:,}")
                for name, one in zip(names, found.tokens, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>-ln p %{y:.2f} nats<br>p %{customdata[1]}<br>"
            + t("rank", "순위")
            + " %{customdata[2]}<extra></extra>",
        )
    )
    figure.add_hline(
        y=found.loss,
        line={"dash": "dot", "color": GREY},
        annotation={"text": f"loss {found.loss:.2f}", "bgcolor": "rgba(255, 255, 255, 0.85)", "font": {"color": INK}},
        annotation_position="right",
    )
    if len(places) <= _NAMED_BARS:
        figure.update_xaxes(tickvals=places, ticktext=names, tickangle=-60)
    else:
        figure.update_xaxes(title=t("position", "위치"))
    figure.update_yaxes(title="-ln p", rangemode="tozero")
    margin = {"l": 10, "r": 70, "t": 10, "b": 10}
    figure.update_layout(height=260, bargap=0.15 if len(places) <= _NAMED_BARS else 0, margin=margin, showlegend=False)
    return figure
