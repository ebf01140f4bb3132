"""The panel as a person sees it."""

import json
import re
import signal

import pytest
from playwright.sync_api import expect

from ..integration.conftest import runner_pid, stop
from .history import write_jobs
from .measure import record
from .server import TOKEN

pytestmark = pytest.mark.browser

#: At what time the panel was clicked, and at what time its first jobs were painted.
STOPWATCH = """
addEventListener('pointerdown', () => { window.clicked = performance.now(); }, true);
new MutationObserver(() => {
  if (window.clicked && !window.painted && document.querySelector('[data-key^="job:"]')) {
    requestAnimationFrame(() => setTimeout(() => { window.painted ??= performance.now(); }));
  }
}).observe(document, { childList: true, subtree: true });
"""


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
    live = []

    def send(process, **inputs):
        body = json.dumps({"inputs": inputs}).encode()
        path = f"processes/{process}/execution"
        headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
        live.append(ask("POST", path, body, **headers)["jobID"])
        return live[-1]

    yield send
    for job in live:
        if ask("GET", f"jobs/{job}")["status"] in ("accepted", "running"):
            ask("DELETE", f"jobs/{job}")


@pytest.fixture
def open_panel(page, strangers):
    """Give a function that opens the panel in a page that reaches no other host."""

    def show(address):
        return show_panel(page, address)

    yield show
    assert strangers == []


@pytest.fixture
def panel(open_panel, lab):
    """Give the panel of the shared JupyterLab."""
    return open_panel(lab)


def show_panel(page, address):
    page.goto(f"{address}/lab?reset&token={TOKEN}")
    # JupyterLab gives the focus to its launcher once it has come up.
    page.locator(".jp-Launcher").wait_for(timeout=60_000)
    page.get_by_role("tab", name="Workflows").click(timeout=60_000)
    return page.get_by_role("region", name="Workflows")


def rows(panel, name):
    return panel.get_by_role("list", name=name, exact=True).get_by_role("listitem")


def test_panel_lists_what_is_deployed_and_follows_its_jobs(deploy, launch, panel, theme, axe, shot):
    name = f"say-hello-{theme}"
    deploy(name, "sleep 2")

    expect(rows(panel, "Processes").filter(has_text=name)).to_be_visible(timeout=30_000)
    launch(name)

    expect(rows(panel, "Live jobs")).to_contain_text(name, timeout=30_000)
    assert axe("#eodh-panel") == []
    row = rows(panel, "Jobs").first
    expect(row).to_contain_text(name, timeout=30_000)
    expect(row).to_contain_text("Successful")
    expect(rows(panel, "Live jobs")).to_have_count(0)
    shot(f"panel-{theme}")
    assert axe("#eodh-panel") == []


def test_text_of_others_is_text_and_keeps_the_layout(deploy, launch, panel, page):
    evil = '<img src=x onerror="window.evil=1">\u202e\x1b[31m' + "long " * 400
    deploy("hostile", "exit 3", label=evil)
    launch("hostile", name=evil)

    row = rows(panel, "Jobs").filter(has_text="hostile").first
    expect(row).to_contain_text("Failed", timeout=30_000)
    panel.get_by_role("textbox", name="Find a process or job").fill(evil[:60])
    process = rows(panel, "Processes").filter(has_text="hostile").get_by_role("button").first
    expect(process).to_have_attribute("title", re.compile("<img src=x .* long"))
    assert page.evaluate("window.evil") is None
    assert panel.locator("img").count() == 0
    width = panel.evaluate("node => node.scrollWidth - node.clientWidth")
    assert width <= 0


def test_ten_thousand_jobs_are_searched_filtered_paged_and_few_are_drawn(
    server, deploy, launch, open_panel, page, axe
):
    deploy("history")
    write_jobs(server.data, "history", 10_000)
    page.add_init_script(STOPWATCH)
    panel = open_panel(server.address)
    jobs = rows(panel, "Jobs")

    expect(panel.get_by_role("button", name="Jobs 10")).to_be_visible(timeout=30_000)
    assert panel.locator("li").count() <= 60
    expect(panel).to_contain_text("50 of 10")
    for _ in range(3):
        seen = panel.get_by_text(" of 10").text_content()
        panel.get_by_role("button", name="Show 50 more").click()
        expect(panel.get_by_text(seen, exact=True)).to_have_count(0)
    assert panel.locator("li").count() <= 60

    # What comes while the reader is further down waits, and nothing moves.
    before = jobs.nth(10).bounding_box()
    launch("history", name="new")
    newer = panel.get_by_role("button", name="1 newer job")
    expect(newer).to_be_attached(timeout=30_000)
    top = panel.locator(".jp-eodh-Scroller").evaluate("node => node.scrollTop")
    assert top > 4
    assert abs(jobs.nth(10).bounding_box()["y"] - before["y"]) <= 60
    newer.click()
    expect(jobs.first).to_contain_text("history")
    expect(newer).to_have_count(0)

    search = panel.get_by_role("textbox", name="Find a process or job")
    search.fill("scene-09990")
    expect(panel.get_by_role("button", name="Jobs 1 of 10")).to_be_visible(timeout=20_000)
    search.fill("")
    panel.get_by_role("button", name="Filter jobs").click()
    page.get_by_role("menuitem", name="Failed").click()
    expect(panel.get_by_role("button", name=re.compile(r"Jobs 50\d of 10"))).to_be_visible(
        timeout=20_000
    )
    expect(panel.get_by_role("button", name="Remove the filter Failed")).to_be_visible()
    assert axe("#eodh-panel") == []
    panel.get_by_role("button", name="Remove the filter Failed").click()
    search.fill("nowhere")
    expect(panel).to_contain_text("Nothing matches nowhere.", timeout=20_000)
    assert axe("#eodh-panel") == []
    panel.get_by_role("button", name="Clear the search").last.click()
    expect(jobs.first).to_be_visible()


def test_first_jobs_of_ten_thousand_are_painted_soon(own_server, page):
    server = own_server(EODH_IDLE_TIMEOUT_S="600")
    panel = show_panel(page, server.address)
    expect(panel).to_contain_text("No process yet", timeout=60_000)
    write_jobs(server.data, "history", 10_000)
    page.add_init_script(STOPWATCH)
    samples = []

    for _ in range(5):
        show_panel(page, server.address)
        page.wait_for_function("window.painted", timeout=30_000)
        samples.append(page.evaluate("(window.painted - window.clicked) / 1000"))

    row = record("panel with 10,000 jobs, click to painted", 0.5, samples)
    assert len(row["samples"]) == 5


def test_panel_is_used_by_keyboard_alone(deploy, launch, panel, page, ask):
    deploy("by-key", "sleep 60")
    job = launch("by-key")
    live = rows(panel, "Live jobs").filter(has_text="by-key")
    expect(live).to_be_visible(timeout=30_000)
    focused = page.locator(":focus")
    panel.get_by_role("heading", name="Workflows").click()

    page.keyboard.press("/")
    search = panel.get_by_role("textbox", name="Find a process or job")
    expect(search).to_be_focused()
    page.keyboard.type("by-k")
    expect(rows(panel, "Processes")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(search).to_have_value("")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("data-key", f"job:{job}")
    page.keyboard.press("ArrowLeft")
    expect(focused).to_have_attribute("aria-expanded", "false")
    expect(live).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("data-key", f"job:{job}")

    page.keyboard.press("Shift+F10")
    expect(page.get_by_role("menuitem", name="Copy job id")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    expect(live).to_have_count(0, timeout=20_000)
    assert ask("GET", f"jobs/{job}")["status"] == "dismissed"
    expect(rows(panel, "Jobs").filter(has_text="by-key").first).to_contain_text("Dismissed")

    expect(focused).to_have_attribute("data-key", re.compile("^(job|process):"))

    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("data-key", re.compile("^(head|process):"))
    page.keyboard.press("Home")
    expect(focused).to_have_attribute("data-key", "head:processes")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("data-key", "process:by-key")
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Undeploy by-key?")
    expect(dialog).to_contain_text("Its 1 job and its results stay.")
    expect(dialog.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(rows(panel, "Processes").filter(has_text="by-key")).to_be_visible()


@pytest.mark.parametrize("width", [260, 340, 400])
def test_panel_of_any_width_loses_no_row(deploy, launch, panel, page, width, shot, axe):
    deploy(f"width-{width}")
    launch(f"width-{width}")
    row = rows(panel, "Jobs").filter(has_text=f"width-{width}").first
    expect(row).to_be_visible(timeout=30_000)

    box = panel.bounding_box()
    edge = box["x"] + box["width"]
    page.mouse.move(edge + 2, 400)
    page.mouse.down()
    page.mouse.move(edge + 2 + width - box["width"], 400, steps=4)
    page.mouse.up()

    expect(row).to_be_visible()
    expect(panel.get_by_text("rev 1").first).to_be_visible(visible=width >= 340)
    assert panel.evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    shot(f"panel-{width}")
    assert axe("#eodh-panel") == []


def test_runner_details_open_by_keyboard_and_give_the_focus_back(panel, page, axe, shot):
    details = panel.get_by_role("button", name="Runner details")
    expect(panel).to_contain_text("This computer", timeout=30_000)
    details.focus()
    page.keyboard.press("Enter")

    dialog = panel.get_by_role("dialog", name="Runner details")
    expect(dialog).to_contain_text("Memory")
    expect(dialog).to_contain_text("Workspace")
    shot("panel-details")
    assert axe("#eodh-panel") == []
    page.keyboard.press("Escape")
    expect(details).to_be_focused()


def test_runner_that_was_killed_is_started_again_and_the_list_stays(
    own_server, open_panel, page, shot
):
    server = own_server(EODH_IDLE_TIMEOUT_S="60")
    panel = open_panel(server.address)
    expect(panel).to_contain_text("No process yet", timeout=60_000)
    assert runner_pid(server.data.resolve())

    stop(server.data, signal.SIGKILL)

    expect(panel).to_contain_text("Not up to date since", timeout=30_000)
    expect(panel).to_contain_text("No process yet")
    expect(panel).to_contain_text("This computer", timeout=60_000)
    expect(panel.get_by_text("Not up to date since")).to_have_count(0)
    assert runner_pid(server.data.resolve())


def test_jupyter_server_that_restarts_is_found_again(own_server, open_panel, page, axe):
    server = own_server(EODH_IDLE_TIMEOUT_S="60")
    panel = open_panel(server.address)
    expect(panel).to_contain_text("No process yet", timeout=60_000)
    port = server.port

    server.end()

    expect(panel).to_contain_text("Not up to date since", timeout=30_000)
    expect(panel).to_contain_text("Trying again")
    assert axe("#eodh-panel") == []
    server.start(port)
    expect(panel.get_by_text("Not up to date since")).to_have_count(0, timeout=60_000)
    expect(panel).to_contain_text("This computer")


def test_first_time_leads_to_a_process_in_one_click(own_server, open_panel, page, axe, theme, shot):
    server = own_server()
    panel = open_panel(server.address)
    expect(panel).to_contain_text("No process yet", timeout=60_000)
    shot(f"panel-first-{theme}")
    assert axe("#eodh-panel") == []

    panel.get_by_role("button", name="Try the example").click()

    expect(rows(panel, "Processes")).to_contain_text("count-words", timeout=60_000)


def test_panel_works_behind_the_prefix_of_a_hub(own_server, open_panel, page):
    server = own_server("--ServerApp.base_url=/user/a%40b/")

    panel = open_panel(server.address)

    expect(panel).to_contain_text("No process yet", timeout=60_000)
    panel.get_by_role("button", name="Try the example").click()
    expect(rows(panel, "Processes")).to_contain_text("count-words", timeout=60_000)
