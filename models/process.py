"""What the server's process may use, and two of its settings that Streamlit leaves as the system has them."""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import stat

__all__ = ["cores", "give_memory_back", "send_at_once"]


def cores() -> int:
    """Processor cores for this process: of a container its share, where Python and torch count those of the computer."""
    from joblib import cpu_count

    return int(cpu_count())


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


def give_memory_back() -> None:
    """Blocks of 1 MB and more return to the system when they are freed (glibc's mallopt).

    By itself glibc raises that limit to 32 MB, and what lies between small blocks stays: 240 MB after a class of 30.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(-3, 2**20)  # M_MMAP_THRESHOLD
        libc.mallopt(-1, 2**17)  # M_TRIM_THRESHOLD
