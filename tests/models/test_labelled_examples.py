"""The table that a model is fine-tuned on."""

from __future__ import annotations

import pytest

from models.labelled_examples import places, read_phrases, split
from models.results import LabelledExample, PlaygroundError, TuningSettings


def test_tags_are_read() -> None:
    assert read_phrases("Anna = person; New York = place;") == {"Anna": "person", "New York": "place"}
    assert read_phrases(" ") == {}
    for wrong in ("Anna", "= person", "Anna ="):
        with pytest.raises(PlaygroundError, match="Write them like this"):
            read_phrases(wrong)


def test_nothing_is_lost_in_the_split_and_equal_texts_stay_together() -> None:
    pairs = tuple(
        LabelledExample((f"Text {n // 2}.", f" text {n // 2}.")[n % 2], ("yes", "no")[n % 2], f"Second {n}.")
        for n in range(40)
    )
    train, held_out = split(pairs, TuningSettings(task="pair"))
    assert sorted((*train, *held_out), key=pairs.index) == list(pairs)
    assert len(held_out) == 10
    assert not {one.text.strip().lower() for one in train} & {one.text.strip().lower() for one in held_out}
    assert sum(one.label == "yes" for one in held_out) == 5
    assert split(pairs, TuningSettings(task="pair", seed=1))[1] != held_out


def test_a_tag_is_of_words_not_of_letters() -> None:
    text = "Annapolis is where Ann met Al Also."
    assert [text[slice(*place)] for place in places(text, "Ann")] == ["Ann"]
    assert places(text, "Ann") == [(19, 22)]
    assert places(text, "Al") == [(27, 29)]
    assert places("지은이는 안나는 아니다.", "안나") == [(5, 7)], "a particle follows"
    assert places("私は東京に住んでいる。", "東京") == [(2, 4)], "no spaces between words"
