"""Timings, each beside a peer or the bare call in the same run: ``make bench`` or ``python -m benchmarks``."""

import logging

# It would warn at each call of a cached function that there is no viewer.
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").disabled = True
