"""Cards when something is lost, unknown, hostile or much."""

import json
import re
import signal

import pytest
from playwright.sync_api import expect

from ..integration.conftest import stop
from .card import card_cell, contents, saved, write_notebook
from .server import TOKEN

pytestmark = pytest.mark.browser
CROP_RUNS = re.compile("^crop, running")
HOSTILE = "<img src=x onerror=document.title='owned'>\u202e\x1b[31mred\x1b[0m"


class Sockets(list):
    is_offline = False


@pytest.fixture
def sockets(page):
    """Give the page's event streams; without network they are closed as they open."""
    found = Sockets()

    def pass_on(socket):
        if found.is_offline:
            socket.close()
        else:
            found.append(socket)
            socket.connect_to_server()

    page.route_web_socket(re.compile("/eodh/stream"), pass_on)
    return found


def test_card_of_a_killed_runner_goes_on_with_the_next(show_cards, run_job, server, ask):
    job = run_job(seconds=600, parts=["a"])
    card = show_cards(saved(job))
    expect(card.get_by_role("treeitem", name=CROP_RUNS)).to_be_visible(timeout=30_000)

    stop(server.data, signal.SIGKILL)
    ask("DELETE", f"jobs/{job}")

    expect(card).to_have_attribute("data-state", "dismissed", timeout=60_000)
    (step,) = [one for one in ask("GET", f"jobs/{job}/steps")["steps"] if one["name"] == "crop"]
    assert step.get("attempt", 1) == 1


def test_card_without_network_says_what_it_saw_last(show_cards, run_job, sockets, page, shot, axe):
    card = show_cards(saved(run_job(seconds=600)))
    expect(card.get_by_role("treeitem", name=CROP_RUNS)).to_be_visible(timeout=30_000)

    sockets.is_offline = True
    page.context.set_offline(True)
    for socket in sockets:
        socket.close()

    expect(card).to_have_attribute("data-state", "lost", timeout=30_000)
    expect(card).to_contain_text("last seen running")
    expect(card).to_contain_text(re.compile("The job goes on without this page. Trying again"))
    expect(card.get_by_role("treeitem", name=CROP_RUNS)).to_be_visible()
    assert axe(".jp-eodh-Card") == []
    shot("card-lost", card)
    sockets.is_offline = False
    page.context.set_offline(False)
    expect(card).to_have_attribute("data-state", "running", timeout=30_000)


def test_card_goes_on_where_the_stream_was_cut(show_cards, run_job, sockets, ask, page):
    job = run_job(seconds=600)
    card = show_cards(saved(job))
    expect(card.get_by_role("treeitem", name=CROP_RUNS)).to_be_visible(timeout=30_000)
    before = len(sockets)

    for socket in sockets:
        socket.close()
    ask("DELETE", f"jobs/{job}")

    expect(card).to_have_attribute("data-state", "dismissed", timeout=30_000)
    assert len(sockets) > before


def test_card_follows_anew_after_a_reload(show_cards, run_job, page):
    card = show_cards(saved(run_job(seconds=600)))
    expect(card).to_have_attribute("data-state", "running", timeout=30_000)

    page.reload()

    expect(card).to_be_visible(timeout=60_000)
    expect(card.get_by_role("treeitem", name=CROP_RUNS)).to_be_visible(timeout=30_000)


def test_card_of_a_job_of_another_runner_shows_what_was_saved(show_cards, theme, axe, shot):
    kept = saved(
        "00000000-dead-4000-8000-000000000000",
        status="successful",
        results=[{"name": "mask", "kind": "file", "title": "m.tif", "type": "image/tiff"}],
        result_count=4,
    )
    card = show_cards(kept)

    expect(card).to_have_attribute("data-state", "unknown", timeout=30_000)
    expect(card).to_contain_text("Not found · saved as successful on 12 Mar 2026")
    expect(card).to_contain_text("Saved with the notebook: 4 results")
    expect(card.get_by_text("m.tif")).to_be_hidden()
    shot(f"card-unknown-{theme}", card)
    card.get_by_role("button", name="Show what was saved").click()
    expect(card.get_by_text("m.tif")).to_be_visible()
    assert axe(".jp-eodh-Card") == []


def test_card_of_a_deleted_job_says_so_when_it_is_seen_again(show_cards, run_job, ask, page):
    job = run_job()
    card = show_cards(saved(job))
    expect(card).to_have_attribute("data-state", "successful", timeout=60_000)

    ask("DELETE", f"jobs/{job}")
    page.reload()

    expect(card).to_have_attribute("data-state", "unknown", timeout=60_000)


def test_fifty_cards_follow_only_what_is_seen_and_the_notebook_saves(
    show_cards, run_job, page, lab, request
):
    jobs = [run_job(seconds=600, parts=["a"]) for _ in range(2)]
    subscribed, unsubscribed = set(), set()

    def listen(socket):
        def read(text):
            for kind, names in (("subscribe", subscribed), ("unsubscribe", unsubscribed)):
                if f'"type":"{kind}"' in text:
                    names.update(re.findall(r'"job":"([^"]+)"', text))

        if "/eodh/stream" in socket.url:
            socket.on("framesent", read)

    page.on("websocket", listen)
    unknown = [saved(f"00000000-{n:04}-4000-8000-000000000000") for n in range(48)]
    cards = show_cards(saved(jobs[0]), *unknown, saved(jobs[1]))

    expect(cards.first).to_have_attribute("data-state", "running", timeout=30_000)
    assert jobs[1] not in subscribed
    page.get_by_role("menuitem", name="File").click()
    page.get_by_role("menuitem", name=re.compile("^Save Notebook")).first.click()
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    name = contents(lab, "GET", "")["content"]
    assert any(one["name"].startswith("test_fifty") for one in name)
    # The notebook's own windowing moves what is scrolled to as cells above it grow.
    page.wait_for_function(
        """job => {
          jupyterapp.shell.currentWidget.content.scrollToItem(49, 'end');
          const card = document.querySelector(`[aria-label*="${job}"]`);
          card?.scrollIntoView();
          return card?.dataset.state === 'running';
        }""",
        arg=jobs[1][:8],
        polling=1000,
        timeout=60_000,
    )
    assert jobs[1] in subscribed
    assert jobs[0] in unsubscribed


def test_hostile_names_and_lines_are_shown_as_text(show_cards, ask, deploy, page, shot):
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": "hostile",
        "inputs": {},
        "outputs": {},
        "baseCommand": ["sh", "-c"],
        "arguments": [
            "printf '%s\\n' '<img src=x onerror=document.title=1>'; "
            r"printf '\033[31mred\033[0m \342\200\256back\n'; "
            "head -c 5000 /dev/zero | tr '\\0' x; echo; sleep 600"
        ],
    }
    deploy("hostile", json.dumps(document).encode())
    headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
    job = ask("POST", "processes/hostile/execution", b'{"inputs": {}}', **headers)["jobID"]
    graph = {
        "nodes": [
            {"id": HOSTILE, "label": HOSTILE, "parent": None, "is_scatter": True, "kind": "step"}
        ],
        "edges": [[HOSTILE, HOSTILE]],
    }
    results = [{"name": HOSTILE, "kind": "file", "title": HOSTILE, "type": HOSTILE}]
    failure = {"class": HOSTILE, "message": HOSTILE, "remedy": HOSTILE, "log_line": HOSTILE}
    status = {"status": "failed", "created": "2026-03-12T10:00:00Z", "failure": failure}
    names = {"graph": graph, "results": results, "process": HOSTILE}
    cards = show_cards(
        saved(job),
        {**saved("unknown-1", **names), "status": status},
        saved("unknown-2", status="successful", **names),
    )

    log = cards.first.get_by_role("log")
    expect(log).to_contain_text("<img src=x onerror=document.title=1>", timeout=30_000)
    expect(log).to_contain_text("red back")
    for card in cards.all()[1:]:
        card.scroll_into_view_if_needed()
        card.get_by_role("button", name="Show what was saved").click()
    expect(cards.nth(1)).to_contain_text("<img src=x onerror=document.title='owned'>")
    shot("card-hostile", page.locator(".jp-Notebook"))
    assert page.locator(".jp-eodh-Card img").count() <= 3
    assert page.locator(".jp-eodh-Card img[src=x]").count() == 0
    assert "owned" not in page.title()
    for card in cards.all():
        assert card.evaluate("card => card.scrollWidth <= card.clientWidth")
        assert "\u202e" not in card.inner_text()
    ask("DELETE", f"jobs/{job}")


def test_output_that_names_no_job_says_so(page, lab, strangers):
    write_notebook(lab, "odd.ipynb", [card_cell({"version": 9, "jobID": "../../etc"})])
    page.goto(f"{lab}/lab/tree/odd.ipynb?reset&token={TOKEN}")

    expect(page.get_by_text("This output names no job.")).to_be_visible(timeout=60_000)
    assert strangers == []
