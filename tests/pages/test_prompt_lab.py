"""The page as Streamlit runs it, on SmolLM2; and the code that it shows."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from components.content import examples_of, table_of
from components.prompt_controls import ORDERED, ORDERS
from models.catalogue import ROOT
from models.few_shot import few_shot_run, read_task
from models.generation import generate, score, surprise
from models.loading import LoadedModel, load_model
from models.prompting import choose_shots
from models.results import GenerationSettings
from tests.pages.shown_code import run_code

PAGE = "prompt_lab"
CURVE_VALUES = {
    "instruction", "input_label", "output_label", "labels", "pool", "items", "points", "contains", "calibrate",
}  # fmt: skip
MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
TWO_SHOTS = (
    "Review: I loved it.\nSentiment: positive\n\nReview: I hated it.\nSentiment: negative\n\nReview: {}\nSentiment:"
)


def run_page(**address: Any) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=180)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model(MODEL, "CausalLM")


def prompt_of(app: AppTest) -> str:
    return str(app.code[0].value)


@pytest.mark.usefixtures("taken_away")
@pytest.mark.parametrize("number", range(len(examples_of(PAGE))))
def test_every_example_runs(number: int) -> None:
    values = {
        name: int(value) if isinstance(value, bool) else value
        for name, value in examples_of(PAGE)[number].values.items()
    }
    app = run_page(**{"length": 4, **values} if values.get("view") != "decodings" else {**values, "length": 2})
    assert not app.exception
    assert not app.error
    assert [expander.label for expander in app.expander][-1] == "Take it away"


def test_the_answer_stands_behind_the_end_of_the_prompt_letter_by_letter() -> None:
    app = run_page(question="Fine.", after="<b>Verdict</b>:", length=2)
    [answer] = [one.proto.body for one in app.get("html") if 'class="answer"' in one.proto.body]
    assert re.search(r"&lt;b&gt;Verdict&lt;/b&gt;:<strong> \w+</strong>", answer)


def test_the_prompt_follows_the_slider_the_draw_and_the_format() -> None:
    app = run_page(shots=0, question="What a joy.", length=1)
    assert prompt_of(app) == "Review: What a joy.\nSentiment:"
    app.slider(key="shots").set_value(3).run()
    three = prompt_of(app)
    assert three.count("Sentiment: ") == 3
    app.number_input(key="draw").set_value(2).run()
    assert prompt_of(app) != three
    app.text_input(key="instruction").set_value("Is it good or bad?").run()
    app.text_input(key="after").set_value("Verdict:").run()
    assert prompt_of(app).startswith("Is it good or bad?\n\nReview:")
    assert prompt_of(app).endswith("What a joy.\nVerdict:")


def test_examples_in_the_address_are_the_ones_in_the_prompt() -> None:
    app = run_page(examples=json.dumps([["Lovely.", "up"], ["Grim.", "down"]]), question="Fine.", length=1)
    assert (
        prompt_of(app)
        == "Review: Lovely.\nSentiment: up\n\nReview: Grim.\nSentiment: down\n\nReview: Fine.\nSentiment:"
    )


def test_more_examples_keep_those_that_were_edited() -> None:
    app = run_page(examples=json.dumps([["Lovely.", "up"], ["Grim.", "down"]]), question="Fine.", length=1)
    app.slider(key="shots").set_value(3).run()
    prompt = prompt_of(app)
    assert prompt.startswith("Review: Lovely.\nSentiment: up\n\nReview: Grim.\nSentiment: down\n\nReview: ")
    assert prompt.count("Sentiment:") == 4
    app.slider(key="shots").set_value(1).run()
    assert prompt_of(app) == "Review: Lovely.\nSentiment: up\n\nReview: Fine.\nSentiment:"
    app.number_input(key="draw").set_value(2).run()
    assert "Lovely" not in prompt_of(app)


def test_another_task_forgets_the_question() -> None:
    app = run_page(question="What a joy.", length=1)
    app.button_group(key="task").set_value("arithmetic").run()
    assert "What a joy" not in prompt_of(app)
    assert not app.exception


def test_errors_are_sentences() -> None:
    empty = run_page(examples=json.dumps([["Lovely.", ""]]), length=1)
    assert ["empty side" in error.value for error in empty.error] == [True]
    long = run_page(task="free", prompt="word " * 700, length=1)
    long.text_area(key="prompt").set_value("word " * 3000).run()
    assert any("reads 2,048 here" in error.value for error in long.error)


def test_two_examples_of_sentiment_are_understood(model: LoadedModel) -> None:
    for review, label in (
        ("A wonderful evening, great music.", " positive"),
        ("Boring, loud and far too long.", " negative"),
    ):
        scored = score(model, TWO_SHOTS.format(review), (" positive", " negative"))
        assert max(scored, key=lambda one: one.total).candidate == label


def test_the_capital_of_italy(model: LoadedModel) -> None:
    *_, last = generate(model, "The capital of Italy is", GenerationSettings(max_new_tokens=2))
    assert last.text.strip().startswith("Rome")


# --- the shown code ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"do_sample": True, "temperature": 0.8, "top_k": 30, "top_p": 0.9}])
def test_code_of_a_generation(model: LoadedModel, settings: dict[str, Any]) -> None:
    prompt = "Once upon a time"
    *_, last = generate(model, prompt, GenerationSettings(max_new_tokens=8, seed=3, stop=("zebra",), **settings))
    arguments = {"max_new_tokens": 8, "do_sample": False, **settings}
    printed = run_code(
        PAGE,
        "generate",
        {"model_id": MODEL, "prompt": prompt, "settings": arguments, "stop_strings": ["zebra"], "seed": 3},
    )
    assert printed[-1] == f"text: {last.text!r}"
    found = [float(line.rsplit(" ", 1)[1]) for line in printed[:-1]]
    assert found == pytest.approx([step.probability for step in last.steps], abs=2e-4)


def test_code_of_decodings(model: LoadedModel) -> None:
    decodings = {"greedy": {}, "top-k 40": {"do_sample": True, "top_k": 40}}
    values = {
        "model_id": MODEL,
        "prompt": "The sea",
        "settings": {"max_new_tokens": 5, "do_sample": False},
        "stop_strings": ["\n"],
        "seed": 1,
    }
    printed = run_code(PAGE, "decodings", {**values, "decodings": decodings})
    for line, (name, own) in zip(printed, decodings.items(), strict=True):
        settings = GenerationSettings(max_new_tokens=5, stop=("\n",), seed=1, **own)  # type: ignore[arg-type]
        *_, last = generate(model, "The sea", settings)
        mean = np.mean([step.probability for step in last.steps])
        text, _, share = line.rpartition(" ")
        assert text == f"{name}: {last.text!r} {len(last.steps)} tokens, mean probability"
        assert float(share) == pytest.approx(mean, abs=2e-4)


def test_what_gpt3_reached_is_drawn_at_once_with_its_source() -> None:
    app = run_page(view="curve")
    figures = [json.loads(one.proto.spec) for one in app.get("plotly_chart")]
    ends = [[go.Figure(figure).data[n].y[-1] for n in range(3)] for figure in figures]
    assert ends == [[64.3, 68.0, 71.2], [76.2, 72.5, 86.4]]
    [source] = [one.value for one in app.caption if "Brown et al. 2020, table H.1" in one.value]
    assert "cost the smallest model 20.7 points and give the largest 10.2" in source


def test_six_tasks_wait_for_start() -> None:
    app = run_page(view="ask", passage="Rain.")
    assert not app.dataframe
    assert app.session_state["steps of ask"]["done"] == 0
    next(one for one in app.button if one.label == "Start").click().run()
    assert app.session_state["steps of ask"]["done"] == 6
    assert not app.exception


def test_code_of_one_text(model: LoadedModel) -> None:
    prompt = "The museum opened on Monday. This text is about"
    settings = GenerationSettings(max_new_tokens=30, stop=("\n",), repetition_penalty=1.1)
    *_, last = generate(model, prompt, settings)
    [printed] = run_code(PAGE, "ask", {"model_id": MODEL, "prompts": [prompt]})
    assert printed == f"{prompt[-20:]!r} -> {last.text.strip()}"
    assert last.text.strip()


def test_code_of_scores(model: LoadedModel) -> None:
    prompt, empty = TWO_SHOTS.format("Fine food."), TWO_SHOTS.format("N/A")
    candidates = [" positive", " quite negative"]
    printed = run_code(
        PAGE, "score", {"model_id": MODEL, "prompt": prompt, "content_free": empty, "candidates": candidates}
    )
    for line, one in zip(printed, score(model, prompt, tuple(candidates), empty), strict=True):
        numbers = [float(found) for found in re.findall(r"-?\d+\.\d+", line)]
        assert numbers == pytest.approx([one.total, one.mean, one.calibrated], abs=2e-3)


def test_code_of_surprise(model: LoadedModel) -> None:
    text = "The sun sets in the fridge."
    printed = run_code(PAGE, "surprise", {"model_id": MODEL, "text": text})
    found = surprise(model, text)
    assert len(printed) == len(found.tokens) + 1
    for line, token in zip(printed, found.tokens, strict=False):
        assert f"rank {token.rank} " in line
        numbers = [float(number) for number in re.findall(r"\d+\.\d{4}", line)]
        assert numbers == pytest.approx([token.probability, token.loss], abs=2e-4)
    assert float(printed[-1].split()[1]) == pytest.approx(found.loss, abs=2e-4)
    assert float(printed[-1].split()[3]) == pytest.approx(found.perplexity, abs=0.02)


def test_the_bars_of_surprise_and_their_mean(model: LoadedModel) -> None:
    found = surprise(model, "The sun sets in the fridge.")
    app = run_page(view="surprise", text="The sun sets in the fridge.")
    [bars] = [json.loads(one.proto.spec) for one in app.get("plotly_chart")]
    decoded = go.Figure(bars).data[0].y
    assert list(decoded) == pytest.approx([token.loss for token in found.tokens])
    [line] = [one.value for one in app.markdown if "Mean of the bars" in one.value]
    assert f"**{found.loss:.3f}**" in line
    assert f"**{found.perplexity:,.1f}**" in line
    assert np.exp(found.loss) == pytest.approx(found.perplexity)


def test_code_of_the_curve(model: LoadedModel) -> None:
    """Values as the page shows them, on fewer items."""
    app = run_page(view="curve", task="topic", calibrate=1)
    values = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(app.code[-1].value).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in CURVE_VALUES
    }
    values |= {"points": [[0, 0, 0, False], [2, 1, 0, True]], "items": values["items"][:2]}
    printed = run_code(PAGE, "curve", {"model_id": MODEL, "beside_model_id": MODEL, **values})
    half = len(printed) // 2
    assert printed[:half] == printed[half:], "the same model beside itself"
    printed = printed[:half]
    task = read_task(table_of(PAGE, "tasks/topic.toml"))
    for line, (shots, seed, order, flip) in zip(printed, values["points"], strict=True):
        run = few_shot_run(model, task, shots, seed, 2, order=order, flip=flip, calibrate=True)
        assert float(line.rsplit(" ", 1)[1]) == pytest.approx(run.accuracy)


def test_a_link_carries_a_table_without_examples() -> None:
    app = run_page(view="score", shots=2, examples="[]")
    assert any("In brackets: the card's score" in one.value for one in app.caption), "above 0 it is no log-probability"
    assert "Sentiment: positive" not in prompt_of(app)
    assert app.query_params["examples"] == "[]"
    app.slider(key="shots").set_value(3).run()
    assert prompt_of(app).count("Review:") == 4, "whoever asks for examples gets them"


def test_twelve_orders_are_twelve() -> None:
    assert len({tuple(choose_shots([(str(n), "") for n in range(9)], ORDERED, 1, order=one)) for one in ORDERS}) == 12


def test_each_model_has_its_own_best_and_worst_order() -> None:
    def script() -> None:
        import streamlit as st

        from components.few_shot_views import draw_curve
        from models.few_shot import few_shot_points
        from models.results import FewShotRun, ItemResult, PromptFormat, Task

        def run(model: str, order: int, right: int) -> FewShotRun:
            items = tuple(ItemResult("q", "a", ("a",), number < right) for number in range(10))
            return FewShotRun(model, 4, 10, order, False, items)

        runs = [run("small", 0, 3), run("small", 2, 5), run("large", 0, 9), run("large", 2, 9)]
        task = Task(PromptFormat(), ("a", "b"), (), ())
        st.session_state["table"] = draw_curve(runs, few_shot_points(runs), task, st.empty(), "order")

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert [one.value for one in app.metric] == ["20%p", "0%p"]
    table = app.session_state["table"]
    assert list(table.itertuples(index=False, name=None)) == [
        ("small", 0, 0.3), ("small", 2, 0.5), ("large", 0, 0.9), ("large", 2, 0.9),
    ]  # fmt: skip
