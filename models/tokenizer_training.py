"""Train a tokenizer on the viewer's own text, with the trainers of the tokenizers library."""

from __future__ import annotations

from threading import Lock
from typing import Literal

import streamlit as st

from models.libraries import import_libraries
from models.loading import LoadedTokenizer
from models.results import Origin, PlaygroundError
from models.tokenization import clean

__all__ = ["LONGEST_TRAINING_TEXT", "Method", "train_tokenizer"]

Method = Literal["BPE", "WordPiece", "Unigram"]
LONGEST_TRAINING_TEXT = 200_000  # characters


@st.cache_resource(show_spinner=False, max_entries=32)
def train_tokenizer(method: Method, text: str, vocab_size: int) -> LoadedTokenizer:
    """A tokenizer whose vocabulary of at most ``vocab_size`` entries was learned from ``text`` (for WordPiece more,
    where each sign of the text, with and without ``##``, needs more).

    BPE merges the most frequent pair (Sennrich et al. 2016), WordPiece here does too and marks the inside of words
    with ``##`` (Wu et al. 2016), Unigram prunes a large vocabulary by likelihood (Kudo 2018). The library's trainers of
    WordPiece (pieces) and Unigram (their order) break ties by chance, so equal requests share one result.
    """
    import_libraries()
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    text = clean(text, LONGEST_TRAINING_TEXT)
    signs = len(set(text) - set(" \n\r\t"))
    if not signs + 10 <= vocab_size <= 30_000:
        raise PlaygroundError(
            f"The text has {signs} different signs: choose a vocabulary between {signs + 10} and 30,000.",
            f"글에 서로 다른 글자가 {signs}개 있습니다. 어휘 크기를 {signs + 10}에서 30,000 사이로 정하세요.",
        )
    special = ["[UNK]"]
    spaces = pre_tokenizers.Metaspace()  # a space becomes ▁ in front of the word, so that it can be put back
    tokenizer, trainer, pre_tokenizer, decoder = {
        "BPE": (
            Tokenizer(models.BPE(unk_token="[UNK]")),
            trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=special, show_progress=False),
            spaces,
            decoders.Metaspace(),
        ),
        "WordPiece": (
            Tokenizer(models.WordPiece(unk_token="[UNK]")),
            trainers.WordPieceTrainer(vocab_size=vocab_size, special_tokens=special, show_progress=False),
            pre_tokenizers.BertPreTokenizer(),
            decoders.WordPiece(),
        ),
        "Unigram": (
            Tokenizer(models.Unigram()),
            trainers.UnigramTrainer(
                vocab_size=vocab_size, special_tokens=special, unk_token="[UNK]", show_progress=False
            ),
            spaces,
            decoders.Metaspace(),
        ),
    }[method]
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizer, decoder
    tokenizer.train_from_iterator(text.splitlines(), trainer)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]")
    name = f"{method} ({tokenizer.get_vocab_size():,})"
    return LoadedTokenizer(wrapped, Lock(), Origin(None, name, "embedded", name))
