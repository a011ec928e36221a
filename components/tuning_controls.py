"""The controls of the fine-tuning page: what goes into a head, the table of labelled examples, how to train."""

from __future__ import annotations

import base64
import json
import zlib
from contextlib import AbstractContextManager
from typing import Any

import pandas as pd
import streamlit as st

from components.address import carried, choice, line, number, paragraph, pick_seed, rows_in
from components.content import lines_of
from components.language import t
from models.results import FineTuning, LabelledExample, TuningSettings

__all__ = [
    "DEFAULTS",
    "LABELS",
    "edit_table",
    "pick_settings",
    "pick_shape",
    "settings_in_words",
    "write_choices",
    "write_gpt1",
    "write_shape",
    "write_test",
]

PAGE = "fine_tuning_heads"
TASKS = ("single", "pair", "tagging")
ENTITIES = ("O", "person", "place")
LABELS = 5  # of a sentence, at most
RATES = ("0", "1e-05", "2e-05", "5e-05", "0.0001", "0.0002", "0.0005", "0.001", "0.003", "0.01", "0.03")
LONGEST_ROWS = 3900  # characters of the table in the address
ROWS_FORM = rf"[A-Za-z0-9_=-]{{0,{LONGEST_ROWS}}}"  # the table in the address, compressed
MOST_CHARACTERS = 40_000  # of the table, unpacked
DEFAULTS: dict[str, Any] = {
    "view": "shapes",
    "shape": "pair",
    "text": "The man went to the store.",
    "pair": "He bought a gallon of milk.",
    "choices": "He bought a gallon of milk.\nPenguins are flightless birds.\nHe painted the moon green.",
    "labels": 2,
    "gpt1": "entailment",
    "a": "Two men are repairing a roof in the rain.",
    "b": "People are working outside.",
    "c": "The roof is made of glass and music.",
    "task": "single",
    "rows": "",
    "scope": "all",
    "start": "pretrained",
    "reads": "pooler",
    "encoder_rate": "0.0002",
    "head_rate": "0.001",
    "epochs": TuningSettings.epochs,
    "batch": TuningSettings.batch_size,
    "seed": 0,
    "try": "",
    "try_pair": "",
    "model": "mini-bert",
    "reader": "HuggingFaceTB/SmolLM2-135M-Instruct",
}
TESTS = {
    "single": ("The lecture was short, clear and fun.", ""),
    "pair": ("Three children are flying a kite on the beach.", "Children are outside."),
    "tagging": ("Isabella flew from Lisbon to Peru.", ""),
}


# --- shapes ------------------------------------------------------------------------------------------------------


def pick_shape(fold: AbstractContextManager[object]) -> str:
    """One of BERT's six, with the tasks of the paper that it serves; these go into the ``fold`` of a lecture."""
    options = {
        "pair": t("(a) Sentence pair", "(a) 문장 쌍 분류"),
        "single": t("(b) Single sentence", "(b) 단일 문장 분류"),
        "answer": t("(c) Question answering", "(c) 질의응답"),
        "tagging": t("(d) Tagging", "(d) 태깅"),
        "choice": t("(e) Multiple choice", "(e) 객관식"),
        "masked": t("(f) Pre-training", "(f) 사전학습"),
    }
    label_visibility = "collapsed" if st.session_state.get("lecture") else "visible"
    shape = choice(t("Task", "과제"), options, key="shape", widget=st.pills, label_visibility=label_visibility)
    glue = t(
        "of GLUE, nine tasks (Wang et al. 2018), of which table 1 of the BERT paper reports eight, without WNLI",
        "GLUE의 과제입니다. GLUE는 과제 아홉 개를 모은 벤치마크이고(Wang et al. 2018), BERT 논문의 표 1은 WNLI를 뺀 여덟 개를 보고합니다",
    )
    tasks = {
        "pair": f"MNLI, QQP, QNLI, STS-B, MRPC, RTE: {glue}.",
        "single": f"SST-2, CoLA: {glue}.",
        "answer": t("SQuAD 1.1: the answer is a span of the passage.", "SQuAD 1.1: 답은 지문의 한 구간입니다."),
        "tagging": t(
            "CoNLL-2003 NER: persons, organisations, locations and other names.",
            "CoNLL-2003 NER: 사람, 기관, 장소, 그 밖의 이름을 찾습니다.",
        ),
        "choice": t(
            "SWAG, section 4.4: which of four endings fits? Each is read as a pair, so figure 4 counts it under (a).",
            "SWAG(4.4절): 선택지 네 개 중 어울리는 것을 고릅니다. 선택지마다 문장 쌍으로 읽으므로 그림 4에서는 (a)에 들어 있습니다.",
        ),
        "masked": t(
            "Pre-training itself, section 3.1: the only head here that is already trained.",
            "사전학습 과제 그 자체입니다(3.1절). 여기서 이미 학습되어 있는 헤드는 이것뿐입니다.",
        ),
    }
    with fold:
        st.caption(tasks[shape])
    return shape


def write_shape(shape: str) -> tuple[str, str, tuple[str, ...]]:
    """The text, the second text, and the names of the head's outputs."""
    two = shape in ("pair", "answer")
    names = {
        "pair": (t("Sentence A", "문장 A"), t("Sentence B", "문장 B")),
        "answer": (t("Question", "질문"), t("Passage", "지문")),
    }.get(shape, (t("Sentence", "문장"), ""))
    columns = st.columns(2 if two else 1, gap="medium")
    text = paragraph(names[0], DEFAULTS["text"], key="text", widget=columns[0].text_area)
    pair = paragraph(names[1], DEFAULTS["pair"], key="pair", widget=columns[1].text_area) if two else ""
    if shape == "answer":
        outputs: tuple[str, ...] = ("start", "end")
    elif shape == "tagging":
        outputs = ENTITIES
    elif shape == "masked":
        outputs = ()  # all tokens of the vocabulary
    else:
        many = number(t("Labels", "라벨 수"), 2, LABELS, key="labels", default=2, width=240)
        outputs = tuple(f"{place}" for place in range(many))
    return text, pair, outputs


def write_choices() -> tuple[str, tuple[str, ...]]:
    """A text and its possible continuations."""
    columns = st.columns(2, gap="medium")
    text = paragraph(t("Text", "글"), DEFAULTS["text"], key="text", widget=columns[0].text_area)
    label = t("Choices, one a line", "선택지(한 줄에 하나)")
    lines = paragraph(label, DEFAULTS["choices"], key="choices", widget=columns[1].text_area)
    return text, tuple(one.strip() for one in lines.splitlines() if one.strip())


def write_gpt1() -> tuple[str, tuple[str, ...]]:
    """One of GPT-1's tasks and its texts."""
    options = {
        "classification": t("Classification", "분류"),
        "entailment": t("Entailment", "함의"),
        "similarity": t("Similarity", "유사도"),
        "choice": t("Multiple choice", "객관식"),
    }
    task = choice(t("Task", "과제"), options, key="gpt1", default=DEFAULTS["gpt1"], widget=st.pills)
    names = {
        "classification": (t("Text", "글"),),
        "entailment": (t("Premise", "전제"), t("Hypothesis", "가설")),
        "similarity": (t("Text 1", "글 1"), t("Text 2", "글 2")),
        "choice": (t("Context", "상황"), t("Answer 1", "선택지 1"), t("Answer 2", "선택지 2")),
    }[task]
    columns = st.columns(len(names), gap="medium")
    return task, tuple(
        paragraph(label, DEFAULTS[key], key=key, widget=place.text_area)
        for place, key, label in zip(columns, "abc", names, strict=False)
    )


# --- the table of labelled examples ------------------------------------------------------------------------------


def bundled(task: str) -> list[LabelledExample]:
    """The page's own examples of a task."""
    rows = [line.split("\t") for line in lines_of(PAGE, f"{task}.tsv")]
    return [LabelledExample(row[0], row[-1], row[1] if task == "pair" else "") for row in rows]


def edit_table(task: str) -> tuple[LabelledExample, ...]:
    """The labelled examples, edited in a table; a table that differs from the bundled one goes into the address."""
    carried("rows", ROWS_FORM)
    if st.session_state.setdefault("rows of", task) != task:
        st.session_state["rows of"], st.session_state["rows"] = task, ""
        st.query_params.pop("rows", None)
    own = bundled(task)
    base = st.session_state.setdefault("table of examples", {"number": 0})
    if (base.get("task"), base.get("written")) != (task, st.session_state["rows"]):
        rows = _unpacked(st.session_state["rows"]) or own
        base.update(task=task, written=st.session_state["rows"], rows=rows, found=rows, number=base["number"] + 1)
    elif f"table {base['number']}" not in st.session_state:  # the editor was away, and Streamlit forgot its edits
        base["rows"] = base["found"]
    labels = {
        "text": t("sentence A", "문장 A") if task == "pair" else t("sentence", "문장"),
        "pair": t("sentence B", "문장 B"),
        "label": t("tags", "태그") if task == "tagging" else t("label", "라벨"),
    }
    columns = [name for name in labels if name != "pair" or task == "pair"]
    frame = pd.DataFrame([[getattr(one, name) for name in columns] for one in base["rows"]], columns=columns, dtype=str)
    edited = st.data_editor(
        frame,
        key=f"table {base['number']}",
        num_rows="dynamic",
        hide_index=True,
        height=300,
        column_config={
            name: st.column_config.TextColumn(labels[name], width="large" if name != "label" else "medium")
            for name in columns
        },
    )
    found = tuple(
        LabelledExample(row["text"].strip(), row["label"].strip(), row.get("pair", "").strip())
        for row in edited.fillna("").to_dict("records")
        if any(value.strip() for value in row.values())
    )
    written = _packed(found) if list(found) != own else ""
    if len(written) > LONGEST_ROWS:
        st.caption(
            t(
                ":material/link_off: The link leaves this table out: it is too long.",
                ":material/link_off: 표가 너무 길어 링크에 담기지 않습니다.",
            )
        )
        written = ""
    st.session_state["rows"] = base["written"] = written
    base["found"] = list(found)
    carried("rows", ROWS_FORM)
    return found


def _packed(rows: tuple[LabelledExample, ...]) -> str:
    text = json.dumps([[one.text, one.label, one.pair] for one in rows], ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def _unpacked(written: str) -> list[LabelledExample]:
    """Examples out of the address; none where they cannot be read."""
    try:
        text = zlib.decompressobj().decompress(base64.urlsafe_b64decode(written), MOST_CHARACTERS)
    except (ValueError, zlib.error):
        return []
    return [LabelledExample(*row) for row in rows_in(text.decode(errors="replace"), 3)]


# --- training ----------------------------------------------------------------------------------------------------


def _names() -> dict[str, dict[str, str]]:
    """What the settings are called: ``{setting: {value: name}}``."""
    return {
        "task": {
            "pair": t("(a) Does B follow from A?", "(a) A가 참이면 B도 참일까?"),
            "single": t("(b) Positive or negative?", "(b) 긍정일까, 부정일까?"),
            "tagging": t("(d) Persons and places", "(d) 사람과 장소"),
        },
        "scope": {"all": t("encoder and head", "인코더와 헤드"), "head": t("head only", "헤드만")},
        "start": {"pretrained": t("pre-trained", "사전학습 가중치"), "random": t("at random", "무작위")},
        "reads": {"pooler": t("pooled [CLS]", "풀링한 [CLS]"), "mean": t("mean of all tokens", "모든 토큰의 평균")},
    }


def settings_in_words(settings: TuningSettings) -> dict[str, str]:
    """``{what it is: value}`` of the settings that a class compares."""
    names = _names()
    rates = [f"{settings.encoder_rate:g}"] if settings.scope == "all" else []
    reads = t("extract token", "추출 토큰") if settings.reads == "extract" else names["reads"][settings.reads]
    reads = t("every token", "토큰마다") if settings.task == "tagging" else reads
    return {
        t("task", "과제"): names["task"][settings.task],
        t("trained", "학습할 부분"): names["scope"][settings.scope],
        t("encoder starts", "인코더 초기화"): names["start"][settings.start],
        t("head reads", "헤드의 입력"): reads,
        t("learning rate", "학습률"): " / ".join([*rates, f"{settings.head_rate:g}"]),
        t("epochs", "에포크"): str(settings.epochs),
    }


def pick_settings(causal: bool) -> TuningSettings:
    """What to train, and how; of a ``causal`` model only the head, which reads GPT-1's extract token."""
    tasks = _names()["task"]
    if causal:
        del tasks["tagging"]
    task: Any = choice(t("Task", "과제"), tasks, key="task", default="single", widget=st.pills)
    left, right = st.columns(2, gap="large")
    with left:
        scope, start, reads = _gpt1_way(task) if causal else _pick_parts(task)
    with right:
        encoder_rate = DEFAULTS["encoder_rate"]
        if not causal:
            encoder_rate = choice(
                t("Learning rate, pre-trained part", "사전학습된 부분의 학습률"),
                {rate: rate for rate in RATES},
                key="encoder_rate",
                default=DEFAULTS["encoder_rate"],
                widget=st.select_slider,
                disabled=scope == "head",
            )
        head_rate = choice(
            t("Learning rate, head", "헤드의 학습률"),
            {rate: rate for rate in RATES},
            key="head_rate",
            default=DEFAULTS["head_rate"],
            widget=st.select_slider,
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            epochs = number(t("Epochs", "에포크"), 1, 20, key="epochs", default=DEFAULTS["epochs"], width=120)
            batch = number(t("Batch", "배치"), 1, 32, key="batch", default=DEFAULTS["batch"], width=120)
            seed = pick_seed(t("Seed", "시드"), width=105)
    return TuningSettings(
        task=task,
        scope=scope,
        reads=reads,
        start=start,
        encoder_rate=float(encoder_rate),
        head_rate=float(head_rate),
        epochs=epochs,
        batch_size=batch,
        seed=seed,
    )


def _pick_parts(task: str) -> tuple[Any, Any, Any]:
    """Which weights of a BERT are trained, how its encoder starts, and what the head reads."""
    names = _names()
    scope = choice(t("Train", "학습할 부분"), names["scope"], key="scope")
    start = choice(t("The encoder starts", "인코더 초기화"), names["start"], key="start")
    if task == "tagging":
        return scope, start, "pooler"
    reads = choice(t("The head reads", "헤드의 입력"), names["reads"], key="reads")
    return scope, start, reads


def _gpt1_way(task: str) -> tuple[Any, Any, Any]:
    """The same of a causal model, where nothing is left to pick."""
    form = "`<s>` A `$` B `<e>`" if task == "pair" else t("`<s>` text `<e>`", "`<s>` 글 `<e>`")
    st.markdown(
        t(
            f"**GPT-1's way, head only**: {form}, and a new linear layer reads the last hidden state of `<e>`. "
            "The model and the random vectors of the new tokens stay as they are.",
            f"**GPT-1 방식, 헤드만**: {form} 순서로 넣고, 새 선형층이 `<e>`의 마지막 은닉 상태를 읽습니다. 모델과 새 토큰의 무작위 "
            "벡터는 그대로 둡니다.",
        )
    )
    return "head", "pretrained", "extract"


def write_test(task: str) -> tuple[str, str]:
    """A new text for the model that was just trained."""
    example, example_pair = TESTS[task]
    label = t("Sentence A", "문장 A") if task == "pair" else t("Your sentence", "직접 쓴 문장")
    with st.container(horizontal=True):
        text = line(label, "", key="try", placeholder=example) or example
        if task != "pair":
            return text, ""
        pair = line(t("Sentence B", "문장 B"), "", key="try_pair", placeholder=example_pair) or example_pair
    return text, pair


# --- for the code and the downloads --------------------------------------------------------------------------------


def table_of_examples(examples: tuple[LabelledExample, ...]) -> pd.DataFrame:
    """The labelled examples as they stand in the table."""
    return pd.DataFrame([(one.text, one.pair, one.label) for one in examples], columns=["text", "pair", "label"])


def as_code(settings: TuningSettings) -> dict[str, Any]:
    """The settings under the names that the shown code gives them."""
    names = ("scope", "start", "encoder_rate", "head_rate", "epochs", "batch_size", "seed")
    own = {name: getattr(settings, name) for name in names}
    if settings.reads == "extract":
        return {name: own[name] for name in ("head_rate", "epochs", "batch_size", "seed")}
    return own if settings.task == "tagging" else {**own, "reads": settings.reads}


def examples_as_code(record: FineTuning) -> dict[str, Any]:
    """The split that was trained on, for the shown code."""

    def rows(part: tuple[LabelledExample, ...]) -> list[tuple[str, str | None, str]] | list[tuple[str, str]]:
        if record.settings.task == "tagging":
            return [(one.text, one.label) for one in part]
        return [(one.text, one.pair or None, one.label) for one in part]

    return {"train": rows(record.train), "held_out": rows(record.held_out)}
