"""The home page within its frame, as a Korean class reads it on the projector."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from components.large_type import LARGE_TYPE, USUAL_TYPE
from components.site import PAGES
from models.attention import load_for_attention
from models.catalogue import ROOT
from models.loading import load_model, load_tokenizer


@pytest.fixture(scope="module")
def home() -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / "_frame.py"), default_timeout=120)
    app.query_params.update({"lang": "ko", "lecture": "1"})
    return app.run()


def drawn(app: AppTest, picture: str) -> Any:
    """What one of the small pictures draws: its chips or its cards."""
    [data] = [
        json.loads(one.proto.json)
        for one in app.get("bidi_component")
        if one.proto.id.endswith(f"-miniature {picture}")
    ]
    return data.get("chips") or data["cards"]


def heights(app: AppTest, picture: str) -> list[float]:
    return [chip["height"] or 0.0 for chip in drawn(app, picture)]


def read(loaded: Any, *texts: str, **settings: bool) -> tuple[Any, Any]:
    """What Transformers alone makes of a text, or of two: the encoding and the output."""
    encoding = loaded.tokenizer.tokenizer(*texts, return_tensors="pt")
    with torch.inference_mode():
        return encoding, loaded.model(**encoding, **settings)


def test_every_page_has_a_card_that_leads_to_it(home: AppTest) -> None:
    assert not home.exception
    assert not home.error
    cards = {link.proto.page: link.proto.label for link in home.get("page_link")}
    assert cards == {info.name: f"**{info.titles[1]}**" for info in PAGES}
    for page in cards:
        home.switch_page(f"{page}.py")  # an error where the frame knows no such page
    read_by_all = {one.value for one in home.markdown}
    assert {info.leads[1] for info in PAGES} <= read_by_all


def test_language_and_lecture_mode_come_from_the_address(home: AppTest) -> None:
    assert home.title[0].value == "사전학습 언어 모델 놀이터"
    assert [one.label for one in home.sidebar.toggle] == ["강의 모드"]
    assert list(home.dataframe[0].value.columns)[:4] == ["모델", "토크나이저", "가중치", "파라미터(백만)"]
    [style] = [one.proto.body for one in home.get("html") if "<style>" in one.proto.body]
    assert LARGE_TYPE in style
    assert USUAL_TYPE not in style
    assert not [one for one in home.markdown if "링크를 보내면" in one.value], "who gives a lecture says that"


def test_nothing_of_a_picture_asks_to_be_clicked(home: AppTest) -> None:
    asked = [one.proto.id for one in home.get("bidi_component") if "클릭" in str(json.loads(one.proto.json))]
    assert asked == []


# --- the small pictures, each calculated here with Transformers alone ------------------------------------------------


@pytest.mark.parametrize(
    ("picture", "tokenizer", "text"),
    [
        ("0", "bert-base-uncased", "Pretraining helps!"),
        ("1", "gpt2", "Pretraining helps!"),
        ("prompt", "gpt2", "sea otter => loutre de mer\ncheese =>"),
    ],
)
def test_tokens(home: AppTest, picture: str, tokenizer: str, text: str) -> None:
    expected = load_tokenizer(tokenizer).tokenizer(text)["input_ids"]
    assert [int(chip["below"]) for chip in drawn(home, picture) if chip["below"]] == expected


def test_attention(home: AppTest) -> None:
    text = "The animal was too tired: it slept."
    encoding, found = read(load_for_attention("mini-bert"), text, output_attentions=True)
    it = encoding.tokens().index("it")
    assert heights(home, "attention") == pytest.approx(found.attentions[3][0, 1, it].tolist(), abs=1e-5)


def test_replaced_tokens(home: AppTest) -> None:
    text = "The doctor gave the patient some guitar for the pain."
    _, found = read(load_model("mini-electra", "PreTraining"), text)
    assert heights(home, "detection")[1:-1] == pytest.approx(torch.sigmoid(found.logits[0, 1:-1]).tolist(), abs=1e-5)


def test_next_sentence(home: AppTest) -> None:
    loaded = load_model("mini-bert", "NextSentencePrediction")
    _, found = read(loaded, "She went to the store.", "She bought some milk.")
    assert f"IsNext {found.logits.softmax(-1)[0, 0]:.0%}" in [one.value for one in home.caption]


def test_soft_targets(home: AppTest) -> None:
    encoding, found = read(load_model("mini-bert", "MaskedLM"), "The king and his wife had three [MASK].")
    logits = found.logits[0, encoding.tokens().index("[MASK]")]
    for card, temperature in zip(drawn(home, "soft targets"), (0.5, 1.0), strict=True):
        best = (logits / temperature).softmax(-1).topk(4).values.tolist()
        assert card["title"] == f"T = {temperature:g}"
        assert card["subtitle"].startswith("1위 밖의 확률")
        assert [bar["share"] for bar in card["bars"]] == pytest.approx(best, abs=1e-5)


def test_a_blank_behind_a_fact(home: AppTest) -> None:
    loaded: Any = load_model("mini-bert", "MaskedLM")
    encoding, found = read(loaded, "A knife is used for cutting. She cut the bread with a [MASK].")
    row = found.logits[0, encoding.tokens().index("[MASK]")].softmax(-1)
    [card] = drawn(home, "cloze")
    names = [bar["name"] for bar in card["bars"]]
    shares = row[loaded.tokenizer.tokenizer.convert_tokens_to_ids(names)]
    assert set(names) == {"knife", "spoon", "hammer"}
    assert card["bars"][0]["value"] == f"{shares[0]:.1%}"
    assert [bar["share"] for bar in card["bars"]] == pytest.approx((shares / shares[0]).tolist(), abs=1e-5)


def test_an_answer(home: AppTest) -> None:
    question, context = "When did she move to Oslo?", "Born in 1901, Ada left Bergen in 1923 and moved to Oslo in 1931."
    encoding, found = read(load_model("mini-bert-squad", "QuestionAnswering"), question, context)
    first, last = (encoding.token_to_chars(int(row.argmax())) for row in (found.start_logits, found.end_logits))
    [passage] = [one.proto.body for one in home.get("html") if "qa-passage" in one.proto.body]
    assert f">{context[first.start : last.end]}</mark>" in passage


def test_shapes(home: AppTest) -> None:
    encoding, found = read(load_model("mini-bert", "Model"), "What a wonderful film!")
    tensors = {"input_ids": encoding["input_ids"], **found, "logits": torch.zeros(1, 2)}
    shapes = {chip["token"]: chip["below"] for chip in drawn(home, "head")}
    assert shapes == {name: str(tuple(tensors[name].shape)) for name in shapes}
    assert len(shapes) == 4


def test_what_became_of_each_token(home: AppTest) -> None:
    tokens = load_tokenizer("mini-bert").tokenizer.tokenize("BERT learns by filling in blanks.")
    chips = drawn(home, "corruption")[1:-1]
    fates = {"": "the token", "그대로": "the token", "가림": "[MASK]", "무작위": "another"}
    for token, chip in zip(tokens, chips, strict=True):
        fate = fates[chip["below"]].replace("the token", token)
        assert fate == chip["token"] or (fate == "another" and chip["token"] != token)
        assert (token in chip["tip"]) == bool(chip["below"])


def test_parameters(home: AppTest) -> None:
    sizes = {card["title"]: card["subtitle"] for card in drawn(home, "anatomy")}
    assert sizes == {"bert-base-uncased": "110.1M", "albert-base-v2": "11.8M"}
