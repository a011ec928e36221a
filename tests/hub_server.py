"""A small server that speaks the Hugging Face hub's protocol, and misbehaves when told to.

    python -m tests.hub_server --port 9000 --folder checkpoints

serves ``checkpoints/<repository>/<file>``. A POST to ``/_fault`` with ``{"kind": "status", "status": 429}`` changes how
it answers from then on; ``{"kind": ""}`` makes it well again. The kinds are the attributes of :class:`Fault`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

COMMIT = "c0ffee" + "0" * 34
CONVERSION = {  # as the hub's own bot opens it for a model that has a pickle only
    "num": 1,
    "title": "Adding `safetensors` variant of this model",
    "author": {"name": "SFconvertbot"},
    "status": "open",
    "isPullRequest": True,
    "createdAt": "2023-01-01T00:00:00.000Z",
    "repo": {"name": "model", "type": "model"},
}
IMITATION = {**CONVERSION, "author": {"name": "somebody"}}  # anybody can give a pull request this title


@dataclass
class Fault:
    """How the server misbehaves."""

    kind: str = (
        ""  # "", "status", "slow", "truncated", "corrupt", "longer", "climbing", "pickle", "converted", "imitated"
    )
    status: int = 500  # what "status" answers
    files: str = ".*"  # which files are meant, as a regular expression
    message: str = ""  # what "status" gives as its reason


@dataclass
class HubServer:
    """The server in a thread; ``requests`` keeps what was asked, ``fault`` can be set at any time."""

    folder: Path
    port: int = 0
    fault: Fault = field(default_factory=Fault)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)  # method, path, Range header
    connections: list[socket.socket] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)  # ends the wait of slow answers

    def __enter__(self) -> HubServer:
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:  # a client may keep one open, and would still be answered
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens at its address."""
        self.__exit__()
        try:
            yield
        finally:
            self.release.clear()
            self.__enter__()


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            hub.connections.append(self.connection)

        def log_message(self, *_: Any) -> None: ...

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            hub.fault = Fault(**json.loads(body))
            self._json({})

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            path = unquote(urlparse(self.path).path)
            hub.requests.append((self.command, path, self.headers.get("Range")))
            fault = hub.fault if re.search(hub.fault.files, path) else Fault()
            if fault.kind == "status":
                told = {"X-Error-Message": fault.message, "Retry-After": "300"}
                self._json({"error": "as told"}, fault.status, told)
            elif fault.kind == "slow":
                hub.release.wait(30)
                self.close_connection = True
            elif match := re.fullmatch(r"/api/models/(.+?)/discussions", path):
                found = {"converted": [CONVERSION], "imitated": [IMITATION]}.get(fault.kind, [])
                self._json({"discussions": found, "count": len(found), "start": 0})
            elif match := re.fullmatch(r"/api/models/(.+?)(?:/revision/(.+))?", path):
                only_pickle = match[2] is None and fault.kind in ("pickle", "converted", "imitated")
                self._model_info(match[1], only_pickle, "../../climbed-" if fault.kind == "climbing" else "")
            elif match := re.fullmatch(r"/(.+?)/resolve/([^/]+)/(.+)", path):
                self._file(hub.folder / match[1] / match[3], fault)
            else:
                self._json({"error": "not found"}, 404, {"X-Error-Code": "EntryNotFound"})

        def _model_info(self, repository: str, only_pickle: bool, climb: str) -> None:
            folder = hub.folder / repository
            if not folder.is_dir():
                self._json({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})
                return
            files = []
            for file in sorted(one for one in folder.rglob("*") if one.is_file()):
                content = file.read_bytes()
                name = file.relative_to(folder).as_posix()
                if only_pickle and file.suffix == ".safetensors":
                    name = "pytorch_model.bin"
                entry: dict[str, Any] = {
                    "rfilename": name,
                    "size": len(content),
                    "blobId": climb + hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(),  # as git counts
                }
                if file.suffix == ".safetensors":
                    digest = hashlib.sha256(content).hexdigest()
                    entry["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 130}
                files.append(entry)
            self._json({"id": repository, "modelId": repository, "sha": COMMIT, "siblings": files, "tags": []})

        def _file(self, file: Path, fault: Fault) -> None:
            if not file.is_file():
                self._json({"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound"})
                return
            content = file.read_bytes()
            etag = hashlib.sha256(content).hexdigest()
            if fault.kind == "corrupt":
                content = bytes(byte ^ 0x5A for byte in content)
            elif fault.kind == "longer":
                content += b"more"
            start = 0
            if asked := re.match(r"bytes=(\d+)-", self.headers.get("Range") or ""):
                start = int(asked[1])
            self.send_response(206 if start else 200)
            self.send_header("ETag", f'"{etag}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            if self.command == "HEAD":
                return
            body = content[start:]
            if fault.kind == "truncated":
                body = body[: len(body) // 2]
                self.close_connection = True
            self.wfile.write(body)

        def _json(self, value: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            for name, content in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, content)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    with HubServer(arguments.folder, arguments.port) as running:
        print(f"serving on {running.url}", flush=True)
        threading.Event().wait()
