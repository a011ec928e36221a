"""Tokenizer explorer: what a model is given instead of letters, under two tokenizers at once."""

import streamlit as st

from components import tokenizer_controls as controls
from components.address import choice, flag, line, paragraph
from components.batch_views import draw_padding, padding_table
from components.code import show_code
from components.content import CONTENT, table_of
from components.downloads import downloads
from components.examples import pick_example
from components.feedback import attempt, fetch, fetch_or_say
from components.language import t
from components.page import explain, page_header, settings_place
from components.pickers import pick_model, pick_word, source_badge
from components.tokenizer_views import as_table, draw_result
from components.vocabulary_views import draw_fertility, draw_reading, reading_table
from models.catalogue import entries, place_of
from models.loading import load_model, load_tokenizer
from models.padding import padding_effect, reader_of
from models.tokenization import add_special_tokens, batch, fertility, read_ids, tokenize
from models.tokenizer_steps import trace
from models.tokenizer_training import train_tokenizer

PAGE = "tokenizer_explorer"
OWN = "train-your-own"
NAMES = [*(entry.name for entry in entries()), OWN]
DEFAULTS = {
    "text": "I want to go home.",
    "pair": "",
    "left": "bert-base-uncased",
    "right": "gpt2",
    "view": "compare",
    "special": True,
    "new": "[BOS] [EOS] [PAD] [SP1] [SP2]",
    "padding": "right",
    "max_length": 64,
    "method": "BPE",
    "vocab": 300,
    "corpus": (CONTENT / PAGE / "training_text.txt").read_text(encoding="utf-8"),
}
TEXTS = {  # of views in which the usual one shows little
    "steps": "pretraining",
    "batch": "I want to go home.\nMe too.\nThe bus that would have taken us there left an hour ago.",
}

page_header(PAGE)
default_text = controls.default_text(TEXTS, DEFAULTS["text"])
pick_example(PAGE, DEFAULTS, others={"word", "left_step", "right_step"})
fold = settings_place()
with fold:
    text = paragraph(t("Text", "글"), default_text, key="text")
views = {
    "compare": t("Compare", "비교"),
    "steps": t("Step by step", "한 단계씩"),
    "special": t("Special tokens", "특수 토큰"),
    "batch": t("Batch", "배치"),
    "fertility": t("Languages", "언어별"),
}
view = choice(t("View", "탭"), views, key="view", label_visibility="collapsed")
# Each view has its own controls and its own calculation; what it needs beside the tokenizer also goes into the code.
if view == "compare":
    with fold, st.container(horizontal=True, vertical_alignment="bottom"):
        pair = line(t("Second text (optional)", "둘째 글(선택)"), "", key="pair")
        special = flag(t("Special tokens", "특수 토큰"), key="special", default=DEFAULTS["special"])
    inputs = {"text": text, "text_pair": pair if pair.strip() else None, "add_special_tokens": special}
    calculate, arguments = tokenize, (text, pair, special)
elif view == "steps":
    word = pick_word(t("Word", "단어"), text)
    in_place = f" {word}" if word and word != text.split()[0] else word  # GPT-2 sees the space in front of a word
    inputs = {"text": in_place}
    calculate, arguments = trace, (in_place,)
elif view == "special":
    new = line(t("New tokens", "새 토큰"), DEFAULTS["new"], key="new")
    inputs = {"new_tokens": new.split(), "text": f"{new} {text}"}
    calculate, arguments = add_special_tokens, (new.split(), f"{new} {text}")
elif view == "batch":
    padding_side, max_length = controls.batch_controls(DEFAULTS["max_length"], fold)
    inputs = {"texts": text.splitlines(), "padding_side": padding_side, "max_length": max_length}
    calculate, arguments = batch, (text.splitlines(), padding_side, max_length)
else:
    sentences = table_of(PAGE, "fertility.toml")["sentence"]
    by_language = {sentence["language"]: (sentence["text"], sentence["words"]) for sentence in sentences}
    by_language[t("your text", "입력한 글")] = (text, len(text.split()))
    inputs = {"sentences": by_language}
    calculate, arguments = fertility, (by_language,)

with fold:
    pickers = st.columns(2, gap="medium")
with pickers[0]:
    left = pick_model(t("Tokenizer", "토크나이저"), NAMES, key="left", default=DEFAULTS["left"])
with pickers[1]:
    right = pick_model(t("Beside it", "비교 대상"), NAMES, key="right", default=DEFAULTS["right"])

method, vocab_size, corpus = DEFAULTS["method"], DEFAULTS["vocab"], DEFAULTS["corpus"]
if OWN in (left, right):
    method, vocab_size, corpus = controls.train_controls(vocab_size, corpus)


def load(name):
    """The tokenizer that was picked: trained here, or from the catalogue with a progress bar while it is fetched."""
    return train_tokenizer(method, corpus, vocab_size) if name == OWN else fetch(load_tokenizer, name)


results, drawn, effects, shown = {}, [], {}, []
for place, side, name in zip(st.columns(2, gap="medium"), ("left", "right"), (left, right), strict=True):
    with place:
        loaded = attempt(f"{side} tokenizer", load, name)
        if loaded is None:
            continue
        source_badge(loaded.origin, picker=side)
        result = attempt(f"{side} {view}", calculate, loaded, *arguments, of=loaded.origin.name)
        if result is not None:
            results[loaded.origin.name] = result
            if loaded.origin.entry and loaded.origin.name not in shown:  # else trained here
                shown.append(loaded.origin.name)
            if view != "fertility":
                drawn.append((loaded, result, draw_result(result, side)))
        if view == "batch" and result is not None and min(result.lengths) < len(result.tokens[0]):
            reader = reader_of(loaded)
            model = fetch_or_say(load_model, reader, "Model") if reader else None
            if model and (effect := attempt(f"{side} padding", padding_effect, model, result, of=model.origin.name)):
                draw_padding(effect)
                effects[loaded.origin.name] = effect

if view == "fertility" and results:
    tables = {"fertility": draw_fertility(list(results.items()))}
else:
    tables = {name: as_table(result) for name, result in results.items()}
if view == "compare" and len(results) == 2:  # ids mean nothing in another vocabulary: each reads the other's
    results["readings"] = [
        draw_reading(read_ids(other, result.input_ids, loaded.origin.name), place)
        for (loaded, result, place), (other, _, _) in zip(drawn, reversed(drawn), strict=True)
    ]
    tables["readings"] = reading_table(results["readings"])
if effects:
    results["padding"], tables["padding"] = effects, padding_table(effects)

explain(PAGE)
if not shown:
    inputs = results and {"text": text, "method": method, "vocab_size": vocab_size, "corpus": corpus}
elif view == "compare":
    inputs |= {"model_id": place_of(shown[0]), "other_model_id": place_of(shown[1]) if shown[1:] else None}
elif view == "batch":
    inputs["readers"] = {place_of(name): place_of(effects[name].model) if name in effects else None for name in shown}
else:
    inputs["model_ids"] = [place_of(name) for name in shown]
show_code(PAGE, view if shown else "train", inputs)
downloads(f"{PAGE}-{view}", results, tables)
