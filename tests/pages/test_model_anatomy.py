"""The page as Streamlit runs it, without a browser; and the code that it shows."""

from __future__ import annotations

import json
import socket
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from streamlit.testing.v1 import AppTest

from components.anatomy_figures import bar_label
from components.content import table_of
from models import packaged
from models.anatomy import architecture, architectures, bert_of, build
from models.catalogue import ROOT
from models.residual_stream import lengths_at_hand, residual_growth
from tests.pages.shown_code import run_code, run_text

PAGE = "model_anatomy"


def run_page(**address: Any) -> AppTest:
    """The page alone, with what the address asks for."""
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_the_first_page_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the page asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    app = run_page()
    assert not app.exception
    assert metrics(app)["parameters"] == "110.1M"
    assert metrics(app)["weights in float32 · 16 bits · int8"] == "440 · 220 · 110 MB"
    assert any("they agree" in caption.value for caption in app.caption)


def test_all_models_are_in_one_table() -> None:
    app = run_page(view="all", area="flops", tokens=512)
    table = app.dataframe[0].value
    assert list(table["model"]) == list(architectures())
    assert table["parameters"].tolist() == [architecture(name).parameters for name in architectures()]
    assert app.session_state["tokens"] == "512"


def test_bars_are_told_apart_by_their_labels() -> None:
    labels = [bar_label(name) for name in architectures()]
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) <= 22


def test_layers_stand_in_their_order() -> None:
    [figure] = run_page(model="gpt2", by="layer").get("plotly_chart")
    [treemap] = json.loads(figure.proto.spec)["data"]
    layers = [
        label
        for label, parent in zip(treemap["labels"], treemap["parents"], strict=True)
        if parent == "model" and label.isdigit()
    ]
    assert layers == [str(number) for number in range(1, 13)]
    assert (treemap["sort"], treemap["tiling"]["packing"]) == (False, "slice-dice"), "not by size, and side by side"


def test_ten_models_are_enough_for_a_class() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=60)
    app.session_state["lecture"] = True
    app.query_params["view"] = "all"
    assert len(app.run().dataframe[0].value) == 10
    assert any(caption.value.startswith("10 of") for caption in app.caption)


def test_every_picked_training_is_among_the_batches() -> None:
    """DistilBERT's paper gives no length, so no tokens: its row says so."""
    app = run_page(view="facts", first="ELECTRA", second="DistilBERT", third="TinyBERT")
    [figure] = app.get("plotly_chart")
    points, words = json.loads(figure.proto.spec)["data"]
    sizes = dict(zip(points["y"], points["text"], strict=True))
    marked = {name: text.strip() for name, text in sizes.items() if "▸" in name}
    assert marked == {"<b>▸ DistilBERT</b>": "", "<b>▸ TinyBERT</b>": "32,768", "<b>▸ ELECTRA</b>": "131,072"}
    assert (words["y"], words["text"]) == (["<b>▸ DistilBERT</b>"], ["not given in tokens"])


def test_a_total_that_the_paper_has_wrong_is_told() -> None:
    app = run_page(model="albert-xxlarge-v2")
    [line] = [caption.value for caption in app.caption if "235M" in caption.value]
    assert "223.2M" in line
    assert "they agree" not in line


def test_sliders_move_the_numbers_and_heads_do_not() -> None:
    app = run_page(view="build")
    assert metrics(app)["parameters"] == "11.7M"
    assert app.main.select_slider[0].key == "embedding", "what the examples move stands first"
    app.select_slider(key="heads").set_value("96").run()
    assert metrics(app)["parameters"] == "11.7M"
    app.slider(key="layers").set_value(24).run()
    assert metrics(app)["parameters"] == "11.7M", "all layers are one"
    assert "24" in app.query_params["layers"]


def test_heads_that_do_not_divide_the_width_are_a_sentence() -> None:
    app = run_page(view="build", heads="25")
    assert "do not divide" in app.error[0].value
    assert not app.exception


def test_impossible_addresses_fall_back() -> None:
    app = run_page(view="nowhere", model="someone/else", hidden="777", tokens="-1")
    assert not app.exception
    assert metrics(app)["parameters"] == "110.1M"


def test_the_language_switches_every_label() -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=60)
    app.session_state["lang"] = "ko"
    app.run()
    assert app.title[0].value == "모델 해부"
    assert metrics(app)["파라미터"] == "110.1M"
    assert app.expander[-1].label == "내려받기"


def test_every_fact_has_both_languages_and_a_source() -> None:
    facts = table_of(PAGE, "facts.toml")
    for run in facts["run"]:
        assert run["url"].startswith("https://")
        assert run["batch_source"]
        assert set(run["architectures"]) <= set(architectures())
        for key in (
            "sees",
            "data",
            "objective",
            "rate",
            "positions",
            "normalization",
            "residual",
            "special",
            "fine_tuning",
        ):
            assert all(run[key][part] for part in ("en", "ko", "source")), (run["name"], key)
    for one in facts["correction"]:
        assert all(one["often"][language] and one["right"][language] for language in ("en", "ko"))
        assert one["source"]


def test_sizes_beside_the_facts_are_those_of_transformers() -> None:
    app = run_page(view="facts")
    [table] = [one.value.replace("&nbsp;", " ") for one in app.html if "class='facts'" in one.value]
    for model in (transformers.OpenAIGPTLMHeadModel, transformers.BertForPreTraining, transformers.GPT2LMHeadModel):
        config = model.config_class()
        with torch.device("meta"):
            made = model(config)
        made.tie_weights()
        millions = f"{sum(one.numel() for one in made.parameters()) / 1e6:.1f}M"
        assert f"{config.num_hidden_layers} / {config.hidden_size} / {config.num_attention_heads}, {millions}" in table
    assert table.index("the left only") < table.index("both sides")


# --- the code that is shown gives the numbers of the page --------------------------------------------------------


@pytest.mark.parametrize("name", ["bert-base-uncased", "albert-base-v2", "xlnet-base-cased"])
def test_code_of_model(name: str) -> None:
    written, found, tokens = architectures()[name], architecture(name), 32
    values = {"model_class": written["model"], "config_class": written["config"], "arguments": written["arguments"]}
    values |= {"tokens": tokens, "device": "cpu" if name.startswith("xlnet") else "meta"}
    lines = run_code(PAGE, "model", values)
    assert lines[0] == f"parameters {found.parameters}"
    for line, bits in zip(lines[1:4], (32, 16, 8), strict=True):
        assert line == f"bytes at {bits} bits {found.memory(bits):.0f}"
    rows = [line.split() for line in lines[4:-2]]
    parts = {part: int(count) for part, count, *_ in rows}
    assert sum(parts.values()) == found.parameters
    [query] = [
        count for part, count in parts.items() if part.endswith(("attention.self.query", "attention.query", "attn.q"))
    ]
    assert query == sum(group.parameters for group in found.groups if group.part == "query")
    assert float(lines[-1].split()[-1]) == pytest.approx(found.flops(tokens), rel=1e-9)
    scores = float(lines[-2].split()[2])
    if "xlnet" in name:  # all of its attention is in there
        assert scores == pytest.approx(found.component_flops("attention", tokens), rel=1e-9)
        return
    assert scores == pytest.approx(found.score_flops(tokens), rel=1e-9)
    work = {part: float(flops) for part, _, _, flops, *_ in rows if float(flops)}
    [query] = [flops for part, flops in work.items() if part.endswith(".query")]
    assert query == pytest.approx(
        sum(found.group_flops(group, tokens) for group in found.groups if group.part == "query")
    )
    assert sum(flops for part, flops in work.items() if part.startswith(("cls.", "predictions.", "sop_"))) == (
        pytest.approx(found.component_flops("head", tokens))
    )


def test_code_on_the_page_of_all_models() -> None:
    """As the page fills it in: the whole table, and no text is longer than its model reads."""
    (code,) = run_page(view="all", tokens=2048).code
    fewer = code.value.replace("2048, 'cpu'", "64, 'cpu'")  # XLNet really computes; the others have only shapes
    assert fewer != code.value
    for line, name in zip(run_text(fewer), architectures(), strict=True):
        found = architecture(name)
        *sizes, flops = line.split()
        assert sizes == [name, str(found.parameters), *(f"{found.memory(bits):.0f}" for bits in (32, 16, 8))]
        assert float(flops) == pytest.approx(found.flops(64 if name.startswith("xlnet") else 2048), rel=1e-9)


def test_code_on_the_page_of_sizes() -> None:
    (code,) = run_page(view="size").code
    sizes = [size for *size, _ in table_of(PAGE, "sizes.toml")["sizes"]]
    assert run_text(code.value) == [" ".join(map(str, ["BERT", *size, bert_of(*size).parameters])) for size in sizes]


def test_code_of_what_is_often_written_wrong() -> None:
    """What is said to be right of a size is what the code counts."""
    app = run_page(view="errors")
    (code,) = app.code
    [cards] = [one.value for one in app.html if "class='mistakes'" in one.value]
    counted = [line.split() for line in run_text(code.value)]
    assert [one[0] for one in counted] == ["gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "albert-xxlarge-v2"]
    for _, parameters, *_ in counted:
        assert f"{round(int(parameters) / 1e6):,}M" in cards
    assert [(one[3], one[4]) for one in (counted[0], counted[3])] == [("24", "residual"), ("96", "residual")]


def test_code_on_the_page_of_one_model() -> None:
    (code,) = run_page(view="model", model="gpt2", tokens=2048).code
    found = architecture("gpt2")
    lines = run_text(code.value)
    assert lines[0] == f"parameters {found.parameters}"
    assert float(lines[-1].split()[-1]) == pytest.approx(found.flops(2048), rel=1e-9)
    (code,) = run_page(view="model", model="xlnet-base-cased").code
    assert "device = 'cpu'" in code.value, "it does not run on the meta device"


@pytest.mark.parametrize(("embedding_size", "sharing"), [(128, "all"), (64, "attention"), (256, "feed-forward")])
def test_code_of_build(embedding_size: int, sharing: Any) -> None:
    values = {"layers": 3, "hidden_size": 256, "heads": 8, "vocab_size": 1000}
    lines = run_code(PAGE, "build", {**values, "embedding_size": embedding_size, "sharing": sharing})
    kinds = [(256, "none"), (embedding_size, "none"), (256, sharing), (embedding_size, sharing)]
    found = [build(3, 256, 8, 1000, width, shared).parameters for width, shared in kinds]
    assert [int(line.split()[-1]) for line in lines] == found


def test_code_of_facts() -> None:
    (code,) = run_page(view="facts", first="ALBERT").code
    runs = table_of(PAGE, "facts.toml")["run"]
    lines = run_text(code.value)
    batches = [lines.pop(0) for run in runs if run["sequences"]]
    assert batches[:2] == ["GPT-1 32768", "BERT 131072"]
    made = [
        architecture(name)
        for run in runs
        if run["name"] in ("ALBERT", "BERT", "GPT-2")
        for name in run["architectures"]
    ]
    assert lines == [f"{one.name} {one.layers} {one.hidden_size} {one.heads} {one.parameters}" for one in made]


def test_code_of_depth() -> None:
    """As the page fills it in; SmolLM2 is there where it is prepared."""
    (code,) = run_page(view="depth").code
    lines = run_text(code.value.replace(f"'{packaged.NAME}'", repr(str(packaged.folder()))))
    numbers = [float(line.split()[-1]) for line in lines]
    growth, lengths = residual_growth(), lengths_at_hand("The cat sat on the mat because it was tired.")
    expected = [one for pair in zip(growth.scaled, growth.unscaled, strict=True) for one in pair]
    assert numbers[:8] == pytest.approx(expected, rel=1e-4)
    assert numbers[8:] == pytest.approx(np.concatenate([one.lengths for one in lengths]).tolist(), rel=1e-3)
    assert len(lengths) == 1 + packaged.is_prepared()


def test_who_has_not_prepared_smollm2_is_told_where_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "is_prepared", lambda: False)
    app = run_page(view="depth")
    assert not app.exception
    [told] = [caption.value for caption in app.caption if "Post-LN" in caption.value]
    assert "once the Prompt lab has prepared it" in told
    assert "attention sink" not in told
