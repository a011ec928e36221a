"""Small changes that fool a reader of words: a distracting sentence, a missing one, a question with a word less.

The distracting sentence follows Jia and Liang 2017, section 3.3 (AddSent), in a simple form: the sentence of the answer
again, told of something else, with a made-up answer of the same type. For a person it changes nothing.
"""

from __future__ import annotations

import re
from typing import Literal

from models.results import ChangedPassage, PlaygroundError
from models.tokenization import whole_words

__all__ = ["attack", "distracting_sentence", "sentence_around"]

_ABBREVIATED = "".join(rf"(?<!\b{title})" for title in ("Dr", "Mr", "Mrs", "Ms", "St", "Prof", "[A-Z]"))
_END = re.compile(rf"(?:{_ABBREVIATED}\.|[!?])[\"”’)]*(?=\s)|。[」』”’]*|(?=\n)")
_HANGUL = re.compile("[가-힣]")


def sentence_around(context: str, start: int, end: int) -> tuple[int, int]:
    """The characters of the sentence, or sentences, that hold the characters start to end.

    >>> sentence_around("It rained. We left at six. It rained again.", 22, 25)
    (11, 26)
    """
    ends = [match.end() for match in _END.finditer(context)]
    begin = max((one for one in ends if one <= start), default=0)
    begin += len(context[begin:]) - len(context[begin:].lstrip())
    return begin, min((one for one in ends if one >= end), default=len(context))


def distracting_sentence(context: str, start: int, end: int) -> str:
    """The sentence of the answer told of another story, with another answer.

    >>> distracting_sentence("The bridge was built in 1256. It fell.", 24, 28)
    'In another story: The bridge was built in 1273.'
    """
    first, last = sentence_around(context, start, end)
    answer = context[start:end]
    opening = "다른 이야기에서는" if _HANGUL.search(context) else "In another story"
    other = _made_up(answer)
    before, behind = (
        whole_words(answer).sub(lambda _: other, part) for part in (context[first:start], context[end:last])
    )
    return f"{opening}: {(before + other + behind).strip()}"


def _made_up(answer: str) -> str:
    if re.search(r"\d", answer):
        return re.sub(r"\d+", lambda number: str(int(number[0][:15]) + 17), answer)
    if _HANGUL.search(answer):
        return "홍길동"
    return "Morgan Hill" if answer[:1].isupper() else "green umbrellas"


def attack(
    question: str,
    context: str,
    start: int,
    end: int,
    *,
    kind: Literal["distract", "remove", "delete"],
    sentence: str = "",
    word: str = "",
) -> ChangedPassage:
    """Change the passage, whose answer stands at the characters start to end, or the question.

    "distract" appends ``sentence`` (or one made from the answer's own), "remove" takes the answer's sentence away,
    "delete" takes the first ``word`` out of the question. Raises PlaygroundError where nothing would be left.
    """
    if kind == "distract":
        added = sentence.strip() or distracting_sentence(context, start, end)
        longer = f"{context.rstrip()} {added}"
        return ChangedPassage(kind, question, longer, (len(longer) - len(added), len(longer)), "")
    if kind == "remove":
        first, last = sentence_around(context, start, end)
        shorter = f"{context[:first]}{context[last:].lstrip()}"
        if not shorter.strip():
            raise PlaygroundError(
                "The passage is one sentence: without it nothing is left to read. Use a longer passage.",
                "지문이 한 문장뿐이라 그 문장을 빼면 읽을 글이 없습니다. 더 긴 지문을 써 주세요.",
            )
        return ChangedPassage(kind, question, shorter, None, context[first:last])
    words = question.split()
    if word in words:
        words.remove(word)
    if not words:
        raise PlaygroundError(
            "The question has one word only: without it nothing is left to ask.",
            "질문이 한 단어뿐이라 그 단어를 빼면 물을 것이 없습니다.",
        )
    return ChangedPassage(kind, " ".join(words), context, None, word)
