"""The page as Streamlit runs it, without a browser; and the code that it shows."""

from __future__ import annotations

import ast
import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.code import fill_in
from components.content import code_of, examples_of
from components.text import plain
from models.catalogue import ROOT
from models.loading import LoadedTokenizer, load_model, load_tokenizer
from models.padding import padding_effect, reader_of
from models.tokenization import add_special_tokens, batch, fertility, read_ids, tokenize
from models.tokenizer_steps import trace
from models.tokenizer_training import train_tokenizer

PAGE = "tokenizer_explorer"
MINI = "models/checkpoints/mini-bert"
FOLDERS = {"bert-base-uncased": MINI, "mini-bert": MINI, "gpt2": "models/checkpoints/gpt2-tokenizer"}


def run_page(**address: str) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def test_empty_text_keeps_the_previous_result_on_screen() -> None:
    app = run_page()
    app.text_area(key="text").set_value("   ").run()
    assert app.error[0].value.startswith("There is no text")
    assert len(app.dataframe) >= 2, "the previous tables stay"
    assert not app.exception


def test_a_shorter_word_has_fewer_steps_and_begins_at_its_last() -> None:
    app = run_page(view="steps", text="unbelievably antidisestablishmentarianism", right_step="7")
    assert app.slider(key="right_step").value == 7
    app.text_area(key="text").set_value("playing").run()
    assert not app.exception
    assert app.slider(key="right_step").value == app.slider(key="right_step").max
    app.slider(key="right_step").set_value(1).run()
    assert app.slider(key="right_step").value == 1
    assert app.query_params["right_step"] == "1"


def test_while_no_text_was_written_a_view_has_one_that_shows_something() -> None:
    app = run_page(view="steps")
    assert app.slider(key="left_step").max == 3
    app.button_group(key="view").set_value("batch").run()
    assert len(app.text_area(key="text").value.splitlines()) == 3
    assert "text" not in app.query_params
    app.button_group(key="view").set_value("compare").run()
    assert app.text_area(key="text").value == "I want to go home."
    app.text_area(key="text").set_value("Mine.").run()
    app.button_group(key="view").set_value("batch").run()
    assert app.text_area(key="text").value == "Mine."
    written = run_page(view="steps", text="I want to go home.")
    assert written.text_area(key="text").value == "I want to go home."
    assert any("“home” “" in one.value for one in written.caption), "each piece in quotes"


def test_an_empty_word_in_the_address_is_the_longest_one() -> None:
    app = run_page(view="steps", text="hello there everybody", word="")
    assert not app.exception
    assert app.slider(key="left_step").max == 1


def test_a_word_is_in_front_only_where_it_stands_there() -> None:
    """GPT-2 has another token for a word with a space before it."""
    app = run_page(view="steps", text="theory about the sea", word="the")
    assert "text = ' the'" in app.code[-1].value


def test_a_word_too_long_for_wordpiece_is_unknown() -> None:
    app = run_page(view="steps", text="x" * 101)
    assert any("Too long for WordPiece" in one.value for one in app.markdown)


def test_too_long_text_is_a_sentence() -> None:
    app = run_page()
    app.text_area(key="text").set_value("a " * 600_000).run()
    assert "1,200,000" in app.error[0].value
    assert not app.exception


def test_each_tokenizer_reads_the_ids_of_the_other() -> None:
    app = run_page(text="A <b>*pudding*</b> 🍮")
    bert, gpt2 = load_tokenizer("bert-base-uncased"), load_tokenizer("gpt2")
    lines = [one.value for one in app.markdown if one.value.startswith("These ids read by")]
    for line, own, reader in zip(lines, (bert, gpt2), (gpt2, bert), strict=True):
        ids = own.tokenizer("A <b>*pudding*</b> 🍮")["input_ids"]
        tokens = reader.tokenizer.convert_ids_to_tokens(ids)
        known = [i for i, token in zip(ids, tokens, strict=True) if token is not None]
        assert line.startswith(
            f"These ids read by **{plain(reader.origin.name)}**: {plain(reader.tokenizer.decode(known))}"
        )
        assert (f"· {tokens.count(None)} id" in line) == (None in tokens)
    assert "not in its vocabulary" in lines[1]
    same = run_page(right="bert-base-uncased")
    assert not [one for one in same.markdown if one.value.startswith("These ids read by")]


def test_no_example_is_read_as_a_word_that_a_class_should_not_see() -> None:
    """An id of one vocabulary is an arbitrary word of the other, and both vocabularies have swear words."""
    rude = {"fuck", "shit", "bitch", "cunt", "whore", "slut", "nigg", "fag", "rape", "porn", "penis", "pussy", "nazi"}
    bert, gpt2 = load_tokenizer("bert-base-uncased"), load_tokenizer("gpt2")
    texts = {str(one.values.get(name, "")) for one in examples_of(PAGE) for name in ("text", "pair", "new")}
    for text in {"I want to go home.", *texts} - {""}:
        for own, reader in ((bert, gpt2), (gpt2, bert)):
            read = read_ids(reader, tokenize(own, text).input_ids, own.origin.name).text
            assert not [word for word in rude if word in read.lower()], (text, reader.origin.name)


@pytest.mark.parametrize("side", ["right", "left"])
def test_what_padding_does_is_measured_where_there_is_padding(side: str) -> None:
    texts = ["I want to go home.", "Me too.", "The bus that would have taken us there left an hour ago."]
    app = run_page(view="batch", padding=side, text="\n".join(texts))
    [line] = [one.value for one in app.markdown if "[CLS] vectors" in one.value]
    tokenizer = load_tokenizer("bert-base-uncased")
    effect = padding_effect(load_model("mini-bert", "Model"), batch(tokenizer, texts, side, 64))  # type: ignore[arg-type]
    assert line.startswith("`mini-bert` reads text 2 alone and padded from 5 to 15 tokens")
    assert f"**{effect.with_mask:.2f}** with the attention_mask, **{effect.without_mask:.2f}** without" in line
    assert ("position embeddings" in line) == (side == "left")
    for settings in ({"text": texts[0]}, {"text": "\n".join(texts), "left": "gpt2"}):
        other = run_page(view="batch", **settings)
        assert not [one for one in other.markdown if "[CLS] vectors" in one.value]


def test_the_language_switches_every_label() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=60)
    app.session_state["lang"] = "ko"
    app.run()
    assert app.title[0].value == "토크나이저 탐험"
    assert app.text_area(key="text").label == "글"
    assert app.expander[-1].label == "내려받기"


# --- the code that is shown gives the numbers of the page --------------------------------------------------------


def run_code(view: str, **values: Any) -> list[str]:
    """Run the shown code for these values, the model's id replaced by its embedded folder; the lines it prints."""
    for name in values.keys() & {"model_id", "other_model_id"}:
        values[name] = values[name] and str(ROOT / FOLDERS[values[name]])
    if "model_ids" in values:
        values["model_ids"] = [str(ROOT / FOLDERS[name]) for name in values["model_ids"]]
    if "readers" in values:
        values["readers"] = {
            str(ROOT / FOLDERS[name]): reader and str(ROOT / FOLDERS[reader])
            for name, reader in values["readers"].items()
        }
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(fill_in(code_of(PAGE, view), values), view, "exec"), {})
    return printed.getvalue().splitlines()


@pytest.fixture(params=["bert-base-uncased", "gpt2"])
def loaded(request: pytest.FixtureRequest) -> LoadedTokenizer:
    return load_tokenizer(request.param)


def test_code_of_compare(loaded: LoadedTokenizer) -> None:
    text, pair = 'Zoë said "no".\nYes?', "Me too."
    values = {"text": text, "text_pair": pair, "add_special_tokens": True}
    other = load_tokenizer("gpt2" if loaded.origin.name != "gpt2" else "bert-base-uncased")
    lines = run_code("compare", model_id=loaded.origin.name, other_model_id=other.origin.name, **values)
    found = tokenize(loaded, text, pair)
    for own, reader in ((other, loaded), (loaded, other)):
        reading = read_ids(reader, tokenize(own, text, pair).input_ids, own.origin.name)
        assert ast.literal_eval(lines.pop().removeprefix("read by the other ")) == [reading.text, list(reading.outside)]
    assert lines == run_code("compare", model_id=loaded.origin.name, other_model_id=None, **values)
    assert ast.literal_eval(lines[0]) == list(found.tokens)
    printed = {line.split(" ", 1)[0]: ast.literal_eval(line.split(" ", 1)[1]) for line in lines[1:-1] if "[" in line}
    assert printed["input_ids"] == list(found.input_ids)
    assert printed["offset_mapping"] == list(found.offsets)
    assert printed["special_tokens_mask"] == list(found.special_tokens_mask)


def test_code_of_steps() -> None:
    lines = run_code("steps", model_ids=["bert-base-uncased", "gpt2"], text=" pretraining")
    pieces, merges = (trace(load_tokenizer(name), " pretraining") for name in ("bert-base-uncased", "gpt2"))
    second = 1 + len(pieces.steps)  # behind the name of the first
    assert [line.split()[1] for line in lines[1:second]] == list(pieces.tokens)
    assert lines[second + 1].split()[1:] == list(merges.start)
    assert lines[-1].split()[1:] == list(merges.tokens)
    assert len(lines[second + 2 :]) == len(merges.steps)


def test_code_of_steps_gives_up_on_a_word_where_the_model_does() -> None:
    assert run_code("steps", model_ids=["bert-base-uncased"], text="pneumonia" * 12)[1:] == ["0 [UNK]"]


def test_code_of_special(gpt2_config: Path) -> None:
    new, text = ["[BOS]", "[SP1]"], "[BOS] hi"
    script = fill_in(code_of(PAGE, "special"), {"model_ids": [str(gpt2_config)], "new_tokens": new, "text": text})
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "special", "exec"), {})
    lines = printed.getvalue().splitlines()[1:]
    found = add_special_tokens(load_tokenizer("gpt2"), new, text)
    assert ast.literal_eval(lines[0]) == list(found.before)
    assert lines[1] == f"{found.added} {found.vocab_after} {list(found.input_ids)}"
    assert ast.literal_eval(lines[2]) == list(found.after)
    assert lines[3] == f"torch.Size([{found.vocab_before}, 8])"
    assert lines[4] == f"torch.Size([{found.vocab_after}, 8])"


@pytest.fixture
def gpt2_config(tmp_path: Path) -> Path:
    """GPT-2's tokenizer with a narrow configuration, so that its embedding matrix is made in no time."""
    from transformers import GPT2Config

    GPT2Config(n_embd=8, n_layer=1, n_head=1).save_pretrained(tmp_path)
    for file in (ROOT / FOLDERS["gpt2"]).glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_code_of_batch() -> None:
    texts = ["I want to go home.", "", "Me too."]
    readers = {name: reader_of(load_tokenizer(name)) for name in ("bert-base-uncased", "gpt2")}
    assert readers == {"bert-base-uncased": "mini-bert", "gpt2": None}
    lines = iter(run_code("batch", texts=texts, padding_side="left", max_length=7, readers=readers))
    for name, reader in readers.items():
        found = batch(load_tokenizer(name), texts, "left", 7)
        assert next(lines) == str(ROOT / FOLDERS[name])
        assert ast.literal_eval(next(lines)) == [list(row) for row in found.input_ids]
        assert ast.literal_eval(next(lines)) == [list(row) for row in found.attention_mask]
        effect = reader and padding_effect(load_model(reader, "Model"), found)
        for expected in (effect.with_mask, effect.without_mask) if effect else ():
            assert float(next(lines).rsplit(" ", 1)[1]) == pytest.approx(expected, abs=1e-4)


def test_code_of_fertility() -> None:
    names = ["bert-base-uncased", "gpt2"]
    sentences = {"English": ("I want to go home.", 5), "한국어": ("나는 집에 가고 싶다.", 4)}
    lines = run_code("fertility", model_ids=names, sentences=sentences)
    rows = [row for name in names for row in fertility(load_tokenizer(name), sentences)]
    for line, row in zip(lines, rows, strict=True):
        assert line.split()[1:] == [row.language, str(row.tokens), str(row.tokens_per_word)]


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("steps", "model_ids = ['models/checkpoints/mini-bert', 'models/checkpoints/mini-electra']"),
        ("fertility", "model_ids = ['models/checkpoints/mini-bert', 'models/checkpoints/mini-electra']"),
        ("batch", "readers = {'models/checkpoints/mini-bert': 'models/checkpoints/mini-bert', "),
    ],
)
def test_both_tokenizers_are_in_the_code(view: str, shown: str) -> None:
    app = run_page(view=view, left="mini-bert", right="mini-electra")
    assert any(line.startswith(shown) for line in app.code[-1].value.splitlines())


@pytest.mark.parametrize("method", ["BPE", "WordPiece", "Unigram"])
def test_code_of_train(method: Any) -> None:
    corpus = (ROOT / "content" / PAGE / "training_text.txt").read_text(encoding="utf-8")
    [line] = run_code("train", method=method, vocab_size=300, corpus=corpus, text="The newest cats.")
    found = tokenize(train_tokenizer(method, corpus, 300), "The newest cats.")
    if method == "WordPiece":  # the library's trainer breaks ties by chance: the numbers of the pieces differ
        assert line.startswith(f"{found.vocab_size} ['The', ")
    else:
        assert line == f"{found.vocab_size} {list(found.tokens)} {list(found.input_ids)}"


def test_beside_a_tokenizer_trained_here_the_code_has_the_other() -> None:
    app = run_page(view="fertility", left="train-your-own", right="mini-bert")
    assert not app.exception
    assert "model_ids = ['models/checkpoints/mini-bert']" in app.code[-1].value.splitlines()
