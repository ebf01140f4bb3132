"""A real JupyterLab over a real runner, in Debian's Chromium."""

import contextlib
import json
import os
import re
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .card import WORKFLOW, card_cell, write_notebook
from .forms import form_of
from .network import outside_the_network
from .server import ROOT, TOKEN, Server, send

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
#: A machine that does other things too is slow now and then; what never comes is still missed.
PATIENCE_MS = 20_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def network():
    """Leave the machine's network while browser tests run: they need loopback alone."""
    with outside_the_network():
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not there; install Debian's chromium")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Give a JupyterLab that the tests of a file share: what one file leaves, no other meets."""
    found = Server(tmp_path_factory.mktemp("lab")).start()
    yield found
    found.close()


@pytest.fixture(scope="module")
def lab(server):
    """Give the address of the shared JupyterLab."""
    return server.address


@pytest.fixture
def own_server(tmp_path):
    """Give a function that starts a server for this test alone; options as for `Server`."""
    started = []

    def start(*options, **more):
        started.append(Server(tmp_path / f"server{len(started)}", *options, **more).start())
        return started[-1]

    yield start
    for found in started:
        found.close()


@pytest.fixture(params=["light", "dark"])
def theme(request, page):
    """Show the page in JupyterLab's light and dark theme in turn."""
    page.emulate_media(color_scheme=request.param)
    return request.param


@pytest.fixture
def axe(page):
    """Give a function that lists what axe-core finds serious or critical within a selector."""
    script = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"

    def check(selector):
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(script.read_text())
        found = page.evaluate("selector => axe.run(selector)", selector)
        return [
            f"{entry['id']}: {node['html'][:200]} {node['failureSummary']}"
            for entry in found["violations"]
            if entry["impact"] in ("serious", "critical")
            for node in entry["nodes"]
        ]

    return check


@pytest.fixture
def shot(page, tmp_path):
    """Give a function that saves a picture of a locator, where SCREENSHOTS says."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))

    def save(name, locator=None):
        (locator or page).screenshot(path=folder / f"{name}.png")

    return save


@pytest.fixture
def ask(lab):
    """Give a function that sends a request through the server's proxy."""

    def ask(method, path, body=None, **headers):
        return send(f"token {TOKEN}", method, f"{lab}/eodh/{path}", body, **headers)

    return ask


@pytest.fixture
def strangers(page):
    """Collect requests to hosts other than this computer; they are not let out."""
    found = []

    def gate(route):
        if route.request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            found.append(route.request.url)
            route.abort()

    page.route("**/*", gate)
    return found


@pytest.fixture
def deploy(ask):
    """Give a function that deploys a document under its id, in the place of an earlier one."""

    def send(process_id, document):
        known = {process["id"] for process in ask("GET", "processes")["processes"]}
        method, path = ("PUT", f"/{process_id}") if process_id in known else ("POST", "")
        ask(method, f"processes{path}", document, Content_Type="application/cwl+yaml")

    return send


@pytest.fixture
def ended(ask):
    """Give a function that waits for the end of a job and gives its status."""

    def wait(job_id):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            status = ask("GET", f"jobs/{job_id}")
            if status["status"] not in ("accepted", "running"):
                return status
            time.sleep(0.1)
        raise AssertionError(status)

    return wait


@pytest.fixture
def open_job(page, lab):
    """Give a function that opens the page of a job, and the region that it is."""
    page.goto(f"{lab}/lab?reset&token={TOKEN}")
    page.wait_for_function(
        "() => window.jupyterapp?.commands.hasCommand('eodh:open-job')", timeout=60_000
    )

    def show(job_id, **place):
        page.evaluate(
            "args => { jupyterapp.commands.execute('eodh:open-job', args); }",
            {"jobID": job_id, **place},
        )
        return page.get_by_role("region", name=re.compile(f"^Job {job_id[:8]}"))

    return show


@pytest.fixture
def run_job(ask, deploy):
    """Give a function that launches the process of `card.py` and gives the job's id."""
    deploy("vegetation-extent", json.dumps(WORKFLOW).encode())
    jobs = []

    def send(**inputs):
        body = json.dumps({"inputs": inputs}).encode()
        path = "processes/vegetation-extent/execution"
        headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
        jobs.append(ask("POST", path, body, **headers)["jobID"])
        return jobs[-1]

    yield send
    for job in jobs:
        with contextlib.suppress(urllib.error.HTTPError):
            ask("DELETE", f"jobs/{job}")


@pytest.fixture
def show_cards(page, lab, strangers, request):
    """Give a function that opens a notebook with cards in its cells; gives the cards."""

    def open_notebook(*kept):
        name = re.sub(r"\W", "_", request.node.name)[:60] + ".ipynb"
        write_notebook(lab, name, [card_cell(one, number) for number, one in enumerate(kept)])
        page.goto(f"{lab}/lab/tree/{name}?reset&token={TOKEN}")
        cards = page.locator(".jp-Notebook .jp-eodh-Card")
        expect(cards.first).to_be_visible(timeout=60_000)
        return cards

    yield open_notebook
    assert strangers == []


@pytest.fixture
def open_form(page, lab, strangers):
    """Give a function that opens the form of a process from the panel of a fresh page."""

    def go(process_id, width=1480, height=1000):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{lab}/lab?reset&token={TOKEN}")
        page.get_by_role("tab", name="Workflows").click(timeout=60_000)
        panel = page.get_by_role("region", name="Workflows")
        panel.get_by_text(process_id, exact=True).first.hover()
        panel.get_by_role("button", name=f"Launch {process_id}", exact=True).click()
        page.get_by_role("tab", name="Workflows").click()
        return form_of(page, process_id)

    yield go
    assert strangers == []


@pytest.fixture
def home(server):
    """Give the folder that the file browser shows."""
    return server.home
