"""Run every benchmark and print one table."""

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

ROWS = [
    *start.run(),
    *tokenizer_page.run(),
    *masking_page.run(),
    *attention_page.run(),
    *qa_page.run(),
    *prompt_page.run(),
    *electra_page.run(),
    *tuning_page.run(),
    *interaction.run(),
]

print(f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
print("| what | this app | peer in the same run | ratio | goal |")
print("|---|---|---|---|---|")
for row in ROWS:
    ours, peers = (f"{value:.3g} {row.unit}" for value in (row.ours, row.peers))
    print(f"| {row.what} | {ours} | {peers} ({row.peer}) | {row.ours / row.peers:.2f} | {row.goal} |")
