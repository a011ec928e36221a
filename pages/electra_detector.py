"""ELECTRA token detector: a generator replaces some words, a discriminator finds them."""

from functools import partial
from itertools import chain

import streamlit as st

from components import detection_controls as controls
from components.address import choice
from components.code import show_code
from components.content import lines_of, table_of
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch_or_say, in_steps, results_in_steps
from components.game_views import draw_called, draw_game, draw_scores
from components.language import t
from components.measure_views import draw_curves, draw_grid
from components.page import explain, page_header, reveal, settings_place
from components.pickers import pick_model, source_badge, warn_of_korean
from components.pretraining_views import draw_efficiency, draw_losses, draw_steps
from components.verdict_views import draw_against_ranks, draw_difference, draw_legend, draw_verdicts
from models import packaged
from models import replaced_tokens as electra
from models.catalogue import entry, first_korean, place_of, trained_for
from models.loading import load_model

PAGE = "electra_detector"
DISCRIMINATORS = trained_for("replaced token detection")
CAUSAL = trained_for("causal language modelling")
CHUNK, AT_ONCE = 10, 2  # sentences of one step; steps that nobody has to ask for


def read(reader, text):
    """(text, its input_ids); where the model cannot read it, a sentence on the page and the text before it."""
    return attempt(f"text for {reader.origin.name}", lambda: (text, electra.ids_of(reader, text))) or (text, None)


page_header(PAGE)
controls.begin()
pick_example(PAGE, controls.DEFAULTS, others={"reader", "beside"})
fold = settings_place()
view = choice(t("View", "탭"), controls.views(), key="view", label_visibility="collapsed")
with fold:
    model_name = pick_model(t("Discriminator", "판별기"), DISCRIMINATORS, key="model", default=DISCRIMINATORS[0])
    written = controls.write_text() if view not in ("game", "measure") else None
model = fetch_or_say(electra.load_discriminator, model_name)
if model is None:
    explain(PAGE)
    st.stop()
source_badge(model.origin, picker="model")
warn_of_korean(model.origin, first_korean(DISCRIMINATORS), written or "")
texts = lines_of(PAGE, f"sentences.{entry(model_name).language}.txt")
results, tables, inputs = {}, {}, {}
text, input_ids = ("", None) if written is None else read(model, written)
generators = {name: entry(name).parameters for name in electra.generators_of(model_name)}
generator_name = controls.pick_generator(view, model_name, generators, fold)
generator = None if view in ("ranks", "compare") else fetch_or_say(load_model, generator_name, "MaskedLM")

if view == "detect" and input_ids:
    before = electra.detect(model, input_ids)
    at = controls.edited_position(before)
    place, after, edited_ids = st.empty(), before, input_ids
    if at is not None:
        suggestions = electra.suggest(generator, input_ids, at) if generator else ()
        word = controls.edit_controls(before.tokens[at], suggestions, generator_name)
        if word.strip():
            of = (model_name, input_ids, at)
            edited_ids = attempt("edit", electra.with_word, model, input_ids, at, word, of=of) or input_ids
            after = electra.detect(model, edited_ids)
    with place.container():
        more = len(edited_ids) - len(input_ids)
        edited, click = () if at is None else range(at, at + 1 + more), controls.click_on(after, at, more)
        tables["tokens"] = draw_verdicts(after, key="verdicts", on_click=click, edited=edited)
    if edited_ids != input_ids:
        tables["difference"] = draw_difference(before, after, at)
    results, inputs = {"before": before, "after": after}, {"input_ids": list(edited_ids)}
elif view == "game" and generator:
    seed, threshold = controls.game_controls()
    game = attempt("game", electra.make_game, generator, texts, seed, of=generator_name)
    if game:
        inputs, results = {"input_ids": list(game.corrupted_ids)}, {"tokens": game.corrupted_tokens}
        place, marks = st.empty(), controls.marked(game)
        shown = reveal((model_name, game.corrupted_ids))
        if shown:
            verdict = electra.detect(model, game.corrupted_ids)
            called = electra.called(verdict, threshold)
            human, machine = electra.score_verdicts(marks, game), electra.score_verdicts(called, game)
            marks, human, sums = controls.keep_answer(model_name, game, marks, human, machine)
        with place.container():
            draw_game(game, marks, None if shown else controls.mark)
        if shown:
            tables["discriminator"] = draw_called(verdict, called, game, threshold)
            tables |= draw_scores(model_name, (human, machine), sums)
            results = {"game": game, "verdict": verdict, "you": human, "discriminator": machine}
elif view == "steps" and input_ids and generator:
    rate, temperature, seed = controls.corruption_controls(fold)
    pair = electra.replace_tokens(generator, text, rate=rate, temperature=temperature, seed=seed)
    verdict = electra.detect(model, pair.corrupted_ids)
    tables["replacements"] = draw_steps(pair, verdict, generator.tokenizer.tokenizer.mask_token)
    results = {"text": pair, "verdict": verdict, "discriminator_loss": electra.discriminator_loss(verdict, pair)}
    draw_losses(pair, results["discriminator_loss"])
    inputs = {"original_ids": list(pair.input_ids), "masked_ids": list(pair.masked_ids), "temperature": temperature}
    inputs |= {"corrupted_ids": list(pair.corrupted_ids), "generator_model_id": place_of(generator_name)}
elif view == "measure" and generator:
    rate, temperature, seed = controls.corruption_controls()
    threshold = inputs["threshold"] = controls.pick_threshold()
    measure = partial(electra.measure, model, generator, seed=seed)
    firsts, of = range(0, len(texts), CHUNK), (model_name, generator_name, rate, temperature, seed)
    rest = in_steps(firsts[AT_ONCE:], name=view, of=of, ask=True) if firsts[AT_ONCE:] else ()
    steps = chain(firsts[:AT_ONCE], rest)
    measures = [measure(texts[n : n + CHUNK], rate=rate, temperature=temperature, first=n) for n in steps]
    if found := attempt("curves", electra.curves, measures, of=of):
        results["curves"], tables = found, draw_curves(found, measures, threshold, len(texts))
        for name in ("corrupted", "labels", "masked"):
            inputs[name] = [list(row) for one in measures for row in getattr(one, name)]
    st.header(t("By mask rate and temperature", "가린 비율과 온도에 따라"), anchor=False)
    of = (model_name, generator_name, seed)
    for points, place in results_in_steps(controls.GRID, lambda at: measure(texts, **at), name="grid", of=of, ask=True):
        tables["grid"] = draw_grid([(one, electra.curves([one])) for one in points], place)
elif view == "efficiency" and input_ids and generator:
    pair = electra.replace_tokens(generator, text, rate=0.15, seed=1)
    tables["paper"] = draw_efficiency(pair, table_of(PAGE, "paper.toml"))
    results = {"masked": [one.position for one in pair.replacements], "tokens": pair.tokens}
    inputs = {"text": text, "masked": results["masked"]}
elif view == "ranks" and input_ids:
    reader_name = pick_model(t("Causal model", "인과 모델"), CAUSAL, key="reader", default=packaged.NAME)
    reader = fetch_or_say(load_model, reader_name, "CausalLM")
    if reader and (words := attempt("ranks", electra.against_ranks, model, reader, text, of=(model_name, reader_name))):
        source_badge(reader.origin, picker="reader")
        results["words"], tables["words"] = words, draw_against_ranks(words)
    inputs = {"text": text, "reader_model_id": place_of(reader_name)}
elif view == "compare" and input_ids:
    beside_name = controls.pick_second([name for name in DISCRIMINATORS if name != model_name])
    before = electra.detect(model, input_ids)
    at = controls.edited_position(before)
    if word := controls.show_edit(before, at):
        text = attempt("with", electra.text_with_word, model, text, at, word, of=(text, at)) or text
    beside = controls.load_second(beside_name, load_model)
    for one in (found for found in (model, beside) if found):
        name, (_, ids) = one.origin.name, read(one, text)
        if ids:
            st.markdown(f"**{name}**")
            results[name] = electra.detect(one, ids)
            tables[name] = draw_verdicts(results[name], key=f"verdicts {name}")
    draw_legend()
    inputs = {"text": text, "beside_model_id": place_of(beside_name)}

explain(PAGE)
show_code(PAGE, "detect" if view == "game" else view, results and {"model_id": place_of(model_name), **inputs})
downloads(f"{PAGE}-{view}", results, tables)
