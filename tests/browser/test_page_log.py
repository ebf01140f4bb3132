"""The log in the page of a job: hostile lines, search, following, length."""

import json
import re

import pytest
from playwright.sync_api import expect

from .measure import record

pytestmark = pytest.mark.browser

#: Says what it is given; then a hundred lines with the time each 0.1 s, as often as is asked.
TALKER = r"""
cwlVersion: v1.2
class: CommandLineTool
id: talker
requirements: {ResourceRequirement: {ramMin: 64}}
inputs: {text: {type: string, default: ""}, count: {type: int, default: 0}, bursts: {type: int, default: 0}}
outputs: []
baseCommand: [sh, -c]
arguments:
- |
  printf '%s' "$1" >&2
  awk -v n="$2" 'BEGIN {
    for (i = 1; i <= n; i++) {
      printf "%09d INFO wrote a block of the scene to crop.tif, 12.1 MB, as long as lines of a log are or so\n", i
      if (i % 9973 == 0) print "ERROR retry " i
    }
  }' >&2
  i=0
  while [ $i -lt "$3" ]; do
    i=`expr $i + 1`; now=`date +%s%3N`
    awk -v t=$now 'BEGIN { for (i = 1; i <= 100; i++) printf "at %s line %d\n", t, i }' >&2
    sleep 0.1
  done
- _
- $(inputs.text)
- $(inputs.count)
- $(inputs.bursts)
"""  # noqa: E501

HOSTILE = """<img src=x onerror="document.title=1"><script>document.title=1</script>
\x1b[2J\x1b[10;10H\x1b]0;gotcha\x07\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\ plain
\x1b[31mERROR 1:\x1b[0m \x1b[1;32mgreen\x1b[0m \x1b[38;5;200mpink\x1b[0m \x1b[40;93myellow\x1b[0m
10 %\r20 %\r100 % done
\u202eright to left\u202c 日本 🛰 ñ
"""


@pytest.fixture
def talk(ask, deploy):
    """Give a function that launches the talker and gives the job's id."""
    deploy("talker", TALKER.encode())

    def send(**inputs):
        body = json.dumps({"inputs": inputs}).encode()
        path = "processes/talker/execution"
        accepted = ask("POST", path, body, Content_Type="application/json", Prefer="respond-async")
        return accepted["jobID"]

    return send


def test_hostile_lines_are_text_in_readable_colours_and_copied_plain(
    theme, strangers, talk, open_job, ended, page, axe, shot
):
    job_id = talk(text=HOSTILE + "x" * 6000 + "\nlast\n")
    ended(job_id)
    title = page.title()

    region = open_job(job_id, tab="log")

    log = region.get_by_role("log")
    expect(log.get_by_text("last", exact=True)).to_be_visible(timeout=30_000)
    lines = [line.rstrip("\n") for line in log.locator(".jp-eodh-PageLogText").all_text_contents()]
    assert lines[0] == '<img src=x onerror="document.title=1"><script>document.title=1</script>'
    assert lines[1] == "link plain"
    assert lines[2] == "ERROR 1: green pink yellow"
    assert lines[3] == "100 % done"
    assert lines[4] == "right to left 日本 🛰 ñ"
    assert lines[5] == "x" * 5000 + "…"
    assert log.locator("img, script, a").count() == 0
    assert page.title() == title
    # All lines are of one height: nothing broke the layout.
    heights = log.locator(".jp-eodh-PageLogLine").evaluate_all(
        "lines => [...new Set(lines.map(line => line.offsetHeight))]"
    )
    assert len(heights) == 1
    copied = log.evaluate(
        "node => { getSelection().selectAllChildren(node); return `${getSelection()}` }"
    )
    assert copied.splitlines()[2] == "ERROR 1: green pink yellow"
    shot(f"page-log-{theme}")
    assert axe(".jp-eodh-Page") == []
    assert strangers == []


def test_log_is_followed_until_one_scrolls_up_and_then_counts_what_is_new(
    talk, open_job, page, strangers
):
    job_id = talk(count=200, bursts=200)
    region = open_job(job_id, tab="log")
    log = region.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "off", timeout=30_000)
    following = region.get_by_role("button", name="Following")
    expect(following).to_have_attribute("aria-pressed", "true")
    expect(log.get_by_text(re.compile("^at ")).first).to_be_visible(timeout=30_000)

    log.hover()
    page.mouse.wheel(0, -600)

    fresh = region.get_by_role("button", name=re.compile(r"\d+ new lines"))
    expect(fresh).to_be_visible(timeout=10_000)
    seen = log.locator(".jp-eodh-PageLogLine").first.get_attribute("data-line")
    count = fresh.inner_text()
    expect(fresh).not_to_have_text(count)
    assert log.locator(".jp-eodh-PageLogLine").first.get_attribute("data-line") == seen

    log.focus()
    page.keyboard.press("End")

    expect(following).to_be_visible()
    last = log.locator(".jp-eodh-PageLogLine").last.get_attribute("data-line")
    expect(log.locator(".jp-eodh-PageLogLine").last).not_to_have_attribute("data-line", last)
    assert log.locator(".jp-eodh-PageLogLine").count() <= 80
    assert strangers == []


def test_search_looks_in_the_whole_log_and_goes_round(talk, open_job, ended, page):
    job_id = talk(count=100_000)
    ended(job_id)
    region = open_job(job_id, tab="log")
    log = region.get_by_role("log")
    log.focus(timeout=30_000)
    page.keyboard.press("Home")
    page.keyboard.press("Control+f")

    page.keyboard.type("9973")
    field = region.get_by_role("searchbox", name="Find in the log")
    expect(field).to_be_focused()
    expect(region.get_by_text("22", exact=True)).to_be_visible(timeout=20_000)
    page.keyboard.press("Enter")
    expect(region.get_by_text("1 of 22")).to_be_visible()
    expect(log.locator("[data-current]")).to_contain_text("000009973 INFO")
    expect(log.locator("[data-current] mark")).to_have_text("9973")
    page.keyboard.press("F3")
    expect(log.locator("[data-current]")).to_contain_text("ERROR retry 9973")
    page.keyboard.press("Shift+F3")
    page.keyboard.press("Shift+F3")
    expect(region.get_by_text("22 of 22")).to_be_visible()

    page.keyboard.press("Escape")
    expect(log).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("e")
    expect(log.locator("[data-current]")).to_contain_text("ERROR retry 9973")
    region.get_by_role("button", name="Errors 10").click()
    expect(log.locator(".jp-eodh-PageLogLine")).to_have_count(10)
    log.locator(".jp-eodh-PageLogLine").last.click()
    expect(log.locator("[data-current]")).to_contain_text("ERROR retry 99730")
    expect(log.locator(".jp-eodh-PageLogLine").nth(3)).to_be_visible()


def test_long_lines_wrap_when_asked_and_their_ends_can_be_reached(talk, open_job, ended, page):
    job_id = talk(text="first\n" + "word " * 900 + "end-of-it\n" + "next\n" * 50)
    ended(job_id)
    region = open_job(job_id, tab="log")
    log = region.get_by_role("log")
    log.focus(timeout=30_000)
    page.keyboard.press("Home")
    line = log.locator("[data-line='1']")
    expect(line).to_be_visible()
    assert line.evaluate("node => node.offsetHeight") < 30

    page.keyboard.press("w")

    page.wait_for_function("() => document.querySelector('[data-line=\"1\"]').offsetHeight > 200")
    log.hover()
    for _ in range(40):
        page.mouse.wheel(0, 60)
    expect(log.locator(".jp-eodh-PageLogLine").last).to_have_attribute("data-line", "51")


def test_log_of_100_mb_stays_small_in_the_browser(talk, open_job, ended, page):
    job_id = talk(count=1_080_000)
    assert ended(job_id)["status"] == "successful"
    region = open_job(job_id, tab="overview")
    expect(region.get_by_role("treegrid", name="Steps")).to_contain_text("Done", timeout=30_000)
    before = memory_mib(page)

    region.get_by_role("tab", name="Log").click()
    log = region.get_by_role("log")
    expect(region.get_by_text(re.compile(r"lines, 1\d\d\sMB"))).to_be_visible(timeout=60_000)
    grown = []
    for part in range(100):
        share = part * 37 % 100 / 100
        log.evaluate("(node, share) => { node.scrollTop = share * node.scrollHeight }", share)
        wanted = log.locator(".jp-eodh-PageLogLine").nth(5)
        expect(wanted).to_contain_text(re.compile(r"\d{9}|ERROR"))
        assert log.locator(".jp-eodh-PageLogLine").count() <= 80
        if part % 10 == 9:
            grown.append(memory_mib(page) - before)

    row = record("browser memory grown by a log of 100 MB", 150, [max(grown)], "MiB")
    assert row["met"]


def test_lines_are_shown_soon_after_they_are_written(talk, open_job, page):
    job_id = talk(count=100_000, bursts=300)
    region = open_job(job_id, tab="log")
    expect(region.get_by_text(re.compile("^at ")).first).to_be_visible(timeout=60_000)

    delays = page.evaluate(
        """() => new Promise(resolve => {
            const found = [];
            const log = document.querySelector('[role=log]');
            let last = '';
            const look = () => {
                const newest = [...log.querySelectorAll('.jp-eodh-PageLogText')].pop()?.textContent;
                const at = /^at (\\d+)/.exec(newest ?? '');
                if (at && newest !== last) {
                    last = newest;
                    found.push((Date.now() - Number(at[1])) / 1000);
                }
                if (found.length >= 60) {
                    observer.disconnect();
                    resolve(found);
                }
            };
            const observer = new MutationObserver(look);
            observer.observe(log, { subtree: true, childList: true, characterData: true });
        })"""
    )

    record("log line written to shown, 1,000 lines/s", 0.5, delays)
    assert len(delays) == 60


def memory_mib(page):
    """Give what all processes of the browser hold: shared pages by their share, no garbage."""
    collector = page.context.new_cdp_session(page)
    collector.send("HeapProfiler.collectGarbage")
    collector.detach()
    session = page.context.browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    total = 0
    for process in found:
        with open(f"/proc/{process['id']}/smaps_rollup") as rollup:
            total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return total / 1024
