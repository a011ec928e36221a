"""Python imports this file at its start where its folder is on PYTHONPATH: it writes down every file that is touched."""

import os
import sys

_CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate", "os.chmod", "os.link", "os.symlink"}
_log = os.open(os.environ["AUDIT_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        kind = "write" if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) else "read"
    elif event in _CHANGES:
        path, kind = arguments[0], "write"
    else:
        return
    if isinstance(path, (str, bytes)):
        os.write(_log, f"{kind}\t{os.path.abspath(os.fsdecode(path))!r}\n".encode())


sys.addaudithook(_note)
