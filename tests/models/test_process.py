"""In a container the app takes no more cores than the container has."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from models.catalogue import ROOT

SCRIPT = """
from concurrent.futures import ThreadPoolExecutor
from models.compute import turn
from models.libraries import import_libraries

import_libraries()
import torch

def threads_of_a_viewer():
    with turn():
        torch.ones(200_000).exp()
        return torch.get_num_threads()

print(ThreadPoolExecutor().submit(threads_of_a_viewer).result(), turn.__globals__["_gate"]()._places)
"""


@pytest.mark.parametrize(("share", "threads"), [("1", "1 1"), ("2", "2 2")])
def test_the_cores_of_a_container_bound_threads_and_calculations(share: str, threads: str) -> None:
    if int(share) > (os.cpu_count() or 1):
        share, threads = "1", "1 1"
    environment = {**os.environ, "LOKY_MAX_CPU_COUNT": share, "OMP_NUM_THREADS": "4"}  # what joblib reads a share from
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == threads
