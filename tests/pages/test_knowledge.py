"""The page as Streamlit runs it, without a browser; and the code that it shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.content import examples_of, lines_of
from components.knowledge_controls import DEFAULTS
from models import knowledge
from models.catalogue import ROOT
from models.loading import LoadedModel, load_model
from models.packaged import NAME
from tests.pages.shown_code import run_code, run_text

PAGE = "knowledge"
TEXT = "She cut the bread with a [MASK]."
FACT = "A knife is used for cutting."


def run_page(**address: Any) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("mini-bert", "MaskedLM")


@pytest.mark.usefixtures("taken_away")
@pytest.mark.parametrize("number", range(len(examples_of(PAGE))))
def test_every_example_runs(number: int) -> None:
    app = run_page(**examples_of(PAGE)[number].values)
    assert not app.exception
    assert not app.error
    assert [expander.label for expander in app.expander][-1] == "Take it away"
    assert app.pills(key="example").value == number


@pytest.mark.parametrize("view", ["cloze", "graph", "scores", "compare"])
def test_every_view_in_korean(view: str) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    app.session_state["lang"] = "ko"
    app.query_params["view"] = view
    app.run()
    assert not app.exception
    assert app.title[0].value == "무엇을 알고 있을까?"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"text": " "}, "no text"),
        ({"text": "No blank."}, "exactly one"),
        ({"candidates": "antidisestablishmentarianisms"}, "1 to 4"),
        ({"fact": "word " * 600}, "reads 512"),
        ({"model": "bert-large-uncased"}, "hub"),
        ({"view": "compare", "candidates": "one"}, "two candidates"),
    ],
)
def test_errors_are_sentences(address: dict[str, Any], sentence: str) -> None:
    app = run_page(**address)
    assert not app.exception
    assert sentence in " ".join(one.value for one in app.error).replace("\\", "")


def test_words_outside_the_graph_get_a_sentence() -> None:
    app = run_page(view="graph", text="Qwerty [MASK].", candidates="", fact="")
    assert "small graph" in app.info[0].value
    assert not app.exception


def test_a_korean_model_gets_korean_sentences_and_triples(model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.loading.load_model", lambda *arguments, **settings: model)  # its weights are not here
    app = run_page(model="klue/bert-base", view="graph")
    next(button for button in app.button if button.key == "korean 땅을 무엇으로?").click().run()
    assert not app.exception
    assert app.text_area(key="text").value.startswith("꽃을")
    assert app.text_input(key="fact").value == "삽은 땅 파기에 쓴다."
    assert not [one.value for one in app.info if "small graph" in one.value]


def test_in_lecture_mode_the_fact_is_not_folded_away() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    app.session_state["lecture"] = True
    [fold] = [one for one in app.run().expander if "Text and settings" in one.label]
    assert [field.key for field in fold.text_input] == ["candidates"]
    assert app.text_input(key="fact").value == DEFAULTS["fact"]


def test_a_choice_of_a_model_is_not_marked_as_right() -> None:
    """A tick and green mean right everywhere; of the default's tools the small model chooses the gun."""
    [bars] = [json.loads(one.proto.json)["cards"] for one in run_page(view="compare").get("bidi_component")]
    for card in bars:
        longest = max(card["bars"], key=lambda bar: bar["share"])
        assert [bar["name"] for bar in card["bars"] if "→" in bar["name"]] == [longest["name"]]
        assert not any(bar["marked"] for bar in card["bars"])


# --- the shown code ----------------------------------------------------------------------------------------------


def test_code_of_a_cloze(model: LoadedModel) -> None:
    cloze = knowledge.fill_blank(model, TEXT, FACT, ("knife", "bulldozer"))
    values = {
        "model_id": "mini-bert",
        "text": TEXT,
        "fact": FACT,
        "candidates": [list(one.tokens) for one in cloze.rows],
    }
    printed = run_code(PAGE, "cloze", values)
    expected = [("before", one.word, one.before) for one in cloze.rows]
    expected += [("after", one.word, one.after or 0) for one in cloze.rows]
    for line, (when, word, probability) in zip(printed, expected, strict=True):
        assert line.split()[:2] == [when, word]
        assert float(line.split()[2]) == pytest.approx(probability, rel=2e-3)


def test_the_graph_lists_the_paths_and_its_code_prints_them(model: LoadedModel) -> None:
    app = run_page(**examples_of(PAGE)[6].values)
    shown = app.table[0].value.to_numpy().tolist()
    assert [row[0] for row in shown] == ["spade", "rake", "shovel", "hammer", "gun"]
    assert [row[1] for row in shown[::4]] == ["flower → garden → spade (2)", "no path"]
    *paths, spade, _, _, _, gun = run_text(next(one.value for one in app.code if "networkx" in one.value))
    assert paths[0] == "path spade flower → garden → spade 2"
    assert paths[4] == "path gun none"
    rows = knowledge.fill_blank(model, DEFAULTS["text"], "", ("spade", "gun")).rows
    for line, row in zip((spade, gun), rows, strict=True):
        assert float(line.split()[-1]) == pytest.approx(row.before, rel=2e-3)


def test_a_candidate_that_cannot_be_asked_leaves_the_paths() -> None:
    app = run_page(view="graph", fact="")
    app.text_input(key="candidates").set_value("spade, antidisestablishmentarianisms").run()
    assert "1 to 4" in app.error[0].value
    assert app.table[0].value.to_numpy()[1].tolist() == ["antidisestablishmentarianisms", "not in the graph", "–"]
    assert not app.exception


def test_code_of_the_scores(model: LoadedModel) -> None:
    items = knowledge.read_items(lines_of(PAGE, "items.tsv"))[11:17]
    results = knowledge.score_items(model, items)
    rows = [(one.relation, *knowledge.contexts(one), one.answer) for one in items]
    asked = list(dict.fromkeys((one.relation, condition) for one in items for condition in knowledge.CONDITIONS))
    assert len(asked) == 6
    for line, (relation, condition) in zip(
        run_code(PAGE, "scores", {"model_id": "mini-bert", "items": rows}), asked, strict=True
    ):
        own = [one for one in results if one.item.relation == relation]
        score = knowledge.summarize(own, condition)
        top1, _, top5, _, mrr = line.rsplit(maxsplit=5)[1:]
        numbers = [float(top1), float(top5), float(mrr)]
        assert line.startswith(f"{relation} {len(own)} ")
        assert numbers == pytest.approx([score.top1, score.top5, score.mrr], abs=2e-3)


@pytest.mark.parametrize(("beside", "causal"), [(NAME, True), ("mini-bert", False)])
def test_code_of_two_models(model: LoadedModel, beside: str, causal: bool) -> None:
    words = ("knife", "bulldozer")
    other = load_model(beside, "CausalLM" if causal else "MaskedLM")
    pair = [
        knowledge.compare_candidates(one, TEXT, words, causal=own) for one, own in ((model, False), (other, causal))
    ]
    values = {"model_id": "mini-bert", "beside_model_id": beside, "causal": causal, "text": TEXT}
    printed = run_code(PAGE, "compare", {**values, "candidates": list(words)})
    for line, row in zip(printed, [row for one in pair for row in one.rows], strict=True):
        assert line.split()[0] == row.word
        assert float(line.split()[1]) == pytest.approx(row.log_probability, abs=5e-3)
        assert float(line.split()[2]) == pytest.approx(row.share, rel=1e-2)
