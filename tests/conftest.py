"""A hub on this machine, for whoever fetches a model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_server import HubServer
from tests.tiny_checkpoints import ARCHITECTURES, make_checkpoint


@pytest.fixture(scope="module", autouse=True)
def no_step_is_being_traced_behind_the_next_module() -> Iterator[None]:
    """Torch reads syntax trees then, and another thread's trip over them in Python 3.11 (CPython issue 106905)."""
    yield
    for thread in threading.enumerate():
        if thread.name.endswith("(_prepare)"):
            thread.join()


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny checkpoints of every model in the catalogue, as folders named like on the hub."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for name in ARCHITECTURES:
        make_checkpoint(name, folder / name)
    return folder


@pytest.fixture
def hub(checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub of its own for one test, with an empty cache and little patience."""
    from huggingface_hub import constants

    from models import hub as files

    with HubServer(checkpoints) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path / "packages"))
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setattr(files, "PAUSE", 0)
        monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield server
