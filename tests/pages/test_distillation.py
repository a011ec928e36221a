"""The page as Streamlit runs it, without a browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from models.catalogue import ROOT

PAGE = "distillation"


def run_page(**address: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{PAGE}.py"), default_timeout=120)
    for name, value in address.items():
        app.query_params[name] = str(value)
    return app.run()


def test_the_temperature_flattens_the_teacher() -> None:
    def dark(app: AppTest) -> float:
        [found] = [one.value for one in app.metric if one.label == "dark knowledge"]
        return float(found.strip("\\>%"))  # "\>99.9%" at the hot end

    app = run_page(temperature=0.5)
    cold = dark(app)
    app.slider(key="temperature").set_value(10.0).run()
    assert not app.exception
    assert cold < dark(app)


def test_what_the_teacher_was_worth_is_read_from_the_card_and_said_to_be() -> None:
    app = run_page(view="measure")
    assert not app.exception
    [figure] = app.get("plotly_chart")
    bars = {one["name"]: one["text"] for one in json.loads(figure.proto.spec)["data"]}
    card = (ROOT / "models/checkpoints/mini-student/README.md").read_text(encoding="utf-8")
    [line] = [line for line in card.splitlines() if line.startswith("| MLM top-1")]
    for name, column in (("without a teacher", 5), ("mini-student", 3), ("mini-bert, its teacher", 6)):
        assert bars[name][0] == line.split("|")[column].strip(" *") + "%"
    assert "Measured once, not now" in " ".join(one.value for one in app.caption)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [({"text": " "}, "no text"), ({"text": "word " * 600}, "tokens"), ({"teacher": "bert-base-uncased"}, "hub")],
)
def test_errors_are_sentences(address: dict[str, Any], sentence: str) -> None:
    app = run_page(**address)
    assert not app.exception
    assert sentence in " ".join(one.value for one in app.error)
