"""The page as Streamlit runs it, without a browser; and the code that it shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.content import examples_of, lines_of
from components.objective_views import objective_figure
from models import packaged
from models.catalogue import ROOT
from models.loading import load_model
from models.masked_prediction import fill, fill_one_by_one, left_context, mismatch, sweep_point
from models.masking import corrupt, objectives, statistics
from models.results import MaskingSettings
from tests.pages.shown_code import run_code

PAGE = "masking_simulator"
TEXT = "The river flows through the old city."


def run_page(**address: Any) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = [str(one) for one in value] if isinstance(value, tuple) else str(value)
    return app.run()


@pytest.mark.usefixtures("taken_away")
@pytest.mark.parametrize("number", range(len(examples_of(PAGE))))
def test_every_example_runs(number: int) -> None:
    values = dict(examples_of(PAGE)[number].values)
    if values.get("view") in ("rate", "mismatch"):
        values["on"] = "text"  # the bundled sentences take seconds
    app = run_page(**values)
    assert not app.exception
    assert not app.error
    assert [expander.label for expander in app.expander][-1] == "Take it away"
    assert "tokens selected" in " ".join(caption.value for caption in app.caption)


def test_examples_hide_what_their_notes_say() -> None:
    values = {one.name["en"]: one.values for one in examples_of(PAGE)}
    model = load_model("mini-bert", "MaskedLM")

    def shown(name: str) -> Any:
        one = values[name]
        return corrupt(model.tokenizer, one["text"], MaskingSettings(rate=one["rate"] / 100, seed=one["seed"]))

    own = shown("A blank of your own")
    assert {own.fates[at] for at in own.selected} == {"typed"}
    assert fill(model, own).mean_loss is None
    negated = shown("“Not” is not understood")
    assert {negated.fates[at] for at in negated.selected} == {"typed"}
    first, second = ({token for token, _ in one.candidates[:5]} for one in fill(model, negated).positions)
    assert first & second
    two = fill_one_by_one(model, shown("Two gaps at once"))
    assert (two.at_once.tokens, two.one_by_one.tokens) == (("los", "##ville"), ("los", "angeles"))
    assert two.one_by_one.joint > 10 * two.one_by_one.product > 1000 * two.at_once.joint
    piece = shown("Half a word")
    assert [piece.tokens[at] for at in piece.selected] == ["re"]
    rest = tuple(at for at, token in enumerate(piece.tokens) if token.startswith("##"))
    near, far = (fill(model, corrupt(model.tokenizer, piece.text, piece.settings, hand)) for hand in ((), rest))
    assert near.positions[0].rank <= 3
    assert far.mean_loss > 2 * near.mean_loss


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_a_causal_model_at_hand_reads_the_left_side() -> None:
    app = run_page(sides=1)
    assert app.selectbox(key="reader").value == packaged.NAME
    assert r"SmolLM2\-135M\-Instruct reads the left side" in captions(app)
    assert "broken input" not in captions(app)
    assert app.dataframe[-1].value["loss, left only"][0] < 5
    app.selectbox(key="reader").set_value("same-model").run()
    assert "same-model" in app.query_params["reader"]
    assert "broken input" in captions(app)
    assert app.dataframe[-1].value["loss, left only"][0] > 10


def test_the_right_side_is_worth_something_where_much_is_hidden_too() -> None:
    app = run_page(rate=80, sides=1)
    worth = app.dataframe[-1].value["worth of the right side"]
    assert len(worth) > 5
    assert worth.min() > 0, "each word is hidden alone for both readers"
    assert r"“\.” is left out: nothing stands to its right." in captions(app)


def test_the_left_side_is_read_where_somebody_asks() -> None:
    """It is nearly half of the page's model calls, which a class makes all at once."""
    app = run_page()
    assert "reads the left side" not in captions(app)
    app.toggle(key="sides").set_value(True).run()
    assert "reads the left side" in captions(app)
    assert app.query_params["sides"] == "1"


def test_a_word_alone_has_no_right_side() -> None:
    app = run_page(text="hello", sides=1)
    assert "“hello” is left out" in captions(app)
    assert "Without the right side" not in captions(app)
    assert not app.exception


def test_without_one_the_same_model_is_cut_off_and_nothing_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(packaged, "prepare", lambda *_: pytest.fail("nobody asked for it"))
    app = run_page(sides=1)
    assert app.selectbox(key="reader").value == "same-model"
    assert "broken input" in captions(app)
    assert not app.exception
    assert not app.error


def test_two_gaps_are_filled_at_once_and_one_by_one() -> None:
    app = run_page(text="She lives in [MASK] [MASK], California.", rate=1, seed=1, order="right")
    assert app.dataframe[-1].value["position"].tolist() == [5, 4]
    app.button_group(key="order").set_value("left").run()
    assert "order" not in app.query_params
    table = app.dataframe[-1].value
    assert table["one by one"].tolist() == ["los", "angeles"]
    assert table["one by one: p given those before"][1] > 0.9 > table["one by one: p alone"][1]
    assert "times** as probable as “los" in captions(app)


def test_one_gap_is_not_filled_twice() -> None:
    app = run_page(text="The book was [MASK] in 1984.", rate=1, seed=1)
    assert "In a chain" not in captions(app)
    assert "order" not in app.session_state


def test_more_gaps_than_are_filled_are_named() -> None:
    app = run_page(text="[MASK] " * 11 + "now.", rate=1, seed=2)
    app.button(key="ask fillings").click().run()
    assert "Only the first 8 gaps are filled here; 3 more stay [MASK]." in captions(app)
    assert not app.exception


def test_objectives_of_a_text_that_is_all_masks() -> None:
    app = run_page(text="[MASK] [MASK]", view="objectives")
    assert any("nothing is left to predict" in one.value for one in app.info)
    assert not app.exception


def test_of_a_random_order_each_row_says_its_turn_and_sees_one_token_more(model: Any) -> None:
    corruption = corrupt(model.tokenizer, TEXT, MaskingSettings(seed=3))
    _, causal, permutation, _ = objectives(corruption)
    labels = [str(number) for number in range(len(permutation.predicted))]
    heatmap, stars = objective_figure(permutation, labels).data
    for turn, row in enumerate(objective_figure(permutation, labels).layout.yaxis.ticktext, start=1):
        number = int(row.removesuffix(f" · turn {turn}"))
        assert heatmap.z[turn - 1].sum() == permutation.sees[number].sum() == turn - 1
        assert (number in stars.x) == permutation.predicted[number]
    assert objective_figure(causal, labels).data[1].x == tuple(range(len(labels) - 1))


def test_the_rate_moves_the_number_of_selected_tokens() -> None:
    app = run_page()
    before = _selected(app)
    app.slider(key="rate").set_value(80).run()
    assert _selected(app) > before


def _selected(app: AppTest) -> int:
    [line] = [caption.value for caption in app.caption if "tokens selected" in caption.value]
    return int(re.findall(r"\d+", line)[0])


def test_draw_again_takes_the_next_seed_and_forgets_the_hand() -> None:
    app = run_page(hand="1,2,3,4,5,6,7,8,9")
    assert _selected(app) >= 6
    [again] = [button for button in app.button if button.label == "Draw again"]
    again.click().run()
    assert app.number_input(key="seed").value == 343
    assert app.session_state["hand"] == ""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[SEP] [PAD]", "only special tokens"), ("a " * 600, "602 tokens"), ("  ", "There is no text")],
)
def test_a_text_that_cannot_be_masked_is_a_sentence(text: str, sentence: str) -> None:
    app = run_page()
    app.text_area(key="text").set_value(text).run()
    assert sentence in app.error[0].value
    assert not app.exception
    assert "tokens selected" in " ".join(caption.value for caption in app.caption), "the previous draw stays"


def test_a_model_out_of_reach_leaves_the_tokens_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    app = run_page(model="bert-base-uncased")
    assert "hub" in app.error[0].value
    assert _selected(app) > 0


def test_nothing_hidden_is_said() -> None:
    app = run_page(text="Hi", hand="1", seed=1)
    assert any("Nothing is hidden" in info.value for info in app.info)


def test_the_language_switches_every_label() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=60)
    app.session_state["lang"] = "ko"
    app.run()
    assert app.title[0].value == "마스킹 실험실"
    assert app.slider(key="rate").label == "가리는 비율"
    assert app.expander[-1].label == "내려받기"


def test_a_stopped_sweep_keeps_what_it_has_and_goes_on() -> None:
    app = run_page(view="rate", on="text")
    app.session_state["steps of rate"] = {**app.session_state["steps of rate"], "stopped": True, "done": 3}
    app.run()
    assert any("3 of 10" in caption.value for caption in app.caption)
    assert len(app.dataframe[0].value) == 3
    [go_on] = [button for button in app.button if button.label == "Go on"]
    go_on.click().run()
    assert len(app.dataframe[0].value) == 10


def test_bundled_sentences_are_many_and_different() -> None:
    for language in ("en", "ko"):
        sentences = lines_of(PAGE, f"sentences.{language}.txt")
        assert len(set(sentences)) == len(sentences) >= 24
        assert all(sentence.endswith(".") for sentence in sentences)


def test_what_bundled_sentences_do_not_need_is_folded_away_and_keeps_what_it_holds() -> None:
    app = run_page(view="rate", text="A text of my own.", rate=30)
    assert app.expander[0].label == "Text and rate: not used here"
    assert "tokens selected" not in captions(app)
    assert [button for button in app.button if button.label == "Draw again"]
    app.button_group(key="on").set_value("text").run()
    assert "tokens selected" in captions(app)
    assert (app.text_area(key="text").value, app.slider(key="rate").value) == ("A text of my own.", 30)


@pytest.mark.parametrize("text", ["hi", "Go [MASK]."])
@pytest.mark.parametrize("view", ["rate", "mismatch"])
def test_a_short_text_of_ones_own_can_be_measured(text: str, view: str) -> None:
    app = run_page(text=text, view=view, on="text", seed=1)
    assert not app.error
    assert not app.exception
    assert "nan" not in "".join(caption.value for caption in app.caption)


@pytest.mark.usefixtures("few_lines")
def test_a_text_without_a_word_to_hide_is_not_measured() -> None:
    app = run_page(text="[MASK]", view="rate", on="text")
    assert not app.exception
    assert app.session_state["on"] == "bundled"


# --- the code that is shown gives the numbers of the page --------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Any:
    return load_model("mini-bert", "MaskedLM")


@pytest.mark.parametrize("reader", [None, packaged.NAME])
@pytest.mark.parametrize("order", ["left", "certain"])
def test_code_of_predict(model: Any, reader: str | None, order: Any) -> None:
    text = f"{TEXT} It is very [MASK]."
    corruption = corrupt(model.tokenizer, text, MaskingSettings(rate=0.5, seed=1))
    found = fill(model, corruption)
    values = {
        "text": text,
        "corrupted_ids": list(corruption.corrupted_ids),
        "labels": list(corruption.labels),
        "masks": list(corruption.masked),
        "order": order,
        **({"reader_model_id": reader} if reader else {}),
    }
    lines = iter(run_code(PAGE, "predict", {"model_id": "mini-bert", **values}))
    for one in found.positions:
        printed = ast.literal_eval(next(lines).split(" ", 1)[1])
        assert [p for _, p in printed] == pytest.approx([p for _, p in one.candidates], abs=1e-4)
        if one.original is not None:
            ranked = next(lines)
            assert f"rank {one.rank} loss" in ranked
            assert float(ranked.split()[-1]) == pytest.approx(one.loss, abs=1e-4)
    assert float(next(lines).split()[-1]) == pytest.approx(found.mean_loss, abs=1e-4)
    both = fill_one_by_one(model, corruption, order)
    for name, filling in (("at once", both.at_once), ("one by one", both.one_by_one)):
        in_text_order = [token for _, token in sorted(zip(both.positions, filling.tokens, strict=True))]
        assert next(lines) == f"{name} {in_text_order}"
        independent, chain = (float(number) for number in re.findall(r"[\d.e-]+$|[\d.e-]+(?= in)", next(lines)))
        assert (independent, chain) == pytest.approx((filling.product, filling.joint), rel=1e-3)
    rows = left_context(model, corruption, load_model(reader, "CausalLM") if reader else None).words
    assert len(rows) >= 2
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(f"{row.word} loss")
        assert float(line.split()[-4]) == pytest.approx(row.loss_both, abs=1e-3)
        assert float(line.split()[-1]) == pytest.approx(row.loss_left, abs=1e-3)


TYPED = "Paris is the [MASK] of France, a country in Europe."


@pytest.mark.parametrize("text", [TEXT, TYPED])
@pytest.mark.parametrize("unit", ["token", "word", "span"])
def test_code_of_statistics(model: Any, unit: Any, text: str) -> None:
    settings = MaskingSettings(rate=0.3, mask_share=0.6, random_share=0.3, unit=unit, seed=4)
    found = statistics(corrupt(model.tokenizer, text, settings), 30522, 500)
    shares = {"rate": 0.3, "mask_share": 0.6, "random_share": 0.3, "unit": unit, "seed": 4, "draws": 500}
    lines = run_code(PAGE, "statistics", {"model_id": "mini-bert", "text": text, **shares})
    assert float(lines[0].split()[-1]) == pytest.approx(found.selected / (500 * found.maskable))
    assert lines[1] == f"[MASK] {found.counts['mask']} random {found.counts['random']}"
    printed = ast.literal_eval(lines[2].removeprefix("tokens per draw "))
    assert printed == found.per_draw[: len(printed)].tolist()
    theirs = ast.literal_eval(lines[3].removeprefix("Transformers' collator "))
    assert np.mean(theirs[1:-1]) == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("unit", ["token", "span"])
def test_code_of_rate(model: Any, unit: Any) -> None:
    texts = (TEXT, TYPED)
    values = {"unit": unit, "mask_share": 0.8, "random_share": 0.1, "seed": 2, "repeats": 4}
    lines = run_code(PAGE, "rate", {"model_id": "mini-bert", "texts": texts, **values})
    for line in lines:
        rate = float(line.split()[0])
        point = sweep_point(model, texts, MaskingSettings(rate=rate, unit=unit, seed=2), 4)
        assert f"predicted {point.predicted} right {point.right} ({point.low:.3f} to {point.high:.3f}) " in line
        assert float(line.split()[-1]) == pytest.approx(point.loss, abs=1e-3)
    assert len(lines) == 10


@pytest.mark.parametrize("unit", ["word", "span"])
def test_code_of_mismatch(model: Any, unit: Any) -> None:
    values = {"texts": (TEXT, TYPED), "unit": unit, "rate": 0.4, "seed": 2, "repeats": 6}
    lines = run_code(PAGE, "mismatch", {"model_id": "mini-bert", **values})
    rows = [
        row
        for mask, random in ((1.0, 0.0), (0.8, 0.1), (0.0, 0.0))
        for row in mismatch(model, (TEXT, TYPED), MaskingSettings(0.4, mask, random, unit, 2), 6)
    ]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert f" {row.positions} p(original)" in line
        original, seen, right = (float(number) for number in line.split()[-3:])
        assert original == pytest.approx(row.original_probability, abs=1e-4)
        assert seen == pytest.approx(row.seen_probability, abs=1e-4)
        assert right == pytest.approx(row.share_right)


@pytest.mark.parametrize("text", [TEXT, TYPED, f"{TEXT} {TEXT} {TEXT}"])
def test_code_of_objectives(model: Any, text: str) -> None:
    found = objectives(corrupt(model.tokenizer, text, MaskingSettings(seed=3)))
    selected = [int(place) for place in found[0].predicted.nonzero()[0]]
    lines = run_code(PAGE, "objectives", {"model_id": "mini-bert", "text": text, "selected": selected, "seed": 3})
    printed = "\n".join(lines)
    for one in found:
        assert f"{one.name} losses {one.predicted.sum()} of {len(one.predicted)}" in printed
        assert "\n".join(" ".join(map(str, row)) for row in one.sees.astype(int)) in printed


def test_one_click_takes_the_full_size_model() -> None:
    app = run_page()
    assert any("23 M parameters, trained by this project" in caption.value for caption in app.caption)
    [button] = [button for button in app.button if button.label == "Use bert-base-uncased"]
    button.click().run()
    assert app.selectbox(key="model").value == "bert-base-uncased"


def test_pseudo_perplexity_says_that_it_is_of_the_whole_text() -> None:
    app = run_page()
    assert "Pseudo-perplexity of the whole text (one token hidden at a time, whatever the rate): **1" in captions(app)
    assert len(app.metric) == 2


def test_in_lecture_mode_another_draw_is_one_click_away() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    app.session_state["lecture"] = True
    app.query_params["view"] = "objectives"
    app.run()
    folded = {button.label for button in app.expander[0].button}
    assert "Draw again" in {button.label for button in app.button} - folded


def test_in_lecture_mode_the_model_whose_list_is_folded_is_named() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    app.session_state["lecture"] = True
    app.run()
    assert any(r"**mini\-bert**" in one.value for one in app.caption)
