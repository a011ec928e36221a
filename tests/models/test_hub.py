"""The hub path, for real: a server on this machine speaks the hub's protocol, and misbehaves."""

from __future__ import annotations

import errno
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import pytest
from huggingface_hub import constants, scan_cache_dir, try_to_load_from_cache

from models import downloads
from models import hub as files
from models.hub import TOKENIZER, WEIGHTS, cached_folder, fetch, forget_damaged
from models.results import DownloadProgress, PlaygroundError
from tests.hub_server import Fault, HubServer

NAME = "bert-base-uncased"
WEIGHT_FILE = r"model\.safetensors$"


def test_files_arrive_whole_and_are_found_again_without_the_network(hub: HubServer, checkpoints: Path) -> None:
    assert cached_folder(NAME, WEIGHTS) is None
    folder = fetch(NAME, WEIGHTS)
    expected = (checkpoints / NAME / "model.safetensors").read_bytes()
    assert (folder / "model.safetensors").read_bytes() == expected
    hub.requests.clear()
    assert fetch(NAME, WEIGHTS) == folder
    assert hub.requests == []


def test_other_programs_find_what_was_fetched_without_the_network(hub: HubServer) -> None:
    """Students' own code, say; what no reference names ``hf cache prune`` would remove."""
    folder = fetch(NAME, WEIGHTS)
    found = try_to_load_from_cache(NAME, "model.safetensors", cache_dir=constants.HF_HUB_CACHE)
    assert found == str(folder / "model.safetensors")
    [repository] = scan_cache_dir(constants.HF_HUB_CACHE).repos
    assert [revision.refs for revision in repository.revisions] == [{"main"}]


def test_a_tokenizer_comes_without_the_weights(hub: HubServer) -> None:
    folder = fetch("albert-base-v2", TOKENIZER)
    assert (folder / "tokenizer.json").exists()
    assert not (folder / "model.safetensors").exists()
    assert cached_folder("albert-base-v2", WEIGHTS) is None
    assert (fetch("albert-base-v2", WEIGHTS) / "model.safetensors").exists()


def test_who_asks_for_the_tokenizer_while_the_weights_are_on_their_way_gets_all_of_it(
    hub: HubServer, checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot that is half there passes for a whole one, and what cannot be read of it is thrown away."""
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 60)
    hub.folder = tmp_path
    folder = tmp_path / "albert-base-v2"
    shutil.copytree(checkpoints / "albert-base-v2", folder)
    (folder / "merges.txt").write_text("#version: 0.2")  # of a tokenizer, and fetched before the weights
    first = sum((folder / name).stat().st_size for name in ("config.json", "merges.txt"))
    begun = threading.Event()

    def tell(progress: DownloadProgress) -> None:
        if progress.done_bytes >= first:
            begun.set()

    hub.fault = Fault("slow", files=WEIGHT_FILE)
    with ThreadPoolExecutor(1) as pool:
        weights = pool.submit(fetch, "albert-base-v2", WEIGHTS, tell)
        try:
            assert begun.wait(30)
            assert cached_folder("albert-base-v2", TOKENIZER) is None
            assert (fetch("albert-base-v2", TOKENIZER) / "tokenizer.json").exists()
            assert cached_folder("albert-base-v2", WEIGHTS) is None
        finally:
            hub.fault = Fault()
            hub.release.set()
        assert (weights.result(60) / "model.safetensors").exists()


def test_progress_ends_at_the_whole_size(hub: HubServer, checkpoints: Path) -> None:
    seen: list[DownloadProgress] = []
    fetch(NAME, WEIGHTS, seen.append)
    assert seen[-1].done_bytes == seen[-1].total_bytes > (checkpoints / NAME / "model.safetensors").stat().st_size


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault("status", 404), "404"),
        (Fault("status", 401), "the name is wrong, or the model is not open"),
        (Fault("status", 401, message="Invalid credentials in Authorization header"), "token of this server"),
        (Fault("status", 429), "too many requests"),
        (Fault("status", 429, WEIGHT_FILE), "too many requests"),  # at once, where the hub says to wait 300 s
        (Fault("status", 500), r"error \(500\)"),
        (Fault("status", 500, WEIGHT_FILE), r"error \(500\)"),
        (Fault("status", 404, WEIGHT_FILE), "404"),
        (Fault("slow", files="/api/"), "took too long"),
        (Fault("slow", files=WEIGHT_FILE), "took too long"),
        (Fault("truncated", files=WEIGHT_FILE), "broke off"),
        (Fault("corrupt", files=WEIGHT_FILE), "arrived damaged"),
        (Fault("corrupt", files=r"/config\.json$"), "arrived damaged"),
        (Fault("longer", files=WEIGHT_FILE), "arrived damaged"),
        (Fault("climbing"), "with paths"),
        (Fault("pickle"), "pickle"),
    ],
)
def test_each_failure_is_a_sentence_and_the_next_attempt_works(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, fault: Fault, sentence: str
) -> None:
    hub.fault = fault
    with monkeypatch.context() as impatient:
        impatient.setattr(files, "PATIENCE", 0.5)
        with pytest.raises(PlaygroundError, match=sentence) as raised:
            fetch(NAME, WEIGHTS)
    assert any("가" <= character <= "힣" for character in raised.value.korean)
    hub.fault = Fault()
    assert (fetch(NAME, WEIGHTS) / "model.safetensors").exists()


def test_who_tries_again_the_moment_it_failed_gets_a_new_attempt(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: Queue[Path | Exception] = Queue()

    def try_again(_: object) -> None:
        hub.fault = Fault()
        try:
            seen.put(fetch(NAME, WEIGHTS))
        except PlaygroundError as error:
            seen.put(error)

    class Watched(downloads.Download):
        def __init__(self) -> None:
            super().__init__()
            self.result.add_done_callback(try_again)

    monkeypatch.setattr(downloads, "Download", Watched)
    hub.fault = Fault("status", 500)
    with pytest.raises(PlaygroundError, match="500"):
        fetch(NAME, WEIGHTS)
    assert isinstance(seen.get(timeout=60), Path)


def test_a_server_that_is_down(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
    with pytest.raises(PlaygroundError, match="cannot be reached"):
        fetch(NAME, WEIGHTS)


def test_an_interrupted_download_goes_on_where_it_stopped(hub: HubServer, checkpoints: Path) -> None:
    hub.fault = Fault("truncated", files=WEIGHT_FILE)
    with pytest.raises(PlaygroundError, match="broke off"):
        fetch(NAME, WEIGHTS)
    hub.fault = Fault()
    hub.requests.clear()
    folder = fetch(NAME, WEIGHTS)
    [resumed] = [span for _, path, span in hub.requests if path.endswith("model.safetensors")]
    assert resumed is not None
    assert (folder / "model.safetensors").read_bytes() == (checkpoints / NAME / "model.safetensors").read_bytes()


def test_the_hubs_own_safetensors_conversion_is_taken_where_the_model_has_a_pickle_only(hub: HubServer) -> None:
    hub.fault = Fault("converted")
    assert (fetch(NAME, WEIGHTS) / "model.safetensors").exists()
    assert any("refs/pr/1" in path for _, path, _ in hub.requests)


def test_a_conversion_by_anybody_else_is_not_taken(hub: HubServer) -> None:
    hub.fault = Fault("imitated")
    with pytest.raises(PlaygroundError, match="pickle"):
        fetch(NAME, WEIGHTS)
    assert not any("refs/pr" in path for _, path, _ in hub.requests)


def test_many_viewers_share_one_download(hub: HubServer) -> None:
    folders: list[Path] = []
    viewers = [threading.Thread(target=lambda: folders.append(fetch(NAME, WEIGHTS))) for _ in range(8)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    assert len(set(folders)) == 1
    assert len(folders) == 8
    assert len([path for _, path, _ in hub.requests if path.endswith("model.safetensors")]) == 1


def test_a_connection_that_breaks_again_and_again_brings_the_file_as_long_as_something_comes(hub: HubServer) -> None:
    hub.fault = Fault("truncated", files=WEIGHT_FILE)  # half of what is asked for, each time
    with pytest.raises(PlaygroundError, match="broke off"):
        fetch(NAME, WEIGHTS)
    spans = [span for _, path, span in hub.requests if path.endswith("model.safetensors")]
    starts = [int(span.removeprefix("bytes=").removesuffix("-")) for span in spans if span]
    assert len(starts) > files.ATTEMPTS
    assert starts == sorted(starts)
    assert starts.count(starts[-1]) == files.ATTEMPTS


def with_a_pickle(folder: Path, checkpoints: Path) -> str:
    shutil.copytree(checkpoints / NAME, folder / NAME)
    (folder / NAME / "model.safetensors").rename(folder / NAME / "pytorch_model.bin")
    return NAME


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (Fault("slow", files="/discussions"), "took too long"),
        (Fault("status", 403, "/discussions"), "only as a pickle"),  # the owner has turned them off
    ],
)
def test_who_looks_for_a_conversion_does_not_wait_for_ever(
    hub: HubServer, checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault, sentence: str
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.5)
    hub.folder = tmp_path
    hub.fault = fault
    with pytest.raises(PlaygroundError, match=sentence):
        fetch(with_a_pickle(tmp_path, checkpoints), WEIGHTS)


def test_what_the_memory_cannot_hold_is_not_downloaded(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_MODEL_BUDGET_GB", "0.00001")
    with pytest.raises(PlaygroundError, match="does not fit"):
        fetch(NAME, WEIGHTS)
    assert not any("/resolve/" in path for _, path, _ in hub.requests)


def test_a_server_that_is_told_to_ask_no_hub_says_so(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(PlaygroundError, match="HF_HUB_OFFLINE"):
        fetch(NAME, WEIGHTS)


def test_weights_in_a_folder_of_the_repository_are_left_there(
    hub: HubServer, checkpoints: Path, tmp_path: Path
) -> None:
    hub.folder = tmp_path
    shutil.copytree(checkpoints / NAME, tmp_path / NAME)
    (tmp_path / NAME / "model-of-another").mkdir()
    shutil.copy(tmp_path / NAME / "model.safetensors", tmp_path / NAME / "model-of-another")
    fetch(NAME, WEIGHTS)
    assert not any("another" in path for _, path, _ in hub.requests)


def test_a_system_on_which_links_are_not_allowed(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows, for who is no developer."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EINVAL, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    folder = fetch(NAME, WEIGHTS)
    assert cached_folder(NAME, WEIGHTS) == folder


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "cannot be written"), (errno.EACCES, "cannot be written")],
)
def test_a_disk_that_takes_nothing(hub: HubServer, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "as told")

    monkeypatch.setattr(files.Path, "mkdir", refuse)
    with pytest.raises(PlaygroundError, match=sentence):
        fetch(NAME, WEIGHTS)


def test_no_config_means_no_transformers_model(hub: HubServer, tmp_path: Path) -> None:
    hub.folder = tmp_path
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "model.safetensors").write_bytes(b"x")
    (tmp_path / NAME / "notes.json").write_text(json.dumps({}))
    with pytest.raises(PlaygroundError, match=r"config\.json"):
        fetch(NAME, WEIGHTS)


def test_who_has_no_weights_at_all_is_not_said_to_have_a_pickle(hub: HubServer, tmp_path: Path) -> None:
    hub.folder = tmp_path
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "config.json").write_text("{}")
    with pytest.raises(PlaygroundError, match=r"no model\.safetensors"):
        fetch(NAME, WEIGHTS)


def test_a_copy_in_a_snapshot_is_kept_as_nothing_tells_its_hash(hub: HubServer) -> None:
    """The hub cache of a system without links."""
    folder = fetch(NAME, WEIGHTS)
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_bytes(b"a copy")
    assert not forget_damaged(folder, WEIGHTS)
    assert (folder / "model.safetensors").exists()


def test_a_file_whose_name_is_no_hash_is_not_called_damaged(tmp_path: Path) -> None:
    """A mirror can name its files as it likes."""
    blob = tmp_path / "blobs" / "W-some-tag"
    folder = tmp_path / "snapshots" / "main"
    for place in (blob.parent, folder):
        place.mkdir(parents=True)
    blob.write_bytes(b"weights")
    (folder / "model.safetensors").symlink_to(blob)
    assert not forget_damaged(folder, WEIGHTS)
    assert blob.exists()


def snapshot(*names: str) -> Path:
    """A snapshot that another program has left in the hub cache."""
    folder = Path(constants.HF_HUB_CACHE, f"models--{NAME}", "snapshots", "main")
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("[]")
    return folder


def test_a_settings_file_is_no_tokenizer(hub: HubServer) -> None:
    """Another program was stopped before the vocabulary came."""
    folder = snapshot("config.json", "model.safetensors", "tokenizer_config.json")
    assert cached_folder(NAME, TOKENIZER) is None
    (folder / "vocab.txt").touch()
    assert cached_folder(NAME, TOKENIZER) == cached_folder(NAME, WEIGHTS) == folder


@pytest.mark.parametrize("written", ["[]", '{"weight_map": [1]}', '{"weight_map": {"a": 1}}', "[" * 10**5])
def test_a_list_of_parts_can_hold_anything(hub: HubServer, written: str) -> None:
    folder = snapshot("config.json", "tokenizer.json")
    (folder / "model.safetensors.index.json").write_text(written)
    assert cached_folder(NAME, WEIGHTS) == folder  # what is wrong with it is said by who loads it


def test_a_cache_that_may_not_be_read_is_none(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert cached_folder(NAME, WEIGHTS) is None
