"""The page as Streamlit runs it, without a browser; and the code that it shows."""

from __future__ import annotations

import contextlib
import io
import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.code import fill_in
from components.content import code_of, examples_of
from components.span_figures import null_figure, windows_figure
from models import compute, packaged, zero_shot
from models.catalogue import ROOT, entry, is_embedded
from models.loading import LoadedModel, load_model
from models.passage_attacks import attack, distracting_sentence
from models.question_answering import answer
from models.results import Generation, GenerationSettings, PlaygroundError
from models.squad import best_answers, bundled_questions, evaluate

PAGE = "qa_highlighter"
MODEL = "mini-bert-squad"
CONTEXT = (
    "The old bridge over the Lahn was built in 1256. A flood took it away in 1552, and the town built a new one in "
    "stone. Its builder, Anna Vogel, was paid in wine."
)
QUESTION = "When was the bridge built?"
READING = {"longest_answer": 12, "max_length": 40, "doc_stride": 10}

pytestmark = pytest.mark.skipif(
    not is_embedded(entry(MODEL)), reason="THE WEIGHTS OF mini-bert-squad ARE NOT IN THE REPOSITORY"
)


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    return load_model(MODEL, "QuestionAnswering")


def run_page(**address: object) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


def marked(app: AppTest) -> list[str]:
    """What is lit up, passage by passage."""
    pictures = [element.proto.body for element in app.get("html") if "qa-passage" in element.proto.body]
    return ["".join(re.findall('<mark class="qa-answer"[^>]*>(.*?)</mark>', picture)) for picture in pictures]


def headings(app: AppTest) -> list[str]:
    return [element.value for element in app.markdown if element.value.startswith("## ")]


def let_it_end(app: AppTest, job: str) -> AppTest:
    """Wait for what runs beside the page, and run the page again."""
    if f"job {job}" in app.session_state:
        assert app.session_state[f"job {job}"][1].wait(120)
    return app.run()


def run_test(app: AppTest) -> AppTest:
    app.button(key="job test start").click().run()
    return let_it_end(app, "test")


def test_an_example_brings_back_the_model_that_its_note_is_about() -> None:
    app = run_page(model="distilbert-base-uncased-distilled-squad", question="Who died?")
    assert "hub" in app.error[0].value
    app.button_group(key="example").set_value(1).run()
    assert app.session_state["model"] == MODEL
    assert not app.error


def test_the_default_lights_up_the_second_berlin() -> None:
    app = run_page()
    assert marked(app) == ["Berlin"]
    [picture] = [element.proto.body for element in app.get("html") if "qa-passage" in element.proto.body]
    assert picture.index("Berlin is the capital") < picture.index('<mark class="qa-answer"')


def test_the_two_years_compete() -> None:
    """The example's note: both years look like an answer, and so does the stretch from the first to the last."""
    [values] = [example.values for example in examples_of(PAGE) if example.name["en"] == "Two years compete"]
    table = run_page(**values).dataframe[0].value
    assert set(table["text"][:3]) == {"1921", "1950", "1921 and closed in 1950"}


def test_questions_about_one_passage_stay_listed() -> None:
    app = run_page(context=CONTEXT, question=QUESTION)
    assert len(app.dataframe) == 0
    app.text_input(key="question").set_value("What was Anna Vogel paid in?").run()
    table = app.dataframe[0].value
    assert list(table["question"]) == ["What was Anna Vogel paid in?", QUESTION]
    assert list(table["answer"]) == ["wine", "1256"]
    app.text_area(key="context").set_value("Anna Vogel was paid in salt.").run()
    assert len(app.dataframe) == 0, "another passage begins another list"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"question": " "}, "There is no question"),
        ({"context": " "}, "There is no passage"),
        ({"question": "why " * 450}, "450 tokens"),
        ({"context": "𒀀𒁀 𒂀𒃀"}, "line of"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_and_the_previous_answer_stays(values: dict[str, str], sentence: str) -> None:
    app = run_page()
    for key, value in values.items():
        (app.text_area if key == "context" else app.text_input)(key=key).set_value(value).run()
    assert sentence in app.error[0].value.replace("\\", "")
    assert marked(app) == ["Berlin"]
    assert not app.exception


def test_a_high_threshold_answers_and_a_low_one_refuses() -> None:
    unanswerable = {"context": CONTEXT, "question": "How many legs does a spider have?"}
    assert marked(run_page(**unanswerable)) == [""]
    assert "No answer" in headings(run_page(**unanswerable))[0]
    forced = run_page(**unanswerable, threshold=30)
    assert "No answer" not in headings(forced)[0]
    assert any("probability <0.1%" in caption.value for caption in forced.caption), "a guess is never impossible"
    low = run_page(context=CONTEXT, question=QUESTION, threshold=-30)
    assert low.slider(key="threshold").value == -30
    assert "No answer" in headings(low)[0]


def test_why_shows_spans_matrix_and_the_cost_of_thresholds() -> None:
    app = run_page(context=CONTEXT, question=QUESTION, view="why", top_n=3)
    table = app.dataframe[0].value
    assert len(table) == 4, "three spans and [CLS]"
    assert len(app.get("plotly_chart")) == 3
    run_test(app)
    assert not app.exception
    assert len(app.get("plotly_chart")) == 4
    assert any("SQuAD 2.0 F1 is highest" in caption.value for caption in app.caption)


def figure(app: AppTest, number: int) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(app.get("plotly_chart")[number].proto.spec)
    return drawn


def test_bars_and_matrix_show_both_berlins_and_the_bars_cls() -> None:
    """The example's point is that the first one gets almost nothing."""
    app = run_page(view="why")
    bars, matrix = figure(app, 0)["layout"]["xaxis"], figure(app, 1)["layout"]["xaxis"]
    low, high = bars["range"]
    in_view = [name for place, name in zip(bars["tickvals"], bars["ticktext"], strict=True) if low < place < high]
    assert in_view[:3] == ["[CLS]", "berlin", "is"]
    assert [in_view.count("berlin"), matrix["ticktext"].count("berlin")] == [2, 2]
    assert not any("drag the bars" in caption.value for caption in app.caption)


def test_of_a_long_passage_it_is_said_which_tokens_are_in_view() -> None:
    [values] = [example.values for example in examples_of(PAGE) if example.values.get("view") == "windows"]
    app = run_page(context=values["context"], question=values["question"], view="why")
    [said] = [caption.value for caption in app.caption if "drag the bars" in caption.value]
    first, last, whole = map(int, re.findall(r"\d+", said)[:3])
    bars = figure(app, 0)["layout"]["xaxis"]
    assert (last - first, whole) == (39, len(bars["tickvals"]) - 1)
    assert bars["range"] == [first - 0.5, last + 0.5]
    assert figure(app, 1)["layout"]["xaxis"]["ticktext"] == bars["ticktext"][first : last + 1]
    assert "[CLS]" in said


def test_the_number_of_no_answer_has_room_beside_its_name(loaded: LoadedModel) -> None:
    """At 390 px the figure is some 200 px wide, and the number 50."""
    low, high = null_figure(answer(loaded, QUESTION, CONTEXT)).layout.xaxis.range
    null = answer(loaded, QUESTION, CONTEXT).null_score
    assert null - low > 0.18 * (high - low)


@pytest.mark.parametrize(
    "filler", ["Nothing happened on this day in the village. " * 70, "今日村里什么事也没有发生" * 90]
)
def test_a_long_passage_is_read_beside_the_page(filler: str) -> None:
    compute.forget_results()
    app = run_page()
    app.text_area(key="context").set_value(f"{filler}{CONTEXT} {filler}").run()
    assert "job first" in app.session_state
    app.text_input(key="question").set_value("What was Anna Vogel paid in?").run()
    let_it_end(app, "first")
    assert not app.exception
    assert not app.error
    assert "wine" in marked(app)[0]


def test_the_bundled_test_and_its_figures(loaded: LoadedModel) -> None:
    app = run_page(view="test")
    assert not app.metric
    run_test(app)
    questions = bundled_questions()
    expected = evaluate(questions, best_answers(loaded, questions), 0.0)
    assert app.metric[0].value == f"{100 * expected.total.exact_match:.1f}"
    assert app.metric[1].value == f"{100 * expected.total.f1:.1f}"
    assert len(app.dataframe[0].value) == len(questions)


def test_the_test_hides_passage_and_question_and_they_come_back() -> None:
    app = run_page(question=QUESTION)
    app.text_area(key="context").set_value(CONTEXT * 40).run()  # too long for the address, which cannot bring it back
    let_it_end(app, "first")
    app.button_group(key="view").set_value("test").run()
    assert not app.text_area
    assert not app.text_input
    app.button_group(key="view").set_value("ask").run()
    assert app.text_area(key="context").value == CONTEXT * 40
    assert app.text_input(key="question").value == QUESTION
    assert not app.exception


def test_after_a_failure_the_test_can_be_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("models.squad.best_answers", fails)
        app = run_test(run_page(view="test"))
    for _ in range(2):  # nothing that happens elsewhere on the page takes the sentence away
        assert "Try again" in app.error[0].value
        assert not app.metric
        app.run()
    run_test(app)
    assert not app.error
    assert app.metric


def test_a_long_passage_that_failed_can_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    filler = "Nothing happened on this day in the village. " * 140
    with monkeypatch.context() as broken:
        broken.setattr("models.question_answering.answer", fails)
        app = let_it_end(run_page(context=f"{filler}{CONTEXT}", question="Who was paid?"), "first")
    assert "Try again" in app.error[0].value
    app.button(key="job first start").click().run()
    let_it_end(app, "first")
    assert not app.error
    assert marked(app)


def squad_file(**changes: object) -> bytes:
    qa = {"id": "1", "question": QUESTION, "answers": [{"text": "1256", "answer_start": CONTEXT.index("1256")}]}
    return json.dumps(
        {"data": [{"title": "t", "paragraphs": [{"context": CONTEXT, "qas": [{**qa, **changes}]}]}]}
    ).encode()


def test_a_file_of_the_viewer_is_scored() -> None:
    app = run_page(view="test")
    app.get("file_uploader")[0].set_value(("mine.json", squad_file(), "application/json")).run()
    run_test(app)
    assert [metric.value for metric in app.metric][:2] == ["100.0", "100.0"]


def test_a_file_with_many_kinds_says_which_are_drawn() -> None:
    app = run_page(view="test")
    qas = [{"id": "1", "question": QUESTION, "answers": [], "kind": f"<b>kind</b> {min(n, 39)}"} for n in range(41)]
    content = json.dumps({"data": [{"paragraphs": [{"context": CONTEXT, "qas": qas}]}]}).encode()
    app.get("file_uploader")[0].set_value(("mine.json", content, "application/json")).run()
    run_test(app)
    bars = json.loads(app.get("plotly_chart")[0].proto.spec)
    names = bars["layout"]["yaxis"]["ticktext"]
    assert len(names) == 30
    assert "&lt;b&gt;kind&lt;/b&gt; 39 (2)" in names
    assert any("Of 40 kinds and languages the 30" in caption.value for caption in app.caption)


def test_a_malformed_file_names_the_entry() -> None:
    app = run_page(view="test")
    broken = squad_file(answers=[{"text": "1256"}])
    app.get("file_uploader")[0].set_value(("mine.json", broken, "application/json")).run()
    assert "data[0].paragraphs[0].qas[0].answers[0].answer_start" in app.error[0].value.replace("\\", "")
    assert not app.exception


def test_a_malformed_file_is_not_tested_as_the_one_before() -> None:
    app = run_page(view="test")
    app.get("file_uploader")[0].set_value(("mine.json", squad_file(), "application/json")).run()
    run_test(app)
    assert app.metric
    broken = squad_file(answers=[{"text": "1256"}])
    app.get("file_uploader")[0].set_value(("mine.json", broken, "application/json")).run()
    assert app.error
    assert not app.metric
    assert not any("previous result" in caption.value for caption in app.caption)


@pytest.mark.parametrize("kind", ["distract", "remove", "delete"])
def test_before_and_after_stand_beside_each_other(kind: str) -> None:
    app = run_page(context=CONTEXT, question=QUESTION, view="attack", attack=kind)
    assert not app.exception
    assert len(marked(app)) == 2
    assert marked(app)[0] == "1256"
    if kind != "distract":
        assert any("Removed" in caption.value for caption in app.caption)


def test_two_models_and_their_agreement() -> None:
    app = run_page(context=CONTEXT, question=QUESTION, view="compare", beside=MODEL)
    assert any("Both give the same answer" in element.value for element in app.success)
    assert marked(app)[1:] == ["1256", "1256"]


def test_a_causal_model_writes_its_answer_beside_the_marked_one() -> None:
    app = run_page(context=CONTEXT, question=QUESTION, view="compare")
    assert not app.exception
    assert not app.error
    answers = [element.value for element in app.markdown if element.value.startswith("## ")]
    assert "1256" in answers[0]
    assert ":material/edit:" in answers[1]
    [said] = [caption.value for caption in app.caption if "Written token by token" in caption.value]
    assert "trained further on instructions" in said, "it is no model that has only read text"


@pytest.mark.parametrize(
    ("written", "place", "overlap"),
    [
        (" In 1256.", (39, 46), 2 / 3),
        (" The King of Poland.", None, 0.0),
        (" 125", None, 0.0),  # a part of a word of the passage is not what it says
        ("\n", None, 0.0),
    ],
)
def test_where_a_written_answer_stands_and_what_it_shares(
    monkeypatch: pytest.MonkeyPatch,
    loaded: LoadedModel,
    written: str,
    place: tuple[int, int] | None,
    overlap: float,
) -> None:
    said = Generation("", 0, 0, GenerationSettings(), (), written, "stop")
    monkeypatch.setattr(zero_shot, "generate", lambda *_: iter([said]))
    found = zero_shot.write_answer(loaded, QUESTION, CONTEXT, answer(loaded, QUESTION, CONTEXT))
    assert (found.place, found.f1) == (place, pytest.approx(overlap))
    assert place is None or CONTEXT[slice(*place)] == "in 1256"


@pytest.mark.parametrize(("question", "context"), [(" ", CONTEXT), (QUESTION, " "), (QUESTION, CONTEXT * 100)])
def test_what_cannot_be_answered_in_writing_is_a_sentence(question: str, context: str) -> None:
    with pytest.raises(PlaygroundError):
        zero_shot.write_answer(load_model(packaged.NAME, "CausalLM"), question, context)


def test_the_language_switches_every_label() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=60)
    app.session_state["lang"] = "ko"
    app.run()
    assert app.title[0].value == "답 형광펜"
    assert app.text_area(key="context").label == "지문"
    assert app.expander[-1].label == "내려받기"


# --- the code that is shown gives the numbers of the page --------------------------------------------------------


def run_code(view: str, **values: Any) -> list[str]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(fill_in(code_of(PAGE, view), values), view, "exec"), {})
    return printed.getvalue().splitlines()


@pytest.fixture(autouse=True)
def folders_of_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shown code names the model's folder as seen from the repository."""
    monkeypatch.chdir(ROOT)


INPUT = {"model_id": f"models/checkpoints/{MODEL}", "question": QUESTION, "context": CONTEXT, **READING}


def numbers(line: str) -> list[float]:
    return [float(found) for found in re.findall(r"(?<!['\w])-?\d+\.\d+", line)]


def test_code_of_ask(loaded: LoadedModel) -> None:
    found = answer(loaded, QUESTION, CONTEXT, **READING)
    assert len(found.windows) > 1
    lines = run_code("ask", **INPUT)
    assert lines[2] == "the model answers"
    assert lines[0].startswith(repr(found.spans[0].text))
    assert numbers(lines[0]) == pytest.approx([found.spans[0].probability, found.spans[0].score], abs=1e-3)
    assert numbers(lines[1]) == pytest.approx([found.null_score], abs=1e-3)


def test_an_answer_with_markup_is_only_text_in_the_figure_of_windows(loaded: LoadedModel) -> None:
    found = answer(loaded, "Who built the town?", "The town was built by Karl <b> Voss in 1921.")
    assert "<b>" in found.spans[0].text
    notes = [str(note.text) for note in windows_figure(found).layout.annotations]
    assert any("&lt;b&gt;" in note for note in notes)
    assert not any("<" in note for note in notes)


def test_the_code_overlaps_short_windows_as_the_page_does(loaded: LoadedModel) -> None:
    app = run_page(context=CONTEXT, question=QUESTION, max_length=48)
    shown = next(one.value for one in app.code if "doc_stride = " in one.value)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(shown, "ask", "exec"), {})
    found = answer(loaded, QUESTION, CONTEXT, max_length=48)
    assert found.doc_stride < 128
    assert numbers(printed.getvalue().splitlines()[0])[1] == pytest.approx(found.spans[0].score, abs=1e-3)


def test_code_of_why(loaded: LoadedModel) -> None:
    found = answer(loaded, QUESTION, CONTEXT, top_n=4, **READING)
    *lines, null = run_code("why", top_n=4, **INPUT)
    for line, span in zip(lines, found.spans, strict=True):
        assert line.endswith(f"{span.start} {span.end} {span.text!r}")
        assert numbers(line)[:2] == pytest.approx([span.score, span.probability], abs=1e-3)
    assert numbers(null) == pytest.approx([found.null_score], abs=1e-3)


def test_where_one_window_is_enough_one_click_leads_to_a_passage_that_needs_more() -> None:
    app = run_page(view="windows")
    [longer] = [button for button in app.button if button.label == "Read a long passage"]
    longer.click().run()
    assert "164 steps" in app.text_area(key="context").value
    assert len(app.dataframe[0].value) > 1, "a row for each window"
    assert longer.label not in [button.label for button in app.button]


def test_code_of_windows(loaded: LoadedModel) -> None:
    found = answer(loaded, QUESTION, CONTEXT, top_n=10, **READING)
    lines = run_code("windows", **INPUT)
    assert len(lines) == len(found.windows)
    for line, window, own in zip(lines, found.windows, found.window_answers, strict=True):
        assert numbers(line) == pytest.approx([own.score, window.null_score], abs=1e-3)
        assert line.endswith(repr(own.text))
    assert found.window_answers[found.spans[0].window] == found.spans[0]


def test_code_of_attack(loaded: LoadedModel) -> None:
    before = answer(loaded, QUESTION, CONTEXT, **READING)
    place = (CONTEXT, before.spans[0].start, before.spans[0].end)
    change = attack(QUESTION, *place, kind="distract", sentence=distracting_sentence(*place))
    after = answer(loaded, change.question, change.context, **READING)
    lines = run_code("attack", changed_question=change.question, changed_context=change.context, **INPUT)
    for line, found in zip(lines, (before, after), strict=True):
        assert numbers(line)[:2] == pytest.approx([found.spans[0].score, found.null_score], abs=1e-3)
        assert line.endswith(repr(found.spans[0].text))


def test_code_of_compare(loaded: LoadedModel) -> None:
    found = answer(loaded, QUESTION, CONTEXT, **READING)
    others = {name: value for name, value in INPUT.items() if name != "model_id"}
    lines = run_code("compare", model_ids=2 * [INPUT["model_id"]], **others)
    assert lines[0] == lines[1]
    assert numbers(lines[0])[:2] == pytest.approx([found.spans[0].score, found.null_score], abs=1e-3)


def test_code_of_the_written_answer() -> None:
    found = zero_shot.write_answer(load_model(packaged.NAME, "CausalLM"), QUESTION, CONTEXT)
    lines = run_code("zero_shot", model_id=str(packaged.folder()), question=QUESTION, context=CONTEXT)
    assert lines[: len(found.steps)] == [f"{step.probability:.3f} {step.text!r}" for step in found.steps]
    assert lines[len(found.steps)] == found.text


def test_code_of_test(loaded: LoadedModel) -> None:
    questions = bundled_questions()
    expected = evaluate(questions, best_answers(loaded, questions), -2.0).total
    [line] = run_code("test", model_id=INPUT["model_id"], threshold=-2.0)
    assert line == f"EM {100 * expected.exact_match:.2f} F1 {100 * expected.f1:.2f} n {len(questions)}"


@pytest.mark.parametrize(("view", "named"), [("ask", True), ("test", False)])
def test_the_folded_line_of_lecture_mode_names_the_question_where_it_is_read(view: str, named: bool) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    app.session_state["lecture"] = True
    app.query_params["view"] = view
    [panel] = [one for one in app.run().expander if "Text and settings" in one.label]
    assert ("Where did Maria die?" in panel.label) == named
    assert len(panel.get("file_uploader")) == len(app.get("file_uploader")) == (view == "test")
