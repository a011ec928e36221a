"""Which Chromium the browser tests drive: ``python -m tests.browser.chromium`` prints its path, or nothing.

Taken in this order: the CHROMIUM variable, the distribution's, Playwright's own. Where there is none it gets one:
from Playwright, or as root on Debian from the distribution's package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def find() -> str | None:
    """The path of a Chromium that is already here."""
    named = os.environ.get("CHROMIUM")
    if named and Path(named).exists():
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Try to get one; what goes wrong is told, not raised."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = ["chromium", "fonts-noto-cjk"]
        attempts = [["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", *packages]]
    for command in attempts:
        try:
            subprocess.run(
                command,
                check=False,
                stdout=sys.stderr,
                timeout=600,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"{command[0]}: {error}", file=sys.stderr)


if __name__ == "__main__":
    path = find()
    if path is None:
        install()
        path = find()
    print(path or "")
