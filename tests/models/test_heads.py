"""New heads, against the classes of Transformers and against sequences read one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    AutoTokenizer,
    BertForMaskedLM,
    BertForMultipleChoice,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
)

from models.catalogue import ROOT
from models.heads import choice_input, head_input, input_transformation, masked_input
from models.loading import LoadedModel, load_model
from models.packaged import NAME
from models.results import PlaygroundError

FOLDER = str(ROOT / "models" / "checkpoints" / "mini-bert")


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
    assert shapes["token_type_ids"] == shapes["input_ids"]
    assert shapes["last_hidden_state"] == (1, len(ours.tokens), 384)
    if shape == "answer":
        assert shapes["start_logits"] == tuple(found.start_logits.shape)
    else:
        assert shapes["logits"] == tuple(found.logits.shape)
    assert ours.head_parameters == sum(one.numel() for one in getattr(model, layer).parameters())


def test_the_mean_is_read_from_every_token_and_a_second_text_only_by_pairs(bert: LoadedModel) -> None:
    ours = head_input(bert, "single", "Where is the bridge?", "Left over from a pair.", ("0", "1"), "mean")
    assert "left" not in ours.tokens
    assert ours.pooled == pytest.approx(ours.hidden.mean(0), abs=1e-6)
    assert ours.read == tuple(range(len(ours.tokens)))
    assert dict(ours.tensors)["mean"] == (1, 384)


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
