"""The image and the proxy: what must be true of their files without an engine to build them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from models.catalogue import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_image_runs_as_a_user_without_rights_on_the_port_of_a_space() -> None:
    commands = re.findall(r"^([A-Z]+)\b", DOCKERFILE, re.MULTILINE)
    assert commands.index("USER") < commands.index("CMD")
    assert "USER root" not in DOCKERFILE
    assert "EXPOSE 7860" in DOCKERFILE
    assert "--server.port=7860" in DOCKERFILE
    assert "HEALTHCHECK" in DOCKERFILE
    front = (ROOT / "README.md").read_text(encoding="utf-8").split("---")[1]
    assert "sdk: docker" in front
    assert "app_port: 7860" in front


def test_the_linter_of_dockerfiles_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    found = subprocess.run([linter, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_everything_the_app_imports_is_copied() -> None:
    copied = set(re.findall(r"^COPY --chown=\S+ (\S+) ", DOCKERFILE, re.MULTILINE))
    assert all((ROOT / name).exists() for name in copied)
    needed = {"app.py", "settings.py", "requirements.txt", ".streamlit", "components", "content", "models", "pages"}
    assert copied == needed
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not needed & set(ignored)


def test_the_base_image_is_pinned_to_a_version() -> None:
    [base] = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", base)


def test_the_proxy_keeps_a_viewer_with_a_replica_and_lets_websockets_through() -> None:
    conf = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert "hash $replica" in conf
    assert "proxy_set_header Upgrade" in conf
    assert conf.count("server 127.0.0.1:") == 2
