"""Distillation: teacher and student on the same masked sentence, and the losses that made the student."""

from time import time_ns

import streamlit as st

from components import distillation_controls as controls
from components.address import choice, number
from components.code import show_code
from components.content import card_of, figures_of, lines_of
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch_or_say, in_steps
from components.language import t
from components.loss_views import draw_losses, draw_tinybert
from components.page import explain, page_header, settings_place
from components.pickers import pick_model, source_badge, warn_of_korean
from components.student_views import draw_agreement, draw_costs, draw_teachers_worth
from components.target_views import draw_targets
from models import distillation
from models.catalogue import first_korean, place_of

PAGE = "distillation"
TEACHERS = ["mini-bert", "bert-base-uncased", "bert-large-uncased"]
STUDENTS = ["mini-student", "distilbert-base-uncased", "huawei-noah/TinyBERT_General_4L_312D"]
CHUNK = 6  # sentences of one step
TIMED = 10  # sentences


def load(name):
    """A model of the catalogue; None, with a sentence on the page, where it cannot be had."""
    return fetch_or_say(distillation.load_for_distillation, name)


page_header(PAGE)
pick_example(PAGE, controls.DEFAULTS)
views = {
    "targets": t("Soft targets", "소프트 타깃"),
    "losses": t("DistilBERT's loss", "DistilBERT의 손실"),
    "tinybert": t("TinyBERT's terms", "TinyBERT의 항"),
    "measure": t("What is lost, what is won", "잃은 것과 얻은 것"),
}
fold = settings_place()
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
with fold:
    left, right = st.columns(2)
    with left:
        teacher_name = pick_model(t("Teacher", "교사"), TEACHERS, key="teacher", default=TEACHERS[0])
    with right:
        student_name = pick_model(t("Student", "학생"), STUDENTS, key="student", default=STUDENTS[0])
left, right = st.columns(2)
with left:
    if teacher := load(teacher_name):
        source_badge(teacher.origin, picker="teacher")
with right:
    if student := load(student_name):
        source_badge(student.origin, picker="student")
both = (teacher_name, student_name)
of, heads = (*both, view), view != "tinybert"
pair = teacher and student and attempt("pair", distillation.check_pair, teacher, student, heads=heads, of=of)
if not pair:
    explain(PAGE)
    st.stop()
results, tables = {}, {}
inputs = {"teacher_model_id": place_of(teacher_name), "student_model_id": place_of(student_name)}
hidden = None
if view != "measure":
    with fold:
        text = controls.write_text()
    warn_of_korean(teacher.origin, first_korean(TEACHERS), text)
    hidden = attempt("text", distillation.hide, teacher, text, controls.hidden_positions(), of=teacher_name)
    if hidden:
        controls.click_to_hide(hidden)
        inputs["masked_ids"] = list(hidden.masked_ids)

if view == "targets" and hidden:
    temperature = controls.pick_temperature()
    targets = attempt(view, distillation.soft_targets, teacher, student, hidden, temperature, of=both)
    if targets:
        results, tables["targets"] = {"targets": targets}, draw_targets(targets, temperature)
    inputs |= {"temperature": temperature, "positions": list(hidden.positions), "labels": list(hidden.labels)}
elif view == "losses" and hidden:
    with fold:
        temperature = controls.pick_temperature()
    losses = attempt(view, distillation.losses, teacher, student, hidden, temperature, of=both)
    if losses:
        results, tables["losses"] = {"losses": losses}, draw_losses(losses)
    inputs |= {"temperature": temperature, "positions": list(hidden.positions), "labels": list(hidden.labels)}
elif view == "tinybert" and hidden:
    mappings = {
        "uniform": t("uniform: every k-th layer", "고르게: k번째 층마다"),
        "top": t("top: the last layers", "위쪽: 마지막 층들"),
        "bottom": t("bottom: the first layers", "아래쪽: 처음 층들"),
    }
    with fold:
        mapping = choice(t("Layer mapping g(m)", "층 대응 g(m)"), mappings, key="mapping")
    terms = attempt(view, distillation.tinybert_terms, teacher, student, hidden, mapping, of=both)
    if terms:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            label = t("Student's layer", "학생의 층")
            layer = number(label, 1, len(terms.pairs), key="layer", default=1, width=240)
            heads = {"mean": t("mean of all", "전체 평균"), **{str(n): str(n) for n in range(12)}}
            head = choice(t("Head", "헤드"), heads, key="head", widget=st.selectbox, width=160)
        tables["pairs"] = draw_tinybert(terms, layer - 1, None if head == "mean" else int(head))
        results = {"pairs": terms.pairs, "embedding_mse": terms.embedding_mse}
        inputs["layers"] = [one.teacher for one in terms.pairs]
elif view == "measure":
    if student_name == STUDENTS[0]:
        folder = place_of(student_name)
        results["model card"] = figures_of(folder)
        tables["worth"] = draw_teachers_worth(figures_of(folder), card_of(folder))
    sentences = lines_of(PAGE, "sentences.txt")
    st.header(t("Size and speed", "크기와 속도"), anchor=False)
    place = st.empty()
    run = st.session_state.get("timing run", 0)
    st.button(
        t("Measure again", "다시 재기"),
        icon=":material/timer:",
        on_click=st.session_state.update,
        kwargs={"timing run": time_ns()},  # nobody else has measured under this number
    )
    costs = distillation.cost(teacher, student, tuple(sentences[:TIMED]), run=run)
    with place.container():
        tables["costs"] = draw_costs(costs)
    st.header(t("Agreement on hidden words", "가린 단어에서의 일치"), anchor=False)
    firsts = range(0, len(sentences), CHUNK)
    parts = [
        distillation.agreement(teacher, student, tuple(sentences[first : first + CHUNK]), first=first)
        for first in in_steps(firsts, name=view, of=both)
    ]
    if parts:
        tables["agreement"] = draw_agreement(parts)
    results |= {"costs": costs, "agreement": parts}
    inputs["masked"] = [list(ids) for one in parts for ids in one.masked]
    inputs["labels"] = [list(labels) for one in parts for labels in one.labels]

explain(PAGE)
show_code(PAGE, view, results and inputs)
downloads(f"{PAGE}-{view}", results, tables)
