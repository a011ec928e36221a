"""Labelled examples to fine-tune on: a viewer's table, checked and split.

A label names the class of a text, or of a pair; for tagging it lists the tagged phrases of a text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from models.results import LabelledExample, PlaygroundError, TuningSettings
from models.tokenization import whole_words

__all__ = ["FEWEST", "MOST", "NO_PHRASE", "labels_of", "places", "read_phrases", "split"]

FEWEST, MOST = 8, 200  # labelled examples
MOST_LABELS = 8
NO_PHRASE = "O"  # "outside": the tag of all other words


def read_phrases(label: str) -> dict[str, str]:
    """The tagged phrases of a text.

    >>> read_phrases("Anna = person; Oslo = place")
    {'Anna': 'person', 'Oslo': 'place'}
    """
    parts = [part.rsplit("=", 1) for part in label.split(";") if part.strip()]
    if any(len(part) != 2 or not part[0].strip() or not part[1].strip() for part in parts):
        raise PlaygroundError(
            f"The tags “{label[:60]}” cannot be read. Write them like this: Anna = person; Oslo = place",
            f"태그 “{label[:60]}” 부분을 읽을 수 없습니다. 이렇게 써 주세요: Anna = person; Oslo = place",
        )
    return {phrase.strip(): tag.strip() for phrase, tag in parts}


def labels_of(examples: Sequence[LabelledExample], settings: TuningSettings) -> tuple[str, ...]:
    """The labels; raises PlaygroundError where the table cannot be learned from."""
    if not FEWEST <= len(examples) <= MOST:
        raise PlaygroundError(
            f"The table has {len(examples)} examples; {FEWEST} to {MOST} are needed.",
            f"표에 예시가 {len(examples)}개 있습니다. {FEWEST}개에서 {MOST}개 사이여야 합니다.",
        )
    for number, one in enumerate(examples, 1):
        missing = not one.text.strip() or (settings.task == "pair" and not one.pair.strip())
        if missing or (settings.task != "tagging" and not one.label.strip()):
            raise PlaygroundError(
                f"Row {number} of the table has an empty cell. Fill it in, or delete the row.",
                f"표의 {number}번째 줄에 빈칸이 있습니다. 채우거나 그 줄을 지워 주세요.",
            )
        for phrase in read_phrases(one.label) if settings.task == "tagging" else ():
            if not places(one.text, phrase):
                raise PlaygroundError(
                    f"Row {number}: “{phrase[:40]}” does not occur in its text as a word of its own.",
                    f"{number}번째 줄: “{phrase[:40]}” 부분이 글에 온전한 단어로 나오지 않습니다.",
                )
    if settings.task == "tagging":
        tags = {tag for one in examples for tag in read_phrases(one.label).values()}
        labels = (NO_PHRASE, *sorted(tags - {NO_PHRASE}))
    else:
        labels = tuple(sorted({one.label for one in examples}))
    if not 2 <= len(labels) <= MOST_LABELS:
        raise PlaygroundError(
            f"The table has {len(labels)} different labels; 2 to {MOST_LABELS} are needed.",
            f"표의 라벨이 {len(labels)}가지입니다. 2가지에서 {MOST_LABELS}가지 사이여야 합니다.",
        )
    return labels


def split(
    examples: Sequence[LabelledExample], settings: TuningSettings
) -> tuple[tuple[LabelledExample, ...], tuple[LabelledExample, ...]]:
    """(to train on, held out). Rows with the same ``text`` stay on one side; the labels are spread as evenly as it goes.

    Raises PlaygroundError where nothing is left on one of the sides.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    groups = [one.text.strip().lower() for one in examples]
    labels = [one.label if settings.task != "tagging" else "" for one in examples]
    folds = min(settings.folds, len(set(groups)), max(Counter(labels).values()))
    if folds < 2:
        raise PlaygroundError(
            "Nothing can be held out: each label needs two different texts at least.",
            "따로 떼어 둘 예시가 없습니다. 라벨마다 서로 다른 글이 두 개 이상 필요합니다.",
        )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=settings.seed)
    train, held_out = next(splitter.split(groups, labels, groups))
    return tuple(examples[place] for place in train), tuple(examples[place] for place in held_out)


def places(text: str, phrase: str) -> list[tuple[int, int]]:
    """Where a phrase stands in a text."""
    return [found.span() for found in whole_words(phrase).finditer(text)]
