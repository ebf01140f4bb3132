import json
import queue

import pytest

from eodh_jupyter.display.widget import CardLink, make_widget

from .conftest import JOB


@pytest.fixture
def link(client):
    """Give a function that asks in a card's name and gives the answer."""
    sent = queue.Queue()
    found = CardLink(client._http, JOB, lambda content, buffers=(): sent.put((content, buffers)))

    def ask(path, method="GET", **more):
        found.take({"type": "request", "id": 7, "method": method, "path": path, **more})
        content, buffers = sent.get(timeout=20)
        assert content["id"] == 7
        return content.get("problem", {}).get("status"), b"".join(buffers)

    ask.link, ask.sent = found, sent
    yield ask
    found.close()


def test_card_is_answered_about_its_own_job(link):
    status, body = link(f"jobs/{JOB}")

    assert status is None
    assert json.loads(body)["jobID"] == JOB


@pytest.mark.parametrize(
    "path",
    [
        "jobs/other",
        "jobs",
        "processes",
        f"jobs/{JOB}x",
        f"jobs/{JOB}/../other",
        f"jobs/{JOB}/results/..%2f..%2fother",
        f"http://elsewhere/jobs/{JOB}",
        f"jobs/{JOB}/events",
    ],
)
def test_card_is_refused_what_is_not_of_its_job(link, path):
    assert link(path) == (403, b"")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("PUT", ""), ("DELETE", "/results/mask")]
)
def test_card_can_change_nothing_but_dismiss(link, method, path):
    assert link(f"jobs/{JOB}{path}", method=method)[0] == 403


def test_events_are_passed_on_to_the_last(link):
    link.link.take({"type": "follow", "after": 0})

    events = []
    while not events or events[-1]["data"].get("status") != "successful":
        content, _ = link.sent.get(timeout=20)
        if content["type"] == "event":
            events.append(content["event"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_messages_that_mean_nothing_are_left_aside(link):
    for content in (None, 7, {}, {"type": "odd"}):
        link.link.take(content)

    assert link(f"jobs/{JOB}")[0] is None


def test_widget_shows_the_snapshot_where_no_widget_can_be_shown(client):
    widget = make_widget(client.job(JOB))

    bundle, _ = widget._repr_mimebundle_()

    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "State when this notebook was saved" in bundle["text/html"]
    assert bundle["text/plain"].startswith("ndvi  job 3f8212b5")
    assert widget.saved["jobID"] == JOB
    assert "://" not in json.dumps(widget.saved)
    widget.close()
