"""Where the training scripts read and write.

TRAINING_DATA    the folder with the texts and task sets (default: shared/data beside the repository)
TRAINING_STATE   everything in progress: prepared arrays, optimizer states, curves (default: training/state)
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
CHECKPOINTS = ROOT / "models" / "checkpoints"
CURVE = "curve.csv"  # the learning curve, in the folder of a model in progress and beside the exported weights
BEGUN_FROM = "begun_from.safetensors"  # in the folder of a model in progress: the exported weights it went on from
CARDS = Path(__file__).parent / "cards"


def data_folder() -> Path:
    return Path(os.environ.get("TRAINING_DATA", ROOT.parent / "shared" / "data"))


def state_folder(name: str) -> Path:
    """The folder of one model, corpus or task set in progress, made if it is not there."""
    folder = Path(os.environ.get("TRAINING_STATE", ROOT / "training" / "state")) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
