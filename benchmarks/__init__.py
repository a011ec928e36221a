"""Timings, each beside a peer or the bare call in the same run: ``make bench`` or ``python -m benchmarks``."""
