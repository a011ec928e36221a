"""What a calculation found, as frozen dataclasses of plain values: numpy arrays, strings and numbers, never tensors.

This file is all that components/ takes from models/. It imports neither torch nor transformers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Source = Literal["embedded", "packaged", "cache", "hub"]


class PlaygroundError(Exception):
    """Something a viewer can understand and act on, as one or two sentences in English and in Korean.

    Raised by the model layer, drawn by ``components.feedback``: says what happened and what to do about it.

    >>> raise PlaygroundError("The text is empty. Type a sentence.", "글이 비어 있습니다. 문장을 입력하세요.")
    Traceback (most recent call last):
    models.results.PlaygroundError: The text is empty. Type a sentence.
    """

    def __init__(self, english: str, korean: str) -> None:
        super().__init__(english)
        self.english = english
        self.korean = korean


# --- catalogue and loading ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CatalogueEntry:
    """One model that can be picked."""

    name: str  # in the picker and in the address; for models of the hub also their id there
    family: str  # "BERT", "GPT-2", ...
    objective: str  # what pre-training predicted, in the papers' words
    head: str  # the Auto class that fits its weights: "MaskedLM" for AutoModelForMaskedLM
    language: Literal["en", "ko"]
    parameters: int  # of the architecture with that head, tied weights counted once
    embedding_size: int  # width of the token embeddings, E in ALBERT's paper, else H
    size_bytes: int  # of the weights file that is downloaded
    licence: str
    paper: str  # "Devlin et al. 2019"
    paper_url: str
    folder: str | None = None  # embedded weights: a folder of this repository
    tokenizer_folder: str | None = None  # an embedded folder with the very same tokenizer
    full_size: str | None = None  # of an embedded model: a published, larger model for the same task

    @property
    def model_page(self) -> str:
        """Where a reader finds the model card."""
        return f"https://huggingface.co/{self.name}" if self.folder is None else f"{self.folder}/README.md"


@dataclass(frozen=True)
class Origin:
    """Where the files of a model or tokenizer came from, for the source badge."""

    entry: CatalogueEntry | None  # None for a tokenizer that the viewer trained
    name: str
    source: Source
    location: str  # what from_pretrained takes on a reader's computer: an id of the hub, or a folder of this repository


@dataclass(frozen=True)
class DownloadProgress:
    """How far a download has come, over all of its files."""

    done_bytes: int
    total_bytes: int


# --- tokenization ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loss:
    """One place where decoding does not give the text back."""

    kind: Literal["case", "accent", "composition", "whitespace", "unknown", "other"]
    original: str
    decoded: str


@dataclass(frozen=True)
class Decoding:
    """input_ids turned back into text."""

    text: str
    lossless: bool
    losses: tuple[Loss, ...]


@dataclass(frozen=True)
class Tokenization:
    """A text, or a pair of texts, as a tokenizer cut it. Every tuple has one entry per token."""

    text: str  # as typed, lone surrogates replaced by U+FFFD
    text_pair: str | None
    tokens: tuple[str, ...]
    input_ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]  # characters [start, end) of the text of its segment; (0, 0) where added
    segments: tuple[int | None, ...]  # 0 text, 1 text_pair, None where the tokenizer added the token
    token_type_ids: tuple[int, ...] | None  # None where the model has none (GPT-2)
    attention_mask: tuple[int, ...]
    special_tokens_mask: tuple[int, ...]
    token_bytes: tuple[bytes, ...]  # for byte-level BPE the very bytes, else the UTF-8 of the characters covered
    merge_ranks: tuple[int | None, ...]  # BPE: rank of the merge that makes the token
    unknown: tuple[bool, ...]  # the text was not in the vocabulary and is lost
    vocab_size: int
    model_max_length: int  # positions of the model, 0 where it names no limit
    decoding: Decoding  # of the first text


@dataclass(frozen=True)
class OtherReading:
    """The input_ids of one tokenizer, read by another."""

    tokenizer: str  # whose ids they are
    read_by: str
    text: str  # what the other one decodes; ids outside of its vocabulary give nothing
    outside: tuple[int, ...]  # these ids


@dataclass(frozen=True)
class MergeStep:
    """One merge of byte pair encoding."""

    pair: tuple[str, str]
    rank: int  # its line in the list of merges, 0 the first found in training
    symbols: tuple[str, ...]  # the word after it


@dataclass(frozen=True)
class MergeTrace:
    """A word on its way through byte pair encoding (Sennrich et al. 2016, algorithm 1)."""

    word: str
    start: tuple[str, ...]
    steps: tuple[MergeStep, ...]
    tokens: tuple[str, ...]
    behind: tuple[str, ...] = ()  # the pre-tokens that follow it in what was asked


@dataclass(frozen=True)
class MatchStep:
    """One piece of WordPiece's greedy longest match."""

    start: int  # position in the word where this piece begins
    tried: tuple[str, ...]  # the candidates, longest first; the last one was found, unless found is None
    found: str | None


@dataclass(frozen=True)
class MatchTrace:
    """A word on its way through WordPiece (Wu et al. 2016, section 4.1; the matching as BERT's code does it)."""

    word: str
    steps: tuple[MatchStep, ...]
    tokens: tuple[str, ...]  # ("[UNK]",) where some rest of the word matched nothing
    behind: tuple[str, ...] = ()  # the pre-tokens that follow it in what was asked


@dataclass(frozen=True)
class AddedTokens:
    """What adding special tokens to a tokenizer changed."""

    added: int  # how many were new
    tokens: tuple[str, ...]
    input_ids: tuple[int, ...]  # of these tokens
    vocab_before: int
    vocab_after: int
    embedding_size: int  # E, columns of the embedding matrix; 0 where no model belongs to the tokenizer
    before: tuple[str, ...]  # the text cut without them
    after: tuple[str, ...]  # and with them


@dataclass(frozen=True)
class Batch:
    """B texts in one rectangle of L positions."""

    tokens: tuple[tuple[str, ...], ...]  # (B, L)
    input_ids: tuple[tuple[int, ...], ...]  # (B, L)
    attention_mask: tuple[tuple[int, ...], ...]  # (B, L), 1 text, 0 padding
    lengths: tuple[int, ...]  # (B,) tokens of each text before padding
    cut: tuple[int, ...]  # (B,) tokens that truncation took away
    pad_token: str
    borrowed_pad_token: bool  # the tokenizer has none of its own, so its end-of-text token stands in


@dataclass(frozen=True)
class PaddingEffect:
    """The [CLS] vector of the shortest text of a batch: read alone, and in its padded row."""

    model: str
    row: int
    tokens: int  # of the text
    padded: int  # tokens of the row, L
    first: int  # position of [CLS] in the row, 0 unless the padding is on the left
    with_mask: float  # cosine of the two last hidden states
    without_mask: float  # the same, the padding read like text


@dataclass(frozen=True)
class Fertility:
    """How many tokens a sentence costs."""

    language: str
    sentence: str
    words: int
    tokens: int
    unknown: int  # of these tokens

    @property
    def tokens_per_word(self) -> float:
        return self.tokens / self.words


# --- masked language modelling -----------------------------------------------------------------------------------

Fate = Literal["", "mask", "random", "kept", "typed"]  # "": not selected; "typed": the viewer wrote [MASK] in the text
FillingOrder = Literal["left", "right", "certain"]  # from left to right, from right to left, the most certain first


@dataclass(frozen=True)
class MaskingSettings:
    """How tokens are selected and what becomes of them; the defaults are BERT's (Devlin et al. 2019, section 3.1)."""

    rate: float = 0.15  # expected share of selected tokens
    mask_share: float = 0.8  # of the selected ones: become [MASK],
    random_share: float = 0.1  # become a random token; the rest stays as it is
    unit: Literal["token", "word", "span"] = "token"
    seed: int = 0


@dataclass(frozen=True)
class Corruption:
    """A text after one draw of the masking. Every tuple has one entry per token, special tokens included."""

    text: str
    settings: MaskingSettings
    tokens: tuple[str, ...]  # as the text has them
    input_ids: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]  # characters [start, end) of the text
    word_ids: tuple[int | None, ...]  # None for special tokens
    fates: tuple[Fate, ...]
    corrupted_ids: tuple[int, ...]  # what the model reads
    corrupted_tokens: tuple[str, ...]
    by_hand: tuple[int, ...]  # positions that the viewer turned over
    forced: bool  # the draw had selected nothing, so one position was taken, as BERT's code does

    @property
    def selected(self) -> tuple[int, ...]:
        """Positions that the model has to predict."""
        return tuple(position for position, fate in enumerate(self.fates) if fate)

    @property
    def masked(self) -> tuple[int, ...]:
        """Those of them where the model reads [MASK]."""
        return tuple(position for position, fate in enumerate(self.fates) if fate in ("mask", "typed"))

    @property
    def labels(self) -> tuple[int, ...]:
        """The original id at selected positions, -100 elsewhere and where the text itself says [MASK]."""
        return tuple(
            i if fate not in ("", "typed") else -100 for i, fate in zip(self.input_ids, self.fates, strict=True)
        )


@dataclass(frozen=True)
class MaskingStatistics:
    """Many draws of the masking for one text."""

    draws: int
    maskable: int  # tokens of the text that can be selected
    selected: int  # over all draws
    counts: dict[str, int]  # fate -> selected tokens with this fate, over all draws
    intervals: dict[str, tuple[float, float]]  # fate -> 95% interval of its share (Wilson 1927)
    rate_interval: tuple[float, float]
    per_draw: np.ndarray  # (maskable + 1,) in how many draws k tokens were selected
    binomial: np.ndarray  # (maskable + 1,) expected number of such draws, tokens selected one by one


@dataclass(frozen=True)
class FilledPosition:
    """What the model says about one position."""

    position: int
    candidates: tuple[tuple[str, float], ...]  # the top_k tokens with their probabilities
    original: str | None  # None where the text itself says [MASK]
    rank: int | None  # of the original among all V tokens, 1 is best
    probability: float | None  # of the original
    loss: float | None  # -ln of it, in nats
    seen_probability: float  # of the token that the model reads at this position
    entropy: float  # of the distribution over the V tokens, in nats


@dataclass(frozen=True)
class MaskedPrediction:
    """What a masked language model puts in the place of the selected tokens."""

    model: str
    positions: tuple[FilledPosition, ...]
    mean_loss: float | None  # over positions with a known original, in nats; None where there is none
    perplexity: float | None  # exp of it
    share_right: float | None  # of positions with a known original: it is the model's first guess


@dataclass(frozen=True)
class Filling:
    """What was put at several [MASK] of one text; every tuple has one entry per [MASK], in the order of the filling."""

    tokens: tuple[str, ...]
    independent: tuple[float, ...]  # ln p of each, the other [MASK] still being there: they count as independent
    in_turn: tuple[float, ...]  # ln p of each, given those that were filled before it

    @property
    def product(self) -> float:
        """The probability of all of them, were they independent: p(a) p(b)"""
        return float(np.exp(sum(self.independent)))

    @property
    def joint(self) -> float:
        """Their probability by the chain rule: p(a) p(b | a)"""
        return float(np.exp(sum(self.in_turn)))


@dataclass(frozen=True)
class Fillings:
    """Several [MASK] of one text filled all at once, and one after the other."""

    positions: tuple[int, ...]  # in the order of the filling
    left_out: int  # further [MASK], which stayed
    at_once: Filling
    one_by_one: Filling


@dataclass(frozen=True)
class LeftContext:
    """What the right context was worth: a word, hidden alone, predicted with and without what stands to its right."""

    position: int  # of the word's first token
    word: str
    loss_both: float  # nats, summed over the word's tokens, each given those before it; read by the masked model
    loss_left: float  # the same, reading only what is to the left
    guess_both: str
    guess_left: str


@dataclass(frozen=True)
class LeftContexts:
    """The hidden words of a text, each with and without its right side."""

    words: tuple[LeftContext, ...]
    at_the_end: tuple[str, ...]  # hidden words with nothing to their right: there is nothing to compare
    left_out: int  # hidden words of a long text that were not read


@dataclass(frozen=True)
class SweepPoint:
    """Masked modelling at one rate."""

    rate: float
    tokens: int  # maskable tokens that were read
    predicted: int  # of them: selected, each one training signal
    right: int  # of the selected: the original is the first guess
    loss: float  # mean over the selected, in nats; NaN where nothing was
    low: float  # the 95% interval of the share that is right (Wilson 1927), each selected token counted on its own
    high: float

    @property
    def share_right(self) -> float:
        """NaN where nothing was selected."""
        return self.right / self.predicted if self.predicted else float("nan")


@dataclass(frozen=True)
class MismatchRow:
    """One way of corrupting the selected tokens, and what the model makes of each kind of position."""

    mask_share: float
    random_share: float
    kind: Fate  # "" for positions that were not selected
    positions: int
    original_probability: float  # mean
    seen_probability: float  # mean, of the token that the model reads there
    share_right: float


@dataclass(frozen=True)
class Objective:
    """What counts as a training signal for one sentence."""

    name: Literal["masked", "causal", "permutation", "replaced"]
    sees: np.ndarray  # (L, L) bool: may position i (row) see position j (column)
    predicted: np.ndarray  # (L,) bool: this position gives a loss
    hidden: np.ndarray  # (L,) bool: the input does not show the original here


# --- attention ---------------------------------------------------------------------------------------------------

Pattern = Literal["previous", "next", "same", "first", "separator", "broad", ""]  # what a head does on this text


@dataclass(frozen=True)
class AttentionModel:
    """What can be asked of a model that returns attention weights."""

    origin: Origin
    layers: int
    heads: int  # of each layer


@dataclass(frozen=True)
class Attention:
    """Everything that one run of a model says about attention; L tokens. Too large for a page: views take parts of it."""

    tokens: tuple[str, ...]
    segments: tuple[int | None, ...]  # 0 text, 1 text_pair, None where the tokenizer added the token
    words: tuple[int | None, ...]  # number of the word, counted over the whole input; None where segments is None
    weights: np.ndarray  # (layers, heads, L, L), rows sum to 1; float32, above 128 tokens float16
    value_norms: np.ndarray | None  # (layers, heads, L): ||f(x_j)||; None where the architecture is not known
    embeddings: dict[str, np.ndarray]  # "token", "position", "segment" -> (L, E), before layer normalization
    causal: bool  # no weight above the diagonal in any head


@dataclass(frozen=True)
class AttentionMatrix:
    """One matrix: a head, or several put together."""

    model: str
    tokens: tuple[str, ...]
    special: tuple[bool, ...]  # added by the tokenizer
    weights: np.ndarray  # (L, L) float32; row i holds what token i attends to, and sums to 1
    causal: bool
    pattern: Pattern = ""
    left_out: tuple[str, ...] = ()  # tokens whose rows and columns were taken away
    left_out_share: float = 0.0  # of the attention of the other tokens that went to them, before rescaling
    layer: int | None = None  # where two models are compared: the one with fewer layers or heads shows its last
    head: int | None = None  # None: the mean


@dataclass(frozen=True)
class HeadGrid:
    """All heads of a model on one text, small."""

    model: str
    tokens: int
    thumbnails: np.ndarray  # (layers, heads, S, S) uint8: 255 is weight 1, each the largest of its cell
    entropy: np.ndarray  # (layers, heads) nats, mean over tokens
    distance: np.ndarray  # (layers, heads) tokens, mean of |i - j| under the weights
    patterns: tuple[tuple[Pattern, ...], ...]  # (layers, heads)
    shares: np.ndarray  # (layers, heads): how far the pattern holds, 0 to 1


@dataclass(frozen=True)
class BertvizPage:
    """A view of bertviz as a page that needs no network."""

    kind: Literal["head", "model"]
    html: str
    height: int  # CSS pixels
    tokens: int  # of the input
    tokens_drawn: int
    layers: tuple[int, ...]  # drawn


@dataclass(frozen=True)
class CausalComparison:
    """The same text under two masks."""

    left: AttentionMatrix
    right: AttentionMatrix
    same_model: bool  # the right one is the left model with a causal mask that it was not trained with


@dataclass(frozen=True)
class EmbeddingSum:
    """Where the input vectors come from: the sum of their parts, before layer normalization."""

    model: str
    tokens: tuple[str, ...]
    parts: tuple[str, ...]  # of "token", "position", "segment" those that the model has
    norms: np.ndarray  # (P + 1, L): lengths of the parts, the last row that of the sum
    cosines: np.ndarray  # (P, L): cosine between each part and the sum
    learned: np.ndarray | None  # (N, N) cosine between the learned embeddings of two positions
    sinusoids: np.ndarray | None  # (N, N) the same for sinusoids of the same width
    step: int  # every step-th position is in these matrices


@dataclass(frozen=True)
class AttentionDifference:
    """Two attention matrices over the same rows and columns."""

    models: tuple[str, str]
    where: tuple[tuple[int, int | None], tuple[int, int | None]]  # layer and head of each; None: the mean of all heads
    rows: tuple[str, ...]  # as the first text has them
    other_rows: tuple[str, ...]  # as the second has them
    first: np.ndarray  # (L, L) float32, rows sum to 1
    second: np.ndarray  # (L, L)
    unit: Literal["token", "word"]  # words, without special tokens, where the tokens are not the same


# --- question answering ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ReadingWindow:
    """One sequence that the model read: [CLS] question [SEP] a piece of the passage [SEP], L tokens."""

    tokens: tuple[str, ...]  # (L,)
    offsets: np.ndarray  # (L, 2) characters [start, end) of the passage; (0, 0) outside the passage
    context_start: int  # position in the window of the passage's first token here
    context_end: int  # one behind its last
    first: int  # number of that first token, counted over the whole passage
    start_logits: np.ndarray  # (L,) float32
    end_logits: np.ndarray  # (L,) float32
    start_probabilities: np.ndarray  # (L,) softmax over the window
    end_probabilities: np.ndarray  # (L,)
    cls_position: int  # where "no answer" is read

    @property
    def null_score(self) -> float:
        """Start plus end score of [CLS]."""
        return float(self.start_logits[self.cls_position]) + float(self.end_logits[self.cls_position])


@dataclass(frozen=True)
class AnswerSpan:
    """A stretch of the passage that the model may answer with."""

    text: str
    start: int  # characters [start, end) of the passage
    end: int
    score: float  # start logit + end logit
    probability: float  # start probability x end probability, in its window
    window: int  # the window it was found in
    start_token: int  # positions in that window, both inside
    end_token: int


@dataclass(frozen=True, eq=False)
class SpanPrediction:
    """What a model answers to a question about a passage (Devlin et al. 2019, sections 4.2 and 4.3)."""

    question: str
    context: str  # character for character as given, lone surrogates replaced by U+FFFD
    windows: tuple[ReadingWindow, ...]
    spans: tuple[AnswerSpan, ...]  # the best, highest score first; no two cover the same characters
    window_answers: tuple[AnswerSpan, ...]  # the best of each window
    null_score: float  # of "no answer": the lowest of the windows
    threshold: float
    longest_answer: int  # tokens
    max_length: int  # tokens of a window
    doc_stride: int  # tokens that neighbouring windows share
    model_limit: int  # tokens that the model can read at once
    context_tokens: int  # tokens of the whole passage
    unknown_tokens: int  # of these, [UNK]

    @property
    def null_margin(self) -> float:
        """How much better "no answer" scores than the best span: ``null_score_diff`` of the official script."""
        return self.null_score - self.spans[0].score

    @property
    def refused(self) -> bool:
        return self.null_margin > self.threshold

    @property
    def answer(self) -> AnswerSpan | None:
        """The best span, or None where the model says that there is no answer."""
        return None if self.refused else self.spans[0]


@dataclass(frozen=True)
class Agreement:
    """How the answers of two models to the same question lie on the passage."""

    kind: Literal["same", "overlap", "different", "one refuses", "both refuse"]
    pieces: tuple[tuple[int, int, Literal["left", "right", "both"]], ...]  # characters [start, end), in order
    f1: float  # word overlap of the two answers, as SQuAD counts it


@dataclass(frozen=True)
class ChangedPassage:
    """A question and its passage after an attack."""

    kind: Literal["distract", "remove", "delete"]
    question: str
    context: str
    added: tuple[int, int] | None  # characters of the new passage that were not there before
    removed: str  # what was taken away


@dataclass(frozen=True)
class SquadQuestion:
    """One question of a file in the format of SQuAD 1.1 or 2.0."""

    id: str
    title: str
    question: str
    context: str
    answers: tuple[tuple[str, int], ...]  # text and first character; none: the passage does not answer it
    kind: str = ""  # the trap, in our own set
    language: str = ""  # "en" or "ko", in our own set


@dataclass(frozen=True)
class BestSpan:
    """What a model would answer if it had to, and how much it would rather not."""

    text: str
    start: int
    end: int
    null_margin: float


@dataclass(frozen=True)
class Outcome:
    """One question of a test with its two scores."""

    question: SquadQuestion
    best: BestSpan
    refused: bool
    exact_match: float
    f1: float

    @property
    def prediction(self) -> str:
        return "" if self.refused else self.best.text


@dataclass(frozen=True)
class Score:
    """Exact match and F1 over some questions, 0 to 1."""

    name: str
    questions: int
    exact_match: float
    f1: float


@dataclass(frozen=True)
class Evaluation:
    """A test as the official script of SQuAD 2.0 scores it."""

    threshold: float
    total: Score
    answerable: Score
    unanswerable: Score
    kinds: tuple[Score, ...]
    languages: tuple[Score, ...]
    outcomes: tuple[Outcome, ...]  # the worst first


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """What each threshold for "no answer" costs, T thresholds ascending. Credit is the F1 of an answer."""

    thresholds: np.ndarray  # (T,)
    precision: np.ndarray  # (T,) credit / questions that were answered; 1 where none was
    recall: np.ndarray  # (T,) credit / questions that have an answer
    f1: np.ndarray  # (T,) harmonic mean of the two
    squad_f1: np.ndarray  # (T,) mean F1 of SQuAD 2.0, where refusing an unanswerable question counts 1
    best_threshold: float  # with the highest squad_f1


# --- generation --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GenerationSettings:
    """How the next token is chosen; names and order of the filters as in Transformers' ``generate``."""

    do_sample: bool = False  # False: greedy, the most probable token
    temperature: float = 1.0
    top_k: int = 0  # 0: off
    top_p: float = 1.0  # 1: off
    repetition_penalty: float = 1.0  # 1: off; applies to greedy decoding too
    seed: int = 0
    max_new_tokens: int = 40
    stop: tuple[str, ...] = ()  # generation ends before the first of these


@dataclass(frozen=True)
class Alternative:
    """A token that could have come next."""

    token: str  # as in the vocabulary
    text: str  # decoded by itself
    token_id: int
    probability: float  # of the model itself
    filtered: float  # after repetition penalty, temperature, top-k and top-p; 0 where it was cut away


@dataclass(frozen=True)
class GeneratedToken:
    """One step of generation."""

    token_id: int
    token: str  # as in the vocabulary
    text: str  # what it adds to the text; "" in the middle of a character
    probability: float
    filtered: float
    alternatives: tuple[Alternative, ...]  # the most probable ones, the chosen token among them
    kept: int  # tokens that the filters left


@dataclass(frozen=True)
class Generation:
    """A prompt and what followed."""

    prompt: str
    prompt_tokens: int
    reused_tokens: int  # of the prompt, whose keys and values were still there from an earlier call
    settings: GenerationSettings
    steps: tuple[GeneratedToken, ...]
    text: str  # without the stop string
    ended_by: Literal["", "length", "stop", "end of text", "window"]  # "" while it goes on


@dataclass(frozen=True)
class WrittenAnswer:
    """What a causal model writes as the answer to a question about a passage."""

    model: str
    prompt: str
    text: str
    steps: tuple[GeneratedToken, ...]
    place: tuple[int, int] | None  # where it stands in the passage, characters [start, end); None where it does not
    f1: float | None  # words shared with the span of another model, as SQuAD counts them; None where that refuses


@dataclass(frozen=True)
class ScoredCandidate:
    """A fixed answer and how probable the model finds it behind a prompt."""

    candidate: str
    tokens: int
    total: float  # sum of the tokens' log-probabilities, in nats
    mean: float  # per token
    calibrated: float  # total minus that behind the content-free prompt (Zhao et al. 2021); equal to total without one


@dataclass(frozen=True)
class SurprisingToken:
    """One token of a text as a causal model sees it."""

    token: str
    offsets: tuple[int, int]
    rank: int | None  # among all V tokens, 1 is best; None for the first token of a model without a start of text
    probability: float | None
    loss: float | None  # -ln of it, in nats
    best: str  # what the model would have said


@dataclass(frozen=True)
class Surprise:
    """A whole text as a causal model sees it."""

    text: str
    tokens: tuple[SurprisingToken, ...]
    loss: float  # mean over the tokens, in nats: what the model itself returns for labels=input_ids
    perplexity: float  # exp of it


Shot = tuple[str, str]  # input, output


@dataclass(frozen=True)
class PromptFormat:
    """What stands around inputs and outputs."""

    instruction: str = ""
    input_label: str = "Input:"
    output_label: str = "Output:"
    separator: str = "\n\n"  # between examples
    line: str = "\n"  # between an input and its output


@dataclass(frozen=True)
class Task:
    """A task with its examples and the items it is measured on."""

    form: PromptFormat
    labels: tuple[str, ...]  # fixed answers, or none
    shots: tuple[Shot, ...]
    items: tuple[tuple[str, tuple[str, ...]], ...]  # input, accepted answers
    stop: str = "\n"  # an answer that is written ends here
    contains: bool = False  # an answer counts if it contains an accepted one; otherwise it has to be one


@dataclass(frozen=True)
class ItemResult:
    """One item of a task, asked once."""

    source: str
    answer: str
    accepted: tuple[str, ...]
    right: bool


@dataclass(frozen=True)
class FewShotRun:
    """All items behind one choice of examples."""

    model: str
    shots: int
    seed: int  # of the choice of the examples
    order: int  # 0: as chosen; otherwise the seed of another order of the same examples
    flipped: bool  # the examples had wrong labels
    items: tuple[ItemResult, ...]

    @property
    def accuracy(self) -> float:
        return sum(item.right for item in self.items) / len(self.items)


@dataclass(frozen=True)
class FewShotPoint:
    """One point of the curve: all draws of the same number of examples."""

    model: str
    flipped: bool
    shots: int
    runs: int
    accuracy: float  # mean over items and draws
    low: float  # 95% interval over items and draws
    high: float


# --- replaced token detection ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Detection:
    """What a discriminator says about each token of a text."""

    model: str
    tokens: tuple[str, ...]  # (L,)
    input_ids: tuple[int, ...]  # (L,)
    logits: np.ndarray  # (L,) float32
    probabilities: np.ndarray  # (L,) that the token was replaced, sigmoid of the logit
    special: tuple[bool, ...]  # [CLS] and [SEP], which no generator replaces


@dataclass(frozen=True)
class GeneratedReplacement:
    """What the generator put in one masked position."""

    position: int
    original: str
    sampled: str
    sampled_probability: float  # at the temperature it was drawn with
    original_probability: float
    candidates: tuple[tuple[str, float], ...]  # the most probable tokens
    loss: float  # of the generator: -ln p(original) at temperature 1, in nats

    @property
    def replaced(self) -> bool:
        """A sample equal to the original counts as original (Clark et al. 2020, section 2)."""
        return self.sampled != self.original


@dataclass(frozen=True)
class ReplacedText:
    """A text before and after the generator; L tokens."""

    text: str
    tokens: tuple[str, ...]
    input_ids: tuple[int, ...]
    masked_ids: tuple[int, ...]
    corrupted_ids: tuple[int, ...]
    corrupted_tokens: tuple[str, ...]
    word_ids: tuple[int | None, ...]
    replacements: tuple[GeneratedReplacement, ...]
    temperature: float

    @property
    def labels(self) -> tuple[bool, ...]:
        """True where the token is not the original one."""
        return tuple(
            known and one != other
            for known, one, other in zip(self.judged, self.input_ids, self.corrupted_ids, strict=True)
        )

    @property
    def judged(self) -> tuple[bool, ...]:
        """False at special tokens, and where the viewer wrote [MASK]: nobody knows the original."""
        return tuple(word is not None for word in self.word_ids)


@dataclass(frozen=True)
class DetectionScore:
    """Verdicts against the truth, special tokens left out."""

    right: int  # replaced and called so
    called: int  # called replaced
    replaced: int
    tokens: int

    @property
    def precision(self) -> float:
        """0 where nothing was called replaced."""
        return self.right / self.called if self.called else 0.0

    @property
    def recall(self) -> float:
        """0 where nothing was replaced."""
        return self.right / self.replaced if self.replaced else 0.0

    @property
    def f1(self) -> float:
        """2 right / (called + replaced)."""
        return 2 * self.right / (self.called + self.replaced) if self.called + self.replaced else 0.0


@dataclass(frozen=True, eq=False)
class DetectionMeasure:
    """Verdicts over several corrupted texts; N tokens in all, special tokens left out."""

    rate: float
    temperature: float
    corrupted: tuple[tuple[int, ...], ...]  # input_ids of each text
    labels: tuple[tuple[int, ...], ...]  # of each text, 1 replaced, 0 original, -100 special
    masked: tuple[tuple[int, ...], ...]  # of each text, the positions that the generator filled
    probabilities: np.ndarray  # (N,) float32
    replaced: np.ndarray  # (N,) bool

    @property
    def lucky(self) -> int:
        """How many samples of the generator are the original token."""
        return sum(len(positions) for positions in self.masked) - int(self.replaced.sum())


@dataclass(frozen=True, eq=False)
class DetectionCurves:
    """How well probabilities tell replaced from original tokens, at every threshold."""

    roc: np.ndarray  # (3, M): false positive rate, true positive rate, threshold
    precision_recall: np.ndarray  # (3, M): recall, precision, threshold
    calibration: np.ndarray  # (3, B): mean probability, share replaced, tokens in the bin
    auc: float
    average_precision: float
    best_f1: float
    best_threshold: float


@dataclass(frozen=True)
class WordSuspicion:
    """One word as the discriminator and a causal model see it."""

    word: str
    probability: float  # of having been replaced: the highest among its tokens
    rank: int | None  # of the causal model: the worst among its tokens; None for the first token


# --- model anatomy -----------------------------------------------------------------------------------------------

Component = Literal["embeddings", "attention", "feed-forward", "normalization", "pooler", "head"]
Sharing = Literal["none", "attention", "feed-forward", "all"]  # what the layers have in common


@dataclass(frozen=True)
class ParameterGroup:
    """The weights of an architecture that do one job in one layer."""

    component: Component
    part: str  # "token", "position", "query", "up", ...
    layer: int | None  # None outside the layers
    parameters: int  # tied or shared weights are counted where they come first
    multiplied: int  # weights that a vector is multiplied by, so without embeddings, biases and normalization
    uses: int  # times that one token goes through them: the number of layers where all layers share them
    per_sequence: bool = False  # used once for a whole text, not once for each token


@dataclass(frozen=True)
class PublishedTotal:
    """The number of parameters as a paper or a model card has it."""

    text: str  # "110M"
    parameters: int
    last_digit: int  # worth of the last digit that is given: 1,000,000 for "117M"
    counted: int  # what the architecture has, with the head that fits (see ``models/architectures.toml``)
    agrees: bool  # counted rounds to it
    source: str
    note: tuple[str, str] | None  # English, Korean: why it does not agree


@dataclass(frozen=True)
class Anatomy:
    """What an architecture is made of, from its configuration alone."""

    name: str
    family: str
    model_class: str  # of Transformers
    layers: int  # L, as often as a token goes through one
    hidden_size: int  # H
    heads: int  # A
    vocab_size: int  # V
    embedding_size: int  # E
    positions: int  # most tokens that it can read; 0 where nothing limits them
    groups: tuple[ParameterGroup, ...]
    score_width: int  # attention costs this many FLOPs for each pair of tokens in each layer
    published: PublishedTotal | None = None
    source: str = ""
    source_url: str = ""

    @property
    def parameters(self) -> int:
        """All of them, each counted once: ``sum(p.numel() for p in model.parameters())``."""
        return sum(group.parameters for group in self.groups)

    def component_parameters(self, component: Component) -> int:
        return sum(group.parameters for group in self.groups if group.component == component)

    def at_most(self, tokens: int) -> int:
        """So many tokens, or as many as it can read: FLOPs are never those of a text that it cannot."""
        return min(tokens, self.positions or tokens)

    def group_flops(self, group: ParameterGroup, tokens: int) -> float:
        """Floating point operations of one token of a text of ``tokens`` in these weights, forward only."""
        return 2 * group.multiplied * group.uses / (self.at_most(tokens) if group.per_sequence else 1)

    def score_flops(self, tokens: int) -> float:
        """Floating point operations of one token for attention scores and weighted sums, over all layers."""
        return float(self.score_width * self.at_most(tokens) * self.layers)

    def component_flops(self, component: Component, tokens: int) -> float:
        scores = self.score_flops(tokens) if component == "attention" else 0.0
        return scores + sum(self.group_flops(group, tokens) for group in self.groups if group.component == component)

    def flops(self, tokens: int) -> float:
        """Floating point operations per token of one forward pass, with the head at every position."""
        return self.score_flops(tokens) + sum(self.group_flops(group, tokens) for group in self.groups)

    def memory(self, bits: int) -> float:
        """Bytes of the weights, at so many bits for each."""
        return self.parameters * bits / 8


@dataclass(frozen=True)
class ResidualGrowth:
    """How far the residual stream of GPT-2s with random weights spreads: standard deviations, one for each depth."""

    width: int
    layers: tuple[int, ...]
    scaled: tuple[float, ...]  # output weights 1/sqrt(N) as large, N residual layers
    unscaled: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class VectorLengths:
    """How long the token vectors of a text are: before the first layer and after each that is read."""

    model: str
    text: str
    pre_norm: bool  # normalizes before each sublayer, not after
    lengths: np.ndarray  # (layers + 1,) the mean over all tokens but the first
    first: np.ndarray  # (layers + 1,) the first token


# --- sentence pairs ----------------------------------------------------------------------------------------------

SegmentIds = Literal["right", "zeros", "ones", "swapped"]  # which token_type_ids a pair is read with


@dataclass(frozen=True)
class PairVerdict:
    """Two texts in one sequence of L tokens, and what a head on [CLS] says about them."""

    model: str
    tokens: tuple[str, ...]
    input_ids: tuple[int, ...]
    token_type_ids: tuple[int, ...]
    expected_type_ids: tuple[int, ...]  # as the tokenizer writes them; others where the segments are wrong on purpose
    special: tuple[bool, ...]
    logits: tuple[float, float]  # IsNext and NotNext; of a head for sentence order: right and swapped
    probability: float  # of the first of the two


@dataclass(frozen=True, eq=False)
class PairInput:
    """What goes into the first layer, L tokens: the sum of token, segment and position embeddings."""

    model: str
    parts: tuple[str, ...]  # of "token", "segment", "position" those that the model has
    norms: np.ndarray  # (P + 1, L): lengths of the parts, the last row that of the sum
    segment_distance: float  # length of the difference between the embeddings of segments A and B


@dataclass(frozen=True)
class SentenceTriple:
    """A sentence, the one that follows it, and one from another text."""

    first: str
    next: str
    random: str
    near: bool = False  # the random sentence is about something similar


@dataclass(frozen=True)
class TripleVerdict:
    """The probability that a head gives to each kind of pair that a triple makes."""

    triple: SentenceTriple
    next: float  # first, next
    random: float  # first, random
    swapped: float  # next, first


@dataclass(frozen=True)
class Share:
    """Hits among trials, with the 95% interval of Wilson 1927."""

    hits: int
    trials: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """0 where there are no trials."""
        return self.hits / self.trials if self.trials else 0.0


@dataclass(frozen=True)
class PairAccuracy:
    """How well a head does two tasks over the same triples, a pair being positive from probability 0.5 on."""

    model: str
    positive: dict[str, Share]  # "next", "random", "near" (random, of a similar topic), "swapped": called positive
    topic: Share  # next against random: what NSP is trained for
    order: Share  # next against swapped: what SOP is trained for
    ranked_topic: Share  # triples whose next has a higher probability than their random
    ranked_order: Share  # triples whose next has a higher probability than their swapped


@dataclass(frozen=True)
class ScoredChoice:
    """A context and its endings, each scored as a sequence of its own."""

    context: str
    endings: tuple[str, ...]
    right: int | None
    scores: dict[str, tuple[float, ...]]  # "nsp": IsNext logit; "sum", "mean": log-likelihood of an ending, per token
    tokens: tuple[int, ...]  # of each ending for the causal model; empty without one

    def shares(self, scorer: str) -> tuple[float, ...]:
        """Softmax over the scalars of the endings."""
        scores = np.array(self.scores[scorer])
        weights = np.exp(scores - scores.max())
        return tuple(float(weight) for weight in weights / weights.sum())

    def best(self, scorer: str) -> int:
        """The ending with the highest scalar."""
        return int(np.argmax(self.scores[scorer]))


# --- knowledge -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClozeRow:
    """One candidate for a blank, without and with a fact in front of the sentence."""

    word: str
    tokens: tuple[str, ...]  # more than one: the blank was as many [MASK] long
    before: float  # probability
    rank_before: int | None  # among all V tokens; None for more than one token
    after: float | None  # None where there is no fact
    rank_after: int | None


@dataclass(frozen=True)
class Cloze:
    """What a masked model puts in the one blank of a sentence."""

    model: str
    text: str
    fact: str
    rows: tuple[ClozeRow, ...]


@dataclass(frozen=True)
class Triple:
    """One edge of a knowledge graph."""

    head: str
    relation: str
    tail: str
    source: str  # "WordNet 3.0" or "this project"
    sentence: str


@dataclass(frozen=True)
class GraphNode:
    """A word of the graph; hops from the words of the sentence, 0 for those."""

    name: str
    hops: int
    x: float
    y: float


@dataclass(frozen=True)
class CandidatePath:
    """The shortest path in the graph from a word of the sentence to a candidate."""

    candidate: str
    concepts: tuple[str, ...]  # the candidate's words that the graph knows
    words: tuple[str, ...]  # of the path, from the sentence's to the candidate's; none where there is no path
    relations: tuple[str, ...]  # one between two words of the path


@dataclass(frozen=True)
class KnowledgeGraph:
    """The triples around the words of a sentence and its candidates, the nearest first."""

    nodes: tuple[GraphNode, ...]
    triples: tuple[Triple, ...]
    left_out: int  # triples within reach that are not drawn
    concepts: tuple[str, ...]  # the sentence's words that the graph knows
    paths: tuple[CandidatePath, ...]  # one for each candidate


@dataclass(frozen=True)
class ClozeItem:
    """A question with one blank, the fact that answers it, and a wrong answer."""

    relation: str
    text: str
    answer: str
    fact: str
    wrong: str


@dataclass(frozen=True)
class ClozeItemResult:
    """One item plain, with its fact, with the wrong answer in front; three values each, in this order."""

    item: ClozeItem
    ranks: tuple[int, int, int]  # of the answer
    guesses: tuple[str, str, str]
    probabilities: tuple[float, float, float]  # of the answer
    prior_rank: int  # of the answer where nothing but the blank is read


@dataclass(frozen=True)
class RelationScore:
    """The items of a relation under one condition, with a bootstrap interval of the mean reciprocal rank."""

    relation: str
    condition: str  # "plain", "fact", "misprime", "prior"
    items: int
    top1: float
    top5: float
    mrr: float
    low: float
    high: float


@dataclass(frozen=True)
class ComparedCandidate:
    """A candidate as one model sees it."""

    word: str
    tokens: int  # that the score sums over
    log_probability: float
    share: float  # softmax over the candidates


@dataclass(frozen=True)
class ComparedCloze:
    """The candidates of a blank, scored by one model."""

    model: str
    causal: bool
    rows: tuple[ComparedCandidate, ...]


# --- distillation ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HiddenSentence:
    """A sentence with some tokens under [MASK]."""

    tokens: tuple[str, ...]
    input_ids: tuple[int, ...]
    masked_ids: tuple[int, ...]  # input_ids with [MASK] at the hidden positions
    positions: tuple[int, ...]  # that are hidden
    maskable: tuple[bool, ...]
    labels: tuple[int, ...]  # of the hidden positions; -100 where [MASK] was typed and nobody knows the truth


@dataclass(frozen=True)
class SoftTarget:
    """What teacher and student expect at one hidden position, at one temperature."""

    position: int
    original: str | None  # None where [MASK] was typed
    candidates: tuple[tuple[str, float, float], ...]  # token, teacher's and student's probability, teacher's best first
    kl: float  # KL(teacher || student) in nats, times T^2
    teacher_entropy: float  # nats
    beyond_first: float  # what the teacher gives to all tokens but its first: the dark knowledge


@dataclass(frozen=True)
class DistillationLosses:
    """DistilBERT's three terms, one value for each hidden position, and their weighted sum."""

    tokens: tuple[str, ...]
    positions: tuple[int, ...]
    temperature: float
    kl: np.ndarray  # (n,) KL(teacher || student) at T, times T^2, nats
    cosine: np.ndarray | None  # (n,) 1 - cosine of the last hidden states; None where widths differ
    mlm: np.ndarray  # (n,) cross entropy with the truth, nats; NaN where nobody knows it
    projected: bool  # the student's hidden states went through a projection to the teacher's width
    weights: tuple[float, float, float]  # of kl, mlm, cosine

    @property
    def means(self) -> tuple[float, float | None, float | None]:
        """(kl, mlm, cosine) over the hidden positions; None for a term that cannot be computed."""
        known = self.mlm[~np.isnan(self.mlm)]
        cosine = None if self.cosine is None else float(self.cosine.mean())
        return float(self.kl.mean()), float(known.mean()) if len(known) else None, cosine

    @property
    def total(self) -> float:
        """Weighted sum of the terms that there are."""
        return sum(weight * mean for weight, mean in zip(self.weights, self.means, strict=True) if mean is not None)


@dataclass(frozen=True)
class LayerPair:
    """A student's layer and the teacher's that it imitates, counted from 1."""

    student: int
    teacher: int
    attention_mse: float  # mean over heads and pairs of tokens
    hidden_mse: float | None  # None without a projection to the teacher's width


@dataclass(frozen=True)
class TinyBertTerms:
    """The terms that TinyBERT adds, for one sentence."""

    tokens: tuple[str, ...]
    pairs: tuple[LayerPair, ...]
    embedding_mse: float | None
    per_head: bool  # False where the numbers of heads differ: then attention is averaged over heads first
    teacher: np.ndarray  # (pairs, heads, L, L) attention of the teacher's layer of each pair
    student: np.ndarray  # (pairs, heads, L, L)


@dataclass(frozen=True)
class ModelCost:
    """Size and speed of a model, measured on this computer."""

    model: str
    model_class: str  # of Transformers; the parameters are those of this one
    layers: int
    hidden_size: int
    parameters: int
    file_bytes: int
    milliseconds: np.ndarray  # (repetitions,) for one sentence, the mean over the sentences


@dataclass(frozen=True)
class DistillationAgreement:
    """How far student and teacher agree on hidden tokens; all arrays have one value for each token."""

    same_first: np.ndarray  # bool: both expect the same token most
    teacher_right: np.ndarray  # bool
    student_right: np.ndarray  # bool
    kl: np.ndarray  # KL(teacher || student) at T = 1, nats
    masked: tuple[tuple[int, ...], ...]  # input_ids of each sentence as the models read it
    labels: tuple[tuple[int, ...], ...]  # -100 where nothing was hidden


# --- fine-tuning ---------------------------------------------------------------------------------------------------

HeadShape = Literal["pair", "single", "answer", "tagging"]  # (a), (b), (c), (d) in Devlin et al. 2019, figure 4
TuningTask = Literal["single", "pair", "tagging"]
GPT1Task = Literal["classification", "entailment", "similarity", "choice"]  # Radford et al. 2018, figure 1


@dataclass(frozen=True)
class HeadInput:
    """One input on its way through the encoder and a head that starts at random."""

    model: str
    shape: HeadShape
    tokens: tuple[str, ...]
    token_type_ids: tuple[int, ...]
    tensors: tuple[tuple[str, tuple[int, ...]], ...]  # name in Transformers, shape; in the order of the calculation
    hidden: np.ndarray  # (L, H) last_hidden_state
    pooled: np.ndarray | None  # (H,) what a head on the whole input reads
    outputs: tuple[str, ...]  # names of the head's outputs
    logits: np.ndarray  # (1, outputs), or (L, outputs) where the head reads every token
    read: tuple[int, ...]  # positions that the head reads
    head_parameters: int
    encoder_parameters: int


@dataclass(frozen=True)
class ChoiceInput:
    """A text with K possible continuations on their way through the encoder and a head that starts at random."""

    model: str
    sequences: tuple[tuple[str, ...], ...]  # tokens of each choice, without padding
    token_type_ids: tuple[tuple[int, ...], ...]
    tensors: tuple[tuple[str, tuple[int, ...]], ...]
    hidden: np.ndarray  # (K, H) last hidden state of each [CLS]
    logits: np.ndarray  # (K,)
    probabilities: np.ndarray  # (K,) softmax over the choices
    head_parameters: int
    encoder_parameters: int


@dataclass(frozen=True)
class MaskedInput:
    """One input on its way through the encoder and its trained masked-language head."""

    model: str
    tokens: tuple[str, ...]
    token_type_ids: tuple[int, ...]
    tensors: tuple[tuple[str, tuple[int, ...]], ...]
    hidden: np.ndarray  # (L, H) last_hidden_state
    masked: tuple[int, ...]  # positions of [MASK]
    best: tuple[tuple[str, ...], ...]  # (L, k) the likeliest tokens at each position
    logits: np.ndarray  # (L, k) of these tokens
    probabilities: np.ndarray  # (L, k)
    head_parameters: int  # without the decoder's matrix, which is that of the word embeddings
    encoder_parameters: int


@dataclass(frozen=True)
class InputTransformation:
    """A task as one sequence or more, as GPT-1 writes it."""

    model: str
    task: GPT1Task
    sequences: tuple[tuple[str, ...], ...]  # tokens; "<s>", "$" and "<e>" are the new ones
    markers: tuple[tuple[bool, ...], ...]  # which tokens are new
    tensors: tuple[tuple[str, tuple[int, ...]], ...]
    extract: np.ndarray  # (sequences, H) the last hidden state of each extract token
    scores: np.ndarray  # what the new layer says: (classes,) or one for each sequence; softmax gives probabilities
    new_parameters: int


@dataclass(frozen=True)
class LabelledExample:
    """One row of the table. For tagging, ``label`` is written ``Anna = person; Oslo = place``."""

    text: str
    label: str
    pair: str = ""


@dataclass(frozen=True)
class TuningSettings:
    """How a model is fine-tuned."""

    task: TuningTask = "single"
    scope: Literal["head", "all"] = "all"  # which weights are trained
    reads: Literal["pooler", "mean", "extract"] = "pooler"  # the pooled [CLS], the mean of the last hidden states, or
    # the last hidden state of GPT-1's extract token, by a causal model that stays as it is
    start: Literal["pretrained", "random"] = "pretrained"  # of the encoder; the head always starts at random
    encoder_rate: float = 2e-4  # highest learning rate of AdamW; falls linearly to 0
    head_rate: float = 1e-3
    epochs: int = 8
    batch_size: int = 8
    folds: int = 4  # one part in so many is held out
    seed: int = 0


@dataclass(frozen=True)
class TuningStep:
    """One step of training; the held-out figures are there at the start and at the end of each epoch."""

    step: int
    loss: float | None  # cross-entropy of the batch, nats; None before the first step
    held_out_loss: float | None = None
    held_out_accuracy: float | None = None


@dataclass(frozen=True)
class FineTuning:
    """What became of a training."""

    model: str
    settings: TuningSettings
    labels: tuple[str, ...]
    train: tuple[LabelledExample, ...]
    held_out: tuple[LabelledExample, ...]
    steps: tuple[TuningStep, ...]
    accuracy: Share  # of the held-out texts, or of their words
    majority: float  # share of the most frequent label among them
    confusion: np.ndarray  # (labels, labels) counts: row the true label, column the predicted one
    pieces: tuple[tuple[str, ...], ...]  # what gets a label: each held-out text itself, or its words
    truth: tuple[tuple[int, ...], ...]  # the true label of each piece
    probabilities: tuple[np.ndarray, ...]  # (pieces, labels) for each held-out text
    trained_parameters: int
    all_parameters: int
    seconds: float


@dataclass(frozen=True)
class Classified:
    """What a fine-tuned model says about a text, or about each of its words."""

    pieces: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: np.ndarray  # (pieces, labels)
