"""Figures of an embedded model, measured again from its checkpoint, each beside its peers.

    python -m training.evaluate mini-bert            # or mini-bert-squad, mini-electra, mini-student, mini-sop
    python -m training.evaluate mini-bert --card     # writes them into the model card as well

Each figure comes with a 95% bootstrap interval that draws whole articles, not single tokens or questions: what stands
in one article is alike, and the question is how the model does on other articles.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from transformers import BertForPreTraining, BertForQuestionAnswering, ElectraForMaskedLM, ElectraForPreTraining

from models.squad_metrics import best_scores
from training import mini_bert, mini_bert_squad, mini_electra, mini_sop, mini_student
from training.encoder import tokenizer
from training.folders import CARDS, CHECKPOINTS, CURVE, state_folder
from training.loop import last_point
from training.masking import Segments, sentence_pairs, single_sentences
from training.squad import Question, dev_questions, make_windows, pair_wrongly
from training.wikipedia import Corpus, sentences

SEED = 2019
RESAMPLES = 1000


@dataclass(frozen=True)
class Figure:
    """A measured value and the ends of its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, what was aimed at, the model, and its peers."""

    label: str
    target: str
    figure: Figure
    digits: int = 1
    percent: bool = True
    peers: dict[str, float] = field(default_factory=dict)


def ratio(hits: np.ndarray, asked: np.ndarray, group: np.ndarray) -> Figure:
    """sum(hits) / sum(asked), with an interval from drawing groups with replacement."""
    _, index = np.unique(group, return_inverse=True)
    hits, asked = np.bincount(index, hits), np.bincount(index, asked)  # (G,)
    rng = np.random.default_rng(SEED)
    weights = rng.multinomial(len(hits), np.full(len(hits), 1 / len(hits)), RESAMPLES)  # (R, G)
    low, high = np.percentile((weights @ hits) / (weights @ asked), [2.5, 97.5])
    return Figure(float(hits.sum() / asked.sum()), float(low), float(high))


def table(name: str, rows: Sequence[Row]) -> str:
    """The rows in Markdown, which reads as well in a terminal."""
    peers = list(dict.fromkeys(peer for row in rows for peer in row.peers))
    lines = [["held-out measure", "aim", name, "95% interval", *peers]]
    for row in rows:
        scale = 100 if row.percent else 1
        shown = [f"{scale * value:.{row.digits}f}" for value in (row.figure.value, row.figure.low, row.figure.high)]
        others = [f"{scale * row.peers[peer]:.{row.digits}f}" if peer in row.peers else "" for peer in peers]
        lines.append([row.label, row.target, f"**{shown[0]}**", f"{shown[1]} to {shown[2]}", *others])
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# --- mini-bert ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Predictions:
    """What a model said about M masked tokens and P pairs."""

    rank_in_top: np.ndarray  # (M,) 0 for the first choice to 4 for the fifth, 5 for none of them
    loss: np.ndarray  # (M,) minus the logarithm of the right token's probability
    labels: np.ndarray  # (M,)
    article: np.ndarray  # (M,)
    next_hit: np.ndarray  # (P,)


@torch.no_grad()
def predictions(model: BertForPreTraining, inputs: Segments, batch_size: int = 64) -> Predictions:
    """Mask 15% of the tokens as in training, with a fixed seed, and ask the model."""
    rng = np.random.default_rng(SEED)
    found: list[tuple[np.ndarray, ...]] = []
    next_hit = []
    for first in range(0, len(inputs.input_ids), batch_size):
        rows = slice(first, first + batch_size)
        part = Segments(*(getattr(inputs, name)[rows] for name in Segments.__dataclass_fields__))
        batch = mini_bert.masked_batch(part, rng)
        batch = {name: value.to(model.device) for name, value in batch.items()}
        logits, next_logits = mini_bert.predict(model, batch)
        asked = batch["labels"] >= 0  # (B, K)
        labels, chosen = batch["labels"][asked], logits[asked].float()  # (M,), (M, V)
        is_hit = chosen.topk(5).indices == labels[:, None]
        rank = torch.where(is_hit.any(1), is_hit.int().argmax(1), 5)
        article = torch.from_numpy(part.article).to(model.device)[:, None].expand_as(asked)[asked]
        loss = F.cross_entropy(chosen, labels, reduction="none")
        found.append(tuple(value.cpu().numpy() for value in (rank, loss, labels, article)))
        if "next_sentence_label" in batch:
            next_hit.append((next_logits.argmax(-1) == batch["next_sentence_label"]).cpu().numpy())
    parts = (np.concatenate(part) for part in zip(*found, strict=True))
    return Predictions(*parts, np.concatenate(next_hit) if next_hit else np.empty(0))


def evaluate_mini_bert(size: int, wheel: Path | None, device: str) -> list[Row]:
    """Masked tokens and next sentences on ``size`` pairs, and masked tokens in as many single sentences."""
    model = BertForPreTraining.from_pretrained(CHECKPOINTS / "mini-bert", dtype=torch.float32).to(device).eval()
    untrained = mini_bert.build(mini_bert.Recipe(), "minilm", wheel).to(device).eval()
    held_out, train_part = (Corpus.load(state_folder("wikipedia") / part) for part in ("held_out", "train"))
    pairs = sentence_pairs(held_out, np.random.default_rng(SEED), size, 128)
    alone = single_sentences(held_out, np.random.default_rng(SEED), size, 48)
    frequent = np.argsort(-np.bincount(train_part.input_ids, minlength=30_522))[:5]

    on_pairs, on_sentences = predictions(model, pairs), predictions(model, alone)
    rows = []
    for label, found, source in ((f"{size:,} pairs", on_pairs, pairs), (f"{size:,} sentences", on_sentences, alone)):
        few = predictions(untrained, Segments(*(getattr(source, name)[:256] for name in Segments.__dataclass_fields__)))
        for top, target in ((1, "45"), (5, "65")):
            rows.append(
                Row(
                    f"MLM top-{top} %, {label}",
                    f"≥ {target}" if source is pairs else "",
                    ratio(found.rank_in_top < top, np.ones(len(found.labels)), found.article),
                    peers={
                        "untrained heads": float((few.rank_in_top < top).mean()),
                        "most frequent tokens": float(np.isin(found.labels, frequent[:top]).mean()),
                    },
                )
            )
        if source is pairs:
            few_next = float(few.next_hit.mean())
    perplexity = ratio(on_pairs.loss, np.ones(len(on_pairs.loss)), on_pairs.article)
    exponentials = Figure(*(float(np.exp(value)) for value in (perplexity.value, perplexity.low, perplexity.high)))
    rows.append(Row(f"MLM perplexity, {size:,} pairs", "", exponentials, percent=False))
    next_sentence = ratio(on_pairs.next_hit, np.ones(len(on_pairs.next_hit)), pairs.article)
    overlap_hits = overlap_baseline(pairs)
    peers = {"untrained heads": few_next, "most frequent tokens": 0.5, "word overlap": float(overlap_hits.mean())}
    rows.append(Row(f"NSP accuracy %, {size:,} pairs", "≥ 93", next_sentence, peers=peers))
    return rows


def overlap_baseline(pairs: Segments) -> np.ndarray:
    """Whether each pair is told right by the share of B's tokens that A has too, at the best threshold  # (P,)"""
    share = np.empty(len(pairs.input_ids))
    for row, (ids, types) in enumerate(zip(pairs.input_ids, pairs.token_type_ids, strict=True)):
        share[row] = np.isin(ids[types == 1], ids[types == 0]).mean()
    is_next = pairs.next_sentence_label == 0
    best = max(np.unique(share), key=lambda threshold: ((share >= threshold) == is_next).sum())
    return (share >= best) == is_next


# --- mini-bert-squad ---------------------------------------------------------------------------------------------


def evaluate_mini_bert_squad(size: int | None, wheel: Path | None, device: str) -> list[Row]:
    """SQuAD 1.1 dev, and the same questions on wrong paragraphs."""
    folder = CHECKPOINTS / "mini-bert-squad"
    model = BertForQuestionAnswering.from_pretrained(folder, dtype=torch.float32).to(device).eval()
    untrained = mini_bert_squad.build(mini_bert_squad.Recipe(), "minilm", wheel).to(device).eval()
    rng = np.random.default_rng(SEED)
    questions = dev_questions()
    questions = [questions[index] for index in rng.permutation(len(questions))[:size]]
    wrong = pair_wrongly(questions, rng)

    found, found_wrong = ask(model, questions), ask(model, wrong)
    overlap, overlap_wrong = [overlap_answer(one) for one in questions], [overlap_answer(one) for one in wrong]
    peers = {"untrained head": ask(untrained, questions[:300]), "word overlap": overlap}
    article = np.array([question.article for question in questions])
    scores = official_scores(found, questions)
    rows = []
    for column, label, target in (
        (0, f"EM, {len(questions):,} dev questions", "≥ 75"),
        (1, f"F1, {len(questions):,} dev questions", "≥ 84"),
    ):
        figure = ratio(scores[:, column], np.ones(len(scores)), article)
        others = {peer: official_scores(said, questions)[:, column].mean() for peer, said in peers.items()}
        rows.append(Row(label, target, figure, peers=others))

    threshold = mini_bert_squad.threshold_that_keeps(scores[:, 1], np.array([one.null_margin for one in found]))
    overlap_threshold = mini_bert_squad.threshold_that_keeps(
        official_scores(overlap, questions)[:, 1], np.array([one.null_margin for one in overlap])
    )
    print(f"no answer where the null score is higher than the best span's by more than {threshold:.3f}")
    for label, ending, target in (
        ("all", ("-same", "-any"), "≥ 85"),
        ("paragraph of the same article", "-same", ""),
        ("paragraph of any article", "-any", ""),
    ):
        kept = np.array([one.id.endswith(ending) for one in wrong])
        refused = np.array([one.null_margin > threshold for one in found_wrong])
        by_overlap = np.array([one.null_margin > overlap_threshold for one in overlap_wrong])
        groups = np.array([one.article for one in wrong])
        figure = ratio(refused[kept], np.ones(kept.sum()), groups[kept])
        peer = {"word overlap": float(by_overlap[kept].mean())}
        rows.append(Row(f"wrong paragraphs refused %, {label}", target, figure, peers=peer))
    return rows


def ask(model: BertForQuestionAnswering, questions: list[Question]) -> list[mini_bert_squad.Answer]:
    return mini_bert_squad.answer(model, questions, make_windows(questions, tokenizer()))


def official_scores(found: Sequence[mini_bert_squad.Answer], questions: Sequence[Question]) -> np.ndarray:
    """Exact match and F1 of each question; of the first questions where fewer were answered  # (Q, 2)"""
    pairs = zip(found, questions, strict=False)
    return np.array([best_scores(one.text, [text for text, _ in question.answers]) for one, question in pairs])


_LITTLE_WORDS = """
    a an and are as at by did do does for from had has have how in is it its many much of on or that the their to was were
    what when where which who whom whose why with
"""


def overlap_answer(question: Question) -> mini_bert_squad.Answer:
    """A baseline without learning: the sentence that shares most words with the question, and in it the longest run
    of words that the question lacks. The margin is the share of the question's words that the sentence lacks.

    >>> overlap_answer(Question("", "", "Who built the mill?", "It rained. John Smith built the mill.", ())).text
    'John Smith'
    """
    little_words = set(_LITTLE_WORDS.split())
    asked = set(re.findall(r"\w+", question.question.lower())) - little_words
    candidates = sentences([question.context]) or [question.context]
    best = max(candidates, key=lambda sentence: len(asked & set(re.findall(r"\w+", sentence.lower()))))
    runs: list[list[re.Match[str]]] = [[]]
    for word in re.finditer(r"\w+", best):
        if word[0].lower() in asked | little_words:
            runs.append([])
        else:
            runs[-1].append(word)
    longest = max(runs, key=len)
    text = best[longest[0].start() : longest[-1].end()] if longest else best
    lacking = len(asked - set(re.findall(r"\w+", best.lower()))) / max(1, len(asked))
    return mini_bert_squad.Answer(text, lacking)


# --- mini-electra ------------------------------------------------------------------------------------------------


def evaluate_mini_electra(size: int, wheel: Path | None, device: str) -> list[Row]:
    """Held-out passages of 128 tokens in which mini-bert has rewritten 15%."""
    folder = CHECKPOINTS / "mini-electra"
    model = ElectraForPreTraining.from_pretrained(folder, dtype=torch.float32).to(device).eval()
    untrained = mini_electra.build(mini_electra.Recipe(), "minilm", wheel).to(device).eval()
    generator = mini_electra.load_generator(device)
    held_out, train_part = (Corpus.load(state_folder("wikipedia") / part) for part in ("held_out", "train"))
    rng = np.random.default_rng(SEED)
    batches = [
        mini_electra.question_batch(sentence_pairs(held_out, rng, 64, 128, is_next=1.0), rng)
        for _ in range(max(1, size // 64))
    ]
    score, replaced, article = mini_electra.scores(model, generator, batches)
    score_untrained, replaced_untrained, _ = mini_electra.scores(untrained, generator, batches[:8])
    rarity, replaced_again = rarity_scores(generator, batches, np.bincount(train_part.input_ids, minlength=30_522))

    groups, index = np.unique(article, return_inverse=True)
    f1, threshold = mini_electra.best_f1(score, replaced)
    said = score >= threshold
    auc = roc_auc_score(replaced, score)
    draws = np.random.default_rng(SEED).multinomial(len(groups), np.full(len(groups), 1 / len(groups)), 200)
    aucs = [roc_auc_score(replaced, score, sample_weight=weight[index]) for weight in draws]
    low, high = np.percentile(aucs, [2.5, 97.5])
    f1_figure = ratio(
        2.0 * (said & (replaced == 1)), said.astype(float) + replaced, article
    )  # 2 TP / (said + replaced)
    print(f"replaced where the score is at least {threshold:.3f}: F1 {f1:.3f}; {replaced.mean():.1%} are replaced")
    peers = (("untrained head", score_untrained, replaced_untrained), ("rarer is replaced", rarity, replaced_again))
    return [
        Row(
            "ROC AUC",
            "≥ 0.93",
            Figure(auc, float(low), float(high)),
            digits=3,
            percent=False,
            peers={peer: roc_auc_score(truth, scores) for peer, scores, truth in peers},
        ),
        Row(
            "F1 at its best threshold",
            "≥ 0.60",
            f1_figure,
            digits=3,
            percent=False,
            peers={peer: mini_electra.best_f1(scores, truth)[0] for peer, scores, truth in peers},
        ),
    ]


def rarity_scores(
    generator: BertForPreTraining, batches: list[mini_electra.Batch], counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A baseline without context: the rarer a token in the training text, the more likely it was replaced."""
    random = torch.Generator(generator.device).manual_seed(0)
    found = []
    for batch in batches:
        batch = {name: value.to(generator.device) for name, value in batch.items()}
        corrupted, replaced = mini_electra.corrupt(generator, batch, random)
        text = mini_electra.is_text(batch["input_ids"])
        found.append((-counts[corrupted[text].cpu().numpy()], replaced[text].cpu().numpy()))
    score, truth = (np.concatenate(part) for part in zip(*found, strict=True))
    return score, truth


# --- mini-student ------------------------------------------------------------------------------------------------


@torch.no_grad()
def evaluate_mini_student(size: int, wheel: Path | None, device: str) -> list[Row]:
    """Masked tokens of ``size`` pairs: the student, the same student taught by the text alone, and the teacher."""
    teacher = mini_student.load_teacher(device)
    student = ElectraForMaskedLM.from_pretrained(CHECKPOINTS / mini_student.NAME, dtype=torch.float32).to(device).eval()
    alone = mini_student.build(teacher, mini_student.Recipe().seed).to(device)
    alone.load_state_dict(torch.load(state_folder(mini_student.ALONE) / "state.pt", map_location=device)["model"])
    held_out, train_part = (Corpus.load(state_folder("wikipedia") / part) for part in ("held_out", "train"))
    frequent = np.argsort(-np.bincount(train_part.input_ids, minlength=30_522))[:5]
    pairs = sentence_pairs(held_out, np.random.default_rng(SEED), size, 128)
    rng = np.random.default_rng(SEED)
    names = ("mini-student", "without a teacher", "mini-bert")
    found: dict[str, list[np.ndarray]] = {name: [] for name in (*names, "labels", "article")}
    for first in range(0, size, 32):
        part = Segments(*(getattr(pairs, name)[first : first + 32] for name in Segments.__dataclass_fields__))
        batch = {name: value.to(device) for name, value in mini_bert.masked_batch(part, rng).items()}
        asked = batch["labels"] >= 0  # (B, K)
        readings = (
            mini_student.read_student(student, batch),
            mini_student.read_student(alone.eval(), batch),
            mini_student.read_teacher(teacher, batch),
        )
        for name, reading in zip(names, readings, strict=True):
            found[name].append(reading.logits[asked].topk(5).indices.cpu().numpy())  # (M, 5)
        found["labels"].append(batch["labels"][asked].cpu().numpy())
        found["article"].append(part.article[asked.nonzero()[:, 0].cpu().numpy()])
    top = {name: np.concatenate(parts) for name, parts in found.items()}

    def hits(name: str, best: int) -> np.ndarray:
        return (top[name][:, :best] == top["labels"][:, None]).any(1)

    rows = [
        Row(
            f"MLM top-{best} %, {size:,} pairs",
            "",
            ratio(hits("mini-student", best), np.ones(len(top["labels"])), top["article"]),
            peers={name: float(hits(name, best).mean()) for name in names[1:]}
            | {"most frequent tokens": float(np.isin(top["labels"], frequent[:best]).mean())},
        )
        for best in (1, 5)
    ]
    agreed = {name: top[name][:, 0] == top["mini-bert"][:, 0] for name in names}
    rows.append(
        Row(
            "same first choice as mini-bert %",
            "",
            ratio(agreed["mini-student"], np.ones(len(top["labels"])), top["article"]),
            peers={name: float(agreed[name].mean()) for name in names[1:]},
        )
    )
    return rows


# --- mini-sop ----------------------------------------------------------------------------------------------------


def evaluate_mini_sop(size: int, wheel: Path | None, device: str) -> list[Row]:
    """Openings of held-out paragraphs, half of them swapped: told one by one, and by which order scores higher."""
    train_part, held_out = mini_sop.read_openings("train"), mini_sop.read_openings("held_out")
    rng = np.random.default_rng(SEED)
    chosen = rng.permutation(len(held_out.first))[:size]
    article = held_out.article[chosen]
    batches = [mini_sop.order_batch(held_out, rows, rng) for rows in np.split(chosen, range(64, len(chosen), 64))]
    model = mini_sop.load().to(device)
    untrained = mini_sop.build(mini_sop.Recipe().seed).to(device).eval()

    learn = rng.permutation(len(train_part.first))[:100_000]
    learn_swapped = rng.random(len(learn)) < 0.5
    words = LogisticRegression(C=0.1, max_iter=200).fit(word_order(train_part, learn, learn_swapped), learn_swapped)
    swapped = np.concatenate([batch["labels"].numpy() for batch in batches]) == 1
    peers = {
        "untrained head": float(mini_sop.hits(untrained, batches[:8]).mean()),
        "linear model on words": float((words.predict(word_order(held_out, chosen, swapped)) == swapped).mean()),
    }
    hits = mini_sop.hits(model, batches)
    return [Row(f"SOP accuracy %, {len(hits):,} pairs", "", ratio(hits, np.ones(len(hits)), article), peers=peers)]


def word_order(openings: mini_sop.Openings, rows: np.ndarray, swapped: np.ndarray) -> csr_array:
    """For each pair, how often each token stands in A, less how often in B  # (P, V)"""
    first, second = openings.first[rows].astype(np.int64), openings.second[rows].astype(np.int64)
    tokens = np.concatenate([first, second], 1)
    sign = np.repeat([[1.0, -1.0]], first.shape[1], 0).T.reshape(1, -1) * np.where(swapped, -1, 1)[:, None]
    places = tokens > 0
    row = np.broadcast_to(np.arange(len(rows))[:, None], tokens.shape)
    return csr_array((sign[places], (row[places], tokens[places])), (len(rows), 30_522))


# --- card and command line ---------------------------------------------------------------------------------------

EVALUATIONS: dict[str, tuple[Callable[..., list[Row]], int | None]] = {
    "mini-bert": (evaluate_mini_bert, 2000),
    "mini-bert-squad": (evaluate_mini_bert_squad, None),
    "mini-electra": (evaluate_mini_electra, 1024),
    "mini-student": (evaluate_mini_student, 1024),
    "mini-sop": (evaluate_mini_sop, 4096),
}


def write_card(name: str, figures: str) -> None:
    """The card is a text in training/cards with two places to fill: how long it was trained, and the figures."""
    exported = (CHECKPOINTS / name / CURVE).exists()  # mini-student and mini-sop keep no curve beside their weights
    last = last_point(CHECKPOINTS / name if exported else state_folder(name))
    minutes = float(last["minutes"])
    duration = f"{minutes:.0f} minutes" if minutes < 60 else f"{minutes / 60:.1f} hours"
    trained = f"{int(last['step']):,} steps, {float(last['tokens']) / 1e6:.1f} million tokens, {duration}."
    text = (
        (CARDS / f"{name}.md").read_text(encoding="utf-8").replace("{trained}", trained).replace("{figures}", figures)
    )
    (CHECKPOINTS / name / "README.md").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=EVALUATIONS)
    parser.add_argument("--size", type=int, help="pairs, questions or passages (default: those of the card)")
    parser.add_argument("--wheel", type=Path, help="the wheel with the MiniLM encoder, for the untrained peer")
    parser.add_argument("--card", action="store_true", help="write the figures into the model card")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    evaluate, size = EVALUATIONS[options.name]
    figures = table(options.name, evaluate(options.size or size, options.wheel, options.device))
    print(figures)
    if options.card:
        write_card(options.name, figures)


if __name__ == "__main__":
    main()
