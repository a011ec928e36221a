"""The colours of every picture: told apart by colour-blind eyes too, and readable on light and on dark ground.

The eight hues are those of Okabe and Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

__all__ = ["BLUE", "GREEN", "GREY", "INK", "ORANGE", "PINK", "SKY", "VERMILION", "YELLOW"]

BLUE, ORANGE, GREEN, VERMILION = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PINK, SKY, YELLOW = "#cc79a7", "#56b4e9", "#f0e442"
GREY = "#8a94a6"  # what is not the point
INK = "#17202e"  # text on light ground; Streamlit's own grey for figures has a contrast of 3.7 : 1
