"""Predictions against Transformers called directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertForMaskedLM, GPT2Config, GPT2LMHeadModel

from models.loading import LoadedModel, LoadedTokenizer, load_model
from models.masked_prediction import (
    fill,
    fill_one_by_one,
    left_context,
    log_probabilities,
    mismatch,
    pseudo_perplexity,
    sweep_point,
)
from models.masking import corrupt, draw
from models.results import FillingOrder, MaskingSettings, Origin, PlaygroundError

FOLDER = "models/checkpoints/mini-bert"
TEXT = "The river flows through the old city and meets the ocean."
SETTINGS = MaskingSettings(rate=0.4, mask_share=0.5, random_share=0.25, seed=3)


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model("mini-bert", "MaskedLM")


@pytest.fixture(scope="module")
def reference() -> BertForMaskedLM:
    return BertForMaskedLM.from_pretrained(FOLDER, dtype="float32").eval()


def logits_of(reference: BertForMaskedLM, ids: list[int] | tuple[int, ...]) -> torch.Tensor:
    with torch.inference_mode():
        logits: torch.Tensor = reference(input_ids=torch.tensor([list(ids)])).logits[0]
    return logits


def test_candidates_ranks_and_losses_equal_transformers(model: LoadedModel, reference: BertForMaskedLM) -> None:
    corruption = corrupt(model.tokenizer, TEXT, SETTINGS)
    found = fill(model, corruption, top_k=7)
    probabilities = logits_of(reference, corruption.corrupted_ids).softmax(-1)
    assert [one.position for one in found.positions] == list(corruption.selected)
    losses = []
    for one in found.positions:
        row = probabilities[one.position]
        values, ids = row.topk(7)
        assert [token for token, _ in one.candidates] == model.tokenizer.tokenizer.convert_ids_to_tokens(ids.tolist())
        np.testing.assert_allclose([p for _, p in one.candidates], values, atol=1e-5)
        original = corruption.input_ids[one.position]
        assert one.probability == pytest.approx(row[original].item(), abs=1e-5)
        assert one.rank == int((row > row[original]).sum()) + 1
        assert one.seen_probability == pytest.approx(row[corruption.corrupted_ids[one.position]].item(), abs=1e-5)
        assert one.entropy == pytest.approx(torch.special.entr(row).sum().item(), abs=1e-4)
        losses.append(-row[original].log().item())
    labels = torch.tensor([corruption.labels])
    with torch.inference_mode():
        loss = reference(input_ids=torch.tensor([corruption.corrupted_ids]), labels=labels).loss.item()
    assert found.mean_loss == pytest.approx(loss, abs=1e-4)
    assert found.perplexity == pytest.approx(np.exp(np.mean(losses)), rel=1e-4)
    assert found.share_right == np.mean([one.rank == 1 for one in found.positions])


def test_a_typed_blank_has_candidates_but_no_loss(model: LoadedModel) -> None:
    found = fill(model, corrupt(model.tokenizer, "The film was [MASK] in 1999.", MaskingSettings(rate=0.01)))
    assert len(found.positions) == 1
    assert found.positions[0].loss is None
    assert found.mean_loss is None
    assert len(found.positions[0].candidates) == 5


def test_nothing_hidden_nothing_predicted(model: LoadedModel) -> None:
    corruption = corrupt(model.tokenizer, "Hi", MaskingSettings(seed=1), (1,))
    assert corruption.selected == ()
    assert fill(model, corruption).positions == ()


@pytest.mark.parametrize("order", ["left", "right", "certain"])
def test_fillings_and_their_probabilities_equal_a_loop_over_transformers(
    model: LoadedModel, reference: BertForMaskedLM, order: FillingOrder
) -> None:
    text = "The river [MASK] through the old city and meets the ocean near the border."
    corruption = corrupt(model.tokenizer, text, MaskingSettings(rate=0.5, mask_share=0.5, random_share=0.25, seed=3))
    assert {"mask", "typed", "random", "kept"} <= set(corruption.fates)
    found = fill_one_by_one(model, corruption, order)
    masks = [position for position, token_id in enumerate(corruption.corrupted_ids) if token_id == 103]
    alone = logits_of(reference, corruption.corrupted_ids).log_softmax(-1)
    ids, filled = list(corruption.corrupted_ids), {}
    while rest := [position for position in masks if position not in filled]:
        now = logits_of(reference, ids).log_softmax(-1)
        certain = max(rest, key=lambda position: now[position].max().item())
        position = {"left": rest[0], "right": rest[-1], "certain": certain}[order]
        ids[position] = filled[position] = int(now[position].argmax())
    assert (found.positions, found.left_out) == (tuple(filled), 0)
    at_once = {position: int(alone[position].argmax()) for position in masks}
    assert filled != at_once, "else nothing is compared here"
    for filling, tokens in ((found.at_once, at_once), (found.one_by_one, filled)):
        ids, independent, chain = list(corruption.corrupted_ids), [], []
        for position in found.positions:
            chain.append(logits_of(reference, ids)[position].log_softmax(-1)[tokens[position]].item())
            independent.append(alone[position, tokens[position]].item())
            ids[position] = tokens[position]
        names = model.tokenizer.tokenizer.convert_ids_to_tokens([tokens[position] for position in found.positions])
        assert filling.tokens == tuple(names)
        assert filling.independent == pytest.approx(independent, abs=1e-3)
        assert filling.in_turn == pytest.approx(chain, abs=1e-3)
        assert filling.product == pytest.approx(np.exp(sum(independent)), rel=1e-2)
        assert filling.joint == pytest.approx(np.exp(sum(chain)), rel=1e-2)


def test_eight_gaps_are_filled_and_the_others_stay(model: LoadedModel, reference: BertForMaskedLM) -> None:
    corruption = corrupt(model.tokenizer, "It is " + "[MASK] " * 10 + "now.", MaskingSettings(rate=0.01, seed=1))
    assert len(corruption.masked) == 10
    found = fill_one_by_one(model, corruption)
    assert (found.positions, found.left_out) == (corruption.masked[:8], 2)
    ids = list(corruption.corrupted_ids)
    for position, token in zip(found.positions, found.one_by_one.tokens, strict=True):
        ids[position] = int(logits_of(reference, ids)[position].argmax())
        assert model.tokenizer.tokenizer.convert_ids_to_tokens(ids[position]) == token
    assert ids.count(103) == 2


def test_one_gap_is_no_chain(model: LoadedModel) -> None:
    with pytest.raises(PlaygroundError, match="two tokens or more"):
        fill_one_by_one(model, corrupt(model.tokenizer, "It is [MASK].", MaskingSettings(rate=0.01, seed=1)))


def test_pseudo_perplexity_hides_one_token_at_a_time(model: LoadedModel, reference: BertForMaskedLM) -> None:
    ids = model.tokenizer.tokenizer(TEXT)["input_ids"]
    total = 0.0
    for place in range(1, len(ids) - 1):
        row = logits_of(reference, [*ids[:place], 103, *ids[place + 1 :]])[place].log_softmax(-1)
        total -= row[ids[place]].item()
    told: list[float] = []
    assert pseudo_perplexity(model, TEXT, on_progress=told.append) == pytest.approx(
        np.exp(total / (len(ids) - 2)), rel=1e-4
    )
    assert told[-1] == 1.0


def test_left_context_of_the_same_model_ends_behind_the_word(model: LoadedModel, reference: BertForMaskedLM) -> None:
    text = "Philharmonic orchestras rehearsed Tchaikovsky in Philadelphia."
    hidden = (4, 7, 8)  # a piece of "rehearsed", and two more words
    corruption = corrupt(model.tokenizer, text, MaskingSettings(rate=0.9, mask_share=1, random_share=0, seed=3))
    shown = tuple(set(corruption.selected) ^ set(hidden))
    found = left_context(model, corrupt(model.tokenizer, text, corruption.settings, shown))
    ids, words = corruption.input_ids, [(3, 4, 5), (7,), (8,)]
    assert [(row.position, row.word) for row in found.words] == [(3, "rehearsed"), (7, "in"), (8, "Philadelphia")]
    for row, places in zip(found.words, words, strict=True):
        both, left = 0.0, 0.0
        for number, place in enumerate(places):  # only the rest of this word is hidden, whatever else was
            read = [103 if at in places[number:] else token_id for at, token_id in enumerate(ids)]
            both -= logits_of(reference, read)[place].log_softmax(-1)[ids[place]].item()
            left -= logits_of(reference, [*read[: places[-1] + 1], 102])[place].log_softmax(-1)[ids[place]].item()
        assert (row.loss_both, row.loss_left) == pytest.approx((both, left), abs=1e-3)
        whole = [103 if at in places else token_id for at, token_id in enumerate(ids)]
        guesses = logits_of(reference, whole)[list(places)].argmax(-1).tolist()
        assert row.guess_both == " ".join(model.tokenizer.tokenizer.convert_ids_to_tokens(guesses))
    assert (found.at_the_end, found.left_out) == ((), 0)


def test_a_word_at_the_end_has_no_right_side_to_compare(model: LoadedModel) -> None:
    for text in ("hello", "hello [MASK]"):
        found = left_context(
            model, corrupt(model.tokenizer, text, MaskingSettings(rate=1.0, mask_share=1, random_share=0))
        )
        assert (found.words, found.at_the_end) == ((), ("hello",))


def test_of_a_long_text_some_words_are_read(model: LoadedModel) -> None:
    text = "the river flows " * 60
    found = left_context(model, corrupt(model.tokenizer, text, MaskingSettings(rate=0.5, seed=2)))
    assert len(found.words) == 4096 // 182
    assert found.left_out > 0


def test_left_context_of_a_causal_model(model: LoadedModel, gpt2: LoadedTokenizer) -> None:
    torch.manual_seed(0)
    network = GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=2, n_head=2, initializer_range=0.5)).eval()
    causal = LoadedModel(network, gpt2, Origin(None, "tiny", "embedded", "nowhere"))
    corruption = corrupt(model.tokenizer, TEXT, MaskingSettings(rate=0.3, unit="word", seed=4))
    rows = left_context(model, corruption, causal).words
    encoding = gpt2.tokenizer(TEXT, return_offsets_mapping=True)
    ids = [50256, *encoding["input_ids"]]
    with torch.inference_mode():
        scores = network(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)
    for row in rows:
        start = TEXT.index(row.word)
        places = [
            n + 1 for n, (a, b) in enumerate(encoding["offset_mapping"]) if a < start + len(row.word) and b > start
        ]
        expected = -sum(scores[n - 1, ids[n]].item() for n in places)
        if TEXT.count(row.word) == 1:
            assert row.loss_left == pytest.approx(expected, abs=1e-3)
    assert any(TEXT.count(row.word) == 1 for row in rows)


def test_a_text_longer_than_the_readers_window_is_a_sentence(model: LoadedModel, gpt2: LoadedTokenizer) -> None:
    network = GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=1, n_head=2, n_positions=8)).eval()
    causal = LoadedModel(network, gpt2, Origin(None, "tiny", "embedded", "nowhere"))
    corruption = corrupt(model.tokenizer, TEXT, SETTINGS)
    with pytest.raises(PlaygroundError, match="tiny reads 1 to 7"):
        left_context(model, corruption, causal)


def test_a_causal_model_reads_behind_the_token_of_its_documents(model: LoadedModel) -> None:
    causal = load_model("HuggingFaceTB/SmolLM2-135M-Instruct", "CausalLM")
    tokenizer: Any = causal.tokenizer.tokenizer
    text = "Paris is the capital of France."
    corruption = corrupt(model.tokenizer, text, MaskingSettings(rate=0.0), by_hand=(6,))
    [row] = [row for row in left_context(model, corruption, causal).words if row.word == "France"]
    ids = tokenizer("<|endoftext|>Paris is the capital of France", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        scores = causal.model(input_ids=ids).logits[0, -2].log_softmax(-1)
    assert row.loss_left == pytest.approx(-scores[ids[0, -1]].item(), abs=1e-3)
    assert row.guess_left == "France"


def test_a_sweep_point_equals_a_loop_over_single_texts(model: LoadedModel, reference: BertForMaskedLM) -> None:
    texts = (TEXT, "She was born in a small village.")
    point = sweep_point(model, texts, SETTINGS, 2)
    right, losses, tokens = 0, [], 0
    for number, text in enumerate(texts):
        encoding = model.tokenizer.tokenizer(text)
        ids = np.array(encoding["input_ids"])
        settings = MaskingSettings(0.4, 0.5, 0.25, seed=3 + number)
        found = draw(encoding.word_ids(), settings, 30522, 2)
        tokens += 2 * (len(ids) - 2)
        for fates, random_ids in zip(found.fates, found.random_ids, strict=True):
            rows = logits_of(reference, np.where(fates == 1, 103, np.where(fates == 2, random_ids, ids)).tolist())
            for place in np.flatnonzero(fates):
                right += int(rows[place].argmax() == ids[place])
                losses.append(-rows[place].log_softmax(-1)[ids[place]].item())
    assert (point.tokens, point.predicted, point.right) == (tokens, len(losses), right)
    assert point.loss == pytest.approx(np.mean(losses), abs=1e-3)
    assert 0 < point.low < point.share_right < point.high < 1


def test_more_hidden_is_harder(model: LoadedModel) -> None:
    few, many = (sweep_point(model, (TEXT,), MaskingSettings(rate=rate, seed=1), 30) for rate in (0.1, 0.8))
    assert few.share_right > many.share_right
    assert few.loss < many.loss
    assert few.predicted < many.predicted


def test_mismatch_separates_the_kinds_of_positions(model: LoadedModel) -> None:
    rows = {row.kind: row for row in mismatch(model, (TEXT,), MaskingSettings(rate=0.4, seed=2), 20)}
    assert set(rows) == {"", "mask", "random", "kept"}
    assert sum(row.positions for row in rows.values()) == 20 * 12
    assert rows["kept"].original_probability > rows["mask"].original_probability > rows["random"].original_probability
    assert rows[""].original_probability == rows[""].seen_probability
    assert rows["random"].seen_probability < 0.5, "it does not repeat what it reads"
    assert rows["kept"].share_right > rows["mask"].share_right > rows["random"].share_right
    assert {row.kind for row in mismatch(model, (TEXT,), MaskingSettings(mask_share=1, random_share=0), 5)} == {
        "",
        "mask",
    }


def test_more_tokens_than_positions_are_refused(model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a model whose id was typed and that comes with the tokenizer of a longer one."""
    monkeypatch.setattr(model.tokenizer.tokenizer, "model_max_length", 9)
    with pytest.raises(PlaygroundError, match="has 10 tokens; the model has 9 positions"):
        log_probabilities(model, [[101] * 10], [(0, 1)])
    assert log_probabilities(model, [[101] * 9], [(0, 1)]).shape == (1, 30_522)
