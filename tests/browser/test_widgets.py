"""The launch form of widgets and what results show, in cells of a real JupyterLab."""

import json
import re

import pytest
from playwright.sync_api import expect

from .card import WORKFLOW, write_notebook
from .server import TOKEN

pytestmark = pytest.mark.browser
DOCUMENT = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "id": "ask-everything",
    "label": "Ask for everything",
    "baseCommand": ["echo"],
    "inputs": {
        "note": {"type": "string", "label": "Note", "doc": "What is shown <b>as it is</b>"},
        "cloud": {
            "type": "int",
            "label": "Cloud limit",
            "doc": "In percent (0-100)",
            "default": 20,
        },
        "index": {"type": {"type": "enum", "symbols": ["NDVI", "EVI"]}, "default": "NDVI"},
        "is_masked": {"type": "boolean", "label": "Mask clouds", "default": True},
        "bands": {"type": "string[]", "label": "Bands", "default": ["nir", "red"]},
        "scene": {"type": "File?", "label": "Scene"},
        "grid": {
            "label": "Grid",
            "type": [
                "null",
                {"type": "record", "name": "grid", "fields": {"step": "float?", "crs": "string?"}},
            ],
        },
    },
    "arguments": [{"valueFrom": "$(inputs.note)"}],
    "stdout": "out.txt",
    "outputs": {"out": "stdout"},
}


@pytest.fixture
def cells(page, lab, strangers, deploy, request):
    """Give a function that runs cells in a notebook, and gives its output areas."""
    deploy("ask-everything", json.dumps(DOCUMENT).encode())
    deploy("vegetation-extent", json.dumps(WORKFLOW).encode())

    def run(*sources):
        name = re.sub(r"\W", "_", request.node.name)[:60] + ".ipynb"
        made = [
            {"cell_type": "code", "id": f"c{i}", "source": source, "metadata": {}, "outputs": []}
            | {"execution_count": None}
            for i, source in enumerate(("%load_ext eodh_jupyter", *sources))
        ]
        write_notebook(lab, name, made)
        page.goto(f"{lab}/lab/tree/{name}?reset&token={TOKEN}")
        expect(page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(made), timeout=60_000)
        idle = page.get_by_role("button", name=re.compile(r"\| Idle$"))
        expect(idle).to_be_visible(timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        return page.locator(".jp-Notebook .jp-OutputArea")

    yield run
    assert strangers == []


def test_form_in_a_cell_checks_launches_and_shows_the_job(cells, page, theme, axe, shot):
    cells("%workflow launch ask-everything")
    form = page.locator(".jp-OutputArea .widget-vbox").first
    expect(form.get_by_label("Note")).to_be_visible(timeout=60_000)
    expect(form).to_contain_text("What is shown <b>as it is</b>")

    form.get_by_label("Cloud limit").fill("120")
    form.get_by_role("button", name="Launch").click()
    expect(form).to_contain_text("2 inputs need attention: Note, Cloud limit")
    expect(form).to_contain_text("At most 100 %.")
    expect(form.get_by_label("Note")).to_be_focused()
    shot(f"widget-form-wrong-{theme}", form)

    form.get_by_label("Cloud limit").fill("30")
    form.get_by_label("Note").fill("hello")
    form.get_by_label("Note").press("Tab")
    form.get_by_role("button", name="Copy as magic").click()
    expect(form.locator("textarea").last).to_have_value(
        "%workflow launch ask-everything note=hello cloud=30"
    )
    assert axe(".jp-OutputArea .widget-vbox") == []
    form.get_by_role("button", name="Launch").click()

    card = form.locator(".jp-eodh-Card")
    expect(card).to_have_attribute("data-state", "successful", timeout=60_000)
    shot(f"widget-form-{theme}", form)


def test_value_typed_last_is_launched_also_when_the_kernel_was_busy(cells, page, server, ask):
    wait = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.05)"
    cells("%workflow launch ask-everything", "print('all', 'is there')", wait)
    form = page.locator(".jp-OutputArea .widget-vbox").first
    note = form.get_by_label("Note")
    expect(note).to_be_visible(timeout=60_000)
    # As in front ends in which widgets wait for the cell that runs.
    page.evaluate("""() => {
      const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
      kernel.commsOverSubshells = 'disabled';
    }""")
    expect(page.locator(".jp-OutputArea", has_text="all is there").last).to_be_visible()

    note.fill("first")
    note.press("Tab")
    note.fill("last")
    form.get_by_role("button", name="Launch").click()
    (server.home / "go").touch()

    card = form.locator(".jp-eodh-Card")
    expect(card).to_have_attribute("data-state", "successful", timeout=60_000)
    job = card.get_attribute("data-eodh-job")
    assert ask("GET", f"jobs/{job}")["inputs"]["note"] == "last"


def test_preview_graph_and_lists_are_shown_in_cells(cells, page, shot):
    outputs = cells(
        "%workflow launch ask-everything note='<script>alert(1)</script>' -o results",
        "results.out",
        "%workflow graph vegetation-extent",
        "%workflow jobs --limit 3",
        "%workflow list",
        "%workflow launch ask-everything cloud=30",
    )

    expect(outputs.filter(has_text="text · 26 B")).to_contain_text(
        "<script>alert(1)</script>", timeout=90_000
    )
    jobs = page.get_by_role("row", name=re.compile(r"ask-everything \[x\] Successful"))
    expect(jobs.first).to_be_visible(timeout=30_000)
    graph = outputs.filter(has=page.locator("img[src^='data:image/svg']"))
    expect(graph.first).to_be_visible()
    error = page.locator(".jp-OutputArea", has_text="InputError").last
    expect(error).to_contain_text("note: is needed")
    expect(error).not_to_contain_text("Traceback")
    shot("magic-outputs", page.locator(".jp-Notebook"))
    shot("magic-graph", graph.first)
