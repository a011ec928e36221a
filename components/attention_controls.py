"""The controls of each view of the attention viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.address import choice, line, number
from components.language import t
from components.pickers import pick_model
from models.results import AttentionModel

__all__ = ["SAME_MODEL", "Controls", "open_head", "pick_controls"]

SAME_MODEL = "causal-mask"  # in the address, where a causal model would stand


@dataclass(frozen=True)
class Controls:
    """What was picked; a control that the view does not have keeps its default."""

    view: str
    layer: int = 0
    head: int | None = None  # None: the mean of all
    kind: str = "head"  # of bertviz
    layers: tuple[int, ...] = ()  # of bertviz, none: all
    map: str = "pictures"
    how: str = "mean"
    heads: tuple[int, ...] = ()  # put together, none: all
    without_sinks: bool = False
    what: str = "layers"  # is compared
    layer2: int = 0
    other: str | None = None  # the model beside it, None: the same
    text2: str | None = None


def pick_controls(
    view: str,
    model: AttentionModel,
    names: Sequence[str],
    causal: Sequence[str],
    at_hand: Sequence[str],
    defaults: Mapping[str, Any],
) -> Controls:
    """Draw the controls of a view. ``at_hand`` are the causal models that need no download."""
    picked: dict[str, Any] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if view == "bertviz":
            picked["kind"] = _choice(
                "kind", {"head": t("Head view", "헤드 보기"), "model": t("Model view", "모델 보기")}
            )
        if view == "grid":
            maps = {
                "pictures": t("Pictures", "그림"),
                "entropy": t("Entropy", "엔트로피"),
                "distance": t("Distance", "거리"),
            }
            picked["map"] = _choice("map", maps)
        if view == "meaning":
            ways = {"mean": t("Mean", "평균"), "max": t("Max", "최댓값"), "norm": t("Value norms", "값 벡터의 크기")}
            picked["how"] = _choice("how", {**ways, "rollout": t("Rollout", "롤아웃")})
            sinks = {"with": t("All tokens", "모든 토큰"), "without": t("Without sinks", "싱크 빼기")}
            picked["without_sinks"] = _choice("sinks", sinks) == "without"
        if view == "masks":
            same = t("same model, causal mask", "같은 모델에 인과 마스크")
            beside = choice(
                t("Beside it", "비교 대상"),
                {SAME_MODEL: same, **{name: name for name in causal}},
                key="beside",
                default=next(iter(at_hand), SAME_MODEL),
                widget=st.selectbox,
                always_in_address=True,
            )
            picked["other"] = None if beside == SAME_MODEL else beside
        if view == "compare":
            whats = {
                "layers": t("Two layers", "두 층"),
                "models": t("Two models", "두 모델"),
                "texts": t("Two texts", "두 글"),
            }
            picked["what"] = _choice("what", whats)
        if view not in ("grid", "embeddings"):
            picked["layer"] = picked["layer2"] = _layer(model, t("Layer", "층"), "layer", defaults["layer"])
        if view == "compare" and picked["what"] == "layers":
            picked["layer2"] = _layer(model, t("and layer", "다른 층"), "layer2", defaults["layer2"])
        if view in ("bertviz", "head", "masks", "compare"):
            picked["head"] = _head(model, str(defaults["head"]))
    if view == "bertviz" and picked["kind"] == "model":
        picked["layers"] = _some(t("Layers drawn (none: all)", "그릴 층(안 고르면 전체)"), model.layers, "layers")
    if view == "meaning":
        picked["heads"] = _some(t("Heads (none: all)", "헤드(안 고르면 전체)"), model.heads, "heads")
    if view == "compare" and picked["what"] == "models":
        picked["other"] = pick_model(t("Other model", "다른 모델"), names, key="other", default="bert-base-uncased")
    if view == "compare" and picked["what"] == "texts":
        label = t("The same text, one word different", "단어 하나만 다른 글")
        picked["text2"] = line(label, defaults["text2"], key="text2")
    return Controls(view, **picked)


def _choice(key: str, options: Mapping[str, str]) -> str:
    return choice(t("Which", "종류"), options, key=key, label_visibility="collapsed")


def _layer(model: AttentionModel, label: str, key: str, default: int) -> int:
    """A slider over the layers; 0 is the first."""
    last = model.layers - 1
    return number(label, 0, last, key=key, default=min(default, last)) if last else 0


def _head(model: AttentionModel, default: str) -> int | None:
    """One head, or None for the mean of them all (``head=mean``)."""
    heads = {"mean": t("mean of all", "전체 평균"), **{str(one): str(one) for one in range(model.heads)}}
    if st.session_state.get("head", "mean") not in heads:
        st.session_state["head"] = "mean"
    value = choice(
        t("Head", "헤드"), heads, key="head", default=default if default in heads else "mean", widget=st.selectbox
    )
    return None if value == "mean" else int(value)


def _some(label: str, count: int, key: str) -> tuple[int, ...]:
    """Some of the layers or heads."""
    kept = [one for one in st.session_state.get(key, []) if int(one) < count]
    if key in st.session_state and kept != st.session_state[key]:
        st.session_state[key] = kept
    picked = st.pills(label, range(count), selection_mode="multi", key=key, bind="query-params")
    return tuple(sorted(int(one) for one in picked))


def open_head(layer: int, head: int) -> None:
    """Show one head alone; to be called from a callback."""
    st.session_state["view"] = "head"
    st.session_state["layer"] = layer
    st.session_state["head"] = str(head)
