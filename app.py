"""The playground's server: ``streamlit run app.py``, or ``uvicorn app:app``.

It runs ``pages/_frame.py`` for every viewer and loads the default models beside the first page, not before it.
``/ready`` answers 503 until they are loaded, then 200.
"""

import logging
import os
import socket
import stat
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from components.feedback import show_failure
from models.readiness import readiness, warm_up

HEAD_START = 6.0  # seconds that a viewer who comes at once has the processor to draw the first page


def send_at_once() -> None:
    """Small messages leave without waiting for the acknowledgement of the one before (TCP_NODELAY).

    asyncio sees to that, but not on a socket that it was given, as Streamlit does: each interaction then took 40 ms more.
    Connections inherit the setting from the socket that listens.
    """
    for descriptor in range(3, 256):
        try:
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
        except OSError:  # nothing is open there
            continue
        with socket.socket(fileno=os.dup(descriptor)) as found:
            if found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM:
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Around the life of the server."""
    send_at_once()
    warming = threading.Timer(HEAD_START, warm_up)
    warming.daemon = True
    warming.start()
    yield {}
    warming.cancel()


def ready(request: Request) -> JSONResponse:
    """For load balancers and health checks: is the model layer warm?"""
    state = readiness()
    return JSONResponse(state, status_code=200 if state["ready"] else 503)


def on_script_error(error: Exception) -> bool:
    """An error of ours: the log gets the traceback, the viewer a sentence."""
    logging.getLogger("playground").error("a page failed", exc_info=error)
    show_failure()
    return True


app = st.App("pages/_frame.py", lifespan=lifespan, on_script_error=on_script_error, routes=[Route("/ready", ready)])
