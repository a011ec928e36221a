"""Run every benchmark and print one table, row by row as it comes."""

from __future__ import annotations

import os
import platform

from benchmarks import (
    attention_page,
    electra_page,
    interaction,
    masking_page,
    prompt_page,
    qa_page,
    start,
    tokenizer_page,
    tuning_page,
)

PARTS = (
    start,
    tokenizer_page,
    masking_page,
    attention_page,
    qa_page,
    prompt_page,
    electra_page,
    tuning_page,
    interaction,
)

print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
print("| what | this app | peer in the same run | ratio | goal |")
print("|---|---|---|---|---|", flush=True)
for part in PARTS:
    for row in part.run():
        ours, peers = (f"{value:.3g} {row.unit}" for value in (row.ours, row.peers))
        print(f"| {row.what} | {ours} | {peers} ({row.peer}) | {row.ours / row.peers:.2f} | {row.goal} |", flush=True)
