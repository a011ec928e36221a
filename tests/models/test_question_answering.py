"""From two vectors of scores to a span of characters."""

from __future__ import annotations

import copy
import re
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tokenizers.processors import TemplateProcessing
from transformers import RobertaConfig, RobertaForQuestionAnswering

from components.content import examples_of
from models.compute import forget_results
from models.loading import LoadedModel, load_model
from models.question_answering import agreement, answer, best_span, best_spans, cut, model_limit
from models.results import AnswerSpan, PlaygroundError, SpanPrediction
from tests.hub_server import HubServer

BRIDGE = (
    "The old bridge over the Lahn was built in 1256. A flood took it away in 1552, and the town built a new one in "
    "stone. Its builder, Anna Vogel, was paid in wine."
)
LOGITS = st.integers(2, 24).flatmap(
    lambda size: st.tuples(
        *2 * [arrays(np.float32, size, elements=st.floats(-9, 9, width=16))],
        st.integers(0, size - 1),
        st.integers(1, size),
        st.integers(1, 30),
    )
)


def brute_force(
    start_logits: np.ndarray, end_logits: np.ndarray, first: int, last: int, longest: int
) -> list[tuple[float, int, int]]:
    found = [
        (float(start_logits[i]) + float(end_logits[j]), i, j)
        for i in range(first, last)
        for j in range(i, last)
        if j - i < longest
    ]
    return sorted(found, key=lambda span: (-span[0], span[1], span[2]))


@settings(max_examples=300, deadline=None)
@given(LOGITS)
def test_the_span_search_is_brute_force(drawn: tuple[np.ndarray, np.ndarray, int, int, int]) -> None:
    start_logits, end_logits, one, other, longest = drawn
    first, last = min(one, other), max(one, other)
    if first == last:
        last += 1
    expected = brute_force(start_logits, end_logits, first, last, longest)
    assert list(best_spans(start_logits, end_logits, first, last, longest)) == expected
    assert best_span(start_logits, end_logits, first, last, longest) == expected[0]


WORDS = st.lists(
    st.sampled_from(
        [
            "bridge",
            "café",
            "cafe\u0301",
            "👩‍🚀",
            "❤️",
            "1256",
            "가",
            "é",
            "e\u0323\u0301",
            "x",
            "…",
            "\U0001f1f0\U0001f1f7",
        ]
    ),
    min_size=1,
    max_size=80,
)
GAPS = st.sampled_from([" ", "\r\n", "\n", "\t", "\u00a0", "  ", "\u3000"])


@settings(max_examples=60, deadline=None)
@given(words=WORDS, gap=GAPS, data=st.data())
def test_spans_over_windows_are_brute_force_and_their_characters_are_the_passages(
    random_reader: LoadedModel, words: list[str], gap: str, data: st.DataObject
) -> None:
    context = "bridge " + gap.join(words)
    longest = data.draw(st.integers(1, 12))
    found = answer(
        random_reader, "Which bridge?", context, top_n=6, longest_answer=longest, max_length=40, doc_stride=9
    )
    assert found.context == context
    best: dict[tuple[int, int], float] = {}
    for number, window in enumerate(found.windows):
        spans = brute_force(window.start_logits, window.end_logits, window.context_start, window.context_end, longest)
        own = found.window_answers[number]
        assert (own.window, own.score) == (number, pytest.approx(max(score for score, _, _ in spans)))
        assert (own.score, own.start_token, own.end_token) in spans
        for score, i, j in spans:
            start, end = int(window.offsets[i, 0]), int(window.offsets[j, 1])
            while end < len(context) and unicodedata.category(context[end]).startswith("M"):
                end += 1
            best[start, end] = max(best.get((start, end), -np.inf), score)
    expected = sorted(best.values(), reverse=True)[:6]
    assert [span.score for span in found.spans] == pytest.approx(expected)
    for span in found.spans:
        assert span.text == context[span.start : span.end]
        assert span.text == span.text.strip()
        assert span.score == pytest.approx(best[span.start, span.end])
        assert not unicodedata.category(context[span.end : span.end + 1] or " ").startswith("M")


@settings(max_examples=40, deadline=None)
@given(words=st.integers(1, 300), max_length=st.integers(32, 128), doc_stride=st.integers(0, 200))
def test_windows_cover_the_passage_and_overlap_by_doc_stride(
    random_reader: LoadedModel, words: int, max_length: int, doc_stride: int
) -> None:
    context = " ".join(f"bridge{number}" for number in range(words))
    pieces = cut(random_reader, "Which bridge?", context, max_length=max_length, doc_stride=doc_stride)
    with random_reader.tokenizer.lock:
        whole = random_reader.tokenizer.tokenizer(
            context, add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )["offset_mapping"]
    reached = 0
    for number, window in enumerate(pieces.windows):
        assert len(window.tokens) <= max_length
        size = window.context_end - window.context_start
        if number:
            assert window.first == reached - pieces.doc_stride
        inside = window.offsets[window.context_start : window.context_end]
        assert inside.tolist() == [list(pair) for pair in whole[window.first : window.first + size]]
        assert not window.offsets[: window.context_start].any()
        reached = window.first + size
    assert reached == len(whole)


def by_hand(loaded: LoadedModel, question: str, context: str, max_length: int, doc_stride: int) -> tuple[str, float]:
    """The answer as a reader of Transformers' documentation would compute it: (text, null score - best score)."""
    tokenizer, model = loaded.tokenizer.tokenizer, loaded.model
    encoding = tokenizer(
        question,
        context,
        truncation="only_second",
        max_length=max_length,
        stride=doc_stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding=True,
        return_tensors="pt",
    )
    best, nulls = (-np.inf, ""), []
    for number in range(len(encoding["input_ids"])):
        with torch.no_grad():
            outputs = model(**{name: encoding[name][number : number + 1] for name in tokenizer.model_input_names})
        start, end = outputs.start_logits[0].double().numpy(), outputs.end_logits[0].double().numpy()
        nulls.append(start[0] + end[0])
        inside = [position for position, part in enumerate(encoding.sequence_ids(number)) if part == 1]
        for i in inside:
            for j in inside:
                if i <= j < i + 30 and start[i] + end[j] > best[0]:
                    begin, behind = encoding["offset_mapping"][number][i][0], encoding["offset_mapping"][number][j][1]
                    best = (start[i] + end[j], context[begin:behind])
    return best[1], min(nulls) - best[0]


@pytest.mark.parametrize("max_length", [32, 48, 384])
def test_the_answer_is_that_of_plain_transformers(random_reader: LoadedModel, max_length: int) -> None:
    for question in ("When was the bridge built?", "Who built it?"):
        found = answer(random_reader, question, BRIDGE, max_length=max_length, doc_stride=8)
        text, margin = by_hand(random_reader, question, BRIDGE, max_length, 8)
        assert found.spans[0].text == text
        assert found.null_margin == pytest.approx(margin, abs=1e-4)


def test_probabilities_are_softmax_over_the_window(random_reader: LoadedModel) -> None:
    found = answer(random_reader, "When?", BRIDGE)
    [window] = found.windows
    assert window.start_probabilities.sum() == pytest.approx(1)
    expected = torch.tensor(window.end_logits).softmax(0).numpy()
    assert window.end_probabilities == pytest.approx(expected)
    best = found.spans[0]
    assert best.probability == pytest.approx(
        window.start_probabilities[best.start_token] * window.end_probabilities[best.end_token]
    )
    for window in answer(
        random_reader, "When?", BRIDGE, max_length=32, doc_stride=8
    ).windows:  # the last one is shorter
        for logits, shares in (
            (window.start_logits, window.start_probabilities),
            (window.end_logits, window.end_probabilities),
        ):
            assert shares == pytest.approx(torch.tensor(logits).softmax(0).numpy())


def test_no_answer_is_read_at_cls_where_it_stands_at_the_end(random_reader: LoadedModel) -> None:
    """As XLNet writes it: A [SEP] B [SEP] [CLS]."""
    tokenizer = copy.deepcopy(random_reader.tokenizer.tokenizer)
    marks = [(token, tokenizer.convert_tokens_to_ids(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="$A [SEP] [CLS]", pair="$A [SEP] $B:1 [SEP]:1 [CLS]:1", special_tokens=marks
    )
    loaded = LoadedModel(
        copy.deepcopy(random_reader.model), replace(random_reader.tokenizer, tokenizer=tokenizer), random_reader.origin
    )  # another model, since results are kept by it
    found = answer(loaded, "When?", BRIDGE, max_length=32, doc_stride=8)
    assert len(found.windows) > 1
    ends = [(window.tokens[-1], float(window.start_logits[-1] + window.end_logits[-1])) for window in found.windows]
    assert {token for token, _ in ends} == {"[CLS]"}
    assert found.null_score == pytest.approx(min(score for _, score in ends))


def test_a_passage_that_fits_gives_the_same_answer_in_one_window_and_in_the_limit(squad_model: LoadedModel) -> None:
    one = answer(squad_model, "When was the bridge built?", BRIDGE)
    limit = answer(squad_model, "When was the bridge built?", BRIDGE, max_length=10_000)
    assert len(one.windows) == len(limit.windows) == 1
    assert limit.max_length == limit.model_limit == 512
    assert one.spans == limit.spans


def test_a_repeated_answer_lights_up_where_the_model_meant_it(squad_model: LoadedModel) -> None:
    context = "Berlin is the capital of Germany. Maria Vogel was born in Paris in 1920, and she died in Berlin in 1990."
    found = answer(squad_model, "Where did Maria die?", context).answer
    assert found is not None
    assert (found.start, found.text) == (context.rindex("Berlin"), "Berlin")
    assert context.index("Berlin") == 0


def test_offsets_survive_crlf_emoji_and_combining_characters(squad_model: LoadedModel) -> None:
    context = (
        "👩‍🚀 The crew met in space. ❤️\r\n\r\nThe cafe\u0301 was opened by Zoe\u0308 in 1921.\r\nIt closed in 1950."
    )
    found = answer(squad_model, "Who opened the café?", context).answer
    assert found is not None
    assert context[found.start : found.end] == found.text == "Zoe\u0308"


def test_the_threshold_decides_and_costs_no_new_reading(squad_model: LoadedModel) -> None:
    forget_results()
    seen: list[tuple[int, int]] = []
    asked = ("When was the bridge built?", BRIDGE)
    first = answer(squad_model, *asked, on_progress=lambda *done: seen.append(done))
    again = answer(squad_model, *asked, threshold=first.null_margin - 0.1, on_progress=lambda *done: seen.append(done))
    at_it = answer(squad_model, *asked, threshold=first.null_margin)
    assert seen == [(1, 1)]
    assert again.refused
    assert again.answer is None
    assert not at_it.refused, "as in the official script, only what is above the threshold is refused"
    assert again.spans == first.spans


def test_a_long_passage_reports_progress_and_can_be_left(random_reader: LoadedModel) -> None:
    context = " ".join([BRIDGE] * 150)
    seen: list[tuple[int, int]] = []
    answer(random_reader, "When?", context, on_progress=lambda done, total: seen.append((done, total)))
    total = seen[-1][1]
    assert seen[-1] == (total, total)
    assert len(seen) == -(-total // 8)

    class LeaveError(Exception):
        pass

    def leave(done: int, total: int) -> None:
        raise LeaveError

    with pytest.raises(LeaveError):
        answer(random_reader, "Who?", context, on_progress=leave)


@pytest.mark.parametrize(
    ("question", "context", "sentence"),
    [
        ("  ", BRIDGE, "no question"),
        ("Who?", "\n ", "no passage"),
        ("Who?", "\u200b\u200b", "line of \\[UNK\\]"),
        ("Who " * 400, BRIDGE, "400 tokens"),
        ("Who?" * 1000, BRIDGE, "4,000 characters"),
        ("Who?", "a " * 10_001, "10,001 words"),
        ("Who?", "𒀀𒁀 𒂀𒃀 𒄀", "line of \\[UNK\\]"),
        ("𒀀𒁀 𒂀", BRIDGE, "question is in this model's vocabulary"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    random_reader: LoadedModel, question: str, context: str, sentence: str
) -> None:
    with pytest.raises(PlaygroundError, match=sentence) as caught:
        answer(random_reader, question, context)
    assert re.search("[가-힣]", caught.value.korean)


def test_half_a_surrogate_pair_keeps_the_offsets(random_reader: LoadedModel) -> None:
    found = answer(random_reader, "Who\ud800?", f"a\ud83d {BRIDGE}")
    assert found.context == f"a\ufffd {BRIDGE}"
    assert found.spans[0].text == found.context[found.spans[0].start : found.spans[0].end]


def test_unknown_tokens_are_counted_once_over_overlapping_windows(random_reader: LoadedModel) -> None:
    context = " ".join(["bridge 𒀀𒁀"] * 60)
    found = answer(random_reader, "Which?", context, max_length=40, doc_stride=10)
    assert (found.unknown_tokens, found.context_tokens) == (60, 120)
    assert len(found.windows) > 3


@pytest.mark.parametrize(
    ("name", "limit"), [("distilbert-base-uncased-distilled-squad", 512), ("deepset/roberta-base-squad2", 32)]
)
def test_models_of_the_hub_answer_too(hub: HubServer, name: str, limit: int) -> None:
    loaded = load_model(name, "QuestionAnswering")
    assert model_limit(loaded) == limit, "the lower of positions and what the tokenizer names"
    found = answer(loaded, "go home ?", "i want to go home . me too . " * 90, doc_stride=4)
    assert found.max_length == min(limit, 384)
    assert len(found.windows) > 1
    assert found.spans[0].text in found.context


def test_the_limit_of_roberta_is_two_less_than_its_positions(random_reader: LoadedModel) -> None:
    config = RobertaConfig(
        vocab_size=30_522, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        max_position_embeddings=114,
    )  # fmt: skip
    loaded = LoadedModel(RobertaForQuestionAnswering(config).eval(), random_reader.tokenizer, random_reader.origin)
    assert model_limit(loaded) == 112


# --- two models --------------------------------------------------------------------------------------------------


def says(start: int, end: int, refuses: bool = False) -> SpanPrediction:
    span = AnswerSpan(BRIDGE[start:end], start, end, 5.0, 0.5, 0, 1, 1)
    return SpanPrediction("Who?", BRIDGE, (), (span,), (span,), 9.0 if refuses else 0.0, 0.0, 30, 384, 128, 512, 40, 0)


@pytest.mark.parametrize(
    ("left", "right", "kind", "score", "pieces"),
    [
        (says(4, 14), says(4, 14), "same", 1.0, ((4, 14, "both"),)),
        (says(0, 14), says(4, 14), "overlap", 1.0, ((0, 4, "left"), (4, 14, "both"))),
        (says(4, 14), says(8, 20), "overlap", 0.5, ((4, 8, "left"), (8, 14, "both"), (14, 20, "right"))),
        (says(24, 28), says(4, 14), "different", 0.0, ((4, 14, "right"), (24, 28, "left"))),
        (says(4, 14), says(4, 14, True), "one refuses", 0.0, ((4, 14, "left"),)),
        (says(4, 14, True), says(4, 14), "one refuses", 0.0, ((4, 14, "right"),)),
        (says(4, 14, True), says(4, 14, True), "both refuse", 1.0, ()),
    ],
)
def test_agreement(left: SpanPrediction, right: SpanPrediction, kind: str, score: float, pieces: object) -> None:
    found = agreement(left, right)
    assert (found.kind, found.f1, found.pieces) == (kind, score, pieces)  # articles do not count


def test_the_example_that_is_said_to_be_wrong_is_wrong() -> None:
    [example] = [one for one in examples_of("qa_highlighter") if one.name["en"].startswith("Wrong")]
    found = answer(
        load_model("mini-bert-squad", "QuestionAnswering"), example.values["question"], example.values["context"]
    )
    assert not found.refused
    assert "Lund" not in found.spans[0].text
