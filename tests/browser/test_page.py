"""The page of a job as a person sees it: what happens while it runs, and what is known then."""

import json
import re
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect

from ..integration.conftest import stop
from .conftest import TOKEN

pytestmark = pytest.mark.browser

#: A scatter that takes as long as is said, then a step over all of it.
FLOW = b"""
cwlVersion: v1.2
$graph:
- class: Workflow
  id: page-flow
  requirements: {ScatterFeatureRequirement: {}}
  inputs:
    bands: {type: "string[]"}
    pause: {type: int, default: 0}
    word: {type: string, default: ""}
  outputs:
    said: {type: File, outputSource: gather/out}
    crops: {type: "File[]", outputSource: crop/out}
  steps:
    crop: {run: "#say", scatter: name, in: {name: bands, pause: pause}, out: [out]}
    gather: {run: "#say", in: {name: word, pause: {default: 0}, others: crop/out}, out: [out]}
- class: CommandLineTool
  id: say
  requirements: {ResourceRequirement: {ramMin: 64, coresMin: 1}}
  inputs: {name: string, pause: int, others: "File[]?"}
  outputs: {out: {type: File, outputBinding: {glob: out.txt}}}
  baseCommand: [sh, -c]
  arguments:
  - |
    echo "begin $1" >&2
    if [ "$1" = broken ]; then printf 'ERROR: no data in <b>%s</b>\\n' "$1" >&2; exit 3; fi
    sleep "$2"; echo "end $1" >&2; echo "$1" > out.txt
  - _
  - $(inputs.name)
  - $(inputs.pause)
"""


@pytest.fixture
def launch(ask, deploy):
    """Give a function that launches the flow and gives the job's id."""
    deploy("page-flow", FLOW)

    def send(**inputs):
        body = json.dumps({"inputs": {"bands": ["a", "b"], **inputs}}).encode()
        path = "processes/page-flow/execution"
        accepted = ask("POST", path, body, Content_Type="application/json", Prefer="respond-async")
        return accepted["jobID"]

    return send


def test_running_job_shows_steps_in_graph_and_table(
    theme, strangers, launch, open_job, ended, axe, shot
):
    job_id = launch(bands=["a", "b", "c"], pause=8)

    region = open_job(job_id)

    steps = region.get_by_role("treegrid", name="Steps")
    crop = steps.get_by_role("row", name="crop").first
    expect(crop).to_contain_text(re.compile(r"Running [01]/3"), timeout=30_000)
    expect(steps.get_by_role("row", name="gather")).to_contain_text("Waits for crop")
    expect(region.get_by_role("progressbar")).to_be_visible()
    assert axe(".jp-eodh-Page") == []
    shot(f"page-overview-{theme}")
    ended(job_id)
    expect(steps.get_by_role("row", name="gather")).to_contain_text("Done", timeout=20_000)
    expect(region.get_by_text("Successful", exact=True)).to_be_visible()
    assert strangers == []


def test_selection_is_one_for_graph_and_table_and_enter_opens_the_log(
    launch, open_job, ended, page
):
    job_id = launch()
    ended(job_id)
    region = open_job(job_id)
    steps = region.get_by_role("treegrid", name="Steps")

    region.get_by_role("treeitem", name="gather").click()
    expect(steps.get_by_role("row", name="gather")).to_have_attribute("aria-selected", "true")
    steps.focus()
    page.keyboard.press("Home")
    expect(steps.get_by_role("row", name="crop").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(region.get_by_role("tab", name="Log")).to_have_attribute("aria-selected", "true")
    expect(region.get_by_role("log", name="Log of crop/0")).to_be_visible()


def test_failed_job_says_why_where_and_what_to_do(
    launch, open_job, ended, theme, axe, shot, strangers
):
    job_id = launch(bands=["a", "broken"])
    ended(job_id)

    region = open_job(job_id)

    expect(region.get_by_text("To fix it:")).to_be_visible(timeout=30_000)
    expect(region.get_by_text("ERROR: no data in <b>broken</b>")).to_be_visible()
    expect(region.locator(".jp-eodh-Page b b, .jp-eodh-PageWell b")).to_have_count(0)
    expect(region.get_by_role("row", name="crop").first).to_contain_text("Failed 1 of 2")
    assert axe(".jp-eodh-Page") == []
    shot(f"page-failed-{theme}")
    region.get_by_role("button", name="Open log of crop/1").click()
    expect(region.get_by_role("tab", name="Log")).to_have_attribute("aria-selected", "true")
    assert strangers == []


def test_tabs_go_by_arrow_keys_and_come_back_with_the_layout(launch, open_job, ended, page, lab):
    job_id = launch()
    ended(job_id)
    region = open_job(job_id)
    region.get_by_role("tab", name="Overview").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    inputs = region.get_by_role("table")
    expect(inputs.get_by_role("row", name="bands")).to_contain_text('["a","b"]')
    expect(inputs.get_by_role("row", name="bands")).to_contain_text("given")
    expect(inputs.get_by_role("row", name="pause")).to_contain_text("default")

    with page.expect_response(
        lambda answer: "/api/workspaces" in answer.url and answer.request.method == "PUT"
    ):
        page.keyboard.press("ArrowRight")
    page.goto(f"{lab}/lab?token={TOKEN}")

    expect(region.get_by_role("tab", name="Resources")).to_have_attribute(
        "aria-selected", "true", timeout=60_000
    )
    expect(region.get_by_role("row", name="crop ×2")).to_contain_text("64 MiB")
    expect(region.get_by_role("row", name="gather")).to_contain_text("fits")


def test_job_that_nobody_knows_is_said_so(open_job, page, lab):
    region = open_job("00000000-0000-4000-8000-000000000000")

    expect(region.get_by_text("This runner does not know the job.")).to_be_visible(timeout=30_000)
    expect(region.get_by_role("button", name="Look again")).to_be_visible()


def test_job_that_is_removed_while_it_is_looked_at_stays_readable(launch, open_job, ended, ask):
    job_id = launch()
    ended(job_id)
    region = open_job(job_id)
    expect(region.get_by_text("Successful", exact=True)).to_be_visible(timeout=30_000)

    ask("DELETE", f"jobs/{job_id}")

    expect(region.get_by_text("The runner no longer has this job.")).to_be_visible(timeout=20_000)
    expect(region.get_by_role("treegrid", name="Steps")).to_contain_text("gather")
    with pytest.raises(HTTPError):
        ask("GET", f"jobs/{job_id}")


def test_dismissed_job_says_so_and_keeps_what_was_done(launch, open_job, ask):
    job_id = launch(bands=["a", "b", "c", "d"], pause=30)
    region = open_job(job_id)
    expect(region.get_by_role("row", name="crop").first).to_contain_text("Running", timeout=30_000)

    ask("DELETE", f"jobs/{job_id}")

    expect(region.get_by_text("Dismissed", exact=True).first).to_be_visible(timeout=20_000)
    expect(region.get_by_role("progressbar")).to_have_count(0)


def test_job_is_followed_again_when_the_runner_was_killed(
    strangers, launch, open_job, ask, ended, server
):
    job_id = launch(pause=15)
    region = open_job(job_id)
    crop = region.get_by_role("row", name="crop").first
    expect(crop).to_contain_text("Running", timeout=30_000)

    stop(server.data)
    ended(job_id)

    expect(region.get_by_text("Successful", exact=True)).to_be_visible(timeout=60_000)
    expect(region.get_by_role("row", name="gather")).to_contain_text("Done")
    expect(region.get_by_text("Reconnecting")).to_have_count(0)
    assert strangers == []


def test_page_beside_a_notebook_loses_no_function(
    strangers, launch, open_job, ended, page, axe, shot
):
    page.set_viewport_size({"width": 560, "height": 700})
    job_id = launch(bands=["a", "broken"])
    ended(job_id)

    region = open_job(job_id)

    expect(region.get_by_role("row", name="crop").first).to_contain_text("Failed", timeout=40_000)
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    expect(region.get_by_role("columnheader")).to_have_text(["Step", "State", "Time"])
    assert axe(".jp-eodh-Page") == []
    shot("page-narrow-overview")
    region.get_by_role("tab", name="Log").click()
    expect(region.get_by_role("log")).to_contain_text("begin broken")
    region.get_by_label("Step", exact=True).select_option("crop/0")
    expect(region.get_by_role("log")).to_contain_text("begin a")
    region.get_by_role("button", name="More of the log").click()
    region.get_by_role("menuitemcheckbox", name="Errors only").click()
    expect(region.get_by_text("No such line.")).to_be_visible()
    assert axe(".jp-eodh-Page") == []
    for tab in ("Inputs", "Resources", "Provenance"):
        region.get_by_role("tab", name=tab).click()
        expect(region.get_by_role("region", name=tab)).to_be_visible()
        assert axe(".jp-eodh-Page") == []
    # 200 % zoom of a small window is half of its pixels.
    page.set_viewport_size({"width": 400, "height": 360})
    region.get_by_role("tab", name="Overview").click()
    expect(region.get_by_role("treegrid")).to_be_visible()
    page.wait_for_function(
        "node => node.scrollWidth <= node.clientWidth", arg=region.element_handle()
    )
    assert strangers == []
