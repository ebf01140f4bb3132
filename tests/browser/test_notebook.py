"""Jupyter Notebook 7: the same extension where a page holds one document."""

import re

import pytest
from playwright.sync_api import expect

from .card import card_cell, cell, saved, write_notebook
from .server import TOKEN, Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Give a Jupyter Notebook instead of a JupyterLab."""
    found = Server(tmp_path_factory.mktemp("notebook"), app="notebook").start()
    yield found
    found.close()


@pytest.fixture
def wrongs(page):
    """Collect what our extension complains of, and plugins that did not come up."""
    found = []

    def read(message):
        if message.type == "error" or "activate" in message.text:
            found.append(message.text)

    # Notebook 7.6 itself throws while it loads settings.
    page.on("pageerror", lambda error: "@eodh" in (error.stack or "") and found.append(error))
    page.on("console", read)
    return found


@pytest.fixture
def open_page(page, lab, strangers, wrongs):
    """Give a function that opens an address of Notebook, and waits for our commands."""

    def show(path):
        page.goto(f"{lab}/{path}?token={TOKEN}")
        page.wait_for_function(
            "() => window.jupyterapp?.commands.hasCommand('eodh:open-job')", timeout=60_000
        )
        page.evaluate("() => jupyterapp.started")

    yield show
    assert strangers == []
    assert wrongs == []


def test_saved_card_lives_in_a_notebook_and_opens_the_page_of_its_job(
    open_page, page, lab, run_job, ask, shot, axe
):
    job = run_job(seconds=600, parts=["a", "b"])
    write_notebook(lab, "card.ipynb", [card_cell(saved(job)), cell("1 + 1")])

    open_page("notebooks/card.ipynb")

    card = page.locator(".jp-Notebook .jp-eodh-Card")
    crop = card.get_by_role("treeitem", name=re.compile("^crop, running"))
    expect(crop).to_be_visible(timeout=60_000)
    assert axe(".jp-eodh-Card") == []
    card.get_by_role("button", name="Open", exact=True).click()
    region = page.get_by_role("region", name=re.compile(f"^Job {job[:8]}")).last
    steps = region.get_by_role("treegrid", name="Steps")
    expect(steps.get_by_role("row", name="crop").first).to_be_in_viewport(timeout=30_000)
    assert axe(".jp-eodh-Page") == []
    shot("notebook-7")
    region.get_by_role("button", name="Dismiss").click()
    expect(card).to_have_attribute("data-state", "dismissed", timeout=30_000)
    assert ask("GET", f"jobs/{job}")["status"] == "dismissed"


def test_form_opens_below_the_notebook_and_launches(open_page, page, lab, run_job, ask, shot):
    job = run_job()
    write_notebook(lab, "form.ipynb", [card_cell(saved(job))])
    open_page("notebooks/form.ipynb")
    card = page.locator(".jp-Notebook .jp-eodh-Card")
    expect(card).to_have_attribute("data-state", "successful", timeout=60_000)
    before = ask("GET", "jobs?limit=1")["numberMatched"]

    card.get_by_role("button", name="Run again").click()

    form = page.get_by_role("region", name="Launch vegetation-extent")
    launch = form.get_by_role("button", name="Launch", exact=True)
    expect(launch).to_be_in_viewport(timeout=30_000)
    shot("notebook-7-form")
    launch.click()
    pages = page.get_by_role("region", name=re.compile(r"^Job \w{8} of vegetation-extent"))
    overview = pages.filter(has=page.get_by_role("tab", name="Overview"))
    expect(overview).to_be_in_viewport(timeout=30_000)
    expect(overview.get_by_text("Successful", exact=True)).to_be_visible(timeout=60_000)
    assert ask("GET", "jobs?limit=1")["numberMatched"] == before + 1


def test_panel_is_beside_the_files_and_opens_jobs(open_page, page, run_job, shot):
    job = run_job(seconds=600)
    open_page("tree")

    page.keyboard.press("Control+Shift+c")
    page.keyboard.type("show workflows panel")
    page.keyboard.press("Enter")
    panel = page.get_by_role("region", name="Workflows")
    live = panel.get_by_role("list", name="Live jobs").get_by_role("listitem")
    live.get_by_text("vegetation-extent").click(timeout=60_000)

    region = page.get_by_role("region", name=re.compile(f"^Job {job[:8]}"))
    expect(region.get_by_role("treegrid", name="Steps")).to_be_in_viewport(timeout=30_000)
    shot("notebook-7-tree")
