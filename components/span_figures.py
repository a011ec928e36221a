"""The figures of question answering."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from components.language import t
from components.palette import BLUE, GREEN, INK, ORANGE, PINK, SKY, VERMILION
from components.text import safe_html, safe_words, shorten
from models.results import SpanPrediction, ThresholdCurve

__all__ = ["curve_figure", "matrix_figure", "null_figure", "shown_tokens", "token_figure", "windows_figure"]

START, END, NULL, WINNER = BLUE, VERMILION, PINK, ORANGE
LINE = "#7F8AA0"  # seen on light and on dark ground
_MARGIN = {"l": 10, "r": 10, "t": 30, "b": 10}
_MOST = 40  # tokens of the passage that bars and matrix show at once


def _label(token: str) -> str:
    return safe_html(shorten(token, 12))


def _angle(tokens: int) -> int:
    """Upright where they are many, so that they do not lie over each other on a phone."""
    return -90 if tokens > 20 else -60


def shown_tokens(prediction: SpanPrediction) -> tuple[int, int]:
    """Positions [low, high) in the best span's window: all of its passage up to 40 tokens, else those around the span."""
    best = prediction.spans[0]
    window = prediction.windows[best.window]
    centre = (best.start_token + best.end_token) // 2
    low = max(window.context_start, min(centre - _MOST // 2, window.context_end - _MOST))
    return low, min(window.context_end, low + _MOST)


def token_figure(prediction: SpanPrediction) -> go.Figure:
    """Start probabilities upwards, end probabilities downwards, for the window that holds the best span.

    Of a long passage the tokens around that span are in view; the others, and [CLS] before them, can be dragged there.
    """
    best = prediction.spans[0]
    window = prediction.windows[best.window]
    places = [window.cls_position, *range(window.context_start, window.context_end)]
    x = list(range(len(places)))
    names = [_label(window.tokens[place]) for place in places]
    figure = go.Figure()
    for name, sign, values, logits, colour, pattern in (
        (t("start", "시작"), 1, window.start_probabilities, window.start_logits, START, ""),
        (t("end", "끝"), -1, window.end_probabilities, window.end_logits, END, "/"),
    ):
        shown = values[places]
        figure.add_bar(
            name=name,
            x=x,
            y=sign * shown,
            customdata=np.stack([shown, logits[places]], axis=1).round(4),
            hovertext=names,
            hovertemplate="%{hovertext}<br>"
            + name
            + f" %{{customdata[0]:.3f}} · {t('logit', '로짓')} %{{customdata[1]:.2f}}<extra></extra>",
            text=[f"{value:.2f}" if value >= 0.03 else "" for value in shown],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            marker={"color": colour, "pattern": {"shape": pattern}},
        )
    first = best.start_token - window.context_start + 1
    last = best.end_token - window.context_start + 1
    figure.add_vrect(x0=first - 0.5, x1=last + 0.5, fillcolor=WINNER, opacity=0.25, line={"width": 0}, layer="below")
    low, high = (place - window.context_start + 1 for place in shown_tokens(prediction))
    figure.update_xaxes(
        tickvals=x,
        ticktext=names,
        tickangle=_angle(high - low),
        tickfont={"size": 11},
        title=None,
        range=[low - 0.5 if low > 1 else -0.5, high - 0.5],
    )
    figure.update_yaxes(
        range=[-1.15, 1.15], tickvals=[-1, -0.5, 0, 0.5, 1], ticktext=["1", "0.5", "0", "0.5", "1"],
        title=f"↓ {t('end', '끝')} · {t('start', '시작')} ↑", fixedrange=True,
    )  # fmt: skip
    figure.update_layout(
        barmode="overlay",
        height=330,
        margin=_MARGIN,
        dragmode="pan",
        legend={"orientation": "h", "y": 1.12},
        uniformtext={"minsize": 10, "mode": "show"},
    )
    return figure


def matrix_figure(prediction: SpanPrediction, *, large: bool = False) -> go.Figure:
    """Scores S·T_i + E·T_j of the tokens that the bars show; what is not allowed stays empty.

    ``large``: rows high enough for the type of lecture mode.
    """
    best = prediction.spans[0]
    window = prediction.windows[best.window]
    low, high = shown_tokens(prediction)
    size = high - low
    scores = window.start_logits[low:high, None] + window.end_logits[None, low:high]  # (size, size)
    begin, end = np.mgrid[0:size, 0:size]
    allowed = (end >= begin) & (end - begin < prediction.longest_answer)
    names = [_label(token) for token in window.tokens[low:high]]
    figure = go.Figure(
        go.Heatmap(
            z=np.where(allowed, scores, np.nan).round(2),
            colorscale="Cividis",
            colorbar={"title": t("score", "점수"), "thickness": 10, "len": 0.8},
            hovertext=[[f"{one} … {other}" for other in names] for one in names],
            hovertemplate="%{hovertext}<br>%{z:.2f}<extra></extra>",
            hoverongaps=False,
        )
    )
    for rank, span in enumerate(prediction.spans):
        i, j = span.start_token - low, span.end_token - low
        if span.window == best.window and 0 <= i < size and 0 <= j < size:
            figure.add_annotation(
                x=j, y=i, text=f"<b>{rank + 1}</b>", showarrow=False, font={"color": INK, "size": 12},
                bgcolor="#FFFFFF", bordercolor=WINNER if rank == 0 else INK, borderwidth=2 if rank == 0 else 1,
                borderpad=1,
            )  # fmt: skip
    figure.add_annotation(
        x=0.02, y=0.04, xref="paper", yref="paper", showarrow=False, xanchor="left", yanchor="bottom",
        text=t("end before start:<br>not allowed", "끝이 시작보다<br>앞이라 안 됨"), align="left",
    )  # fmt: skip
    if prediction.longest_answer < size:
        figure.add_annotation(
            x=0.98, y=0.97, xref="paper", yref="paper", showarrow=False, xanchor="right", yanchor="top",
            text=t(f"more than {prediction.longest_answer} tokens", f"{prediction.longest_answer}토큰 초과"),
        )  # fmt: skip
    figure.update_yaxes(
        autorange="reversed",
        tickvals=list(range(size)),
        ticktext=names,
        tickfont={"size": 10},
        title=f"{t('start', '시작')} i",
        showgrid=False,
    )
    figure.update_xaxes(
        tickvals=list(range(size)),
        ticktext=names,
        tickangle=_angle(size),
        tickfont={"size": 10},
        title=f"{t('end', '끝')} j",
        showgrid=False,
    )
    figure.update_layout(height=max(400, 140 + (18 if large else 13) * size), margin=_MARGIN)
    return figure


def null_figure(prediction: SpanPrediction) -> go.Figure:
    """The best span's score beside that of "no answer", and the line that the latter has to cross."""
    best = prediction.spans[0].score
    line = best + prediction.threshold
    names = [t("best span", "최고 구간"), t("no answer<br>[CLS]", "답 없음<br>[CLS]")]
    figure = go.Figure(
        go.Bar(
            y=names,
            x=[best, prediction.null_score],
            orientation="h",
            text=[f"{best:.2f}", f"{prediction.null_score:.2f}"],
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            marker={"color": [WINNER, NULL], "pattern": {"shape": ["", "/"]}},
            textfont={"size": 14},
            hoverinfo="skip",
        )
    )
    figure.add_vline(
        x=line, line={"dash": "dash", "width": 3, "color": LINE},
        annotation={"text": t("“no answer” wins beyond", "이 선을 넘으면 “답 없음”"), "yanchor": "bottom", "y": 1},
        annotation_position="top left" if line > 0 else "top right",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    ends = (best, prediction.null_score, line, 0.0)
    low, high = min(ends), max(ends)
    room = max(1.5, 0.3 * (high - low))  # for the number beyond the end of a bar, also on a phone
    figure.update_xaxes(
        title=t("start logit + end logit", "시작 로짓 + 끝 로짓"),
        zeroline=True,
        range=[low - (room if low < 0 else 0), high + (room if high > 0 else 0)],
    )
    figure.update_layout(height=200, margin=_MARGIN, showlegend=False)
    return figure


def curve_figure(curve: ThresholdCurve, threshold: float) -> go.Figure:
    """Precision, recall and F1 over the thresholds, each with its own kind of line."""
    figure = go.Figure()
    for name, values, colour, dash in (
        (t("precision", "정밀도"), curve.precision, START, "dash"),
        (t("recall", "재현율"), curve.recall, END, "dot"),
        ("F1", curve.f1, GREEN, "solid"),
        ("SQuAD 2.0 F1", curve.squad_f1, NULL, "longdashdot"),
    ):
        figure.add_scatter(
            name=name, x=curve.thresholds, y=values, mode="lines",
            line={"color": colour, "dash": dash, "width": 3, "shape": "hv"},
            hovertemplate=name + " %{y:.3f} · %{x:.2f}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=threshold, line={"dash": "dash", "width": 3, "color": LINE}, annotation_text=f"{threshold:g}")
    known = curve.thresholds[curve.thresholds < 100]
    low, high = float(known.min()), float(known.max())
    figure.update_xaxes(
        title=t("threshold: answers everything →", "임계값: 오른쪽으로 갈수록 더 많이 답함 →"),
        range=[min(low, threshold) - 1, max(high, threshold) + 1],
    )
    figure.update_yaxes(range=[0, 1.03])
    figure.update_layout(height=340, margin=_MARGIN, legend={"orientation": "h", "y": 1.16})
    return figure


def windows_figure(prediction: SpanPrediction) -> go.Figure:
    """The windows over the tokens of the passage, what they share hatched, the winner named."""
    winner = prediction.spans[0].window
    rows = [f"{t('window', '창')} {number + 1}" for number in range(len(prediction.windows))]
    figure = go.Figure()
    sizes = [window.context_end - window.context_start for window in prediction.windows]
    figure.add_bar(
        name=t("window", "창"),
        y=rows,
        x=sizes,
        base=[window.first for window in prediction.windows],
        orientation="h",
        text=[f"{'★ ' * (best.window == winner)}{best.score:.1f}" for best in prediction.window_answers],
        textposition="inside",
        insidetextanchor="end",
        textangle=0,
        textfont={"color": INK},
        marker={"color": [WINNER if number == winner else SKY for number in range(len(rows))]},
        hovertemplate=t("tokens", "토큰") + " %{base} – %{x}<extra></extra>",
    )
    figure.add_bar(
        name=t("shared with the window before", "앞 창과 겹치는 부분"),
        y=rows[1:],
        x=[prediction.doc_stride] * (len(rows) - 1),
        base=[window.first for window in prediction.windows[1:]],
        orientation="h",
        marker={
            "color": "rgba(0,0,0,0)",
            "pattern": {"shape": "x", "fgcolor": INK, "size": 6},
            "line": {"color": LINE, "width": 2},  # seen in the legend of the dark theme, where the pattern is not
        },
        hoverinfo="skip",
    )
    answer = prediction.spans[0]
    window = prediction.windows[winner]
    place = window.first + answer.start_token - window.context_start
    figure.add_vline(
        x=place, line={"dash": "dot", "width": 3, "color": LINE},
        annotation={"text": safe_words(shorten(" ".join(answer.text.split()), 24)), "y": 1, "yanchor": "bottom"},
        annotation_position="top right" if place < prediction.context_tokens / 2 else "top left",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(title=t("token of the passage", "지문의 토큰"))
    figure.update_layout(
        barmode="overlay", height=int(min(760, 200 + 26 * len(rows))), margin={**_MARGIN, "t": 60, "b": 90},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
    )  # fmt: skip
    return figure
