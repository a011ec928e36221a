"""Fine-tuning heads: one pre-trained model, a new layer on top, and labelled examples."""

import streamlit as st

from components import tuning_controls as controls
from components.address import choice
from components.code import show_code
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch_or_say
from components.head_views import draw_choice, draw_gpt1_input, draw_head, draw_masked
from components.jobs import run_beside
from components.language import t
from components.page import explain, page_header, settings_place
from components.pickers import pick_model, source_badge, warn_of_korean
from components.trained_views import draw_classified, draw_training, say_sizes
from components.training_views import draw_curve, draw_first, draw_plan, draw_runs
from models import fine_tuning as tuning
from models import heads
from models.catalogue import entry, first_korean, place_of, trained_for
from models.jobs import Job
from models.loading import load_model

PAGE = "fine_tuning_heads"
BERTS = trained_for("next sentence prediction")
READERS = trained_for("causal language modelling")
NAMES = {"shapes": BERTS, "gpt1": READERS, "train": [*BERTS, *READERS]}

page_header(PAGE)
pick_example(PAGE, controls.DEFAULTS)
views = {
    "shapes": t("BERT's heads", "BERT의 헤드"),
    "gpt1": t("GPT-1's inputs", "GPT-1의 입력 변환"),
    "train": t("Train one", "직접 학습하기"),
}
fold = settings_place()
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
shape = controls.pick_shape(fold) if view == "shapes" else ""
key, names = "reader" if view == "gpt1" else "model", NAMES[view]
with fold:
    model_name = pick_model(t("Pre-trained model", "사전학습 모델"), names, key=key, default=controls.DEFAULTS[key])
causal = view == "gpt1" or model_name in READERS
model = fetch_or_say(load_model, model_name, "CausalLM" if causal else "MaskedLM" if shape == "masked" else "Model")
if model and view == "train":
    causal = attempt("kind", heads.is_causal, model, of=model_name)  # also of a model whose id was typed
if model is None or causal is None:
    explain(PAGE)
    st.stop()
source_badge(model.origin, picker=key)
results, tables, inputs, code = {}, {}, {"model_id": place_of(model_name)}, view

if shape == "choice":
    with fold:
        text, choices = controls.write_choices()
    warn_of_korean(model.origin, first_korean(names), text, *choices)
    found = attempt("choice", heads.choice_input, model, text, choices, of=model_name)
    if found:
        results["head"] = found
        tables["tensors"], tables["choices"] = draw_choice(found)
    inputs |= {"text": text, "choices": list(choices)}
    code = "choice"
elif shape == "masked":
    with fold:
        text, _, _ = controls.write_shape(shape)
    warn_of_korean(model.origin, first_korean(names), text)
    found = attempt("masked", heads.masked_input, model, text, of=model_name)
    if found:
        results["head"] = found
        tables["tensors"], tables["candidates"] = draw_masked(found)
    inputs |= {"text": text}
    code = "masked"
elif view == "shapes":
    with fold:
        text, pair, outputs = controls.write_shape(shape)
    warn_of_korean(model.origin, first_korean(names), text, pair)
    found = attempt("head", heads.head_input, model, shape, text, pair, outputs, of=(model_name, shape))
    if found:
        results["head"] = found
        tables["tensors"], tables["logits"] = draw_head(found)
    inputs |= {
        "text": text,
        "pair": pair or None,
        "outputs": len(outputs),
        "every_token": shape in ("answer", "tagging"),
    }
elif view == "gpt1":
    with fold:
        task, texts = controls.write_gpt1()
    warn_of_korean(model.origin, first_korean(names), *texts)
    found = attempt("gpt1", heads.input_transformation, model, task, texts, of=(model_name, task))
    if found:
        results["input"] = found
        tables["tensors"], tables["tokens"] = draw_gpt1_input(found)
    inputs |= {"task": task, "texts": list(texts)}
else:
    with fold:
        settings = controls.pick_settings(causal)
        examples = controls.edit_table(settings.task)
    warn_of_korean(model.origin, first_korean(names), *(one.text for one in examples))
    lecture = st.session_state.get("lecture")
    if lecture:
        draw_plan(settings)
    trained = run_beside(
        "training",
        (model_name, settings, examples),
        lambda: Job(lambda tell: tuning.fine_tune(model, examples, settings, tell)),
        button=t(f"Train on {len(examples)} examples", f"예시 {len(examples)}개로 학습"),
        draw=lambda steps: draw_curve(steps, "growing curve"),
    )
    inputs |= controls.as_code(settings)
    runs = draw_runs(trained and trained.record, model_name, examples)
    if lecture and not trained:
        draw_first(examples)
    if trained:
        results["training"], tables = trained.record, draw_training(trained.record)
        if causal:
            say_sizes(trained.record, entry("mini-bert"))
        st.header(t("Ask your model", "내가 만든 모델에 묻기"), anchor=False)
        of = (model_name, settings, examples)
        found = attempt("verdict", tuning.classify, trained, model, *controls.write_test(settings.task), of=of)
        if trained.let_go:
            st.button(t("Train it again", "다시 학습하기"), on_click=st.session_state.pop, args=("job training",))
        if found:
            results["verdict"], tables["verdict"] = found, draw_classified(found)
        inputs |= controls.examples_as_code(trained.record)
    code = "train_gpt1" if causal else "tagging" if settings.task == "tagging" else "train"
    tables |= {} if runs is None else {"runs": runs}
    tables["examples"] = controls.table_of_examples(examples)

explain(PAGE)
show_code(PAGE, code, inputs if results or view == "train" else None)
downloads(f"{PAGE}-{view}", results, tables)
