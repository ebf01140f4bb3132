"""The panel as a person sees it."""

import pytest
from playwright.sync_api import expect

from .conftest import TOKEN

pytestmark = pytest.mark.browser

ECHO = b"""
cwlVersion: v1.2
class: CommandLineTool
id: say-hello
label: Says <b>hello</b>
inputs: {name: {type: string, inputBinding: {}}}
outputs: {said: stdout}
stdout: said.txt
baseCommand: [echo, hello]
"""


def test_panel_lists_what_is_deployed_and_follows_its_jobs(
    page, lab, ask, deploy, strangers, theme, axe, shot
):
    deploy("say-hello", ECHO)
    page.goto(f"{lab}/lab?reset&token={TOKEN}")
    page.get_by_role("tab", name="Workflows").click(timeout=60_000)
    panel = page.get_by_role("region", name="Workflows")

    expect(panel.get_by_text("say-hello", exact=True)).to_be_visible(timeout=30_000)
    expect(panel.get_by_text("Says <b>hello</b>")).to_be_visible()
    ask(
        "POST",
        "processes/say-hello/execution",
        b'{"inputs": {"name": "you"}}',
        Content_Type="application/json",
        Prefer="respond-async",
    )

    expect(panel.get_by_text("Successful").first).to_be_visible(timeout=30_000)
    shot(f"panel-{theme}")
    assert axe("#eodh-panel") == []
    assert strangers == []
