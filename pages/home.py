"""Home: what this is, a card for every page, and which models are ready."""

import pandas as pd
import streamlit as st

from components.feedback import attempt
from components.language import t
from components.lecture import show_points
from components.miniatures import MINIATURES
from components.page import page_header
from components.site import SECTIONS
from models.anatomy import architecture
from models.attention import head_of, load_for_attention
from models.catalogue import entries
from models.distillation import hide, soft_targets
from models.heads import head_input
from models.knowledge import fill_blank
from models.loading import availability, load_model, load_tokenizer
from models.masking import corrupt
from models.question_answering import answer
from models.replaced_tokens import detect, ids_of
from models.results import MaskingSettings
from models.sentence_pairs import judge
from models.tokenization import tokenize

QUESTION = ("When did she move to Oslo?", "Born in 1901, Ada left Bergen in 1923 and moved to Oslo in 1931.")


def detected(text):
    detector = load_model("mini-electra", "PreTraining")
    return detect(detector, ids_of(detector, text))


def softened(text):
    teacher = load_model("mini-bert", "MaskedLM")
    blank = hide(teacher, text)
    return {T: soft_targets(teacher, teacher, blank, T)[0] for T in (0.5, 1.0)}


page_header("home")
lecture = bool(st.session_state.get("lecture"))
points = st.expander(
    t("The lecture, point by point", "강의 순서대로 보기"),
    icon=":material/menu_book:",
    expanded=lecture,
    key=f"points {lecture}",
    on_change="rerun",
)
if points.open:  # forty buttons that most viewers never see
    with points:
        show_points()
slots = {}
for section in SECTIONS:
    st.header(section.title, anchor=False)
    for number, info in enumerate(section.pages):
        if number % 2 == 0:
            row = st.columns(2, gap="medium")
        with row[number % 2], st.container(border=True, height="stretch"):
            st.page_link(f"{info.name}.py", label=f"**{info.title}**", icon=info.icon)
            st.markdown(info.lead)
            slots[info.name] = st.empty()

st.header(t("Models", "모델"), anchor=False)
st.markdown(
    t(
        "Embedded ones work without a network; the others are fetched from the Hugging Face hub when you pick them.",
        "내장 모델은 네트워크 없이 쓸 수 있고, 나머지는 고를 때 Hugging Face 허브에서 받아 옵니다.",
    )
)
places = {
    "embedded": t("embedded", "내장"),
    "packaged": t("packaged", "패키지"),
    "cache": t("on this computer", "이 컴퓨터에 저장됨"),
    "hub": t("on the hub", "허브에 있음"),
}
objectives = {
    "masked language modelling": t("masked language modelling", "마스크 언어 모델링"),
    "causal language modelling": t("causal language modelling", "인과 언어 모델링"),
    "permutation language modelling": t("permutation language modelling", "순열 언어 모델링"),
    "next sentence prediction": t("next sentence prediction", "다음 문장 예측"),
    "sentence order prediction": t("sentence order prediction", "문장 순서 예측"),
    "instruction tuning": t("instruction tuning", "지시 튜닝"),
    "distillation": t("distillation", "증류"),
    "extractive question answering": t("extractive question answering", "추출형 질의응답"),
    "replaced token detection": t("replaced token detection", "바뀐 토큰 탐지"),
}
models = pd.DataFrame(
    {
        t("model", "모델"): [entry.name for entry in entries()],
        t("tokenizer", "토크나이저"): [places[availability(entry, tokenizer_only=True)] for entry in entries()],
        t("weights", "가중치"): [places[availability(entry)] for entry in entries()],
        t("parameters (M)", "파라미터(백만)"): [round(entry.parameters / 1e6, 1) for entry in entries()],
        t("size (MB)", "크기(MB)"): [round(entry.size_bytes / 1e6) for entry in entries()],
        t("licence", "라이선스"): [entry.licence for entry in entries()],
        t("paper", "논문"): [entry.paper for entry in entries()],
        t("objective", "학습 목표"): [
            ", ".join(objectives[one] for one in entry.objective.split(", ")) for entry in entries()
        ],
    }
)
st.dataframe(models, hide_index=True, height="content", alt=t("All models", "모든 모델"))

# The cards' pictures come last, so that the page is there at once; they are computed like everything else.
pictures = {
    "tokenizer_explorer": lambda: [
        tokenize(load_tokenizer(name), "Pretraining helps!") for name in ("bert-base-uncased", "gpt2")
    ],
    "masking_simulator": lambda: corrupt(
        load_tokenizer("mini-bert"), "BERT learns by filling in blanks.", MaskingSettings(rate=0.4, seed=2)
    ),
    "attention_viewer": lambda: head_of(
        load_for_attention("mini-bert"), "The animal was too tired: it slept.", "", 3, 1
    ),
    "qa_highlighter": lambda: answer(load_model("mini-bert-squad", "QuestionAnswering"), *QUESTION),
    "prompt_lab": lambda: tokenize(load_tokenizer("gpt2"), "sea otter => loutre de mer\ncheese =>"),
    "electra_detector": lambda: detected("The doctor gave the patient some guitar for the pain."),
    "model_anatomy": lambda: [architecture(name) for name in ("bert-base-uncased", "albert-base-v2")],
    "sentence_pairs": lambda: judge(
        load_model("mini-bert", "NextSentencePrediction"), "She went to the store.", "She bought some milk."
    ),
    "fine_tuning_heads": lambda: head_input(
        load_model("mini-bert", "Model"), "single", "What a wonderful film!", "", ("0", "1")
    ),
    "knowledge": lambda: fill_blank(
        load_model("mini-bert", "MaskedLM"),
        "She cut the bread with a [MASK].",
        "A knife is used for cutting.",
        ("knife", "spoon", "hammer"),
    ),
    "distillation": lambda: softened("The king and his wife had three [MASK]."),
}
for page, calculate in pictures.items():
    with slots[page].container():
        result = attempt(page, calculate)
        if result is not None:
            MINIATURES[page](result)
