"""The playground as a viewer meets it, with the network blocked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle

Visit = Callable[[str], Page]
SENTENCE = "/tokenizer_explorer?text=I+want+to+go+home."
BERT_IDS = ["101", "1045", "2215", "2000", "2175", "2188", "1012", "102"]
GPT2_IDS = ["40", "765", "284", "467", "1363", "13"]


def ids_of(page: Page, list_number: int) -> list[str]:
    return page.locator(".chips").nth(list_number).locator(".below").all_inner_texts()


def test_the_first_link_opened_shows_both_id_lists(visit: Visit) -> None:
    page = visit(SENTENCE)
    expect(page.locator(".chips")).to_have_count(2)
    assert ids_of(page, 0) == BERT_IDS
    assert ids_of(page, 1) == GPT2_IDS
    expect(page.get_by_test_id("stSidebarNav").get_by_text("Tokenizer explorer")).to_be_visible()


def test_home_says_what_this_is_and_draws_live_miniatures(visit: Visit) -> None:
    page = visit("/")
    expect(page.get_by_role("heading", name="playground")).to_be_visible()
    expect(page.locator(".chips")).to_have_count(6)
    assert page.locator(".chips").first.locator(".token").all_inner_texts()[1:4] == ["pre", "##train", "##ing"]
    page.get_by_test_id("stMain").get_by_role("link", name="Tokenizer explorer").click()
    expect(page).to_have_url(re.compile("/tokenizer_explorer"))


def test_an_example_changes_page_and_address_and_a_reload_keeps_both(visit: Visit) -> None:
    page = visit(SENTENCE)
    page.get_by_role("radio", name="A pair").or_(page.get_by_role("button", name="A pair")).click()
    expect(page).to_have_url(re.compile("pair=Me"))
    settle(page)
    expect(page.locator(".chips").first).to_contain_text("too")
    before = ids_of(page, 0)
    page.reload()
    settle(page)
    expect(page.locator(".chips").first).to_contain_text("too")
    assert ids_of(page, 0) == before


def test_typing_changes_the_tokens(visit: Visit) -> None:
    page = visit(SENTENCE)
    page.get_by_label("Text", exact=True).fill("unaffable")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".chips").first).to_contain_text("##ffa")
    expect(page).to_have_url(re.compile("text=unaffable"))


def test_hovering_and_keys_tell_about_a_token(visit: Visit) -> None:
    page = visit(SENTENCE)
    chip = page.locator(".chips").first.locator(".chip").nth(2)
    chip.hover()
    expect(page.locator(".tip").first).to_contain_text("bytes 77 61 6e 74")
    expect(page.locator(".piece.together").first).to_have_text("want")
    page.locator(".chips").first.locator(".chip").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tip").first).to_contain_text("entry 1,045")


def test_korean_is_one_click_away_and_in_the_address(visit: Visit) -> None:
    page = visit(SENTENCE)
    page.get_by_test_id("stSidebar").get_by_text("한국어").click()
    expect(page.get_by_role("heading", name="토크나이저 탐험")).to_be_visible()
    expect(page).to_have_url(re.compile("lang=ko"))
    page.reload()
    expect(page.get_by_role("heading", name="토크나이저 탐험")).to_be_visible()


def test_a_model_out_of_reach_is_a_sentence_and_the_rest_works(visit: Visit) -> None:
    page = visit("/tokenizer_explorer?right=albert-base-v2")
    expect(page.get_by_text("The hub cannot be reached")).to_be_visible()
    assert ids_of(page, 0) == BERT_IDS


def test_the_result_can_be_taken_away(visit: Visit) -> None:
    page = visit(SENTENCE)
    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    written = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert [str(i) for i in written["gpt2"]["input_ids"]] == GPT2_IDS
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV · bert-base-uncased").click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()[1].startswith("0,[CLS],101")


@pytest.mark.parametrize(
    "text",
    [
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "%3Cimg+src%3Dx+onerror%3Dalert(1)%3E",
        "%3C%2Ftextarea%3E%3Csvg%2Fonload%3Dalert(1)%3E",
        "%5Bclick%5D(javascript%3Aalert(1))",
        "%22%3E%3Ciframe+src%3Djavascript%3Aalert(1)%3E",
    ],
)
def test_markup_in_the_address_is_only_text(visit: Visit, text: str) -> None:
    page = visit(f"/tokenizer_explorer?text={text}&pair={text}&left={text}&view={text}&{text}={text}")
    expect(page.locator(".chips")).to_have_count(2)
    expect(page.get_by_text("Part of the address was not used.")).to_be_visible()
    for hostile in ("img[src=x]", "svg[onload]", "iframe[src^=javascript]", "a[href^=javascript]"):
        expect(page.locator(hostile)).to_have_count(0)
    for view in ("steps", "special", "batch"):
        visit(f"/tokenizer_explorer?text={text}&view={view}&new={text}&word={text}")


@pytest.mark.parametrize(
    ("name", "path", "settings"),
    [
        ("default", SENTENCE, {}),
        ("dark", SENTENCE, {"color_scheme": "dark"}),
        ("narrow", SENTENCE, {"width": 390}),
        ("korean", "/tokenizer_explorer?text=나는+집에+가고+싶다.&lang=ko", {}),
        ("lecture", SENTENCE + "&lecture=1", {}),
        ("error", "/tokenizer_explorer?text=+&right=albert-base-v2", {}),
        ("home", "/", {}),
        ("home-narrow", "/", {"width": 390}),
    ],
)
def test_pictures_of_the_pages(visit: Visit, page: Page, name: str, path: str, settings: dict[str, object]) -> None:
    """Keep a picture of each state, and see that no page scrolls sideways."""
    page.set_viewport_size({"width": int(str(settings.get("width", 1280))), "height": 900})
    page.emulate_media(color_scheme=settings.get("color_scheme", "light"))  # type: ignore[arg-type]
    visit(path)
    folder = Path(__file__).parent / "screenshots"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    inner = page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    assert (wide, inner) == (0, 0)
