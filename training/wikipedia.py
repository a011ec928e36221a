"""Wikipedia as one long array of tokens that remembers where sentences and articles begin.

    python -m training.wikipedia [--articles 13000]     # some minutes, once

Held-out means other articles: every fiftieth title, by its hash, is kept from training. Articles about which SQuAD dev
asks are in neither part, nor is any article that shares a sentence with a SQuAD dev paragraph. The held-out part is of the
first file alone, so that a further file changes no figure; an article of such a file that shares a sentence with that
part is left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerFast

from training.encoder import tokenizer
from training.folders import data_folder, state_folder

FILE = "enwiki_long_articles.txt.xz"
MORE = "enwiki_many_articles.txt.xz"
SQUAD_DEV = "squad/dev-v1.1.json.xz"
TELLING = 60  # characters; two texts with such a sentence in common are no strangers
LONGEST_SENTENCE = 200  # tokens; what goes beyond is most often a list or a formula

_SENTENCE_END = re.compile(r"""(?<=[.!?])["')]*\s+(?=[A-Z0-9"'(])""")


def normalised(title: str) -> str:
    """One spelling for the titles of both sources.

    >>> normalised("Sky_(United_Kingdom)")
    'sky (united kingdom)'
    """
    return unquote(title).replace("_", " ").strip().casefold()


def is_held_out(title: str) -> bool:
    return int(hashlib.sha256(title.encode()).hexdigest(), 16) % 50 == 0


def sentences(paragraphs: Iterable[str]) -> list[str]:
    """Cut where a full stop, question or exclamation mark is followed by a capital, a figure, a quote or a bracket."""
    return [sentence for text in paragraphs for sentence in _SENTENCE_END.split(text) if len(sentence) > 10]


def read_articles(file: Path) -> Iterator[tuple[str, list[str]]]:
    """Title and paragraphs of each article: a blank line between articles, the title on the first line."""
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        article: list[str] = []
        for line in (*lines, "\n"):
            if line.strip():
                article.append(line.strip())
            elif article:
                yield article[0], article[1:]
                article = []


def squad_dev() -> tuple[set[str], set[str]]:
    """The normalised titles, and all longer sentences, of SQuAD's dev articles."""
    with lzma.open(data_folder() / SQUAD_DEV, "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    titles = {normalised(article["title"]) for article in articles}
    texts = (paragraph["context"] for article in articles for paragraph in article["paragraphs"])
    return titles, {sentence for sentence in sentences(texts) if len(sentence) >= TELLING}


@dataclass(frozen=True)
class Corpus:
    """N tokens of S sentences of A articles; entry i of the two tables is where sentence or article i begins."""

    input_ids: NDArray[np.uint16]  # (N,) without special tokens
    sentence_starts: NDArray[np.int64]  # (S + 1,) positions in input_ids
    article_starts: NDArray[np.int64]  # (A + 1,) positions in sentence_starts

    @classmethod
    def load(cls, folder: Path) -> Corpus:
        """Memory-mapped: nothing is read before it is used."""
        return cls(*(np.load(folder / f"{part}.npy", mmap_mode="r") for part in cls.__dataclass_fields__))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for part in self.__dataclass_fields__:
            np.save(folder / f"{part}.npy", getattr(self, part))

    @classmethod
    def encode(cls, articles: Iterable[list[str]], tokenizer: PreTrainedTokenizerFast) -> Corpus:
        """Tokenize articles that are given as lists of sentences."""
        pieces, sentence_starts, article_starts = [np.empty(0, np.uint16)], [0], [0]
        articles = iter(articles)
        tokenizer.backend_tokenizer.no_padding()  # an earlier call of the same tokenizer may have left both on
        tokenizer.backend_tokenizer.no_truncation()
        while block := list(islice(articles, 500)):
            flat = [sentence for article in block for sentence in article]
            encodings = tokenizer.backend_tokenizer.encode_batch_fast(flat, add_special_tokens=False)
            for encoding in encodings:
                ids = np.array(encoding.ids[:LONGEST_SENTENCE], np.uint16)
                pieces.append(ids)
                sentence_starts.append(sentence_starts[-1] + len(ids))
            for article in block:
                article_starts.append(article_starts[-1] + len(article))
        return cls(np.concatenate(pieces), np.array(sentence_starts, np.int64), np.array(article_starts, np.int64))


def prepare(files: Sequence[Path], most: int | None) -> None:
    """Tokenize the training and the held-out articles into the state folder ``wikipedia``."""
    titles, dev_sentences = squad_dev()
    parts: dict[str, list[list[str]]] = {"train": [], "held_out": []}
    held_out_sentences: set[str] = set()
    left_out = copies = 0
    for number, file in enumerate(files):
        for title, paragraphs in read_articles(file):
            article = sentences(paragraphs)
            if normalised(title) in titles or not dev_sentences.isdisjoint(article):
                left_out += 1
            elif number > 0 and not held_out_sentences.isdisjoint(article):
                copies += 1
            elif number == 0 and article and is_held_out(title):
                parts["held_out"].append(article)
                held_out_sentences.update(sentence for sentence in article if len(sentence) >= TELLING)
            elif article:
                parts["train"].append(article)
    parts["train"] = parts["train"][:most]
    for part, articles in parts.items():
        corpus = Corpus.encode(articles, tokenizer())
        corpus.save(state_folder("wikipedia") / part)
        print(f"{part}: {len(articles):,} articles, {len(corpus.input_ids):,} tokens")
    print(f"left out because of SQuAD dev: {left_out} articles")
    print(f"left out because of the held-out articles: {copies} articles")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=Path, nargs="+", default=[data_folder() / FILE, data_folder() / MORE])
    parser.add_argument("--articles", type=int, help="train on this many articles at most (default: all)")
    arguments = parser.parse_args()
    prepare(arguments.files, arguments.articles)
