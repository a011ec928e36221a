"""Files of the Hugging Face hub: found in the local cache, or downloaded with progress.

The HTTP work is huggingface_hub's; this module chooses the files (never pickles) and turns every failure into a
sentence.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from models.downloads import Download, shared_download
from models.results import DownloadProgress, PlaygroundError

__all__ = ["TOKENIZER", "WEIGHTS", "cached_folder", "fetch", "forget_damaged"]

PATIENCE = 10.0  # seconds for the hub to say what it has
TOKENIZER = "tokenizer"
WEIGHTS = "weights"
_TOKENIZER_FILES = (
    "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model",
)  # fmt: skip
_WEIGHT_FILES = (*_TOKENIZER_FILES, "generation_config.json", "model.safetensors", "model.safetensors.index.json",
                 "model-*.safetensors")  # fmt: skip
# The hub's own conversion is a pull request of this title by this author; anybody can open one of this title.
_CONVERSION = ("Adding `safetensors` variant of this model", "SFconvertbot")


def cached_folder(name: str, kind: str) -> Path | None:
    """The snapshot in the local hub cache that holds all files of this kind, None where there is none."""
    snapshots = _repository(name) / "snapshots"
    if not snapshots.is_dir():
        return None
    for folder in sorted(snapshots.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True):
        if not (folder / "config.json").exists():
            continue
        has_tokenizer = any((folder / file).exists() for file in _TOKENIZER_FILES[1:])
        if has_tokenizer and (kind == TOKENIZER or (folder / "model.safetensors").exists() or _all_shards(folder)):
            return Path(folder)
    return None


def _all_shards(folder: Path) -> bool:
    """Whether all parts of a model in several files are there. Of a damaged list of them, loading the model will tell."""
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return False
    with suppress(ValueError, KeyError, AttributeError):
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
            if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", blob.name) and not _is_intact(blob, blob.name):
                blob.unlink(missing_ok=True)
                link.unlink()
                damaged = True
        if damaged:
            (folder / "config.json").unlink(missing_ok=True)  # without it nobody takes the rest for a whole snapshot
    return damaged


def _is_wanted(file_name: str, kind: str) -> bool:
    patterns = _WEIGHT_FILES if kind == WEIGHTS else _TOKENIZER_FILES
    return any(fnmatch.fnmatch(file_name, pattern) for pattern in patterns)


def _is_intact(file: Path, digest: str) -> bool:
    """Whether the content is what the hub, and the name of the blob, say: of a large file the sha256, else git's sha1."""
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
        with _sentences(name):
            return _fetch(name, kind, download)

    return cached_folder(name, kind) or shared_download(f"{name} {kind}", work, on_progress)


def _fetch(name: str, kind: str, download: Download) -> Path:
    from huggingface_hub import HfApi

    info = _choose_files(HfApi(endpoint=_endpoint()), name, kind)
    download.total_bytes = sum(file.size or 0 for file in info.siblings)
    repository: Path = _repository(name)
    blobs = {
        file.rfilename: repository / "blobs" / (file.lfs.sha256 if file.lfs else file.blob_id) for file in info.siblings
    }
    finished = 0
    for file in info.siblings:
        _fetch_file(name, info.sha, file, blobs[file.rfilename], _bar_that_reports(download, finished))
        finished += file.size or 0
        download.done_bytes = finished
    folder = repository / "snapshots" / str(info.sha)
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, blob in blobs.items():  # last of all: a half snapshot would pass for a whole one
        link = folder / file_name
        if not link.exists():
            link.unlink(missing_ok=True)
            with suppress(FileExistsError):  # its tokenizer may be fetched at the same time
                link.symlink_to(os.path.relpath(blob, folder))
    return folder


def _fetch_file(name: str, commit: str, file: Any, blob: Path, bar: Any) -> None:
    """Download one file into the cache, going on where an earlier attempt stopped.

    huggingface_hub's own ``hf_hub_download`` starts anew after an interruption, so its next lower function is used.
    """
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import WeakFileLock, build_hf_headers

    blob.parent.mkdir(parents=True, exist_ok=True)
    arrived = blob.with_name(f"{blob.name}.partial")
    with WeakFileLock(f"{blob}.lock"):
        if blob.exists():
            return
        with arrived.open("ab") as stream:
            url = hf_hub_url(name, file.rfilename, revision=commit, endpoint=_endpoint())
            http_get(
                url,
                stream,
                resume_size=stream.tell(),
                expected_size=file.size,
                headers=build_hf_headers(),
                tqdm_class=bar,
            )
        _check(arrived, file)
        arrived.replace(blob)


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
        return info

    info = ask(None)
    if kind == WEIGHTS and not _has_weights(info):
        for discussion in api.get_repo_discussions(name, discussion_type="pull_request"):
            if (discussion.title, discussion.author) == _CONVERSION and discussion.status == "open":
                info = ask(f"refs/pr/{discussion.num}")
                break
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


def _has_weights(info: Any) -> bool:
    return any(file.rfilename.endswith(".safetensors") for file in info.siblings)


def _bar_that_reports(download: Download, finished: int) -> Any:
    from huggingface_hub.utils import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        """Huggingface_hub counts into it; nothing is printed."""

        def __init__(self, *arguments: Any, **settings: Any) -> None:
            settings["disable"] = True
            super().__init__(*arguments, **settings)
            self.counted = settings.get("initial", 0) or 0
            download.done_bytes = finished + self.counted

        def update(self, n: float | None = 1) -> None:
            self.counted += int(n or 0)
            download.done_bytes = finished + self.counted

    return Bar


def _check(path: Path, file: Any) -> None:
    """Compare a large file with the hash that the hub names; a wrong one is removed."""
    if file.lfs and not _is_intact(path, file.lfs.sha256):
        path.unlink(missing_ok=True)
        raise PlaygroundError(
            f"{file.rfilename} arrived damaged and was removed. Try again.",
            f"{file.rfilename} 파일이 손상된 채 도착해서 지웠습니다. 다시 시도하세요.",
        )


# --- failures as sentences ---------------------------------------------------------------------------------------


@contextmanager
def _sentences(name: str) -> Iterator[None]:
    """Turn what huggingface_hub, the network and the disk raise into a PlaygroundError."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except PlaygroundError:
        raise
    except httpx2.TimeoutException as error:
        raise PlaygroundError(
            f"The hub took too long to answer while {name} was being fetched. Try again; what has arrived is kept.",
            f"{name} 모델을 받는 동안 허브가 너무 늦게 응답했습니다. 다시 시도하세요. 받은 부분은 남아 있습니다.",
        ) from error
    except (httpx2.RemoteProtocolError, httpx2.ReadError) as error:
        raise PlaygroundError(
            f"The connection broke off while {name} was being fetched. Try again; what has arrived is kept.",
            f"{name} 모델을 받는 도중에 연결이 끊겼습니다. 다시 시도하세요. 받은 부분은 남아 있습니다.",
        ) from error
    except (
        errors.HfHubHTTPError,
        errors.LocalEntryNotFoundError,
        errors.OfflineModeIsEnabled,
        httpx2.HTTPError,
    ) as error:
        status = _status(error)
        raise (_http_error(name, status) if status else _unreachable(name)) from error
    except OSError as error:
        raise _disk_error(name, error) from error
    except Exception as error:
        raise PlaygroundError(
            f"{name} could not be fetched ({type(error).__name__}). Try again, or pick another model.",
            f"{name} 모델을 받지 못했습니다({type(error).__name__}). 다시 시도하거나 다른 모델을 골라 주세요.",
        ) from error


def _status(error: BaseException | None) -> int:
    """The HTTP status in an error or in what caused it, 0 where no answer came."""
    while error is not None:
        response = getattr(error, "response", None)
        if response is not None:
            return int(response.status_code)
        error = error.__cause__ or error.__context__
    return 0


def _unreachable(name: str) -> PlaygroundError:
    return PlaygroundError(
        f"The hub cannot be reached, so {name} cannot be fetched. Check the network and try again, or pick an embedded model.",
        f"허브에 연결할 수 없어 {name} 모델을 받지 못했습니다. 네트워크를 확인하고 다시 시도하거나 내장 모델을 고르세요.",
    )


def _http_error(name: str, status: int) -> PlaygroundError:
    if status == 404:
        return PlaygroundError(
            f"The hub has no model called {name}, or a file of it is missing (404). Check the name, or pick another model.",
            f"허브에 {name} 모델이 없거나 필요한 파일이 없습니다(404). 이름을 확인하거나 다른 모델을 골라 주세요.",
        )
    if status in (401, 403):
        return PlaygroundError(
            f"{name} is not open to everyone on the hub ({status}). Pick another model.",
            f"{name} 모델은 허브에 공개되어 있지 않습니다({status}). 다른 모델을 골라 주세요.",
        )
    if status == 429:
        return PlaygroundError(
            "The hub is getting too many requests from this address (429). Wait a minute and try again.",
            "이 주소에서 허브에 요청이 너무 많이 갔습니다(429). 1분쯤 뒤에 다시 시도하세요.",
        )
    return PlaygroundError(
        f"The hub answered with an error ({status}) for {name}. Try again later, or pick an embedded model.",
        f"허브가 {name}에 대해 오류({status})로 답했습니다. 나중에 다시 시도하거나 내장 모델을 고르세요.",
    )


def _disk_error(name: str, error: OSError) -> PlaygroundError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PlaygroundError(
            f"The disk is full: there is no room for {name}. Free some space and try again.",
            f"디스크가 가득 차서 {name} 모델을 저장할 수 없습니다. 공간을 비우고 다시 시도하세요.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return PlaygroundError(
            f"The cache folder cannot be written to, so {name} cannot be kept. Make it writable or set HF_HOME.",
            f"캐시 폴더에 쓸 수 없어 {name} 모델을 저장하지 못했습니다. 쓰기 권한을 주거나 HF_HOME을 바꾸세요.",
        )
    return PlaygroundError(
        f"{name} arrived incomplete ({type(error).__name__}). Try again; what has arrived is kept.",
        f"{name} 모델이 다 도착하지 못했습니다({type(error).__name__}). 다시 시도하세요. 받은 부분은 남아 있습니다.",
    )
