"""Fine-tuning, against plain loops."""

from __future__ import annotations

import copy
import gc
import hashlib
import weakref
from dataclasses import replace
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from models import fine_tuning
from models.fine_tuning import classify, fine_tune
from models.loading import LoadedModel, LoadedTokenizer, load_model
from models.packaged import NAME
from models.results import LabelledExample, Origin, PlaygroundError, TuningSettings, TuningStep
from tests.tiny_checkpoints import WORDS, make_checkpoint, make_tokenizer

GOOD = ("wonderful", "lovely", "great", "perfect", "delightful", "brilliant")
BAD = ("terrible", "awful", "horrible", "stupid", "disgusting", "miserable")
EXAMPLES = tuple(
    LabelledExample(f"What a {word} {noun}!", label)
    for noun in ("day", "film")
    for label, words in (("good", GOOD), ("bad", BAD))
    for word in words
)
QUICK = TuningSettings(epochs=2, batch_size=4)
TAGGED = tuple(
    LabelledExample(f"{name} lives in {place}.", f"{name} = person; {place} = place")
    for name, place in zip(
        ("Anna", "Peter", "Maria", "John", "Laura", "Zundert", "Emma", "Paul"),
        ("Oslo", "Rome", "Paris", "London", "Madrid", "Berlin", "Zundert", "Vienna"),
        strict=True,
    )
)


@pytest.fixture(scope="module")
def bert() -> LoadedModel:
    return load_model("mini-bert", "Model")


@pytest.fixture(scope="module")
def reader() -> LoadedModel:
    return load_model(NAME, "CausalLM")


@pytest.mark.parametrize(
    ("examples", "task", "sentence"),
    [
        (EXAMPLES[:7], "single", "7 examples; 8 to 200"),
        (EXAMPLES * 9, "single", "216 examples"),
        (tuple(replace(one, label="good") for one in EXAMPLES), "single", "1 different labels"),
        (tuple(replace(one, label=str(n)) for n, one in enumerate(EXAMPLES)), "single", "24 different labels"),
        ((*EXAMPLES, LabelledExample("A", "")), "single", "Row 25 of the table has an empty cell"),
        (EXAMPLES, "pair", "Row 1 of the table has an empty cell"),
        ((*TAGGED, LabelledExample("Anna sleeps.", "Peter = person")), "tagging", "Row 9: “Peter” does not occur"),
        ((*TAGGED, LabelledExample("The Parisians sleep.", "Paris = place")), "tagging", "“Paris” does not occur"),
        ((*TAGGED, LabelledExample("\u200b", "")), "tagging", "no sign that the model reads"),
        ((*EXAMPLES, LabelledExample("word " * 200, "good")), "single", "up to 128"),
        (tuple(LabelledExample("The same.", label) for label in ("a", "b") * 4), "single", "Nothing can be held out"),
    ],
)
def test_a_table_that_cannot_be_learned_from_is_refused(
    bert: LoadedModel, examples: tuple[LabelledExample, ...], task: Any, sentence: str
) -> None:
    with pytest.raises(PlaygroundError, match=sentence):
        fine_tune(bert, examples, replace(QUICK, task=task))


def fingerprint(loaded: LoadedModel) -> str:
    weights = b"".join(weight.detach().numpy().tobytes() for weight in loaded.model.state_dict().values())
    return hashlib.sha256(weights).hexdigest()


def test_two_at_once_do_not_disturb_each_other_nor_the_shared_model(bert: LoadedModel) -> None:
    before = fingerprint(bert)
    settings = [QUICK, replace(QUICK, seed=1, encoder_rate=1e-3)]
    alone = [fine_tune(bert, EXAMPLES, one).record for one in settings]
    together: dict[int, Any] = {}
    threads = [
        Thread(target=lambda n=n: together.update({n: fine_tune(bert, EXAMPLES, settings[n]).record}))  # type: ignore[misc]
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, record in enumerate(alone):
        again = [step.loss for step in together[number].steps]
        assert again[1:] == pytest.approx([step.loss for step in record.steps][1:], abs=1e-4)
    assert fingerprint(bert) == before
    assert all(weight.grad is None for weight in bert.model.parameters())


def test_a_frozen_encoder_is_only_read(bert: LoadedModel) -> None:
    tuned = fine_tune(bert, EXAMPLES, replace(QUICK, scope="head"))
    assert tuned.encoder is None
    assert tuned.record.trained_parameters == 384 * 2 + 2
    assert tuned.record.all_parameters == tuned.record.trained_parameters + sum(
        one.numel() for one in bert.model.parameters()
    )


def test_a_learning_rate_of_zero_changes_nothing(bert: LoadedModel) -> None:
    settings = replace(QUICK, encoder_rate=0.0, head_rate=0.0)
    record = fine_tune(bert, EXAMPLES, settings).record
    assert record.steps[-1].held_out_loss == pytest.approx(record.steps[0].held_out_loss)
    assert len({step.held_out_accuracy for step in record.steps if step.held_out_accuracy is not None}) == 1
    assert record.confusion.sum(1).tolist() == [3, 3] != record.confusion.sum(0).tolist(), "a row for each true label"
    assert record.majority == 0.5


def test_a_random_start_is_another_encoder(bert: LoadedModel) -> None:
    frozen = replace(QUICK, scope="head", start="random")
    tuned = fine_tune(bert, EXAMPLES, frozen)
    assert not torch.equal(
        tuned.encoder.encoder.layer[0].output.dense.weight, bert.model.encoder.layer[0].output.dense.weight
    )
    again = fine_tune(bert, EXAMPLES, frozen)
    assert [one.loss for one in again.record.steps] == [one.loss for one in tuned.record.steps]


@pytest.mark.parametrize("name", ["gpt2", "HuggingFaceTB/SmolLM2-135M-Instruct"])
def test_gpt1s_way_is_that_of_a_plain_loop(name: str, tmp_path: Path) -> None:
    """A tiny causal model: every sequence alone, a linear layer, cross entropy."""
    make_checkpoint(name, tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    origin = Origin(None, "tiny", "embedded", "tiny")
    loaded = LoadedModel(model, LoadedTokenizer(make_tokenizer(), Lock(), origin), origin)
    before = fingerprint(loaded)
    examples = tuple(
        LabelledExample(
            f"{'me ' * (number % 3)}{first} {second}", "home" if "home" in (first, second) else "away", "to go"
        )
        for number, (first, second) in enumerate([(a, b) for a in WORDS[5:10] for b in WORDS[6:10] if a != b])
    )
    settings = TuningSettings(task="pair", scope="head", reads="extract", head_rate=0.1, epochs=3, batch_size=4, seed=2)
    tuned = fine_tune(loaded, examples, settings)
    record = tuned.record
    assert tuned.encoder is None
    assert record.trained_parameters == 8 * 2 + 2
    assert fingerprint(loaded) == before
    assert all(weight.grad is None for weight in model.parameters())

    std = model.config.initializer_range
    start, delimiter, extract = torch.randn((3, 8), generator=torch.Generator().manual_seed(0)) * std
    head = torch.nn.Linear(8, 2)
    torch.nn.init.normal_(head.weight, std=std, generator=torch.Generator().manual_seed(2))
    torch.nn.init.zeros_(head.bias)

    def read(one: LabelledExample) -> torch.Tensor:
        ids = [loaded.tokenizer.tokenizer(text, add_special_tokens=False)["input_ids"] for text in (one.text, one.pair)]
        first, second = (model.get_input_embeddings()(torch.tensor(part)) for part in ids)
        vectors = torch.cat([start[None], first, delimiter[None], second, extract[None]])
        with torch.no_grad():
            return model.base_model(inputs_embeds=vectors[None]).last_hidden_state[0, -1]

    optimizer = torch.optim.AdamW(head.parameters(), lr=0.1, weight_decay=0.01)
    batches = -(-len(record.train) // 4)
    order, losses = torch.Generator().manual_seed(2), []
    for epoch in range(3):
        places = torch.randperm(len(record.train), generator=order).tolist()
        for number in range(batches):
            rows = [record.train[place] for place in places[4 * number : 4 * number + 4]]
            targets = torch.tensor([record.labels.index(one.label) for one in rows])
            loss = torch.nn.functional.cross_entropy(head(torch.stack([read(one) for one in rows])), targets)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            for group in optimizer.param_groups:
                group["lr"] = 0.1 * (1 - (epoch * batches + number) / (3 * batches))
            optimizer.step()
            losses.append(float(loss.detach()))
    assert [step.loss for step in record.steps[1:]] == pytest.approx(losses, abs=1e-4)
    expected = torch.stack([head(read(one)) for one in record.held_out]).softmax(-1).detach().numpy()
    assert np.concatenate(record.probabilities) == pytest.approx(expected, abs=1e-4)
    said = classify(tuned, loaded, record.held_out[0].text, record.held_out[0].pair)
    assert said.probabilities[0] == pytest.approx(expected[0], abs=1e-4)


@pytest.mark.parametrize("own", [{"scope": "all"}, {"start": "random"}, {"task": "tagging"}])
def test_gpt1s_way_trains_only_a_head_on_whole_texts(reader: LoadedModel, own: dict[str, Any]) -> None:
    with pytest.raises(PlaygroundError, match="only the head"):
        fine_tune(reader, EXAMPLES, replace(QUICK, **{"scope": "head", "reads": "extract", **own}))


def test_figures_follow_from_the_verdicts(bert: LoadedModel) -> None:
    tuned = fine_tune(bert, EXAMPLES, QUICK)
    record = tuned.record
    assert record.labels == ("bad", "good")
    said = [classify(tuned, bert, one.text) for one in record.held_out]
    assert np.concatenate([one.probabilities for one in said]) == pytest.approx(
        np.concatenate(record.probabilities), abs=1e-5
    )
    right = [
        said.labels[int(said.probabilities.argmax())] == one.label
        for said, one in zip(said, record.held_out, strict=True)
    ]
    assert (record.accuracy.hits, record.accuracy.trials) == (sum(right), len(right))
    assert record.accuracy.value == pytest.approx(record.steps[-1].held_out_accuracy)
    assert record.confusion.sum() == len(right)
    assert np.trace(record.confusion) == sum(right)
    assert record.confusion.sum(1).tolist() == [
        sum(one.label == label for one in record.held_out) for label in record.labels
    ]
    assert len(record.steps) == 1 + 2 * -(-len(record.train) // 4)


def test_it_learns_what_is_easy(bert: LoadedModel) -> None:
    record = fine_tune(bert, EXAMPLES, replace(QUICK, epochs=6)).record
    assert record.steps[-1].held_out_accuracy == 1.0
    assert record.steps[-1].loss is not None
    assert record.steps[-1].loss < 0.3
    assert record.majority == 0.5


def test_the_first_token_of_a_word_carries_its_tag(bert: LoadedModel) -> None:
    tuned = fine_tune(bert, TAGGED, replace(QUICK, task="tagging"))
    record = tuned.record
    assert record.labels == ("O", "person", "place")
    for one, pieces, truth in zip(record.held_out, record.pieces, record.truth, strict=True):
        words = one.text.removesuffix(".").split()
        assert list(pieces) == [*words, "."]
        assert [record.labels[label] for label in truth] == ["person", "O", "O", "place", "O"]
    said = classify(tuned, bert, "Zundert is called Zundert.")
    assert said.pieces == ("Zundert", "is", "called", "Zundert", ".")
    assert said.probabilities.sum(-1) == pytest.approx(np.ones(5))


def test_weights_that_nothing_reads_are_not_trained(bert: LoadedModel) -> None:
    """The pooler, where the head reads the mean of all tokens."""
    longer = tuple(replace(one, text=one.text + " Really." * (n % 3)) for n, one in enumerate(EXAMPLES))
    tuned = fine_tune(bert, longer, replace(QUICK, epochs=1, reads="mean"))
    before, after = (dict(model.named_parameters()) for model in (bert.model, tuned.encoder))
    moved = sum(weight.numel() for name, weight in after.items() if not torch.equal(weight, before[name]))
    assert tuned.record.trained_parameters == moved + sum(one.numel() for one in tuned.head.parameters())
    alone = [classify(tuned, bert, one.text).probabilities[0] for one in tuned.record.held_out]
    assert np.concatenate(tuned.record.probabilities) == pytest.approx(np.array(alone), abs=1e-5), "padding is no part"


def test_progress_is_told_and_false_ends_it_early(bert: LoadedModel) -> None:
    told: list[tuple[int, int]] = []
    steps: list[TuningStep] = []

    def tell(done: int, total: int, *step: TuningStep) -> bool:
        told.append((done, total))
        steps.extend(step)
        return len(steps) < 4

    record = fine_tune(bert, EXAMPLES, QUICK, tell).record
    assert tuple(steps[:3]) == record.steps[:3]
    assert steps[3].loss == record.steps[3].loss
    assert len(record.steps) == 4
    assert told[0] == (0, 10)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert record.accuracy.trials == 6
    assert record.accuracy.value == pytest.approx(record.steps[-1].held_out_accuracy)


def test_only_the_newest_models_are_kept_and_the_older_say_so(
    bert: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fine_tuning, "_KEPT", 1)
    monkeypatch.setattr(fine_tuning, "_own", [])
    settings = replace(QUICK, epochs=1)
    first, second = fine_tune(bert, EXAMPLES, settings), fine_tune(bert, EXAMPLES, settings)
    with pytest.raises(PlaygroundError, match="let go"):
        classify(first, bert, "What a day!")
    assert classify(second, bert, "What a day!").labels == ("bad", "good")


def test_models_that_are_gone_take_no_place(bert: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever trains again and again, and keeps only the last, takes none from others."""
    monkeypatch.setattr(fine_tuning, "_KEPT", 2)
    monkeypatch.setattr(fine_tuning, "_own", [])
    settings = replace(QUICK, epochs=1)
    mine = fine_tune(bert, EXAMPLES, settings)
    for _ in range(2):
        fine_tune(bert, EXAMPLES, settings)
        gc.collect()
    assert classify(mine, bert, "What a day!").labels == ("bad", "good")


def test_a_head_keeps_no_model_of_the_catalogue_in_memory(bert: LoadedModel) -> None:
    """Loaded anew, the model reads on under the same head."""
    model = LoadedModel(copy.deepcopy(bert.model), bert.tokenizer, bert.origin)
    tuned = fine_tune(model, EXAMPLES, replace(QUICK, scope="head", epochs=1))
    before = classify(tuned, model, "What a day!")
    gone = weakref.ref(model.model)
    del model
    gc.collect()
    assert gone() is None
    assert np.array_equal(classify(tuned, bert, "What a day!").probabilities, before.probabilities)


def test_a_large_encoder_is_not_copied_for_one_training(bert: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine_tuning, "MOST_PARAMETERS", 1_000_000)
    for settings in (QUICK, replace(QUICK, scope="head", start="random")):
        with pytest.raises(PlaygroundError, match="Train only the head"):
            fine_tune(bert, EXAMPLES, settings)
    assert fine_tune(bert, EXAMPLES, replace(QUICK, scope="head", epochs=1)).record.steps
