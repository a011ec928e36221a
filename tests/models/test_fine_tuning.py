"""New heads and their training, against the classes of Transformers and against plain loops."""

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
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BertForMaskedLM,
    BertForMultipleChoice,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
)

from models import fine_tuning
from models.catalogue import ROOT
from models.fine_tuning import (
    choice_input,
    classify,
    fine_tune,
    head_input,
    input_transformation,
    masked_input,
    read_phrases,
    split,
)
from models.loading import LoadedModel, LoadedTokenizer, load_model
from models.packaged import NAME
from models.results import LabelledExample, Origin, PlaygroundError, TuningSettings, TuningStep
from tests.tiny_checkpoints import WORDS, make_checkpoint, make_tokenizer

FOLDER = str(ROOT / "models" / "checkpoints" / "mini-bert")
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


def seeded(head: torch.nn.Linear, std: float) -> None:
    """The weights of a new head, as this project starts them."""
    torch.nn.init.normal_(head.weight, std=std, generator=torch.Generator().manual_seed(0))
    torch.nn.init.zeros_(head.bias)


# --- heads --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "auto", "layer", "pair", "outputs"),
    [
        ("single", BertForSequenceClassification, "classifier", "", ("0", "1", "2")),
        ("pair", BertForSequenceClassification, "classifier", "It is closed.", ("0", "1")),
        ("tagging", BertForTokenClassification, "classifier", "", ("O", "person", "place")),
        ("answer", BertForQuestionAnswering, "qa_outputs", "The bridge in Zundert is closed.", ("start", "end")),
    ],
)
def test_each_shape_is_that_of_transformers(
    bert: LoadedModel, shape: Any, auto: Any, layer: str, pair: str, outputs: tuple[str, ...]
) -> None:
    text = "Where is the bridge of Zundert?"
    model = auto.from_pretrained(FOLDER, num_labels=len(outputs)).eval()
    if shape == "single" or shape == "pair":  # BertForSequenceClassification brings the pooler of the checkpoint
        assert torch.equal(model.bert.pooler.dense.weight, bert.model.pooler.dense.weight)
    seeded(getattr(model, layer), model.config.initializer_range)
    encoding = AutoTokenizer.from_pretrained(FOLDER)(text, pair or None, return_tensors="pt")
    with torch.inference_mode():
        found = model(**encoding)
    expected = torch.stack((found.start_logits, found.end_logits), -1) if shape == "answer" else found.logits
    ours = head_input(bert, shape, text, pair, outputs)
    assert ours.logits == pytest.approx(expected.reshape(-1, len(outputs)).numpy(), abs=1e-5)
    shapes = dict(ours.tensors)
    assert shapes["input_ids"] == tuple(encoding["input_ids"].shape)
    assert shapes["last_hidden_state"] == (1, len(ours.tokens), 384)
    if shape == "answer":
        assert shapes["start_logits"] == tuple(found.start_logits.shape)
    else:
        assert shapes["logits"] == tuple(found.logits.shape)
    assert ours.head_parameters == sum(one.numel() for one in getattr(model, layer).parameters())


def test_choices_are_those_of_transformers(bert: LoadedModel) -> None:
    text, choices = "The man went to the store.", ("He bought milk.", "He sat down on the moon to rest.", "It is blue.")
    model = BertForMultipleChoice.from_pretrained(FOLDER).eval()
    seeded(model.classifier, model.config.initializer_range)
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    encoding = tokenizer([text] * 3, list(choices), padding=True, return_tensors="pt")
    with torch.inference_mode():
        found = model(**{name: values[None] for name, values in encoding.items()}).logits
    ours = choice_input(bert, text, choices)
    assert ours.logits == pytest.approx(found[0].numpy(), abs=1e-5)
    assert ours.probabilities == pytest.approx(found[0].softmax(-1).numpy(), abs=1e-5)
    longest = encoding["input_ids"].shape[1]
    assert dict(ours.tensors) == {
        "input_ids": (1, 3, longest),
        "input_ids, flat": (3, longest),
        "last_hidden_state": (3, longest, 384),
        "pooler_output": (3, 384),
        "scores": (3, 1),
        "logits": tuple(found.shape),
    }
    assert ours.head_parameters == 384 + 1
    assert [list(tokens) for tokens in ours.sequences] == [tokenizer(text, one).tokens() for one in choices]
    for wrong in (choices[:1], choices * 2):
        with pytest.raises(PlaygroundError, match="write 2 to 5"):
            choice_input(bert, text, wrong)


def test_the_masked_head_is_the_trained_one() -> None:
    loaded = load_model("mini-bert", "MaskedLM")
    text = "The man went to the [MASK] to buy a gallon of milk."
    model, tokenizer = BertForMaskedLM.from_pretrained(FOLDER).eval(), AutoTokenizer.from_pretrained(FOLDER)
    with torch.inference_mode():
        expected = model(**tokenizer(text, return_tensors="pt")).logits
    best = expected[0].topk(3)
    ours = masked_input(loaded, text)
    assert dict(ours.tensors)["logits"] == tuple(expected.shape)
    assert ours.logits == pytest.approx(best.values.numpy(), abs=1e-4)
    assert [list(row) for row in ours.best] == [tokenizer.convert_ids_to_tokens(row) for row in best.indices.tolist()]
    shares = expected[0].softmax(-1).gather(-1, best.indices)
    assert ours.probabilities == pytest.approx(shares.numpy(), abs=1e-5)
    assert [ours.tokens[place] for place in ours.masked] == ["[MASK]"]
    assert ours.encoder_parameters + ours.head_parameters == sum(one.numel() for one in model.parameters())


@pytest.mark.parametrize("task", ["classification", "entailment", "similarity", "choice"])
def test_gpt1_sequences_one_by_one_give_the_same(reader: LoadedModel, task: Any) -> None:
    """Each sequence alone, without padding."""
    texts = ("Two men are repairing a roof.", "People work.", "Nobody is outside in the rain at all.")
    texts = texts[: {"classification": 1, "choice": 3}.get(task, 2)]
    found = input_transformation(reader, task, texts)
    model, tokenizer = reader.model, reader.tokenizer.tokenizer
    width, std = model.config.hidden_size, model.config.initializer_range
    start, delimiter, extract = torch.randn((3, width), generator=torch.Generator().manual_seed(0)) * std
    head = torch.nn.Linear(width, 1 if task == "choice" else 2)
    seeded(head, std)

    def embedded(text: str) -> torch.Tensor:
        return model.get_input_embeddings()(torch.tensor(tokenizer(text, add_special_tokens=False)["input_ids"]))

    def read(*parts: str) -> torch.Tensor:
        vectors = [start[None], embedded(parts[0])]
        for part in parts[1:]:
            vectors += [delimiter[None], embedded(part)]
        sequence = torch.cat([*vectors, extract[None]])
        return model.base_model(inputs_embeds=sequence[None]).last_hidden_state[0, -1]

    with torch.inference_mode():
        if task == "choice":
            expected = [float(head(read(texts[0], text))) for text in texts[1:]]
        elif task == "similarity":
            expected = head(read(*texts) + read(*texts[::-1])).tolist()
        else:
            expected = head(read(*texts)).tolist()
    assert found.scores == pytest.approx(np.array(expected), abs=2e-3)
    assert found.new_parameters == 3 * width + sum(one.numel() for one in head.parameters())
    assert [sequence[0] for sequence in found.sequences] == ["<s>"] * len(found.sequences)
    assert [sequence[-1] for sequence in found.sequences] == ["<e>"] * len(found.sequences)
    assert dict(found.tensors)["inputs_embeds"][1] == max(map(len, found.sequences))


@pytest.mark.parametrize("texts", [("", "B"), ("A", " "), ("word " * 200, "B")])
def test_empty_and_long_texts_are_refused(bert: LoadedModel, reader: LoadedModel, texts: tuple[str, str]) -> None:
    with pytest.raises(PlaygroundError):
        head_input(bert, "pair", *texts, ("0", "1"))
    with pytest.raises(PlaygroundError):
        choice_input(bert, texts[0], ("A", texts[1]))
    with pytest.raises(PlaygroundError):
        input_transformation(reader, "entailment", texts)


def test_a_text_that_is_too_long_is_named(bert: LoadedModel, reader: LoadedModel) -> None:
    with pytest.raises(PlaygroundError, match="“When\\?…” \\+ “word word"):
        head_input(bert, "answer", "When?", "word " * 200, ("start", "end"))
    with pytest.raises(PlaygroundError, match="“When\\?…” \\+ “word word"):
        input_transformation(reader, "entailment", ("When?", "word " * 200))


def test_a_viewers_dollar_sign_is_no_delimiter(reader: LoadedModel) -> None:
    found = input_transformation(reader, "entailment", ("It costs", "$"))
    [names], [markers] = found.sequences, found.markers
    assert [name for name, is_marker in zip(names, markers, strict=True) if is_marker] == ["<s>", "$", "<e>"]
    assert names[-2:] == ("$", "<e>")
    assert markers[-2:] == (False, True)


# --- examples -----------------------------------------------------------------------------------------------------


def test_tags_are_read() -> None:
    assert read_phrases("Anna = person; New York = place;") == {"Anna": "person", "New York": "place"}
    assert read_phrases(" ") == {}
    for wrong in ("Anna", "= person", "Anna ="):
        with pytest.raises(PlaygroundError, match="Write them like this"):
            read_phrases(wrong)


def test_nothing_is_lost_in_the_split_and_equal_texts_stay_together() -> None:
    pairs = tuple(LabelledExample(f"Text {n // 2}.", ("yes", "no")[n % 2], f"Second {n}.") for n in range(40))
    train, held_out = split(pairs, TuningSettings(task="pair"))
    assert sorted((*train, *held_out), key=pairs.index) == list(pairs)
    assert len(held_out) == 10
    assert not {one.text for one in train} & {one.text for one in held_out}
    assert sum(one.label == "yes" for one in held_out) == 5


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


# --- training -----------------------------------------------------------------------------------------------------


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


def test_a_tag_is_of_words_not_of_letters() -> None:
    text = "Annapolis is where Ann met Al Also."
    assert [text[slice(*place)] for place in fine_tuning._places(text, "Ann")] == ["Ann"]
    assert fine_tuning._places(text, "Ann") == [(19, 22)]
    assert fine_tuning._places(text, "Al") == [(27, 29)]
    assert fine_tuning._places("지은이는 안나는 아니다.", "안나") == [(5, 7)], "a particle follows"
    assert fine_tuning._places("私は東京に住んでいる。", "東京") == [(2, 4)], "no spaces between words"


def test_weights_that_nothing_reads_are_not_trained(bert: LoadedModel) -> None:
    """The pooler, where the head reads the mean of all tokens."""
    tuned = fine_tune(bert, EXAMPLES, replace(QUICK, epochs=1, reads="mean"))
    before, after = (dict(model.named_parameters()) for model in (bert.model, tuned.encoder))
    moved = sum(weight.numel() for name, weight in after.items() if not torch.equal(weight, before[name]))
    assert tuned.record.trained_parameters == moved + sum(one.numel() for one in tuned.head.parameters())


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
