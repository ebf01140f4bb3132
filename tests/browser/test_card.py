"""The live card as a person sees it, over real jobs."""

import re

import pytest
from playwright.sync_api import expect

from .card import saved

pytestmark = pytest.mark.browser


def test_card_of_a_running_job_shows_its_steps_and_its_log(
    show_cards, run_job, theme, axe, shot, page
):
    card = show_cards(saved(run_job(seconds=600, parts=["a", "b"])))

    expect(card).to_have_attribute("data-state", "running", timeout=30_000)
    expect(card).to_have_attribute("aria-label", re.compile(r"^Job \w{8} of vegetation-extent$"))
    step = card.get_by_role("treeitem", name=re.compile("^crop, running, 0 of 2"))
    expect(step).to_have_attribute("data-state", "running", timeout=30_000)
    expect(card.get_by_role("treeitem", name="prepare, done")).to_be_visible()
    expect(card.get_by_role("log")).to_contain_text(re.compile("crop [12]/2 +cropping"))
    expect(card.get_by_role("progressbar")).to_have_attribute(
        "aria-valuetext", re.compile("percent")
    )
    shot("card" if theme == "light" else "card-running-dark", card)
    assert axe(".jp-eodh-Card") == []
    assert card.evaluate("card => card.querySelectorAll('*').length") <= 250


def test_card_of_a_successful_job_shows_its_results(show_cards, run_job, theme, axe, shot):
    card = show_cards(saved(run_job()))

    expect(card).to_have_attribute("data-state", "successful", timeout=60_000)
    expect(card.get_by_role("row")).to_have_count(3)
    expect(card.get_by_role("row").first).to_contain_text("quick.png")
    expect(card.get_by_text("Use in Python")).to_be_visible()
    expect(card.get_by_text(re.compile(r'^picture = Client\(\)\.job\("\w{8}"\)'))).to_be_visible()
    expect(card.get_by_text(re.compile("^Steps · 5 of 5 done"))).to_be_visible()
    look = card.get_by_role("img", name="Quick look of quick.png")
    expect(look).to_have_js_property("naturalWidth", 64, timeout=30_000)
    shot(f"card-successful-{theme}", card)
    card.get_by_text(re.compile("^Steps")).click()
    expect(card.get_by_role("treeitem", name="publish, done")).to_be_visible()
    assert axe(".jp-eodh-Card") == []


def test_result_of_a_card_goes_into_a_cell_below(show_cards, run_job, page):
    card = show_cards(saved(run_job()))

    card.get_by_role("button", name="Insert as Python variable: quick.png").click(timeout=60_000)

    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    expect(cell).to_contain_text(re.compile(r'picture = .*results\["picture"\]'))
    expect(cell.locator(".cm-content")).to_be_focused()


def test_card_of_a_failed_job_explains_it(show_cards, run_job, theme, axe, shot):
    card = show_cards(saved(run_job(code=3, parts=["a"])))

    expect(card).to_have_attribute("data-state", "failed", timeout=60_000)
    expect(card.get_by_text("To fix it:")).to_be_visible()
    expect(card.locator(".jp-eodh-Explain")).to_contain_text("crop")
    expect(card.get_by_role("treeitem", name=re.compile("^crop, failed"))).to_be_visible()
    expect(card.get_by_role("treeitem", name="merge, not started")).to_be_visible()
    shot(f"card-failed-{theme}", card)
    assert axe(".jp-eodh-Card") == []


def test_card_of_a_dismissed_job_says_what_is_kept(show_cards, run_job, theme, ask, shot):
    job = run_job(seconds=600)
    card = show_cards(saved(job))
    expect(card.get_by_role("treeitem", name=re.compile("^crop, running"))).to_be_visible(
        timeout=30_000
    )

    ask("DELETE", f"jobs/{job}")

    expect(card).to_have_attribute("data-state", "dismissed")
    expect(card).to_contain_text("Logs and the outputs of 1 finished step are kept.")
    expect(card.get_by_role("progressbar")).to_have_count(0)
    shot(f"card-dismissed-{theme}", card)
