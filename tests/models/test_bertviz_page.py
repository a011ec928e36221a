"""bertviz's page without its CDN: what is in it, and what cannot be."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from models.attention import attend, load_for_attention
from models.bertviz_page import bertviz_page
from models.loading import LoadedModel

HOSTILE = 'a </script><script>alert(1)</script> <!-- "; // HACK: [0.0] PYTHON_PARAMS'


@pytest.fixture(scope="module")
def mini() -> LoadedModel:
    return load_for_attention("mini-bert")


def params_of(html: str) -> dict[str, object]:
    return dict(json.JSONDecoder().raw_decode(html.split("const params = ", 1)[1])[0])


@pytest.mark.parametrize("kind", ["head", "model"])
def test_the_page_asks_for_nothing_and_is_the_same_each_time(mini: LoadedModel, kind: str) -> None:
    page = bertviz_page(mini, "I want to go home.", "Me too.", kind)  # type: ignore[arg-type]
    assert not re.search(r"(src|href)\s*=\s*[\"']?https?:", page.html)
    assert "cdnjs" not in page.html
    assert page == bertviz_page.__wrapped__(mini, "I want to go home.", "Me too.", kind)


def test_the_weights_are_the_models_in_thousandths(mini: LoadedModel) -> None:
    page = bertviz_page(mini, "I want to go home.", "", "head", 3, (1, 3), 7)
    assert params_of(page.html)["heads"] == [7]
    assert params_of(bertviz_page(mini, "I want to go home.", "", "head", 3, (1, 3)).html)["heads"] is None
    params = params_of(page.html)
    assert params["include_layers"] == [1, 3]
    assert params["layer"] == 3
    weights = attend(mini, "I want to go home.").weights[[1, 3]]
    sent = np.array(params["attention"][0]["attn"]) / 1000  # type: ignore[index]
    np.testing.assert_allclose(sent, weights, atol=0.00051)


def test_a_pair_has_the_four_filters(mini: LoadedModel) -> None:
    params = params_of(bertviz_page(mini, "I want to go home.", "Me too.", "head").html)
    assert [part["name"] for part in params["attention"]] == [  # type: ignore[attr-defined]
        "All",
        "Sentence A -> Sentence A",
        "Sentence B -> Sentence B",
        "Sentence A -> Sentence B",
        "Sentence B -> Sentence A",
    ]


@pytest.mark.parametrize("kind", ["head", "model"])
def test_no_token_ends_the_script(mini: LoadedModel, kind: str) -> None:
    html = bertviz_page(mini, HOSTILE, HOSTILE, kind).html  # type: ignore[arg-type]
    calm = bertviz_page(mini, "a b", "c d", kind).html  # type: ignore[arg-type]
    assert html.count("</script") == calm.count("</script")
    assert html.count("<!--") == calm.count("<!--")
    assert "<" in "".join(params_of(html)["attention"][0]["left_text"])  # type: ignore[index]


@pytest.mark.parametrize("kind", ["head", "model"])
def test_a_token_that_is_a_tag_ends_no_script(mini: LoadedModel, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """BERT cuts tags into pieces; the tokenizer of another model need not."""
    calm = attend(mini, "a b")
    tagged = replace(calm, tokens=("[CLS]", "</script>", "<!--", "[SEP]"))
    pages = []
    for one in (calm, tagged):
        monkeypatch.setattr("models.bertviz_page.attend", lambda *_, one=one: one)
        pages.append(bertviz_page.__wrapped__(mini, "a b", "", kind).html)  # type: ignore[attr-defined]
    assert pages[1].count("</script") == pages[0].count("</script")
    assert "<!--" not in pages[1]
    assert params_of(pages[1])["attention"][0]["left_text"] == list(tagged.tokens)  # type: ignore[index]


@pytest.mark.parametrize("kind", ["head", "model"])
@pytest.mark.parametrize("pair", ["", "the cat " * 100])
def test_long_inputs_are_cut_to_three_megabytes(mini: LoadedModel, kind: str, pair: str) -> None:
    page = bertviz_page(mini, "the cat sat on the mat . " * 40, pair, kind)  # type: ignore[arg-type]
    assert page.tokens > page.tokens_drawn
    assert len(page.html.encode()) < 3_000_000
    lines = page.tokens_drawn**2 * 12 * (1 if kind == "head" else len(page.layers))
    assert lines <= 60_000
