"""The playground as a viewer meets it, with the network blocked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from components.site import SECTIONS
from tests.browser.conftest import PATIENCE, open_view, settle

Visit = Callable[[str], Page]
SENTENCE = "/tokenizer_explorer?text=I+want+to+go+home."
BERT_IDS = ["101", "1045", "2215", "2000", "2175", "2188", "1012", "102"]
GPT2_IDS = ["40", "765", "284", "467", "1363", "13"]


def ids_of(page: Page, list_number: int) -> list[str]:
    return page.locator(".chips").nth(list_number).locator(".below").all_inner_texts()


def test_the_first_link_opened_shows_both_id_lists_and_what_can_be_done_with_them(visit: Visit) -> None:
    page = visit(SENTENCE)
    expect(page.locator(".chips")).to_have_count(2)
    assert ids_of(page, 0) == BERT_IDS
    assert ids_of(page, 1) == GPT2_IDS
    expect(page.get_by_test_id("stSidebarNav").get_by_text("Tokenizer explorer")).to_be_visible()
    hovering_and_keys_tell_about_a_token(page)
    the_result_can_be_taken_away(page)
    typing_changes_the_tokens(page)


def hovering_and_keys_tell_about_a_token(page: Page) -> None:
    chip = page.locator(".chips").first.locator(".chip").nth(2)
    chip.hover()
    expect(page.locator(".tip").first).to_contain_text("bytes 77 61 6e 74")
    expect(page.locator(".piece.together").first).to_have_text("want")
    page.locator(".chips").first.locator(".chip").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tip").first).to_contain_text("entry 1,045")


def the_result_can_be_taken_away(page: Page) -> None:
    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    written = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert [str(i) for i in written["gpt2"]["input_ids"]] == GPT2_IDS
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV · bert-base-uncased").click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()[1].startswith("0,[CLS],101")


def typing_changes_the_tokens(page: Page) -> None:
    page.get_by_label("Text", exact=True).fill("unaffable")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".chips").first).to_contain_text("##ffa")
    expect(page).to_have_url(re.compile("text=unaffable"))


def test_home_says_what_this_is_and_draws_live_miniatures(visit: Visit) -> None:
    page = visit("/")
    expect(page.get_by_role("heading", name="playground")).to_be_visible()
    expect(page.locator(".chips")).to_have_count(8)
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


def test_korean_is_one_click_away_and_in_the_address(visit: Visit) -> None:
    page = visit(SENTENCE)
    page.get_by_test_id("stSidebar").get_by_text("한국어").click()
    expect(page.get_by_role("heading", name="토크나이저 탐험")).to_be_visible()
    expect(page).to_have_url(re.compile("lang=ko"))
    over = (
        "pages => pages.map(page => [page.innerText, getComputedStyle(page, '::before').content.replaceAll('\"', '')])"
    )
    titles = dict(page.locator("[data-testid=stSidebarNavItems] > li").evaluate_all(over))
    shown = {text.splitlines()[-1]: title for text, title in titles.items() if title != "none"}  # below the icon
    assert shown == {section.pages[0].titles[1]: section.titles[1] for section in SECTIONS}
    page.reload()
    expect(page.get_by_role("heading", name="토크나이저 탐험")).to_be_visible()


def test_a_model_out_of_reach_is_a_sentence_and_the_rest_works(visit: Visit) -> None:
    page = visit("/tokenizer_explorer?right=albert-base-v2")
    expect(page.get_by_text("The hub cannot be reached")).to_be_visible()
    assert ids_of(page, 0) == BERT_IDS


def test_markup_in_the_address_is_only_text(visit: Visit) -> None:
    text = quote(
        "<script>alert(1)</script><img src=x onerror=alert(1)></textarea><svg/onload=alert(1)>"
        '[click](javascript:alert(1))"><iframe src=javascript:alert(1)>'
    )
    page = visit(
        f"/tokenizer_explorer?text={text}&pair={text}&left={text}&view={text}&new={text}&word={text}&{text}={text}"
    )
    expect(page.locator(".chips")).to_have_count(2)
    expect(page.get_by_text("Part of the address was not used.")).to_be_visible()
    for hostile in ("img[src=x]", "svg[onload]", "iframe[src^=javascript]", "a[href^=javascript]"):
        expect(page.locator(hostile)).to_have_count(0)
    for view, label in (("steps", "Step by step"), ("special", "Special tokens"), ("batch", "Batch")):
        open_view(page, view, label)


def test_a_view_of_one_page_is_not_taken_to_another(visit: Visit) -> None:
    """Both pages call their choice of views ``view``, with other views."""
    page = visit("/prompt_lab?view=surprise")
    page.get_by_role("link", name="What does it know?").click()
    settle(page)
    expect(page.get_by_role("heading", name="What does it know?")).to_be_visible()
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    expect(page.get_by_role("radiogroup", name="View").locator("[aria-checked=true]")).to_have_count(1)


def test_positions_that_the_text_does_not_have_are_named(visit: Visit) -> None:
    page = visit("/distillation?at=500")
    expect(page.get_by_text("“at” cannot be “500”; showing “5”.")).to_be_visible(timeout=PATIENCE)
    page = visit("/masking_simulator?hand=3,500")
    expect(page.get_by_text("“hand” cannot be “3,500”; showing “3”.")).to_be_visible(timeout=PATIENCE)
    page = visit("/masking_simulator?hand=500&no_such*name=1")
    expect(page.get_by_text("“no_such*name” is not used in this view.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("“hand” cannot be “500”; left out.")).to_be_visible(timeout=PATIENCE)


def test_what_another_view_of_the_page_needs_stays_in_the_link(visit: Visit) -> None:
    page = visit("/attention_viewer?view=embeddings&layer=3")
    expect(page.get_by_role("radio", name="Input vectors")).to_be_checked()
    expect(page.get_by_text("Part of the address was not used.")).to_have_count(0)
    page.get_by_role("radio", name="One head").click()
    expect(page.get_by_role("slider", name="Layer")).to_have_value("3")


def test_who_comes_back_to_a_page_finds_it_as_it_was_left(visit: Visit) -> None:
    page = visit("/masking_simulator")
    text = page.get_by_label("Text", exact=True)
    text.fill("Snow fell on the mountain all night.")
    text.press("Control+Enter")
    expect(page.locator(".chip", has_text="mountain")).to_be_visible(timeout=PATIENCE)
    settle(page)
    page.get_by_role("radio", name="Statistics").click()
    expect(page).to_have_url(re.compile("view=statistics"), timeout=PATIENCE)
    settle(page)
    page.get_by_role("link", name="What does it know?").click()
    expect(page.get_by_role("heading", name="What does it know?")).to_be_visible(timeout=PATIENCE)
    settle(page)
    expect(page.get_by_label("Sentence with one [MASK]")).not_to_have_value(re.compile("mountain"))
    page.get_by_role("link", name="Masking simulator").first.click()
    expect(page.locator(".chip", has_text="mountain")).to_be_visible(timeout=PATIENCE)
    settle(page)
    expect(text).to_have_value("Snow fell on the mountain all night.")
    expect(page.get_by_role("radio", name="Statistics")).to_be_checked()
    expect(page).to_have_url(re.compile("view=statistics"))
    expect(page.get_by_text("Part of the address was not used.")).to_have_count(0)


def test_the_browser_of_these_tests_reaches_nothing_outside_and_tells_what_was_asked(
    page: Page, outside: list[str]
) -> None:
    for address in ("https://example.org/x.png", "http://192.0.2.1/x.png"):
        with page.expect_event("requestfailed") as failed:
            page.set_content(f"<img src='{address}'>")
        assert failed.value.failure == "net::ERR_NAME_NOT_RESOLVED"
    assert outside == ["https://example.org/x.png", "http://192.0.2.1/x.png"]


def test_a_list_speaks_the_language_that_was_switched_to_and_keeps_what_was_picked(visit: Visit) -> None:
    page = visit("/attention_viewer?view=head&head=mean")
    for language, label, picked in (("한국어", "헤드", "전체 평균"), ("English", "Head", "mean of all")):
        page.get_by_role("radio", name=language).click()
        expect(page.get_by_label(label, exact=True)).to_have_value(picked, timeout=PATIENCE)
    assert "head=mean" in page.url
