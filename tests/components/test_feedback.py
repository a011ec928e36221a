"""Long calculations on the screen."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from components import feedback


def page(seconds: float) -> None:
    import streamlit as st

    from components import feedback

    clock = st.session_state.setdefault("clock", [0.0])
    drawings = st.session_state["drawings"] = []
    feedback.monotonic = lambda: clock[0]

    def halve(number: int) -> int | None:
        clock[0] += seconds
        return None if number % 2 else number // 2

    for found, place in feedback.results_in_steps(range(6), halve, name="halves", of="six"):
        place.text(str(found))
        drawings.append(list(found))


@pytest.mark.parametrize(
    ("seconds", "drawings"), [(0.0, [[0, 1, 2]]), (1.0, [[0], [0, 1], [0, 1, 2]])], ids=["known", "slow"]
)
def test_what_is_known_is_drawn_once_and_what_is_slow_grows(
    monkeypatch: pytest.MonkeyPatch, seconds: float, drawings: list[list[int]]
) -> None:
    monkeypatch.setattr(feedback, "monotonic", feedback.monotonic)  # put back afterwards
    app = AppTest.from_function(page, args=(seconds,)).run()
    assert not app.exception
    assert app.session_state["drawings"] == drawings
    assert app.text[0].value == "[0, 1, 2]"
