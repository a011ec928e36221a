"""The page as Streamlit runs it, without a browser; and the code that it shows."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components import detection_controls as controls
from components.content import examples_of, lines_of
from models import replaced_tokens as electra
from models.catalogue import ROOT
from models.loading import LoadedModel, load_model
from models.packaged import NAME
from tests.pages.shown_code import run_code, run_text

PAGE = "electra_detector"
TEXT = "The doctor gave the patient some banana for the pain."


def run_page(**address: Any) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("mini-electra", "PreTraining")


@pytest.fixture(scope="module")
def generator() -> LoadedModel:
    return load_model("mini-bert", "MaskedLM")


def text_of(app: AppTest) -> str:
    return " ".join(one.value for one in [*app.markdown, *app.caption])


@pytest.mark.usefixtures("taken_away")
@pytest.mark.parametrize("number", range(len(examples_of(PAGE))))
def test_every_example_runs(number: int) -> None:
    app = run_page(**examples_of(PAGE)[number].values)
    assert not app.exception
    assert not app.error
    assert [expander.label for expander in app.expander][-1] == "Take it away"


def test_another_word_changes_the_verdict_and_a_suggestion_is_one_click() -> None:
    app = run_page()
    assert app.text_input(key="word").value == "guitar"
    assert "mini-bert's own guesses for this place" in text_of(app)
    suggestion = next(button for button in app.button if re.search(r" \d+%$", button.label))
    suggestion.click().run()
    assert app.text_input(key="word").value == suggestion.label.rsplit(" ", 1)[0]
    assert not app.exception


def test_another_text_forgets_the_edit() -> None:
    app = run_page()
    app.text_area(key="text").set_value("A short text.").run()
    assert "word" not in [one.key for one in app.text_input]
    assert not app.exception


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"text": " "}, "no text"),
        ({"text": "word " * 600}, "tokens"),
        (
            {"word": "one two three four five six seven eight nine ten eleven twelve " * 2, "at": 3, "text": TEXT},
            "one word",
        ),
        ({"model": "google/electra-small-discriminator"}, "hub"),
    ],
)
def test_errors_are_sentences(address: dict[str, Any], sentence: str) -> None:
    app = run_page(**address)
    assert not app.exception
    assert sentence in " ".join(one.value for one in app.error)


# --- what the notes of the examples say --------------------------------------------------------------------------


def example(name: str) -> dict[str, Any]:
    """The values of an example, by its English name."""
    return next(one.values for one in examples_of(PAGE) if one.name["en"] == name)


def judged(model: LoadedModel, name: str) -> dict[str, float]:
    """How probably each token of an edited example was replaced."""
    values = example(name)
    ids = electra.with_word(model, electra.ids_of(model, values["text"]), int(values["at"]), values["word"])
    found = electra.detect(model, ids)
    return dict(zip(found.tokens, found.probabilities.tolist(), strict=True))


def highlighted(found: dict[str, float]) -> list[str]:
    return [token for token, probability in found.items() if probability >= 0.5]


def test_the_wrong_words_are_highlighted_or_missed_as_the_notes_say(model: LoadedModel) -> None:
    assert example("A guitar for the pain") == {"at": "7", "word": "guitar"}
    edited = electra.with_word(model, electra.ids_of(model, controls.DEFAULTS["text"]), 7, "guitar")
    found = electra.detect(model, edited)
    assert found.tokens[7] == "guitar"
    assert np.flatnonzero(found.probabilities >= 0.5).tolist() == [7]
    assert highlighted(judged(model, "A soft democracy")) == ["democracy"]
    assert highlighted(judged(model, "Who is to blame?")) == ["they"]
    for name, missed in (
        ("The chef ate", "ate"),
        ("A false fact", "germany"),
        ("Does a longer-trained one see it?", "ate"),
    ):
        assert judged(model, name)[missed] < 0.2


def test_the_round_of_the_example_is_one_that_can_be_played(model: LoadedModel, generator: LoadedModel) -> None:
    game = electra.make_game(generator, lines_of(PAGE, "sentences.en.txt"), example("Play a round")["seed"])
    found = electra.called(electra.detect(model, game.corrupted_ids), controls.DEFAULTS["threshold"])
    score = electra.score_verdicts(found, game)
    assert (score.right, score.called, score.replaced) == (3, 3, 4)


def test_the_steps_of_the_examples_show_what_to_look_for(model: LoadedModel, generator: LoadedModel) -> None:
    def steps(name: str) -> tuple[int, list[float]]:
        """How many samples were lucky, and how probably replaced the discriminator finds the others."""
        values = example(name)
        warmth = values.get("temperature", 1.0)
        pair = electra.replace_tokens(
            generator, values["text"], rate=values["rate"] / 100, temperature=warmth, seed=values["seed"]
        )
        found = electra.detect(model, pair.corrupted_ids).probabilities
        others = [float(found[one.position]) for one in pair.replacements if one.replaced]
        return len(pair.replacements) - len(others), others

    lucky, others = steps("Step by step")
    assert lucky == 2
    assert len(others) == 2
    assert 0.5 <= min(others) < 0.6 < max(others)
    lucky, others = steps("A hot generator")
    assert lucky == 0
    assert len(others) == 2
    assert min(others) > 0.8


def test_the_smaller_generator_is_easier_to_catch_as_the_note_says() -> None:
    def measured(name: str) -> tuple[AppTest, dict[str, str]]:
        app = press(run_page(**example(name)), "Start")
        return app, {one.label: one.value for one in app.metric}

    first = run_page(**example("How good is it?"))
    assert "on 20 of 100 sentences" in text_of(first)
    assert "ROC AUC" in [one.label for one in first.metric], "something is there before anybody asks"
    _, usual = measured("How good is it?")
    app, smaller = measured("A smaller generator")
    assert "of 100 sentences" not in text_of(app)
    assert (usual["lucky samples"], smaller["lucky samples"]) == ("36%", "27%")
    assert float(usual["ROC AUC"]) == pytest.approx(0.850, abs=0.003)
    assert float(smaller["ROC AUC"]) == pytest.approx(0.889, abs=0.003)
    [code] = [one.value for one in app.code if "import" in one.value]
    assert [line for line in run_text(code) if smaller["ROC AUC"] == f"{float(line.split()[-1]):.3f}"]
    assert "was trained against mini-bert" in text_of(app)


def test_a_generator_is_picked_only_where_there_is_a_choice_and_samples_are_drawn() -> None:
    app = run_page(view="steps", text=TEXT, rate=40)
    before = [one.value for one in app.metric]
    app.segmented_control(key="generator").set_value("mini-student").run()
    assert app.query_params["generator"] == "mini-student"
    assert [one.value for one in app.metric] != before
    assert "models/checkpoints/mini-student" in next(one.value for one in app.code if "import" in one.value)
    app.segmented_control(key="view").set_value("efficiency").run()
    assert "generator" not in [one.key for one in app.segmented_control]
    assert not app.exception


def test_the_two_surprises_are_the_ones_of_the_note(model: LoadedModel) -> None:
    app = run_page(**example("Two kinds of surprise"))
    assert "original for the discriminator: **zebra**" in text_of(app)
    assert "replaced for the discriminator: **is**" in text_of(app)


def test_no_disagreement_is_told_where_there_is_none() -> None:
    assert "do not contradict each other" in text_of(run_page(view="ranks", text="The"))
    half = text_of(run_page(view="ranks", text="hello"))
    assert "They disagree. Rare for the causal model, original for the discriminator: **hello**." in half
    assert "Expected by" not in half


# --- the game ----------------------------------------------------------------------------------------------------


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_marks_outside_of_the_words_do_not_count() -> None:
    app = run_page(view="game", seed=3, marks="0,2,500")
    assert app.session_state["marks"] == "2"
    press(app, "Show the answer")
    assert not app.exception
    [(marks, human, _)] = app.session_state["tally of rounds"]["mini-electra"].values()
    assert marks == {2}
    assert human.called == 1


def test_another_round_forgets_the_marks() -> None:
    app = run_page(view="game", seed=4, marks="1,2")
    assert app.session_state["marks"] == "1,2"
    app.number_input(key="seed").set_value(3).run()
    assert app.session_state["marks"] == ""
    assert "marks" not in app.query_params
    press(app, "Show the answer")
    assert not app.exception


def test_the_first_answer_is_kept_with_its_threshold() -> None:
    app = run_page(view="game", seed=65, marks="11")
    press(app, "Show the answer")
    assert "from 25%" in text_of(app)
    app.slider(key="threshold").set_value(0.99).run()
    assert "from 99%" in text_of(app)
    press(app, "Next round")
    app.number_input(key="seed").set_value(65).run()
    [(marks, human, machine)] = app.session_state["tally of rounds"]["mini-electra"].values()
    assert (marks, human.called, machine.called) == ({11}, 1, 3)


# --- the edit and the address ------------------------------------------------------------------------------------


def test_the_edit_waits_while_another_view_is_shown() -> None:
    app = run_page(text=TEXT, at=2, word="cloud")
    app.segmented_control(key="view").set_value("steps").run()
    assert not {"at", "word"} & set(app.query_params)
    app.run()
    app.segmented_control(key="view").set_value("detect").run()
    assert app.text_input(key="word").value == "cloud"
    assert "at" in app.query_params
    assert app.session_state["at"] == "2"


def test_another_text_takes_the_edit_out_of_the_address() -> None:
    app = run_page(text=TEXT, at=2, word="cloud")
    app.text_area(key="text").set_value("A short text.").run()
    assert not {"at", "word"} & set(app.query_params)


def test_the_default_text_without_its_edit_is_shared_so() -> None:
    app = run_page()
    default = app.text_area(key="text").value
    app.text_area(key="text").set_value("A short text.").run()
    app.text_area(key="text").set_value(default).run()
    assert app.query_params["at"] == "none"
    shared = run_page(at="none")
    assert "word" not in {field.key for field in shared.text_input}
    assert not shared.warning


@pytest.mark.parametrize("at", [0, 99])
def test_an_impossible_position_is_told(at: int) -> None:
    app = run_page(text=TEXT, at=at, word="cloud")
    assert f"no word at position {at}" in app.warning[0].value
    assert not app.exception


def test_an_edit_that_makes_the_text_too_long_is_a_sentence() -> None:
    app = run_page(text="the " * 509 + "end", at=5, word="unbelievable tokenization")
    assert not app.exception
    assert "512 positions" in app.error[0].value


def test_an_emptied_text_leaves_the_picture() -> None:
    app = run_page(view="steps", text=TEXT)
    before = [one.value for one in app.metric]
    app.text_area(key="text").set_value("").run()
    assert "no text" in app.error[0].value
    assert not app.exception
    assert "Below: the previous result." in text_of(app)
    assert [one.value for one in app.metric] == before


def test_the_comparison_shows_the_edited_text_and_says_where_the_second_comes_from() -> None:
    app = run_page(view="compare")
    assert "guitar" in text_of(app)
    assert not app.error
    assert "comes from the hub" in app.info[0].value


def test_a_round_without_marks_has_no_precision_and_is_in_no_sum() -> None:
    app = run_page(view="game", seed=3)
    press(app, "Show the answer")
    [cards] = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.component_name == "cards"]
    assert [bar["value"] for bar in cards["cards"][0]["bars"]] == ["–", "0%", "–"]
    assert "mark some words first" in text_of(app)
    assert not app.session_state["tally of rounds"]["mini-electra"]


def test_a_round_of_the_game() -> None:
    app = run_page(view="game", seed=3, marks="2")
    assert "tally of rounds" not in app.session_state
    [answer] = [button for button in app.button if button.label == "Show the answer"]
    answer.click().run()
    assert not app.exception
    assert len(app.session_state["tally of rounds"]["mini-electra"]) == 1
    assert not [button for button in app.button if button.label == "Show the answer"]
    [following] = [button for button in app.button if button.label == "Next round"]
    following.click().run()
    assert app.number_input(key="seed").value == 4
    assert [button for button in app.button if button.label == "Show the answer"]


def test_the_tally_counts_each_round_once() -> None:
    app = run_page(view="game", seed=3)
    for _ in range(2):
        app.session_state["marks"] = "2"
        press(app, "Show the answer")
        press(app, "Next round")
    app.number_input(key="seed").set_value(3).run()
    assert "**After 2 rounds**" in text_of(app)


# --- the shown code ----------------------------------------------------------------------------------------------


def test_code_of_a_verdict(model: LoadedModel) -> None:
    ids = electra.ids_of(model, TEXT)
    printed = run_code(PAGE, "detect", {"model_id": "mini-electra", "input_ids": list(ids)})
    found = electra.detect(model, ids)
    for line, token, probability in zip(printed, found.tokens, found.probabilities, strict=True):
        assert line.split()[0] == token
        assert float(line.split()[1]) == pytest.approx(float(probability), abs=2e-4)


@pytest.mark.parametrize("view", ["detect", "steps", "efficiency", "ranks", "compare"])
def test_a_text_that_is_one_typed_mask_opens_every_view(view: str) -> None:
    assert not run_page(text="[MASK]", view=view).exception


@pytest.mark.parametrize("text", [TEXT, "Paris is the [MASK] of France, a country in Europe."])
@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_code_of_the_steps(model: LoadedModel, generator: LoadedModel, temperature: float, text: str) -> None:
    pair = electra.replace_tokens(generator, text, rate=0.4, temperature=temperature, seed=1)
    values = {
        "model_id": "mini-electra",
        "generator_model_id": "mini-bert",
        "temperature": temperature,
        "original_ids": list(pair.input_ids),
        "masked_ids": list(pair.masked_ids),
        "corrupted_ids": list(pair.corrupted_ids),
    }
    *samples, first, second = run_code(PAGE, "steps", values)
    verdict = electra.detect(model, pair.corrupted_ids)
    for line, one in zip(samples, pair.replacements, strict=True):
        assert line.split()[:2] == [str(one.position), one.sampled]
        assert float(line.split()[2]) == pytest.approx(one.sampled_probability, rel=1e-2)
        assert float(line.split()[4]) == pytest.approx(float(verdict.probabilities[one.position]), abs=2e-4)
    losses = [one.loss for one in pair.replacements]
    assert float(first.split()[-1]) == pytest.approx(sum(losses) / len(losses), abs=1e-3)
    loss = electra.discriminator_loss(verdict, pair)
    assert float(second.split()[-1]) == pytest.approx(loss, abs=1e-4)


def test_code_of_the_curves(model: LoadedModel, generator: LoadedModel) -> None:
    texts = (TEXT, "She plays the violin in a small orchestra.", "The train left the station early in the morning.")
    measured = electra.measure(model, generator, texts, rate=0.4)
    values = {name: [list(one) for one in getattr(measured, name)] for name in ("corrupted", "labels", "masked")}
    found = electra.curves([measured])
    values["threshold"] = found.best_threshold
    printed = run_code(PAGE, "measure", {"model_id": "mini-electra", **values})
    numbers = [float(line.split()[-1]) for line in printed]
    lucky = measured.lucky / sum(map(len, measured.masked))
    best = found.best_f1  # also at this threshold
    assert numbers == pytest.approx([found.auc, found.average_precision, best, best, lucky], abs=1e-4)


def test_code_of_the_signals() -> None:
    app = run_page(view="efficiency", text=TEXT)
    shown = [one.value for one in app.markdown if "/" in one.value and "**" in one.value]
    values = {"model_id": "mini-electra", "text": TEXT, "masked": [2, 5]}
    assert run_code(PAGE, "efficiency", values)[1].split()[-2] == "11"
    assert any(one.endswith(" / 11**") for one in shown)
    assert run_code(PAGE, "efficiency", {**values, "text": "Paris is the [MASK]."})[1].split()[-2] == "4"


def test_code_of_the_ranks(model: LoadedModel) -> None:
    printed = run_code(PAGE, "ranks", {"model_id": "mini-electra", "reader_model_id": NAME, "text": TEXT})
    words = electra.against_ranks(model, load_model(NAME, "CausalLM"), TEXT)
    [banana] = [one for one in words if one.word == "banana"]
    assert f"replaced banana {banana.probability:.4f}"[:-1] in " ".join(printed)
    assert f"rank  banana {banana.rank}" in printed


def test_code_of_two_detectors(model: LoadedModel) -> None:
    values = {"model_id": "mini-electra", "beside_model_id": "mini-electra", "text": TEXT}
    printed = run_code(PAGE, "compare", values)
    found = electra.detect(model, electra.ids_of(model, TEXT))
    assert len(printed) == 2 * len(found.tokens)
    assert float(printed[1].split()[-1]) == pytest.approx(float(found.probabilities[1]), abs=2e-4)
