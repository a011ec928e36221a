"""QA span highlighter: a question and a passage go in, and the model marks where the answer begins and ends."""

import streamlit as st

from components.address import choice, value_of
from components.answer_views import draw_answer, draw_history, passage_picture
from components.beside_views import draw_agreement, draw_before_and_after, draw_beside
from components.code import show_code
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch, fetch_or_say
from components.jobs import run_beside
from components.language import t
from components.page import explain, page_header, settings_place
from components.passages import keep_texts, write_texts
from components.pickers import pick_model, source_badge, warn_of_korean
from components.reading_settings import pick_attack, pick_settings
from components.span_views import draw_why, draw_windows, offer_longer, span_table, token_table
from components.squad_views import draw_curve, draw_evaluation, pick_questions, say_size
from models import packaged
from models.catalogue import first_korean, place_of, trained_for
from models.jobs import Job
from models.loading import load_model
from models.passage_attacks import attack, distracting_sentence
from models.question_answering import DOC_STRIDE, LONGEST_ANSWER, MAX_LENGTH, agreement, answer
from models.squad import best_answers, bundled_questions, evaluate, read_squad, threshold_curve
from models.zero_shot import write_answer

PAGE = "qa_highlighter"
NAMES = trained_for("extractive question answering")
WRITERS = trained_for("causal language modelling")
DEFAULTS = {
    "context": "Berlin is the capital of Germany. Maria Vogel was born in Paris in 1920, and she died in Berlin in 1990.",
    "question": "Where did Maria die?",
    "model": NAMES[0], "view": "ask", "attack": "distract", "distractor": "",
    "max_length": MAX_LENGTH, "doc_stride": DOC_STRIDE, "longest": LONGEST_ANSWER, "threshold": 0.0,
}  # fmt: skip
LONG = 6000  # bytes: 1000 English words or 2000 Chinese characters; more is read beside the page, with a bar

page_header(PAGE)
pick_example(PAGE, DEFAULTS, others={"beside", "word", "top_n"})
testing = value_of("view", "ask") == "test"
fold = settings_place(None if testing else "question", DEFAULTS["question"])
with fold:
    context, question = keep_texts() if testing else write_texts(DEFAULTS["context"], DEFAULTS["question"])
views = {
    "ask": t("Answer", "답"),
    "why": t("See why", "이유 보기"),
    "windows": t("Long passages", "긴 지문"),
    "attack": t("Attack it", "속여 보기"),
    "compare": t("Compare", "비교"),
    "test": t("Test the model", "모델 시험"),
}
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
with fold:
    pickers = st.columns(2, gap="medium")
    with pickers[0]:
        name = pick_model(t("Model", "모델"), NAMES, key="model", default=NAMES[0])
    settings = pick_settings(LONGEST_ANSWER, MAX_LENGTH, DOC_STRIDE, expanded=view in ("why", "windows"))


def read(role, loaded, question, context, **other):
    """The answer; None as long as a long passage is being read beside the page."""

    def calculate(tell=None):
        return answer(loaded, question, context, **{**settings.arguments, **other}, on_progress=tell)

    if len(context.encode(errors="replace")) > LONG:
        request = (loaded.origin.name, question, context, settings.max_length, settings.doc_stride)
        if run_beside(role, request, lambda: Job(calculate)) is None:
            return None
    return calculate()  # what was read beside the page is kept, so that only the search is done anew


def answer_all(questions, button):
    """The best span of each question of a test, found beside the page; None as long as it is not there."""
    return run_beside(
        "test", (name, questions, *settings.reading.values()), button=button,
        start=lambda: Job(lambda tell: best_answers(loaded, questions, **settings.reading, on_progress=tell)),
    )  # fmt: skip


# Where it cannot be had, the previous one again: its name is kept, since models are not a session's to keep.
had = attempt("model", lambda: fetch(load_model, name, "QuestionAnswering").origin.name)
loaded = had and load_model(had, "QuestionAnswering")
if loaded:
    name = had
    source_badge(loaded.origin, picker="model")
    warn_of_korean(loaded.origin, first_korean(NAMES), question, context)
results, tables, pictures, code = {}, {}, {}, None
location = loaded.origin.location if loaded else name
found = loaded and view != "test" and attempt(f"reading {view}", read, "first", loaded, question, context, of=name)
if found:
    results[name], tables["spans"], tables["tokens"] = found, span_table(found), token_table(found)
    pictures["answer"] = passage_picture(found)
    code = {"model_id": location, "question": question, "context": context, **settings.reading}
    code |= {"max_length": found.max_length, "doc_stride": found.doc_stride}  # as used: both have to leave room
    code |= {"ask": {"threshold": settings.threshold}, "why": {"top_n": settings.top_n}}.get(view, {})

if found and view == "ask":
    draw_answer(found, "answer")
    tables["questions"] = draw_history(found, name)
elif found and view == "why":
    draw_why(found)
    if (best := answer_all(bundled_questions(), t("Measure", "재어 보기"))) is not None:
        draw_curve(threshold_curve(bundled_questions(), best), settings.threshold)
elif found and view == "windows":
    fits = found.context_tokens + found.windows[0].context_start < found.model_limit
    whole = read("whole", loaded, question, context, max_length=found.model_limit) if fits else None
    offer_longer(found, PAGE, DEFAULTS)
    tables["windows"] = draw_windows(found, whole)
elif found and view == "attack":
    place = (found.context, found.spans[0].start, found.spans[0].end)
    of = (name, found.question, found.context)
    change = attempt("change", attack, question, *place, **pick_attack(question, distracting_sentence(*place)), of=of)
    if after := change and attempt("after", read, "after", loaded, change.question, change.context, of=of):
        draw_before_and_after(found, change, after)
        results["after"] = after
        code |= {"changed_question": change.question, "changed_context": change.context}
elif view == "compare":
    with pickers[1]:
        beside = pick_model(t("Beside it", "비교 대상"), [*NAMES, *WRITERS], key="beside", default=packaged.NAME)
    writes = beside in WRITERS
    second = None
    if other := fetch_or_say(load_model, beside, "CausalLM" if writes else "QuestionAnswering"):
        source_badge(other.origin, picker="beside")
        ask = (write_answer, other, question, context, found) if writes else (read, "beside", other, question, context)
        second = attempt("reading beside", *ask, of=(beside, found and (found.question, found.context)))
    if writes:
        code = second and {"model_id": beside, "question": question, "context": context}
    elif code:
        code["model_ids"] = [code.pop("model_id"), place_of(beside)]
    if found and second and not writes:
        draw_agreement(agreement(found, second), found.context, [name, beside])
    tables |= draw_beside(found, second, context)
    results |= {"beside": second} if second else {}
elif view == "test":
    with fold:
        file, content = pick_questions() or ("content/qa_highlighter/questions.json", None)
    questions = attempt("questions", read_squad, content, of=hash(content)) if content else bundled_questions()
    if loaded and questions:
        code = {"model_id": location, "file": file, "threshold": settings.threshold, **settings.reading}
        say_size(questions)
        if (best := answer_all(questions, t("Run the test", "시험 시작"))) is not None:
            results[name] = evaluate(questions, best, settings.threshold)
            tables = draw_evaluation(results[name])

explain(PAGE)
show_code(PAGE, "zero_shot" if view == "compare" and beside in WRITERS else view, code)
downloads(f"{PAGE}-{view}", results, tables, pictures)
