"""Model anatomy: what the parameters of a model are spent on, what it costs to run, and how it was trained."""

import streamlit as st

from components.address import choice, number
from components.anatomy_views import draw_all, draw_build, draw_corrections, draw_facts, draw_matrices, draw_model
from components.code import show_code
from components.content import table_of
from components.depth_views import draw_depth
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt
from components.language import t
from components.page import explain, page_header, settings_place
from components.size_views import draw_sizes
from models.anatomy import architecture, architectures, bert_of, build
from models.catalogue import place_of
from models.residual_stream import lengths_at_hand, residual_growth

PAGE = "model_anatomy"
NOBODY = "nobody"
WIDTHS = (64, 128, 256, 384, 512, 768, 1024, 1280, 1600, 2048, 4096, 8192, 12288)
HEADS = (1, 2, 4, 6, 8, 12, 16, 20, 25, 32, 48, 64, 96)
VOCABULARIES = (1000, 8000, 16000, 30000, 30522, 32000, 50257, 100000, 250000)
SENTENCE = "The cat sat on the mat because it was tired."
LENGTHS = (1, 16, 64, 128, 256, 512, 1024, 2048)
DEFAULTS = {
    "view": "model", "model": "bert-base-uncased", "beside": NOBODY, "area": "parameters", "by": "component",
    "tokens": "128", "layers": 12, "hidden": "768", "heads": "12", "vocab": "30000", "embedding": "128",
    "sharing": "all", "first": "GPT-1", "second": "BERT", "third": "GPT-2",
}  # fmt: skip


def steps(label, values, key):
    """A slider over a few numbers; the address holds the number."""
    names = {str(value): f"{value:,}" for value in values}
    return int(choice(label, names, key=key, default=DEFAULTS[key], widget=st.select_slider))


def in_code(name, tokens):
    """What the code shown builds the model from, and what it counts the FLOPs of."""
    written = architectures()[name]
    made_of = {"model_class": written["model"], "config_class": written["config"], "arguments": written["arguments"]}
    return made_of | {
        "tokens": architecture(name).at_most(tokens),
        "device": "cpu" if name.startswith("xlnet") else "meta",
    }


page_header(PAGE)
pick_example(PAGE, DEFAULTS)
views = {
    "model": t("One model", "모델 하나"),
    "all": t("All models", "모든 모델"),
    "build": t("Build your own", "직접 만들기"),
    "facts": t("How they were trained", "어떻게 학습했나"),
}
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
names = {name: name for name in architectures()}
areas = {"parameters": t("parameters", "파라미터"), "flops": t("FLOPs per token", "토큰당 연산량")}
text_length = t("Text length n (tokens)", "글 길이 n(토큰)")
results, tables, inputs = {}, {}, {}

if view == "model":
    fold = settings_place("model", DEFAULTS["model"])
    with fold, st.container(horizontal=True, vertical_alignment="bottom"):
        first = choice(t("Model", "모델"), names, key="model", default=DEFAULTS["model"], widget=st.selectbox)
        others = {NOBODY: t("nobody", "없음"), **names}
        second = choice(t("Beside it", "비교 대상"), others, key="beside", widget=st.selectbox)
    ways = {"component": t("components", "구성 요소"), "layer": t("layers", "층")}
    with fold, st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        area = choice(t("Show", "표시할 값"), areas, key="area")
        by = choice(t("Grouped by", "묶는 기준"), ways, key="by")
        with st.container(width=260):
            tokens = steps(text_length, LENGTHS, "tokens")
    shown = [name for name in dict.fromkeys((first, second)) if name != NOBODY]
    for place, name in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
        with place:
            results[name] = architecture(name)
            tables[name] = draw_model(results[name], area, by, tokens)
    inputs = in_code(first, tokens)
elif view == "all":
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        area = choice(t("Show", "표시할 값"), areas, key="area")
        with st.container(width=260):
            tokens = steps(text_length, LENGTHS, "tokens")
    results["models"] = [architecture(name) for name in names]
    tables["models"] = draw_all(results["models"], area, tokens)
    inputs["models"] = {name: tuple(in_code(name, tokens).values()) for name in names}
    published = table_of(PAGE, "sizes.toml")["sizes"]
    results |= {"sizes": [bert_of(*size) for *size, _ in published], "published": published}
    tables["sizes"] = draw_sizes(results["sizes"], [accuracy for *_, accuracy in published])
    inputs["sizes"] = [size for *size, _ in published]
elif view == "build":
    left, middle, right = st.columns(3, gap="medium")
    with left:
        layers = number(t("Layers L", "층 L"), 1, 96, key="layers", default=DEFAULTS["layers"])
        heads = steps(t("Heads A", "헤드 A"), HEADS, "heads")
    with middle:
        hidden = steps(t("Hidden size H", "은닉 크기 H"), WIDTHS, "hidden")
        embedding = steps(t("Embedding size E", "임베딩 크기 E"), WIDTHS, "embedding")
    with right:
        vocab = steps(t("Vocabulary V", "어휘 크기 V"), VOCABULARIES, "vocab")
        tokens = steps(text_length, LENGTHS[:6], "tokens")
    shares = {
        "none": t("nothing", "공유 안 함"),
        "attention": t("attention", "어텐션"),
        "feed-forward": t("feed-forward", "피드포워드"),
        "all": t("everything", "전부"),
    }
    sharing = choice(
        t("Shared by all layers", "모든 층이 공유하는 것"), shares, key="sharing", default=DEFAULTS["sharing"]
    )
    kinds = {
        t("V × H, nothing shared", "V × H, 공유 없음"): (hidden, "none"),
        t("V × E + E × H", "V × E + E × H (분해)"): (embedding, "none"),
        t("shared layers", "층 공유"): (hidden, sharing),
        t("yours", "내 모델"): (embedding, sharing),
    }
    sizes = (layers, hidden, heads, vocab)
    variants = attempt("build", lambda: {name: build(*sizes, *kind) for name, kind in kinds.items()})
    if variants:
        results, tables["variants"] = variants, draw_build(variants, tokens)
        draw_matrices(vocab, embedding, hidden)
    inputs = {"layers": layers, "hidden_size": hidden, "heads": heads, "vocab_size": vocab}
    inputs |= {"embedding_size": embedding, "sharing": sharing}
else:
    runs = table_of(PAGE, "facts.toml")
    known = {run["name"]: run["name"] for run in runs["run"]}
    others = {NOBODY: t("nobody", "없음"), **known}
    with st.container(horizontal=True):
        picked = [
            choice(t("First", "첫째"), known, key="first", default=DEFAULTS["first"], widget=st.selectbox),
            choice(t("Second", "둘째"), others, key="second", default=DEFAULTS["second"], widget=st.selectbox),
            choice(t("Third", "셋째"), others, key="third", default=DEFAULTS["third"], widget=st.selectbox),
        ]
    picked = [name for name in dict.fromkeys(picked) if name != NOBODY]
    taken = [run for run in runs["run"] if run["name"] in picked]
    sizes = {run["name"]: [architecture(name) for name in run["architectures"]] for run in taken}
    tables["facts"] = draw_facts(runs["run"], sizes, picked)
    growth, lengths = residual_growth(), lengths_at_hand(SENTENCE)
    tables |= draw_depth(growth, lengths)
    draw_corrections(runs["correction"])
    results = {"runs": taken, "sizes": sizes, "growth": growth, "lengths": lengths, "corrections": runs["correction"]}
    inputs = {"models": [place_of(one.model) for one in lengths], "text": SENTENCE}
    inputs["batches"] = {run["name"]: (run["sequences"], run["length"]) for run in runs["run"] if run["sequences"]}

explain(PAGE)
show_code(PAGE, view, inputs)
downloads(f"{PAGE}-{view}", results, tables)
