"""Small windows, magnified pages, and pages where nothing moves."""

import re

import pytest
from playwright.sync_api import expect

from .card import saved
from .server import TOKEN

pytestmark = pytest.mark.browser

#: Controls that cannot be brought into the window, or are cut off by its edge or by others.
CUT_OFF = """root => {
  const found = [];
  const controls = 'button, a[href], input, select, textarea, [tabindex="0"]';
  for (const node of root.querySelectorAll(controls)) {
    const isShown = node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!isShown || node.closest('[aria-hidden=true]')) continue;
    node.scrollIntoView({ block: 'center', inline: 'center' });
    const box = node.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const isWhole = box.left >= -1 && box.right <= innerWidth + 1;
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const at = document.elementFromPoint((box.left + box.right) / 2, (top + bottom) / 2);
    const isOnTop = at && (node.contains(at) || at.contains(node));
    if (!isWhole || !isOnTop) {
      const over = at?.outerHTML.slice(0, 100);
      found.push([node.outerHTML.slice(0, 160), JSON.stringify(box), over]);
    }
  }
  return found;
}"""
#: What scrolls in both directions; pictures, graphs and tables of data may (WCAG 1.4.10).
SCROLLS_BOTH_WAYS = """root => [root, ...root.querySelectorAll('*')].filter(node => {
  const { overflowX, overflowY } = getComputedStyle(node);
  const scrolls = value => value === 'auto' || value === 'scroll';
  return scrolls(overflowX) && scrolls(overflowY)
    && node.scrollWidth > node.clientWidth + 1 && node.scrollHeight > node.clientHeight + 1
    && !node.querySelector('table, [role=treegrid]') && !node.querySelector(':scope > svg');
}).map(node => node.className)"""
#: What a card shows last, by its state.
SETTLED = {"running": "cropping a", "successful": "Use in Python", "failed": "To fix it:"}
#: What moves of ours.
MOVES = """() => [...document.querySelectorAll('.jp-eodh, .jp-eodh *')].filter(node => {
  const { animationName, transitionDuration } = getComputedStyle(node);
  return animationName === 'jp-eodh-turn' || transitionDuration !== '0s';
}).map(node => node.getAttribute('class'))"""


@pytest.fixture(scope="module")
def browser_context_args(browser_context_args):
    """Give a window of 1280 by 800 pixels at a zoom of 200 %."""
    size = {"width": 640, "height": 400}
    return {**browser_context_args, "viewport": size, "device_scale_factor": 2}


@pytest.fixture
def jobs(run_job, ended):
    """Give jobs in three states, of which one still runs and leaves room for others."""
    done, failed = run_job(), run_job(code=3, parts=["a"])
    ended(done)
    ended(failed)
    return {"running": run_job(seconds=600, parts=["a"]), "successful": done, "failed": failed}


def check(root):
    node = root.element_handle()
    assert node.evaluate(CUT_OFF) == []
    assert node.evaluate(SCROLLS_BOTH_WAYS) == []
    assert node.evaluate("node => node.scrollWidth - node.clientWidth") <= 0


def collapse(page):
    page.evaluate("() => jupyterapp.shell.collapseLeft()")


def test_panel_at_200_percent_loses_nothing(page, lab, jobs, strangers, axe, shot):
    page.goto(f"{lab}/lab?reset&token={TOKEN}")
    page.locator(".jp-Launcher").wait_for(timeout=60_000)
    page.get_by_role("tab", name="Workflows").click()
    panel = page.get_by_role("region", name="Workflows")
    expect(panel.get_by_role("list", name="Jobs").get_by_text("Failed")).to_be_attached(
        timeout=60_000
    )

    check(panel)

    shot("zoom-panel")
    assert axe("#eodh-panel") == []
    assert strangers == []


def test_card_at_200_percent_loses_nothing(page, show_cards, jobs, axe, shot):
    cards = show_cards(*[saved(job) for job in jobs.values()])
    collapse(page)
    for state in ("running", "successful", "failed"):
        card = page.locator(f".jp-eodh-Card[data-state={state}]")
        page.evaluate(
            "index => jupyterapp.shell.currentWidget.content.scrollToItem(index)",
            ["running", "successful", "failed"].index(state),
        )
        expect(card).to_be_visible(timeout=60_000)

        expect(card.get_by_text(SETTLED[state]).first).to_be_visible(timeout=30_000)

        check(card)

        shot(f"zoom-card-{state}")
    assert axe(".jp-eodh-Card") == []
    assert cards.count() >= 1


def test_page_of_a_job_at_200_percent_loses_nothing(page, open_job, jobs, axe, shot):
    region = open_job(jobs["successful"])
    collapse(page)
    expect(region.get_by_text("Successful", exact=True)).to_be_visible(timeout=60_000)

    for name in ("Overview", "Log", "Results", "Inputs", "Resources", "Provenance"):
        tab = region.get_by_role("tab", name=name)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(region.locator("[aria-busy=true]")).to_have_count(0)
        check(region)
        shot(f"zoom-page-{name.lower()}")
        assert axe(".jp-eodh-Page") == []


def test_form_at_200_percent_loses_nothing(page, open_job, run_job, axe, shot):
    open_job(run_job())
    args = {"processID": "vegetation-extent"}
    page.evaluate("args => { jupyterapp.commands.execute('eodh:launch-process', args); }", args)
    collapse(page)
    form = page.get_by_role("region", name="Launch vegetation-extent")
    expect(form.get_by_role("button", name="Launch", exact=True)).to_be_visible(timeout=30_000)

    check(form)

    shot("zoom-form")
    assert axe(".jp-eodh-Form") == []


@pytest.mark.parametrize("width", [480, 380])
def test_card_of_any_width_keeps_its_actions_and_its_text(page, show_cards, jobs, width, axe, shot):
    page.set_viewport_size({"width": 1280, "height": 900})
    cards = show_cards(*[saved(job) for job in jobs.values()])
    expect(cards).to_have_count(3)
    collapse(page)
    page.set_viewport_size({"width": width + 200, "height": 1400})
    page.wait_for_function("() => document.querySelector('.jp-eodh-Card').clientWidth < 700")
    spare = cards.first.evaluate("node => innerWidth - node.offsetWidth")
    page.set_viewport_size({"width": width + spare, "height": 1400})
    expect(cards.first).to_have_js_property("offsetWidth", width)

    for state in ("running", "successful", "failed"):
        card = page.locator(f".jp-eodh-Card[data-state={state}]")
        expect(card).to_be_visible(timeout=60_000)
        expect(card.get_by_text(SETTLED[state]).first).to_be_visible(timeout=30_000)
        check(card)
        shot(f"card-{width}-{state}", card)
    assert axe(".jp-eodh-Card") == []


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_where_that_is_not_wanted(page, show_cards, run_job, motion):
    page.emulate_media(reduced_motion=motion)
    page.set_viewport_size({"width": 1280, "height": 900})
    job = run_job(seconds=600)
    card = show_cards(saved(job))
    expect(card.get_by_role("treeitem", name=re.compile("^crop, running"))).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("tab", name="Workflows").click()
    live = page.get_by_role("list", name="Live jobs").get_by_role("listitem")
    expect(live.first).to_be_visible(timeout=30_000)

    moving = page.evaluate(MOVES)
    page.evaluate("id => { jupyterapp.commands.execute('eodh:open-job', {jobID: id}); }", job)
    region = page.locator(".jp-eodh-Page")
    expect(region.get_by_role("row", name="crop").first).to_contain_text("Running", timeout=30_000)
    moving += page.evaluate(MOVES)

    assert (moving == []) == (motion == "reduce")
