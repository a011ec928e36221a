"""Replaced token detection against Transformers called directly and against brute force."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    ElectraForPreTraining,
    GPT2Config,
    GPT2LMHeadModel,
)

from models import replaced_tokens as electra
from models.catalogue import entries, entry
from models.generation import surprise
from models.loading import LoadedModel, LoadedTokenizer, load_model
from models.results import Detection, DetectionMeasure, Origin, PlaygroundError

TEXT = "The river flows through the old city and meets the ocean near the border."
SENTENCES = (TEXT, "She plays the violin in a small orchestra.", "The train left the station early in the morning.")
TINY = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


def tiny(model: torch.nn.Module, tokenizer: LoadedTokenizer) -> LoadedModel:
    return LoadedModel(model.eval(), tokenizer, Origin(None, "tiny", "embedded", "nowhere"))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def discriminator(bert: LoadedTokenizer) -> LoadedModel:
    torch.manual_seed(0)
    return tiny(ElectraForPreTraining(ElectraConfig(**TINY, embedding_size=32, initializer_range=0.5)), bert)


@pytest.fixture(scope="module")
def generator(bert: LoadedTokenizer) -> LoadedModel:
    """Random weights that leave a few likely tokens, so that samples are sometimes right and mostly wrong."""
    torch.manual_seed(0)
    model = BertForMaskedLM(BertConfig(**TINY, initializer_range=0.5))
    model.cls.predictions.bias.data[bert.tokenizer.convert_tokens_to_ids("the")] = 20.0
    return tiny(model, bert)


def test_probabilities_equal_the_model_called_directly() -> None:
    loaded = load_model("mini-electra", "PreTraining")
    model = ElectraForPreTraining.from_pretrained("models/checkpoints/mini-electra", dtype=torch.float32).eval()
    encoding = loaded.tokenizer.tokenizer(TEXT, return_tensors="pt")
    with torch.inference_mode():
        logits = model(**encoding).logits[0]
    found = electra.detect(loaded, electra.ids_of(loaded, TEXT))
    np.testing.assert_allclose(found.logits, logits, atol=1e-4)
    np.testing.assert_allclose(found.probabilities, logits.sigmoid(), atol=1e-5)
    assert found.special == (True, *[False] * (len(found.tokens) - 2), True)


@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0, 1.5])
def test_a_sample_equal_to_the_original_is_never_labelled_replaced(generator: LoadedModel, temperature: float) -> None:
    right = 0
    for seed in range(30):
        pair = electra.replace_tokens(generator, TEXT, rate=0.4, temperature=temperature, seed=seed)
        masked = {one.position: one for one in pair.replacements}
        for position, (original, now, label) in enumerate(
            zip(pair.input_ids, pair.corrupted_ids, pair.labels, strict=True)
        ):
            assert label == (original != now)
            assert position in masked or original == now
            if position in masked:
                assert masked[position].replaced == label
                right += not label
    assert right  # "the" is often masked and often sampled


def test_samples_come_from_the_softmax_at_that_temperature(generator: LoadedModel) -> None:
    """One position, 1,000 seeds: frequencies against probabilities computed directly."""
    tokenizer = generator.tokenizer.tokenizer
    counts: Counter[str] = Counter()
    for seed in range(1000):
        [one] = electra.replace_tokens(generator, "the", rate=1.0, temperature=2.0, seed=seed).replacements
        counts[one.sampled] += 1
    with torch.inference_mode():
        ids = torch.tensor([[tokenizer.cls_token_id, tokenizer.mask_token_id, tokenizer.sep_token_id]])
        probabilities = (generator.model(input_ids=ids).logits[0, 1] / 2.0).softmax(-1)
    for probability, token_id in zip(*probabilities.topk(3), strict=True):
        share = counts[tokenizer.convert_ids_to_tokens(int(token_id))] / 1000
        assert share == pytest.approx(float(probability), abs=4 * (0.25 / 1000) ** 0.5)


def test_a_higher_rate_keeps_the_samples_of_a_lower_one_and_every_position_has_its_own(bert: LoadedTokenizer) -> None:
    """By a generator that finds all tokens equally likely, whatever it reads."""
    even = tiny(BertForMaskedLM(BertConfig(**TINY, initializer_range=0.0)), bert)
    few, many = (
        {one.position: one.sampled for one in electra.replace_tokens(even, TEXT, rate=rate, seed=4).replacements}
        for rate in (0.2, 0.5)
    )
    assert few.items() <= many.items()
    assert len(few) < len(many) == len(set(many.values()))


def test_equal_seeds_give_equal_games_and_every_game_has_something_to_find(generator: LoadedModel) -> None:
    games = [electra.make_game(generator, SENTENCES, seed) for seed in range(12)]
    assert games == [electra.make_game(generator, SENTENCES, seed) for seed in range(12)]
    assert all(any(game.labels) for game in games)
    assert len({game.text for game in games}) == len(SENTENCES)


def test_the_loss_equals_torchs(discriminator: LoadedModel, generator: LoadedModel) -> None:
    pair = electra.replace_tokens(generator, TEXT, rate=0.4, seed=2)
    found = electra.detect(discriminator, pair.corrupted_ids)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(found.logits[1:-1]), torch.tensor(pair.labels[1:-1], dtype=torch.float32)
    )
    assert electra.discriminator_loss(found, pair) == pytest.approx(float(expected), rel=1e-5)


def test_a_typed_mask_is_filled_but_nobody_knows_its_original(
    discriminator: LoadedModel, generator: LoadedModel
) -> None:
    pair = electra.replace_tokens(generator, "The river flows [MASK] the city.", rate=0.4, seed=2)
    assert pair.tokens[4] == "[MASK]"
    assert pair.corrupted_tokens[4] != "[MASK]"
    assert 4 not in [one.position for one in pair.replacements]
    assert not pair.labels[4]
    known = [1, 2, 3, 5, 6, 7]
    found = electra.detect(discriminator, pair.corrupted_ids)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(found.logits[known]), torch.tensor(np.array(pair.labels)[known], dtype=torch.float32)
    )
    assert electra.discriminator_loss(found, pair) == pytest.approx(float(expected), rel=1e-5)
    nothing = electra.replace_tokens(generator, "[MASK] [MASK]")
    assert np.isnan(electra.discriminator_loss(electra.detect(discriminator, nothing.corrupted_ids), nothing))


def test_called_is_what_reaches_the_threshold_and_is_no_special_token() -> None:
    chances = np.array([0.9, 0.5, 0.49, 0.99], dtype=np.float32)
    found = Detection("m", ("[CLS]", "a", "b", "[SEP]"), (101, 1, 2, 102), chances, chances, (True, False, False, True))
    assert electra.called(found, 0.5) == (1,)


def test_scores_of_a_round(generator: LoadedModel) -> None:
    game = electra.make_game(generator, SENTENCES, 0)
    truth = [position for position, label in enumerate(game.labels) if label]
    wrong = next(number for number, label in enumerate(game.labels) if not label and number > 0)
    best = electra.score_verdicts(truth, game)
    assert (best.precision, best.recall, best.f1) == (1.0, 1.0, 1.0)
    mixed = electra.score_verdicts([truth[0], wrong], game)
    assert mixed.precision == 0.5
    assert mixed.recall == 1 / len(truth)
    assert mixed.f1 == pytest.approx(2 / (2 + len(truth)))
    nothing = electra.score_verdicts([], game)
    assert (nothing.precision, nothing.recall, nothing.f1) == (0.0, 0.0, 0.0)
    with pytest.raises(PlaygroundError, match="outside"):
        electra.score_verdicts([999], game)


def test_parts_draw_as_the_whole_does(discriminator: LoadedModel, generator: LoadedModel) -> None:
    whole = electra.measure(discriminator, generator, SENTENCES, rate=0.4, seed=1)
    parts = [
        electra.measure(discriminator, generator, SENTENCES[n : n + 1], rate=0.4, seed=1, first=n)
        for n in range(len(SENTENCES))
    ]
    assert [ids for part in parts for ids in part.corrupted] == list(whole.corrupted)
    assert np.concatenate([part.probabilities for part in parts]) == pytest.approx(whole.probabilities)


def test_curves_equal_brute_force(discriminator: LoadedModel, generator: LoadedModel) -> None:
    measured = electra.measure(discriminator, generator, SENTENCES, rate=0.4)
    found = electra.curves([measured])
    positive, negative = measured.probabilities[measured.replaced], measured.probabilities[~measured.replaced]
    wins = (positive[:, None] > negative).mean() + (positive[:, None] == negative).mean() / 2
    assert found.auc == pytest.approx(float(wins))
    by_hand = []
    for threshold in measured.probabilities:
        called = measured.probabilities >= threshold
        by_hand.append(2 * (called & measured.replaced).sum() / (called.sum() + measured.replaced.sum()))
    assert found.best_f1 == pytest.approx(max(by_hand))
    assert found.calibration[2].sum() == len(measured.probabilities)
    assert (found.calibration[1] * found.calibration[2]).sum() == pytest.approx(measured.replaced.sum())
    labels = np.concatenate([np.array(one) for one in measured.labels])
    assert (labels == 1).sum() == measured.replaced.sum()
    assert (labels == -100).sum() == 2 * len(SENTENCES)
    pairs = [electra.replace_tokens(generator, text, rate=0.4, seed=n) for n, text in enumerate(SENTENCES)]
    assert measured.corrupted == tuple(pair.corrupted_ids for pair in pairs), "a draw of its own for each text"
    assert measured.lucky == sum(not one.replaced for pair in pairs for one in pair.replacements) > 0


def test_nothing_replaced_has_no_curves() -> None:
    nothing = DetectionMeasure(0.1, 1.0, (), (), (), np.array([0.2, 0.7]), np.array([False, False]))
    with pytest.raises(PlaygroundError, match="replaced nothing"):
        electra.curves([nothing])


def test_a_word_takes_the_place_of_a_token(bert: LoadedTokenizer, discriminator: LoadedModel) -> None:
    ids = electra.ids_of(discriminator, "The chef cooked.")

    def tokens(word: str, position: int = 3) -> list[str]:
        found: list[str] = bert.tokenizer.convert_ids_to_tokens(
            list(electra.with_word(discriminator, ids, position, word))
        )
        return found

    assert tokens("ate") == ["[CLS]", "the", "chef", "ate", ".", "[SEP]"]
    assert tokens("philharmonics")[3:-2] == bert.tokenizer.tokenize("philharmonics")
    assert tokens("##ing")[3] == "##ing"
    for word, position in (("", 3), ("ate", 0), ("ate", 99)):
        with pytest.raises(PlaygroundError):
            tokens(word, position)


@pytest.mark.parametrize("text", ["The ☃ cooked.", "The [MASK] cooked."])
def test_what_the_tokenizer_does_not_know_can_be_replaced_too(discriminator: LoadedModel, text: str) -> None:
    ids = electra.ids_of(discriminator, text)
    assert electra.with_word(discriminator, ids, 2, "chef") == electra.ids_of(discriminator, "The chef cooked.")


def test_an_edited_text_has_the_edited_tokens(discriminator: LoadedModel) -> None:
    ids = electra.ids_of(discriminator, TEXT)
    edited = electra.text_with_word(discriminator, TEXT, 2, " mountain ")
    assert edited == TEXT.replace("river", "mountain")
    assert electra.ids_of(discriminator, edited) == electra.with_word(discriminator, ids, 2, "mountain")
    with pytest.raises(PlaygroundError):
        electra.text_with_word(discriminator, TEXT, 0, "mountain")


def test_suggestions_are_what_the_generator_finds_likely(generator: LoadedModel) -> None:
    ids = electra.ids_of(generator, TEXT)
    hidden = torch.tensor([[*ids[:2], 103, *ids[3:]]])
    with torch.inference_mode():
        best = generator.model(input_ids=hidden).logits[0, 2].softmax(-1).topk(8)
    found = electra.suggest(generator, ids, 2)
    assert [name for name, _ in found] == generator.tokenizer.tokenizer.convert_ids_to_tokens(best.indices.tolist())
    assert [value for _, value in found] == pytest.approx(best.values.tolist(), abs=1e-6)


def test_a_word_is_as_suspicious_as_its_worst_token(discriminator: LoadedModel, gpt2: LoadedTokenizer) -> None:
    torch.manual_seed(0)
    causal = tiny(GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=1, n_head=2, initializer_range=0.5)), gpt2)
    text = "Electroencephalographers unquestionably waltzed."
    chances = electra.detect(discriminator, electra.ids_of(discriminator, text)).probabilities
    encoding = discriminator.tokenizer.tokenizer(text, return_offsets_mapping=True)
    predicted = surprise(causal, text).tokens
    found = electra.against_ranks(discriminator, causal, text)
    assert [one.word for one in found] == text.split()
    for one in found:
        start = text.index(one.word)
        inside = [start <= first < last <= start + len(one.word) for first, last in encoding["offset_mapping"]]
        ranks = [token.rank for token in predicted if start <= token.offsets[1] - 1 < start + len(one.word)]
        assert len(ranks) > 1
        assert one.probability == max(chances[inside])
        assert one.rank == max(ranks)


def test_every_discriminator_has_its_generator_in_the_catalogue() -> None:
    for one in entries():
        if one.objective == "replaced token detection":
            for name in electra.generators_of(one.name):
                assert "masked language modelling" in entry(name).objective
                assert entry(name).tokenizer_folder == one.tokenizer_folder


def test_the_smaller_generators_chances_equal_the_model_called_directly() -> None:
    """And its samples are among them: mini-student reads mini-electra's input_ids."""
    name = electra.generators_of("mini-electra")[1]
    model = ElectraForMaskedLM.from_pretrained(f"models/checkpoints/{name}", dtype=torch.float32).eval()
    loaded = load_model(name, "MaskedLM")
    pair = electra.replace_tokens(loaded, TEXT, rate=0.5, seed=4)
    with torch.inference_mode():
        chances = model(input_ids=torch.tensor([pair.masked_ids])).logits[0].double().softmax(-1)  # (L, V)
    assert len(pair.replacements) > 3
    for one in pair.replacements:
        own = chances[one.position]
        assert one.sampled_probability == pytest.approx(float(own[pair.corrupted_ids[one.position]]), rel=1e-3)
        assert one.loss == pytest.approx(-float(own[pair.input_ids[one.position]].log()), rel=1e-3, abs=1e-5)
        assert [value for _, value in one.candidates] == pytest.approx(own.topk(8).values.tolist(), rel=1e-3)
