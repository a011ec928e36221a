"""Sentence pairs against Transformers called directly and against counting by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy.stats import binomtest
from transformers import AlbertConfig, AlbertForPreTraining, AutoTokenizer, BertForNextSentencePrediction

from models import sentence_pairs as pairs
from models.catalogue import ROOT
from models.loading import LoadedModel, LoadedTokenizer, load_model
from models.packaged import NAME
from models.results import Origin, PairVerdict, PlaygroundError, SegmentIds, SentenceTriple, TripleVerdict

FOLDER = ROOT / "models" / "checkpoints" / "mini-bert"
CONTENT = ROOT / "content" / "sentence_pairs"
A, B = "The man went to the store.", "He bought a gallon of milk."


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("mini-bert", "NextSentencePrediction")


@pytest.fixture(scope="module")
def direct() -> Any:
    """The same model, loaded by hand."""
    return BertForNextSentencePrediction.from_pretrained(FOLDER, dtype=torch.float32).eval()


@pytest.fixture
def head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with random weights for the last layer's attention, the pooler and the classifier."""
    file = tmp_path / "mini-sop" / "head.safetensors"
    file.parent.mkdir()
    torch.manual_seed(0)
    names = ("bert.encoder.layer.5.attention.", "bert.pooler.dense.", "cls.seq_relationship.")
    like = BertForNextSentencePrediction.from_pretrained(FOLDER).state_dict()
    save_file({n: 0.1 * torch.randn_like(w.float()) for n, w in like.items() if n.startswith(names)}, file)
    monkeypatch.setattr(pairs, "HEAD_FILE", file)
    return file


def triples() -> tuple[SentenceTriple, ...]:
    return pairs.read_triples(tomllib.loads((CONTENT / "triples.toml").read_text(encoding="utf-8")))


# --- one pair ----------------------------------------------------------------------------------------------------


def test_a_verdict_equals_the_model_called_directly(model: LoadedModel, direct: Any) -> None:
    encoding = AutoTokenizer.from_pretrained(FOLDER)(A, B, return_tensors="pt")
    with torch.inference_mode():
        logits = direct(**encoding).logits[0]
    found = pairs.judge(model, A, B)
    assert found.input_ids == tuple(encoding["input_ids"][0].tolist())
    assert found.token_type_ids == found.expected_type_ids == tuple(encoding["token_type_ids"][0].tolist())
    assert found.logits == pytest.approx(logits.tolist(), abs=1e-4)
    assert found.probability == pytest.approx(float(logits.softmax(-1)[0]), abs=1e-5)
    assert [token for token, special in zip(found.tokens, found.special, strict=True) if special] == [
        "[CLS]",
        "[SEP]",
        "[SEP]",
    ]


@pytest.mark.parametrize("segments", ["zeros", "ones", "swapped"])
def test_wrong_segments_change_the_verdict_as_they_do_in_the_model(
    model: LoadedModel, direct: Any, segments: SegmentIds
) -> None:
    encoding = AutoTokenizer.from_pretrained(FOLDER)(A, B, return_tensors="pt")
    right = encoding["token_type_ids"]
    encoding["token_type_ids"] = {"zeros": 0 * right, "ones": 0 * right + 1, "swapped": 1 - right}[segments]
    with torch.inference_mode():
        expected = direct(**encoding).logits[0].softmax(-1)[0]
    found = pairs.judge(model, A, B, segments)
    assert found.token_type_ids == tuple(encoding["token_type_ids"][0].tolist())
    assert found.probability == pytest.approx(float(expected), abs=1e-5)
    assert abs(found.probability - pairs.judge(model, A, B).probability) > 0.01


@pytest.mark.parametrize("segments", ["right", "ones"])
def test_the_parts_of_the_input_add_up_to_what_the_model_normalizes(
    model: LoadedModel, direct: Any, segments: Any
) -> None:
    verdict, found = pairs.judge(model, A, B, segments), pairs.pair_input(model, A, B, segments)
    seen = []
    hook = direct.bert.embeddings.LayerNorm.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    with torch.inference_mode():
        direct(torch.tensor([verdict.input_ids]), token_type_ids=torch.tensor([verdict.token_type_ids]))
    hook.remove()
    assert found.parts == ("token", "segment", "position")
    np.testing.assert_allclose(found.norms[-1], seen[0][0].norm(dim=-1), rtol=1e-4)
    token = direct.bert.embeddings.word_embeddings.weight[list(verdict.input_ids)].norm(dim=-1)
    np.testing.assert_allclose(found.norms[0], token.detach(), rtol=1e-4)
    first, second = direct.bert.embeddings.token_type_embeddings.weight.detach()
    assert found.segment_distance == pytest.approx(float((first - second).norm()), rel=1e-4)


def test_a_pair_that_just_fits_is_read(model: LoadedModel) -> None:
    assert len(pairs.judge(model, "word " * 255, "word " * 254).tokens) == 512


@pytest.mark.parametrize(("text", "pair"), [("", B), (A, " "), ("word " * 300, "word " * 300)])
def test_empty_and_too_long_sentences_are_refused(model: LoadedModel, text: str, pair: str) -> None:
    with pytest.raises(PlaygroundError, match="sentence"):
        pairs.judge(model, text, pair)


# --- sentence order ----------------------------------------------------------------------------------------------


def test_a_head_file_is_laid_over_mini_bert(head: Path, model: LoadedModel, direct: Any) -> None:
    from safetensors.torch import load_file

    before = pairs.judge(model, A, B).logits
    loaded = pairs.load_order(pairs.MINI_SOP)
    expected = BertForNextSentencePrediction.from_pretrained(FOLDER, dtype=torch.float32).eval()
    expected.load_state_dict(load_file(head), strict=False)
    with torch.inference_mode():
        logits = expected(**AutoTokenizer.from_pretrained(FOLDER)(A, B, return_tensors="pt")).logits[0]
    assert pairs.judge(loaded, A, B).logits == pytest.approx(logits.tolist(), abs=1e-4)
    assert pairs.judge(loaded, A, B).model == loaded.origin.name == "mini-sop"
    assert pairs.judge(model, A, B).logits == before  # mini-bert itself stays as it is
    assert pairs.load_order(pairs.MINI_SOP).model is loaded.model  # loaded once


def test_without_its_file_the_head_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "HEAD_FILE", tmp_path / "mini-sop" / "head.safetensors")
    with pytest.raises(PlaygroundError, match="mini-sop are not part of this installation"):
        pairs.load_order(pairs.MINI_SOP)


@pytest.mark.parametrize("broken", ["torn", "other names", "other shape"])
def test_a_file_that_does_not_fit_is_refused(head: Path, broken: str) -> None:
    if broken == "torn":
        head.write_bytes(head.read_bytes()[:1000])
    elif broken == "other names":
        save_file({"electra.weight": torch.zeros(2)}, head)
    else:
        save_file({"bert.pooler.dense.bias": torch.zeros(2)}, head)
    with pytest.raises(PlaygroundError, match="cannot be put on this model"):
        pairs.load_order(pairs.MINI_SOP)


def test_albert_is_read_at_its_sop_logits(bert: LoadedTokenizer) -> None:
    torch.manual_seed(0)
    config = AlbertConfig(
        hidden_size=16, embedding_size=8, num_attention_heads=2, intermediate_size=16, vocab_size=30_522,
        num_hidden_layers=1, initializer_range=0.5,
    )  # fmt: skip
    albert: Any = AlbertForPreTraining(config).eval()
    found = pairs.judge(LoadedModel(albert, bert, Origin(None, "albert", "embedded", "nowhere")), A, B)
    with torch.inference_mode():
        logits = albert(**bert.tokenizer(A, B, return_tensors="pt")).sop_logits[0]
    assert found.logits == pytest.approx(logits.tolist(), abs=1e-5)


# --- triples -----------------------------------------------------------------------------------------------------


def test_the_triples_are_forty_and_all_different() -> None:
    found = triples()
    assert len(found) == 40
    assert sum(one.near for one in found) == 10
    written = [text for one in found for text in (one.first, one.next, one.random)]
    assert len(set(written)) == 120
    assert all(text == text.strip() and text.endswith(".") for text in written)


def test_what_alberts_authors_saw(model: LoadedModel) -> None:
    """Section 3.1 of Lan et al. 2020, on the bundled triples: random is told by its topic, swapped passes."""
    found = pairs.accuracy("mini-bert", pairs.measure(model, triples()))
    assert found.topic.low > 0.7
    assert found.order.low < 0.5 < found.order.high
    assert found.positive["random"].value < 0.1 < 0.5 < found.positive["near"].value


def test_measured_pairs_are_those_of_each_triple(model: LoadedModel) -> None:
    one = triples()[30]
    [found] = pairs.measure(model, (one,))
    assert found.next == pairs.judge(model, one.first, one.next).probability
    assert found.random == pairs.judge(model, one.first, one.random).probability
    assert found.swapped == pairs.judge(model, one.next, one.first).probability


def test_accuracies_by_hand() -> None:
    def verdict(following: float, random: float, swapped: float, near: bool = False) -> TripleVerdict:
        return TripleVerdict(SentenceTriple("a", "b", "c", near), following, random, swapped)

    given = [verdict(0.9, 0.1, 0.8), verdict(0.5, 0.6, 0.2, near=True), verdict(0.4, 0.45, 0.55)]
    found = pairs.accuracy("by hand", given)
    assert (found.topic.hits, found.topic.trials) == (4, 6)
    assert (found.order.hits, found.order.trials) == (3, 6)
    assert [found.ranked_topic.hits, found.ranked_order.hits] == [1, 2]
    assert {kind: (share.hits, share.trials) for kind, share in found.positive.items()} == {
        "next": (2, 3),
        "random": (0, 2),
        "near": (1, 1),
        "swapped": (2, 3),
    }
    bounds = binomtest(4, 6).proportion_ci(method="wilson")
    assert (found.topic.low, found.topic.high) == (bounds.low, bounds.high)


# --- multiple choice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["endings", "near_endings"])
def test_the_contexts_are_twenty_with_four_endings_each(kind: str) -> None:
    written = tomllib.loads((CONTENT / "choices.toml").read_text(encoding="utf-8"))
    items = pairs.read_choices(written, kind)
    assert len(items) == 20
    assert all(len(set(endings)) == 4 for _, endings, _ in items)
    assert [sum(right == place for _, _, right in items) for place in range(4)] == [5, 5, 5, 5]
    others = pairs.read_choices(written, "endings")
    assert [e[right] for _, e, right in items] == [e[right] for _, e, right in others]  # the right one is the same


def test_endings_are_scored_as_sequences_of_their_own(model: LoadedModel, direct: Any) -> None:
    reader = load_model(NAME, "CausalLM")
    context, endings = "A boy kicks a ball towards his sister.", ("She kicks it back.", "The orchestra stands up.")
    found = pairs.choose(model, reader, context, endings, 0)
    tokenizer, reading = AutoTokenizer.from_pretrained(FOLDER), reader.tokenizer.tokenizer
    start = reading(context, add_special_tokens=False)["input_ids"]
    for number, ending in enumerate(endings):
        own = reading(f" {ending}", add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            nsp = direct(**tokenizer(context, ending, return_tensors="pt")).logits[0, 0]
            logits = reader.model(input_ids=torch.tensor([start + own])).logits[0, len(start) - 1 : -1].float()
        likely = logits.log_softmax(-1)[range(len(own)), own]
        assert found.tokens[number] == len(own)
        assert found.scores["nsp"][number] == pytest.approx(float(nsp), abs=1e-4)
        assert found.scores["sum"][number] == pytest.approx(float(likely.sum()), abs=2e-2)
        assert found.scores["mean"][number] == pytest.approx(float(likely.mean()), abs=5e-3)
    scalars = torch.tensor(found.scores["nsp"], dtype=torch.float64)
    assert found.shares("nsp") == pytest.approx(scalars.softmax(-1).tolist())
    assert found.best("nsp") == int(scalars.argmax())


def test_right_choices_are_counted(model: LoadedModel) -> None:
    item = ("A boy kicks a ball towards his sister.", ("She kicks it back.", "The orchestra stands up."))
    best = pairs.choose(model, None, *item).best("nsp")
    found = [*pairs.choose_all(model, None, ((*item, best), (*item, 1 - best))), pairs.choose(model, None, *item)]
    assert {name: (share.hits, share.trials) for name, share in pairs.right_choices(found).items()} == {"nsp": (1, 2)}
    assert pairs.right_choices([]) == {}


@pytest.mark.parametrize(("context", "endings"), [(" ", ("a", "b")), (A, ("a", " ")), (A, ("a",))])
def test_an_empty_ending_is_refused(model: LoadedModel, context: str, endings: tuple[str, ...]) -> None:
    with pytest.raises(PlaygroundError, match="context and 2 to 8 endings"):
        pairs.choose(model, None, context, endings)


def test_a_verdict_does_not_change_with_who_asks(model: LoadedModel) -> None:
    assert isinstance(pairs.judge(model, A, B), PairVerdict)
    assert pairs.judge(model, A, B) is pairs.judge(model, A, B)  # computed once
