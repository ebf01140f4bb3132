"""How fast the card and the graph are; rows of the scoreboard, and what must hold besides."""

import json
from datetime import datetime

import pytest
from playwright.sync_api import expect

from .card import saved
from .measure import record
from .server import TOKEN

pytestmark = pytest.mark.browser
#: Note when an attribute or a text of an element changes, and to what.
WATCH = """(node, name) => {
  const seen = (window[name] = []);
  const said = () => name === 'marks' ? node.getAttribute('aria-label') : node.innerText;
  const read = () => seen.push([Date.now() / 1000, said()]);
  new MutationObserver(read).observe(node, {
    attributes: true, childList: true, characterData: true, subtree: true
  });
}"""
WRITER = """
import time
end = time.time() + 8
while time.time() < end:
    for _ in range(10):
        print(f"{time.time():.4f}", flush=True)
    time.sleep(0.01)
"""
PARTS = 50


def test_mark_of_a_step_follows_its_end(show_cards, run_job, ask):
    job = run_job(seconds=0.3, parts=[str(part) for part in range(PARTS)])
    card = show_cards(saved(job))
    step = card.get_by_role("treeitem", name="crop", exact=False).first
    expect(step).to_be_visible(timeout=30_000)
    step.evaluate(WATCH, "marks")

    expect(card).to_have_attribute("data-state", "successful", timeout=120_000)

    marks = card.page.evaluate("marks")
    ends = sorted(
        datetime.fromisoformat(step["finished"]).timestamp()
        for step in ask("GET", f"jobs/{job}/steps")["steps"]
        if step["name"] == "crop"
    )
    assert len(ends) == PARTS
    counts = [(time, int(label.split(", ")[-1].split(" ")[0])) for time, label in marks]
    # What ended before the card was there has no sample.
    first = counts[0][1]
    shown = [min(time for time, count in counts if count >= k) for k in range(first, PARTS + 1)]
    delays = [max(0.0, time - end) for time, end in zip(shown, ends[first - 1 :], strict=True)]
    assert [count for _, count in counts] == sorted(count for _, count in counts)
    record("step finished to its mark on screen", 0.5, delays)


def test_line_of_a_busy_log_is_shown(show_cards, ask, deploy):
    document = {
        "cwlVersion": "v1.2",
        "class": "Workflow",
        "id": "busy-log",
        "inputs": {},
        "outputs": {},
        "steps": {
            "write": {
                "in": {},
                "out": [],
                "run": {
                    "class": "CommandLineTool",
                    "inputs": {},
                    "outputs": {},
                    "arguments": ["python3", "-c", WRITER],
                },
            }
        },
    }
    deploy("busy-log", json.dumps(document).encode())
    headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
    job = ask("POST", "processes/busy-log/execution", b'{"inputs": {}}', **headers)["jobID"]
    card = show_cards(saved(job, "busy-log"))
    log = card.get_by_role("log")
    expect(log).to_be_visible(timeout=30_000)
    log.evaluate(WATCH, "lines")

    expect(card).to_have_attribute("data-state", "successful", timeout=60_000)

    seen = card.page.evaluate("lines")
    shown = [(time, float(text.split()[-1])) for time, text in seen if text.split()]
    newest = [pair for n, pair in enumerate(shown) if n == 0 or pair[1] > shown[n - 1][1]]
    assert len(newest) > 5
    # The unluckiest line was written just after the one that was shown before.
    delays = [time - before for (time, _), (_, before) in zip(newest[1:], newest, strict=False)]
    record("log line written to shown, 1,000 lines/s", 0.5, delays)


def test_graph_of_200_steps_is_redrawn(page, lab, ask, deploy, strangers):
    nothing = {"class": "CommandLineTool", "inputs": {"x": "Any?"}, "outputs": {"y": "string?"}}
    tool = {**nothing, "baseCommand": "true"}
    tool["requirements"] = {"InlineJavascriptRequirement": {}}
    tool["outputs"] = {"y": {"type": "string?", "outputBinding": {"outputEval": "$(null)"}}}
    steps = {
        f"step-{n}": {"in": {"x": f"step-{n // 2}/y"} if n else {}, "out": ["y"], "run": "#tool"}
        for n in range(200)
    }
    steps["step-1"]["in"] = {"x": "step-0/y"}
    document = {
        "cwlVersion": "v1.2",
        "$graph": [
            {"class": "Workflow", "id": "large", "inputs": {}, "outputs": {}, "steps": steps},
            {**tool, "id": "tool"},
        ],
    }
    deploy("large", json.dumps(document).encode())
    headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
    job = ask("POST", "processes/large/execution", b'{"inputs": {}}', **headers)["jobID"]
    page.goto(f"{lab}/lab?reset&token={TOKEN}")
    page.wait_for_function(
        "window.jupyterapp?.commands.hasCommand('eodh:open-job')", timeout=60_000
    )
    page.evaluate(
        "jobID => jupyterapp.commands.execute('eodh:open-job', {jobID, tab: 'overview'})", job
    )
    graph = page.get_by_role("tree", name="Steps of large")
    expect(graph.get_by_role("treeitem")).to_have_count(200, timeout=60_000)

    times = graph.evaluate(
        """async tree => {
          const key = name => tree.querySelector('[tabindex="0"]')
            .dispatchEvent(new KeyboardEvent('keydown', {key: name, bubbles: true}));
          const times = [];
          for (let turn = 0; turn < 20; turn++) {
            const start = performance.now();
            key(turn % 2 ? 'End' : 'Home');
            tree.getBoundingClientRect();
            await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            times.push((performance.now() - start) / 1000);
          }
          return times;
        }"""
    )
    record("graph of 200 nodes redrawn", 0.1, times)
    assert strangers == []
    ask("DELETE", f"jobs/{job}")
