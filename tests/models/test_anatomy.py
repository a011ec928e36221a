"""What the architectures are made of, against Transformers, PyTorch's own counter and the papers."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode

from models.anatomy import _published, architecture, architectures, bert_of, build, dissect, on_meta
from models.catalogue import entries, entry
from models.libraries import one_at_a_time
from models.results import PlaygroundError

CATALOGUE = [one.name for one in entries()]
TOKENS = 32


def test_every_model_of_the_catalogue_is_there() -> None:
    assert set(CATALOGUE) <= set(architectures())
    assert {"albert-xxlarge-v2", "gpt2-large", "gpt2-xl", "gpt3-175b"} <= set(architectures())
    assert all(written["source"] for written in architectures().values())


@pytest.mark.parametrize("name", CATALOGUE)
def test_parameters_are_those_of_the_catalogue(name: str) -> None:
    written, found = architectures()[name], architecture(name)
    model = on_meta(written["model"], written["config"], written["arguments"])
    assert found.parameters == entry(name).parameters == sum(one.numel() for one in model.parameters())
    assert found.embedding_size == entry(name).embedding_size
    assert found.family == entry(name).family
    head = entry(name).head
    auto = getattr(transformers, "AutoModel" if head == "Model" else f"AutoModelFor{head}")
    assert found.model_class == auto._model_mapping[type(model.config)].__name__


@pytest.mark.parametrize(
    ("name", "total"),
    [
        ("bert-base-uncased", "110M"), ("bert-large-uncased", "340M"), ("albert-base-v2", "12M"),
        ("albert-large-v2", "18M"), ("albert-xlarge-v2", "60M"), ("distilbert-base-uncased", "66M"),
        ("huawei-noah/TinyBERT_General_4L_312D", "14.5M"), ("openai-gpt", "117M"), ("gpt2", "124M"),
        ("gpt2-medium", "355M"), ("gpt2-large", "774M"), ("gpt2-xl", "1,558M"), ("gpt3-175b", "175B"),
        ("google/electra-small-discriminator", "14M"), ("google/electra-base-discriminator", "110M"),
    ],
)  # fmt: skip
def test_published_totals_hold_within_their_rounding(name: str, total: str) -> None:
    published = architecture(name).published
    assert published is not None
    assert published.text == total
    assert published.agrees
    assert published.last_digit <= 0.2 * published.parameters


@pytest.mark.parametrize(
    ("text", "counted", "agrees"),
    [("110M", 110_500_000, True), ("110M", 110_500_001, False), ("14.5M", 14_449_999, False), ("1,558M", 1_557_611_200, True)],
)  # fmt: skip
def test_a_total_agrees_where_it_is_what_rounding_gives(text: str, counted: int, agrees: bool) -> None:
    found = _published({"published": text, "source": "by hand"}, counted)
    assert found is not None
    assert found.agrees is agrees


def test_nothing_is_built_beside_a_model_that_is_being_loaded() -> None:
    """Transformers unties every class while from_pretrained runs: bert-base-uncased would have 133.6 million."""
    written, built = architectures()["bert-base-uncased"], []
    arguments = (written["model"], written["config"], written["arguments"])
    with one_at_a_time:
        building = Thread(target=lambda: built.append(on_meta(*arguments)), daemon=True)
        building.start()
        building.join(timeout=0.5)
        assert not built
    building.join()
    assert sum(one.numel() for one in built[0].parameters()) == entry("bert-base-uncased").parameters


def test_a_total_that_does_not_hold_says_why() -> None:
    wrong = []
    for name in architectures():
        published = architecture(name).published
        if published is not None and not published.agrees:
            assert published.note is not None, name
            wrong.append(name)
    assert wrong == ["albert-xxlarge-v2"]
    assert architecture("albert-xxlarge-v2").parameters == pytest.approx(223e6, rel=2e-3)


# Of each class one; the code of the page of all models counts the others (tests/pages/test_model_anatomy.py).
ONE_OF_A_CLASS = {one["model"]: name for name, one in reversed(architectures().items()) if not name.startswith("xlnet")}


@pytest.mark.parametrize("name", ONE_OF_A_CLASS.values())
def test_flops_are_those_of_pytorch(name: str) -> None:
    written = architectures()[name]
    model = on_meta(written["model"], written["config"], written["arguments"]).eval()
    for tokens in (TOKENS, 3 * TOKENS):  # a part of them grows with the square
        with FlopCounterMode(display=False) as counter, torch.no_grad(), torch.device("meta"):
            model(input_ids=torch.zeros(1, tokens, dtype=torch.long))
        assert architecture(name).flops(tokens) * tokens == pytest.approx(counter.get_total_flops(), rel=1e-12)


def test_flops_of_xlnet_with_its_relative_positions() -> None:
    config = transformers.XLNetConfig(vocab_size=500, d_model=64, n_layer=2, n_head=4, d_inner=128)
    model = transformers.XLNetLMHeadModel(config).eval()  # it does not run on the meta device
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(input_ids=torch.zeros(1, TOKENS, dtype=torch.long))
    assert dissect(model, "small", "XLNet").flops(TOKENS) * TOKENS == pytest.approx(counter.get_total_flops())


def test_components_of_bert_base_by_hand() -> None:
    bert, h, layers = architecture("bert-base-uncased"), 768, 12
    assert bert.component_parameters("embeddings") == (30522 + 512 + 2) * h
    assert bert.component_parameters("attention") == layers * 4 * (h * h + h)
    assert bert.component_parameters("feed-forward") == layers * (2 * 4 * h * h + 5 * h)
    assert bert.component_parameters("normalization") == (1 + 2 * layers) * 2 * h
    assert bert.component_parameters("pooler") == h * h + h
    assert bert.component_parameters("head") == h * h + h + 2 * h + 30522 + 2 * h + 2
    assert [bert.memory(bits) for bits in (32, 16, 8)] == [440425712, 220212856, 110106428]


def test_a_model_is_counted_at_no_more_tokens_than_it_reads() -> None:
    assert architecture("bert-base-uncased").at_most(2048) == 512
    assert architecture("deepset/roberta-base-squad2").at_most(2048) == 512, "its first two positions are never used"
    assert architecture("xlnet-base-cased").at_most(2048) == 2048
    bert = architecture("bert-base-uncased")
    assert bert.flops(2048) == bert.flops(512) > bert.flops(256)
    assert bert.component_flops("attention", 2048) == bert.component_flops("attention", 512)


def test_shared_layers_are_stored_once_and_computed_in_every_layer() -> None:
    albert, bert = architecture("albert-base-v2"), architecture("bert-base-uncased")
    for part in ("attention", "feed-forward"):
        assert 12 * albert.component_parameters(part) == bert.component_parameters(part)
        assert albert.component_flops(part, TOKENS) == bert.component_flops(part, TOKENS)


@pytest.mark.parametrize(
    ("embedding_size", "sharing", "millions"),
    [
        (768, "all", 31), (768, "attention", 83), (768, "feed-forward", 57), (768, "none", 108),
        (128, "all", 12), (128, "attention", 64), (128, "feed-forward", 38), (128, "none", 89),
    ],
)  # fmt: skip
def test_savings_are_those_of_alberts_table_4(embedding_size: int, sharing: Any, millions: int) -> None:
    assert build(12, 768, 12, 30000, embedding_size, sharing).parameters / 1e6 == pytest.approx(millions, abs=1.1)


def test_what_is_built_is_bert_and_albert() -> None:
    bert, albert = (on_meta(f"{name}Model", f"{name}Config", {}) for name in ("Bert", "Albert"))
    assert build(12, 768, 12, 30522, 768).parameters == sum(one.numel() for one in bert.parameters())
    config = albert.config
    sizes = (12, config.hidden_size, config.num_attention_heads, 30000, 128)
    assert build(*sizes, "all").parameters == sum(one.numel() for one in albert.parameters())


@pytest.mark.parametrize(("layers", "hidden_size", "heads"), [(3, 768, 12), (6, 768, 3), (24, 1024, 16)])
def test_bert_in_another_size(layers: int, hidden_size: int, heads: int) -> None:
    found, h = bert_of(layers, hidden_size, heads), hidden_size
    assert (found.layers, found.hidden_size, found.heads) == (layers, hidden_size, heads)
    layer = 12 * h * h + 13 * h  # by hand, with biases and layer norms
    around = (30522 + 512 + 2 + 2) * h + (h * h + h) + (h * h + 3 * h + 30522 + 2 * h + 2)  # embeddings, pooler, heads
    assert found.parameters == layers * layer + around
    if layers == 24:
        assert found.parameters == architecture("bert-large-uncased").parameters


def test_heads_cost_nothing_and_must_divide_the_width() -> None:
    few, many = build(2, 768, 12, 1000, 128), build(2, 768, 96, 1000, 128)
    assert few.groups == many.groups
    with pytest.raises(PlaygroundError, match="do not divide"):
        build(2, 768, 25, 1000, 128)


def test_unknown_names_and_tensors_are_refused() -> None:
    with pytest.raises(PlaygroundError, match="not in this playground"):
        architecture("someone/else")
    odd = on_meta("BertModel", "BertConfig", {"num_hidden_layers": 1})
    odd.mystery = torch.nn.Parameter(torch.zeros(3))
    with pytest.raises(ValueError, match="mystery"):
        dissect(odd, "odd", "BERT")
