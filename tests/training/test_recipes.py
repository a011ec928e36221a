from __future__ import annotations

import argparse
import csv
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from transformers import AutoModelForMaskedLM, BertForPreTraining, BertForQuestionAnswering, ElectraForPreTraining

from training import encoder, loop, mini_bert, mini_bert_squad, mini_electra
from training.masking import CLS, PAD, SEP, sentence_pairs, single_sentences
from training.wikipedia import Corpus

Weights = dict[str, torch.Tensor]


@pytest.fixture
def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    loop.add_options(parser)
    return parser.parse_args(["--device", "cpu", "--threads", "1", "--steps", "4", "--measure-every", "2"])


@pytest.fixture
def bert(weights: Weights) -> BertForPreTraining:
    model = BertForPreTraining(encoder.bert_config(0.0))
    encoder.fill_encoder(model.bert, weights)
    return model


def test_the_same_encoder_answers_the_same_in_all_three(bert: BertForPreTraining, weights: Weights) -> None:
    electra = ElectraForPreTraining(mini_electra.electra_config(0.0)).eval()
    reader = BertForQuestionAnswering(encoder.bert_config(0.0)).eval()
    encoder.fill_encoder(electra.electra, weights)
    encoder.fill_encoder(reader.bert, weights)
    input_ids = torch.randint(1000, 1100, (2, 12))
    expected = bert.eval().bert(input_ids).last_hidden_state
    assert torch.equal(electra.electra(input_ids).last_hidden_state, expected)
    assert torch.equal(reader.bert(input_ids).last_hidden_state, expected)


def test_weights_of_another_model_are_refused(bert: BertForPreTraining, weights: Weights) -> None:
    with pytest.raises(ValueError, match="no counterpart"):
        encoder.fill_encoder(bert.bert, {**weights, "encoder.layer.9.output.dense.bias": torch.zeros(16)})


def test_the_loss_is_that_of_transformers(bert: BertForPreTraining, corpus: Corpus) -> None:
    """Picking the masked positions out before the head changes the cost, not the loss."""
    rng = np.random.default_rng(0)
    input_ids = sentence_pairs(corpus, rng, 8, 40)
    batch = mini_bert.masked_batch(input_ids, rng)
    batch["input_ids"] = batch["input_ids"].clamp(max=1099)  # random replacements come from the whole vocabulary
    labels = torch.full_like(batch["input_ids"], -100).scatter(1, batch["positions"], batch["labels"])
    expected = bert.eval()(
        batch["input_ids"],
        token_type_ids=batch["token_type_ids"],
        labels=labels,
        next_sentence_label=batch["next_sentence_label"],
    ).loss
    torch.testing.assert_close(sum(mini_bert.losses(bert, batch).values()), expected)


def test_single_sentences_have_no_next_one(bert: BertForPreTraining, corpus: Corpus) -> None:
    rng = np.random.default_rng(0)
    batch = mini_bert.masked_batch(single_sentences(corpus, rng, 8, 16), rng)
    batch["input_ids"] = batch["input_ids"].clamp(max=1099)
    parts = mini_bert.losses(bert, batch)
    assert list(parts) == ["mlm"]
    assert torch.isfinite(parts["mlm"])


def test_a_perfect_generator_replaces_nothing(bert: BertForPreTraining, corpus: Corpus) -> None:
    rng = np.random.default_rng(0)
    batch = mini_electra.question_batch(sentence_pairs(corpus, rng, 8, 40, is_next=1.0), rng)
    corrupted, replaced = mini_electra.corrupt(bert.eval(), batch, torch.Generator().manual_seed(0))
    chosen = torch.zeros_like(replaced).scatter(1, batch["positions"], 1)
    assert (replaced <= chosen).all()
    assert replaced.float().mean() > 0.1  # an untrained generator is wrong nearly always
    assert torch.equal((corrupted != batch["input_ids"]).long(), replaced)

    def right(*_: object, **__: object) -> torch.Tensor:
        return 100.0 * F.one_hot(batch["labels"], 1100).float()

    bert.cls.predictions.forward = right
    corrupted, replaced = mini_electra.corrupt(bert, batch)
    assert not replaced.any()


def test_replacements_are_drawn_as_often_as_the_generator_says(bert: BertForPreTraining) -> None:
    rows, places = 64, 40
    probabilities = torch.zeros(1100)
    probabilities[[5, 6, 700, 1099]] = torch.tensor([0.05, 0.15, 0.3, 0.5])
    bert.cls.predictions.forward = lambda hidden: probabilities.log().expand(*hidden.shape[:2], -1)
    batch = {
        "input_ids": torch.full((rows, places + 2), 900),
        "token_type_ids": torch.zeros(rows, places + 2, dtype=torch.long),
        "positions": torch.arange(1, places + 1).expand(rows, -1),
        "labels": torch.full((rows, places), 900),
    }
    corrupted, _ = mini_electra.corrupt(bert.eval(), batch, torch.Generator().manual_seed(0))
    drawn = corrupted[:, 1:-1].flatten().bincount(minlength=1100) / (rows * places)
    assert drawn[probabilities == 0].sum() == 0
    deviation = (probabilities * (1 - probabilities) / (rows * places)).sqrt()
    assert ((drawn - probabilities).abs() <= 4 * deviation).all()


def test_replaced_tokens_are_told_in_the_text_alone(bert: BertForPreTraining, corpus: Corpus) -> None:
    """The loss is the mean over words: [CLS], [SEP] and padding count for nothing."""
    rng = np.random.default_rng(0)
    batch = mini_electra.question_batch(single_sentences(corpus, rng, 8, 16), rng)
    model = ElectraForPreTraining(mini_electra.electra_config(0.0)).eval()
    torch.manual_seed(0)
    found = mini_electra.losses(model, bert.eval(), batch)["rtd"]
    torch.manual_seed(0)
    corrupted, replaced = mini_electra.corrupt(bert, batch)
    logits = model(corrupted, attention_mask=batch["attention_mask"]).logits
    words = (batch["input_ids"] != PAD) & (batch["input_ids"] != CLS) & (batch["input_ids"] != SEP)
    assert not words.all()
    expected = F.binary_cross_entropy_with_logits(logits[words], replaced[words].float())
    torch.testing.assert_close(found, expected)


def test_the_best_f1_by_hand() -> None:
    score, truth = np.array([0.9, 0.8, 0.7, 0.6]), np.array([1, 0, 1, 0])
    assert mini_electra.best_f1(score, truth) == (pytest.approx(0.8), 0.7)
    tied = np.array([0.5, 0.5])
    assert mini_electra.best_f1(tied, np.array([1, 0])) == (pytest.approx(2 / 3), 0.5), "a threshold takes both"


def test_training_learns_writes_its_curve_and_resumes(
    bert: BertForPreTraining,
    corpus: Corpus,
    options: argparse.Namespace,
    small: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(model: BertForPreTraining) -> None:
        loop.train(
            "tiny",
            model,
            make_batch=lambda step: {"input_ids": torch.from_numpy(corpus.input_ids[:64].astype(int))[None] + 0 * step},
            losses=lambda batch: {"mlm": F.cross_entropy(model(**batch).prediction_logits[0], batch["input_ids"][0])},
            measure=lambda: {"figure": 0.5},
            parameter_groups=loop.groups(model, mini_bert.HEADS, 1e-2, 1e-2),
            default_steps=4,
            warmup_steps=1,
            options=options,
        )

    run(bert)
    again = BertForPreTraining(encoder.bert_config(0.0))
    run(again)
    assert "resumed at step 4, 256 tokens" in capsys.readouterr().out
    with (small / "tiny" / "curve.csv").open() as lines:
        curve = list(csv.DictReader(lines))
    assert [row["step"] for row in curve] == ["2", "4", "6", "8"]
    assert float(curve[-1]["mlm_loss"]) < float(curve[0]["mlm_loss"])
    assert curve[0]["figure"] == "0.5"


def test_what_is_compiled_are_the_losses_and_a_stopped_run_has_its_last_point(
    bert: BertForPreTraining, options: argparse.Namespace, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped after the first of four steps, with a point of the curve every second step."""
    compiled = []

    def compile_(losses: Callable[..., Any], **_: Any) -> Callable[..., Any]:
        def stopping(batch: loop.Batch) -> Mapping[str, torch.Tensor]:
            compiled.append(losses)
            os.kill(os.getpid(), signal.SIGTERM)
            return losses(batch)

        return stopping

    def losses(batch: loop.Batch) -> dict[str, torch.Tensor]:
        return {"mlm": bert(**batch).prediction_logits.square().mean()}

    monkeypatch.setattr(torch, "compile", compile_)
    options.compile = True
    loop.train(
        "tiny",
        bert,
        make_batch=lambda step: {"input_ids": torch.full((1, 8), 1000)},
        losses=losses,
        measure=lambda: {"figure": 0.5},
        parameter_groups=loop.groups(bert, mini_bert.HEADS, 1e-2, 1e-2),
        default_steps=4,
        warmup_steps=1,
        options=options,
    )
    assert compiled == [losses]
    assert loop.last_point(small / "tiny") | {"minutes": ""} == {"step": "1", "tokens": "8", "minutes": ""}


@pytest.mark.parametrize("seed", [mini_bert_squad.Recipe.seed, 11])
def test_a_seed_orders_the_questions_anew_and_the_curve_asks_the_same(
    seed: int, weights: Weights, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.squad import Question, make_windows

    def question(number: int) -> Question:
        return Question(str(number), "Rhine", f"What is {number}?", f"{number} is a number.", (("a number", 5),))

    asked = [question(number) for number in range(1000, 1300)]
    (small / "squad").mkdir()
    make_windows(asked, encoder.tokenizer()).save(small / "squad")
    monkeypatch.setattr(mini_bert_squad, "dev_questions", lambda: asked)
    monkeypatch.setattr(mini_bert_squad, "encoder_weights", lambda *_: weights)
    found: dict[str, Any] = {}
    monkeypatch.setattr(loop, "train", lambda *_, **given: found.update(given))
    measured: list[list[Question]] = []
    monkeypatch.setattr(mini_bert_squad, "measure", lambda model, some, windows: measured.append(some))
    for arguments in ([], ["--seed", str(seed)]):
        monkeypatch.setattr("sys.argv", ["mini_bert_squad", *arguments])
        mini_bert_squad.main()
        found["measure"]()
        found["batches"] = [*found.get("batches", []), found["make_batch"](3)["input_ids"]]
    assert measured[0] == measured[1]
    assert torch.equal(*found["batches"]) == (seed == mini_bert_squad.Recipe.seed)


def test_exported_weights_go_on_on_another_computer(
    bert: BertForPreTraining, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a state: the exported weights, and steps, tokens and minutes of the last point of their curve."""
    exported = small / "exported" / "tiny"
    encoder.save(bert, exported)
    (exported / "curve.csv").write_text("step,tokens,minutes\n2,100,1\n4,256,2.5\n")
    monkeypatch.setattr(loop, "CHECKPOINTS", exported.parent)
    state = small / "tiny"
    state.mkdir()
    again = BertForPreTraining(encoder.bert_config(0.0))
    assert loop.go_on("tiny", again, state) == (4, 256, 150.0)
    assert loop.last_point(state)["step"] == "4"
    input_ids = torch.randint(1000, 1100, (2, 12))
    expected = bert.eval()(input_ids).prediction_logits
    torch.testing.assert_close(again.eval()(input_ids).prediction_logits, expected, atol=2e-3, rtol=2e-3)
    monkeypatch.setattr(loop, "load_file", lambda _: {"bert.encoder.layer.9.output.dense.bias": torch.zeros(16)})
    with pytest.raises(ValueError, match="no counterpart"):
        loop.go_on("tiny", again, state)


def test_the_rate_rises_and_falls() -> None:
    plan = loop.Plan("seconds", length=100, warmup_steps=4)
    shares = []
    while not plan.over:
        shares.append(plan.share)
        plan.advance(seconds=5)
    assert shares[0] == 0.25
    assert max(shares) == shares[3] == pytest.approx(0.85)
    assert shares[3:] == sorted(shares[3:], reverse=True)
    assert shares[-1] == pytest.approx(0.05)


def test_a_plan_with_a_lower_peak_has_the_same_shape() -> None:
    shares = []
    for peak in (1.0, 0.2):
        plan = loop.Plan("steps", length=20, warmup_steps=4, peak=peak)
        shares.append([])
        while not plan.over:
            shares[-1].append(plan.share)
            plan.advance(seconds=5)
    assert shares[1] == pytest.approx([0.2 * share for share in shares[0]])


def test_a_saved_model_loads_in_float32_and_is_half_as_large(bert: BertForPreTraining, small: Path) -> None:
    (small / "tokenizer.json").write_text("of another engineer")
    encoder.save(bert, small)
    loaded = AutoModelForMaskedLM.from_pretrained(small)
    assert loaded.dtype == torch.float32
    input_ids = torch.randint(1000, 1100, (2, 12))
    torch.testing.assert_close(
        loaded.eval()(input_ids).logits, bert.eval()(input_ids).prediction_logits, atol=2e-3, rtol=2e-3
    )
    unique = sum(weight.numel() for weight in bert.parameters())
    assert (small / "model.safetensors").stat().st_size < 2 * unique + 20_000
    assert (small / "tokenizer.json").read_text() == "of another engineer"


def test_an_answer_is_a_span_of_the_paragraph() -> None:
    """A model that always points to two tokens of the paragraph, or to [CLS]."""
    from training.squad import Question, make_windows

    class Pointing(torch.nn.Module):
        device = torch.device("cpu")

        def forward(self, input_ids: torch.Tensor, **_: torch.Tensor) -> argparse.Namespace:
            start, end = torch.zeros(2, *input_ids.shape)
            start[:, 10], end[:, 11], start[:, 0] = 5.0, 5.0, 3.0
            return argparse.Namespace(start_logits=start, end_logits=end)

    question = Question("1", "Rhine", "Where does it rise?", "The Rhine rises in the Alps.", (("the Alps", 19),))
    windows = make_windows([question], encoder.tokenizer())
    found = mini_bert_squad.answer(Pointing(), [question], windows)  # type: ignore[arg-type]
    assert found == [mini_bert_squad.Answer("in the", pytest.approx(-7.0))]


def test_the_mean_of_two_trainings_can_be_exported(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (loop, mini_bert_squad):
        monkeypatch.setattr(module, "CHECKPOINTS", small / "checkpoints")
    exported, in_progress = small / "checkpoints" / "mini-bert-squad", small / "mini-bert-squad"
    in_progress.mkdir()
    first, second = (BertForQuestionAnswering(encoder.bert_config(0.0)) for _ in range(2))
    encoder.save(first, exported)
    (exported / "curve.csv").write_text("step,tokens,minutes\n1,64,1\n")
    loop.go_on("mini-bert-squad", BertForQuestionAnswering(encoder.bert_config(0.0)), in_progress)
    torch.save({"model": second.state_dict()}, in_progress / "state.pt")
    monkeypatch.setattr("sys.argv", ["mini_bert_squad", "--export", "--average"])
    for _ in range(2):  # again, it is the same mean
        mini_bert_squad.main()
    found = BertForQuestionAnswering.from_pretrained(exported)
    for weight, one, other in zip(found.parameters(), first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(weight, (one + other) / 2, atol=1e-4, rtol=2e-3)

    third = BertForQuestionAnswering(encoder.bert_config(0.0))
    torch.save({"model": third.state_dict()}, small / "of_another_order.pt")
    states = [str(in_progress / "state.pt"), str(small / "of_another_order.pt")]
    monkeypatch.setattr("sys.argv", ["mini_bert_squad", "--export", "--average", *states])
    mini_bert_squad.main()
    found = BertForQuestionAnswering.from_pretrained(exported)
    parts = (model.parameters() for model in (found, first, second, third))
    for weight, one, *others in zip(*parts, strict=True):
        torch.testing.assert_close(weight, one / 2 + sum(others) / 4, atol=1e-4, rtol=2e-3)
