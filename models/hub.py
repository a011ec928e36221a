"""Files of the Hugging Face hub: found in the local cache, or downloaded with progress.

The HTTP work is huggingface_hub's; this module chooses the files (never pickles). Every failure ends in a sentence.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from models.downloads import Download, shared_download
from models.hub_failures import as_sentences
from models.results import DownloadProgress, PlaygroundError
from settings import model_budget

__all__ = ["TOKENIZER", "WEIGHTS", "TooLargeError", "cached_folder", "fetch", "forget_damaged"]

PATIENCE = 10.0  # seconds for the hub to say what it has
ATTEMPTS = 3  # in a row that brought nothing, after which a download has failed
PAUSE = 2.0  # seconds between them
TOKENIZER = "tokenizer"
WEIGHTS = "weights"
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model")
_TOKENIZER_FILES = (*_VOCABULARIES, "config.json", "tokenizer_config.json", "special_tokens_map.json",
                    "added_tokens.json", "merges.txt")  # fmt: skip
_WEIGHT_FILES = (*_TOKENIZER_FILES, "generation_config.json", "model.safetensors", "model.safetensors.index.json",
                 "model-*.safetensors")  # fmt: skip
# The hub's own conversion is a pull request of this title by this author; anybody can open one of this title.
_CONVERSION = ("Adding `safetensors` variant of this model", "SFconvertbot")


class TooLargeError(PlaygroundError):
    """The files are in order, but the memory does not hold them."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} does not fit into the memory that this server keeps for models. Pick a smaller one.",
            f"{name} 모델은 이 서버가 모델에 쓰는 메모리보다 큽니다. 더 작은 모델을 골라 주세요.",
        )


def cached_folder(name: str, kind: str) -> Path | None:
    """The snapshot in the local hub cache that holds all files of this kind, None where there is none."""
    with suppress(OSError):  # no cache, or one that we may not read
        snapshots = sorted(
            (_repository(name) / "snapshots").iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True
        )
        return next((folder for folder in snapshots if _is_whole(folder, kind)), None)
    return None


def _is_whole(folder: Path, kind: str) -> bool:
    has_weights = kind == TOKENIZER or (folder / "model.safetensors").exists() or _all_shards(folder)
    return has_weights and (folder / "config.json").exists() and any((folder / file).exists() for file in _VOCABULARIES)


def _all_shards(folder: Path) -> bool:
    """Whether all parts of a model in several files are there. Of a damaged list of them, loading the model will tell."""
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return False
    with suppress(Exception):  # whatever may stand in a file
        return all((folder / shard).exists() for shard in json.loads(index.read_text())["weight_map"].values())
    return True


def forget_damaged(folder: Path, kind: str) -> bool:
    """Remove the damaged files of a snapshot from the cache, so that they are downloaded anew; whether there were any."""
    damaged = False
    with suppress(OSError):  # a file that cannot be looked at may be in order
        for link in folder.iterdir():
            if not (link.is_symlink() and _is_wanted(link.name, kind)):  # no link, no blob that tells its hash
                continue
            blob = link.resolve()
            if not _is_intact(blob, blob.name):
                blob.unlink(missing_ok=True)
                link.unlink()
                damaged = True
        if damaged:
            (folder / "config.json").unlink(missing_ok=True)  # without it nobody takes the rest for a whole snapshot
    return damaged


def _is_wanted(file_name: str, kind: str) -> bool:
    patterns = _WEIGHT_FILES if kind == WEIGHTS else _TOKENIZER_FILES
    return "/" not in file_name and any(fnmatch.fnmatch(file_name, pattern) for pattern in patterns)


def _is_intact(file: Path, digest: str) -> bool:
    """Whether the content is what the hub, and the name of the blob, say: of a large file the sha256, else git's sha1.

    A mirror can name its files as it likes: what is no hash tells nothing.
    """
    if not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", digest):
        return True
    if not file.exists():
        return False
    header = b"blob %d\0" % file.stat().st_size
    with file.open("rb") as stream:
        start = hashlib.sha256 if len(digest) == 64 else partial(hashlib.sha1, header)
        return hashlib.file_digest(stream, start).hexdigest() == digest


# --- downloading -------------------------------------------------------------------------------------------------


def fetch(name: str, kind: str, on_progress: Callable[[DownloadProgress], None] | None = None) -> Path:
    """The folder with the files of this kind: from the cache, else downloaded; ``on_progress`` is called as it comes.

    An interrupted download goes on where it stopped. Raises PlaygroundError with the reason where it fails.
    """

    def work(download: Download) -> Path:
        with as_sentences(name):
            return _fetch(name, kind, download)

    return cached_folder(name, kind) or shared_download(f"{name} {kind}", work, on_progress)


def _fetch(name: str, kind: str, download: Download) -> Path:
    from huggingface_hub import HfApi

    info = _choose_files(HfApi(endpoint=_endpoint()), name, kind)
    _refuse_paths(info)
    if sum(file.size for file in info.siblings if file.rfilename.endswith(".safetensors")) > model_budget():
        raise TooLargeError(name)
    download.total_bytes = sum(file.size for file in info.siblings)
    repository: Path = _repository(name)
    blobs = {
        file.rfilename: repository / "blobs" / (file.lfs.sha256 if file.lfs else file.blob_id) for file in info.siblings
    }
    finished = 0
    for file in info.siblings:
        _fetch_file(name, info.sha, file, blobs[file.rfilename], download)
        finished += file.size
        download.done_bytes = finished
    folder = repository / "snapshots" / str(info.sha)
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, blob in blobs.items():  # last of all: a half snapshot would pass for a whole one
        link = folder / file_name
        if not link.exists():
            link.unlink(missing_ok=True)
            try:
                link.symlink_to(os.path.relpath(blob, folder))
            except FileExistsError:  # its tokenizer may be fetched at the same time
                pass
            except OSError:  # on Windows not everybody may make such links
                os.link(blob, link)
    reference = repository / "refs" / info.revision  # where a student's own code looks without a network
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_text(info.sha)
    return folder


def _refuse_paths(info: Any) -> None:
    """The commit and the blobs become names of files in the cache: a mirror must not lead out of it with them."""
    names = [str(info.sha), *(file.lfs.sha256 if file.lfs else str(file.blob_id) for file in info.siblings)]
    if not all(re.fullmatch(r"\w[\w.-]*", one) for one in names):
        raise PlaygroundError(
            "The hub that this server asks names its files with paths, so nothing is fetched from it. "
            "Whoever runs the server can check HF_ENDPOINT; the embedded models need no hub.",
            "이 서버가 쓰는 허브가 파일 이름에 경로를 넣어 보내서 아무것도 받지 않았습니다. "
            "서버 관리자가 HF_ENDPOINT를 확인할 수 있고, 내장 모델은 허브 없이 쓸 수 있습니다.",
        )


def _fetch_file(name: str, commit: str, file: Any, blob: Path, download: Download) -> None:
    """Download one file into the cache, going on where an earlier attempt stopped."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import WeakFileLock

    url = hf_hub_url(name, file.rfilename, revision=commit, endpoint=_endpoint())
    blob.parent.mkdir(parents=True, exist_ok=True)
    arrived = blob.with_name(f"{blob.name}.partial")
    with WeakFileLock(f"{blob}.lock"):
        if blob.exists():
            return
        with arrived.open("ab") as stream:
            _read_on(url, stream, file.size, download)
        if arrived.stat().st_size != file.size or not _is_intact(arrived, blob.name):
            arrived.unlink()
            raise PlaygroundError(
                f"{file.rfilename} arrived damaged and was removed. Try again.",
                f"{file.rfilename} 파일이 손상된 채 도착해서 지웠습니다. 다시 시도하세요.",
            )
        arrived.replace(blob)


def _read_on(url: str, stream: BinaryIO, size: int, download: Download) -> None:
    """Append what is missing of a file; after an interruption go on, as long as something comes.

    huggingface_hub's ``hf_hub_download`` starts anew, and ``http_get`` loses up to 10 MB each time and waits as long as a
    hub with too many requests says, several times five minutes.
    """
    import httpx2
    from huggingface_hub import constants
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    before, failures = download.done_bytes, 0
    while (arrived := stream.tell()) < size:
        headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
        if arrived:
            headers["Range"] = f"bytes={arrived}-"
        try:
            with get_session().stream("GET", url, headers=headers, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT) as answer:
                hf_raise_for_status(answer)
                if answer.status_code != 206:  # the whole file, whatever was asked for
                    stream.seek(0)
                    stream.truncate()
                for chunk in answer.iter_bytes():
                    stream.write(chunk)
                    download.done_bytes = before + stream.tell()
            if stream.tell() < size:
                raise httpx2.RemoteProtocolError("the answer ended early")
        except httpx2.TransportError:
            failures = failures + 1 if stream.tell() <= arrived else 0
            if failures == ATTEMPTS:
                raise
            time.sleep(PAUSE)


def _repository(name: str) -> Path:
    """The folder of a model in the hub cache."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    return Path(constants.HF_HUB_CACHE, repo_folder_name(repo_id=name, repo_type="model"))


def _endpoint() -> str | None:
    """The hub's address where it is not the public one, as for huggingface_hub itself."""
    return os.environ.get("HF_ENDPOINT")


def _choose_files(api: Any, name: str, kind: str) -> Any:
    """What the hub says of the model, its ``siblings`` reduced to the files to download: safetensors or nothing."""

    def ask(revision: str | None) -> Any:
        info = api.model_info(name, revision=revision, files_metadata=True, timeout=PATIENCE)
        info.has_pickle = any(file.rfilename.endswith((".bin", ".pt", ".pth", ".ckpt")) for file in info.siblings or [])
        info.siblings = [file for file in info.siblings or [] if _is_wanted(file.rfilename, kind)]
        info.revision = revision or "main"
        return info

    info = ask(None)
    if kind == WEIGHTS and not _has_weights(info):
        if number := _conversion(api, name):
            info = ask(f"refs/pr/{number}")
        if not _has_weights(info) and not info.has_pickle:
            raise PlaygroundError(
                f"{name} has no model.safetensors on the hub, so there are no weights that can be read here. "
                "Pick another model.",
                f"허브의 {name}에는 model.safetensors가 없어 읽을 수 있는 가중치가 없습니다. 다른 모델을 골라 주세요.",
            )
        if not _has_weights(info):
            raise PlaygroundError(
                f"{name} offers its weights only as a pickle file, which can run code; only safetensors are loaded. "
                "Pick another model.",
                f"{name}의 가중치는 코드를 실행할 수 있는 pickle 파일뿐입니다. "
                "이 놀이터는 safetensors만 읽으니 다른 모델을 골라 주세요.",
            )
    if not any(file.rfilename == "config.json" for file in info.siblings):
        raise PlaygroundError(
            f"{name} has no config.json, so it is no Transformers model. Pick another one.",
            f"{name}에는 config.json이 없어 Transformers 모델로 읽을 수 없습니다. 다른 모델을 골라 주세요.",
        )
    return info


def _conversion(api: Any, name: str) -> int:
    """The number of the pull request with the hub's own conversion to safetensors; 0 where there is none."""
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    title, author = _CONVERSION
    answer = get_session().get(  # as HfApi.get_repo_discussions, which would wait for ever
        f"{api.endpoint}/api/models/{name}/discussions",
        params={"type": "pull_request", "status": "open", "author": author},
        headers=build_hf_headers(),
        timeout=PATIENCE,
    )
    if answer.status_code == 403:  # the owner has turned discussions off
        return 0
    hf_raise_for_status(answer)
    for one in answer.json()["discussions"]:
        if (one["title"], one.get("author", {}).get("name"), one["status"]) == (title, author, "open"):
            return int(one["num"])
    return 0


def _has_weights(info: Any) -> bool:
    return any(file.rfilename.endswith(".safetensors") for file in info.siblings)
