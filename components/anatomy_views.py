"""The pictures of the model anatomy page: what a model is made of, the matrices behind it, and how it was trained."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.cards import Bar, Card
from components.figures import draw_figure, draw_numbers
from components.heatmaps import is_dark
from components.language import language, t
from components.palette import GREEN, GREY, INK, ORANGE, SKY, VERMILION, YELLOW
from components.text import plain
from models.results import Anatomy, Component, ParameterGroup

__all__ = [
    "Area",
    "anatomy_card",
    "draw_all",
    "draw_build",
    "draw_corrections",
    "draw_facts",
    "draw_matrices",
    "draw_model",
    "draw_saved",
    "flops_text",
    "short",
]

Area = Literal["parameters", "flops"]
COMPONENTS: tuple[Component, ...] = ("embeddings", "attention", "feed-forward", "normalization", "pooler", "head")
# The patterns are for those who cannot tell the colours apart
_COLOUR: dict[Component, str] = {
    "embeddings": ORANGE,
    "attention": SKY,
    "feed-forward": GREEN,
    "normalization": GREY,
    "pooler": YELLOW,
    "head": VERMILION,
}
_PATTERN: dict[Component, str] = {
    "embeddings": "",
    "attention": "/",
    "feed-forward": "",
    "normalization": "x",
    "pooler": "-",
    "head": ".",
}
_LABEL = 22  # characters of a model's name in a figure
_LEAST = 4  # where the axis of batches begins: 10 to the power of 4 tokens
_COLUMNS = 48  # layers that find a place beside each other


def _component_name(component: Component) -> str:
    return {
        "embeddings": t("embeddings", "임베딩"),
        "attention": t("attention", "어텐션"),
        "feed-forward": t("feed-forward", "피드포워드"),
        "normalization": t("layer norm", "층 정규화"),
        "pooler": t("pooler", "풀러"),
        "head": t("head", "헤드(출력층)"),
    }[component]


def _part_name(part: str) -> str:
    return {
        "token": t("token", "토큰"),
        "position": t("position", "위치"),
        "segment": t("segment", "세그먼트"),
        "projection": t("projection E→H", "투영 E→H"),
        "query": t("query", "쿼리"),
        "key": t("key", "키"),
        "value": t("value", "값"),
        "query, key, value": t("query, key, value", "쿼리, 키, 값"),
        "relative position": t("relative position", "상대 위치"),
        "output": t("output", "출력"),
        "scores": t("scores × values", "점수 × 값"),
        "gate": t("gate", "게이트"),
        "up": t("up", "확장"),
        "down": t("down", "축소"),
        "layer normalization": t("layer norm", "층 정규화"),
        "pooler": t("pooler", "풀러"),
        "prediction": t("prediction", "예측"),
        "sentence pair": t("sentence pair", "문장 쌍"),
    }[part]


def short(number: float) -> str:
    """Three or four digits and M or B, as the papers write it.

    >>> short(110_106_428), short(174_604_259_328), short(2048)
    ('110.1M', '174.6B', '2,048')
    """
    for unit, letter in ((1e9, "B"), (1e6, "M")):
        if number >= unit:
            return f"{number / unit:,.1f}{letter}"
    return f"{number / 1e3:,.1f}K" if number >= 1e5 else f"{number:,.0f}"


def flops_text(number: float) -> str:
    """Floating point operations with their unit: ``220.3 MFLOPs``."""
    for unit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if number >= unit:
            return f"{number / unit:,.1f} {letter}FLOPs"
    return f"{number / 1e3:,.1f} kFLOPs"


def _memory_text(anatomy: Anatomy) -> str:
    """The weights in float32, 16 bits and int8: ``440 · 220 · 110 MB``."""
    sizes = [anatomy.memory(bits) for bits in (32, 16, 8)]
    unit, letters = (1e9, "GB") if sizes[-1] >= 1e9 else (1e6, "MB")
    return " · ".join(f"{size / unit:,.{0 if size >= 10 * unit else 1}f}" for size in sizes) + f" {letters}"


def _label(name: str) -> str:
    """Without its owner where that is long: ``electra-small-generator``, but ``klue/bert-base``."""
    return name if len(name) <= _LABEL else name.rpartition("/")[2]


def _bar_label(name: str) -> str:
    """Short enough for a phone: ``koelectra-b…enerator``."""
    label = _label(name)
    return label if len(label) <= _LABEL else f"{label[:11]}…{label[-8:]}"


# --- one model ---------------------------------------------------------------------------------------------------


def draw_model(anatomy: Anatomy, area: Area, by: Literal["component", "layer"], tokens: int) -> pd.DataFrame:
    """Source, figures, and the treemap of one model; returns its table."""
    wanted, tokens = tokens, anatomy.at_most(tokens)
    lecture = st.session_state.get("lecture")
    _say_source(anatomy)
    if lecture:  # the picture first: it says the total too
        _draw_treemap(anatomy, area, by, tokens)
    with st.container(horizontal=True):
        st.metric(t("parameters", "파라미터"), short(anatomy.parameters), help=f"{anatomy.parameters:,}")
        st.metric(
            t("FLOPs per token", "토큰당 연산량"),
            flops_text(anatomy.flops(tokens)),
            help=t(
                f"One forward pass over {tokens:,} tokens, divided by {tokens:,}; the head at every position.",
                f"토큰 {tokens:,}개를 한 번 순전파한 연산량을 토큰 수로 나눈 값입니다. 헤드는 모든 위치에서 계산합니다.",
            ),
        )
        st.metric(
            t("weights in float32 · 16 bits · int8", "가중치 float32 · 16비트 · int8"),
            _memory_text(anatomy),
        )
    if tokens < wanted:
        st.caption(
            t(
                f"FLOPs at {tokens:,} tokens, all that it can read.",
                f"연산량은 이 모델이 읽을 수 있는 최대 길이인 {tokens:,}토큰 기준입니다.",
            )
        )
    if not lecture:
        st.caption(_published(anatomy))
        _draw_treemap(anatomy, area, by, tokens)
    table = part_table(anatomy, tokens)
    draw_numbers(table)
    return table


def _say_source(anatomy: Anatomy) -> None:
    """Which model it is and where its configuration is from; in a lecture with the published total on the same line."""
    source = plain(_in_words(anatomy.source))
    source = f"[{source}]({anatomy.source_url})" if anatomy.source_url else source
    badge = f":green-badge[{t('configuration only, no weights', '설정만 사용, 가중치 없음')}]"
    if st.session_state.get("lecture"):
        st.caption(f"{badge} **{plain(anatomy.name)}** · {source} · {_published(anatomy)}")
    else:
        st.caption(f"{badge} {plain(anatomy.name)} · `{anatomy.model_class}` · {source}")


def _published(anatomy: Anatomy) -> str:
    """Whether the published total is the one that is computed."""
    published = anatomy.published
    if published is None:
        return t("No published total to check against.", "비교할 발표 수치가 없습니다.")
    counted, whose = short(published.counted), ""
    if published.counted != anatomy.parameters:
        whose = t(" with the head that the paper counts", "(논문이 센 헤드 기준)")
    if published.agrees:
        return t(
            f":material/check_circle: Published **{published.text}**, computed **{counted}**{whose}: they agree.",
            f":material/check_circle: 발표 **{published.text}**, 계산 **{counted}**{whose}: 일치합니다.",
        )
    note = "" if published.note is None else f" {t(*published.note)}"
    return (
        t(
            f":material/warning: Published **{published.text}**, computed **{counted}**.",
            f":material/warning: 발표 **{published.text}**, 계산 **{counted}**.",
        )
        + note
    )


def _draw_treemap(anatomy: Anatomy, area: Area, by: Literal["component", "layer"], tokens: int) -> None:
    if by == "layer":  # its columns are too narrow for names
        _legend([one for one in COMPONENTS if anatomy.component_parameters(one)])
    what = t("parameters", "파라미터") if area == "parameters" else t("FLOPs per token", "토큰당 연산량")
    draw_figure(_treemap(anatomy, area, by, tokens), f"treemap {anatomy.name}", f"{anatomy.name}: {what}")


def _pieces(anatomy: Anatomy, area: Area, tokens: int) -> Iterable[tuple[ParameterGroup, float]]:
    """Every group with its size on the picture; attention scores, which have no weights, come as groups of their own."""
    for group in anatomy.groups:
        yield group, float(group.parameters) if area == "parameters" else anatomy.group_flops(group, tokens)
    if area == "flops":
        for layer in range(anatomy.layers):
            scores = ParameterGroup("attention", "scores", layer, 0, 0, 1)
            yield scores, anatomy.score_flops(tokens) / anatomy.layers


def _treemap(anatomy: Anatomy, area: Area, by: Literal["component", "layer"], tokens: int) -> go.Figure:
    """Rectangles within rectangles: model, component or layer, part. Layers stand in columns, the first one left."""
    in_columns = by == "layer" and anatomy.layers <= _COLUMNS
    sizes: dict[tuple[str, ...], float] = {}
    names: dict[tuple[str, ...], str] = {}
    colours: dict[tuple[str, ...], str] = {}
    for group, size in _pieces(anatomy, area, tokens):
        if not size:
            continue
        component, part = _component_name(group.component), _part_name(group.part)
        steps = [(component, component)]
        shared = group.uses > 1
        if by == "layer" and group.layer is not None:
            whole = anatomy.layers > 1 and (shared or (group.part == "scores" and _shares(anatomy)))
            layer = t(f"all {anatomy.layers} layers", f"{anatomy.layers}개 층 전체") if whole else f"{group.layer + 1}"
            name = layer if whole or in_columns else t(f"layer {layer}", f"{layer}층")
            steps = [(f"layer {layer}", name), (component, component)]
        if part != component:
            steps.append((part, f"{part} ×{group.uses}" if shared and area == "flops" else part))
        path: tuple[str, ...] = ("model",)
        sizes[path] = sizes.get(path, 0.0) + size
        for key, name in steps:
            path = (*path, key)
            sizes[path] = sizes.get(path, 0.0) + size
            names[path] = name
            colours[path] = _COLOUR[group.component] if not key.startswith("layer ") else "#cbd3df"
    total = sizes[("model",)]
    names[("model",)] = _label(anatomy.name) or t("your model", "내 모델")
    colours[("model",)] = "#e3e8ef"
    write, lecture = _write(area), st.session_state.get("lecture")
    if len(sizes) > 300:  # hundreds of rectangles are slow to draw, and too small to read
        sizes = {path: size for path, size in sizes.items() if len(path) <= 3}
    texts = {path: f"{write(size)} · {size / total:.1%}" for path, size in sizes.items()}
    for path in {path[:-1] for path in sizes} - {()}:  # Plotly writes only the name above what is inside
        if path == ("model",):
            names[path] += f" · {write(total)}"
            texts[path] = ""
        elif sizes[path] > 0.12 * total:
            names[path] += f" · {texts.pop(path)}"
    return go.Figure(
        go.Treemap(
            ids=["/".join(path) for path in sizes],
            parents=["/".join(path[:-1]) for path in sizes],
            labels=[names[path] for path in sizes],
            values=list(sizes.values()),
            text=[texts.get(path, "") for path in sizes],
            marker={
                "colors": [colours[path] for path in sizes],
                "line": {"width": 1, "color": "#ffffff"},
                "pad": {"t": 24, "l": 4, "r": 4, "b": 4},
            },
            branchvalues="total",
            sort=by == "component",
            maxdepth=4,
            tiling={"pad": 2, "packing": "slice-dice" if in_columns else "squarify"},
            textfont={"color": INK, "size": 26 if lecture else 14},
            pathbar={"textfont": {"color": INK}},
            texttemplate="%{label}<br>%{text}",
            hovertemplate="%{label}<br>%{text}<extra></extra>",
        ),
        {
            "height": 470,
            "margin": {"l": 0, "r": 0, "t": 28, "b": 0},
            "uniformtext": {"minsize": 18 if lecture else 10, "mode": "hide"},  # what does not fit is there on a click
        },
    )


def _shares(anatomy: Anatomy) -> bool:
    return any(group.uses > 1 and group.component == "attention" for group in anatomy.groups)


def part_table(anatomy: Anatomy, tokens: int) -> pd.DataFrame:
    """One row per component and part, over all layers."""
    rows: dict[tuple[Component, str], list[float]] = {}
    for area_number, area in enumerate(("parameters", "flops")):
        for group, size in _pieces(anatomy, "parameters" if area == "parameters" else "flops", tokens):
            rows.setdefault((group.component, group.part), [0.0, 0.0])[area_number] += size
    ordered = sorted(rows, key=lambda row: COMPONENTS.index(row[0]))
    flops = anatomy.flops(tokens)
    return pd.DataFrame(
        {
            t("component", "구성 요소"): [_component_name(component) for component, _ in ordered],
            t("part", "부분"): [_part_name(part) for _, part in ordered],
            t("parameters", "파라미터"): [int(rows[row][0]) for row in ordered],
            t("share", "비율"): [rows[row][0] / anatomy.parameters for row in ordered],
            t("FLOPs per token", "토큰당 연산량"): [rows[row][1] for row in ordered],
            t("share of FLOPs", "연산량 비율"): [rows[row][1] / flops for row in ordered],
        }
    )


# --- all models --------------------------------------------------------------------------------------------------


def draw_all(anatomies: Sequence[Anatomy], area: Area, tokens: int) -> pd.DataFrame:
    """The shares of the components in every model, and the table of totals; returns the table.

    A model that reads fewer than ``tokens`` is counted at as many as it reads.
    """
    shown = list(anatomies)[::-1]  # Plotly draws from below
    figure = go.Figure()
    for component in COMPONENTS:
        shares = [_size(one, component, area, tokens) / _whole(one, area, tokens) for one in shown]
        figure.add_bar(
            y=[_bar_label(one.name) for one in shown],
            x=shares,
            name=_component_name(component),
            orientation="h",
            marker=_marker(component),
            customdata=[_write(area)(_size(one, component, area, tokens)) for one in shown],
            hovertemplate="%{y}: %{customdata} · %{x:.1%}",
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        height=50 + (34 if st.session_state.get("lecture") else 25) * len(shown),
        margin={"l": 0, "r": 10, "t": 5, "b": 0},
        showlegend=False,
    )
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(automargin=True)
    _legend(COMPONENTS)
    what = t("Share of the parameters", "파라미터 비율")
    what = what if area == "parameters" else t("Share of the FLOPs per token", "토큰당 연산량 비율")
    draw_figure(figure, "all models", what)
    table = total_table(anatomies, tokens)
    config = {str(name): st.column_config.NumberColumn(format="localized") for name in table.select_dtypes("number")}
    st.dataframe(table, hide_index=True, column_config=config, alt=t("All models", "모든 모델"))
    return table


def _size(anatomy: Anatomy, component: Component, area: Area, tokens: int) -> float:
    if area == "parameters":
        return anatomy.component_parameters(component)
    return anatomy.component_flops(component, tokens)


def _whole(anatomy: Anatomy, area: Area, tokens: int) -> float:
    return anatomy.parameters if area == "parameters" else anatomy.flops(tokens)


def _legend(components: Sequence[Component]) -> None:
    """The colours in the order of the bars; unlike Plotly's own it takes several columns on a phone."""
    entries = "".join(
        f"<span style='white-space:nowrap'><span style='display:inline-block;width:.9em;height:.9em;"
        f"border-radius:.15em;vertical-align:-.1em;background:{_COLOUR[component]}'></span> "
        f"{html.escape(_component_name(component))}</span>"
        for component in components
    )
    st.html(f"<div style='display:flex;flex-wrap:wrap;gap:.2rem 1.1rem'>{entries}</div>")


def _marker(component: Component) -> dict[str, Any]:
    pattern = {"shape": _PATTERN[component], "fillmode": "overlay", "fgcolor": INK, "fgopacity": 0.45, "size": 7}
    return {"color": _COLOUR[component], "pattern": pattern}


def _write(area: Area) -> Any:
    return short if area == "parameters" else flops_text


def total_table(anatomies: Sequence[Anatomy], tokens: int) -> pd.DataFrame:
    """One row per model: sizes, totals, memory and work."""
    published = [one.published for one in anatomies]
    marks = ["" if total is None else f"{total.text} {'✓' if total.agrees else '✗'}" for total in published]
    return pd.DataFrame(
        {
            t("model", "모델"): [one.name for one in anatomies],
            t("parameters", "파라미터"): [one.parameters for one in anatomies],
            t("published", "발표"): marks,
            "float32 (MB)": [round(one.memory(32) / 1e6, 1) for one in anatomies],
            t("16 bits (MB)", "16비트(MB)"): [round(one.memory(16) / 1e6, 1) for one in anatomies],
            "int8 (MB)": [round(one.memory(8) / 1e6, 1) for one in anatomies],
            t("MFLOPs per token", "토큰당 MFLOPs"): [round(one.flops(tokens) / 1e6, 1) for one in anatomies],
            "L": [one.layers for one in anatomies],
            "H": [one.hidden_size for one in anatomies],
            "A": [one.heads for one in anatomies],
            "V": [one.vocab_size for one in anatomies],
            "E": [one.embedding_size for one in anatomies],
        }
    )


# --- build your own ----------------------------------------------------------------------------------------------


def draw_saved(variants: Mapping[str, Anatomy]) -> None:
    """The size of the viewer's model, the last variant, and what it saves; the first variant saves nothing."""
    first, yours = next(iter(variants.values())), list(variants.values())[-1]
    with st.container(horizontal=True):
        st.metric(t("parameters", "파라미터"), short(yours.parameters), help=f"{yours.parameters:,}")
        saved = first.parameters - yours.parameters
        st.metric(
            t("saved", "절약"),
            f"{saved / first.parameters:.0%}",
            help=t(
                f"{abs(saved):,} {'fewer' if saved >= 0 else 'more'} than with V × H and nothing shared",
                f"V × H를 쓰고 공유하지 않을 때보다 {abs(saved):,}개 {'적음' if saved >= 0 else '많음'}",
            ),
        )


def draw_build(variants: Mapping[str, Anatomy], tokens: int) -> pd.DataFrame:
    """What each way of saving does, and what the viewer's model, the last variant, costs; returns the table."""
    first, yours = next(iter(variants.values())), list(variants.values())[-1]
    figure = go.Figure()
    told = {first.parameters, yours.parameters}
    ends = (next(iter(variants)), list(variants)[-1])
    rows = [name for name, one in variants.items() if name in ends or one.parameters not in told][::-1]
    for component in COMPONENTS[:5]:
        sizes = [variants[row].component_parameters(component) for row in rows]
        figure.add_bar(
            y=rows,
            x=sizes,
            name=_component_name(component),
            orientation="h",
            marker=_marker(component),
            customdata=[short(size) for size in sizes],
            hovertemplate="%{y}: %{customdata}",
        )
    figure.add_scatter(
        y=rows,
        x=[variants[row].parameters for row in rows],
        mode="text",
        text=[f" <b>{short(variants[row].parameters)}</b>" for row in rows],
        textposition="middle right",
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )
    figure.update_layout(
        barmode="stack",
        height=75 + 44 * len(rows),
        margin={"l": 0, "r": 60, "t": 5, "b": 0},
        showlegend=False,
    )
    figure.update_yaxes(automargin=True)
    figure.update_xaxes(rangemode="tozero", range=[0, 1.08 * max(one.parameters for one in variants.values())])
    _legend(COMPONENTS[:5])
    draw_figure(figure, "variants", t("Parameters with each way of saving", "절약 방법별 파라미터"))
    with st.container(horizontal=True):
        st.metric(t("FLOPs per token", "토큰당 연산량"), flops_text(yours.flops(tokens)))
        st.metric(
            t("weights in float32 · 16 bits · int8", "가중치 float32 · 16비트 · int8"),
            _memory_text(yours),
        )
    table = pd.DataFrame(
        {
            t("variant", "구성"): list(variants),
            **{
                _component_name(component): [one.component_parameters(component) for one in variants.values()]
                for component in COMPONENTS[:5]
            },
            t("parameters", "파라미터"): [one.parameters for one in variants.values()],
            t("FLOPs per token", "토큰당 연산량"): [one.flops(tokens) for one in variants.values()],
        }
    )
    draw_numbers(table)
    return table


def draw_matrices(vocab_size: int, embedding_size: int, hidden_size: int) -> None:
    """V x H beside V x E and E x H: rectangles whose areas are the numbers of weights."""
    straight, narrow = vocab_size * hidden_size, vocab_size * embedding_size
    projection = embedding_size * hidden_size
    gap = 0.22 * (hidden_size + embedding_size + hidden_size)
    left = hidden_size + gap
    right = left + embedding_size + gap / 2
    figure = go.Figure()
    _rectangle(figure, 0, hidden_size, vocab_size, "embeddings", f"V × H<br><b>{short(straight)}</b>")
    _rectangle(figure, left, embedding_size, vocab_size, "attention", f"V × E<br><b>{short(narrow)}</b>")
    signs = [(hidden_size + gap / 2, t("or", "또는"))]
    if embedding_size != hidden_size:
        text = f"E × H<br><b>{short(projection)}</b>"
        _rectangle(figure, right, hidden_size, embedding_size, "feed-forward", text)
        signs.append((left + embedding_size + gap / 4, "+"))
    for x, sign in signs:
        figure.add_annotation(x=x, y=vocab_size / 2, text=sign, showarrow=False, font={"size": 18, "color": _ink()})
    figure.update_layout(height=300, margin={"l": 5, "r": 5, "t": 5, "b": 5}, showlegend=False)
    figure.update_xaxes(visible=False, range=[-0.02 * (right + hidden_size), 1.02 * (right + hidden_size)])
    figure.update_yaxes(visible=False, range=[0, 1.3 * max(vocab_size, embedding_size)])
    draw_figure(
        figure, "matrices", t("V × H against V × E and E × H, areas to scale", "V × H와 V × E, E × H의 넓이 비교")
    )
    change = (narrow + projection) / straight - 1
    if embedding_size == hidden_size:
        sentence = t(
            "E = H: nothing is factorized, the projection is left out. Make E smaller.",
            "E = H이면 분해하지 않은 것이고 투영 행렬도 없습니다. E를 줄여 보세요.",
        )
    else:
        sentence = t(
            f"Areas to scale. V × E + E × H = **{short(narrow + projection)}** instead of **{short(straight)}**: **{change:+.0%}**.",
            f"넓이가 곧 가중치 수입니다. **{short(straight)}** 대신 V × E + E × H = **{short(narrow + projection)}**: **{change:+.0%}**",
        )
    st.caption(sentence)


def _rectangle(figure: go.Figure, x: float, width: float, height: float, like: Component, text: str) -> None:
    figure.add_scatter(
        x=[x, x + width, x + width, x, x],
        y=[0, 0, height, height, 0],
        fill="toself",
        mode="lines",
        line={"color": _ink(), "width": 1},
        fillcolor=_COLOUR[like],
        hoverinfo="skip",
    )
    font = {"size": 18 if st.session_state.get("lecture") else 14, "color": _ink()}
    figure.add_annotation(x=x + width / 2, y=height, text=text, showarrow=False, yanchor="bottom", yshift=4, font=font)


def _ink() -> str:
    """The colour of text on the page itself."""
    return "#e8ecf3" if is_dark() else INK


# --- how they were trained ---------------------------------------------------------------------------------------

_FACTS_STYLE = """
<style>
.facts { display: grid; grid-template-columns: max-content repeat(var(--runs), minmax(0, 1fr)); border-radius: 0.5rem;
  border: 1px solid color-mix(in srgb, currentColor 25%, transparent); overflow: hidden; line-height: 1.35; word-break: keep-all; overflow-wrap: anywhere; }
.facts > * { padding: 0.45rem 0.7rem; border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.facts .top { font-weight: 700; border-top: 0; background: color-mix(in srgb, currentColor 8%, transparent); }
.facts .fact { font-weight: 600; }
.facts small, .mistakes small { display: block; opacity: 0.8; font-size: 0.8em; }
.facts a { color: inherit; }
.facts .run { display: none; font-weight: 700; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 0.6rem; line-height: 1.35; }
.mistakes div { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 0.5rem; padding: 0.6rem 0.8rem; }
.mistakes p { margin: 0 0 0.3rem; }
.mistakes del { opacity: 0.85; }
@media (max-width: 640px) {
  .facts { grid-template-columns: 1fr; }
  .facts .top { display: none; }
  .facts .fact { background: color-mix(in srgb, currentColor 8%, transparent); }
  .facts .run { display: block; }
}
</style>
"""


def _fact_names() -> dict[str, str]:
    return {
        "sees": t("Each token sees", "각 토큰이 보는 쪽"),
        "data": t("Data", "데이터"),
        "objective": t("Objective", "학습 목표"),
        "rate": t("Learning rate", "학습률"),
        "positions": t("Positions", "위치 정보"),
        "normalization": t("Normalization", "정규화 위치"),
        "residual": t("Residual scaling", "잔차 배율"),
        "special": t("Special tokens, segments", "특수 토큰, 세그먼트"),
        "fine_tuning": t("Fine-tuning rate", "미세조정 학습률"),
    }


def _batch_tokens(run: Mapping[str, Any]) -> int:
    return int(run.get("tokens", run["sequences"] * run["length"]))


def _batch(run: Mapping[str, Any]) -> str:
    tokens = _batch_tokens(run)
    if not tokens:
        return t("not given in tokens", "토큰 수는 공개되지 않음")
    if not run["sequences"]:
        return t(f"{tokens:,} tokens", f"{tokens:,}토큰")
    return t(
        f"{run['sequences']:,} × {run['length']:,} = {tokens:,} tokens",
        f"{run['sequences']:,} × {run['length']:,} = {tokens:,}토큰",
    )


def _in_words(source: str) -> str:
    """A source of ``models/architectures.toml`` as the viewer's language cites it."""
    if language() != "ko":
        return source
    return re.sub(r"table ([\d.]+)", r"표 \1", source).replace("README of openai/gpt-2", "openai/gpt-2의 README")


def _cited(source: str | Mapping[str, str]) -> str:
    """A source; where it has words, in the viewer's language."""
    return source if isinstance(source, str) else source[language()]


def _size_text(anatomy: Anatomy) -> str:
    """``12 / 768 / 12, 110.1M``."""
    return f"{anatomy.layers} / {anatomy.hidden_size} / {anatomy.heads}, {short(anatomy.parameters)}"


def draw_facts(
    runs: Sequence[Mapping[str, Any]], sizes: Mapping[str, Sequence[Anatomy]], picked: Sequence[str]
) -> pd.DataFrame:
    """The picked runs side by side, each fact with its source, and the batches of all runs; returns the table.

    ``sizes`` are the models that came out of each picked run.
    """
    shown = [next(run for run in runs if run["name"] == name) for name in picked]
    computed = t("computed: ", "계산: ")
    rows = {
        t("L / H / A, parameters", "L / H / A, 파라미터"): [
            ("; ".join(map(_size_text, made)), computed + ", ".join(_label(one.name) for one in made))
            for made in (sizes[name] for name in picked)
        ]
    }
    for key, name in _fact_names().items():
        rows[name] = [(run[key][language()], _cited(run[key]["source"])) for run in shown]
        if key == "data":
            rows[t("Batch", "배치")] = [(_batch(run), _cited(run["batch_source"])) for run in shown]
    parts = ["<div class='top'></div>"]
    for run in shown:
        link = f"<a href='{html.escape(run['url'], quote=True)}' target='_blank'>{html.escape(run['paper'])}</a>"
        parts.append(f"<div class='top'>{html.escape(run['name'])}<small>{link}</small></div>")
    for name, cells in rows.items():
        parts.append(f"<div class='fact'>{html.escape(name)}</div>")
        for run, (fact, source) in zip(shown, cells, strict=True):
            who = f"<span class='run'>{html.escape(run['name'])}</span>"
            whole = html.escape(fact).replace(" / ", "&nbsp;/&nbsp;")  # L / H / A stay on one line
            parts.append(f"<div>{who}{whole}<small>{html.escape(source)}</small></div>")
    st.html(f"{_FACTS_STYLE}<div class='facts' style='--runs:{len(shown)}'>{''.join(parts)}</div>")
    _draw_batches(runs, picked)
    return pd.DataFrame(
        [
            {
                t("model", "모델"): run["name"],
                t("fact", "항목"): name,
                t("value", "내용"): fact,
                t("source", "출처"): source,
            }
            for name, cells in rows.items()
            for run, (fact, source) in zip(shown, cells, strict=True)
        ]
    )


def _draw_batches(runs: Sequence[Mapping[str, Any]], picked: Sequence[str]) -> None:
    """A point for each run, the largest batch on top: the length of a bar would say nothing on a logarithmic axis."""
    known = sorted((run for run in runs if _batch_tokens(run)), key=_batch_tokens)
    unknown = [run for run in runs if run["name"] in picked and run not in known]
    sizes = [None] * len(unknown) + [_batch_tokens(run) for run in known]
    marked = [run["name"] in picked for run in unknown + known]
    rows = [
        f"<b>▸ {run['name']}</b>" if mark else run["name"] for run, mark in zip(unknown + known, marked, strict=True)
    ]
    figure = go.Figure(
        go.Scatter(
            x=sizes,
            y=rows,
            mode="markers+text",
            text=[f"  {size:,}" if size else "" for size in sizes],
            textposition="middle right",
            cliponaxis=False,
            marker={
                "size": 13,
                "color": [ORANGE if mark else GREY for mark in marked],
                "symbol": ["diamond" if mark else "circle" for mark in marked],
            },
            hoverinfo="skip",
        )
    )
    if unknown:  # where their points would be they are told apart by words
        words = [_batch(run) for run in unknown]
        figure.add_scatter(
            x=[1.1 * 10**_LEAST] * len(unknown), y=rows[: len(unknown)], mode="text", text=words,
            textposition="middle right", hoverinfo="skip",
        )  # fmt: skip
    figure.update_layout(height=50 + 28 * len(rows), margin={"l": 0, "r": 80, "t": 5, "b": 0}, showlegend=False)
    figure.update_xaxes(
        type="log",
        range=[_LEAST, 6.9],
        tickvals=[1e4, 1e5, 1e6],
        ticktext=["10K", "100K", "1M"],
        showgrid=True,
        gridcolor=f"rgba{(*bytes.fromhex(GREY[1:]), 0.5)}",
    )
    figure.update_yaxes(automargin=True, categoryorder="array", categoryarray=rows, showgrid=False)
    title = t("Tokens per batch (each line is 10 times the one before)", "배치당 토큰 수(세로선마다 10배)")
    st.markdown(f"**{title}**")
    draw_figure(figure, "batches", title)


def draw_corrections(corrections: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """What popular notes get wrong, crossed out above what the source says; returns the table."""
    cards = "".join(
        f"<div><p><span aria-hidden='true'>✗ </span><del>{html.escape(one['often'][language()])}</del></p>"
        f"<p>✓ {html.escape(one['right'][language()])}</p><small>{html.escape(_cited(one['source']))}</small></div>"
        for one in corrections
    )
    st.html(f"{_FACTS_STYLE}<div class='mistakes'>{cards}</div>")
    return pd.DataFrame(
        [(one["often"][language()], one["right"][language()], _cited(one["source"])) for one in corrections],
        columns=[t("often written", "흔한 서술"), t("right", "바른 내용"), t("source", "출처")],
    )


# --- the card on the home page -----------------------------------------------------------------------------------


def anatomy_card(anatomy: Anatomy) -> Card:
    """The three large components of a model as bars."""
    large: tuple[Component, ...] = ("embeddings", "attention", "feed-forward")
    shares = {component: anatomy.component_parameters(component) / anatomy.parameters for component in large}
    bars = tuple(Bar(_component_name(component), share, f"{share:.0%}") for component, share in shares.items())
    return Card(_label(anatomy.name), short(anatomy.parameters), bars)
