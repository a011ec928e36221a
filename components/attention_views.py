"""The pictures of the attention viewer, and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.attention_controls import Controls, open_head
from components.chips import Chip, draw_chips
from components.figures import draw_figure
from components.head_grid import SIGNS, draw_head_grid, pattern_names
from components.heatmaps import (
    height_of,
    is_dark,
    layer_head_figure,
    pooled,
    position_figure,
    token_figure,
    token_labels,
)
from components.language import language, t
from components.palette import BLUE, GREEN, GREY, ORANGE
from components.text import plain, shorten, visible
from models.results import (
    AttentionDifference,
    AttentionMatrix,
    BertvizPage,
    CausalComparison,
    EmbeddingSum,
    HeadGrid,
)

__all__ = ["attention_chips", "bertviz_html", "draw_result", "files_of"]

Tables = dict[str, pd.DataFrame]

_LISTED = 5  # tokens named for each token


@singledispatch
def draw_result(result: object, picked: Controls) -> None:
    """Draw any result of the attention viewer."""
    raise TypeError(type(result).__name__)


@singledispatch
def files_of(result: object) -> tuple[object, Tables, dict[str, str]]:
    """What there is to take away of a result: for JSON, as tables, as HTML."""
    raise TypeError(type(result).__name__)


# --- one matrix --------------------------------------------------------------------------------------------------


def _strongest(tokens: Sequence[str], weights: np.ndarray) -> str:
    """``mat 0.31, [CLS] 0.22, ...``"""
    order = np.argsort(-weights, kind="stable")[:_LISTED]
    return ", ".join(f"{shorten(visible(tokens[n]), 14)} {weights[n]:.2f}" for n in order if weights[n] >= 0.005)


def attention_chips(matrix: AttentionMatrix) -> list[Chip]:
    """A chip a token; hovering lists what it looks at and what looks at it. The bar is its share of all attention."""
    received = matrix.weights.mean(0)
    largest = float(received.max()) or 1.0
    return [
        Chip(
            visible(token),
            below=f"{received[n]:.0%}",
            tip=f"{t('looks at', '보는 토큰')}: {_strongest(matrix.tokens, matrix.weights[n])}\n"
            f"{t('is looked at by', '이 토큰을 보는 토큰')}: {_strongest(matrix.tokens, matrix.weights[:, n])}",
            colour="grey" if matrix.special[n] else "c0",
            kind="special" if matrix.special[n] else "",
            height=float(received[n]) / largest,
        )
        for n, token in enumerate(matrix.tokens)
    ]


def draw_matrix(matrix: AttentionMatrix, key: str) -> None:
    """The heatmap, and the tokens to hover."""
    if matrix.pattern:
        name = pattern_names()[matrix.pattern]
        st.markdown(
            t(
                f"Pattern on this text: **{SIGNS[matrix.pattern]} {name}**",
                f"이 글에서 보이는 패턴: **{SIGNS[matrix.pattern]} {name}**",
            )
        )
    alt = t(
        f"Heatmap: what each of {len(matrix.tokens)} tokens attends to",
        f"히트맵: 토큰 {len(matrix.tokens)}개가 저마다 보는 곳",
    )
    draw_figure(token_figure(matrix.weights, token_labels(matrix.tokens)), f"{key} heatmap", alt)
    st.caption(
        t(
            "Hover a token: what it looks at, what looks at it. Under it: its share of all attention.",
            "토큰에 마우스를 올리면 무엇을 보는지, 무엇이 보는지 나옵니다. 아래 숫자는 전체 어텐션에서 받는 몫입니다.",
        )
    )
    draw_chips(attention_chips(matrix), key=f"{key} chips", label=t("Tokens", "토큰"))


@draw_result.register
def _draw_matrix_alone(matrix: AttentionMatrix, picked: Controls) -> None:
    if picked.view == "meaning":
        draw_combined(matrix, picked.how, picked.view)
    else:
        draw_matrix(matrix, picked.view)


@files_of.register
def _matrix_files(matrix: AttentionMatrix) -> tuple[object, Tables, dict[str, str]]:
    return matrix, {"attention": matrix_table(matrix)}, {}


def matrix_table(matrix: AttentionMatrix) -> pd.DataFrame:
    """A row for each token that looks, a column for each that is looked at."""
    names = [f"{number} {token}" for number, token in enumerate(matrix.tokens)]
    return pd.concat([pd.DataFrame({"token": names}), pd.DataFrame(matrix.weights, columns=names)], axis=1)


# --- bertviz -----------------------------------------------------------------------------------------------------


def bertviz_html(page: BertvizPage) -> str:
    """bertviz's page in the viewer's theme and language."""
    html = page.html
    looks = [name for name, wanted in (("dark", is_dark()), ("lecture", st.session_state.get("lecture"))) if wanted]
    if looks:
        html = html.replace("<html ", f'<html class="{" ".join(looks)}" ', 1)
    if language() == "ko":
        start, data, rest = html.partition("const params = ")
        line, end, script = rest.partition("\n")
        for english, korean in (
            ('lang="en"', 'lang="ko"'),
            ("Layer: <select", "층: <select"),
            ("Attention: <select", "어텐션: <select"),
            (">All<", ">전체<"),
            ("Sentence A -> Sentence A", "문장 A → 문장 A"),
            ("Sentence B -> Sentence B", "문장 B → 문장 B"),
            ("Sentence A -> Sentence B", "문장 A → 문장 B"),
            ("Sentence B -> Sentence A", "문장 B → 문장 A"),
        ):
            start = start.replace(english, korean)
        for english, korean in (
            ('"Heads"', '"헤드"'),
            ('"Layers"', '"층"'),
            ("'Layer '", "'층 '"),
            (", Head ", ", 헤드 "),
        ):
            script = script.replace(english, korean)
        html = start + data + line + end + script
    return html


def draw_bertviz(page: BertvizPage) -> None:
    """The frame. Its text stays the same while input, layer and head do, so that the browser keeps it as it is."""
    if page.tokens_drawn < page.tokens:
        st.caption(
            t(
                f"bertviz draws a line for each weight: the first {page.tokens_drawn} of {page.tokens} tokens. "
                "The views “One head” and “All heads” take them all.",
                f"bertviz는 가중치마다 선을 하나씩 그리므로 토큰 {page.tokens}개 중 처음 {page.tokens_drawn}개만 보여 줍니다. "
                "‘헤드 하나’와 ‘헤드 전체’ 탭에는 모두 나옵니다.",
            )
        )
    alt = (
        t("bertviz head view", "bertviz 헤드 보기")
        if page.kind == "head"
        else t("bertviz model view", "bertviz 모델 보기")
    )
    with st.container():
        height = page.height * (1.25 if st.session_state.get("lecture") else 1)
        st.iframe(bertviz_html(page), height=min(round(height), 1500), alt=alt)


@draw_result.register
def _draw_bertviz_beside_numbers(found: tuple, picked: Controls) -> None:  # type: ignore[type-arg]
    page, matrix = found
    with st.container(key="wide columns"):  # one below the other where bertviz would be cut off
        left, right = st.columns([2, 3], gap="medium") if page.kind == "head" else (st.container(), st.container())
    with left:
        draw_bertviz(page)
    with right:
        draw_matrix(matrix, "beside")


@files_of.register
def _bertviz_files(found: tuple) -> tuple[object, Tables, dict[str, str]]:  # type: ignore[type-arg]
    page, matrix = found
    return matrix, {"attention": matrix_table(matrix)}, {f"bertviz-{page.kind}": bertviz_html(page)}


# --- all heads ---------------------------------------------------------------------------------------------------


@draw_result.register
def draw_grid(grid: HeadGrid, picked: Controls) -> None:
    """The small pictures, or a map of one number for each head; the legend of the patterns above them."""
    names = pattern_names()
    st.caption(" · ".join(f"**{SIGNS[pattern]}** {names[pattern]}" for pattern in SIGNS if pattern))
    if picked.map == "pictures":
        st.caption(
            t("Row: layer. Column: head. Click one to open it.", "가로줄은 층, 세로줄은 헤드입니다. 누르면 열립니다.")
        )
        draw_head_grid(grid, key="head grid", on_open=open_head)
        return
    values, what = (
        (grid.entropy, t("entropy (nats)", "엔트로피(nat)"))
        if picked.map == "entropy"
        else (grid.distance, t("distance (tokens)", "거리(토큰)"))
    )
    marks = [[SIGNS[pattern] for pattern in row] for row in grid.patterns]
    draw_figure(
        layer_head_figure(values, what, marks), f"grid {picked.map}", t(f"{what} of every head", f"헤드별 {what}")
    )
    st.caption(
        t(
            "Entropy: 0 looks at a single token, high looks everywhere. Distance: how many tokens away it looks.",
            "엔트로피가 0이면 토큰 하나만 보고, 크면 두루 봅니다. 거리는 몇 토큰 떨어진 곳을 보는지입니다.",
        )
    )


@files_of.register
def _grid_files(grid: HeadGrid) -> tuple[object, Tables, dict[str, str]]:
    return grid, {"heads": grid_table(grid)}, {}


def grid_table(grid: HeadGrid) -> pd.DataFrame:
    """One row a head."""
    layers, heads = grid.entropy.shape
    return pd.DataFrame(
        [
            {
                "layer": layer,
                "head": head,
                "pattern": grid.patterns[layer][head] or "none",
                "share": round(float(grid.shares[layer, head]), 4),
                "entropy": round(float(grid.entropy[layer, head]), 4),
                "distance": round(float(grid.distance[layer, head]), 4),
            }
            for layer in range(layers)
            for head in range(heads)
        ]
    )


# --- combined ----------------------------------------------------------------------------------------------------


def draw_combined(matrix: AttentionMatrix, how: str, key: str) -> None:
    """The matrix, the share of what was left out, and why raw attention can mislead."""
    if matrix.left_out:
        st.metric(
            t("went to what was left out", "뺀 토큰이 받던 몫"),
            f"{matrix.left_out_share:.0%}",
            help=t(
                "Share of the attention of the other tokens; the rest is rescaled to 100 %.",
                "나머지 토큰들의 어텐션에서 차지하던 비율입니다. 남은 것은 합이 100%가 되도록 다시 맞췄습니다.",
            ),
        )
        names = ", ".join(plain(visible(token), 20) for token in dict.fromkeys(matrix.left_out))
        st.caption(f"{t('Left out', '뺀 토큰')}: {names}")
    notes = {
        "norm": t(
            "A large weight on a short vector moves little: this is weight × length of what is fetched.",
            "가중치가 커도 가져오는 벡터가 작으면 영향이 작습니다. 그래서 가중치에 벡터의 크기(노름)를 곱했습니다.",
        ),
        "rollout": t(
            "Above the first layer a position is already a mixture: this follows it back to the words.",
            "첫 층을 지나면 각 위치는 이미 여러 단어가 섞인 것입니다. 그 섞임을 따라 원래 단어까지 거슬러 갑니다.",
        ),
        "max": t(
            "The largest weight of any head: nothing that one head sees gets lost in the mean.",
            "헤드 중 가장 큰 가중치입니다. 한 헤드만 보는 것도 평균에 묻히지 않습니다.",
        ),
        "mean": t(
            "Raw weights say where a head looks, not what it takes from there; compare “value norms”.",
            "가중치는 어디를 보는지만 말할 뿐, 거기서 무엇을 가져오는지는 말하지 않습니다. ‘값 벡터의 크기’와 비교해 보세요.",
        ),
    }
    st.info(notes[how], icon=":material/lightbulb:")
    draw_matrix(matrix, key)


# --- masks -------------------------------------------------------------------------------------------------------


def _small(matrix: np.ndarray, tokens: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    cells, labels, step = pooled(matrix, token_labels(tokens))
    if step > 1:
        st.caption(
            t(
                f"Each cell: the largest of {step} × {step} weights.",
                f"한 칸은 {step} × {step} 가중치 중 가장 큰 값입니다.",
            )
        )
    return cells, labels


@files_of.register
def _comparison_files(found: CausalComparison) -> tuple[object, Tables, dict[str, str]]:
    return found, {"left": matrix_table(found.left), "right": matrix_table(found.right)}, {}


@draw_result.register
def draw_comparison(found: CausalComparison, picked: Controls) -> None:
    """Two models in two columns: what the picked token can see, the mask, the attention."""
    if found.same_model:
        st.info(
            t(
                "The second one is the same model under a causal mask. It never learned to work like that; a GPT did.",
                "둘째는 같은 모델에 인과 마스크를 씌운 것입니다. 이 모델은 이렇게 배운 적이 없고, GPT는 이렇게 배웁니다.",
            ),
            icon=":material/info:",
        )
    largest = float(max(found.left.weights.max(), found.right.weights.max()))
    for number, (place, matrix) in enumerate(zip(st.columns(2, gap="medium"), (found.left, found.right), strict=True)):
        with place:
            name, where = plain(matrix.model), _where(matrix.layer, matrix.head)
            if matrix.causal:
                st.markdown(t(f"**{name}** · {where} · sees only the left", f"**{name}** · {where} · 왼쪽만 봄"))
            else:
                st.markdown(t(f"**{name}** · {where} · sees both sides", f"**{name}** · {where} · 양쪽을 모두 봄"))
            _draw_sight(matrix, f"masks {number}")
            cells, labels = _small(matrix.weights, matrix.tokens)
            picture = token_figure(cells, labels, largest=largest)
            draw_figure(picture, f"masks {number} heatmap", t("Attention under this mask", "이 마스크에서의 어텐션"))


def _where(layer: int | None, head: int | None) -> str:
    """Which layer and head it is; a model that has fewer than the other shows its last."""
    which = t("all heads", "모든 헤드") if head is None else t(f"head {head}", f"{head}번 헤드")
    return t(f"layer {layer}, {which}", f"{layer}층, {which}")


def _draw_sight(matrix: AttentionMatrix, key: str) -> None:
    """The tokens; those that the picked one cannot see are crossed out. A click picks another."""
    length = len(matrix.tokens)
    picked = min(st.session_state.get(f"{key} picked", length // 2), length - 1)
    chips = []
    for number, token in enumerate(matrix.tokens):
        seen = number <= picked or not matrix.causal
        chips.append(
            Chip(
                visible(token),
                below=f"{matrix.weights[picked, number]:.0%}" if seen else "–",
                tip=t("hidden by the mask", "마스크에 가려짐") if not seen else "",
                colour="c1" if number == picked else "c0" if seen else "grey",
                kind="marked" if number == picked else "" if seen else "struck",
                height=float(matrix.weights[picked, number]) if seen else 0.0,
            )
        )
    st.caption(t("Click a token: what it sees.", "토큰을 누르면 그 토큰이 보는 것이 나옵니다."))
    draw_chips(
        chips,
        key=f"{key} sight",
        label=t("What a token can see", "토큰이 볼 수 있는 것"),
        on_click=lambda number: st.session_state.update({f"{key} picked": number}),
    )
    mask = np.tril(np.ones((length, length))) if matrix.causal else np.ones((length, length))
    cells, labels, _ = pooled(mask, token_labels(matrix.tokens))
    figure = token_figure(cells, labels, largest=2)  # 1 is half of the scale: a calm colour
    figure.update_traces(
        text=None, texttemplate=None, showscale=False, xgap=1 if length <= 40 else 0, ygap=1 if length <= 40 else 0
    )
    figure.update_traces(hovertemplate="%{y} → %{x}: %{z}<extra></extra>")
    named = length <= 24  # every row, or none
    figure.update_layout(height=height_of(min(length, 24), most=820))
    figure.update_xaxes(
        showticklabels=named, dtick=1, title=t("mask: coloured may be seen", "마스크: 색칠된 곳만 볼 수 있음")
    )
    figure.update_yaxes(showticklabels=named, dtick=1)
    alt = (
        t("Triangle: only the left is visible", "삼각형: 왼쪽만 보임")
        if matrix.causal
        else t("All is visible", "전부 보임")
    )
    draw_figure(figure, f"{key} mask", alt)


# --- where a vector comes from -----------------------------------------------------------------------------------


def _part_names() -> dict[str, str]:
    return {
        "token": t("token", "토큰"),
        "position": t("position", "위치"),
        "segment": t("segment", "세그먼트"),
        "sum": t("sum", "합"),
    }


@files_of.register
def _embedding_files(found: EmbeddingSum) -> tuple[object, Tables, dict[str, str]]:
    return found, {"parts": embedding_table(found)}, {}


@draw_result.register
def draw_embeddings(found: EmbeddingSum, picked: Controls) -> None:
    """Bars for each token: lengths of the parts, and their cosines with the sum; then the two position matrices."""
    names, labels = _part_names(), token_labels(found.tokens)
    colours = dict(zip(names, (BLUE, ORANGE, GREEN, GREY), strict=True))
    shapes = dict(zip(names, ("", "/", "x", ""), strict=True))
    for title, values, parts in (
        (t("length of each part", "각 벡터의 크기(노름)"), found.norms, (*found.parts, "sum")),
        (t("cosine with the sum", "합과의 코사인"), found.cosines, found.parts),
    ):
        figure = go.Figure()
        for part, row in zip(parts, values, strict=True):
            figure.add_bar(
                name=names[part],
                x=labels,
                y=row.astype(np.float32),
                marker={"color": colours[part], "pattern": {"shape": shapes[part]}},
                hovertemplate=f"%{{x}}<br>{names[part]} %{{y:.2f}}<extra></extra>",
            )
        figure.update_layout(
            barmode="group",
            height=320,
            margin={"l": 10, "r": 10, "t": 40, "b": 10},
            legend={"orientation": "h", "y": 1.15},
        )
        figure.update_xaxes(type="category", tickangle=-60)
        figure.update_yaxes(title=title)
        draw_figure(figure, f"{len(parts)} parts", title)
    if found.learned is None or found.sinusoids is None:
        return
    st.markdown(t("**How alike are two positions?**", "**두 위치는 얼마나 비슷할까?**"))
    for place, title, matrix in zip(
        st.columns(2, gap="medium"),
        (
            t(f"learned by {plain(found.model)}", f"{plain(found.model)} 모델이 배운 것"),
            t("sinusoids of the first Transformer", "첫 트랜스포머의 사인 곡선"),
        ),
        (found.learned, found.sinusoids),
        strict=True,
    ):
        with place:
            st.caption(title)
            draw_figure(
                position_figure(matrix, found.step),
                f"positions {title}",
                t("Cosines of positions", "위치 사이의 코사인"),
            )


def embedding_table(found: EmbeddingSum) -> pd.DataFrame:
    """One row a token."""
    columns: dict[str, object] = {"token": found.tokens}
    for part, row in zip((*found.parts, "sum"), found.norms, strict=True):
        columns[f"{part} length"] = row.round(4)
    for part, row in zip(found.parts, found.cosines, strict=True):
        columns[f"{part} cosine"] = row.round(4)
    return pd.DataFrame(columns)


# --- differences -------------------------------------------------------------------------------------------------


@files_of.register
def _difference_files(found: AttentionDifference) -> tuple[object, Tables, dict[str, str]]:
    return found, {"difference": difference_table(found)}, {}


@draw_result.register
def draw_difference(found: AttentionDifference, picked: Controls) -> None:
    """Where the second of two "layers", "models" or "texts" looks more (blue, plus), and the first (orange, minus)."""
    if picked.what == "texts":
        names = [t("the first text", "첫째 글"), t("the second text", "둘째 글")]
    else:
        names = [f"{name} · {_where(*where)}" for name, where in zip(found.models, found.where, strict=True)]
    if found.unit == "word":
        st.caption(
            t(
                "The tokens differ, so this is per word, without special tokens.",
                "토큰이 서로 달라 단어별로 더했고, 특수 토큰은 뺐습니다.",
            )
        )
    labels = token_labels([a if a == b else f"{a}/{b}" for a, b in zip(found.rows, found.other_rows, strict=True)])
    change = found.second - found.first
    moved = float(np.abs(change).sum(-1).mean() / 2)
    st.markdown(
        t(
            f"**{moved:.0%}** of the attention goes elsewhere. Blue and **+**: more in {plain(names[1])}; "
            f"orange and **−**: more in {plain(names[0])}.",
            f"다른 곳으로 간 어텐션: **{moved:.0%}**. 파랑과 **+**: {plain(names[1])} 쪽이 큼, "
            f"주황과 **−**: {plain(names[0])} 쪽이 큼.",
        )
    )
    draw_figure(token_figure(change, labels, two_sided=True), "difference", t("Difference", "차이"))
    largest = float(max(found.first.max(), found.second.max()))
    for number, (place, name, matrix) in enumerate(
        zip(st.columns(2, gap="medium"), names, (found.first, found.second), strict=True)
    ):
        with place:
            st.caption(plain(name))
            cells, short = _small(matrix, found.rows if number == 0 else found.other_rows)
            figure = token_figure(cells, short, largest=largest)
            figure.update_traces(text=None, texttemplate=None)
            draw_figure(figure, f"compared {number}", plain(name))


def difference_table(found: AttentionDifference) -> pd.DataFrame:
    """Second minus first; rows look at columns."""
    names = [f"{number} {row}" for number, row in enumerate(found.rows)]
    return pd.concat([pd.DataFrame({"from": names}), pd.DataFrame(found.second - found.first, columns=names)], axis=1)
