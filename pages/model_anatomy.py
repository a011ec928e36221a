"""Model anatomy: what the parameters of a model are spent on, what it costs to run, and how it was trained."""

import streamlit as st

from components import anatomy_controls as controls
from components.address import choice
from components.build_views import draw_build, draw_matrices, draw_saved
from components.code import show_code
from components.content import table_of
from components.depth_views import draw_depth
from components.downloads import downloads
from components.examples import pick_example
from components.fact_views import draw_corrections, draw_facts
from components.feedback import attempt
from components.language import t
from components.page import explain, page_header, settings_place
from components.share_views import draw_all
from components.size_views import draw_sizes
from components.treemap_views import draw_model
from models.anatomy import architecture, architectures, bert_of, build
from models.catalogue import place_of
from models.residual_stream import lengths_at_hand, residual_growth

PAGE = "model_anatomy"
SENTENCE = "The cat sat on the mat because it was tired."
COUNTED = ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "albert-xxlarge-v2")  # what notes have wrong


def made_of(name):
    """What the code shown builds a model from."""
    written = architectures()[name]
    return {"model_class": written["model"], "config_class": written["config"], "arguments": written["arguments"]}


def device_of(name):
    """Where the code builds it: XLNet cannot do without numbers."""
    return "cpu" if name.startswith("xlnet") else "meta"


page_header(PAGE)
pick_example(PAGE, controls.DEFAULTS)
views = {
    "model": t("One model", "모델 하나"),
    "all": t("All models", "모든 모델"),
    "size": t("Bigger, better?", "크기와 성능"),
    "build": t("Build your own", "직접 만들기"),
    "facts": t("How they were trained", "어떻게 학습했나"),
    "depth": t("Depth", "깊이"),
    "errors": t("Often wrong", "흔한 오류"),
}
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
areas = {"parameters": t("parameters", "파라미터"), "flops": t("FLOPs per token", "토큰당 연산량")}
results, tables, inputs = {}, {}, {}

if view == "model":
    fold = settings_place("model", controls.DEFAULTS["model"])
    ways = {"component": t("components", "구성 요소"), "layer": t("layers", "층")}
    with fold:
        shown = controls.pick_two(architectures())
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            area = choice(t("Show", "표시할 값"), areas, key="area")
            by = choice(t("Grouped by", "묶는 기준"), ways, key="by")
            tokens = controls.pick_length()
    for place, name in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
        with place:
            results[name] = architecture(name)
            tables[name] = draw_model(results[name], area, by, tokens)
    at_most = results[shown[0]].at_most(tokens)
    inputs = made_of(shown[0]) | {"tokens": at_most, "device": device_of(shown[0])}
elif view == "all":
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        area = choice(t("Show", "표시할 값"), areas, key="area")
        tokens = controls.pick_length()
    names = controls.LECTURED if st.session_state.get("lecture") else architectures()
    results["models"] = [architecture(name) for name in names]
    tables["models"] = draw_all(results["models"], area, tokens)
    if len(names) < (many := len(architectures())):
        st.caption(
            t(
                f"{len(names)} of {many}: all without lecture mode.",
                f"{many}개 중 {len(names)}개입니다. 강의 모드를 끄면 모두 나옵니다.",
            )
        )
    inputs["models"] = {
        one.name: (*made_of(one.name).values(), one.at_most(tokens), device_of(one.name)) for one in results["models"]
    }
elif view == "size":
    published = table_of(PAGE, "sizes.toml")["sizes"]
    results = {"sizes": [bert_of(*size) for *size, _ in published], "published": published}
    tables["sizes"] = draw_sizes(results["sizes"], [accuracy for *_, accuracy in published])
    inputs["sizes"] = [size for *size, _ in published]
elif view == "build":
    left, right = st.columns([2, 3], gap="medium")
    with left:
        embedding, sharing = controls.pick_embedding()
    layers, hidden, heads, vocab, tokens = controls.pick_shape(settings_place())
    kinds = {
        t("V × H, nothing shared", "V × H, 공유 없음"): (hidden, "none"),
        t("V × E + E × H", "V × E + E × H (분해)"): (embedding, "none"),
        t("shared layers", "층 공유"): (hidden, sharing),
        t("yours", "내 모델"): (embedding, sharing),
    }
    sizes = (layers, hidden, heads, vocab)
    variants = attempt("build", lambda: {name: build(*sizes, *kind) for name, kind in kinds.items()})
    if variants:
        with left:
            draw_saved(variants)
        with right:
            draw_matrices(vocab, embedding, hidden)
        results, tables["variants"] = variants, draw_build(variants, tokens)
    inputs = {"layers": layers, "hidden_size": hidden, "heads": heads, "vocab_size": vocab}
    inputs |= {"embedding_size": embedding, "sharing": sharing}
elif view == "facts":
    runs = table_of(PAGE, "facts.toml")["run"]
    picked = controls.pick_runs([run["name"] for run in runs])
    taken = [run for run in runs if run["name"] in picked]
    sizes = {run["name"]: [architecture(name) for name in run["architectures"]] for run in taken}
    tables["facts"] = draw_facts(runs, sizes, picked)
    results = {"runs": taken, "sizes": sizes}
    inputs["batches"] = {run["name"]: (run["sequences"], run["length"]) for run in runs if run["sequences"]}
    made = [name for run in taken for name in run["architectures"]]
    inputs["models"] = {name: (*made_of(name).values(), device_of(name)) for name in made}
elif view == "depth":
    growth, lengths = residual_growth(), lengths_at_hand(SENTENCE)
    results, tables = {"growth": growth, "lengths": lengths}, draw_depth(growth, lengths)
    inputs = {"models": [place_of(one.model) for one in lengths], "text": SENTENCE}
else:
    corrections = table_of(PAGE, "facts.toml")["correction"]
    tables["errors"] = draw_corrections(corrections)
    results = {"corrections": corrections, "counted": [architecture(name) for name in COUNTED]}
    inputs["models"] = {name: tuple(made_of(name).values()) for name in COUNTED}

explain(PAGE)
show_code(PAGE, view, results and inputs)
downloads(f"{PAGE}-{view}", results, tables)
