"""What the tokenizer explorer draws of each kind of result, and gives to take away."""

from __future__ import annotations

from functools import singledispatch

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from components.batch_views import batch_table, draw_batch
from components.step_views import draw_matches, draw_merges, match_table, merge_table
from components.tokens import draw_tokenization, token_table
from components.vocabulary_views import added_table, draw_added_tokens

__all__ = ["as_table", "draw_result"]


@singledispatch
def draw_result(result: object, key: str) -> DeltaGenerator | None:
    """Draw any result of the tokenizer explorer under a key of its own; returns the place for what is known later."""
    raise TypeError(type(result).__name__)


draw_result.register(draw_tokenization)
draw_result.register(draw_merges)
draw_result.register(draw_matches)
draw_result.register(draw_added_tokens)
draw_result.register(draw_batch)


@singledispatch
def as_table(result: object) -> pd.DataFrame:
    """The table of a result, for the page and for the download."""
    raise TypeError(type(result).__name__)


as_table.register(token_table)
as_table.register(merge_table)
as_table.register(match_table)
as_table.register(added_table)
as_table.register(batch_table)
