"""The fine-tuning page's pictures: heads on their input, the loss as it falls, what the trained model says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from components.cards import Bar, Card, draw_cards
from components.chips import Chip, draw_chips
from components.figures import draw_figure, put_legend_below
from components.head_figures import Block, Column, head_figure
from components.heatmaps import from_nothing
from components.language import t
from components.palette import BLUE, ORANGE
from components.text import percent, plain, safe_html, shorten, visible
from components.tuning_controls import settings_in_words
from models.results import (
    CatalogueEntry,
    ChoiceInput,
    Classified,
    FineTuning,
    HeadInput,
    InputTransformation,
    LabelledExample,
    MaskedInput,
    Share,
    TuningSettings,
    TuningStep,
)

__all__ = [
    "draw_choice",
    "draw_classified",
    "draw_curve",
    "draw_first",
    "draw_gpt1_input",
    "draw_head",
    "draw_masked",
    "draw_plan",
    "draw_runs",
    "draw_training",
    "say_sizes",
]


# --- shapes ------------------------------------------------------------------------------------------------------

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


# --- training ----------------------------------------------------------------------------------------------------


def draw_curve(steps: Sequence[TuningStep], key: str = "curve") -> pd.DataFrame:
    """Loss of each batch, loss and accuracy on what was held out; returns the table."""
    tested = [one for one in steps if one.held_out_loss is not None]
    titles = (t("loss (nats)", "손실(nat)"), t("accuracy", "정확도"))
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.14, subplot_titles=titles)
    figure.add_scatter(
        x=[one.step for one in steps if one.loss is not None], y=[one.loss for one in steps if one.loss is not None],
        name=t("batch", "배치"), mode="lines", line={"color": BLUE, "width": 1.5}, row=1, col=1,
    )  # fmt: skip
    for column, values, colour in (
        (1, [one.held_out_loss for one in tested], ORANGE),
        (2, [one.held_out_accuracy for one in tested], ORANGE),
    ):
        figure.add_scatter(
            x=[one.step for one in tested], y=values, name=t("held out", "떼어 둔 예시"), mode="lines+markers",
            line={"color": colour, "width": 2, "dash": "dash"}, marker={"size": 9, "symbol": "diamond"}, cliponaxis=False,
            showlegend=column == 1, row=1, col=column,
        )  # fmt: skip
    figure.update_xaxes(title=t("step", "스텝"), range=[0, max(1, len(steps) - 1)])
    figure.update_yaxes(rangemode="tozero", row=1, col=1)
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%", row=1, col=2)
    figure.update_layout(height=340, margin={"t": 30, "l": 10, "r": 10})
    put_legend_below(figure)
    draw_figure(figure, key=key, alt=t("Loss and accuracy by step", "스텝별 손실과 정확도"))
    return pd.DataFrame(
        [(one.step, one.loss, one.held_out_loss, one.held_out_accuracy) for one in steps],
        columns=[
            t("step", "스텝"),
            t("loss", "손실"),
            t("held-out loss", "떼어 둔 예시의 손실"),
            t("accuracy", "정확도"),
        ],
    )


SHOWN = 3  # examples, before a training
MOST_RUNS = 6  # of a session that are kept


def draw_plan(settings: TuningSettings) -> None:
    """What the button will train, in one line: who gives a lecture has folded the settings away."""
    (_, task), *others = settings_in_words(settings).items()
    st.markdown(f"**{task}** · " + " · ".join(f"{name}: {value}" for name, value in others))


def draw_first(examples: Sequence[LabelledExample]) -> None:
    """The first examples of the table, which a lecture has folded away too."""
    shown = examples[:SHOWN]
    columns = {
        t("sentence", "문장"): [plain(" / ".join(filter(None, (one.text, one.pair)))) for one in shown],
        t("label", "라벨"): [plain(one.label, 60) for one in shown],
    }
    st.table(pd.DataFrame(columns), hide_index=True, alt=t("The first examples", "처음 몇 예시"))


def draw_runs(found: FineTuning | None, model: str, examples: Sequence[LabelledExample]) -> pd.DataFrame | None:
    """The trainings of this session beside each other, ``found`` added to them; returns their table, None where there is none.

    The session keeps small numbers only, no models.
    """
    runs: dict[int, tuple[str, TuningSettings, int, Share, bool]] = st.session_state.setdefault("runs so far", {})
    if found is not None:
        key = hash((model, found.settings, tuple(examples)))
        whole = found.settings.epochs * -(-len(found.train) // found.settings.batch_size)
        runs[key] = model, found.settings, len(examples), found.accuracy, len(found.steps) <= whole
        for oldest in list(runs)[:-MOST_RUNS]:
            del runs[oldest]
    if not runs:
        return None
    table = pd.DataFrame(
        [
            {
                t("model", "모델"): name.rpartition("/")[2],
                **settings_in_words(settings),
                t("examples", "예시"): many,
                t("accuracy", "정확도"): f"{share.value:.0%} ({share.hits} / {share.trials})",
                "95%": f"{share.low:.0%}–{share.high:.0%}" + (t(", stopped", ", 중단") if stopped else ""),
            }
            for name, settings, many, share, stopped in runs.values()
        ]
    )
    if found is None or len(runs) > 1:  # else the page shows its only run already
        *settings, accuracy, interval = table.columns
        rows = []
        for _, row in table.astype(str).iterrows():
            words = [f"{name} {row[name]}" if name in settings[-3:] else row[name] for name in settings]
            rows.append((" · ".join(map(plain, words)), row[accuracy], row[interval]))
        alt = t("Trainings of this session", "이번 세션의 학습")
        st.table(pd.DataFrame(rows, columns=[alt, accuracy, interval]), hide_index=True, alt=alt)
    return table


def draw_training(found: FineTuning) -> dict[str, pd.DataFrame]:
    """The figures, the curve, the confusion matrix and every held-out verdict; returns their tables."""
    share = found.accuracy
    with st.container(horizontal=True):
        st.metric(
            t("Accuracy, held out", "떼어 둔 예시의 정확도"),
            f"{share.value:.0%}",
            f"{share.hits} / {share.trials} · {share.low:.0%}–{share.high:.0%}",
            delta_color="off",
            delta_arrow="off",
            help=t("Behind it the 95% interval (Wilson).", "뒤의 범위는 95% 신뢰구간(Wilson)입니다."),
        )
        st.metric(t("Always the most frequent label", "늘 가장 흔한 라벨로 답하면"), f"{found.majority:.0%}")
        st.metric(
            t("Trained parameters", "학습한 파라미터"),
            f"{found.trained_parameters:,}",
            percent(found.trained_parameters / found.all_parameters),
            delta_color="off",
            delta_arrow="off",
        )
        st.metric(t("Time", "시간"), t(f"{found.seconds:.1f} s", f"{found.seconds:.1f}초"))
    tables = {"curve": draw_curve(found.steps)}
    left, right = st.columns([2, 3], gap="medium")
    with left:
        tables["confusion"] = _draw_confusion(found)
    with right:
        tables["held out"] = _draw_verdicts(found)
    return tables


def say_sizes(found: FineTuning, small: CatalogueEntry) -> None:
    """What a comparison with another pre-trained model has to bear in mind."""
    times = found.all_parameters / small.parameters
    text = t("other text", "다른 글")
    if "SmolLM2-135M" in found.model:
        text = t(
            "far more text: 2 trillion tokens (Ben Allal et al. 2025)",
            "훨씬 많은 글(토큰 2조 개, Ben Allal et al. 2025)",
        )
    st.caption(
        t(
            f"Before you compare with {small.name}: {plain(found.model)} is {times:.1f} times as large, and has read {text}.",
            f"{small.name}와 비교할 때 주의하세요. {plain(found.model)} 모델은 크기가 {times:.1f}배이고, {text}을 읽었습니다.",
        )
    )


def _draw_confusion(found: FineTuning) -> pd.DataFrame:
    labels = [safe_html(shorten(label, 16)) for label in found.labels]
    names = [f"{label}{'​' * number}" for number, label in enumerate(labels)]  # different, whatever was cut off
    figure = go.Figure(
        go.Heatmap(
            z=found.confusion, x=names, y=names, text=found.confusion, texttemplate="%{text}", textfont={"size": 15},
            colorscale=from_nothing(), showscale=False, xgap=2, ygap=2,
            hovertemplate=f"{t('true', '정답')} %{{y}}, {t('predicted', '예측')} %{{x}}: %{{z}}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(title=t("predicted", "예측"), side="top", type="category")
    figure.update_yaxes(title=t("true", "정답"), autorange="reversed", type="category")
    figure.update_layout(height=120 + 55 * len(names), margin={"t": 10, "b": 10, "l": 10, "r": 10})
    draw_figure(figure, key="confusion", alt=t("Confusion matrix", "혼동 행렬"))
    table = pd.DataFrame(found.confusion, columns=list(found.labels))
    table.insert(0, t("true \\ predicted", "정답 \\ 예측"), list(found.labels))
    return table


def _draw_verdicts(found: FineTuning) -> pd.DataFrame:
    """The held-out texts, or their words, those that went wrong first."""
    rows: list[tuple[str, str, str, float, str]] = []
    for one, pieces, truth, probabilities in zip(
        found.held_out, found.pieces, found.truth, found.probabilities, strict=True
    ):
        for piece, label, shares in zip(pieces, truth, probabilities, strict=True):
            best = int(np.argmax(shares))
            text = piece if len(pieces) > 1 or not one.pair else f"{one.text} / {one.pair}"
            rows.append(
                ("✓" if best == label else "✗", found.labels[label], found.labels[best], float(shares[best]), text)
            )
    what = t("word", "단어") if found.settings.task == "tagging" else t("held-out text", "떼어 둔 문장")
    columns = ["✓ ✗", t("true", "정답"), t("predicted", "예측"), t("probability", "확률"), what]
    rows.sort(key=lambda row: (row[0] == "✓", row[1] == found.labels[0], -row[3]))
    table = pd.DataFrame(rows, columns=columns)
    st.dataframe(
        table, hide_index=True, height=300, alt=t("Held-out verdicts", "떼어 둔 예시의 판정"),
        column_config={columns[0]: st.column_config.TextColumn(width=40), columns[3]: st.column_config.NumberColumn(format="percent")},
    )  # fmt: skip
    return table


def draw_classified(found: Classified) -> pd.DataFrame:
    """What the trained model says about a new text, or its words; returns the table."""
    best = found.probabilities.argmax(-1)
    if len(found.pieces) == 1:
        order = np.argsort(-found.probabilities[0])
        bars = tuple(
            Bar(
                found.labels[place], float(found.probabilities[0, place]), percent(float(found.probabilities[0, place]))
            )
            for place in order
        )
        draw_cards([Card(found.labels[best[0]], "", bars)], key="classified", label=t("Verdict", "판정"))
    else:
        chips = [
            Chip(
                visible(piece),
                f"{found.labels[label]} {shares[label]:.0%}",
                colour=f"c{label % 6}" if label else "grey",
            )
            for piece, label, shares in zip(found.pieces, best, found.probabilities, strict=True)
        ]
        draw_chips(chips, key="classified", label=t("Words and their tags", "단어와 태그"))
    table = pd.DataFrame(found.probabilities, columns=[f"p({label})" for label in found.labels])
    table.insert(0, t("text", "글"), list(found.pieces))
    return table
