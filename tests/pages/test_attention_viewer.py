"""The page as Streamlit runs it, without a browser; the code that it shows; and how much it sends."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from transformers import AutoModel, AutoTokenizer

from components.bertviz_views import bertviz_html
from components.code import fill_in
from components.content import code_of
from models import packaged
from models.attention import attend, head_grid, head_of, load_for_attention
from models.attention_views import combined, compare_causal, difference
from models.bertviz_page import bertviz_page
from models.catalogue import ROOT
from models.input_embeddings import embedding_sum
from models.loading import LoadedModel
from models.vectors import value_norms_of

PAGE = "attention_viewer"
SENTENCE = "The cat sat on the mat because it was tired."
VIEWS = ("bertviz", "head", "grid", "masks", "meaning", "embeddings", "compare")
FOLDER = str(ROOT / "models/checkpoints/mini-bert")


def run_page(language: str = "en", **address: str) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    app.session_state["lang"] = language
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


@pytest.fixture(scope="module")
def mini() -> LoadedModel:
    return load_for_attention("mini-bert")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_view_in_both_languages(view: str, language: str) -> None:
    app = run_page(language, view=view)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == {"en": "Attention viewer", "ko": "어텐션 보기"}[language]
    assert [panel.label for panel in app.expander] == {
        "en": ["What am I looking at?", "Show the code", "Take it away"],
        "ko": ["지금 무엇을 보고 있나요?", "코드 보기", "내려받기"],
    }[language]


@pytest.mark.parametrize(
    "address",
    [
        {"view": "grid", "map": "entropy"},
        {"view": "grid", "map": "distance"},
        {"view": "meaning", "how": "rollout", "sinks": "without"},
        {"view": "meaning", "heads": "3"},
        {"view": "compare", "what": "texts", "text2": "The cat sat on the mat because it was electroencephalographic."},
        {"kind": "model", "pair": "Me too."},
        {"view": "head", "head": "mean", "layer": "5"},
    ],
    ids=str,
)
def test_controls_in_the_address(address: dict[str, str]) -> None:
    app = run_page(**address)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("view", VIEWS)
def test_empty_and_long_texts_are_sentences_above_the_previous_result(view: str) -> None:
    app = run_page(view=view)
    for text, sentence in ((" ", "There is no text"), ("cat " * 600, "602 tokens")):
        app.text_area(key="text").set_value(text).run()
        assert len(app.error) == 1
        assert sentence in app.error[0].value
        assert "previous result" in "".join(caption.value for caption in app.caption)
        assert app.expander[-1].label == "Take it away"
        assert not app.exception


def test_a_model_out_of_reach_is_a_sentence_above_the_previous_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "The hub cannot be reached" in run_page(model="gpt2").error[0].value
    app = run_page(view="masks", beside="causal-mask")
    app.selectbox(key="beside").set_value("gpt2").run()
    assert "The hub cannot be reached" in app.error[0].value
    assert "previous result" in "".join(caption.value for caption in app.caption)
    assert app.expander[-1].label == "Take it away"


def test_nothing_in_the_session_holds_a_tensor_or_a_whole_run(mini: LoadedModel) -> None:
    text = "the cat sat on the mat . " * 70
    app = run_page(view="head", text=text)
    whole = attend(mini, text).weights.nbytes
    _, kept = app.session_state["previous head on None"]
    sizes = [part.nbytes for part in vars(kept).values() if isinstance(part, np.ndarray)]
    assert 0 < sum(sizes) < whole / 20
    assert not any("torch" in type(part).__module__ for part in vars(kept).values())


def test_every_row_has_its_label_and_the_scale_is_in_percent_like_the_cells() -> None:
    figures = [json.loads(one.proto.spec) for one in run_page(view="masks").get("plotly_chart")]
    assert len(figures) == 4
    for figure in figures:
        assert (figure["layout"]["xaxis"]["dtick"], figure["layout"]["yaxis"]["dtick"]) == (1, 1)
        assert "text" not in figure["layout"]["yaxis"].get("title", {}), "turned by 90 degrees it is hard to read"
        assert figure["data"][0]["colorbar"]["tickformat"] == ".0%"


def test_what_is_compared_says_layer_and_head_in_words() -> None:
    english, korean = (run_page(language, view="compare", head="2") for language in ("en", "ko"))
    assert {"mini\\-bert · layer 0, head 2", "mini\\-bert · layer 5, head 2"} <= {one.value for one in english.caption}
    assert {"mini\\-bert · 0층, 2번 헤드", "mini\\-bert · 5층, 2번 헤드"} <= {one.value for one in korean.caption}


# --- at most 3 MB for any view -----------------------------------------------------------------------------------


@pytest.mark.parametrize("tokens", [128, 512])
@pytest.mark.parametrize("view", [*VIEWS, "model"])
def test_no_view_sends_more_than_three_megabytes(tokens: int, view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

    sent: list[int] = []
    enqueue = ScriptRunContext.enqueue

    def count(context: ScriptRunContext, message: ForwardMsg) -> None:
        sent.append(message.ByteSize())
        enqueue(context, message)

    monkeypatch.setattr(ScriptRunContext, "enqueue", count)
    words = ("the cat sat on a mat and saw another cat in the garden . " * 40).split()
    address = {"kind": "model"} if view == "model" else {"view": view}
    app = run_page(text=" ".join(words[: tokens - 2]), **address)
    assert not app.exception
    assert not app.error
    assert len(sent) > 10
    assert sum(sent) < 3_000_000


# --- the code that is shown gives the numbers of the page --------------------------------------------------------


def run_code(view: str, **values: Any) -> list[list[str]]:
    """Run the shown code for these values; the lines it prints, in words."""
    printed = io.StringIO()
    values = {"model_id": FOLDER, "text": SENTENCE, "text_pair": None, **values}
    with contextlib.redirect_stdout(printed):
        exec(compile(fill_in(code_of(PAGE, view), values), view, "exec"), {})
    return [line.split() for line in printed.getvalue().splitlines()]


def numbers(lines: list[list[str]], skip: int = 0) -> np.ndarray:
    return np.array([[float(cell) for cell in line[skip:]] for line in lines])


@pytest.mark.parametrize("view", ["head", "bertviz"])
@pytest.mark.parametrize("head", [7, None])
def test_code_of_a_head(mini: LoadedModel, view: str, head: int | None) -> None:
    lines = run_code(view, text_pair="Me too.", layer=4, head=head)
    found = head_of(mini, SENTENCE, "Me too.", 4, head)
    assert [line[0] for line in lines] == list(found.tokens)
    np.testing.assert_allclose(numbers(lines, 1), found.weights, atol=6e-5)


def test_code_of_grid(mini: LoadedModel) -> None:
    found, lines = head_grid(mini, SENTENCE, ""), numbers(run_code("grid"))
    np.testing.assert_allclose(lines[:, 2].reshape(6, 12), found.entropy, atol=6e-5)
    np.testing.assert_allclose(lines[:, 3].reshape(6, 12), found.distance, atol=6e-5)


def test_code_of_masks(mini: LoadedModel) -> None:
    found, lines = compare_causal(mini, None, SENTENCE, "", 2, None), run_code("masks", layer=2)
    half = len(lines) // 2
    np.testing.assert_allclose(numbers(lines[1:half]), found.left.weights, atol=6e-5)
    np.testing.assert_allclose(numbers(lines[half + 1 :]), found.right.weights, atol=6e-5)
    assert lines[half] == ["above", "the", "diagonal:", "0.0000"]


@pytest.mark.parametrize("how", ["mean", "max", "norm", "rollout"])
@pytest.mark.parametrize("without_sinks", [False, True])
@pytest.mark.parametrize("text", [SENTENCE, "I love ☃ very much."])
def test_code_of_meaning(mini: LoadedModel, how: Any, without_sinks: bool, text: str) -> None:
    lines = run_code("meaning", text=text, layer=4, heads=[1, 5], how=how, without_sinks=without_sinks)
    found = combined(mini, text, "", 4, (1, 5), how, without_sinks)
    if without_sinks:
        assert float(lines.pop(0)[-1]) == pytest.approx(found.left_out_share, abs=6e-5)
    np.testing.assert_allclose(numbers(lines), found.weights, atol=6e-5)


@pytest.mark.parametrize("name", ["openai-gpt", "gpt2", "distilbert-base-uncased", "albert-base-v2", "SmolLM2"])
def test_code_of_value_norms_knows_every_family(checkpoints: Path, name: str) -> None:
    """Tiny models with random weights; SmolLM2 in its own shape, with heads that share their values."""
    folder = packaged.folder() if name == "SmolLM2" else checkpoints / name
    lines = run_code("meaning", model_id=str(folder), layer=1, heads=[1], how="norm")
    model = AutoModel.from_pretrained(folder, attn_implementation="eager", dtype="float32").eval()
    inputs = AutoTokenizer.from_pretrained(folder)(SENTENCE, return_tensors="pt")
    with torch.inference_mode():
        outputs = model(**inputs, output_attentions=True, output_hidden_states=True)
        norms = value_norms_of(model, outputs.hidden_states)
    assert norms is not None
    expected = outputs.attentions[1][0, 1].numpy() * norms[1, 1]
    np.testing.assert_allclose(numbers(lines), expected / expected.sum(-1, keepdims=True), atol=6e-5)


def test_code_of_compare_gives_leading_blanks_to_the_first_word(mini: LoadedModel) -> None:
    """A byte-level tokenizer makes tokens of them."""
    smol, text = load_for_attention(packaged.NAME), f"  {SENTENCE}"
    lines = run_code(
        "compare", model_id=str(packaged.folder()), text=text, other_id=FOLDER, other_text=text, layers=[1, 1], head=1
    )
    found = difference(smol, mini, (text, text), "", (1, 1), 1)
    np.testing.assert_allclose(numbers(lines), found.second - found.first, atol=1.1e-4)


def test_code_of_embeddings(mini: LoadedModel) -> None:
    found, lines = embedding_sum(mini, SENTENCE, "Me too."), run_code("embeddings", text_pair="Me too.")
    assert [line[0] for line in lines] == ["token", "position", "segment", "sum", "token", "position", "segment"]
    np.testing.assert_allclose(numbers(lines[:4], 2), found.norms, atol=6e-5)
    np.testing.assert_allclose(numbers(lines[4:], 2), found.cosines, atol=6e-5)


@pytest.mark.parametrize("other", [SENTENCE, SENTENCE.replace("tired", "warm"), SENTENCE.replace("tired", "unaffable")])
@pytest.mark.parametrize("pair", ["", "Me too."])
def test_code_of_compare(mini: LoadedModel, other: str, pair: str) -> None:
    lines = run_code("compare", other_id=FOLDER, other_text=other, text_pair=pair or None, layers=[1, 4], head=None)
    found = difference(mini, mini, (SENTENCE, other), pair, (1, 4), None)
    np.testing.assert_allclose(numbers(lines), found.second - found.first, atol=1.1e-4)


# --- what the examples say ---------------------------------------------------------------------------------------


def test_what_the_examples_say_of_mini_bert_is_so(mini: LoadedModel) -> None:
    assert head_of(mini, SENTENCE, "", 0, 2).pattern == "previous"
    for ending in ("big", "small"):
        text = f"The trophy didn't fit in the suitcase because it was too {ending}."
        found = head_of(mini, text, "", 3, 1)
        from_it = found.weights[found.tokens.index("it")]
        assert found.tokens[int(from_it.argmax())] == "trophy"
    raw = combined(mini, SENTENCE, "", 4, (), "mean", True).left_out_share
    weighed = combined(mini, SENTENCE, "", 4, (), "norm", True).left_out_share
    assert raw > 0.5
    assert weighed < raw / 2
    grid = head_grid(mini, "The dogs that chased the cat were tired, but the cat was not.", "")
    names = [name for row in grid.patterns for name in row if name]
    assert names.count("first") > len(names) / 2


def test_bertviz_speaks_korean(mini: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    import components.bertviz_views as module

    monkeypatch.setattr(module, "language", lambda: "ko")
    monkeypatch.setattr(module, "is_dark", lambda: True)
    html = bertviz_html(bertviz_page(mini, "Layer: <select", "All", "head"))
    assert '<html class="dark" lang="ko">' in html
    assert "층: <select" in html
    assert "문장 A → 문장 B" in html
    assert "Sentence A" not in html.split("const params = ")[0]


def test_the_page_is_short_and_its_code_is_one_script_a_view() -> None:
    assert {file.stem for file in Path(ROOT / "content" / PAGE).glob("*.py")} == set(VIEWS)
