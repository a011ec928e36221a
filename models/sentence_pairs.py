"""Two sentences in one sequence: does the second follow the first, are they in order, which ending fits?

Next sentence prediction (Devlin et al. 2019, section 3.1, task 2), sentence order prediction (Lan et al. 2020, section
3.1) and multiple choice in the manner of SWAG (Zellers et al. 2018; Devlin et al. 2019, section 4.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.catalogue import ROOT, entry
from models.compute import computed_once, forward, turn
from models.generation import score
from models.heads import check_segments
from models.loading import LoadedModel, OnProgress, load_model, load_with_head
from models.results import (
    Origin,
    PairAccuracy,
    PairInput,
    PairVerdict,
    PlaygroundError,
    ScoredChoice,
    SegmentIds,
    SentenceTriple,
    Share,
    TripleVerdict,
)
from models.shares import share_of
from models.tokenization import tokenize
from models.vectors import embeddings_of

__all__ = [
    "MINI_SOP",
    "accuracy",
    "choose",
    "choose_all",
    "judge",
    "load_order",
    "measure",
    "pair_input",
    "read_choices",
    "read_triples",
    "right_choices",
]

MINI_SOP = "mini-sop"
HEAD_FILE = ROOT / "models" / "checkpoints" / MINI_SOP / "head.safetensors"
MOST_ENDINGS = 8


def load_order(name: str, on_progress: OnProgress | None = None) -> LoadedModel:
    """A model with a head for sentence order; index 0 of its two logits is the right order, 1 the swapped one.

    ``mini-sop`` is mini-bert with the weights of a file laid over the last layer, pooler and classifier; others come
    from the catalogue with their pre-training heads (``AlbertForPreTraining.sop_logits``). Raises PlaygroundError where
    the model cannot be had or has no such head.
    """
    if name != MINI_SOP:
        loaded = load_model(name, "PreTraining", on_progress)
        if not hasattr(loaded.model, "sop_classifier"):
            raise PlaygroundError(
                f"{name} has no head for sentence order prediction. Pick an ALBERT with its pre-training heads.",
                f"{name} 모델에는 문장 순서 예측 헤드가 없습니다. 사전학습 헤드가 있는 ALBERT를 고르세요.",
            )
        return loaded
    own_card = (HEAD_FILE.parent / "README.md").exists()
    like = replace(
        entry("mini-bert"),
        name=MINI_SOP,
        objective="sentence order prediction",
        head="NextSentencePrediction",
        paper=entry("albert-base-v2").paper,
        paper_url=entry("albert-base-v2").paper_url,
        folder=f"models/checkpoints/{MINI_SOP if own_card else 'mini-bert'}",
        full_size=None,
    )
    origin = Origin(like, MINI_SOP, "embedded", "models/checkpoints/mini-bert")
    return load_with_head("mini-bert", "NextSentencePrediction", HEAD_FILE, origin, on_progress)


# --- one pair ----------------------------------------------------------------------------------------------------


def _encode(loaded: LoadedModel, text: str, pair: str) -> Any:
    """[CLS] A [SEP] B [SEP]. Raises PlaygroundError where a sentence is empty or both are too long."""
    if not text.strip() or not pair.strip():
        raise PlaygroundError(
            "Two sentences are needed. Fill in the one that is empty.",
            "문장이 두 개 필요합니다. 빈칸을 채워 주세요.",
        )
    check_segments(loaded)
    cut = tokenize(loaded.tokenizer, text, pair)
    limit = int(getattr(loaded.model.config, "max_position_embeddings", 512))
    if len(cut.tokens) > limit:
        raise PlaygroundError(
            f"Both sentences together have {len(cut.tokens):,} tokens; {loaded.origin.name} reads {limit:,}. Shorten them.",
            f"두 문장을 합쳐 토큰 {len(cut.tokens):,}개인데 {loaded.origin.name} 모델은 {limit:,}개까지 읽습니다. 줄여 주세요.",
        )
    return cut


def _type_ids(expected: Sequence[int], segments: SegmentIds) -> tuple[int, ...]:
    if segments == "right":
        return tuple(expected)
    if segments == "swapped":
        return tuple(1 - number for number in expected)
    return (0 if segments == "zeros" else 1,) * len(expected)


@computed_once
def judge(loaded: LoadedModel, text: str, pair: str, segments: SegmentIds = "right") -> PairVerdict:
    """What the head on [CLS] says about two texts: softmax over its two logits.

    BertForNextSentencePrediction: index 0 means "B follows A". AlbertForPreTraining and mini-sop: index 0 means "in the
    original order" (Transformers' ``sentence_order_label``). ``segments`` other than "right" gives the model wrong
    token_type_ids. Raises PlaygroundError for an empty sentence and for a pair that is too long.
    """
    import torch

    cut = _encode(loaded, text, pair)
    expected = tuple(cut.token_type_ids or (0,) * len(cut.tokens))
    given = _type_ids(expected, segments)
    outputs = forward(loaded, input_ids=torch.tensor([cut.input_ids]), token_type_ids=torch.tensor([given]))
    logits = (outputs.sop_logits if hasattr(outputs, "sop_logits") else outputs.logits)[0].double()  # (2,)
    return PairVerdict(
        model=loaded.origin.name,
        tokens=cut.tokens,
        input_ids=cut.input_ids,
        token_type_ids=given,
        expected_type_ids=expected,
        special=tuple(segment is None for segment in cut.segments),
        logits=(float(logits[0]), float(logits[1])),
        probability=float(logits.softmax(-1)[0]),
    )


@computed_once
def pair_input(loaded: LoadedModel, text: str, pair: str, segments: SegmentIds = "right") -> PairInput:
    """Lengths of the token, segment and position embeddings and of their sum (Devlin et al. 2019, figure 2)."""
    import torch

    verdict = judge(loaded, text, pair, segments)
    inside = loaded.model.base_model
    with turn(), torch.inference_mode():
        found = embeddings_of(inside, torch.tensor([verdict.input_ids]), torch.tensor([verdict.token_type_ids]))
        table = inside.embeddings.token_type_embeddings.weight.float()  # (2, H)
        distance = float((table[0] - table[1]).norm())
    parts = [name for name in ("token", "segment", "position") if name in found]
    vectors = [found[name] for name in parts]  # (L, H) each
    norms = np.stack([np.linalg.norm(vector, axis=-1) for vector in (*vectors, np.sum(vectors, axis=0))])
    return PairInput(loaded.origin.name, tuple(parts), norms, distance)


# --- triples -----------------------------------------------------------------------------------------------------


def read_triples(written: Mapping[str, Any]) -> tuple[SentenceTriple, ...]:
    """The triples of ``content/sentence_pairs/triples.toml``."""
    return tuple(SentenceTriple(**one) for one in written["triple"])


@computed_once
def measure(loaded: LoadedModel, triples: tuple[SentenceTriple, ...]) -> tuple[TripleVerdict, ...]:
    """The three pairs of each triple: first and next, first and random, next and first."""
    return tuple(
        TripleVerdict(
            one,
            judge(loaded, one.first, one.next).probability,
            judge(loaded, one.first, one.random).probability,
            judge(loaded, one.next, one.first).probability,
        )
        for one in triples
    )


def _share(hits: Sequence[bool]) -> Share:
    return share_of(sum(hits), len(hits))


def accuracy(model: str, verdicts: Sequence[TripleVerdict]) -> PairAccuracy:
    """Accuracy of a head in both tasks, as in Lan et al. 2020, table 5: whatever it was trained for."""
    following = [one.next >= 0.5 for one in verdicts]
    random, swapped = [one.random >= 0.5 for one in verdicts], [one.swapped >= 0.5 for one in verdicts]
    return PairAccuracy(
        model=model,
        positive={
            "next": _share(following),
            "random": _share([yes for yes, one in zip(random, verdicts, strict=True) if not one.triple.near]),
            "near": _share([yes for yes, one in zip(random, verdicts, strict=True) if one.triple.near]),
            "swapped": _share(swapped),
        },
        topic=_share([*following, *(not yes for yes in random)]),
        order=_share([*following, *(not yes for yes in swapped)]),
        ranked_topic=_share([one.next > one.random for one in verdicts]),
        ranked_order=_share([one.next > one.swapped for one in verdicts]),
    )


# --- multiple choice ---------------------------------------------------------------------------------------------


def read_choices(written: Mapping[str, Any], endings: str) -> tuple[tuple[str, tuple[str, ...], int], ...]:
    """(context, endings, which is right) of each item of ``content/sentence_pairs/choices.toml``.

    ``endings``: "endings" or "near_endings".
    """
    return tuple((one["context"], tuple(one[endings]), int(one["right"])) for one in written["item"])


@computed_once
def choose(
    bert: LoadedModel, causal: LoadedModel | None, context: str, endings: tuple[str, ...], right: int | None = None
) -> ScoredChoice:
    """Score every ending as a sequence of its own.

    SWAG's head is a vector whose product with [CLS] is the scalar (Devlin et al. 2019, section 4.4). Here the scalar is
    the IsNext logit of ``bert``, or the log-likelihood of the ending behind the context under ``causal``, in nats:
    neither was fine-tuned on SWAG. Raises PlaygroundError where context or endings are empty or too long.
    """
    if not 2 <= len(endings) <= MOST_ENDINGS or any(not one.strip() for one in (context, *endings)):
        raise PlaygroundError(
            f"A context and 2 to {MOST_ENDINGS} endings are needed. Fill in what is empty.",
            f"상황과 선택지 2~{MOST_ENDINGS}개가 필요합니다. 빈칸을 채워 주세요.",
        )
    scores = {"nsp": tuple(judge(bert, context, ending).logits[0] for ending in endings)}
    tokens: tuple[int, ...] = ()
    if causal is not None:
        scored = score(causal, context.rstrip(), tuple(f" {ending.strip()}" for ending in endings))
        scores["sum"] = tuple(one.total for one in scored)
        scores["mean"] = tuple(one.mean for one in scored)
        tokens = tuple(one.tokens for one in scored)
    return ScoredChoice(context, endings, right, scores, tokens)


@computed_once
def choose_all(
    bert: LoadedModel, causal: LoadedModel | None, items: tuple[tuple[str, tuple[str, ...], int], ...]
) -> tuple[ScoredChoice, ...]:
    """Every item of a set."""
    return tuple(choose(bert, causal, *item) for item in items)


def right_choices(choices: Sequence[ScoredChoice]) -> dict[str, Share]:
    """Scorer -> how often its best ending is the right one."""
    known = [one for one in choices if one.right is not None]
    return {
        scorer: _share([one.best(scorer) == one.right for one in known])
        for scorer in (known[0].scores if known else ())
    }
