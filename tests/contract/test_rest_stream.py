"""Events and logs over a real server: as they come, resumed, ended."""

import json
import threading

import pytest
from eodh_runner.api import event
from eodh_runner.domain.event import EventKind

from .fake_service import FakeService, make_process, served


@pytest.fixture
def service():
    service = FakeService()
    service.deployed["ndvi"] = make_process()
    return service


@pytest.fixture
def http(service):
    with served(service) as http:
        yield http


@pytest.fixture
def job_id(http):
    headers = {"Prefer": "respond-async"}
    answer = http.post("/ogc-api/processes/ndvi/execution", json={}, headers=headers)
    return answer.json()["jobID"]


def read(lines, count):
    """Give the next events of a stream: id, kind, data."""
    found, one = [], {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line and name:
            one[name] = value
        elif one:
            found.append((one["id"], one["event"], json.loads(one["data"])))
            one = {}
            if len(found) == count:
                break
    return found


def test_events_come_as_they_happen_and_end_with_the_job(http, service, job_id):
    with http.stream("GET", f"/ogc-api/jobs/{job_id}/events") as answer:
        lines = answer.iter_lines()
        first = read(lines, 1)
        service.add_event(job_id, EventKind.PROGRESS, {"progress": 50})
        second = read(lines, 1)
        service.finish(job_id, {})
        rest = read(lines, None)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert first[0][:2] == ("1", "job")
    assert second[0][2] == {
        "seq": 2,
        "position": 2,
        "time": "2026-01-02T03:04:05.678Z",
        "kind": "progress",
        "data": {"progress": 50},
        "jobID": job_id,
    }
    assert [(e[0], e[2]["data"]["status"]) for e in rest] == [("3", "successful")]


@pytest.mark.parametrize(
    ("query", "headers", "seqs"),
    [
        ("", {}, ["1", "2", "3"]),
        ("?after=1", {}, ["2", "3"]),
        ("", {"Last-Event-ID": "2"}, ["3"]),
        ("?after=0", {"Last-Event-ID": "2"}, ["3"]),
        ("", {"Last-Event-ID": "3"}, []),
        ("?after=99", {}, []),
    ],
)
def test_events_of_an_ended_job_resume_and_end(http, service, job_id, query, headers, seqs):
    service.add_event(job_id, EventKind.PROGRESS, {"progress": 50})
    service.finish(job_id, {})

    with http.stream("GET", f"/ogc-api/jobs/{job_id}/events{query}", headers=headers) as answer:
        found = read(answer.iter_lines(), None)

    assert [e[0] for e in found] == seqs


def test_events_of_a_quiet_job_beat(http, job_id, monkeypatch):
    monkeypatch.setattr(event, "HEARTBEAT_S", 0.05)

    with http.stream("GET", f"/ogc-api/jobs/{job_id}/events?after=1") as answer:
        beats = [line for line, _ in zip(answer.iter_lines(), range(6), strict=False)]

    assert beats[2::2] == [": still here"] * 2


def test_events_of_an_unknown_job_are_a_problem(http):
    assert http.get("/ogc-api/jobs/none/events").status_code == 404
    assert http.get("/ogc-api/events?after=-1").status_code == 400
    assert http.get(f"/ogc-api/events?after={2**64}").status_code == 400


def test_workspace_events_begin_now_or_behind_a_position(http, service, job_id):
    with http.stream("GET", "/ogc-api/events?after=0") as answer:
        earlier = read(answer.iter_lines(), 1)
    with http.stream("GET", "/ogc-api/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        service.add_event(None, EventKind.PROCESS, {"process_id": "x", "change": "deployed"})
        now = read(lines, 1)

    assert (earlier[0][0], earlier[0][2]["jobID"]) == ("1", job_id)
    assert (now[0][0], now[0][1], now[0][2]["jobID"]) == ("2", "process", None)


@pytest.fixture
def log(http, service, job_id):
    service.write_log(job_id, "crop.0", b"0123456789", is_complete=False)
    return f"/ogc-api/jobs/{job_id}/crop.0.log"


def test_log_is_plain_text_that_is_not_sniffed(http, log):
    answer = http.get(log)

    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("nonsense", 200, b"0123456789", None),
    ],
)
def test_range_of_a_log(http, log, asked, status, content, told):
    answer = http.get(log, headers={"Range": asked})

    assert (answer.status_code, answer.headers.get("content-range")) == (status, told)
    assert content in (None, answer.content)


def test_end_of_a_log_without_a_line_is_empty_and_no_error(http, service, job_id):
    service.write_log(job_id, "still.0", b"", is_complete=False)

    answer = http.get(f"/ogc-api/jobs/{job_id}/still.0.log", headers={"Range": "bytes=-2000"})

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("offset", "content"), [(7, b"789"), (10, b""), (99, b""), (-5, b"0123456789")]
)
def test_log_from_an_offset(http, log, offset, content):
    assert http.get(log, params={"offset": offset}).content == content


def test_log_that_is_followed_ends_when_it_is_complete(http, service, job_id, log):
    with http.stream("GET", log, params={"follow": "true", "offset": 8}) as answer:
        parts = answer.iter_raw()
        first = next(parts)
        writer = threading.Timer(
            0.05, service.write_log, (job_id, "crop.0", b" end"), {"is_complete": True}
        )
        writer.start()
        rest = b"".join(parts)

    assert (first, rest) == (b"89", b" end")


def test_unknown_log_is_a_problem(http, job_id):
    answer = http.get(f"/ogc-api/jobs/{job_id}/none.log")

    assert (answer.status_code, "see the job's steps" in answer.json()["detail"]) == (404, True)
