"""Whatever a viewer typed stands in the shown code as a literal."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from components.code import fill_in


@given(st.one_of(st.text(), st.lists(st.text()), st.none(), st.booleans()))
def test_values_are_literals(value: object) -> None:
    script = fill_in('text = "Hello"\nother = (\n    1,\n)\nprint(text)', {"text": value, "other": 2})
    [text, other, call] = ast.parse(script).body
    assert isinstance(text, ast.Assign)
    assert ast.literal_eval(text.value) == value
    assert isinstance(other, ast.Assign)
    assert isinstance(call, ast.Expr)
