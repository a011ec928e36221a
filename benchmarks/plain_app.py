"""The peer of the load benchmark: what one writes first, ``pipeline(...)`` behind ``st.cache_resource`` in one file."""

from pathlib import Path
from typing import Any

import streamlit as st
import torch
from transformers import pipeline

from models.packaged import folder

CHECKPOINTS = Path(__file__).parent.parent / "models" / "checkpoints"


@st.cache_resource
def load(task: Any, name: str) -> Any:
    return pipeline(task, model=name, dtype=torch.float32)


text = st.text_input("Text", "I want to go home.", key="text")
if st.query_params.get("task") == "text-generation":
    found = load("text-generation", str(folder()))(text, max_new_tokens=30, do_sample=False, return_full_text=False)
else:
    found = load("fill-mask", str(CHECKPOINTS / "mini-bert"))(f"{text} [MASK]")
st.dataframe(found)
