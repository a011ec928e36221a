"""A viewer without a browser: speaks Streamlit's own protocol over its websocket, types, clicks, and waits."""

from __future__ import annotations

import time
from types import TracebackType
from urllib.parse import urlencode

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

__all__ = ["Viewer"]

FINISHED = {
    ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY,
    ForwardMsg.ScriptFinishedStatus.FINISHED_WITH_COMPILE_ERROR,
}


class Viewer:
    """One websocket session, as a browser's tab holds it.

    >>> async with Viewer("127.0.0.1:8501") as viewer:                      # doctest: +SKIP
    ...     await viewer.open("masking_simulator", rate="30")
    ...     seconds = await viewer.type("text", "A new sentence.")
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self.page, self.query, self.page_hash = "", "", ""
        self.widgets: dict[str, tuple[str, str]] = {}  # key -> id and type, of what is on the page
        self.states: dict[str, WidgetState] = {}  # id -> what this viewer has put in
        self.errors: list[str] = []
        self.received = 0  # bytes

    async def __aenter__(self) -> Viewer:
        self.socket = await websockets.connect(
            f"ws://{self.server}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None,
            open_timeout=None,  # a busy server may take its time
            ping_timeout=None,
            origin=websockets.Origin(f"http://{self.server}"),
        )
        return self

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.socket.close()

    async def open(self, page: str, **parameters: str) -> float:
        """Follow a link; returns the seconds until the page was there."""
        self.page, self.query, self.page_hash = page, urlencode(parameters), ""
        self.widgets, self.states = {}, {}
        return await self._run()

    async def type(self, key: str, text: str) -> float:
        """Put a text into the field with this key, and wait for the page."""
        return await self._set(key, string_value=text)

    async def click(self, key: str) -> float:
        """Press the button with this key, and wait for the page."""
        return await self._set(key, trigger_value=True)

    async def _set(self, key: str, **value: object) -> float:
        if key not in self.widgets:
            raise LookupError(f"no {key!r} on {self.page}, which has {sorted(self.widgets)}")
        identity = self.widgets[key][0]
        self.states[identity] = WidgetState(id=identity, **value)  # type: ignore[arg-type]
        seconds = await self._run()
        if "trigger_value" in value:
            del self.states[identity]
        return seconds

    async def _run(self) -> float:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self.query, self.page_hash
        state.page_name = "" if self.page_hash else self.page
        state.widget_states.widgets.extend(self.states.values())
        began = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            content = await self.socket.recv()
            assert isinstance(content, bytes)
            self.received += len(content)
            answer = ForwardMsg.FromString(content)
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self.page_hash = answer.navigation.page_script_hash
            elif kind == "page_info_changed":
                self.query = answer.page_info_changed.query_string
            elif kind == "delta":
                self._notice(answer)
            elif kind == "page_not_found":
                self.errors.append(f"{self.page}: no such page")
            elif kind == "script_finished" and answer.script_finished in FINISHED:
                return time.perf_counter() - began

    def _notice(self, message: ForwardMsg) -> None:
        """Remember widgets by the key that their id ends with, and errors."""
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        if kind == "exception":
            self.errors.append(f"{self.page}: {element.exception.type} {element.exception.message}")
        identity = getattr(getattr(element, kind), "id", "")
        if identity.startswith("$$ID-"):
            self.widgets[identity.split("-", 2)[2]] = (identity, kind)
