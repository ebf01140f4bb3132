"""Cards that the magics make in a kernel."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from .card import cell, write_notebook
from .server import TOKEN

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
    sessions = api(lab, "GET", "sessions")
    (kernel,) = [entry["kernel"] for entry in sessions if entry["path"] == "launch.ipynb"]
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
