"""The playground's server: ``streamlit run app.py``, or ``uvicorn app:app``.

It runs ``pages/_frame.py`` for every viewer and loads the default models beside the first page, not before it; a link
to a page that shows a model begins with the import of the libraries while the browser is still busy with itself.
``/ready`` answers 503 until the models are loaded, then 200.
"""

import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from components.feedback import show_failure
from components.large_type import LargeTypeFromTheStart
from components.site import PAGES
from models.libraries import import_models
from models.process import give_memory_back, send_at_once
from models.readiness import readiness, warm_up

HEAD_START = 6.0  # seconds that a viewer who comes at once has the processor to draw the first page
NAMES = {page.name for page in PAGES}
a_page_is_asked_for = threading.Event()


class NoticePages:
    """ASGI middleware that sees the first request for a page other than Home."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rsplit("/", 1)[-1] in NAMES:
            a_page_is_asked_for.set()
        await self.app(scope, receive, send)


def prepare() -> None:
    """Import the libraries as soon as a page needs them, and load the models after the head start."""
    began = time.monotonic()
    if a_page_is_asked_for.wait(HEAD_START):
        import_models()
        time.sleep(max(0.0, began + HEAD_START - time.monotonic()))
    warm_up()


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Around the life of the server."""
    send_at_once()
    give_memory_back()
    threading.Thread(target=prepare, daemon=True).start()
    yield {}


def ready(request: Request) -> JSONResponse:
    """For load balancers and health checks: is the model layer warm?"""
    state = readiness()
    return JSONResponse(state, status_code=200 if state["ready"] else 503)


def on_script_error(error: Exception) -> bool:
    """An error of ours: the log gets the traceback, the viewer a sentence."""
    logging.getLogger("playground").error("a page failed", exc_info=error)
    show_failure()
    return True


app = st.App(
    "pages/_frame.py",
    lifespan=lifespan,
    on_script_error=on_script_error,
    routes=[Route("/ready", ready)],
    middleware=[Middleware(NoticePages), Middleware(LargeTypeFromTheStart)],
)
