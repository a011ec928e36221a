"""The loss terms against torch called directly, on a small pair of our own."""

from __future__ import annotations

import contextlib
import copy
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional
from transformers import BertConfig, BertForMaskedLM, ElectraConfig, ElectraForMaskedLM

from components.code import fill_in
from components.content import code_of, lines_of
from models import distillation
from models.loading import LoadedModel, LoadedTokenizer, load_tokenizer
from models.results import Origin, PlaygroundError

TEXT = "The river flows through the old city and meets the sea near the border."
SIZES = {"num_attention_heads": 2, "intermediate_size": 32, "initializer_range": 0.4}


def load(folder: Path, model_class: type, tokenizer: LoadedTokenizer) -> LoadedModel:
    model = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")  # type: ignore[attr-defined]
    return LoadedModel(model.eval(), tokenizer, Origin(None, folder.name, "embedded", "nowhere"))


@pytest.fixture(scope="module")
def pair(bert: LoadedTokenizer, tmp_path_factory: pytest.TempPathFactory) -> tuple[LoadedModel, LoadedModel]:
    """A teacher of 4 layers, 32 wide, and a student of 2 layers, 16 wide, with its projection."""
    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("pair")
    BertForMaskedLM(BertConfig(hidden_size=32, num_hidden_layers=4, **SIZES)).save_pretrained(root / "teacher")
    small = ElectraConfig(embedding_size=8, hidden_size=16, num_hidden_layers=2, **SIZES)
    ElectraForMaskedLM(small).save_pretrained(root / "student")
    weights = {"embeddings.weight": torch.randn(32, 8), "hidden.weight": torch.randn(32, 16)}
    save_file(weights, root / "student" / "projection.safetensors")
    return load(root / "teacher", BertForMaskedLM, bert), load(root / "student", ElectraForMaskedLM, bert)


def projection(pair: tuple[LoadedModel, LoadedModel], name: str) -> torch.Tensor:
    from safetensors.torch import load_file

    return load_file(Path(str(pair[1].model.name_or_path)) / "projection.safetensors")[name]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_the_three_terms_equal_torchs(pair: tuple[LoadedModel, LoadedModel], temperature: float) -> None:
    hidden = distillation.hide(pair[0], TEXT, (2, 6, 11))
    ids, places = torch.tensor([hidden.masked_ids]), [2, 6, 11]
    with torch.inference_mode():
        teacher, student = (one.model(input_ids=ids, output_hidden_states=True) for one in pair)
    first, second = (one.logits[0, places].double() for one in (teacher, student))
    kl = functional.kl_div(
        (second / temperature).log_softmax(-1), (first / temperature).softmax(-1), reduction="batchmean"
    )
    mlm = functional.cross_entropy(second, torch.tensor([hidden.input_ids[n] for n in places]))
    wide = teacher.hidden_states[-1][0, places]
    narrow = student.hidden_states[-1][0, places] @ projection(pair, "hidden.weight").T
    cosine = functional.cosine_embedding_loss(narrow, wide, torch.ones(3))
    found = distillation.losses(*pair, hidden, temperature)
    expected = (float(kl) * temperature**2, float(mlm), float(cosine))
    assert found.means == pytest.approx(expected, rel=1e-4)
    assert found.total == pytest.approx(5 * expected[0] + 2 * expected[1] + expected[2], rel=1e-4)
    assert found.projected
    assert found.tokens == tuple(hidden.tokens[n] for n in places)


def test_soft_targets_are_the_softmax_at_that_temperature(pair: tuple[LoadedModel, LoadedModel]) -> None:
    hidden = distillation.hide(pair[0], TEXT, (3,))
    [found] = distillation.soft_targets(*pair, hidden, 2.5)
    ids = torch.tensor([hidden.masked_ids])
    with torch.inference_mode():
        rows = [(one.model(input_ids=ids).logits[0, 3].double() / 2.5).softmax(-1) for one in pair]
    vocabulary = pair[0].tokenizer.tokenizer.get_vocab()
    for name, first, second in found.candidates:
        assert first == pytest.approx(float(rows[0][vocabulary[name]]), rel=1e-5)
        assert second == pytest.approx(float(rows[1][vocabulary[name]]), rel=1e-5)
    assert found.original in [name for name, _, _ in found.candidates]
    assert found.kl == pytest.approx(float(2.5**2 * (rows[0] * (rows[0] / rows[1]).log()).sum()), rel=1e-5)
    assert found.beyond_first == pytest.approx(1 - float(rows[0].max()))


def test_attention_of_a_long_text_is_not_kept(pair: tuple[LoadedModel, LoadedModel]) -> None:
    hidden = distillation.hide(pair[0], "home " * 130, (2,))
    with pytest.raises(PlaygroundError, match="compared for up to 128"):
        distillation.tinybert_terms(*pair, hidden)


def test_equal_models_have_no_divergence(pair: tuple[LoadedModel, LoadedModel]) -> None:
    found = distillation.losses(pair[0], pair[0], distillation.hide(pair[0], TEXT, (2,)), 3.0)
    assert found.means[0] == pytest.approx(0, abs=1e-9)
    assert found.means[2] == pytest.approx(0, abs=1e-6)
    assert not found.projected


@pytest.mark.parametrize(("mapping", "layers"), [("uniform", (2, 4)), ("top", (3, 4)), ("bottom", (1, 2))])
def test_tinyberts_terms_equal_torchs(
    pair: tuple[LoadedModel, LoadedModel], mapping: str, layers: tuple[int, int]
) -> None:
    hidden = distillation.hide(pair[0], TEXT, (2,))
    ids = torch.tensor([hidden.masked_ids])
    with torch.inference_mode():
        teacher, student = (one.model(input_ids=ids, output_hidden_states=True, output_attentions=True) for one in pair)
        embeddings = pair[1].model.base_model.embeddings(input_ids=ids)
    found = distillation.tinybert_terms(*pair, hidden, mapping)
    assert [(one.student, one.teacher) for one in found.pairs] == [(1, layers[0]), (2, layers[1])]
    weight = projection(pair, "hidden.weight")
    for one in found.pairs:
        attention = functional.mse_loss(student.attentions[one.student - 1], teacher.attentions[one.teacher - 1])
        states = functional.mse_loss(student.hidden_states[one.student] @ weight.T, teacher.hidden_states[one.teacher])
        assert one.attention_mse == pytest.approx(float(attention), rel=1e-4)
        assert one.hidden_mse == pytest.approx(float(states), rel=1e-4)
    wide = embeddings @ projection(pair, "embeddings.weight").T
    assert found.embedding_mse == pytest.approx(float(functional.mse_loss(wide, teacher.hidden_states[0])), rel=1e-4)


def test_a_typed_mask_has_no_truth(pair: tuple[LoadedModel, LoadedModel]) -> None:
    hidden = distillation.hide(pair[0], "The cat sat on the [MASK].")
    assert hidden.labels == (-100,)
    assert distillation.losses(*pair, hidden).means[1] is None
    assert distillation.soft_targets(*pair, hidden)[0].original is None
    assert distillation.hide(pair[0], TEXT, (0, 999)).positions == (8,)  # neither can be hidden: the middle is


def test_other_vocabularies_are_refused(pair: tuple[LoadedModel, LoadedModel]) -> None:
    model = BertForMaskedLM(BertConfig(hidden_size=16, num_hidden_layers=1, **SIZES))
    other = LoadedModel(model.eval(), load_tokenizer("gpt2"), pair[1].origin)
    with pytest.raises(PlaygroundError, match="different vocabularies"):
        distillation.check_pair(pair[0], other)
    with pytest.raises(PlaygroundError, match="more layers"):
        distillation.layer_map(4, 2)
    assert distillation.layer_map(4, 6) == (1, 3, 4, 6)


def test_agreement_equals_brute_force_and_costs_are_measured(pair: tuple[LoadedModel, LoadedModel]) -> None:
    texts = tuple(lines_of("distillation", "sentences.txt")[:4])
    found = distillation.agreement(*pair, texts)
    same, right = [], []
    for ids, labels in zip(found.masked, found.labels, strict=True):
        with torch.inference_mode():
            best = [one.model(input_ids=torch.tensor([ids])).logits[0].argmax(-1) for one in pair]
        same += [bool(best[0][n] == best[1][n]) for n, label in enumerate(labels) if label >= 0]
        right += [bool(best[0][n] == label) for n, label in enumerate(labels) if label >= 0]
    assert found.same_first.tolist() == same
    assert found.teacher_right.tolist() == right
    for ids, labels in zip(found.masked, found.labels, strict=True):
        assert {one for one, label in zip(ids, labels, strict=True) if label >= 0} == {103}, "all of them are [MASK]"
    assert distillation.agreement(*pair, texts[2:], first=2).masked == found.masked[2:], "asked in parts, the same"
    costs = distillation.cost(*pair, texts, repetitions=2)
    for one, loaded in zip(costs, pair, strict=True):
        assert one.parameters == sum(parameter.numel() for parameter in loaded.model.parameters())
        assert one.milliseconds.shape == (2,)
        assert (one.milliseconds > 0).all()
        assert one.file_bytes > 0


def test_who_is_right_is_not_mixed_up(pair: tuple[LoadedModel, LoadedModel]) -> None:
    """A student that always says "the", and a teacher that never does."""
    teacher, tokenizer = pair[0], pair[0].tokenizer.tokenizer
    student = copy.deepcopy(teacher.model)
    with torch.no_grad():
        student.get_output_embeddings().bias[tokenizer.convert_tokens_to_ids("the")] = 1000
    says_the = LoadedModel(student, teacher.tokenizer, teacher.origin)
    found = distillation.agreement(teacher, says_the, ("the " * 20,))
    assert (found.teacher_right.any(), found.student_right.all(), found.same_first.any()) == (False, True, False)
    assert distillation.agreement(teacher, teacher, ("the " * 20,)).same_first.all()


def test_the_heads_are_averaged_where_one_model_has_more(pair: tuple[LoadedModel, LoadedModel]) -> None:
    hidden = distillation.hide(pair[0], TEXT, (2,))
    config = BertConfig(hidden_size=16, num_hidden_layers=2, **{**SIZES, "num_attention_heads": 4})
    torch.manual_seed(1)
    model = BertForMaskedLM._from_config(config, attn_implementation="eager").eval()
    found = distillation.tinybert_terms(
        pair[0], LoadedModel(model, pair[0].tokenizer, pair[0].origin), hidden, "bottom"
    )
    with torch.inference_mode():
        inputs = {"input_ids": torch.tensor([hidden.masked_ids]), "output_attentions": True}
        wide, own = (one(**inputs).attentions[0].mean(1) for one in (pair[0].model, model))
    assert not found.per_head
    assert found.pairs[0].hidden_mse is found.embedding_mse is None, "it is narrower, and has no projection"
    assert found.pairs[0].attention_mse == pytest.approx(float(functional.mse_loss(own, wide)), rel=1e-4)


def test_the_line_before_a_calculation_is_no_part_of_its_time(
    pair: tuple[LoadedModel, LoadedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count()

    @contextlib.contextmanager
    def long_line(*, alone: bool) -> Iterator[None]:
        assert alone  # another calculation beside it would be part of its time
        for _ in range(1000):
            next(clock)
        yield

    def calculates(*_: Any) -> None:
        for _ in range(5):
            next(clock)

    monkeypatch.setattr(distillation, "turn", long_line)
    monkeypatch.setattr(distillation, "perf_counter", lambda: float(next(clock)))
    hooks = [one.model.register_forward_pre_hook(calculates) for one in pair]
    for one in distillation.cost(*pair, ("A text of its own.", "And another."), repetitions=1):
        assert one.milliseconds.tolist() == [6000.0]  # for each text the model's ticks, and one of the clock
    for hook in hooks:
        hook.remove()


@pytest.mark.parametrize("view", ["targets", "losses", "tinybert", "measure"])
def test_the_shown_code_gives_the_same_numbers(
    pair: tuple[LoadedModel, LoadedModel], view: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = distillation.hide(pair[0], TEXT, (2, 6))
    folders = [str(one.model.name_or_path) for one in pair]
    values: dict[str, object] = {"teacher_model_id": folders[0], "student_model_id": folders[1]}
    expected: list[float | None]
    if view == "measure":
        part = distillation.agreement(*pair, (TEXT,))
        values |= {"masked": [list(one) for one in part.masked], "labels": [list(one) for one in part.labels]}
        expected = [
            float(getattr(part, name).mean()) for name in ("same_first", "kl", "teacher_right", "student_right")
        ]
    else:
        values["masked_ids"] = list(hidden.masked_ids)
    if view == "targets":
        values |= {"temperature": 2.0, "positions": [2, 6], "labels": list(hidden.labels)}
        targets = distillation.soft_targets(*pair, hidden, 2.0)
        expected = []
        for one in targets:
            expected += [one.kl, one.teacher_entropy, one.beyond_first]
            expected += [share for _, *both in one.candidates for share in both]
        for folder in folders:
            pair[0].tokenizer.tokenizer.save_pretrained(folder)
    elif view == "losses":
        values |= {"temperature": 2.0, "positions": [2, 6], "labels": list(hidden.labels)}
        found = distillation.losses(*pair, hidden, 2.0)
        expected = [*found.means, found.total]
    elif view == "tinybert":
        terms = distillation.tinybert_terms(*pair, hidden)
        values["layers"] = [one.teacher for one in terms.pairs]
        expected = [terms.embedding_mse, *(one.hidden_mse for one in terms.pairs)]
    capsys.readouterr()
    exec(compile(fill_in(code_of("distillation", view), values), view, "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    if view == "targets":
        cells = [float(number) for line in printed for number in re.findall(r" (\d+\.\d+(?:e-\d+)?)", line)]
    else:
        cells = [float(line.split()[-1]) for line in printed]
    np.testing.assert_allclose(cells, expected, rtol=2e-3, atol=1e-3)
