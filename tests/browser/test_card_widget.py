"""The card as a widget, where our extension is not."""

import json
import re

import pytest
from playwright.sync_api import expect

from .card import WORKFLOW
from .server import Server
from .test_card_kernel import CARD, open_notebook, run_cells

pytestmark = pytest.mark.browser


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
        f"client.deploy(json.loads({json.dumps(workflow)!r}), replace=True)\n"
        "job = client.launch('vegetation-extent', {'seconds': 15, 'parts': ['a']})\n"
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
        f"client.deploy(json.loads({json.dumps(WORKFLOW)!r}), replace=True)\n"
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
