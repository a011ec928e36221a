"""What does it know? Cloze questions, a fact in front of them, and a small knowledge graph."""

from functools import partial

import streamlit as st

from components import knowledge_controls as controls
from components.address import choice
from components.cloze_views import draw_before_after, draw_compared
from components.code import show_code
from components.content import lines_of, table_of
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch_or_say, results_in_steps
from components.graph_views import draw_graph, draw_paths, draw_triples
from components.language import t
from components.page import explain, page_header, settings_place
from components.pickers import pick_model, source_badge, warn_of_korean
from components.relation_views import draw_items, draw_scores
from models import knowledge, knowledge_graph, packaged
from models.catalogue import entry, first_korean, place_of, trained_for
from models.loading import load_model

PAGE = "knowledge"
MASKED = trained_for("masked language modelling")
CAUSAL = trained_for("causal language modelling")


def load(name, head="MaskedLM"):
    """A model of the catalogue; None, with a sentence on the page, where it cannot be had."""
    return fetch_or_say(load_model, name, head)


page_header(PAGE)
pick_example(PAGE, controls.DEFAULTS, others={"beside"})
views = {
    "cloze": t("Fill the blank", "빈칸 채우기"),
    "graph": t("Knowledge graph", "지식 그래프"),
    "scores": t("Scores by relation", "관계별 점수"),
    "compare": t("Two models", "두 모델"),
}
fold = settings_place("text", controls.DEFAULTS["text"])
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
label = t("Masked model", "마스크 언어 모델")
with fold:
    model_name = pick_model(label, MASKED, key="model", default=controls.DEFAULTS["model"])
model = load(model_name)
if model is None:
    explain(PAGE)
    st.stop()
source_badge(model.origin, picker="model")
language = entry(model_name).language
results, tables, inputs = {}, {}, {}
with fold:
    if language == "ko" and view != "scores":
        controls.korean_sentences(table_of(PAGE, "korean.toml")["example"])
    text, candidates = ("", ()) if view == "scores" else controls.write_cloze()
warn_of_korean(model.origin, first_korean(MASKED), text)

if view == "cloze":
    fact = controls.write_fact()
    if cloze := attempt("cloze", knowledge.fill_blank, model, text, fact, candidates, of=model_name):
        results["cloze"], tables["candidates"] = cloze, draw_before_after(cloze, "cloze")
        inputs = {"text": cloze.text, "fact": cloze.fact, "candidates": [list(one.tokens) for one in cloze.rows]}
elif view == "graph":
    hops = {"1": t("1 hop", "1홉"), "2": t("2 hops", "2홉")}
    with fold:
        reach = int(choice(t("Reach", "범위"), hops, key="hops", default="2"))
        fact = controls.write_fact()
    triples = knowledge_graph.read_triples(lines_of(PAGE, "triples.tsv"), language)
    graph = knowledge_graph.neighbourhood(triples, text, candidates, hops=reach)
    if graph.triples:
        draw_graph(graph, fact)
    st.caption(
        t(
            "A demonstration: the triple enters as a sentence, and no weight changes. ERNIE and KagNet trained parts of "
            "the network on a graph; see the explanation below.",
            "시연입니다. 트리플을 문장으로 바꿔 앞에 놓을 뿐 가중치는 그대로입니다. ERNIE와 KagNet은 그래프를 다루는 부분을 "
            "따로 학습했습니다. 아래 설명을 보세요.",
        )
    )
    place = st.container()  # for the probabilities: next to what can be clicked, so that they are seen to move
    if graph.triples:
        tables["triples"] = draw_triples(graph, fact, partial(controls.toggle_fact, graph.triples))
        results["graph"] = graph
    else:
        st.info(
            t(
                "No word of this sentence is in the small graph. Try an everyday thing: dog, hammer, river, bread.",
                "이 작은 그래프에 문장의 단어가 없습니다. dog, hammer, river, bread 같은 일상 단어를 써 보세요.",
            )
        )
    with place:
        cloze = attempt("cloze", knowledge.fill_blank, model, text, fact, candidates, of=model_name)
        if cloze:
            if graph.triples and graph.paths:
                tables["paths"] = draw_paths(graph.paths, cloze)
            results["cloze"], tables["candidates"] = cloze, draw_before_after(cloze, "graph")
            inputs = {"text": cloze.text, "fact": cloze.fact, "candidates": [list(one.tokens) for one in cloze.rows]}
            inputs |= {"language": language, "question": list(graph.concepts)}
            inputs["answers"] = {one.candidate: list(one.concepts) for one in graph.paths}
elif view == "scores":
    items = knowledge.read_items(lines_of(PAGE, "items.tsv"))
    if language != "en":
        st.info(t("The items are English; this model is not.", "문항은 영어인데 이 모델은 영어 모델이 아닙니다."))
    relations = list(dict.fromkeys(one.relation for one in items))
    asked = [tuple(one for one in items if one.relation == relation) for relation in relations]
    parts, found, scores = [], [], []
    for parts, place in results_in_steps(asked, partial(knowledge.score_items, model), name=view, of=model_name):
        known = [own for own in parts if own]
        found = [one for own in known for one in own]
        scores = [knowledge.summarize(own, where) for own in known for where in (*knowledge.CONDITIONS, "prior")]
        majorities = {own[0].item.relation: knowledge.majority(own) for own in known}
        tables["scores"] = draw_scores(scores, majorities, place)
    if found:
        tables["items"] = draw_items(found, tables["scores"])
        if len(found) < len(items) and len(parts) == len(relations):
            left = len(items) - len(found)
            st.caption(
                t(
                    f"{left} items whose answer is not one token are left out.",
                    f"정답이 한 토큰이 아닌 {left}문항은 뺐습니다.",
                )
            )
    results = {"scores": scores, "items": found}
    inputs = {"items": [(one.item.relation, *knowledge.contexts(one.item), one.item.answer) for one in found]}
elif view == "compare":
    others = {name: name for name in (*CAUSAL, *MASKED) if name != model_name}
    label = t("Beside it", "비교 대상")
    beside_name = choice(label, others, key="beside", default=packaged.NAME, widget=st.selectbox)
    causal = beside_name in CAUSAL
    beside = load(beside_name, "CausalLM" if causal else "MaskedLM")
    pairs = [(model, False), (beside, causal)] if beside else [(model, False)]
    compared = [
        attempt(f"compared {n}", knowledge.compare_candidates, one, text, candidates, c, of=one.origin.name)
        for n, (one, c) in enumerate(pairs)
    ]
    if beside:
        source_badge(beside.origin, picker="beside")
    if kept := [one for one in compared if one]:
        results["compared"], tables["candidates"] = kept, draw_compared(kept)
        words = [row.word for row in kept[0].rows]
        inputs = {"text": text, "candidates": words, "beside_model_id": place_of(beside_name), "causal": causal}

explain(PAGE)
show_code(PAGE, view, inputs and {"model_id": place_of(model_name), **inputs})
downloads(f"{PAGE}-{view}", results, tables)
