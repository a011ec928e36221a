"""The attention viewer as a viewer meets it, with the network blocked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.conftest import settle

Visit = Callable[[str], Page]
PATH = "/attention_viewer"
HOSTILE = "%3C%2Fscript%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+%3Cb%3Ex"


def bertviz(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title^=bertviz]")


def test_bertviz_draws_its_lines_without_a_network(visit: Visit) -> None:
    page = visit(PATH)
    lines = bertviz(page).locator("#attention line")
    expect(lines).to_have_count(12 * 13 * 13)
    strongest = bertviz(page).locator(
        "g[head-index='2'] line[left-token-index='2'][right-token-index='1']"
    )  # head 2 of layer 0: the token before
    assert float(strongest.get_attribute("stroke-opacity") or 0) == pytest.approx(1, abs=0.005)
    assert bertviz(page).locator("g[head-index='3'] line").first.get_attribute("stroke-opacity") == "0"
    bertviz(page).locator("svg > g:last-child rect").nth(2).dblclick()  # all heads
    expect(strongest).to_have_attribute("stroke-opacity", re.compile(r"^0\.08"))
    assert bertviz(page).locator("#left text").all_text_contents()[:3] == ["[CLS]", "the", "cat"]


def test_the_selection_in_bertviz_survives_a_rerun(visit: Visit) -> None:
    page = visit(PATH)
    bertviz(page).locator("#layer").select_option("4")
    bertviz(page).locator("svg > g:last-child rect").nth(3).dblclick()  # this head alone
    page.get_by_text("Take it away").click()
    with page.expect_download():  # which runs the page again
        page.get_by_role("button", name="JSON").click()
    settle(page)
    expect(bertviz(page).locator("#layer")).to_have_value("4")
    assert bertviz(page).locator("g[head-index='2'] line").first.get_attribute("stroke-opacity") == "0"


def test_bertviz_opens_at_the_head_that_is_picked(visit: Visit) -> None:
    page = visit(PATH)
    page.get_by_role("combobox", name="Head").click()
    page.get_by_role("option", name="7", exact=True).click()
    expect(page).to_have_url(re.compile("head=7"))
    expect(bertviz(page).locator("g[head-index='2'] line").first).to_have_attribute("stroke-opacity", "0")
    expect(bertviz(page).locator("g[head-index='7'] line").first).not_to_have_attribute("stroke-opacity", "0")


def test_an_example_changes_the_whole_address(visit: Visit) -> None:
    page = visit(PATH)
    page.get_by_role("radio", name="Where attention misleads").click()
    for part in ("view=compare", "what=texts", "layer=3", "head=1", "text2=The"):
        expect(page).to_have_url(re.compile(part))
    page.reload()
    settle(page)
    expect(page.get_by_label("The same text, one word different")).to_have_value(re.compile("too small"))


def test_a_pair_can_be_filtered(visit: Visit) -> None:
    page = visit(f"{PATH}?pair=Me+too.")
    bertviz(page).locator("#filter").select_option(label="Sentence A -> Sentence B")
    expect(bertviz(page).locator("#right text").first).to_have_text("me")
    expect(bertviz(page).locator("#left text").first).to_have_text("[CLS]")


def test_the_model_view_and_the_dark_theme(visit: Visit, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    visit(f"{PATH}?kind=model")
    expect(bertviz(page).locator("rect.attn_background")).to_have_count(72)
    background = bertviz(page).locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert background == "rgb(17, 22, 31)"
    bertviz(page).locator("svg").click(position={"x": 200, "y": 80})
    expect(bertviz(page).locator("text.detail").first).to_have_text(re.compile("Layer 0, Head"))


def test_a_thumbnail_opens_its_head(visit: Visit) -> None:
    page = visit(f"{PATH}?view=grid")
    expect(page.locator(".heads button")).to_have_count(72)
    page.get_by_role("button", name=re.compile("^Layer 0, head 2, previous token")).hover()
    expect(page.locator(".heads .tip")).to_contain_text("previous token 100%")
    page.get_by_role("button", name=re.compile("^Layer 1, head 8,")).click()
    expect(page).to_have_url(re.compile("view=head"))
    expect(page).to_have_url(re.compile("layer=1"))
    expect(page).to_have_url(re.compile("head=8"))
    settle(page)
    expect(page.get_by_text("next token")).to_be_visible()


def test_keys_walk_over_the_thumbnails(visit: Visit) -> None:
    page = visit(f"{PATH}?view=grid")
    page.locator(".heads button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".heads .tip")).to_contain_text("Layer 1, head 1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("view=head"))


def test_hovering_a_token_lists_weights(visit: Visit) -> None:
    page = visit(f"{PATH}?view=head")
    page.locator(".chips .chip").nth(2).hover()
    expect(page.locator(".tip").first).to_contain_text("looks at: the 1.00")
    expect(page.locator(".tip").first).to_contain_text("is looked at by: sat 1.00")


def test_a_click_asks_another_token_what_it_sees(visit: Visit) -> None:
    page = visit(f"{PATH}?view=masks&beside=causal-mask")
    expect(page.locator(".chips")).to_have_count(2)
    page.locator(".chips").nth(1).locator(".chip").nth(2).click()
    expect(page.locator(".chips").nth(1).locator(".chip.struck")).to_have_count(10)
    expect(page.locator(".chips").nth(0).locator(".chip.struck")).to_have_count(0)


def test_512_tokens_are_soon_on_screen(visit: Visit) -> None:
    text = "+".join(("the cat sat on a mat and saw another cat in the garden . " * 40).split()[:510])
    page = visit(f"{PATH}?view=head&text={text}")  # the model runs here
    start = time.perf_counter()
    page.get_by_test_id("stMain").get_by_text("All heads", exact=True).click()
    expect(page.locator(".heads button")).to_have_count(72)
    assert time.perf_counter() - start < 10, "3 s where nothing else runs"


@pytest.mark.parametrize("view", ["bertviz", "head", "meaning", "compare"])
def test_markup_in_the_text_is_only_text(visit: Visit, view: str) -> None:
    page = visit(f"{PATH}?view={view}&text={HOSTILE}&pair={HOSTILE}&text2={HOSTILE}&what=texts")
    expect(page.get_by_text("Take it away")).to_be_visible()
    for hostile in ("img[src=x]", "svg[onload]"):
        expect(page.locator(hostile)).to_have_count(0)
    if view == "bertviz":
        expect(bertviz(page).locator("img")).to_have_count(0)
        expect(bertviz(page).locator("#left text").nth(1)).to_have_text("<")


def test_a_model_out_of_reach_is_a_sentence_above_the_previous_result(visit: Visit) -> None:
    page = visit(f"{PATH}?model=gpt2")
    expect(page.get_by_text("The hub cannot be reached")).to_be_visible()
    page = visit(f"{PATH}?view=masks&beside=causal-mask")
    page.get_by_role("combobox", name="Beside it").click()
    page.get_by_role("option", name="gpt2", exact=True).click()
    expect(page.get_by_text("The hub cannot be reached")).to_be_visible()
    expect(page.locator(".chips")).to_have_count(2)


def test_bertviz_can_be_taken_away_and_opened_alone(visit: Visit, page: Page, tmp_path: Path) -> None:
    visit(PATH)
    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML · bertviz head view").click()
    download.value.save_as(tmp_path / "view.html")
    alone = page.context.new_page()
    alone.set_content((tmp_path / "view.html").read_text(encoding="utf-8"))
    expect(alone.locator("#attention line")).to_have_count(12 * 13 * 13)


def test_bertviz_is_not_cut_off_on_a_narrow_screen(visit: Visit) -> None:
    page = visit("/attention_viewer")
    for width in (390, 760, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        frame = page.frame_locator("iframe").first
        words = frame.locator("svg text", has_text="because")
        expect(words).to_have_count(2)
        page.wait_for_function("() => document.querySelector('iframe').getBoundingClientRect().width > 250")
        for word in words.all():
            box, edge = word.bounding_box() or {}, page.locator("iframe").first.bounding_box() or {}
            assert edge["x"] <= box["x"] < box["x"] + box["width"] <= edge["x"] + edge["width"]
