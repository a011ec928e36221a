from __future__ import annotations

import lzma
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from training import wikipedia
from training.wikipedia import Corpus, is_held_out, normalised, read_articles, sentences


def test_articles_are_read_with_their_titles(tmp_path: Path) -> None:
    file = tmp_path / "articles.xz"
    with lzma.open(file, "wt", encoding="utf-8") as lines:
        lines.write("Oxygen\nIt is a gas.\nIt burns nothing.\n\nRhine\nA river.\n")
    assert list(read_articles(file)) == [("Oxygen", ["It is a gas.", "It burns nothing."]), ("Rhine", ["A river."])]


def test_titles_of_both_sources_agree() -> None:
    assert normalised("Beyonc%C3%A9") == normalised("Beyoncé")
    assert normalised("Doctor_Who") == normalised("doctor who ")


def test_one_title_in_fifty_is_held_out_and_always_the_same() -> None:
    held_out = [title for title in map(str, range(5000)) if is_held_out(title)]
    assert 70 <= len(held_out) <= 130
    assert held_out == [title for title in map(str, range(5000)) if is_held_out(title)]


def test_sentences_end_where_a_new_one_begins() -> None:
    text = "The river is 3.5 km long. It rises in the hills (near Ulm). Is it deep? Nobody knows."
    assert sentences([text]) == [
        "The river is 3.5 km long.",
        "It rises in the hills (near Ulm).",
        "Is it deep?",
        "Nobody knows.",
    ]


def test_encoding_keeps_the_boundaries(wordpiece: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    articles = [["I want to go home.", "Me too."], ["Pretraining helps."]]
    Corpus.encode(articles, wordpiece).save(tmp_path)
    corpus = Corpus.load(tmp_path)
    assert corpus.article_starts.tolist() == [0, 2, 3]
    starts = corpus.sentence_starts
    found = [wordpiece.decode(corpus.input_ids[a:b]) for a, b in pairwise(starts)]
    assert found == ["i want to go home.", "me too.", "pretraining helps."]


def test_squad_dev_stays_out_of_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = "This very sentence of more than sixty characters stands in a paragraph of SQuAD dev."
    file = tmp_path / "articles.xz"
    with lzma.open(file, "wt", encoding="utf-8") as lines:
        lines.write(f"Doctor Who\nA series about time.\n\nCopy\nOne more. {copied}\n\nRhine\nA very long river.\n")
    monkeypatch.setattr(wikipedia, "squad_dev", lambda: ({"doctor who"}, {copied}))
    wikipedia.prepare([file], most=None)
    assert "left out because of SQuAD dev: 2 articles" in capsys.readouterr().out
    corpus = Corpus.load(tmp_path / "wikipedia" / ("held_out" if is_held_out("Rhine") else "train"))
    assert len(corpus.article_starts) == 2
    assert corpus.input_ids.dtype == np.uint16


def test_a_further_file_changes_nothing_of_the_held_out_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its articles are all learned from, but for copies of what is held out."""
    held_out, would_be = [title for title in map(str, range(500)) if is_held_out(title)][:2]
    other = next(title for title in map(str, range(500)) if not is_held_out(title))
    copied = "This very sentence of more than sixty characters stands in a held-out article."
    texts = {
        "first": f"{held_out}\nA held-out text. {copied}\n\n{other}\nA text to learn from.\n",
        "second": f"Moved page\n{copied} And more.\n\n{would_be}\nA new article.\n",
    }
    for name, text in texts.items():
        with lzma.open(tmp_path / name, "wt", encoding="utf-8") as lines:
            lines.write(text)
    monkeypatch.setattr(wikipedia, "squad_dev", lambda: (set(), set()))
    wikipedia.prepare([tmp_path / "first", tmp_path / "second"], most=None)
    out = capsys.readouterr().out
    assert "train: 2 articles" in out
    assert "held_out: 1 articles" in out
    assert "left out because of the held-out articles: 1 articles" in out
