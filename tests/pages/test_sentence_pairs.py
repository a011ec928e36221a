"""The page as Streamlit runs it, without a browser; and the code that it shows."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest
from transformers import AlbertConfig, AlbertForMaskedLM, BertForNextSentencePrediction

from components.content import examples_of, table_of
from models import sentence_pairs as pairs
from models.catalogue import ROOT
from models.loading import LoadedModel, load_model
from models.packaged import NAME
from models.results import SentenceTriple
from tests.hub_server import HubServer
from tests.pages.shown_code import run_code
from tests.tiny_checkpoints import ARCHITECTURES, make_tokenizer

PAGE = "sentence_pairs"
FOLDER = ROOT / "models" / "checkpoints" / "mini-bert"
A, B = "The town was destroyed by an earthquake.", "It was rebuilt on a new plan."


def run_page(**address: Any) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("mini-bert", "NextSentencePrediction")


@pytest.fixture(scope="module")
def head_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("mini-sop") / "head.safetensors"
    torch.manual_seed(0)
    like = BertForNextSentencePrediction.from_pretrained(FOLDER).state_dict()
    names = ("bert.encoder.layer.5.", "bert.pooler.dense.", "cls.seq_relationship.")
    save_file({n: 0.05 * torch.randn_like(w.float()) for n, w in like.items() if n.startswith(names)}, file)
    return file


@pytest.fixture
def head(head_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A head for sentence order, with random weights."""
    monkeypatch.setattr(pairs, "HEAD_FILE", head_file)
    return head_file


@pytest.mark.usefixtures("head", "quick", "taken_away")
@pytest.mark.parametrize("number", range(len(examples_of(PAGE))))
def test_every_example_runs(number: int) -> None:
    app = run_page(**examples_of(PAGE)[number].values)
    assert not app.exception
    assert not app.error
    assert [expander.label for expander in app.expander][-1] == "Take it away"


def test_examples_that_are_called_wrong_are_wrong(model: LoadedModel) -> None:
    values = {one.name["en"]: one.values for one in examples_of(PAGE)}
    for name in ("The same sentence twice", "Wolves and wolves"):
        assert pairs.judge(model, values[name]["text"], values[name]["pair"]).probability > 0.9
    missed = values["A sentence it gets wrong"]
    assert pairs.judge(model, missed["text"], missed["pair"]).probability < 0.5
    bug = values["All segments 0"]
    right, zeros = (pairs.judge(model, bug["text"], bug["pair"], which).probability for which in ("right", "zeros"))
    assert zeros < right - 0.1


@pytest.mark.parametrize("text", ["", "word " * 600])
def test_a_sentence_that_cannot_be_read_gets_one_message_and_the_previous_result_stays(text: str) -> None:
    app = run_page(text=A, pair=B)
    before = app.metric[0].value
    app.text_area[0].set_value(text).run()
    assert not app.exception
    assert len(app.error) == 1
    assert app.metric[0].value == before
    assert [expander.label for expander in app.expander][-1] == "Take it away"


def test_the_button_swaps_both_sentences() -> None:
    app = run_page(text=A, pair=B)
    before = app.metric[0].value
    next(button for button in app.button if button.label == "Swap A and B").click().run()
    assert [area.value for area in app.text_area] == [B, A]
    assert app.metric[0].value != before
    assert not app.exception


@pytest.mark.parametrize(("segments", "left"), [("right", "besides [SEP]"), ("zeros", "only [SEP]")])
def test_what_tells_the_sentences_apart_depends_on_the_segments(segments: str, left: str) -> None:
    """BERT, section 3: by [SEP] and by the segment embedding."""
    [said] = [one.value for one in run_page(segments=segments).caption if "The segment table" in one.value]
    assert left in said


@pytest.mark.usefixtures("head", "few_lines")
def test_the_order_view_shows_both_sentences_and_the_triples_of_both_heads() -> None:
    app = run_page(view="order", text="<b>Rain</b> fell.", pair=B)
    [lines] = [one.value for one in app.markdown if one.value.startswith("**A** ")]
    assert lines.replace("\\", "") == f"**A** <b>Rain</b> fell.  \n**B** {B}"
    assert "\\<b" in lines, "the viewer's text is escaped"
    cards = [json.loads(one.proto.json)["cards"][0] for one in app.get("bidi_component")]
    assert [card["subtitle"] for card in cards] == ["mini-sop", "mini-bert"]
    for card in cards:
        names = [bar["name"].removeprefix("→ ") for bar in card["bars"]]
        assert names == ["A first: <b>Rain</b> …", "B first: It was rebui…"]
        longest = max(card["bars"], key=lambda bar: bar["share"])
        assert [bar["name"] for bar in card["bars"] if "→" in bar["name"]] == [longest["name"]]
        assert not any(bar["marked"] for bar in card["bars"]), "nobody knows that it is right"
    assert [one.value for one in app.markdown if one.value in ("**mini\\-sop**", "**mini\\-bert**")]
    titles = [json.loads(one.proto.spec)["layout"]["xaxis"]["title"]["text"] for one in app.get("plotly_chart")]
    assert titles == ["probability of the right order", "probability of IsNext", "accuracy"]


def test_in_lecture_mode_the_swap_is_not_folded_away() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    app.session_state["lecture"] = True
    [fold] = [one for one in app.run().expander if "Text and settings" in one.label]
    assert [area.key for area in fold.text_area] == ["text", "pair"]
    assert "Swap A and B" in [one.label for one in app.button]
    assert "Swap A and B" not in [one.label for one in fold.button]


def test_without_the_order_head_the_page_says_so_and_shows_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "HEAD_FILE", tmp_path / "head.safetensors")
    app = run_page(view="order")
    assert not app.exception
    assert "mini-sop are not part of this installation" in app.error[0].value.replace("\\", "")
    assert "mini-bert: NSP" in " ".join(one.value for one in app.markdown).replace("\\", "")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"pair": " "}, "Two sentences are needed"),
        ({"text": "word " * 600}, "tokens"),
        ({"view": "choice", "item": "own", "c": " "}, "2 to 8 endings are needed"),
        ({"view": "order", "sop": "albert-base-v2"}, "hub"),
        ({"model": "bert-base-uncased"}, "hub"),
    ],
)
def test_errors_are_sentences(address: dict[str, Any], sentence: str) -> None:
    app = run_page(**address)
    assert not app.exception
    assert sentence in " ".join(one.value for one in app.error).replace("\\", "")


@pytest.mark.usefixtures("quick")
def test_own_endings_are_scored() -> None:
    app = run_page(view="choice", item="own", context=A, a=B, right="a")
    assert not app.exception
    assert not app.error
    assert any(B in one.value.replace("\\", "") and "✓ right" in one.value for one in app.markdown)


@pytest.mark.usefixtures("quick")
def test_the_twenty_contexts_are_scored_when_they_are_asked_for() -> None:
    app = run_page(view="choice", wrong="near")
    assert not app.get("plotly_chart")
    app.button(key="go on choices").click().run()
    assert len(app.get("plotly_chart")) == 1
    assert any("/20" in one.value for one in app.markdown)
    assert {"kind = 'near_endings'", "contexts = 20"} <= set(app.code[-1].value.splitlines())


# --- the shown code ----------------------------------------------------------------------------------------------


def test_code_of_a_verdict(model: LoadedModel) -> None:
    found = pairs.judge(model, A, B, "zeros")
    values = {"input_ids": list(found.input_ids), "token_type_ids": list(found.token_type_ids)}
    tokens, logits, probability = run_code(PAGE, "next", {"model_id": "mini-bert", **values})
    assert ast.literal_eval(tokens) == list(found.tokens)
    assert ast.literal_eval(logits.removeprefix("logits ")) == pytest.approx(found.logits, abs=1e-4)
    assert float(probability.split()[-1]) == pytest.approx(found.probability, abs=1e-5)


def test_code_of_the_triples(model: LoadedModel) -> None:
    triples = pairs.read_triples(table_of(PAGE, "triples.toml"))
    found = pairs.accuracy("mini-bert", pairs.measure(model, triples))
    *counts, topic, order, ranked_topic, ranked_order = run_code(
        PAGE, "set", {"model_id": "mini-bert", "triples": as_code(triples)}
    )
    assert counts == [f"IsNext: {kind} {one.hits} of {one.trials}" for kind, one in found.positive.items()]
    shares = (found.topic, found.order, found.ranked_topic, found.ranked_order)
    for line, share in zip((topic, order, ranked_topic, ranked_order), shares, strict=True):
        assert float(line.split()[-1]) == pytest.approx(share.value)


def as_code(triples: Sequence[SentenceTriple]) -> list[tuple[str, str, str, bool]]:
    return [(one.first, one.next, one.random, one.near) for one in triples]


def test_code_of_the_order(model: LoadedModel, head: Path) -> None:
    loaded = pairs.load_order(pairs.MINI_SOP)
    triples = pairs.read_triples(table_of(PAGE, "triples.toml"))[:4]
    values = {
        "model_id": "mini-bert",
        "next_model_id": "mini-bert",
        "head_file": str(head),
        "pair": (A, B),
        "triples": as_code(triples),
    }
    expected = []
    for one in (loaded, model):
        found = pairs.accuracy("", pairs.measure(one, triples))
        expected += [pairs.judge(one, A, B).probability, pairs.judge(one, B, A).probability]
        expected += [found.topic.value, found.order.value, found.ranked_order.value]
    printed = [float(line.split()[-1]) for line in run_code(PAGE, "order", values)]
    assert printed == pytest.approx(expected, abs=1e-5)


def test_code_of_the_order_without_a_pair(head: Path) -> None:
    """Where the viewer's pair cannot be read the page still has its triples."""
    app = run_page(view="order", text=" ")
    [code] = [block.value for block in app.code if "import" in block.value]
    assert "pair = None" in code.splitlines()


def test_code_of_albert_equals_its_sop_logits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from components.code import fill_in
    from components.content import code_of
    from models.loading import load_tokenizer
    from models.results import Origin
    from tests.tiny_checkpoints import make_checkpoint

    make_checkpoint("albert-base-v2", tmp_path / "albert")
    monkeypatch.chdir(tmp_path)
    printed: list[tuple[Any, ...]] = []
    values: dict[str, Any] = {
        "model_id": str(tmp_path / "albert"),
        "pair": ("i want to go home .", "me too ."),
        "triples": [],
    }
    values["next_model_id"] = str(FOLDER)
    namespace = {"print": lambda *words: printed.append(words)}
    exec(compile(fill_in(code_of(PAGE, "albert"), values), "albert", "exec"), namespace)
    from transformers import AlbertForPreTraining, AutoTokenizer

    like = load_tokenizer("mini-bert")
    tokenizer = type(like)(AutoTokenizer.from_pretrained(tmp_path / "albert"), like.lock, like.origin)
    model = AlbertForPreTraining.from_pretrained(tmp_path / "albert", dtype=torch.float32).eval()
    loaded = LoadedModel(model, tokenizer, Origin(None, "albert", "embedded", "nowhere"))
    assert printed[0][-1] == pytest.approx(pairs.judge(loaded, "i want to go home .", "me too .").probability, abs=1e-6)


def test_code_of_the_endings(model: LoadedModel) -> None:
    context, endings, right = pairs.read_choices(table_of(PAGE, "choices.toml"), "endings")[1]
    found = pairs.choose(model, load_model(NAME, "CausalLM"), context, endings, right)
    spaced = {"context": f"{context} ", "endings": [f" {ending} " for ending in endings]}  # as a viewer may type it
    values = {"model_id": "mini-bert", "reader_model_id": NAME, **spaced}
    bundled = pairs.read_choices(table_of(PAGE, "choices.toml"), "near_endings")[:2]
    *lines, nsp, total, mean = (
        line.split() for line in run_code(PAGE, "choice", {**values, "kind": "near_endings", "contexts": 2})
    )
    right_ones = pairs.right_choices(pairs.choose_all(model, load_model(NAME, "CausalLM"), bundled))
    assert [nsp, total, mean] == [[scorer, "right", str(share.hits), "of", "2"] for scorer, share in right_ones.items()]
    for scalars, shares in zip(lines[::2], lines[1::2], strict=True):
        assert [float(one) for one in scalars[1:]] == pytest.approx(found.scores[scalars[0]], abs=2e-2)
        assert [float(one) for one in shares[1:]] == pytest.approx(found.shares(scalars[0]), abs=1e-2)


def test_a_file_without_the_head_for_order_is_refused_and_the_other_head_goes_on(
    hub: HubServer, tmp_path: Path
) -> None:
    """As was said of albert-base-v2's file (Transformers' issue 9319): the verdict would be random."""
    config = AlbertConfig(**ARCHITECTURES["albert-base-v2"][2])
    AlbertForMaskedLM(config).save_pretrained(tmp_path / "albert-base-v2")
    make_tokenizer().save_pretrained(tmp_path / "albert-base-v2")
    hub.folder = tmp_path
    app = run_page(view="order", sop="albert-base-v2")
    assert [("no weights for PreTraining" in one.value) for one in app.error] == [True]
    assert len(app.header) == 1
    assert not app.exception


def test_in_lecture_mode_the_class_answers_before_the_models() -> None:
    def script() -> None:
        from components.ending_views import draw_choice
        from models.results import ScoredChoice

        draw_choice(ScoredChoice("He fell", ("over.", "up."), 0, {"nsp": (2.0, 1.0)}, ()), "mini-bert", "")

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["lecture"] = True
    assert not app.run().get("bidi_component")
    assert not [one for one in app.markdown if "right" in one.value]
    [answer] = [button for button in app.button if button.label == "Show the answer"]
    answer.click().run()
    assert len(app.get("bidi_component")) == 1
    assert "✓ right" in app.markdown[1].value
    assert not app.button
