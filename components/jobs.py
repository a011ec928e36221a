"""Long work beside the page: a button that starts it, a bar that shows how far it is, a button that stops it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Protocol

import streamlit as st

from components.feedback import show_error
from components.language import t
from models.results import PlaygroundError

__all__ = ["LongWork", "run_beside"]


class LongWork(Protocol):
    """What ``models.jobs.Job`` offers."""

    result: Any
    error: PlaygroundError | None
    parts: list[Any]

    @property
    def running(self) -> bool: ...
    @property
    def cancelled(self) -> bool: ...
    def look(self) -> tuple[int, int]: ...
    def cancel(self) -> None: ...
    def end(self) -> None: ...
    def wait(self, seconds: float) -> bool: ...


def run_beside(
    key: str,
    request: Hashable,
    start: Callable[[], LongWork],
    *,
    button: str | None = None,
    draw: Callable[[list[Any]], None] | None = None,
) -> Any:
    """The result of long work, or None while it is not there.

    ``request`` is everything that the result depends on: another request cancels the work and begins anew. With
    ``button`` the work waits for that button, without it begins at once. While it runs, the rest of the page can be
    used. With ``draw`` it is called with the parts that the work has told so far, and stopping ends the work early with
    a result instead of giving it up. Work that failed is begun again by a button under the error.
    """
    store = f"job {key}"
    known, job = st.session_state.get(store, (None, None))
    if job is not None and known != request:
        job.cancel()
        job = None
        st.session_state.pop(store, None)
    if job is None or job.cancelled or job.error is not None:
        error = job.error if job is not None else None
        again = None if job is None else t("Try again", "다시 시도") if error else t("Go on", "계속")
        place = st.empty()
        if label := button or again:
            with place.container():
                if error:
                    show_error(error)
                if not st.button(label, key=f"{store} start", type="primary", icon=":material/play_arrow:"):
                    return None
        place.empty()
        job = start()
        st.session_state[store] = (request, job)
        job.wait(0.4)  # what is short, or was computed before, needs no bar
    if job.running:
        _watch(store, job, draw)
        return None
    if job.error is not None:
        st.rerun()  # to the error with its button
    return job.result


@st.fragment(run_every=0.7)
def _watch(store: str, job: LongWork, draw: Callable[[list[Any]], None] | None) -> None:
    """The bar; runs by itself until the work has ended, then runs the whole page."""
    if not job.running:
        st.rerun()
    done, total = job.look()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            done / total if total else 0.0, text=f"{done:,} / {total:,}" if total else t("Starting", "시작하는 중")
        )
        if st.button(t("Stop", "멈추기"), key=f"{store} stop", icon=":material/stop:"):
            job.end() if draw else job.cancel()
            job.wait(5)
            st.rerun()
    if draw:
        draw(list(job.parts))
