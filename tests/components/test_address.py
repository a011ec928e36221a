"""What a page leaves behind in the viewer's session."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def two_pages() -> None:
    import streamlit as st

    from components.address import remember_address

    page = st.query_params.get("page", "reading")
    remember_address(page)
    if page == "reading":
        st.session_state.setdefault("threshold", 0.0)  # as a callback sets it
        st.session_state.setdefault("rounds played", {"one": 1})
        if st.toggle("settings", key="settings"):
            st.slider("score", -15.0, 15.0, key="threshold")
    else:
        st.session_state.setdefault("threshold", 0.25)
        st.slider("probability", 0.01, 0.99, key="threshold")


def test_a_control_does_not_take_the_value_of_another_pages_control_of_the_same_name() -> None:
    app = AppTest.from_function(two_pages).run()
    app.query_params["page"] = "detecting"
    app.run()
    assert not app.exception
    assert app.slider[0].value == 0.25
    assert app.session_state["rounds played"] == {"one": 1}


def test_a_control_keeps_its_value_while_the_page_stays() -> None:
    app = AppTest.from_function(two_pages).run()
    app.toggle[0].set_value(True).run()
    app.slider[0].set_value(-3.0).run()
    app.run()
    assert app.slider[0].value == -3.0


@pytest.mark.parametrize(
    "parts", [["²", "90"], ["9" * 5000, "9" * 5001], ["90", "80"], ["1"], ["-1", "90"], ["1e999", "x"]]
)
def test_two_handles_that_cannot_be_are_the_default(parts: list[str]) -> None:
    def script() -> None:
        import streamlit as st

        from components.address import value_of

        st.text(value_of("shares", (80, 90)))

    app = AppTest.from_function(script)
    app.query_params["shares"] = parts
    assert app.run().text[0].value == "(80, 90)"


@pytest.mark.parametrize("written", ["inf", "-inf", "nan", "1e999", "²", "9" * 5000, "-1", "1000001", "7.5", ""])
def test_a_seed_that_cannot_be_is_the_default(written: str) -> None:
    def script() -> None:
        import streamlit as st

        from components.address import pick_seed

        st.text(pick_seed("Seed", default=342))

    app = AppTest.from_function(script)
    app.query_params["seed"] = written
    app.run()
    assert not app.exception
    assert app.text[0].value == "342"
    app.number_input[0].set_value(7).run()
    assert app.query_params["seed"] == "7"


def test_an_address_that_is_late_takes_nothing_back() -> None:
    """Who acts twice in a moment sends the address that the browser had before it heard of the first."""

    def script() -> None:
        import streamlit as st

        from components.address import paragraph, pick_seed

        paragraph("Text", "", key="text")
        seed = pick_seed("Seed")
        st.button("Draw again", on_click=st.session_state.update, kwargs={"seed": seed + 1})

    app = AppTest.from_function(script)
    app.query_params["text"], app.query_params["seed"] = "first", "5"
    app.run()
    app.text_area[0].set_value("second").run()
    for _ in range(3):
        app.query_params["text"], app.query_params["seed"] = "first", "5"
        app.button[0].click().run()
    assert (app.text_area[0].value, app.number_input[0].value) == ("second", 8)
    assert (app.query_params["text"], app.query_params["seed"]) == ("second", "8")
    app.run()  # the browser has heard of it
    app.query_params["text"] = "first"  # so this is somebody's wish
    assert app.run().text_area[0].value == "first"


def test_a_text_too_long_for_the_link_is_said_to_be_left_out() -> None:
    def script() -> None:
        from components.address import paragraph

        paragraph("Text", "", key="text")

    app = AppTest.from_function(script).run()
    app.text_area[0].set_value("a" * 4000).run()
    assert not app.caption
    app.text_area[0].set_value("a" * 4001).run()
    assert "The link leaves this text out: 4,001 characters" in app.caption[0].value
    app.text_area[0].set_value("short again").run()
    assert not app.caption
    assert app.query_params["text"] == "short again"


@pytest.mark.parametrize("name", ["", "written to the address", "example", "table", "<b>"])
def test_a_name_in_the_address_that_is_no_control_is_not_used(name: str) -> None:
    """Streamlit raises where an empty key is looked up, and some of what it keeps is ours."""

    def script() -> None:
        import streamlit as st

        from components.address import number, remember_address, report_address

        asked = remember_address("reading")
        st.session_state.setdefault("example", 0)
        st.session_state.setdefault("table", {"number": 0})
        number("Layers", 1, 9, key="layers", default=3)
        report_address(asked, st)

    app = AppTest.from_function(script)
    app.query_params[name], app.query_params["layers"] = "1", "4"
    app.run()
    assert not app.exception
    assert "is not used in this view" in app.warning[0].value
    assert dict(app.query_params) == {"layers": "4"}
