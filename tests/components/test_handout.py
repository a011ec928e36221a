"""The printable hand-out: everything on it, nothing that runs, nothing that is loaded."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest

from components.content import table_title

HOSTILE = "</pre></section><script>alert(1)</script><img src=x onerror=alert(1)>"


def script(hostile: str) -> None:
    """A page with one picture of each kind; the hand-out's HTML ends up in the session."""
    import plotly.graph_objects as go
    import streamlit as st

    from components.cards import Bar, Card, draw_cards
    from components.chips import Chip, draw_chips
    from components.figures import draw_figure
    from components.handout import begin_handout, code_on_paper, handout, input_on_paper
    from components.passages import Mark, draw_passage

    begin_handout("Title " + hostile, "Lead")
    input_on_paper("text", "Text" + hostile, "What was typed" + hostile)
    draw_chips([Chip("token" + hostile, below="12%")], key="chips", label="Tokens" + hostile)
    bar = Bar("candidate" + hostile, 0.5, "50%", marked=True)
    draw_cards([Card("card" + hostile, "under it", (bar,), "note")], key="cards", label="Cards")
    draw_figure(go.Figure(go.Bar(x=["x" + hostile], y=[1], name=hostile)), key="figure", alt="Figure" + hostile)
    draw_passage("A passage " + hostile, [Mark(0, 1, "answer", "1")], key="passage")
    code_on_paper("print('" + hostile + "')\nprint(2)")
    table = st.session_state["table"]
    st.session_state["made"] = handout({"numbers" + hostile: table})()


class Reader(HTMLParser):
    """Collects elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def made_by(hostile: str) -> str:
    app = AppTest.from_function(script, args=(hostile,))
    app.session_state["table"] = pd.DataFrame({"column" + hostile: [1.23456, 2.0], "b": ["cell" + hostile, "="]})
    app.query_params["text"] = "a & b" + hostile
    app.query_params["shares"] = ["80", "90"]
    app.run()
    assert not app.exception
    return bytes(app.session_state["made"]).decode()


def test_it_holds_pictures_numbers_code_and_link() -> None:
    page = made_by("")
    for part in (
        "Title",
        "Lead",
        "What was typed",
        "token",
        "12%",
        "candidate ✓",
        "50%",
        "card",
        "passage",
        "1.235",
        "cell",
        "print(2)",
    ):
        assert part in page
    assert "text=a+%26+b" in page
    assert "shares=80&amp;shares=90" in page
    assert page.count("plotly-graph-div") == 1


def test_it_loads_nothing_and_runs_nothing_of_a_viewers() -> None:
    page = made_by(HOSTILE)
    reader = Reader()
    reader.feed(page)
    assert not [tag for tag, _ in reader.elements if tag in ("img", "iframe", "link", "object", "embed")]
    for tag, attributes in reader.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert tag == "a" or not {"src", "href"} & attributes.keys()
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert not [one for one in scripts if one.startswith("alert")]
    assert len(scripts) == len(re.findall(r"<script[^>]*>(.*?)</script>", made_by(""), re.DOTALL))


def test_the_drawing_script_is_there_once_and_only_for_figures() -> None:
    from components.handout import figure_on_paper

    assert "Plotly.newPlot" in figure_on_paper(go.Figure(), "empty")
    assert made_by("").count("plotly.js v") == 1


def test_a_growing_figure_is_there_as_it_ended_and_two_of_one_name_are_both_there() -> None:
    def script() -> None:
        import plotly.graph_objects as go
        import streamlit as st

        from components.figures import draw_figure
        from components.handout import begin_handout, handout

        begin_handout("Title", "Lead")
        for number in (1, 2):
            draw_figure(go.Figure(go.Bar(x=[f"step {number}"], y=[1])), key=f"sweep {number}", alt="A curve")
        for name in ("left", "right"):
            draw_figure(go.Figure(go.Bar(x=[name], y=[1])), key=f"masks {name}", alt="A mask")
        st.session_state["made"] = handout({})()

    page = AppTest.from_function(script, default_timeout=60).run().session_state["made"].decode()
    assert [word in page for word in ("step 1", "step 2", '"left"', '"right"')] == [False, True, True, True]


def test_numbers_are_written_as_people_write_them() -> None:
    from components.handout import _table

    table = pd.DataFrame(
        {
            "p": [8.454e-05, float("nan"), 1.0],
            "n": [123456.789, 2.0, -0.5],
            "right": [True, False, True],
            "id": pd.array([7, 8, None], "Int64"),
        }
    )
    cells = re.findall(r"<td>(.*?)</td>", _table("Title", table))
    assert cells == ["0.00008454", "123,457", "✓", "7", "–", "2", "–", "8", "1", "-0.5", "✓", "–"]


def test_a_wide_table_fits_the_paper() -> None:
    from components.handout import _table

    matrix = pd.DataFrame([[2.4e-31, 0.123456789] * 15] * 3, columns=[f"token {n}" for n in range(30)])
    page = _table("Attention", matrix)
    assert re.findall(r"<td>(.*?)</td>", page) == ["0.00", "0.12"] * 36
    assert "… 3 × 30" in page
    assert 'class="dataframe wide"' in page


def test_what_stands_on_a_card_stands_on_paper() -> None:
    from components.cards import Bar, Card, _on_paper

    page = _on_paper(Card("Two words", "", (Bar("A = 0", 0.5, "10% (-2.40)"), Bar("␣negative", 0.1, "<b>"))))
    cells = re.findall(r"<td>(.*?)</td>", page)
    assert cells == ["A = 0", "10% (-2.40)", "␣negative", "&lt;b&gt;"]


def test_tables_are_called_by_names_in_the_language_of_the_page() -> None:
    """All names that stand in the pages and views as ``tables["name"]`` or ``{"name": ..._table(...)}``."""
    root = Path(__file__).parents[2]
    code = "".join(
        file.read_text(encoding="utf-8") for place in ("pages", "components") for file in (root / place).glob("*.py")
    )
    named = set(re.findall(r'tables\["([^"]+)"\]', code)) | set(re.findall(r'"([a-z_ ]+)": \w*table\(', code))
    assert len(named) > 40
    for name in named:
        assert table_title(name, "en")[0].isupper()
        assert re.search("[가-힣]", table_title(name, "ko")), name
    assert table_title("bert-base-uncased", "ko") == "bert-base-uncased"
