"""Prompt lab: tasks that a language model was never trained for, asked by prompt alone."""

from dataclasses import replace

import streamlit as st

from components import prompt_controls as controls
from components import prompt_views as draw
from components.address import choice
from components.code import show_code
from components.content import table_of
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch_or_say, results_in_steps
from components.few_shot_views import draw_curve, draw_published, item_table
from components.language import language, t
from components.page import explain, page_header, settings_place
from components.pickers import pick_model, source_badge, warn_of_korean
from components.surprise_views import draw_surprise
from models import packaged
from models.catalogue import first_korean, trained_for
from models.few_shot import few_shot_points, few_shot_run, read_task
from models.generation import count_tokens, generate, score, surprise, window_of
from models.loading import load_model
from models.prompting import CONTENT_FREE, build_prompt, choose_shots, gpt1_sequence
from models.results import GenerationSettings

PAGE = "prompt_lab"
CAUSAL = trained_for("causal language modelling")
FREE, FREE_PROMPT, NOBODY, ONE_TEXT = "free", "Once upon a time", "nobody", table_of(PAGE, "one_text.toml")
DEFAULTS = {
    "task": "sentiment", "question": "", "prompt": "", "shots": 2, "draw": 1, "flip": False, "examples": "", "instruction": "", "before": "", "after": "",
    "model": packaged.NAME, "view": "generate", "vary": "examples", "candidates": "", "text": "Every morning the sun rises in the east, and every evening it sets in the fridge.",
    "passage": ONE_TEXT["text"], "items": 20, "draws": 3, "calibrate": False, "between": "blank",
    "sample": False, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "penalty": 1.0, "seed": 0, "length": 30, "stop": "",
}  # fmt: skip

page_header(PAGE)
pick_example(PAGE, DEFAULTS, others={"beside"})
fold = settings_place()
with fold:
    model_name = pick_model(t("Model", "모델"), CAUSAL, key="model", default=DEFAULTS["model"])
model = fetch_or_say(load_model, model_name, "CausalLM")
if model is None:
    st.button(t("Try again", "다시 시도"), icon=":material/refresh:")
    explain(PAGE)
    st.stop()
source_badge(model.origin, picker="model")
view = choice(t("View", "탭"), controls.views(), key="view", label_visibility="collapsed")
results, tables, inputs, task_name, candidates, content_free, stop, expected = {}, {}, {}, FREE, (), None, (), None
if view not in ("ask", "surprise"):
    written = {name: table_of(PAGE, f"tasks/{name}.toml") for name in controls.TASKS}
    free = {} if view == "curve" else {FREE: t("Free", "자유 입력")}
    names = {name: task["name"][language()] for name, task in written.items()} | free
    with fold:
        task_name = choice(t("Task", "과제"), names, key="task", widget=st.pills, on_change=controls.forget_question)
        if task_name != FREE:
            task = read_task(written[task_name])
            st.caption(written[task_name]["note"][language()])

if view in ("generate", "decodings", "score"):
    asked, counted, answered, beside, folded = controls.places(fold)
    if task_name == FREE:
        with answered, fold:
            prompt = controls.write_prompt(FREE_PROMPT)
    else:
        with asked, fold:
            question = controls.write_question(task)
        with counted:
            number = controls.pick_number()
        with folded:
            seed, flip = controls.pick_draw(task)
            chosen = choose_shots(task.shots, number, seed, task.labels, flip=flip)
            shots = controls.edit_examples(chosen, f"{task_name} {seed} {flip}")
            form = controls.edit_format(task.form)
        with answered:
            sources = (question, CONTENT_FREE)
            both = attempt("prompt", lambda: [build_prompt(form, shots, one) for one in sources], of=task_name)
        prompt, content_free = both or (None, None)
        stop, candidates, expected = (task.stop,), task.labels, dict(task.items).get(question, ("",))[0]
    if prompt is None:
        explain(PAGE)
        st.stop()
    with answered:
        warn_of_korean(model.origin, first_korean(CAUSAL), prompt)
        draw.draw_prompt(prompt, count_tokens(model, prompt), window_of(model))
    inputs["prompt"] = prompt
if view == "generate":
    with folded:
        settings = controls.decoding_controls(stop)
    with answered:
        of, growing = (model_name, prompt, settings), generate(model, prompt, settings)
        if found := attempt("generation", draw.stream, prompt, of, growing, of=model_name):
            results[view], tables[view] = found, draw.draw_generation(found, prompt, beside)
        if task_name != FREE:
            answer = None if task.labels else expected or task.items[0][1][0]
            draw.draw_gpt1(gpt1_sequence(question, answer), task.labels)
    inputs |= controls.as_arguments(settings)
elif view == "decodings":
    with folded:
        settings = controls.decoding_controls(stop, filters=False)
    growing = {name: generate(model, prompt, replace(settings, **own)) for name, own in controls.decodings().items()}
    found = draw.grow_side_by_side(view, (model_name, prompt, settings), growing)
    results, tables[view] = {view: found} if found else {}, draw.decoding_table(found)
    inputs |= {**controls.as_arguments(settings), "decodings": controls.decodings()}
elif view == "score":
    with folded:
        usual = f"{expected} | {task.shots[0][1]}" if expected else "yes | no"
        candidates = candidates or controls.write_candidates(usual)
    spaced = tuple(f" {candidate}" for candidate in candidates)
    with beside:
        if found := attempt("scores", score, model, prompt, spaced, content_free, of=(model_name, task_name)):
            results[view], tables[view] = found, draw.draw_scores(found, expected, calibrated=content_free is not None)
    inputs |= {"candidates": list(spaced), "content_free": content_free or ""}
elif view == "curve":
    others = {name: name for name in CAUSAL if name != model_name}
    setup = controls.curve_controls(task, {NOBODY: t("nobody", "없음"), **others}, fold)
    other = setup.beside in others and fetch_or_say(load_model, setup.beside, "CausalLM")
    points = [(one, *point) for one in (model, other) if one for point in setup.points]

    def run(point):
        one, shots, seed, order, flip = point
        settings = {"order": order, "flip": flip, "calibrate": setup.calibrate, "on_progress": controls.tell_items(bar)}
        of = (one.origin.name, task_name, *point[1:])
        return attempt("point", few_shot_run, one, task, shots, seed, setup.items, of=of, **settings)

    grown = results_in_steps(points, run, name=view, of=(model_name, task_name, setup), ask=True)
    bar, found = st.empty(), []
    tables["paper"] = draw_published(table_of(PAGE, "gpt3.toml"))
    for found, place in grown:
        tables[view] = draw_curve(found, few_shot_points(found), task, place, setup.vary)
    bar.empty()
    results[view], tables["answers"] = found, item_table(found)
    inputs |= controls.curve_code(task, setup) | {"beside_model_id": other.origin.location if other else None}
elif view == "ask":
    text = controls.write_text("passage", DEFAULTS["passage"], model.origin, first_korean(CAUSAL), fold)
    settings = GenerationSettings(max_new_tokens=30, stop=("\n",), repetition_penalty=1.1)
    forms = {ask["name"][language()]: ask["prompt"] for ask in ONE_TEXT["ask"]}
    growing = {name: generate(model, form.replace("{text}", text), settings) for name, form in forms.items()}
    found = draw.grow_side_by_side(view, (model_name, text), growing, forms, ask=True)
    results[view], tables[view] = found, draw.draw_answers(found, forms)
    inputs |= {"prompts": [form.replace("{text}", text) for form in forms.values()]}
else:
    text = inputs["text"] = controls.write_text("text", DEFAULTS["text"], model.origin, first_korean(CAUSAL), fold)
    if found := attempt("surprise", surprise, model, text, of=model_name):
        results[view], tables[view] = found, draw_surprise(found)

explain(PAGE)
show_code(PAGE, view, results and {"model_id": model.origin.location, **inputs})
downloads(f"{PAGE}-{view}", results, tables)
