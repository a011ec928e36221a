from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertForPreTraining

from training import encoder, evaluate, mini_bert
from training.evaluate import Figure, Row, predictions, ratio, table
from training.masking import sentence_pairs
from training.wikipedia import Corpus

CURVE = "step,tokens,minutes\n1,2,3\n2400,9800000,121.5\n"


def test_the_interval_holds_the_value_and_knows_about_articles() -> None:
    rng = np.random.default_rng(0)
    article = np.repeat(np.arange(50), 40)
    ability = rng.random(50)[article]  # answers within one article are alike
    hits = (rng.random(2000) < ability).astype(float)
    by_article = ratio(hits, np.ones(2000), article)
    by_token = ratio(hits, np.ones(2000), np.arange(2000))
    assert by_article.value == by_token.value == pytest.approx(hits.mean())
    assert by_article.low < by_article.value < by_article.high
    assert by_article.high - by_article.low > 2 * (by_token.high - by_token.low)


def test_the_table_reads_as_markdown() -> None:
    rows = [
        Row("top-1 %", "≥ 45", Figure(0.456, 0.441, 0.472), peers={"untrained": 0.001}),
        Row("AUC", "", Figure(0.9312, 0.9, 0.95), digits=3, percent=False),
    ]
    lines = table("mini-bert", rows).splitlines()
    assert lines[0] == "| held-out measure | aim | mini-bert | 95% interval | untrained |"
    assert lines[2] == "| top-1 % | ≥ 45 | **45.6** | 44.1 to 47.2 | 0.1 |"
    assert lines[3] == "| AUC |  | **0.931** | 0.900 to 0.950 |  |"


def test_predictions_are_ranked(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = BertForPreTraining(encoder.bert_config(0.0)).eval()
    masked_batch = mini_bert.masked_batch

    def within_vocabulary(*arguments: object) -> dict[str, torch.Tensor]:
        batch = masked_batch(*arguments)  # type: ignore[arg-type]
        return {**batch, "input_ids": batch["input_ids"].clamp(max=1099)}

    monkeypatch.setattr(mini_bert, "masked_batch", within_vocabulary)
    pairs = sentence_pairs(corpus, np.random.default_rng(0), 20, 40)
    found = predictions(model, pairs, batch_size=8)
    assert len(found.labels) == len(found.article) == len(found.rank_in_top) == 20 * 6
    assert set(found.rank_in_top.tolist()) <= set(range(6))
    assert found.loss.mean() == pytest.approx(np.log(1100), abs=0.5)
    assert set(found.article.tolist()) == set(pairs.article.tolist())
    assert len(found.next_hit) == 20


@pytest.mark.parametrize("name", evaluate.EVALUATIONS)
def test_each_card_has_a_place_for_its_figures(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(evaluate, "CHECKPOINTS", tmp_path)
    (tmp_path / name).mkdir()
    (tmp_path / name / "curve.csv").write_text(CURVE)
    evaluate.write_card(name, "| the table |")
    card = (tmp_path / name / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n")
    assert "2,400 steps, 9.8 million tokens, 2.0 hours." in card
    assert "| the table |" in card
    assert "{" not in card


def test_a_card_counts_in_minutes_what_took_less_than_an_hour(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(evaluate, "CHECKPOINTS", tmp_path)
    (tmp_path / "mini-electra").mkdir()
    (tmp_path / "mini-electra" / "curve.csv").write_text("step,tokens,minutes\n15962,505600000,8.21\n")
    evaluate.write_card("mini-electra", "")
    card = (tmp_path / "mini-electra" / "README.md").read_text(encoding="utf-8")
    assert "15,962 steps, 505.6 million tokens, 8 minutes." in card


def test_a_card_tells_of_the_exported_weights_not_of_a_training_in_progress(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(evaluate, "CHECKPOINTS", tmp_path / "checkpoints")
    exported, in_progress = tmp_path / "checkpoints" / "mini-electra", tmp_path / "mini-electra"
    for folder in (exported, in_progress):
        folder.mkdir(parents=True)
    (exported / "curve.csv").write_text(CURVE)
    (in_progress / "curve.csv").write_text(CURVE + "9000,70000000,999\n")
    evaluate.write_card("mini-electra", "")
    assert "2,400 steps, 9.8 million tokens, 2.0 hours." in (exported / "README.md").read_text(encoding="utf-8")
