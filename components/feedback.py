"""What went wrong, in a sentence; and how far a long calculation has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.language import language, t
from components.text import plain
from models.results import DownloadProgress, PlaygroundError

__all__ = [
    "attempt",
    "fetch",
    "fetch_or_say",
    "in_steps",
    "results_in_steps",
    "show_error",
    "show_failure",
    "tell_share",
    "waiting_place",
]

Result = TypeVar("Result")
Item = TypeVar("Item")

SECONDS_BETWEEN_DRAWINGS = 0.3  # a picture costs more than a result that is already known


def show_error(error: PlaygroundError) -> None:
    """The sentence of an error in the viewer's language, letter by letter."""
    st.error(plain(error.korean if language() == "ko" else error.english, 600), icon=":material/error:")


def show_failure() -> None:
    """An error that we did not foresee."""
    st.error(
        t(
            "Something went wrong on our side. Change the input or reload the page; the log of the server tells more.",
            "서버에서 문제가 생겼습니다. 입력을 바꾸거나 페이지를 새로고침하세요. 자세한 내용은 서버 로그에 있습니다.",
        ),
        icon=":material/error:",
    )


def attempt(
    name: str, calculate: Callable[..., Result], *arguments: Any, of: object = None, **settings: Any
) -> Result | None:
    """Calculate; where that fails say why, and fall back to the previous result of the same ``name`` on this page.

    ``of`` says what the result belongs to, such as the model: one of something else is no previous result. Returns
    None where there is none.
    """
    previous = f"previous {name} on {st.session_state.get('page with this address')}"
    try:
        result = calculate(*arguments, **settings)
    except PlaygroundError as error:
        show_error(error)
        kept_of, kept = st.session_state.get(previous, (of, None))
        if kept is None or kept_of != of:
            return None
        st.caption(t("Below: the previous result.", "아래는 바로 앞의 결과입니다."))
        return cast("Result", kept)
    st.session_state[previous] = of, result
    return result


def _download_progress(name: str) -> tuple[Callable[[DownloadProgress], None], Callable[[], Any]]:
    """A progress bar for a model on its way from the hub: (to call with each DownloadProgress, to call at the end)."""
    bar = st.empty()

    def update(progress: DownloadProgress) -> None:
        share = progress.done_bytes / progress.total_bytes if progress.total_bytes else 0.0
        megabytes = f"{progress.done_bytes / 1e6:.1f} / {progress.total_bytes / 1e6:.1f} MB"
        downloading = f"{t('Downloading', '내려받는 중')} {plain(name)} · {megabytes}"
        asking = f"{t('Asking the hub for', '허브에 묻는 중')} {plain(name)}"
        bar.progress(min(share, 1.0), text=downloading if progress.total_bytes else asking)

    return update, bar.empty


def fetch(load: Callable[..., Result], name: str, *arguments: Any) -> Result:
    """``load(name, *arguments)``, with a progress bar while the model is on its way from the hub."""
    update, finished = _download_progress(name)
    try:
        return load(name, *arguments, on_progress=update)
    finally:
        finished()


def fetch_or_say(load: Callable[..., Result], name: str, *arguments: Any) -> Result | None:
    """Like :func:`fetch`; None, with a sentence on the page, where the model cannot be had.

    Unlike with :func:`attempt` nothing is kept: a viewer's session would hold models that have been let go.
    """
    try:
        return fetch(load, name, *arguments)
    except PlaygroundError as error:
        show_error(error)
        return None


def in_steps(items: Sequence[Item], *, name: str, of: object, ask: bool = False) -> Iterator[Item]:
    """Go through the steps of a long calculation with a progress bar and a stop button, which stand where this is called.

    ``of`` says what is calculated: when it changes, an earlier stop no longer counts. After a stop the steps already
    done come again (their results are kept, see ``models.compute``), and a button goes on with the rest. With ``ask``
    nothing begins before that button is pressed.
    """
    state = st.session_state.setdefault(f"steps of {name}", {})
    if state.get("of") != of:
        state.update(of=of, done=0, stopped=ask)
    before, place = st.empty(), st.empty()  # two places: a button that gave way to another would still take up room
    if not state["stopped"]:
        with place.container(horizontal=True, vertical_alignment="center"):
            bar = st.progress(0.0)
            st.button(t("Stop", "멈추기"), key=f"stop {name}", on_click=state.update, kwargs={"stopped": True})
        return _steps(items, state, bar, place)
    with before.container(horizontal=True, vertical_alignment="center"):
        done, whole = state["done"], len(items)
        label = t("Go on", "계속") if done else t("Start", "시작")
        st.button(label, key=f"go on {name}", on_click=state.update, kwargs={"stopped": False}, type="primary")
        if done:
            st.caption(t(f"Stopped: {done} of {whole} steps.", f"멈춤: {whole}단계 중 {done}단계"))
        else:
            st.caption(t(f"{whole} steps", f"{whole}단계"))
    return iter(items[:done])


def _steps(items: Sequence[Item], state: dict[str, Any], bar: Any, place: Any) -> Iterator[Item]:
    for number, item in enumerate(items):
        yield item
        state["done"] = max(state["done"], number + 1)
        done, whole = number + 1, len(items)
        bar.progress(done / whole, text=t(f"{done} of {whole} steps", f"{whole}단계 중 {done}단계"))
    place.empty()


def results_in_steps(
    items: Sequence[Item], calculate: Callable[[Item], Result | None], *, name: str, of: object, ask: bool = False
) -> Iterator[tuple[list[Result], DeltaGenerator]]:
    """What ``calculate`` finds for each item, to draw while it grows: (all that was found so far, where to draw it).

    The bar and the buttons are those of :func:`in_steps`, the place stands under them. What is known already comes in
    one piece, and the last list is whole. An item without a result (None) is left out.
    """
    steps = in_steps(items, name=name, of=of, ask=ask)
    return _growing(steps, calculate, st.empty())


def _growing(
    items: Iterator[Item], calculate: Callable[[Item], Result | None], place: DeltaGenerator
) -> Iterator[tuple[list[Result], DeltaGenerator]]:
    found: list[Result] = []
    drawn, drawn_at = 0, monotonic()
    for item in items:
        if (result := calculate(item)) is not None:
            found.append(result)
        if len(found) > drawn and monotonic() - drawn_at > SECONDS_BETWEEN_DRAWINGS:
            yield found, place
            drawn, drawn_at = len(found), monotonic()
    if len(found) > drawn:
        yield found, place


def tell_share(label: str) -> Callable[[float], Any]:
    """Draws how much of one calculation is done (for ``on_progress``), until it is."""
    place = st.empty()
    return lambda share: place.progress(share, text=label) if share < 1 else place.empty()


def waiting_place(where: Any) -> Callable[[int], None]:
    """Draws how many calculations are ahead of this viewer's, while there are any (for ``tell_waiting``)."""
    place = where.empty()

    def tell(ahead: int) -> None:
        if ahead:
            place.info(t(f"Waiting: {ahead} before you.", f"대기 중: 앞에 {ahead}건"), icon=":material/hourglass:")
        else:
            place.empty()

    return tell
