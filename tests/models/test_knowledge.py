"""Cloze questions against Transformers called directly, the scores against brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from components.content import examples_of, lines_of
from models import generation, knowledge
from models.loading import LoadedModel, LoadedTokenizer, load_model
from models.packaged import NAME
from models.results import ClozeItem, ClozeItemResult, PlaygroundError

TEXT = "The capital of France is [MASK]."
FACT = "Paris is the capital of France."
DEFAULT = (
    "To plant a flower he dug the ground with a [MASK].",
    "A spade is used for digging.",
    ("spade", "hammer", "gun"),
)
ITEMS = knowledge.read_items(lines_of("knowledge", "items.tsv"))


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("mini-bert", "MaskedLM")


def at_the_blank(model: LoadedModel, text: str) -> torch.Tensor:
    """Probabilities at the first [MASK], asked as a reader would  # (V,)"""
    encoding = model.tokenizer.tokenizer(text, return_tensors="pt")
    with torch.inference_mode():
        logits = model.model(**encoding).logits[0]
    place = encoding["input_ids"][0].tolist().index(103)
    return logits[place].softmax(-1)


def test_probabilities_equal_those_of_transformers(model: LoadedModel) -> None:
    cloze = knowledge.fill_blank(model, TEXT, FACT, ("paris", "milan"))
    before, after = at_the_blank(model, TEXT), at_the_blank(model, f"{FACT} {TEXT}")
    for row in cloze.rows:
        token_id = model.tokenizer.tokenizer.convert_tokens_to_ids(row.word)
        assert row.before == pytest.approx(float(before[token_id]), rel=1e-4)
        assert row.after == pytest.approx(float(after[token_id]), rel=1e-4)
        assert row.rank_after == int((after > after[token_id]).sum()) + 1


def test_without_candidates_the_likeliest_tokens(model: LoadedModel) -> None:
    best = at_the_blank(model, TEXT).topk(10).indices.tolist()
    names = model.tokenizer.tokenizer.convert_ids_to_tokens(best)
    alone = knowledge.fill_blank(model, TEXT)
    assert [row.word for row in alone.rows] == names
    assert all(row.after is None for row in alone.rows)
    both = [row.word for row in knowledge.fill_blank(model, TEXT, FACT).rows]
    assert both[:10] == names
    behind = at_the_blank(model, f"{FACT} {TEXT}").topk(5).indices.tolist()
    assert both[10:] == [one for one in model.tokenizer.tokenizer.convert_ids_to_tokens(behind) if one not in names]


def test_a_word_of_several_tokens_fills_as_many_blanks(model: LoadedModel) -> None:
    fact = "He digs."
    [row] = knowledge.fill_blank(model, "He drove a [MASK].", fact, ("bulldozer",)).rows
    assert row.tokens == ("bull", "##do", "##zer")
    assert row.rank_before is row.rank_after is None
    for found, front in ((row.before, ""), (row.after, f"{fact} ")):
        expected = 1.0
        for text, piece in (
            ("He drove a [MASK] [MASK] [MASK].", "bull"),
            ("He drove a bull [MASK] [MASK].", "##do"),
            ("He drove a bulldo [MASK].", "##zer"),
        ):
            tokens = model.tokenizer.tokenizer.convert_tokens_to_ids(piece)
            expected *= float(at_the_blank(model, front + text)[tokens])
        assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "fact", "candidates", "sentence"),
    [
        ("", "", (), "no text"),
        ("No blank here.", "", (), "exactly one"),
        ("[MASK] and [MASK].", "", (), "exactly one"),
        (TEXT, "A [MASK] in front.", (), "exactly one"),
        (TEXT, "word " * 600, (), "reads 512"),
        (TEXT, "", ("antidisestablishmentarianisms",), "1 to 4"),
        (TEXT, "", ("[MASK]",), "no \\[MASK\\]"),
        (TEXT, "", tuple("abcdefghijklmnopqrstuvwxyz"), "At most 20"),
    ],
)
def test_what_cannot_be_asked(
    model: LoadedModel, text: str, fact: str, candidates: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(PlaygroundError, match=sentence):
        knowledge.fill_blank(model, text, fact, candidates)


def test_a_causal_model_scores_the_whole_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    causal = load_model(NAME, "CausalLM")
    text, words = "She cut the [MASK] with a knife.", ("bread", "ocean")
    found = knowledge.compare_candidates(causal, text, words, causal=True)
    totals = []
    start = causal.tokenizer.tokenizer.convert_tokens_to_ids("<|endoftext|>")
    for word in words:
        ids = torch.tensor([[start, *causal.tokenizer.tokenizer(text.replace("[MASK]", word))["input_ids"]]])
        with torch.inference_mode():
            loss = causal.model(input_ids=ids, labels=ids).loss
        totals.append(-float(loss) * (ids.shape[1] - 1))
    assert [row.log_probability for row in found.rows] == pytest.approx(totals, rel=1e-4)
    assert [row.tokens for row in found.rows] == [ids.shape[1] - 1] * 2
    shares = np.exp(totals) / np.exp(totals).sum()
    assert [row.share for row in found.rows] == pytest.approx(shares.tolist(), rel=1e-2)
    with pytest.raises(PlaygroundError, match="two candidates"):
        knowledge.compare_candidates(causal, text, ("bread",), causal=True)
    monkeypatch.setattr(generation, "document_start", lambda _: None)  # as GPT-1, which predicts all but the first
    without = knowledge.compare_candidates(causal, text.replace("She", "He"), words, causal=True)
    assert [row.tokens for row in without.rows] == [ids.shape[1] - 2] * 2


# --- scores --------------------------------------------------------------------------------------------------------


def test_items_are_one_token_and_enough(bert: LoadedTokenizer) -> None:
    relations = [item.relation for item in ITEMS]
    assert min(map(relations.count, relations)) >= 12
    for item in ITEMS:
        assert item.text.count("[MASK]") == 1
        assert item.answer != item.wrong
        for word in (item.answer, item.wrong):
            assert bert.tokenizer.tokenize(word) == [word]
        assert "[MASK]" not in item.fact


def test_ranks_equal_those_asked_one_by_one(model: LoadedModel) -> None:
    some = ITEMS[::11]
    nothing = at_the_blank(model, "[MASK].")
    for result in knowledge.score_items(model, some):
        answer = model.tokenizer.tokenizer.convert_tokens_to_ids(result.item.answer)
        for n, text in enumerate(knowledge.contexts(result.item)):
            expected = at_the_blank(model, text)
            assert result.guesses[n] == model.tokenizer.tokenizer.convert_ids_to_tokens(int(expected.argmax()))
            assert result.probabilities[n] == pytest.approx(float(expected[answer]), rel=1e-3)
            assert abs(result.ranks[n] - int((expected > expected[answer]).sum()) - 1) <= result.ranks[n] // 500
        assert abs(result.prior_rank - int((nothing > nothing[answer]).sum()) - 1) <= result.prior_rank // 500
    unknown = ClozeItem("capital", TEXT, "ouagadougou", "", "paris")
    assert knowledge.score_items(model, (unknown,)) == ()


def test_a_summary_by_hand() -> None:
    item = ClozeItem("capital", TEXT, "paris", FACT, "milan")
    results = [ClozeItemResult(item, (rank, 1, 50), ("", "", ""), (0.0, 0.0, 0.0), 9) for rank in (1, 2, 5, 10)]
    plain = knowledge.summarize(results, "plain")
    assert (plain.top1, plain.top5, plain.items) == (0.25, 0.75, 4)
    assert plain.mrr == pytest.approx((1 + 0.5 + 0.2 + 0.1) / 4)
    draws = np.random.default_rng(1).choice([1, 0.5, 0.2, 0.1], (20000, 4)).mean(1)
    assert (plain.low, plain.high) == pytest.approx(np.quantile(draws, [0.025, 0.975]).tolist(), abs=0.04)
    fact = knowledge.summarize(results, "fact")
    assert (fact.mrr, fact.low, fact.high) == (1, 1, 1)
    assert knowledge.summarize(results, "prior").mrr == pytest.approx(1 / 9)
    assert knowledge.majority(results) == 1
    others = [replace(results[0], item=replace(item, answer=answer)) for answer in ("rome", "oslo", "oslo", "bern")]
    assert knowledge.majority(others) == 0.5
    assert knowledge.contexts(item) == (TEXT, f"{FACT} {TEXT}", f"Milan? {TEXT}")


def test_the_examples_say_what_the_model_does(model: LoadedModel) -> None:
    """The notes claim an order of candidates; where new weights change it, the notes must change."""

    def order(number: int, after: bool) -> list[str]:
        values = examples_of("knowledge")[number].values
        words = tuple(values["candidates"].split(", "))
        rows = knowledge.fill_blank(model, values.get("text", DEFAULT[0]), values["fact"], words).rows
        return [row.word for row in sorted(rows, key=lambda row: -((row.after or 0) if after else row.before))]

    default = knowledge.fill_blank(model, *DEFAULT).rows
    chances = {row.word: (row.before, row.after or 0) for row in default}
    assert chances["gun"][0] > chances["spade"][0]
    assert chances["spade"][1] > 10 * chances["spade"][0]
    capital = order(2, False)
    assert capital[0] == "france"
    assert order(2, True)[0] == "paris"
    assert order(3, False).index("berlin") < order(3, False).index("munich")
    assert order(3, True).index("munich") < order(3, True).index("berlin")
    assert order(4, False)[0] == "bird"
    assert order(6, False)[0] == "gun"
