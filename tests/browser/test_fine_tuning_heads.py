"""The fine-tuning page in a browser, with the network blocked."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, open_view, settle

Visit = Callable[[str], Page]
PAGE = "/fine_tuning_heads"
HOSTILE = "<img src=x onerror=alert(1)> was <script>alert(1)</script> here."


def test_a_head_is_drawn_with_its_shapes(visit: Visit) -> None:
    page = visit(f"{PAGE}?text=Good+morning!&pair=How+are+you%3F")
    figure = page.get_by_test_id("stPlotlyChart").first
    expect(figure).to_contain_text("(1, 10, 384)")
    expect(figure).to_contain_text("Linear 384→2")
    page.get_by_text("(d) Tagging").click()
    expect(page.get_by_test_id("stPlotlyChart").first).to_contain_text("(1, 5, 3)", timeout=PATIENCE)


def test_two_viewers_train_at_once_and_each_sees_their_own(visit: Visit, browser: Browser, app_url: str) -> None:
    page = visit(f"{PAGE}?view=train&epochs=1")
    context = browser.new_context()
    other = context.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(f"{app_url}{PAGE}?view=train&task=tagging&epochs=1&lang=ko")
    settle(other)
    page.get_by_role("button", name="Train on 64 examples").click()
    other.get_by_role("button", name="예시 48개로 학습").click()
    for one, words in ((page, "step"), (other, "스텝")):  # both curves grow
        expect(one.get_by_test_id("stPlotlyChart").first).to_contain_text(words)
    expect(page.get_by_text("Ask your model")).to_be_visible(timeout=2 * PATIENCE)
    expect(other.get_by_text("내가 만든 모델에 묻기")).to_be_visible(timeout=2 * PATIENCE)
    verdict = page.locator(".card").first
    expect(verdict).to_contain_text("negative")
    before = verdict.text_content() or ""
    page.get_by_label("Your sentence").fill("A dull and ugly film.")
    page.get_by_label("Your sentence").press("Enter")
    expect(verdict).not_to_have_text(before)
    expect(other.locator(".chip .token").first).to_have_text("Isabella")
    expect(page.locator(".chip")).to_have_count(0)  # the other's verdict is not here
    stranger = context.new_page()  # a new visit begins with nothing
    stranger.goto(f"{app_url}{PAGE}?view=train&epochs=8")
    settle(stranger)
    expect(stranger.get_by_role("button", name="Train on 64 examples")).to_be_visible(timeout=PATIENCE)
    expect(stranger.get_by_text("Ask your model")).to_have_count(0)
    context.close()


def test_a_stopped_training_keeps_what_it_has_learned(visit: Visit) -> None:
    page = visit(f"{PAGE}?view=train&epochs=20")
    page.get_by_role("button", name="Train on").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Ask your model")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Accuracy, held out")).to_be_visible()


def test_markup_in_texts_and_labels_is_only_text(visit: Visit) -> None:
    page = visit(f"{PAGE}?text={HOSTILE}&pair={HOSTILE}&a={HOSTILE}&b={HOSTILE}")
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible(timeout=PATIENCE)
    assert page.locator("img[src=x]").count() == 0
    open_view(page, "gpt1", "GPT-1's inputs")
    expect(page.locator(".chip", has_text="onerror").or_(page.locator(".chip", has_text="img")).first).to_be_visible()
    assert page.locator("img[src=x], .chips script").count() == 0
