"""The panel as a person sees it."""

import json

import pytest
from playwright.sync_api import expect

from .server import TOKEN

pytestmark = pytest.mark.browser


def tool(name, command="echo hello", label="Says <b>hello</b>"):
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": name,
        "label": label,
        "inputs": {"name": {"type": "string?"}},
        "outputs": {"said": "stdout"},
        "stdout": "said.txt",
        "baseCommand": ["sh", "-c", command],
    }
    return json.dumps(document).encode()


@pytest.fixture
def deploy(ask):
    """Give a function that deploys a tool; all are undeployed at the end."""
    deployed = []

    def send(name, *more, **options):
        ask("POST", "processes", tool(name, *more, **options), Content_Type="application/cwl+json")
        deployed.append(name)

    yield send
    for name in deployed:
        ask("DELETE", f"processes/{name}")


@pytest.fixture
def launch(ask):
    """Give a function that launches a process and gives the id of the job."""

    def send(process, **inputs):
        body = json.dumps({"inputs": inputs}).encode()
        path = f"processes/{process}/execution"
        headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
        return ask("POST", path, body, **headers)["jobID"]

    return send


@pytest.fixture
def panel(page, lab, strangers):
    """Give the panel, opened in a page that reaches no other host."""
    page.goto(f"{lab}/lab?reset&token={TOKEN}")
    page.get_by_role("tab", name="Workflows").click(timeout=60_000)
    yield page.get_by_role("region", name="Workflows")
    assert strangers == []


def test_panel_lists_what_is_deployed_and_follows_its_jobs(deploy, launch, panel, theme, axe, shot):
    deploy(f"say-hello-{theme}")

    expect(panel.get_by_role("button", name=f"say-hello-{theme}").first).to_be_visible(
        timeout=30_000
    )
    launch(f"say-hello-{theme}")

    row = panel.get_by_role("list", name="Jobs", exact=True).get_by_role("listitem").first
    expect(row).to_contain_text(f"say-hello-{theme}", timeout=30_000)
    expect(row).to_contain_text("Successful")
    shot(f"panel-{theme}")
    assert axe("#eodh-panel") == []
