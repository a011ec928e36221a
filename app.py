"""The playground's server: ``streamlit run app.py``, or ``uvicorn app:app``.

It runs ``pages/_frame.py`` for every viewer and imports the heavy libraries beside the first page, not before it.
"""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from components.feedback import show_failure
from models.libraries import import_libraries

HEAD_START = 3.0  # seconds that a viewer who comes at once has the processor to draw the first page


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Around the life of the server."""
    importing = threading.Timer(HEAD_START, import_libraries)
    importing.daemon = True
    importing.start()
    yield {}
    importing.cancel()


def on_script_error(error: Exception) -> bool:
    """An error of ours: the log gets the traceback, the viewer a sentence."""
    logging.getLogger("playground").error("a page failed", exc_info=error)
    show_failure()
    return True


app = st.App("pages/_frame.py", lifespan=lifespan, on_script_error=on_script_error)
