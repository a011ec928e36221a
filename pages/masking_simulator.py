"""Masking simulator: hide tokens as BERT's training does, and see what the model makes of it."""

from dataclasses import replace

import streamlit as st

from components import masking_controls as controls
from components.code import show_code
from components.content import lines_of
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch, fetch_or_say, results_in_steps, tell_share
from components.language import t
from components.masking_gaps import draw_fillings, draw_left_context, pick_order
from components.masking_views import draw_corruption, draw_prediction
from components.objective_views import draw_objectives
from components.page import explain, page_header, settings_place
from components.pickers import source_badge, warn_of_korean
from components.sweep_views import draw_mismatch, draw_statistics, draw_sweep
from models import masked_prediction as masked
from models.catalogue import entry, first_korean, place_of, same_tokenizer, trained_for
from models.loading import availability, load_model, load_tokenizer
from models.masking import corrupt, objectives, statistics

PAGE = "masking_simulator"
MASKED = trained_for("masked language modelling")
CAUSAL = trained_for("causal language modelling")
RATES = [{"rate": rate} for rate in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)]
MIXES = [{"mask_share": mask, "random_share": random} for mask, random in ((1.0, 0.0), (0.8, 0.1), (0.0, 0.0))]
SWEEPS = {"rate": (RATES, masked.sweep_point, draw_sweep), "mismatch": (MIXES, masked.mismatch, draw_mismatch)}
DEFAULTS = {
    "text": "The river flows through the old city and meets the ocean near the border.",
    "rate": 15,
    "shares": (80, 90),
    "unit": "token",
    "seed": 342,
    "hand": "",
    "model": "mini-bert",
    "view": "predict",
}


def load(name, head="MaskedLM"):
    """A model of the catalogue; None, with a sentence on the page, where it cannot be had."""
    return fetch_or_say(load_model, name, head)


page_header(PAGE)
pick_example(PAGE, DEFAULTS, others={"beside", "sides", "reader", "order", "draws", "on"})
fold, idle = settings_place(), controls.idle_controls()
with fold:
    text, model_name, settings, by_hand = controls.masking_controls(DEFAULTS, MASKED, idle)
tokenizer = attempt("tokenizer", fetch, load_tokenizer, model_name)
model_name = tokenizer.origin.name if tokenizer else model_name  # of the previous model where this one cannot be had
corruption = attempt("corruption", corrupt, tokenizer, text, settings, by_hand, of=model_name) if tokenizer else None
if corruption is None:
    explain(PAGE)
    st.stop()
warn_of_korean(tokenizer.origin, first_korean(MASKED), text)
controls.keep_turned_over(corruption.by_hand)
if not idle:
    draw_corruption(corruption, controls.turn_over)

view = controls.pick_view()
results, tables, inputs = {"corruption": corruption}, {}, {}
drawing = {"unit": settings.unit, "seed": settings.seed}
shares = {"mask_share": settings.mask_share, "random_share": settings.random_share}
ids = corruption.corrupted_ids

if view == "predict":
    language, order = entry(model_name).language, "left"
    readers = [name for name in CAUSAL if entry(name).language == language]
    at_hand = [name for name in ("gpt2", *CAUSAL) if name in readers and availability(entry(name)) != "hub"]
    with fold:
        beside = controls.pick_beside(same_tokenizer(model_name))
    long = len(corruption.tokens) > masked.MOST_WITHOUT_ASKING
    shown = [name for name in (model_name, beside) if name]
    for place, name in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
        with place:
            model = load(name)
            if model is None:
                continue
            source_badge(model.origin, picker="model" if name == model_name else "beside")
            prediction = attempt(f"prediction {name}", masked.fill, model, corruption, of=ids)
            perplexity = None
            label = t("Pseudo-perplexity: one pass per token", "유사 퍼플렉시티 계산(토큰마다 한 번)")
            if not long or st.button(label, key=f"ask {name}"):
                tell = tell_share(t("One pass per token", "토큰마다 한 번씩 읽는 중")) if long else None
                asked = (model, corruption.text)
                perplexity = attempt(f"perplexity {name}", masked.pseudo_perplexity, *asked, on_progress=tell, of=ids)
            tables[name] = draw_prediction(corruption, prediction, perplexity)
            results[name] = prediction
    if model_name in results and len(corruption.masked) > 1:
        order = pick_order(model_name)
        few = len(corruption.masked) <= 3 and not long
        if few or st.button(t("Fill the gaps", "빈칸 채우기"), key="ask fillings"):
            asked = (load(model_name), corruption, order)
            results["fillings"] = attempt("fillings", masked.fill_one_by_one, *asked, of=(ids, order))
            tables["fillings"] = draw_fillings(results["fillings"])
    sides, reader = controls.pick_reader(readers, at_hand) if "mask" in corruption.fates else (False, None)
    left_place = st.container()
    inputs = {
        "text": corruption.text,
        "corrupted_ids": list(ids),
        "labels": list(corruption.labels),
        "masks": list(corruption.masked[: masked.MOST_FILLED]),
        "order": order,
        "with_left_side": sides,
        "reader_model_id": reader and place_of(reader),
    }
elif view == "statistics":
    draws = st.select_slider(t("Draws", "뽑기 횟수"), (100, 1000, 10000), 1000, key="draws", bind="query-params")
    inputs = {"text": corruption.text, "rate": settings.rate, "draws": draws, **drawing, **shares}
    results["statistics"] = attempt("statistics", statistics, corruption, len(tokenizer.tokenizer), draws, of=ids)
    tables["statistics"] = draw_statistics(corruption, results["statistics"])
elif view == "objectives":
    results["objectives"] = objectives(corruption)
    draw_objectives(corruption, results["objectives"])
    selected = [int(place) for place in results["objectives"][0].predicted.nonzero()[0]]
    inputs = {"text": corruption.text, "selected": selected, "seed": settings.seed}
elif model := load(model_name):
    with fold:
        source = controls.pick_source(corruption)
    language = entry(model_name).language
    texts = lines_of(PAGE, f"sentences.{language}.txt") if source == "bundled" else (corruption.text,)
    repeats = 2 if source == "bundled" else 20
    source_badge(model.origin, picker="model")
    inputs = {"texts": texts, "repeats": repeats, **drawing, **(shares if view == "rate" else {"rate": settings.rate})}
    variants, measure, draw_them = SWEEPS[view]
    grown = results_in_steps(
        variants,
        lambda variant: measure(model, texts, replace(settings, **variant), repeats),
        name=view,
        of=(model_name, texts, settings),
    )
    for found, place in grown:
        results[view], tables[view] = found, draw_them(found, place)

explain(PAGE)
show_code(PAGE, view, inputs and {"model_id": place_of(model_name), **inputs})
if model_name in results and sides:  # all else is there while it is loaded
    with left_place, st.spinner(t("Reading the left side alone", "왼쪽만 따로 읽는 중")):
        causal = load(reader, "CausalLM") if reader else None
        if causal or not reader:
            asked = (load(model_name), corruption, causal)
            if left := attempt("left", masked.left_context, *asked, of=(reader, ids)):
                results["left"], tables["left_context"] = left, draw_left_context(left, causal and causal.origin)
downloads(f"{PAGE}-{view}", results, tables)
