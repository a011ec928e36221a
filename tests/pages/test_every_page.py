"""What must hold on every page as a Korean class reads it on the projector: each page is opened once for all tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.content import examples_of
from components.site import PAGES, PageInfo
from models.catalogue import ROOT

# What only a Korean viewer reads, with a number or a word that was calculated for it.
CALCULATED = {
    "tokenizer_explorer": r"\*\*토큰 8개\*\* · 토큰당 2\.2글자",
    "masking_simulator": r"비율과 상관없이 토큰을 하나씩만 가림\): \*\*\d+\.\d\*\*",
    "attention_viewer": r"이 글에서 보이는 패턴: \*\*← 앞 토큰\*\*",
    "qa_highlighter": r"확률 9\d\.\d% · 점수 \d\.\d\d · “답 없음” -\d+\.\d\d · 글자 89–95",
    "prompt_lab": r"^2토큰 · 멈춤 문자열이 나옴$",
    "electra_detector": r"바뀌었을 확률: 8\d\.\d%",
    "model_anatomy": r"발표 \*\*110M\*\*, 계산 \*\*110\.1M\*\*: 일치합니다",
    "sentence_pairs": r"둘 사이의 거리는 0\.\d\d입니다",
    "fine_tuning_heads": r"파라미터 770개가 무작위로 시작하니",
    "knowledge": r"앞에 놓기 전과 놓은 뒤: \*\*A spade is used for digging",
    "distillation": r"교사의 엔트로피 \d\.\d\d nat",
}
RESULTS = ("bidi_component", "html", "iframe", "metric", "plotly_chart")
# The controls that are folded away: text and settings, whose result is what the class came for.
FOLDED = {
    "tokenizer_explorer": {"text", "pair", "special"},
    "masking_simulator": {"text", "rate", "shares", "seed", "model", "unit", "beside"},
    "attention_viewer": {"text", "pair", "model"},
    "qa_highlighter": {"context", "question", "model", "threshold", "longest", "top_n", "max_length", "doc_stride"},
    "prompt_lab": {"model", "task", "question", "draw", "flip", "sample", "temperature", "seed", "length", "stop"},
    "electra_detector": {"text", "model"},
    "model_anatomy": {"model", "beside", "area", "by", "tokens"},
    "sentence_pairs": {"text", "pair", "model"},
    "fine_tuning_heads": {"text", "pair", "labels", "model"},
    "knowledge": {"text", "candidates", "model"},
    "distillation": {"text", "teacher", "student"},
}
# Fields of an element that hold no words of ours: what the viewer wrote, or code.
NOT_READ = {"id", "value", "raw_value", "raw_values", "placeholder", "js_content", "css_content", "srcdoc", "icon"}
NAMES = {"I want to go home.", "BERT base, 110M"}  # of examples, the same in both languages


README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=PAGES, ids=[page.name for page in PAGES])
def info(request: pytest.FixtureRequest) -> PageInfo:
    page: PageInfo = request.param
    return page


@pytest.fixture(scope="module")
def app(info: PageInfo) -> AppTest:
    app = AppTest.from_file(str(ROOT / "pages" / f"{info.name}.py"), default_timeout=120)
    app.session_state["lang"] = "ko"
    app.session_state["lecture"] = True
    return app.run()


def strings(value: Any, name: str = "") -> Iterator[str]:
    """All that is written in an element, down to the names in a figure."""
    if name in NOT_READ or isinstance(value, bytes):
        return
    if isinstance(value, str):
        yield from strings(json.loads(value)) if name in ("json", "spec") else [value]
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from strings(one, key)
    elif hasattr(value, "ListFields"):
        for field, one in value.ListFields():
            yield from strings(one, field.name)
    elif hasattr(value, "__iter__"):
        for one in value:
            yield from strings(one, name)


def writings(app: AppTest) -> list[str]:
    """What stands on the page: labels, tips, sentences, columns of tables and the names in figures."""
    shown = [one for one in app.main if one.type not in ("main", "code", "html")]
    columns = [str(column) for table in app.dataframe for column in table.value.columns]
    return columns + [text for one in shown for text in strings(one.proto)]


def keys(block: Any) -> set[str]:
    """The controls in a part of the page."""
    return {one.key for one in block if isinstance(getattr(one, "key", None), str)}


def test_it_is_calculated_and_reads_korean(info: PageInfo, app: AppTest) -> None:
    assert not app.exception
    assert not app.error
    assert app.title[0].value == info.titles[1]
    metrics = [f"{one.label} {one.value}" for one in app.metric]
    assert [one for one in [*writings(app), *metrics] if re.search(CALCULATED[info.name], one)]
    assert [one.label for one in app.expander[-3:]] == ["지금 무엇을 보고 있나요?", "코드 보기", "내려받기"]


def test_no_sentence_is_left_in_english(app: AppTest) -> None:
    """Two words of English side by side are one, unless there is Korean around them."""
    read = set(writings(app)) - NAMES
    assert len(read) > 50
    english = [text for text in read if re.search("[a-z]{2,} [a-z]{2,}", text) and not re.search("[가-힣]", text)]
    assert english == []


def test_text_and_settings_are_folded_and_the_result_is_not(info: PageInfo, app: AppTest) -> None:
    [fold] = [one for one in app.expander if one.label.endswith("글과 설정")]
    assert not fold.proto.expanded
    assert FOLDED[info.name] <= keys(fold)
    assert "view" not in keys(fold)
    assert not [one.type for one in fold if one.type in RESULTS]
    assert len(fold.text_area) == len(app.text_area)
    assert [one.type for one in app.main if one.type in RESULTS]


def test_the_lecturer_has_the_next_example_and_notes_and_says_the_rest(info: PageInfo, app: AppTest) -> None:
    first, second = examples_of(info.name)[:2]
    [following] = [one for one in app.button if one.label == "다음 예시"]
    assert (following.proto.shortcut, following.help) == ("n", second.name["ko"])
    assert [one.key for one in app.selectbox if one.label == "예시"] == ["example"]
    assert not [one for one in app.pills if one.key == "example"]
    assert first.presenter
    [notes] = [one for one in app.get("popover") if one.proto.popover.label == "강의 메모"]
    assert [one.value for one in notes.markdown] == [first.presenter["ko"]]
    assert len(app.get("popover")) == 1, "the cards of models are left out"
    assert info.leads[1] not in [one.value for one in app.markdown], "and so is what the lecturer says"


def test_figures_have_large_type(app: AppTest) -> None:
    for figure in app.get("plotly_chart"):
        spec = json.loads(figure.proto.spec)
        layout = spec["layout"]
        assert all(one["textfont"]["size"] >= 15 for one in spec["data"] if one.get("textposition") == "outside")
        assert all(one["font"]["size"] >= 15 for one in layout.get("annotations", []) if "font" in one)
        sizes = [layout["font"]["size"], *(layout[axis]["tickfont"]["size"] for axis in layout if axis[1:5] == "axis")]
        assert min(sizes) >= 15
    assert all('class="lecture"' in one.proto.srcdoc for one in app.get("iframe"))


def test_no_parameter_of_the_readme_is_strange_to_another_view(info: PageInfo, app: AppTest) -> None:
    """What a viewer chose in one view stays in the address while another is shown, and goes with the link."""
    rows = README.split(f"### `/{info.name}`\n")[1].split("\n#")[0].splitlines()
    parameters = {name for row in rows if row.startswith("| `") for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert len(parameters) >= 7
    assert parameters - app.session_state["controls of the page"] == set()
