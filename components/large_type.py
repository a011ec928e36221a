"""The large type of lecture mode, on the page from its first moment.

Streamlit measures the type of a table when it first draws it, which may be before our style has arrived (see
``components.page.use_style``), and never again. So a page that is asked for in lecture mode begins with it.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["LARGE_TYPE", "USUAL_TYPE", "LargeTypeFromTheStart"]

# html:root weighs more than the html of Streamlit's own style, which comes later.
USUAL_TYPE = "html:root { font-size: 16px; }"
LARGE_TYPE = """
html:root { font-size: clamp(22px, 1.25vw, 32px); } /* a wide screen is no nearer to the last row */
@media (max-width: 640px) { html:root { font-size: 18px; } }
"""
_IN_HEAD = f"<style>{LARGE_TYPE}</style></head>".encode()


class LargeTypeFromTheStart:
    """ASGI middleware that puts the style into the head of a page whose address says ``lecture=1``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or b"lecture=1" not in scope["query_string"].split(b"&"):
            await self.app(scope, receive, send)
            return
        start: Message = {}

        async def send_larger(message: Message) -> None:
            """The length of a page is known only with its body, so the start waits for that."""
            if message["type"] == "http.response.start":
                start.update(message)
                return
            if start:
                body = message.get("body", b"")
                message["body"] = body.replace(b"</head>", _IN_HEAD, 1)
                headers = MutableHeaders(scope=start)
                if "content-length" in headers:
                    more = len(message["body"]) - len(body)
                    headers["content-length"] = str(int(headers["content-length"]) + more)
                await send(dict(start))
                start.clear()
            await send(message)

        plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, send_larger)
