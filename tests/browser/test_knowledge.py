"""What does it know? in a browser, with the network blocked."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, open_view

Visit = Callable[[str], Page]
PAGE = "/knowledge"


def test_a_clicked_triple_goes_in_front_of_the_sentence_and_comes_away_again(visit: Visit) -> None:
    page = visit(f"{PAGE}?view=graph&text=She cut the bread with a [MASK].&candidates=knife,spoon&fact=")
    fact = page.get_by_label("Fact in front")
    expect(fact).to_have_value("")
    expect(page.get_by_text("Probability in the blank")).to_be_visible(timeout=PATIENCE)
    page.locator(".chip", has_text="knife → cutting").click()
    expect(fact).to_have_value("A knife is used for cutting.", timeout=PATIENCE)
    expect(page.get_by_text("Before and after:")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".chip.c5.marked", has_text="knife → cutting")).to_be_visible()
    page.locator(".chip", has_text="knife → cutting").click()
    expect(fact).to_have_value("", timeout=PATIENCE)


def test_the_scores_fill_the_figure(visit: Visit) -> None:
    page = visit(f"{PAGE}?view=scores")
    expect(page.get_by_text("Every item")).to_be_visible(timeout=PATIENCE)
    for relation in ("capital", "negation (low is good)", "numbers"):
        expect(page.locator(".js-plotly-plot").get_by_text(relation, exact=True)).to_be_visible()


def test_fields_that_were_away_while_an_example_set_them_are_not_empty(visit: Visit) -> None:
    page = visit(PAGE)
    candidates = page.get_by_label("Candidates, separated by commas")
    candidates.fill("spoon")
    candidates.press("Enter")
    expect(page.get_by_role("radiogroup", name="Examples").locator("[aria-checked=true]")).to_have_count(0)
    page.get_by_role("radiogroup", name="Examples").get_by_text("Scores by relation").click()
    expect(page.get_by_text("Every item")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("radiogroup", name="View").get_by_text("Fill the blank").click()
    expect(candidates).to_have_value("spade, shovel, hammer, spoon, gun", timeout=PATIENCE)
    expect(page.get_by_label("Fact in front")).to_have_value("A spade is used for digging.")


def test_what_streamlit_would_rewrite_stands_as_it_was_typed(visit: Visit) -> None:
    """Streamlit makes links, arrows and a logo of these after it has read Markdown's escapes."""
    typed = "a -> b, c <- d -- http://evil.example www.evil.example me@evil.example :streamlit:"
    page = visit(f"{PAGE}?fact={quote(typed)}")
    shown = page.locator("strong", has_text="evil").first
    expect(shown).to_be_visible(timeout=PATIENCE)
    assert shown.inner_text().replace("\u2060", "") == typed
    expect(page.locator("a[href*=evil]")).to_have_count(0)


def test_markup_in_sentence_candidates_and_fact_is_only_text(visit: Visit) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    page = visit(f"{PAGE}?text={hostile} cut [MASK].&candidates=<b>,knife&fact={hostile} <script>alert(1)</script>")
    for view, label in (("cloze", ""), ("graph", "Knowledge graph"), ("compare", "Two models")):
        if label:
            open_view(page, view, label)
        expect(page.get_by_label("Sentence with one [MASK]")).to_have_value(f"{hostile} cut [MASK].")
        assert page.locator("img[src='x']").count() == 0
