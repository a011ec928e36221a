"""mini-student: a quarter of mini-bert's weights, distilled from it (Sanh et al. 2019, sections 2, 3; Jiao et al. 2020, section 3.1).

    python -m training.mini_student                # again to go on from the last checkpoint
    python -m training.mini_student --alone        # the same student without a teacher, for comparison
    python -m training.mini_student --export       # to models/checkpoints/mini-student

The student is an ElectraForMaskedLM because that class has factorized embeddings (V x E + E x H, Lan et al. 2020): with
E = 128 the vocabulary takes a third of what the teacher's takes. Both students begin with the same weights; their
embeddings are the teacher's, cut to E dimensions by a singular value decomposition.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import BertForPreTraining, ElectraConfig, ElectraForMaskedLM

from training import loop
from training.encoder import save, tokenizer
from training.folders import CHECKPOINTS, state_folder
from training.loop import Batch
from training.masking import sentence_pairs
from training.mini_bert import Recipe as PairRecipe
from training.mini_bert import make_batch, masked_batch
from training.wikipedia import Corpus

NAME = "mini-student"
ALONE = "mini-student-alone"
EVERY = 2  # the student's layer m learns from the teacher's layer 2m
POSITION_DIRECTIONS = 32  # of the E dimensions; the rest is for words
WEIGHTS = {"mlm": 1.0, "soft": 1.0, "cosine": 1.0, "embeddings": 5.0, "hidden": 10.0, "attention": 10.0}


@dataclass(frozen=True)
class Recipe:
    batch_size: int = 8  # few tokens a step: so small a model gains more from many steps
    rate: float = 1.5e-3
    alone_rate: float = 5e-4  # without a teacher: at 1.5e-3 its loss hardly falls after 500 steps
    temperature: float = 2.0
    steps: int = 10_000
    warmup_steps: int = 100
    seed: int = 2


def student_config() -> ElectraConfig:
    """As many heads as the teacher, so that attention matrices can be compared head by head."""
    return ElectraConfig(
        vocab_size=30_522,
        embedding_size=128,
        hidden_size=192,
        num_hidden_layers=3,
        num_attention_heads=12,
        intermediate_size=768,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",
    )


class Projection(nn.Module):
    """From the student's widths to the teacher's; thrown away after training in TinyBERT, kept here to be looked at."""

    def __init__(self, embedding_size: int, hidden_size: int, teacher_size: int) -> None:
        super().__init__()
        self.embeddings = nn.Linear(embedding_size, teacher_size, bias=False)
        self.hidden = nn.Linear(hidden_size, teacher_size, bias=False)


def build(teacher: BertForPreTraining, seed: int) -> ElectraForMaskedLM:
    """A new student, with its projection as a part of it so that both are trained and saved together."""
    torch.manual_seed(seed)
    student = ElectraForMaskedLM(student_config())
    embeddings, narrow = teacher.bert.embeddings, student.electra.embeddings
    student.projection = Projection(128, 192, 384)
    with torch.no_grad():
        directions = _directions(embeddings.position_embeddings.weight, embeddings.word_embeddings.weight)
        for part in ("word_embeddings", "position_embeddings", "token_type_embeddings"):
            getattr(narrow, part).weight.copy_(getattr(embeddings, part).weight @ directions)
        student.projection.embeddings.weight.copy_(directions)
    student.tie_weights()
    return student


def _directions(positions: Tensor, words: Tensor) -> Tensor:
    """An orthonormal basis of the E dimensions in which most of positions and words lies  # (384, E)

    Positions come first: they are few and small beside the words, and attention cannot do without them.
    """
    _, _, of_positions = torch.linalg.svd(positions, full_matrices=False)
    of_positions = of_positions[:POSITION_DIRECTIONS].T
    rest = words - words @ of_positions @ of_positions.T
    _, _, of_words = torch.linalg.svd(rest, full_matrices=False)
    return torch.cat([of_positions, of_words[: 128 - POSITION_DIRECTIONS].T], 1)


@dataclass(frozen=True)
class Reading:
    """What one model made of a batch."""

    logits: Tensor  # (B, K, V) at the chosen positions
    hidden: tuple[Tensor, ...]  # embeddings, then every layer  # (B, L, H)
    attentions: tuple[Tensor, ...]  # every layer  # (B, A, L, L)


def _read(encoder: nn.Module, head: nn.Module, batch: Batch) -> Reading:
    outputs = encoder(
        input_ids=batch["input_ids"],
        token_type_ids=batch["token_type_ids"],
        attention_mask=batch.get("attention_mask"),
        output_hidden_states=True,
        output_attentions=True,
    )
    hidden = outputs.hidden_states[-1]
    index = batch["positions"][..., None].expand(-1, -1, hidden.shape[-1])
    return Reading(head(hidden.gather(1, index)).float(), outputs.hidden_states, outputs.attentions)


def read_student(student: ElectraForMaskedLM, batch: Batch) -> Reading:
    head = nn.Sequential(student.generator_predictions, student.generator_lm_head)
    return _read(student.electra, head, batch)


@torch.no_grad()
def read_teacher(teacher: BertForPreTraining, batch: Batch) -> Reading:
    return _read(teacher.bert, teacher.cls.predictions, batch)


def soft_target_loss(student_logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """T^2 KL(teacher || student) of the softened distributions, per prediction (Hinton et al. 2015, section 2)."""
    return temperature**2 * F.kl_div(
        F.log_softmax(student_logits / temperature, -1),
        F.log_softmax(teacher_logits / temperature, -1),
        log_target=True,
        reduction="batchmean",
    )


def alone_losses(student: ElectraForMaskedLM, batch: Batch) -> dict[str, Tensor]:
    logits = read_student(student, batch).logits
    return {"mlm": F.cross_entropy(logits.flatten(0, 1), batch["labels"].flatten())}


def losses(
    student: ElectraForMaskedLM, teacher: BertForPreTraining, batch: Batch, temperature: float
) -> dict[str, Tensor]:
    """DistilBERT's three terms and TinyBERT's three, weighted; the student's layer m beside the teacher's layer 2m."""
    own, teachers = read_student(student, batch), read_teacher(teacher, batch)
    asked = batch["labels"] >= 0  # (B, K)
    text = batch.get("attention_mask", torch.ones_like(batch["input_ids"])).bool()  # (B, L)
    hidden = [student.projection.hidden(states) for states in own.hidden]  # (B, L, 384)
    pairs = [(hidden[m][text], teachers.hidden[EVERY * m][text]) for m in range(1, len(hidden))]
    narrow = student.electra.embeddings(input_ids=batch["input_ids"], token_type_ids=batch["token_type_ids"])
    maps = [(own.attentions[m], teachers.attentions[EVERY * m + 1]) for m in range(len(own.attentions))]
    squares = [(mine - theirs).square().sum(-1).transpose(1, 2)[text].mean() for mine, theirs in maps]
    parts = {
        "mlm": F.cross_entropy(own.logits.flatten(0, 1), batch["labels"].flatten()),
        "soft": soft_target_loss(own.logits[asked], teachers.logits[asked], temperature),
        "cosine": 1 - F.cosine_similarity(*pairs[-1], dim=-1).mean(),
        "embeddings": F.mse_loss(student.projection.embeddings(narrow)[text], teachers.hidden[0][text]),
        "hidden": torch.stack([F.mse_loss(mine, theirs) for mine, theirs in pairs]).mean(),
        "attention": torch.stack(squares).mean(),
    }
    return {name: WEIGHTS[name] * loss for name, loss in parts.items()}


@torch.no_grad()
def measure(student: ElectraForMaskedLM, teacher: BertForPreTraining, batches: list[Batch]) -> dict[str, float]:
    """Right words, and how often both models' first choice is the same, on held-out pairs."""
    found = []
    for batch in batches:
        batch = {key: value.to(student.device) for key, value in batch.items()}
        asked = batch["labels"] >= 0
        mine, theirs = (
            reading.logits[asked] for reading in (read_student(student, batch), read_teacher(teacher, batch))
        )
        labels, top = batch["labels"][asked], mine.topk(5).indices
        hits = torch.stack([top[:, 0] == labels, (top == labels[:, None]).any(1), top[:, 0] == theirs.argmax(-1)])
        found.append(hits.float())  # (3, M)
    return dict(zip(("top1", "top5", "agreement"), torch.cat(found, 1).mean(1).tolist(), strict=True))


def load_teacher(device: str = "cpu") -> BertForPreTraining:
    folder = CHECKPOINTS / "mini-bert"
    teacher = BertForPreTraining.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return teacher.to(device).eval().requires_grad_(False)


def export(student: ElectraForMaskedLM) -> None:
    folder = CHECKPOINTS / NAME
    projection = student.projection
    del student.projection
    student.config.hidden_dropout_prob = student.config.attention_probs_dropout_prob = 0.1
    save(student, folder)
    matrices = {name: weight.detach().half().contiguous() for name, weight in projection.state_dict().items()}
    save_file(matrices, folder / "projection.safetensors", metadata={"format": "pt"})
    tokenizer().save_pretrained(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    loop.add_options(parser)
    parser.add_argument("--alone", action="store_true", help="without a teacher: masked language modelling only")
    parser.add_argument("--export", action="store_true", help="write the checkpoint of the app, train nothing")
    options = parser.parse_args()
    recipe = Recipe()
    teacher = load_teacher(options.device)
    student = build(teacher, recipe.seed)
    if options.export:
        student.load_state_dict(torch.load(state_folder(NAME) / "state.pt", map_location="cpu")["model"])
        export(student)
        return
    train_part, held_out = (Corpus.load(state_folder("wikipedia") / part) for part in ("train", "held_out"))
    pairs = PairRecipe(batch_size=recipe.batch_size, seed=recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    held_out_batches = [masked_batch(sentence_pairs(held_out, rng, 64, pairs.length), rng) for _ in range(4)]
    rate = recipe.alone_rate if options.alone else recipe.rate
    loop.train(
        ALONE if options.alone else NAME,
        student,
        make_batch=lambda step: make_batch(train_part, pairs, step),
        losses=lambda batch: (
            alone_losses(student, batch) if options.alone else losses(student, teacher, batch, recipe.temperature)
        ),
        measure=lambda: measure(student, teacher, held_out_batches),
        parameter_groups=[{"params": list(student.parameters()), "lr": rate}],
        default_steps=recipe.steps,
        warmup_steps=recipe.warmup_steps,
        options=options,
    )


if __name__ == "__main__":
    main()
