"""A class on one server: 30 viewers, an interaction every 4 seconds each, on all pages, for 5 minutes.

    python -m benchmarks.load                          # this app, then a plain one-file app under the same load
    python -m benchmarks.load --minutes 1 --viewers 10

Viewers speak Streamlit's protocol (``viewer.py``), so that both cores belong to the server. Three interactions of ten
follow a link to an example of a random page; the others type: half the time what everybody types, as a class does, and
half the time something that nobody else has.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from benchmarks.viewer import Viewer
from components.site import PAGES
from tests.browser.conftest import ROOT, free_port, start_app

EVERY = 4.0  # seconds
SETTLE = 5.0  # seconds after the last viewer has left
GENERATING = {"prompt_lab", "text-generation"}
SENTENCES = (
    "The doctor washed her hands before the meal.",
    "She plays the piano every evening after dinner.",
    "The river was too wide for the old bridge.",
    "Nobody knew why the lights had gone out.",
    "In winter the birds fly to the south.",
)
Links = dict[str, list[dict[str, str]]]  # what is on a page -> links to it
PLAIN: Links = {"text-generation": [{"page": "", "task": "text-generation"}]}
PLAIN |= {f"fill-mask {number}": [{"page": "", "task": "fill-mask"}] for number in range(6)}


def examples() -> Links:
    """The links to every page's examples."""
    found = {}
    for page in PAGES:
        table = tomllib.loads((ROOT / "content" / page.name / "examples.toml").read_text(encoding="utf-8"))
        found[page.name] = [
            {"page": page.name}
            | {name: str(value) for name, value in one["values"].items() if isinstance(value, (str, int, float))}
            for one in table["example"]
        ]
    return found


@dataclass
class Found:
    """What all viewers saw."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by page
    errors: list[str] = field(default_factory=list)
    megabytes: list[tuple[float, float]] = field(default_factory=list)  # (seconds, resident memory)

    def p(self, share: float, generating: bool) -> float:
        """A quantile of the seconds, on pages that generate or on the others."""
        chosen = [s for page, all_ in self.seconds.items() if (page in GENERATING) == generating for s in all_]
        return float(np.quantile(chosen, share)) if chosen else float("nan")

    @property
    def count(self) -> int:
        return sum(map(len, self.seconds.values()))


def memory(process: subprocess.Popen[str]) -> float:
    """Resident megabytes of the server."""
    return psutil.Process(process.pid).memory_info().rss / 1e6


async def interact(viewer: Viewer, links: Links, chance: random.Random, found: Found, name: str) -> str:
    """One interaction: follow a link or type a text; returns the name of the page it was on."""
    field_ = next((key for key in ("question", "text") if key in viewer.widgets), None)
    if field_ is None or chance.random() < 0.3:
        name = chance.choice(list(links))
        seconds = await viewer.open(**chance.choice(links[name]))
    else:
        text = chance.choice(SENTENCES)
        if chance.random() < 0.5:
            text = f"{text} It was number {chance.randrange(10**6)}."
        seconds = await viewer.type(field_, text)
    found.seconds[name].append(seconds)
    return name


async def one_viewer(server: str, links: Links, found: Found, number: int, until: float) -> None:
    chance = random.Random(number)
    await asyncio.sleep(EVERY * chance.random())
    async with Viewer(server) as viewer:
        name = chance.choice(list(links))
        await viewer.open(**chance.choice(links[name]))
        while time.monotonic() < until:
            began = time.monotonic()
            name = await interact(viewer, links, chance, found, name)
            await asyncio.sleep(max(0.0, EVERY - (time.monotonic() - began)))
        found.errors += viewer.errors


async def visit_all(server: str, links: Links) -> None:
    """One viewer opens everything once, so that every model is loaded."""
    async with Viewer(server) as viewer:
        for links_of_one in links.values():
            for one in links_of_one:
                await viewer.open(**one)


async def watch(process: subprocess.Popen[str], found: Found, begin: float, until: float) -> None:
    while time.monotonic() < until:
        found.megabytes.append((time.monotonic() - begin, memory(process)))
        await asyncio.sleep(1)


async def class_of(viewers: int, minutes: float, process: subprocess.Popen[str], server: str, links: Links) -> Found:
    found, begin = Found(), time.monotonic()
    until = begin + 60 * minutes
    await asyncio.gather(
        watch(process, found, begin, until),
        *(one_viewer(server, links, found, number, until) for number in range(viewers)),
    )
    return found


def wait_until_ready(port: int) -> None:
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ready")
            return
        except urllib.error.HTTPError:
            time.sleep(0.2)


def measure(viewers: int, minutes: float, folder: Path = ROOT, script: str = "app.py") -> str:
    """Start the app, send the class, and say in a table row what they saw."""
    links = examples() if folder == ROOT else PLAIN
    port = free_port()
    process = start_app(port, folder, script, PYTHONPATH=str(ROOT))
    server = f"127.0.0.1:{port}"
    try:
        if folder == ROOT:
            wait_until_ready(port)
        asyncio.run(visit_all(server, links))
        before = memory(process)
        found = asyncio.run(class_of(viewers, minutes, process, server, links))
        most = max(megabytes for _, megabytes in found.megabytes)
        time.sleep(SETTLE)
        after = memory(process)
    finally:
        process.terminate()
        process.wait()
    found.errors += process.failures  # what the log tells; most of them the viewer sees as a sentence
    for page, seconds in sorted(found.seconds.items()):
        print(
            f"  {page or script}: {len(seconds)} x, median {np.median(seconds):.2f} s, p95 {np.quantile(seconds, 0.95):.2f} s"
        )
    for error in found.errors[:10]:
        print("  ", error)
    row = (
        f"| {script} | {found.count:,} | {len(found.errors)} | {found.p(0.5, False):.2f} | {found.p(0.95, False):.2f} "
        f"| {found.p(0.95, True):.2f} | {before:,.0f} | {most:,.0f} | {after:,.0f} | {(after / before - 1):+.1%} "
        f"| {(most - after) / viewers:.1f} |"
    )
    print(row, flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=5.0)
    options = parser.parse_args()
    rows = [
        measure(options.viewers, options.minutes),
        measure(options.viewers, options.minutes, Path(__file__).parent, "plain_app.py"),
    ]
    print(
        f"\n{options.viewers} viewers, {options.minutes:g} minutes, {os.cpu_count()} cores; goals: no error, p95 < 1.5 s"
    )
    print(
        "| app | interactions | errors | median s | p95 s | p95 s, generating | MB before | most | after | growth | MB/viewer while connected |"
    )
    print("|---" * 11 + "|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
