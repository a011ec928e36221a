"""Sentence pairs: does B follow A, are they in order, and which ending fits?"""

import streamlit as st

from components import pair_controls as controls
from components.address import choice
from components.code import show_code
from components.content import table_of
from components.downloads import downloads
from components.ending_views import draw_choice, draw_choices
from components.examples import pick_example
from components.feedback import attempt, fetch_or_say, in_steps
from components.language import t
from components.page import explain, page_header, settings_place
from components.pair_views import draw_input, draw_order, draw_segments, draw_verdict
from components.pickers import pick_model, source_badge, warn_of_korean
from components.triple_views import draw_accuracies, draw_spread, draw_spreads
from models import packaged
from models import sentence_pairs as pairs
from models.catalogue import first_korean, place_of, trained_for
from models.loading import load_model
from models.results import PairInput, PairVerdict

PAGE = "sentence_pairs"
NSP = trained_for("next sentence prediction")
SOP = [pairs.MINI_SOP, *trained_for("sentence order prediction")]
SEGMENTS = ("right", "zeros", "ones", "swapped")
CHUNK = 8  # triples of one step
FEW = 4  # contexts of one step


def measured(model, name):
    """The head's verdicts on the bundled triples."""
    triples = pairs.read_triples(table_of(PAGE, "triples.toml"))
    parts = [triples[first : first + CHUNK] for first in range(0, len(triples), CHUNK)]
    return [one for part in in_steps(parts, name=name, of=model.origin.name) for one in pairs.measure(model, part)]


def as_code(verdicts):
    """The triples as the shown code has them."""
    return [(one.triple.first, one.triple.next, one.triple.random, one.triple.near) for one in verdicts]


page_header(PAGE)
pick_example(PAGE, controls.DEFAULTS)
views = {
    "next": t("Does B follow A?", "이어지는 문장일까?"),
    "set": t("40 triples", "세 문장 묶음 40개"),
    "order": t("In what order?", "순서는?"),
    "choice": t("Which ending?", "어떻게 이어질까?"),
}
fold = settings_place()
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
with fold:
    model_name = pick_model(t("Next sentence prediction", "다음 문장 예측 모델"), NSP, key="model", default=NSP[0])
model = fetch_or_say(load_model, model_name, "NextSentencePrediction")
if model is None:
    explain(PAGE)
    st.stop()
source_badge(model.origin, picker="model")
results, tables, inputs, code = {}, {}, {"model_id": place_of(model_name)}, view

if view == "next":
    text, pair = controls.write_pair(fold)
    warn_of_korean(model.origin, first_korean(NSP), text, pair)
    segments = controls.pick_segments()

    def judge_all() -> tuple[PairVerdict, dict[str, PairVerdict], PairInput]:
        """All three at once: where one fails, the previous three stay, and there is one message."""
        verdicts = {one: pairs.judge(model, text, pair, one) for one in SEGMENTS}
        return verdicts[segments], verdicts, pairs.pair_input(model, text, pair, segments)

    found = attempt("verdict", judge_all, of=model_name)
    if found:
        results = dict(zip(("verdict", "segments", "input"), found, strict=True))
        verdict, verdicts, vectors = found
        inputs |= {"input_ids": list(verdict.input_ids), "token_type_ids": list(verdict.token_type_ids)}
        tables["tokens"] = draw_verdict(verdict)
        tables["segments"] = draw_segments(verdicts)
        tables["input"] = draw_input(verdict, vectors)
elif view == "set":
    verdicts = measured(model, "triples")
    if verdicts:
        tables["pairs"] = draw_spread(verdicts, t("probability of IsNext", "IsNext 확률"), key="spread")
        results = {"verdicts": verdicts, "accuracy": pairs.accuracy(model_name, verdicts)}
        tables["accuracy"] = draw_accuracies([results["accuracy"]])
        inputs["triples"] = as_code(verdicts)
elif view == "order":
    with fold:
        order_name = pick_model(t("Sentence order prediction", "문장 순서 예측 모델"), SOP, key="sop", default=SOP[0])
    judge_of_order = fetch_or_say(pairs.load_order, order_name)
    if judge_of_order:
        source_badge(judge_of_order.origin, picker="sop")
    text, pair = controls.write_pair(fold)
    warn_of_korean(model.origin, first_korean(NSP), text, pair)
    heads = {"order": judge_of_order, "next": model}
    both = {name: head for name, head in heads.items() if head}
    verdicts = attempt(
        "both orders",
        lambda: {name: (pairs.judge(head, text, pair), pairs.judge(head, pair, text)) for name, head in both.items()},
        of=(model_name, order_name),
    )
    if verdicts:
        results["pair"], tables["pair"] = verdicts, draw_order(verdicts, text, pair)
    st.header(t("Over the 40 triples", "세 문장 묶음 40개에서"), anchor=False)
    sets = {name: measured(head, f"set {name}") for name, head in both.items()}
    if all(sets.values()):
        spreads = draw_spreads(sets, {name: head.origin.name for name, head in both.items()})
        tables |= {"order" if name == "order" else "pairs": one for name, one in spreads.items()}
        found = [pairs.accuracy(both[name].origin.name, one) for name, one in sets.items()]
        results["accuracy"], tables["accuracy"] = found, draw_accuracies(found[::-1])
    inputs["triples"] = as_code(sets["next"])
    if judge_of_order:
        code = "order" if order_name == pairs.MINI_SOP else "albert"
        inputs |= {"next_model_id": inputs["model_id"], "pair": (text, pair) if verdicts else None}
        inputs["model_id"] = place_of("mini-bert" if order_name == pairs.MINI_SOP else order_name)
    else:
        code = "set"
else:
    reader = fetch_or_say(load_model, packaged.NAME, "CausalLM")
    if reader:
        source_badge(reader.origin)
    with fold:
        wrong = controls.pick_wrong()
        kind = "endings" if wrong == "elsewhere" else "near_endings"
        items = pairs.read_choices(table_of(PAGE, "choices.toml"), kind)
        number = controls.pick_item([context for context, _, _ in items])
        item = controls.write_item() if number is None else items[number]
    warn_of_korean(model.origin, first_korean(NSP), item[0], *item[1])
    scored = attempt("choice", pairs.choose, model, reader, *item, of=(model_name, reader is None))
    if scored:
        results["choice"], tables["choice"] = scored, draw_choice(scored, model_name, packaged.NAME)
    st.header(t("Over the 20 contexts", "상황 20개에서"), anchor=False)
    parts = [items[first : first + FEW] for first in range(0, len(items), FEW)]
    steps = in_steps(parts, name="choices", of=(model_name, wrong, reader is None), ask=True)
    choices = [one for part in steps for one in pairs.choose_all(model, reader, part)]
    if choices:
        results["right"] = pairs.right_choices(choices)
        tables["contexts"] = draw_choices(choices, results["right"], model_name, packaged.NAME)
    inputs |= {"context": item[0], "endings": list(item[1]) if scored else [], "reader_model_id": packaged.NAME}
    inputs |= {"kind": kind, "contexts": len(choices)}

explain(PAGE)
show_code(PAGE, code, results and inputs)
downloads(f"{PAGE}-{view}", results, tables)
