"""The runner is restarted from the page while a job runs, which goes on."""

import json
import time

import pytest
from playwright.sync_api import expect

from ..integration.conftest import runner_pid, tool
from .server import TOKEN

#: Waits for a file in the folder that is its input.
SLOW = 'echo once >&2; until [ -e "$0/gate" ]; do sleep 0.1; done'


@pytest.fixture
def panel(page, lab, strangers):
    page.goto(f"{lab}/lab?reset&token={TOKEN}")
    page.get_by_role("tab", name="Workflows").click(timeout=60_000)
    found = page.locator(".jp-eodh-Panel")
    expect(found.get_by_role("button", name="Runner details")).to_be_visible(timeout=60_000)
    expect(found.locator(".jp-eodh-Foot")).to_contain_text("This computer", timeout=60_000)
    yield found
    assert strangers == []


def wait_until(is_true):
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_restart_asks_while_a_job_runs_and_the_job_goes_on(
    panel, page, server, ask, deploy, ended, axe, shot, tmp_path
):
    deploy("tool", tool(SLOW, inputs={"d": {"type": "Directory", "inputBinding": {}}}))
    body = json.dumps({"inputs": {"d": {"class": "Directory", "path": str(tmp_path)}}}).encode()
    headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
    job = ask("POST", "processes/tool/execution", body, **headers)["jobID"]
    live = panel.get_by_role("list", name="Live jobs", exact=True).get_by_role("listitem")
    expect(live.filter(has_text="tool")).to_be_visible(timeout=60_000)
    wait_until(
        lambda: [s["state"] for s in ask("GET", f"jobs/{job}/steps")["steps"]] == ["running"]
    )
    before = runner_pid(server.data)

    panel.get_by_role("button", name="Runner details").click()
    details = page.get_by_role("dialog", name="Runner details")
    details.get_by_role("button", name="Restart…").click()
    dialog = page.get_by_role("dialog").filter(has_text="Restart the runner?")
    expect(dialog).to_contain_text("1 live job goes on")
    expect(dialog.get_by_role("button", name="Leave it")).to_be_focused()
    shot("restart")
    assert axe(".jp-Dialog") == []
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert runner_pid(server.data) == before

    details.get_by_role("button", name="Restart…").click()
    dialog.get_by_role("button", name="Restart", exact=True).click()
    expect(page.get_by_text("The runner was restarted.")).to_be_visible(timeout=60_000)

    (tmp_path / "gate").touch()
    assert ended(job)["status"] == "successful"
    assert runner_pid(server.data) not in (None, before)
    (step,) = ask("GET", f"jobs/{job}/steps")["steps"]
    log = ask("GET", f"jobs/{job}/{step['log']}.log/lines")
    assert (step["attempt"], log["lines"]) == (1, ["once"])


def test_restart_without_jobs_asks_nothing_and_is_in_the_palette(panel, page, server):
    before = runner_pid(server.data)

    palette = "apputils:activate-command-palette"
    page.evaluate("name => { jupyterapp.commands.execute(name); }", palette)
    entry = page.locator(".lm-CommandPalette-item[data-command='eodh:restart-runner']")
    expect(entry).to_contain_text("Restart Runner…", timeout=30_000)
    page.evaluate("() => { jupyterapp.commands.execute('eodh:restart-runner'); }")

    expect(page.get_by_text("The runner was restarted.")).to_be_visible(timeout=60_000)
    expect(panel.locator(".jp-eodh-Foot")).to_contain_text("This computer", timeout=60_000)
    assert runner_pid(server.data) not in (None, before)
