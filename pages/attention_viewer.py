"""Attention viewer: who looks at whom, in every layer and head, and what that does and does not say."""

import streamlit as st

from components.address import choice, line, paragraph
from components.attention_controls import pick_controls
from components.attention_views import draw_result, files_of
from components.code import show_code
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch
from components.language import t
from components.page import explain, page_header, settings_place
from components.pickers import pick_model, source_badge, warn_of_korean
from models.attention import head_grid, head_of, load_for_attention, shape_of
from models.attention_views import combined, compare_causal, difference
from models.bertviz_page import bertviz_page
from models.catalogue import entries, entry, first_korean, place_of, trained_for
from models.input_embeddings import embedding_sum
from models.loading import availability

PAGE = "attention_viewer"
NAMES = [entry.name for entry in entries()]
CAUSAL = trained_for("causal language modelling")
DEFAULTS = {
    "text": "The cat sat on the mat because it was tired.",
    "pair": "",
    "model": "mini-bert",
    "view": "bertviz",
    "kind": "head",
    "layers": [],
    "layer": 0,
    "head": "2",
    "heads": [],
    "map": "pictures",
    "how": "mean",
    "sinks": "with",
    "what": "layers",
    "layer2": 5,
    "text2": "The cat sat on the mat because it was warm.",
}


def load(name):
    """The model with this name, with a progress bar while it is fetched."""
    return fetch(load_for_attention, name)


page_header(PAGE)
pick_example(PAGE, DEFAULTS, others={"beside", "other"})
fold = settings_place()
with fold:
    text = paragraph(t("Text", "글"), DEFAULTS["text"], key="text")
views = {
    "bertviz": "bertviz",
    "head": t("One head", "헤드 하나"),
    "grid": t("All heads", "헤드 전체"),
    "masks": t("Causal or both sides", "왼쪽만 · 양쪽"),
    "meaning": t("Heads together", "헤드 합치기"),
    "embeddings": t("Input vectors", "입력 벡터"),
    "compare": t("Compare", "비교"),
}
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
with fold:
    left, right = st.columns(2, gap="medium")
    with left:
        model = pick_model(t("Model", "모델"), NAMES, key="model", default=DEFAULTS["model"])
    with right:
        pair = line(t("Second text (optional)", "둘째 글(선택)"), "", key="pair")
shape = attempt("model", lambda: shape_of(load(model)))
if shape is None:
    explain(PAGE)
    st.stop()
source_badge(shape.origin, picker="model")
warn_of_korean(shape.origin, first_korean(NAMES), text, pair)

# Each view has its own controls and takes its own part of what one run of the model gives.
name = shape.origin.name
at_hand = [one for one in ("gpt2", *CAUSAL) if availability(entry(one)) != "hub"]
picked = pick_controls(view, shape, NAMES, CAUSAL, at_hand, DEFAULTS)
layer, head = picked.layer, picked.head
opened = (layer, head) if picked.kind == "head" else (0, None)  # by bertviz
calculate = {
    "bertviz": lambda model: (
        bertviz_page(model, text, pair, picked.kind, opened[0], picked.layers, opened[1]),
        head_of(model, text, pair, layer, head),
    ),
    "head": lambda model: head_of(model, text, pair, layer, head),
    "grid": lambda model: head_grid(model, text, pair),
    "masks": lambda model: compare_causal(model, picked.other and load(picked.other), text, pair, layer, head),
    "meaning": lambda model: combined(model, text, pair, layer, picked.heads, picked.how, picked.without_sinks),
    "embeddings": lambda model: embedding_sum(model, text, pair),
    "compare": lambda model: difference(
        model, load(picked.other or name), (text, picked.text2 or text), pair, (layer, picked.layer2), head
    ),
}
result = attempt(view, lambda: calculate[view](load(name)), of=name)
if result is not None:
    draw_result(result, picked)

explain(PAGE)
code_values = {
    "bertviz": {"layer": layer, "head": head},
    "head": {"layer": layer, "head": head},
    "grid": {},
    "masks": {"other_id": picked.other and place_of(picked.other), "layer": layer, "head": head},
    "meaning": {"layer": layer, "heads": list(picked.heads), "how": picked.how, "without_sinks": picked.without_sinks},
    "embeddings": {},
    "compare": {
        "other_id": place_of(picked.other or name),
        "other_text": picked.text2 or text,
        "layers": [layer, picked.layer2],
        "head": head,
    },
}
read = {"model_id": place_of(name), "text": text, "text_pair": pair if pair.strip() else None}
if result is not None:
    show_code(PAGE, view, read | code_values[view])
    downloads(f"{PAGE}-{view}", *files_of(result))
