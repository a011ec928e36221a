"""The pages of the playground: file, icon, title and one sentence, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from components.language import t

__all__ = ["HOME", "PAGES", "SECTIONS", "PageInfo", "Section", "page_info"]


@dataclass(frozen=True)
class PageInfo:
    """One page; its URL path is ``name``, its file ``pages/<name>.py``, its texts ``content/<name>/``."""

    name: str
    icon: str
    titles: tuple[str, str]  # English, Korean
    leads: tuple[str, str]

    @property
    def title(self) -> str:
        return t(*self.titles)

    @property
    def menu_title(self) -> str:
        return t("Home", "홈") if self.name == "home" else self.title

    @property
    def lead(self) -> str:
        return t(*self.leads)


@dataclass(frozen=True)
class Section:
    """Pages that answer one question, below each other in the sidebar and on Home."""

    titles: tuple[str, str]
    pages: tuple[PageInfo, ...]

    @property
    def title(self) -> str:
        return t(*self.titles)


HOME = PageInfo(
    name="home",
    icon=":material/home:",
    titles=("Pre-trained language models: a playground", "사전학습 언어 모델 놀이터"),
    leads=(
        "Type a sentence and see what BERT, GPT-2 and their relatives do with it. "
        "Real models compute it at this moment (figures taken from papers name them), and every page shows the code that "
        "gives its numbers. The address of a page is its state: share the link and others see what you see.",
        "문장을 입력하면 BERT, GPT-2와 같은 계열의 모델들이 그 문장을 어떻게 다루는지 바로 볼 수 있습니다. "
        "지금 이 순간 실제 모델이 계산하며(논문에서 가져온 수치에는 출처를 적었습니다), 페이지마다 같은 숫자를 내는 코드를 함께 보여 줍니다. "
        "주소에 페이지의 상태가 담겨 있으니, 링크를 보내면 상대방도 같은 화면을 봅니다.",
    ),
)

SECTIONS: tuple[Section, ...] = (
    Section(
        titles=("What is inside", "모델 안에는 무엇이 있을까"),
        pages=(
            PageInfo(
                name="tokenizer_explorer",
                icon=":material/data_array:",
                titles=("Tokenizer explorer", "토크나이저 탐험"),
                leads=(
                    "A model never sees letters, only the numbers of its tokens. See how two tokenizers cut the same text.",
                    "모델은 글자가 아니라 토큰 번호만 봅니다. 같은 글을 두 토크나이저가 어떻게 자르는지 비교해 보세요.",
                ),
            ),
            PageInfo(
                name="attention_viewer",
                icon=":material/visibility:",
                titles=("Attention viewer", "어텐션 보기"),
                leads=(
                    "Each token looks at others and takes something from them. See who looks at whom, in every layer and head.",
                    "토큰은 다른 토큰을 보고 거기서 무언가를 가져옵니다. 층과 헤드마다 누가 누구를 보는지 살펴보세요.",
                ),
            ),
            PageInfo(
                name="model_anatomy",
                icon=":material/account_tree:",
                titles=("Model anatomy", "모델 해부"),
                leads=(
                    "Where do 110 million parameters go, and what do they cost? Take models apart, and build one of your own.",
                    "파라미터 1억 1천만 개는 어디에 쓰일까요? 모델을 뜯어보고, 크기를 바꿔 직접 만들어 보세요.",
                ),
            ),
            PageInfo(
                name="knowledge",
                icon=":material/hub:",
                titles=("What does it know?", "무엇을 알고 있을까?"),
                leads=(
                    "Ask a model for facts and common sense with a blank. Put a fact in front, by hand or from a small knowledge graph, and compare.",
                    "빈칸 문제로 사실과 상식을 물어보세요. 직접 쓰거나 작은 지식 그래프에서 고른 사실을 앞에 놓고 전후를 비교할 수 있습니다.",
                ),
            ),
        ),
    ),
    Section(
        titles=("How they learn", "어떻게 배울까"),
        pages=(
            PageInfo(
                name="masking_simulator",
                icon=":material/ink_eraser:",
                titles=("Masking simulator", "마스킹 실험실"),
                leads=(
                    "BERT learns by filling in blanks. Hide tokens, see what it guesses, and find out why 15% and 80/10/10.",
                    "BERT는 빈칸을 채우며 배웁니다. 토큰을 가리고 무엇을 추측하는지, 왜 15%이고 왜 80/10/10인지 확인해 보세요.",
                ),
            ),
            PageInfo(
                name="sentence_pairs",
                icon=":material/swap_horiz:",
                titles=("Sentence pairs", "문장 쌍"),
                leads=(
                    "Does B follow A, in what order do they stand, and which ending fits? See what BERT's sentence head looks at, and what it misses.",
                    "B는 A에 이어질까요, 순서는 맞을까요, 어떤 선택지가 어울릴까요? BERT의 문장 헤드가 무엇을 보고 무엇을 놓치는지 확인해 보세요.",
                ),
            ),
            PageInfo(
                name="electra_detector",
                icon=":material/troubleshoot:",
                titles=("ELECTRA token detector", "ELECTRA 토큰 탐정"),
                leads=(
                    "A generator swaps some words, a discriminator says for every token: original or replaced. Change a word, or play against it.",
                    "생성기가 단어 몇 개를 바꾸면 판별기가 토큰마다 원래 것인지 바뀐 것인지 말합니다. 단어를 바꿔 보고, 게임으로 겨뤄 보세요.",
                ),
            ),
            PageInfo(
                name="distillation",
                icon=":material/school:",
                titles=("Distillation", "지식 증류"),
                leads=(
                    "A small student learns from everything its teacher says, not only from the right word. Hide a word and compare the two.",
                    "작은 학생 모델은 정답 단어만이 아니라 교사의 출력 전체에서 배웁니다. 단어를 가리고 둘을 비교해 보세요.",
                ),
            ),
        ),
    ),
    Section(
        titles=("What they can do", "무엇을 할 수 있을까"),
        pages=(
            PageInfo(
                name="fine_tuning_heads",
                icon=":material/model_training:",
                titles=("Fine-tuning heads", "미세조정 헤드"),
                leads=(
                    "One pre-trained model, one new layer, a few labelled examples. See every tensor's shape, then train one yourself.",
                    "사전학습 모델 하나에 새 층 하나를 얹고 라벨 붙은 예시 몇 개로 가르칩니다. 모든 텐서의 모양을 확인한 뒤 직접 학습해 보세요.",
                ),
            ),
            PageInfo(
                name="qa_highlighter",
                icon=":material/format_ink_highlighter:",
                titles=("QA span highlighter", "답 형광펜"),
                leads=(
                    "Two vectors score every token as the start and as the end of the answer. Ask a passage, and see why it lights up where it does.",
                    "벡터 두 개가 토큰마다 답의 시작과 끝일 점수를 매깁니다. 지문에 물어보고, 왜 그곳이 칠해지는지 살펴보세요.",
                ),
            ),
            PageInfo(
                name="prompt_lab",
                icon=":material/edit_square:",
                titles=("Prompt lab", "프롬프트 실험실"),
                leads=(
                    "GPT-2 and GPT-3 do tasks they were never trained for, if the prompt asks well. Write one, add examples, and measure.",
                    "GPT-2와 GPT-3는 프롬프트만 잘 쓰면 배운 적 없는 과제도 해냅니다. 프롬프트를 쓰고 예시를 늘려 가며 성능을 측정해 보세요.",
                ),
            ),
        ),
    ),
)

PAGES = tuple(page for section in SECTIONS for page in section.pages)


def page_info(name: str) -> PageInfo:
    """The page with this name."""
    return next(page for page in (HOME, *PAGES) if page.name == name)
