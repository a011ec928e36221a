"""The page as Streamlit runs it, without a browser; and the code that it shows."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.content import examples_of
from components.text import plain
from components.tuning_controls import as_code, bundled, examples_as_code
from models.catalogue import ROOT
from models.fine_tuning import fine_tune
from models.heads import choice_input, head_input, input_transformation, masked_input
from models.loading import LoadedModel, load_model
from models.packaged import NAME
from models.results import TuningSettings
from tests.pages.shown_code import run_code

PAGE = "fine_tuning_heads"
TEXT, PAIR = "Where is the bridge of Zundert?", "The bridge in Zundert is closed."


def run_page(**address: Any) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


def train(app: AppTest) -> AppTest:
    """Press the button, and come back when the training is over."""
    next(button for button in app.button if button.label.startswith("Train on")).click().run()
    if "job training" not in app.session_state:
        return app  # it was refused
    app.session_state["job training"][1].wait(120)
    return app.run()


@pytest.fixture(scope="module")
def bert() -> LoadedModel:
    return load_model("mini-bert", "Model")


@pytest.mark.usefixtures("taken_away")
@pytest.mark.parametrize("number", range(len(examples_of(PAGE))))
def test_every_example_runs(number: int) -> None:
    app = run_page(**examples_of(PAGE)[number].values)
    assert not app.exception
    assert not app.error
    assert app.session_state["example"] == number
    assert [expander.label for expander in app.expander][-1] == "Take it away"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"text": " "}, "A text is empty"),
        ({"text": "word " * 200}, "up to 128"),
        ({"shape": "choice", "choices": "Only one."}, "write 2 to 5"),
        ({"shape": "masked", "text": "word " * 200}, "up to 128"),
        ({"view": "gpt1", "b": " "}, "A text is empty"),
        ({"view": "gpt1", "gpt1": "choice", "c": "word " * 200}, "up to 128"),
        ({"model": "bert-base-uncased"}, "hub"),
    ],
)
def test_errors_are_sentences(address: dict[str, Any], sentence: str) -> None:
    app = run_page(**address)
    assert not app.exception
    assert sentence in " ".join(one.value for one in app.error).replace("\\", "")


def test_a_training_shows_its_figures_and_answers_for_a_new_sentence() -> None:
    app = train(run_page(view="train", epochs=1, task="tagging"))
    assert not app.exception
    assert not app.error
    figures = {one.label: one.value for one in app.metric}
    record = app.session_state["job training"][1].result.record
    assert figures["Accuracy, held out"] == f"{record.accuracy.value:.0%}"
    assert figures["Trained parameters"] == f"{record.trained_parameters:,}"
    app.text_input(key="try").set_value(" " * 3).run()
    assert not app.exception


def test_a_causal_model_is_trained_in_gpt1s_way() -> None:
    """Nothing of a BERT's settings is offered; back among BERT's heads the list has no causal model."""
    app = run_page(view="train", task="tagging", model=NAME, scope="all", epochs=1)
    assert not app.exception
    assert any("GPT-1's way, head only" in one.value for one in app.markdown)
    assert {"head_rate", "epochs", "seed"} <= set(keys_of(app))
    assert not {"scope", "start", "reads", "encoder_rate"} & set(keys_of(app))
    assert app.session_state["task"] == "single"
    app.session_state["view"] = "shapes"
    app.run()
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="model").value == "mini-bert"


def keys_of(app: AppTest) -> list[str]:
    """The controls that are drawn."""
    return [one.key for one in (*app.button_group, *app.select_slider, *app.slider, *app.number_input) if one.key]


def test_another_setting_wants_another_training() -> None:
    app = train(run_page(view="train", scope="head", epochs=1))
    assert app.metric
    app.session_state["reads"] = "mean"
    app.run()
    assert not app.metric
    assert any(button.label == "Train on 64 examples" for button in app.button)


def test_a_table_that_cannot_be_learned_from_says_why() -> None:
    from components.tuning_controls import _packed

    rows = tuple(replace(one, label="same") for one in bundled("single")[:9])
    app = train(run_page(view="train", rows=_packed(rows)))
    assert not app.exception
    assert "1 different labels" in app.error[0].value


@pytest.mark.parametrize("rows", ["AAAA", "x" * 100, "eNq=", "%00"])
def test_a_damaged_table_in_the_address_is_the_bundled_one(rows: str) -> None:
    app = run_page(view="train", rows=rows)
    assert not app.exception
    assert any(button.label == "Train on 64 examples" for button in app.button)


# --- the shown code ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["single", "pair", "answer", "tagging"])
def test_code_of_the_shapes(bert: LoadedModel, shape: Any) -> None:
    pair = PAIR if shape in ("pair", "answer") else ""
    outputs = ("O", "person", "place") if shape == "tagging" else ("start", "end")
    found = head_input(bert, shape, TEXT, pair, outputs)
    values = {"model_id": "mini-bert", "text": TEXT, "pair": pair or None, "outputs": len(outputs)}
    lines = run_code(PAGE, "shapes", {**values, "every_token": shape in ("answer", "tagging")})
    shapes = dict(found.tensors)
    assert lines[0] == f"input_ids {shapes['input_ids']}"
    assert lines[1] == f"last_hidden_state {shapes['last_hidden_state']}"
    logits = ast.literal_eval(lines[3].split(") ", 1)[1])
    assert logits == pytest.approx(found.logits.flatten().tolist(), abs=1e-5)


def test_code_of_the_choices(bert: LoadedModel) -> None:
    choices = (PAIR, "It is a river.", "Zundert is far away from here.")
    found = choice_input(bert, TEXT, choices)
    lines = run_code(PAGE, "choice", {"model_id": "mini-bert", "text": TEXT, "choices": list(choices)})
    assert ast.literal_eval(lines[0].split(") ", 1)[1]) == pytest.approx(found.logits.tolist(), abs=1e-5)
    assert ast.literal_eval(lines[1].split(" ", 1)[1]) == pytest.approx(found.probabilities.tolist(), abs=1e-5)


def test_code_of_the_masked_head() -> None:
    found = masked_input(load_model("mini-bert", "MaskedLM"), "The [MASK] of Zundert is closed.")
    lines = run_code(PAGE, "masked", {"model_id": "mini-bert", "text": "The [MASK] of Zundert is closed."})
    assert lines[0] == f"logits {dict(found.tensors)['logits']}"
    for line, token, best, shares in zip(lines[1:], found.tokens, found.best, found.probabilities, strict=True):
        said = ast.literal_eval(line.removeprefix(token).strip())
        assert [name for name, _ in said] == list(best)
        assert [share for _, share in said] == pytest.approx(shares.tolist(), abs=1e-5)


@pytest.mark.parametrize("task", ["classification", "entailment", "similarity", "choice"])
def test_code_of_the_transformations(task: Any) -> None:
    texts = (TEXT, PAIR, "It is a river.")[: {"classification": 1, "choice": 3}.get(task, 2)]
    found = input_transformation(load_model(NAME, "CausalLM"), task, texts)
    (line,) = run_code(PAGE, "gpt1", {"model_id": NAME, "task": task, "texts": list(texts)})
    assert ast.literal_eval(line.split(") ", 1)[1]) == pytest.approx(found.scores.tolist(), abs=2e-2)


@pytest.mark.parametrize(
    ("task", "own"),
    [
        ("single", {}),
        ("single", {"scope": "head", "reads": "mean"}),
        ("single", {"start": "random", "seed": 3}),
        ("pair", {}),
        ("tagging", {}),
        ("tagging", {"scope": "head"}),
    ],
)
def test_code_of_a_training(bert: LoadedModel, task: Any, own: dict[str, Any]) -> None:
    settings = TuningSettings(**{"task": task, "epochs": 1, **own})
    record = fine_tune(bert, bundled(task)[:24], settings).record
    values = {"model_id": "mini-bert", **as_code(settings), **examples_as_code(record)}
    lines = run_code(PAGE, "tagging" if task == "tagging" else "train", values)
    losses = [float(line.split()[-1]) for line in lines[:-1]]
    assert losses == pytest.approx([step.loss for step in record.steps[1:]], abs=2e-3)
    assert lines[-1] == f"held out {record.accuracy.hits} of {record.accuracy.trials}"


def test_code_of_gpt1s_way() -> None:
    reader = load_model(NAME, "CausalLM")
    settings = TuningSettings(scope="head", reads="extract", head_rate=0.003, epochs=3, batch_size=4)
    record = fine_tune(reader, bundled("single")[:16], settings).record
    values = {"model_id": NAME, **as_code(settings), **examples_as_code(record)}
    lines = run_code(PAGE, "train_gpt1", values)
    assert [float(line.split()[-1]) for line in lines[:-1]] == pytest.approx(
        [step.loss for step in record.steps[1:]], abs=2e-3
    )
    assert lines[-1] == f"held out {record.accuracy.hits} of {record.accuracy.trials}"


# --- what the examples say ---------------------------------------------------------------------------------------


def accuracy_of(loaded: LoadedModel, name: str, **way: Any) -> float:
    """Held-out accuracy of an example, as its page trains it."""
    values = next(one.values for one in examples_of(PAGE) if one.name["en"] == name)
    kinds = {"encoder_rate": float, "head_rate": float}
    own = {key: kinds.get(key, lambda same: same)(value) for key, value in values.items()}
    settings = TuningSettings(**{key: value for key, value in (own | way).items() if key not in ("view", "model")})
    return fine_tune(loaded, bundled(settings.task), settings).record.accuracy.value


def test_examples_keep_what_they_promise(bert: LoadedModel) -> None:
    trained = accuracy_of(bert, "Train: positive or negative?")
    assert trained >= 0.7
    frozen = accuracy_of(bert, "Head only")
    assert frozen < trained
    way = {"scope": "head", "reads": "extract"}
    assert accuracy_of(load_model(NAME, "CausalLM"), "GPT-1's way, head only", **way) >= 0.8 > frozen
    assert accuracy_of(bert, "Without pre-training") <= 0.6
    assert accuracy_of(bert, "Too high a rate") <= 0.6
    assert accuracy_of(bert, "Persons and places") > 0.95
    assert accuracy_of(bert, "What 48 pairs cannot teach") < 0.8


@pytest.mark.parametrize("spoken", ["en", "ko"])
def test_a_label_may_be_called_like_a_column(spoken: str) -> None:
    def script() -> None:
        import numpy as np

        from components.trained_views import draw_classified
        from models.results import Classified

        draw_classified(Classified(("a picture",), ("text", "글"), np.array([[0.25, 0.75]])))

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["lang"] = spoken
    assert not app.run().exception


# --- what a class sees --------------------------------------------------------------------------------------------


def test_a_class_reads_what_will_be_trained_and_compares_it_with_the_run_before() -> None:
    """The settings are folded away in a lecture; the numbers of a run stay when the example changes, its model does not."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    app.session_state["lecture"] = True
    app.query_params.update({"view": "train", "scope": "head", "epochs": "1"})
    app.run()
    [plan] = [one.value for one in app.markdown if "Positive or negative" in one.value]
    assert (
        "trained: head only · encoder starts: pre-trained · head reads: pooled [CLS] · learning rate: 0.001 ·" in plan
    )
    [first] = app.table
    assert first.value.iloc[0].tolist() == [plain(bundled("single")[0].text), bundled("single")[0].label]
    app = train(app)
    accuracy = app.session_state["job training"][1].result.record.accuracy
    assert not app.table, "its figures are on the page"
    app.session_state["reads"] = "mean"
    app.run()
    once = f"{accuracy.value:.0%} ({accuracy.hits} / {accuracy.trials})"
    assert app.table[0].value["accuracy"].tolist() == [once]
    both = train(app).run().table[0].value  # the same run is one row, however often the page is drawn
    assert ["pooled" in one for one in both.iloc[:, 0]] == [True, False]
    assert both["accuracy"].iloc[0] == once
