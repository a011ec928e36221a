"""Text that came from a viewer, made safe for the places where it is drawn."""

from __future__ import annotations

import html
import re
import unicodedata

import numpy as np

from models.results import Share

__all__ = ["fine_percent", "percent", "plain", "safe_html", "safe_words", "shorten", "visible", "with_interval"]

# What Streamlit makes links, arrows and logos of after it has read the escapes; U+2060 parts it and is not seen.
_REWRITTEN = re.compile(
    r"(?<=-)(?=[->])|(?<=<)(?=[-=])|(?<=[>~])(?==)|(?<=http)(?=s?:)|(?<=www)(?=\.)|(?=@)|(?<=:)(?=streamlit:)",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&@/=])")


def shorten(text: str, most: int) -> str:
    """At most ``most`` characters, with an ellipsis where something was cut."""
    return text if len(text) <= most else text[: most - 1] + "…"


def percent(probability: float) -> str:
    """Never "0.0%" for what can happen, nor "100.0%" for what can fail.

    >>> percent(0.0004), percent(0.0), percent(0.12345), percent(0.9996)
    ('<0.1%', '0.0%', '12.3%', '>99.9%')
    """
    if 0 < probability < 0.001:
        return "<0.1%"
    return ">99.9%" if 0.999 < probability < 1 else f"{probability:.1%}"


def fine_percent(probability: float) -> str:
    """Some digits that say something, also for small probabilities.

    >>> fine_percent(0.1507), fine_percent(0.0000003), fine_percent(1e-12)
    ('15.1%', '0.00003%', '<0.0000001%')
    """
    if 0 < probability < 1e-9:
        return "<0.0000001%"
    if probability >= 1e-5:
        digits = 1 if probability >= 0.01 else 2 if probability >= 0.001 else 3
        return f"{probability:.{digits}%}"
    return f"{np.format_float_positional(100 * probability, precision=1, fractional=False, trim='-')}%"


def with_interval(share: Share) -> str:
    """A share and its 95% interval in whole percent: ``80% (65%–90%)``."""
    return f"{share.value:.0%} ({share.low:.0%}–{share.high:.0%})"


def plain(text: str, most: int = 200) -> str:
    """``text`` for use inside Markdown: shown letter by letter, never interpreted as markup."""
    one_line = " ".join(shorten(text, most).split())
    return _MARKDOWN.sub(r"\\\1", _REWRITTEN.sub("\u2060", one_line))


def safe_html(text: str) -> str:
    """``text`` for use inside HTML, between tags or in a quoted attribute."""
    return html.escape(visible(text), quote=True).replace("&quot;", "&#34;")  # Plotly knows only the number


def safe_words(text: str) -> str:
    """Like :func:`safe_html` for text of several words, whose spaces stay as they are."""
    return safe_html(text).replace("␣", " ")


def visible(text: str) -> str:
    """Whitespace and control characters as visible signs: ``a b`` -> ``a␣b``, a line feed -> ``⏎``."""
    signs = {" ": "␣", "\n": "⏎", "\r": "␍", "\t": "⇥", "\u00a0": "⍽", "\u3000": "□"}
    return "".join(signs.get(character) or _sign(character) for character in text)


def _sign(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # the Unicode block "Control Pictures"
    if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and code != 0x200D:
        return f"⟨{code:04X}⟩"
    return character
