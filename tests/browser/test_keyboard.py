"""From a document to its result with the keyboard alone."""

import json
import re

import pytest
from playwright.sync_api import expect

from .card import WORKFLOW
from .server import TOKEN

pytestmark = pytest.mark.browser

#: What has the focus, where it is in the window, and whether it is marked.
FOCUSED = """() => {
  const node = document.activeElement;
  const { left, right, top, bottom, width, height } = node.getBoundingClientRect();
  // Fields are marked at the frame around them.
  const frames = [node, node.parentElement, node.nextElementSibling].filter(Boolean);
  const own = document.querySelector('#' + CSS.escape(node.getAttribute('aria-activedescendant')));
  return {
    name: `${node.tagName} ${node.className} ${node.getAttribute('aria-label') ?? ''}`,
    isLost: node === document.body,
    isSeen: width > 0 && height > 0
      && left < innerWidth && right > 0 && top < innerHeight && bottom > 0,
    isMarked: node.closest('.jp-eodh') === null || node.isContentEditable || own !== null
      || frames.some(frame => getComputedStyle(frame).outlineStyle !== 'none'),
  };
}"""


@pytest.fixture
def press(page):
    """Give a function that presses keys, one after the other, and looks where the focus is then."""

    def send(*keys, times=1):
        for key in keys * times:
            page.keyboard.press(key)
            found = page.evaluate(FOCUSED)
            assert not found["isLost"], key
            assert found["isSeen"], (key, found["name"])
            assert found["isMarked"], (key, found["name"])

    return send


@pytest.fixture
def command(page, press):
    """Give a function that runs a command of the palette by keys."""

    def run(label):
        press("Control+Shift+c")
        expect(page.locator(".lm-CommandPalette-input")).to_be_focused()
        page.keyboard.type(label)
        expect(page.locator(".lm-CommandPalette-item.lm-mod-active")).to_contain_text(label)
        page.keyboard.press("Enter")

    return run


def until(page, press, key, locator, most=40):
    """Press a key until something has the focus."""
    for _ in range(most):
        if locator.evaluate_all("nodes => nodes.includes(document.activeElement)"):
            return
        press(key)
    raise AssertionError(f"{key} does not lead to {locator}")


def test_file_becomes_a_result_that_is_looked_at_by_keys_alone(
    page, server, press, command, strangers, shot
):
    (server.home / "extent.cwl").write_text(json.dumps(WORKFLOW, indent=1))
    page.goto(f"{server.address}/lab/tree/extent.cwl?reset&token={TOKEN}")
    editor = page.locator(".jp-FileEditor .cm-content")
    expect(editor).to_be_focused(timeout=60_000)

    command("Deploy Workflow from This File or Cell")
    expect(page.get_by_text("vegetation-extent deployed, revision 1.")).to_be_visible(
        timeout=60_000
    )
    expect(editor).to_be_focused()
    command("Launch Process…")

    form = page.get_by_role("region", name="Launch vegetation-extent")
    expect(form.locator(":focus")).to_be_visible(timeout=30_000)
    until(page, press, "Tab", form.get_by_label("seconds", exact=True))
    page.keyboard.type("1.5")
    expect(form.get_by_label("seconds", exact=True)).to_have_value("1.5")
    until(page, press, "Tab", form.get_by_role("button", name="Launch", exact=True))
    shot("keyboard-form")
    press("Shift+Tab", "Control+Enter")

    job = page.get_by_role("region", name=re.compile(r"^Job \w{8} of vegetation-extent"))
    overview = job.get_by_role("tab", name="Overview")
    expect(overview).to_be_focused(timeout=30_000)
    press("Tab")
    expect(job.get_by_text("Successful", exact=True)).to_be_visible(timeout=60_000)
    shot("keyboard-page")
    until(page, press, "Shift+Tab", overview)
    press("ArrowRight", "ArrowRight")
    expect(job.get_by_role("tab", name="Results")).to_be_focused()
    tree = job.get_by_role("tree", name="Results")
    expect(tree.get_by_role("treeitem").first).to_be_visible(timeout=30_000)
    press("Tab")
    expect(tree).to_be_focused()
    press("Home")
    look = job.get_by_role("region", name="Quick look of picture")
    expect(look.get_by_role("img")).to_have_js_property("naturalWidth", 64, timeout=30_000)
    until(page, press, "Tab", look)
    shot("keyboard-result")
    assert strangers == []
