"""The address bar is the state of a page: whoever opens the link sees the same page.

Widgets whose values read the same in every language can use Streamlit's own ``bind="query-params"``. Streamlit writes
the *label* of an option into the address, which changes with the language, so a choice with translated labels goes
through :func:`choice` and an on/off switch through :func:`flag`: their address holds ``view=steps`` and ``lecture=1``.
Texts go through :func:`line` and :func:`paragraph`, which leave out what is too long, and whole numbers through
:func:`number`, since ``inf`` is an error in a bound one.

A value that is not possible falls back to the default, and :func:`report_address` says so on the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components.handout import input_on_paper
from components.language import language, t
from components.text import plain

__all__ = [
    "LONGEST_LINK",
    "ON_EVERY_PAGE",
    "carried",
    "choice",
    "flag",
    "holds",
    "joined",
    "keep_for_return",
    "line",
    "next_seed",
    "number",
    "numbers_in",
    "paragraph",
    "pick_seed",
    "remember_address",
    "report_address",
    "rows_in",
    "set_controls",
    "value_of",
]

LONGEST_LINK = 4000  # characters of one parameter; web servers refuse addresses much longer than this
_LARGEST_SEED = 10**6
_OUTSIDE_OUR_HANDS = {"embed", "embed_options"}
ON_EVERY_PAGE = {"lang", "lecture"}
# Going back to another page, Streamlit drops what the page left binds by the same name; a second run reads it all.
_AGAIN = "read the address again"


def choice(
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    default: str | None = None,
    widget: Callable[..., Any] = st.segmented_control,
    always_in_address: bool = False,
    **settings: Any,
) -> str:
    """Draw a choice whose options are ``{value in the address: label on the page}`` and return the value picked."""
    first = default if default is not None else next(iter(options))
    _take_from_address(key, options.__contains__, first)
    if st.session_state[key] not in options:  # it comes from another page, or was possible a moment ago
        st.session_state[key] = first
    if widget in (st.segmented_control, st.pills):
        settings.setdefault("required", True)
    value = str(widget(label, list(options), format_func=lambda value: options[value], key=key, **settings))
    _write_to_address(key, value, None if always_in_address else first)
    return value


def flag(label: str, *, key: str, default: bool = False, **settings: Any) -> bool:
    """Draw an on/off switch that reads ``1`` or ``0`` in the address."""
    address_key = f"{key} as text"
    _take_from_address(key, {"0", "1"}.__contains__, "1" if default else "0", store=address_key)
    if address_key in st.session_state:
        st.session_state[key] = st.session_state.pop(address_key) == "1"
    value = bool(st.toggle(label, key=key, **settings))
    _write_to_address(key, "1" if value else "0", "1" if default else "0")
    return value


def carried(key: str, form: str) -> str:
    """A value that has no widget of its own: what the address says if it has this ``form``, else what the page or a
    callback put into the session state.

    The form is a regular expression; empty where nothing is carried. Leaving the page ends it.
    """
    in_address = st.query_params.get(key, "")
    if (_is_news(key) or key not in st.session_state) and re.fullmatch(form, in_address):
        st.session_state[key] = in_address
    st.session_state.setdefault(key, "")
    _write_to_address(key, st.session_state[key], "")
    return str(st.session_state[key])


def rows_in(text: str, columns: int) -> list[list[str]]:
    """Rows of strings, written as JSON in an address; none where they cannot be read, or drawn.

    >>> rows_in('[["4 + 4", "8"]]', 2), rows_in("[[", 2)
    ([['4 + 4', '8']], [])
    """
    try:
        rows = json.loads(text)
        "".join(cell for row in rows for cell in row).encode()  # half a surrogate pair can be drawn nowhere
    except (ValueError, TypeError, RecursionError):
        return []
    return rows if all(isinstance(row, list) and len(row) == columns for row in rows) else []


def numbers_in(text: str) -> set[int]:
    """The positions of tokens in a value of the address, ``2,8``."""
    return {int(number) for number in text.split(",") if number}


def joined(numbers: Iterable[int]) -> str:
    """Positions of tokens as a value of the address."""
    return ",".join(str(number) for number in sorted(numbers))


def value_of(key: str, default: Any) -> Any:
    """What a control holds now, or will hold when it is drawn for the first time."""
    if key in st.session_state or not isinstance(default, tuple):
        return st.session_state.get(key, st.query_params.get(key, default))
    handles = tuple(int(part) for part in st.query_params.get_all(key) if _is_whole(part))
    return handles if len(handles) == len(default) and handles == tuple(sorted(handles)) else default


def holds(key: str, value: Any, default: Any) -> bool:
    """Whether a control holds this value; the address holds text, where 10.0 may be written as 10.

    ``default``: what it holds where neither the session nor the address says anything.
    """
    held = value_of(key, default)
    if isinstance(held, tuple | list):
        return list(held) == list(value)
    return str(held) == str(value) or _means(str(held), value)


def set_controls(values: Mapping[str, Any]) -> None:
    """Set controls from a callback, also those that are not drawn now: an address must not keep their old values."""
    written = st.session_state.setdefault("written to the address", {})
    for key, value in values.items():
        st.session_state[key] = value
        if written.get(key) is not None and not _means(written[key], value):
            _write_to_address(key, "", "")


def number(
    label: str,
    lowest: int,
    highest: int,
    *,
    key: str,
    default: int,
    widget: Callable[..., Any] = st.slider,
    **settings: Any,
) -> int:
    """Draw a slider, or a field, for whole numbers.

    Unlike one with ``bind``, its address also follows when a callback sets the value while it is not on the page, and
    a value that lies above a new ``highest`` becomes the highest; nor does ``inf`` end in an error there.
    """
    address_key = f"{key} as text"

    def possible(text: str) -> bool:
        return _is_whole(text) and lowest <= int(text) <= highest

    _take_from_address(key, possible, str(default), store=address_key)
    if address_key in st.session_state:
        st.session_state[key] = int(st.session_state.pop(address_key))
    st.session_state[key] = max(lowest, min(int(st.session_state[key]), highest))
    value = int(widget(label, lowest, highest, key=key, **settings))
    _write_to_address(key, str(value), str(default))
    return value


def pick_seed(label: str, *, key: str = "seed", default: int = 0, width: int = 120, **settings: Any) -> int:
    """Draw a field for the number that makes what is drawn by chance the same again."""
    fields = {"widget": st.number_input, "width": width, **settings}
    return number(label, 0, _LARGEST_SEED, key=key, default=default, **fields)


def next_seed() -> None:
    """For the button beside the seed: draw again."""
    st.session_state["seed"] = (st.session_state["seed"] + 1) % (_LARGEST_SEED + 1)


def line(label: str, default: str, *, key: str, widget: Callable[..., Any] = st.text_input, **settings: Any) -> str:
    """Draw a line of text, which is also noted on the hand-out.

    It is in the address as long as the address stays short enough to be sent, and follows when an example sets it while
    it is not on the page.
    """
    _take_from_address(key, None, default)
    fits = _fits_in_address(key)
    value = str(widget(label, key=key, **settings))
    _write_to_address(key, value, default if fits else value)
    input_on_paper(key, label, value or settings.get("placeholder") or "")
    return value


def paragraph(
    label: str,
    default: str,
    *,
    key: str,
    widget: Callable[..., Any] = st.text_area,
    height: int | Literal["content"] = "content",
    **settings: Any,
) -> str:
    """Draw a text of several lines; otherwise like :func:`line`."""
    return line(label, default, key=key, widget=widget, height=height, **settings)


def _fits_in_address(key: str) -> bool:
    """Whether the text is short enough; says above its field that it is not."""
    length = len(str(st.session_state.get(key, "")))
    if length > LONGEST_LINK:
        st.caption(
            t(
                f":material/link_off: The link leaves this text out: {length:,} characters, and {LONGEST_LINK:,} fit.",
                f":material/link_off: 이 글은 {length:,}자라서 링크에 담기지 않습니다({LONGEST_LINK:,}자까지).",
            )
        )
    return length <= LONGEST_LINK


def _is_whole(text: str) -> bool:
    return re.fullmatch("[0-9]{1,9}", text) is not None


def _take_from_address(
    key: str, possible: Callable[[str], bool] | None, default: str, store: str | None = None
) -> None:
    """Put into the session state what the address says, where the address has changed under us.

    ``possible`` None: any text.
    """
    in_address = st.query_params.get(key)
    first_time = key not in st.session_state or _by_history()
    if _is_new_to_browser(key) and key in st.session_state:
        st.session_state[key] = st.session_state[key]  # so that it is sent, too
    if not _is_news(key) and not first_time:
        return
    if in_address is not None and (possible is None or possible(in_address)):
        st.session_state[store or key] = in_address
    elif first_time:
        st.session_state[store or key] = default


def _is_new_to_browser(key: str) -> bool:
    """Whether the run before did not draw this control, or drew it in another language.

    What a callback set while a field was away did not come to the browser, which would show it empty; and a list would show,
    and send back, the option's name in the other language.
    """
    before, now = st.session_state.get("drawn controls", (None, set()))
    now.add((language(), key))
    return before is not None and (language(), key) not in before


def _is_news(key: str) -> bool:
    """Whether the address says of a control what we have not written there.

    A viewer who acts twice in a moment sends the second time the address that the browser had before it heard of the
    first: what we have replaced is no news until the browser has sent what we have put in its place.
    """
    written = st.session_state.setdefault("written to the address", {})
    in_address = st.query_params.get(key)
    if in_address == written.get(key):
        _replaced().pop(key, None)
    return in_address is not None and in_address != written.get(key) and in_address not in _replaced().get(key, ())


def _replaced() -> dict[str, set[str]]:
    replaced: dict[str, set[str]] = st.session_state.setdefault("replaced in the address", {})
    return replaced


def _write_to_address(key: str, value: str, default: str | None) -> None:
    wanted, in_address = None if value == default else value, st.query_params.get(key)
    if in_address != wanted:
        if in_address is not None:
            _replaced().setdefault(key, set()).add(in_address)
        if wanted is None:
            st.query_params.pop(key, None)
        else:
            st.query_params[key] = wanted
    st.session_state["written to the address"][key] = wanted


def remember_address(page: str) -> dict[str, str]:
    """What the address asked for when this page was opened; empty on later runs of the same page.

    The controls of the page before are forgotten, since another page may call something else by the same name. Who
    comes back to a page finds it as it was left, unless a link asks for something else. The browser's Back and Forward
    open an address like a link: what it leaves out has its default again.
    """
    before, by_history = st.session_state.get("page with this address"), _by_history()
    st.session_state["drawn controls"] = st.session_state.get("drawn controls", (set(), set()))[1], set()
    if before == page and not by_history:
        return {}
    if by_history and before not in (page, _AGAIN):
        st.session_state["page with this address"] = _AGAIN
        st.rerun()
    if before == _AGAIN:
        st.query_params.update()  # sends all of it to the browser once more
    st.session_state["page with this address"] = page
    if before is not None:
        for key in _own_controls():
            del st.session_state[key]
    if not by_history and not st.query_params.keys() - ON_EVERY_PAGE - _OUTSIDE_OUR_HANDS:
        st.session_state.update(st.session_state.get(f"left on {page}", {}))
    return {name: value for name, value in st.query_params.items() if name not in _OUTSIDE_OUR_HANDS}


def keep_for_return(page: str) -> None:
    """At the end of a run: what the page's controls hold, for the viewer who comes back to it."""
    values = {key: st.session_state[key] for key in _own_controls()}
    st.session_state[f"left on {page}"] = {key: one for key, one in values.items() if _is_simple(one)}


def _by_history() -> bool:
    """Whether the viewer went back or forward in the browser."""
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation


def _own_controls() -> list[str]:
    """The controls of the page: what is to last as long as the viewer stays has a space in its name."""
    return [str(key) for key in st.session_state if " " not in str(key) and key not in ON_EVERY_PAGE]


def _is_control(name: str) -> bool:
    """Whether a name in an address, which can be anything, is that of a control; not every string may be looked up."""
    return name in ON_EVERY_PAGE or (
        name in _own_controls() and name != "example" and _is_simple(st.session_state[name])
    )


def _is_simple(value: object) -> bool:
    """Whether it is the value of a control, which an address can hold, and no table."""
    return isinstance(value, bool | int | float | str | tuple | list)


def report_address(asked: Mapping[str, str], where: Any) -> None:
    """Say which parameters of the address could not be used, and what is shown instead."""
    notes, known = [], st.session_state.pop("controls of the page", ())
    for name, value in asked.items():
        if not _is_control(name):
            if name in known:
                continue  # another view of this page has it, and will read it when it is drawn
            notes.append(
                t(
                    f"“{plain(name, 40)}” is not used in this view.",
                    f"“{plain(name, 40)}” 항목은 이 탭에서 쓰이지 않습니다.",
                )
            )
            st.query_params.pop(name, None)
        elif not _means(value, st.session_state[name]):
            shown = plain(str(st.session_state[name]), 40)
            instead = t(f"showing “{shown}”", f"“{shown}” 값으로 표시합니다") if shown else t("left out", "뺐습니다")
            notes.append(
                t(
                    f"“{plain(name, 40)}” cannot be “{plain(value, 40)}”; {instead}.",
                    f"“{plain(name, 40)}” 항목에 “{plain(value, 40)}” 값은 쓸 수 없어 {instead}.",
                )
            )
    if notes:
        title = t("Part of the address was not used.", "주소의 일부를 사용하지 못했습니다.")
        where.warning("  \n".join([title, *notes]), icon=":material/link_off:")


def _means(value: str, state: object) -> bool:
    if isinstance(state, bool):
        return value.lower() in ({"1", "true"} if state else {"0", "false"})
    if isinstance(state, (int, float)):
        try:
            return float(value) == float(state)
        except ValueError:
            return False
    return not isinstance(state, str) or value == state
