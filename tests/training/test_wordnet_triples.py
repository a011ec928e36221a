"""The choice of triples, on a file of a few lines."""

from __future__ import annotations

import lzma
from pathlib import Path

from training.wordnet_triples import OURS, OURS_KOREAN, write


def test_only_everyday_words_in_the_sense_that_a_class_thinks_of(tmp_path: Path) -> None:
    lines = (
        "hammer\tIsA\thand tool",
        "hammer\tIsA\tblow",
        "bull\tIsA\tman",
        "hot\tAntonym\tcold",
        "cold\tAntonym\thot",
    )
    source, target = tmp_path / "triples.tsv.xz", tmp_path / "triples.tsv"
    with lzma.open(source, "wt", encoding="utf-8") as file:
        file.write("\n".join((*lines, "bird\tHasPart\tbird", "bird\tEntails\twing")) + "\n")
    write(source, target)
    rows = [line.split("\t") for line in target.read_text(encoding="utf-8").splitlines()[1:]]
    assert [row[:3] for row in rows if row[4] == "WordNet 3.0"] == [
        ["cold", "opposite-of", "hot"],
        ["hammer", "is-a", "hand tool"],
    ]
    assert len(rows) == 2 + len(OURS) + len(OURS_KOREAN)
