"""Prompt lab: tasks that a language model was never trained for, asked by prompt alone."""

import tomllib
from dataclasses import replace

import streamlit as st

from components.address import bind_text, choice, flag
from components.code import show_code
from components.content import CONTENT
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch, in_steps
from components.language import language, t
from components.page import explain, page_header
from components.pickers import pick_model, source_badge
from components.prompt_controls import decoding_controls, edit_examples
from components.prompt_views import (
    draw_curve,
    draw_generation,
    draw_gpt1,
    draw_prompt,
    draw_scores,
    draw_surprise,
    stream,
)
from models.catalogue import entries
from models.few_shot import few_shot_run, read_task
from models.generation import count_tokens, generate, score, surprise, window_of
from models.loading import load_model
from models.prompting import CONTENT_FREE, build_prompt, choose_shots, gpt1_sequence

PAGE = "prompt_lab"
CAUSAL = [entry.name for entry in entries() if "causal language modelling" in entry.objective]
TASKS = ("sentiment", "topic", "question_answering", "translation", "summary", "arithmetic", "unscrambling", "grammar")
COUNTS = (0, 1, 2, 4, 8, 16)
DECODINGS = {"greedy": {}, "T = 0.7": {"temperature": 0.7}, "top-k 40": {"top_k": 40}, "top-p 0.9": {"top_p": 0.9}}
DEFAULTS = {
    "task": "sentiment",
    "question": "",
    "shots": 2,
    "model": "HuggingFaceTB/SmolLM2-135M-Instruct",
    "view": "generate",
    "examples": "",
}

page_header(PAGE)
pick_example(PAGE, DEFAULTS)
written = {name: tomllib.loads((CONTENT / PAGE / "tasks" / f"{name}.toml").read_text("utf-8")) for name in TASKS}
names = {name: task["name"][language()] for name, task in written.items()}
task_name = choice(t("Task", "과제"), names, key="task", widget=st.pills)
task = read_task(written[task_name])
st.caption(written[task_name]["note"][language()])
model_name = pick_model(t("Model", "모델"), CAUSAL, key="model", default=DEFAULTS["model"])
model = attempt(f"model {model_name}", fetch, load_model, model_name, "CausalLM")
if model is None:
    st.button(t("Try again", "다시 시도"), icon=":material/refresh:")
    explain(PAGE)
    st.stop()
source_badge(model.origin)

views = {
    "generate": t("Generate", "생성"),
    "decodings": t("Decodings", "디코딩 비교"),
    "score": t("Score answers", "답 채점"),
    "curve": t("The GPT-3 curve", "GPT-3 곡선"),
    "ask": t("One text, many tasks", "글 하나, 여러 과제"),
    "surprise": t("Surprise", "놀라움"),
}
view = choice(t("View", "보기"), views, key="view", label_visibility="collapsed")
results, tables, inputs = {}, {}, {}

if view == "surprise":
    text = st.text_area(t("Text", "글"), DEFAULTS_TEXT, key="text", bind=bind_text("text"), height="content")
    inputs = {"text": text}
    found = attempt("surprise", surprise, model, text)
    if found is not None:
        results["surprise"], tables["surprise"] = found, draw_surprise(found)
elif view == "curve":
    inputs, results["curve"], tables["curve"] = measure_curve()
elif view == "ask":
    results["ask"], tables["ask"] = ask_everything()
else:
    question = st.text_input(t("Input", "입력"), task.items[0][0], key="question", bind=bind_text("question"))
