"""Does the server grow? 6,000 interactions on all pages by viewers who come and go, and its memory after each ten.

    python -m benchmarks.soak          # writes soak.csv and soak.png beside this file

Each viewer does 25 interactions and leaves; four are there at a time. What they do is what the class of ``load.py`` does.
In the first half the store of results fills (its size is drawn too), and the memory grows with it; in the second half the
store is full, and what still grows is a leak.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import random
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np

from benchmarks.load import Found, Links, examples, interact, memory, visit_all, wait_until_ready
from benchmarks.viewer import Viewer
from tests.browser.conftest import free_port, start_app

FOLDER = Path(__file__).parent
AT_ONCE, EACH = 4, 25


class Point(NamedTuple):
    interactions: int
    megabytes: float  # resident memory of the server
    store: float  # megabytes of results that it keeps, pickled


async def store(server: str) -> float:
    """What the server says of its store of results."""
    with await asyncio.to_thread(urllib.request.urlopen, f"http://{server}/ready") as answer:
        return float(json.load(answer)["results_megabytes"])


async def soak(
    process: subprocess.Popen[str], server: str, links: Links, interactions: int
) -> tuple[list[Point], Found]:
    """Points of the curve and what the viewers saw."""
    points, found = [Point(0, memory(process), await store(server))], Found()
    waiting = iter(range(interactions // EACH))

    async def viewers() -> None:
        for number in waiting:
            chance = random.Random(number)
            async with Viewer(server) as viewer:
                name = chance.choice(list(links))
                await viewer.open(**chance.choice(links[name]))
                for _ in range(EACH):
                    name = await interact(viewer, links, chance, found, name)
                    if found.count % 10 == 0:
                        points.append(Point(found.count, memory(process), await store(server)))
                found.errors += viewer.errors

    await asyncio.gather(*(viewers() for _ in range(AT_ONCE)))
    return points, found


def draw(points: list[Point]) -> None:
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.5), layout="constrained")
    interactions, megabytes, stored = zip(*points, strict=True)
    axes.plot(interactions, megabytes, label="resident memory of the server")
    axes.plot(interactions, stored, "--", label="results that it keeps, pickled")
    axes.set(xlabel="interactions", ylabel="MB", ylim=(0, None))
    axes.legend(loc="center right")
    axes.grid(alpha=0.3)
    figure.savefig(FOLDER / "soak.png", dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interactions", type=int, default=6_000)
    options = parser.parse_args()
    port = free_port()
    process = start_app(port)
    server = f"127.0.0.1:{port}"
    try:
        wait_until_ready(port)
        links = examples()
        asyncio.run(visit_all(server, links))
        begin = time.monotonic()
        points, found = asyncio.run(soak(process, server, links, options.interactions))
    finally:
        process.terminate()
        process.wait()
    found.errors += process.failures
    with (FOLDER / "soak.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([Point._fields, *points])
    draw(points)
    counts, megabytes, _ = np.array(points).T
    first, second = megabytes[counts <= counts.max() / 2], megabytes[counts > counts.max() / 2]
    slope = np.polyfit(counts[counts > counts.max() / 2], second, 1)[0]
    print(
        f"{found.count:,} interactions in {time.monotonic() - begin:.0f} s, {len(found.errors)} errors: "
        f"{megabytes[0]:.0f} MB before, {first.mean():.0f} in the first half, {second.mean():.0f} in the second, "
        f"{megabytes[-1]:.0f} at the end, {1000 * slope:+.1f} MB per 1,000 interactions in the second half"
    )
    for error in found.errors[:10]:
        print("  ", error)


if __name__ == "__main__":
    main()
