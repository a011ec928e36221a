"""The attention viewer as a viewer meets it, with the network blocked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, WebSocket, expect

from tests.browser.conftest import fits_a_phone, open_view, settle

Visit = Callable[[str], Page]
PATH = "/attention_viewer"
HOSTILE = "%3C%2Fscript%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+%3Cb%3Ex+%3Csvg+onload%3Dalert(1)%3E"


def bertviz(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title^=bertviz]")


def test_bertviz_draws_its_lines_fits_and_can_be_taken_away(visit: Visit, tmp_path: Path) -> None:
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
    is_not_cut_off_on_a_narrow_screen(page)
    can_be_opened_alone(page, tmp_path / "view.html")


def is_not_cut_off_on_a_narrow_screen(page: Page) -> None:
    for width in (390, 760, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        words = bertviz(page).locator("svg text", has_text="because")
        expect(words).to_have_count(2)
        page.wait_for_function("() => document.querySelector('iframe').getBoundingClientRect().width > 250")
        for word in words.all():
            box, edge = word.bounding_box() or {}, page.locator("iframe").first.bounding_box() or {}
            assert edge["x"] <= box["x"] < box["x"] + box["width"] <= edge["x"] + edge["width"]


def can_be_opened_alone(page: Page, file: Path) -> None:
    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML · bertviz head view").click()
    download.value.save_as(file)
    alone = page.context.new_page()
    alone.set_content(file.read_text(encoding="utf-8"))
    expect(alone.locator("#attention line")).to_have_count(12 * 13 * 13)


def test_the_selection_in_bertviz_survives_a_rerun_and_ends_with_another_head(visit: Visit, page: Page) -> None:
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    visit(PATH)
    bertviz(page).locator("#layer").select_option("4")
    bertviz(page).locator("svg > g:last-child rect").nth(3).dblclick()  # this head alone
    with sockets[0].expect_event("framesent"):
        page.locator("h1").click()
        page.keyboard.press("r")  # Streamlit's key to run the page again
    settle(page)
    expect(bertviz(page).locator("#layer")).to_have_value("4")
    lines = bertviz(page).locator
    assert lines("g[head-index='2'] line").first.get_attribute("stroke-opacity") == "0"
    assert lines("g[head-index='3'] line").first.get_attribute("stroke-opacity") != "0"
    page.get_by_role("combobox", name="Head").click()
    page.get_by_role("option", name="7", exact=True).click()
    expect(page).to_have_url(re.compile("head=7"))
    expect(lines("g[head-index='3'] line").first).to_have_attribute("stroke-opacity", "0")
    expect(lines("g[head-index='7'] line").first).not_to_have_attribute("stroke-opacity", "0")


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
    fits_a_phone(page)


def test_a_thumbnail_opens_its_head_by_key_and_by_click(visit: Visit) -> None:
    page = visit(f"{PATH}?view=grid")
    expect(page.locator(".heads button")).to_have_count(72)
    page.locator(".heads button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".heads .tip")).to_contain_text("Layer 1, head 1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("head=1"))
    settle(page)
    open_view(page, "grid", "All heads")
    page.get_by_role("button", name=re.compile("^Layer 0, head 2, previous token")).hover()
    expect(page.locator(".heads .tip")).to_contain_text("previous token 100%")
    page.get_by_role("button", name=re.compile("^Layer 1, head 8,")).click()
    expect(page).to_have_url(re.compile("view=head"))
    expect(page).to_have_url(re.compile("layer=1"))
    expect(page).to_have_url(re.compile("head=8"))
    settle(page)
    expect(page.get_by_text("next token")).to_be_visible()


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
    fits_a_phone(page)


def test_markup_in_the_text_is_only_text(visit: Visit) -> None:
    page = visit(f"{PATH}?text={HOSTILE}&pair={HOSTILE}&text2={HOSTILE}&what=texts")
    expect(bertviz(page).locator("#left text").nth(1)).to_have_text("<")
    expect(bertviz(page).locator("img, svg[onload]")).to_have_count(0)
    for view, label in (("bertviz", ""), ("head", "One head"), ("meaning", "Heads together"), ("compare", "Compare")):
        if label:
            open_view(page, view, label)
        expect(page.get_by_text("Take it away")).to_be_visible()
        for hostile in ("img[src=x]", "svg[onload]"):
            expect(page.locator(hostile)).to_have_count(0)
