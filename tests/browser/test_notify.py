"""What tells of a job that ends while one looks elsewhere."""

import json
import re

import pytest
from playwright.sync_api import expect

from .server import TOKEN

pytestmark = pytest.mark.browser

#: All that the live regions have said.
EARS = """
window.heard = [];
new MutationObserver(changes => {
  for (const { target } of changes) {
    if (target.nodeType === 1 && target.matches?.('.jp-eodh-Live')) {
      window.heard.push(`${target.getAttribute('aria-live')}: ${target.textContent}`);
    }
  }
}).observe(document, { childList: true, subtree: true });
"""


def waiting(name):
    """Give a tool that ends with a code of its own when a file `go` appears beside its own."""
    command = (
        ": > here; until [ -e go ]; do sleep 0.1; done; echo it broke >&2; exit $(inputs.code)"
    )
    return json.dumps(
        {
            "cwlVersion": "v1.2",
            "class": "CommandLineTool",
            "id": name,
            "requirements": {"InlineJavascriptRequirement": {}},
            "inputs": {"code": {"type": "int", "default": 0}},
            "outputs": {"said": "stdout"},
            "stdout": "said.txt",
            "arguments": ["sh", "-c", command],
        }
    ).encode()


@pytest.fixture
def launch(page, server, lab, deploy, strangers):
    """Give a function that launches a process from the panel, and looks away from its page.

    It gives a function that lets the job end.
    """
    place = server.home / "settings" / "@eodh" / "jupyterlab-workflows"
    place.mkdir(parents=True, exist_ok=True)
    (place / "notify.jupyterlab-settings").write_text('{"notifyAfter": 0}')

    def go(name, code):
        deploy(name, waiting(name))
        page.add_init_script(EARS)
        page.goto(f"{lab}/lab?reset&token={TOKEN}")
        page.locator(".jp-Launcher").wait_for(timeout=60_000)
        page.get_by_role("tab", name="Workflows").click()
        panel = page.get_by_role("region", name="Workflows")
        panel.get_by_text(name, exact=True).first.hover()
        panel.get_by_role("button", name=f"Launch {name}", exact=True).click(timeout=30_000)
        form = page.get_by_role("region", name=f"Launch {name}")
        form.get_by_label("code", exact=True).fill(str(code))
        form.get_by_role("button", name="Launch", exact=True).click()
        page.get_by_role("tab", name=re.compile(f"^{name} ")).wait_for()
        heard(page, f"polite: {name} accepted.")
        page.get_by_role("tab", name="Launcher").click()
        job = panel.get_by_role("list", name="Live jobs").get_by_text("Running")
        expect(job).to_be_visible(timeout=30_000)
        return lambda: release(page, server.data, name)

    yield go
    assert strangers == []


def release(page, data, name):
    """Let the command end: it has said that it began."""
    begun = []
    while not begun:
        begun = [one for one in data.rglob("here") if not (one.parent / "go").exists()]
        page.wait_for_timeout(50)
    for one in begun:
        (one.parent / "go").touch()


def heard(page, message):
    page.wait_for_function("said => window.heard.includes(said)", arg=message, timeout=30_000)


def test_end_of_a_job_is_told_and_leads_to_its_results(page, launch, shot, theme):
    end = launch(f"quiet-{theme}", 0)

    end()

    toast = page.locator(".Toastify__toast").filter(
        has_text=re.compile(f"^quiet-{theme} is done, ")
    )
    # It stays while one points at it.
    toast.hover(timeout=30_000)
    shot(f"notification-{theme}")
    toast.get_by_role("button", name="Open results").click()
    heard(page, f"polite: quiet-{theme} successful.")
    job = page.get_by_role("region", name=re.compile(rf"^Job \w{{8}} of quiet-{theme}"))
    expect(job.get_by_role("tab", name="Results")).to_have_attribute("aria-selected", "true")
    expect(job.get_by_role("treeitem", name="said")).to_be_visible(timeout=30_000)


def test_failure_of_a_job_is_told_at_once_and_stays_with_what_to_do(page, launch, shot, theme):
    name = f"broken-{theme}"
    end = launch(name, 3)

    end()

    toast = page.locator(".Toastify__toast").filter(has_text=re.compile(f"^{name} failed: "))
    toast.hover(timeout=30_000)
    page.wait_for_function(
        "start => window.heard.some(said => said.startsWith(start))",
        arg=f"assertive: {name} failed: ",
    )
    shot(f"notification-failed-{theme}")
    toast.get_by_role("button", name="Open log").click()
    job = page.get_by_role("region", name=re.compile(rf"^Job \w{{8}} of {name}"))
    expect(job.get_by_role("log")).to_contain_text("it broke", timeout=30_000)
    assert page.evaluate("window.heard.filter(said => said.startsWith('assertive')).length") == 1


def test_job_that_is_looked_at_is_not_told_of(page, launch):
    end = launch("seen", 0)
    page.get_by_role("tab", name=re.compile("^seen ")).click()

    end()

    heard(page, "polite: seen successful.")
    expect(page.get_by_text(re.compile("^seen is done"))).to_have_count(0)
