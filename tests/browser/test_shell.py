"""What the product adds around the work: commands, files, status bar, sessions, questions."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from .server import TOKEN
from .test_panel import rows, tool

pytestmark = pytest.mark.browser

BROKEN = "cwlVersion: v1.2\nclass: CommandLineTool\nid: broken\ninputs:\n  x: {type: strin}\n"
BROKEN += "outputs: {}\nbaseCommand: echo\n"


@pytest.fixture
def open_lab(page, server, strangers):
    """Give a function that opens JupyterLab and waits until its commands are there."""

    def show(reset="reset&"):
        page.goto(f"{server.address}/lab?{reset}token={TOKEN}")
        page.wait_for_function(
            "() => window.jupyterapp?.commands.hasCommand('eodh:deploy-process')", timeout=60_000
        )
        page.evaluate("() => jupyterapp.restored")

    yield show
    assert strangers == []


@pytest.fixture
def run(page):
    """Give a function that starts a command and does not wait for its end."""

    def start(command, **arguments):
        page.evaluate(
            "([id, args]) => { void jupyterapp.commands.execute(id, args); }", [command, arguments]
        )

    return start


def undeploy(ask, *names):
    for name in names:
        ask("DELETE", f"processes/{name}")


def test_broken_file_is_explained_at_its_line_and_mended_file_is_deployed(
    open_lab, page, server, run, ask, axe, shot
):
    (server.home / "broken.cwl").write_text(BROKEN)
    open_lab()
    panel = page.get_by_role("region", name="Workflows")
    item = page.locator(".jp-DirListing-item", has_text="broken.cwl")
    expect(item).to_have_attribute("data-file-type", "cwl", timeout=30_000)

    expect(page.locator(".jp-DirListing-item", has_text="workspaces")).to_be_visible()
    item.click(button="right")
    expect(page.get_by_role("menuitem", name="Check This Workflow")).to_be_visible()
    page.get_by_role("menuitem", name="Deploy as Process").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("broken.cwl cannot be deployed", timeout=60_000)
    expect(dialog).to_contain_text("line 5")
    expect(dialog).to_contain_text("strin")
    shot("shell-findings")
    assert axe(".jp-Dialog") == []
    dialog.get_by_role("button", name="Go to line 5").click()

    editor = page.locator(".jp-FileEditor .cm-content")
    expect(editor).to_be_focused(timeout=30_000)
    expect(page.get_by_text("Ln 5, Col")).to_be_visible()
    expect(page.get_by_text("CWL", exact=True)).to_be_visible()
    # The text as it is in the editor counts, saved or not.
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("g")
    run("eodh:deploy-process")
    expect(page.get_by_text("broken deployed, revision 1.")).to_be_visible(timeout=30_000)
    page.get_by_role("tab", name="Workflows").click()
    expect(rows(panel, "Processes").filter(has_text="broken")).to_be_visible(timeout=30_000)
    undeploy(ask, "broken")


def test_replacement_says_what_changes_and_the_safe_answer_has_the_focus(
    open_lab, page, run, ask, axe, shot
):
    ask("POST", "processes", tool("replaced"), Content_Type="application/cwl+json")
    changed = json.loads(tool("replaced"))
    changed["inputs"] = {"limit": {"type": "int", "default": 3}, "name": {"type": "int?"}}
    open_lab()

    run("eodh:deploy-process", text=json.dumps(changed), name="text")

    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Replace replaced?", timeout=30_000)
    expect(dialog).to_contain_text("limit, default 3")
    expect(dialog).to_contain_text("name, integer, was text")
    expect(dialog).to_contain_text("Calls that worked before may need a change.")
    expect(dialog.get_by_role("button", name="Keep revision 1")).to_be_focused()
    shot("shell-replace")
    assert axe(".jp-Dialog") == []
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert ask("GET", "processes/replaced")["revision"] == 1

    run("eodh:deploy-process", text=json.dumps(changed), name="text")
    page.get_by_role("button", name="Replace").click(timeout=30_000)
    expect(page.get_by_text("replaced deployed, revision 2.")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name=re.compile(r"^\d+ notes?$")).click()
    expect(dialog).to_contain_text("Notes on replaced")
    expect(dialog.get_by_role("listitem").first).to_be_visible()
    page.keyboard.press("Escape")
    undeploy(ask, "replaced")


def test_live_job_is_in_the_status_bar_and_among_the_sessions(open_lab, page, ask, shot, theme):
    name = f"session-{theme}"
    ask("POST", "processes", tool(name, "sleep 60"), Content_Type="application/cwl+json")
    open_lab()
    body = b'{"inputs": {}}'
    headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
    job = ask("POST", f"processes/{name}/execution", body, **headers)["jobID"]

    status = page.locator("#jp-bottom-panel, #jp-main-statusbar").get_by_role("button", name=name)
    expect(status).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="Running Terminals and Kernels").click()
    session = page.locator(".jp-RunningSessions-item", has_text=name)
    expect(session).to_be_visible(timeout=30_000)
    shot(f"shell-running-{theme}")
    session.hover()
    session.locator(".jp-RunningSessions-itemShutdown").click()

    expect(session).to_have_count(0, timeout=30_000)
    expect(status).to_have_count(0)
    assert ask("GET", f"jobs/{job}")["status"] == "dismissed"
    undeploy(ask, name)


def test_palette_has_every_command_and_each_describes_its_arguments(open_lab, page, run):
    open_lab()

    described = page.evaluate("""async () => {
      const { commands } = jupyterapp;
      const ids = commands.listCommands().filter(id => id.startsWith('eodh:'));
      const found = await Promise.all(ids.map(id => commands.describedBy(id)));
      return ids.map((id, at) => [id, found[at]?.args?.type ?? null]);
    }""")
    run("apputils:activate-command-palette")
    page.locator(".lm-CommandPalette-input").fill("workflow")
    palette = page.locator(".lm-CommandPalette-content")

    for label in (
        "Deploy Workflow from This File or Cell",
        "Deploy Workflow from URL…",
        "Check This Workflow",
        "New Workflow File",
        "Show Workflows Panel",
    ):
        expect(palette.get_by_text(label)).to_be_visible()
    assert [command for command, kind in described if kind != "object"] == []
    assert len(described) >= 15


def test_layout_and_folded_sections_come_back(open_lab, page):
    open_lab()
    panel = page.get_by_role("region", name="Workflows")
    page.get_by_role("tab", name="Workflows").click()
    head = panel.get_by_role("button", name="Processes", exact=False).first
    expect(head).to_have_attribute("aria-expanded", "true", timeout=60_000)
    with page.expect_response(lambda answer: "/api/workspaces" in answer.url):
        head.click()
    expect(head).to_have_attribute("aria-expanded", "false")

    open_lab(reset="")

    expect(panel).to_be_visible(timeout=30_000)
    expect(head).to_have_attribute("aria-expanded", "false", timeout=30_000)


def test_code_goes_into_a_cell_below_and_has_the_focus(open_lab, page, server, run):
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (server.home / "insert.ipynb").write_text(json.dumps(notebook))
    open_lab()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:open', {path: 'insert.ipynb'})")
    page.locator(".jp-Notebook").wait_for(timeout=60_000)

    run("eodh:insert-code", code="job = 1\njob")

    focused = page.locator(".jp-Notebook .cm-content:focus")
    expect(focused).to_contain_text("job = 1", timeout=30_000)


def test_cell_with_a_workflow_is_deployed_and_its_lines_are_the_cells(
    open_lab, page, server, run, ask
):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    cell["source"] = "%%workflow deploy\n" + BROKEN
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    (server.home / "cell.ipynb").write_text(json.dumps(notebook))
    open_lab()
    page.evaluate("() => jupyterapp.commands.execute('docmanager:open', {path: 'cell.ipynb'})")
    page.locator(".jp-Notebook .cm-content").first.wait_for(timeout=60_000)
    kernel = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
    page.wait_for_function(f"{kernel}?.status === 'idle'", timeout=60_000)

    run("eodh:deploy-process")
    dialog = page.get_by_role("dialog").filter(has_text="cannot be deployed")
    dialog.get_by_role("button", name="Go to line 5").click(timeout=20_000)

    selected = page.evaluate("""() => {
      const notebook = jupyterapp.shell.currentWidget.content;
      return notebook.activeCell.editor.getCursorPosition().line;
    }""")
    assert selected == 5


def test_request_of_the_page_bears_no_token_in_its_address(open_lab, page, server):
    seen = []
    page.on("request", lambda request: seen.append(request.url))
    open_lab()
    page.get_by_role("tab", name="Workflows").click()
    panel = page.get_by_role("region", name="Workflows")
    expect(panel).to_contain_text("This computer", timeout=60_000)

    asked = [url for url in seen if "/eodh/" in url]
    assert asked
    assert [url for url in asked if TOKEN in url] == []
    urllib.request.urlopen(f"{server.address}/api", timeout=20)
