"""One model on the anatomy page: where its configuration is from, what it costs, and a treemap of its parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.anatomy_figures import (
    COMPONENT_COLOURS,
    COMPONENTS,
    Area,
    component_name,
    draw_component_legend,
    flops_text,
    memory_text,
    model_label,
    short,
    size_text,
)
from components.figures import draw_figure, draw_numbers
from components.language import language, t
from components.palette import INK
from components.text import plain
from models.results import Anatomy, Component, ParameterGroup

__all__ = ["draw_model"]

_COLUMNS = 48  # layers that find a place beside each other


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
            memory_text(anatomy),
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
    table = _part_table(anatomy, tokens)
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


def _in_words(source: str) -> str:
    """A source of ``models/architectures.toml`` as the viewer's language cites it."""
    if language() != "ko":
        return source
    return re.sub(r"table ([\d.]+)", r"표 \1", source).replace("README of openai/gpt-2", "openai/gpt-2의 README")


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
        draw_component_legend([one for one in COMPONENTS if anatomy.component_parameters(one)])
    what = t("parameters", "파라미터") if area == "parameters" else t("FLOPs per token", "토큰당 연산량")
    draw_figure(_treemap(anatomy, area, by, tokens), f"treemap {anatomy.name}", f"{anatomy.name}: {what}")


def _treemap(anatomy: Anatomy, area: Area, by: Literal["component", "layer"], tokens: int) -> go.Figure:
    """Rectangles within rectangles: model, component or layer, part. Layers stand in columns, the first one left."""
    in_columns = by == "layer" and anatomy.layers <= _COLUMNS
    sizes: dict[tuple[str, ...], float] = {}
    names: dict[tuple[str, ...], str] = {}
    colours: dict[tuple[str, ...], str] = {}
    for group, size in _pieces(anatomy, area, tokens):
        if not size:
            continue
        component, part = component_name(group.component), _part_name(group.part)
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
            colours[path] = COMPONENT_COLOURS[group.component] if not key.startswith("layer ") else "#cbd3df"
    total = sizes[("model",)]
    names[("model",)] = model_label(anatomy.name) or t("your model", "내 모델")
    colours[("model",)] = "#e3e8ef"
    write, lecture = size_text(area), st.session_state.get("lecture")
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


def _pieces(anatomy: Anatomy, area: Area, tokens: int) -> Iterable[tuple[ParameterGroup, float]]:
    """Every group with its size on the picture; attention scores, which have no weights, come as groups of their own."""
    for group in anatomy.groups:
        yield group, float(group.parameters) if area == "parameters" else anatomy.group_flops(group, tokens)
    if area == "flops":
        for layer in range(anatomy.layers):
            scores = ParameterGroup("attention", "scores", layer, 0, 0, 1)
            yield scores, anatomy.score_flops(tokens) / anatomy.layers


def _shares(anatomy: Anatomy) -> bool:
    return any(group.uses > 1 and group.component == "attention" for group in anatomy.groups)


def _part_table(anatomy: Anatomy, tokens: int) -> pd.DataFrame:
    """One row per component and part, over all layers."""
    rows: dict[tuple[Component, str], list[float]] = {}
    areas: tuple[Area, Area] = ("parameters", "flops")
    for number, area in enumerate(areas):
        for group, size in _pieces(anatomy, area, tokens):
            rows.setdefault((group.component, group.part), [0.0, 0.0])[number] += size
    ordered = sorted(rows, key=lambda row: COMPONENTS.index(row[0]))
    flops = anatomy.flops(tokens)
    return pd.DataFrame(
        {
            t("component", "구성 요소"): [component_name(component) for component, _ in ordered],
            t("part", "부분"): [_part_name(part) for _, part in ordered],
            t("parameters", "파라미터"): [int(rows[row][0]) for row in ordered],
            t("share", "비율"): [rows[row][0] / anatomy.parameters for row in ordered],
            t("FLOPs per token", "토큰당 연산량"): [rows[row][1] for row in ordered],
            t("share of FLOPs", "연산량 비율"): [rows[row][1] / flops for row in ordered],
        }
    )


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
