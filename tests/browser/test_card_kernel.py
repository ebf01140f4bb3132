"""Cards that cells make: by the magics in a kernel, and as a widget without our extension."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from .card import WORKFLOW, cell, write_notebook
from .server import TOKEN, Server

pytestmark = pytest.mark.browser
CARD = ".jp-OutputArea-output .jp-eodh-Card"


def api(lab, method, path):
    request = urllib.request.Request(f"{lab}/api/{path}", method=method)
    request.add_header("Authorization", f"token {TOKEN}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def open_notebook(page, lab, name, *sources):
    write_notebook(lab, name, [cell(source) for source in sources])
    page.goto(f"{lab}/lab/tree/{name}?reset&token={TOKEN}")
    kernel = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
    page.wait_for_function(f"window.jupyterapp && {kernel}?.status === 'idle'", timeout=90_000)


def run_cells(page):
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")


def test_launch_in_a_cell_shows_a_card_that_outlives_its_kernel(page, lab, run_job, ask, strangers):
    before = ask("GET", "jobs?limit=1")["numberMatched"]
    launch = "%workflow launch vegetation-extent -i seconds=600"
    open_notebook(page, lab, "launch.ipynb", "%load_ext eodh_jupyter", launch)
    run_cells(page)
    card = page.locator(CARD)

    # The kernel is busy waiting, and the card goes on by itself.
    expect(card).to_have_attribute("data-state", "running", timeout=90_000)
    expect(card.get_by_role("treeitem", name=re.compile("^crop, running"))).to_be_visible(
        timeout=30_000
    )
    (kernel,) = api(lab, "GET", "kernels")
    assert kernel["execution_state"] == "busy"
    api(lab, "DELETE", f"kernels/{kernel['id']}")
    job = ask("GET", "jobs?limit=1")
    assert job["numberMatched"] == before + 1
    ask("DELETE", f"jobs/{job['jobs'][0]['jobID']}")
    expect(card).to_have_attribute("data-state", "dismissed", timeout=30_000)
    assert strangers == []


def test_card_of_a_launch_is_kept_with_the_notebook(page, lab, run_job, ask, strangers):
    launch = "%workflow launch vegetation-extent"
    open_notebook(page, lab, "kept.ipynb", "%load_ext eodh_jupyter", launch)
    run_cells(page)
    card = page.locator(CARD)
    expect(card).to_have_attribute("data-state", "successful", timeout=90_000)
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(
        timeout=30_000
    )
    total = ask("GET", "jobs?limit=1")["numberMatched"]

    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0, timeout=30_000)
    page.reload()

    expect(card).to_have_attribute("data-state", "successful", timeout=60_000)
    expect(card.get_by_role("row").first).to_contain_text("quick.png")
    assert ask("GET", "jobs?limit=1")["numberMatched"] == total
    assert strangers == []


@pytest.fixture
def plain_lab(tmp_path):
    """Give a JupyterLab in which our extension is disabled."""
    server = Server(tmp_path / "plain")
    folder = server.home / "config" / "labconfig"
    folder.mkdir(parents=True)
    disabled = {"disabledExtensions": {"@eodh/jupyterlab-workflows": True}}
    (folder / "page_config.json").write_text(json.dumps(disabled))
    yield server.start().address
    server.close()


def test_card_is_a_widget_where_the_extension_is_not(page, plain_lab, axe, shot):
    workflow = {**WORKFLOW, "inputs": {**WORKFLOW["inputs"], "seconds": {"type": "float"}}}
    source = (
        "from eodh_jupyter import Client\nimport json\nclient = Client()\n"
        f"client.deploy(json.loads({json.dumps(json.dumps(workflow))!r}), replace=True)\n"
        "job = client.launch('vegetation-extent', {'seconds': 5, 'parts': ['a']})\n"
        "job.widget()"
    )
    strangers = []
    page.on(
        "request",
        lambda sent: (
            None
            if sent.url.startswith((plain_lab, "data:", "blob:"))
            else strangers.append(sent.url)
        ),
    )
    open_notebook(page, plain_lab, "widget.ipynb", source)
    run_cells(page)
    card = page.locator(CARD)

    expect(card.get_by_role("treeitem", name=re.compile("^crop, running"))).to_be_visible(
        timeout=120_000
    )
    expect(card.get_by_role("log")).to_contain_text("cropping a")
    expect(card.get_by_role("button", name="Dismiss")).to_be_visible()
    expect(card.get_by_role("button", name="Open")).to_have_count(0)
    shot("card-widget-running", card)
    expect(card).to_have_attribute("data-state", "successful", timeout=60_000)
    expect(card.get_by_role("row").first).to_contain_text("quick.png")
    with page.expect_download() as download:
        card.get_by_role("button", name="Download table.csv").click()
    assert download.value.path().read_text() == "a,b\n"
    shot("card-widget", card)
    assert axe(".jp-eodh-Card") == []
    assert strangers == []


def test_widget_dismisses_its_job(page, plain_lab):
    source = (
        "from eodh_jupyter import Client\nimport json\nclient = Client()\n"
        f"client.deploy(json.loads({json.dumps(json.dumps(WORKFLOW))!r}), replace=True)\n"
        "job = client.launch('vegetation-extent', {'seconds': 600, 'parts': ['a']})\n"
        "job.widget()"
    )
    open_notebook(page, plain_lab, "dismiss.ipynb", source)
    run_cells(page)
    card = page.locator(CARD)
    expect(card.get_by_role("treeitem", name=re.compile("^crop, running"))).to_be_visible(
        timeout=120_000
    )

    card.get_by_role("button", name="Dismiss").click()

    expect(card).to_have_attribute("data-state", "dismissed", timeout=30_000)
