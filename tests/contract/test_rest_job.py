"""Execute, status, job list, dismiss."""

import httpx
import pytest
from eodh_runner.api import execution
from eodh_runner.api.app import make_app
from eodh_runner.domain.progress import StepCounts
from eodh_runner.service.standing import Standing

from .fake_service import FakeService, make_process

PART1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
EODH = "/api/catalogue/stac/catalogs/user/catalogs/local"
ECHO = "/ogc-api/processes/echo/execution"
HELLO = {"inputs": {"stringInput": "hello"}}
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture
def service():
    service = FakeService()
    service.deployed["ndvi"] = make_process()
    return service


@pytest.fixture
def http(service):
    transport = httpx.ASGITransport(make_app(service, token=None), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def test_execute_without_preference_answers_the_results(http):
    answer = await http.post(ECHO, json=HELLO)

    assert (answer.status_code, answer.json()) == (200, {"pause": 0, "stringInput": "hello"})
    assert "link" not in answer.headers


@pytest.mark.parametrize("prefer", ["respond-async", "respond-async ", "wait=5, Respond-Async"])
async def test_execute_that_prefers_async_answers_at_once(http, prefer):
    answer = await http.post(ECHO, json=HELLO, headers={"Prefer": prefer})

    assert answer.status_code == 201
    assert answer.headers["location"] == f"http://127.0.0.1/ogc-api/jobs/{answer.json()['jobID']}"
    assert answer.headers["preference-applied"] == "respond-async"


async def test_execute_that_takes_too_long_becomes_a_job(http, monkeypatch):
    monkeypatch.setattr(execution, "SYNC_S", 0.05)

    answer = await http.post("/ogc-api/processes/ndvi/execution", json={"inputs": {}})

    assert (answer.status_code, answer.json()["status"]) == (201, "accepted")


async def test_execute_waits_no_longer_than_is_preferred(http):
    answer = await http.post(
        "/ogc-api/processes/ndvi/execution", json={"inputs": {}}, headers={"Prefer": "wait=0"}
    )

    assert answer.status_code == 201


async def test_execute_of_one_raw_output_answers_its_text(http):
    body = {**HELLO, "outputs": {"stringInput": {}}, "response": "raw"}

    answer = await http.post(ECHO, json=body)

    assert (answer.text, answer.headers["content-type"]) == (
        "hello",
        "text/plain; charset=utf-8",
    )


async def test_execute_gives_the_outputs_asked_for(http):
    answer = await http.post(ECHO, json={**HELLO, "outputs": {"pause": {}}})

    assert answer.json() == {"pause": 0}


async def test_execute_of_an_unknown_output_starts_no_job(http, service):
    answer = await http.post(ECHO, json={**HELLO, "outputs": {"other": {}}})

    assert (answer.status_code, answer.json()["type"]) == (400, PART1 + "no-such-output")
    assert service.stored_jobs == {}


async def test_execute_that_fails_tells_the_failure(http):
    answer = await http.post(ECHO, json={"inputs": {"stringInput": "fail"}})

    assert (answer.status_code, answer.json()["failure"]["class"]) == (500, "command")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"inputs": []}',
        b'{"inputs": {}, "outputs": []}',
        b'{"inputs": {}, "outputs": {"out": {"transmissionMode": "pigeon"}}}',
        b'{"inputs": {}, "response": "other"}',
        b'{"inputs": {"x": NaN}}',
        b'{"inputs": {"x": 1e999}}',
        b'{"inputs": {"x": "\\ud800"}}',
        b'{"inputs": {"x": "\xff"}}',
        b"[" * 100_000,
        b'{"inputs": {"stringInput": 1}}',
    ],
)
async def test_execute_of_a_body_that_does_not_fit_is_a_problem(http, service, content):
    headers = {"Content-Type": "application/json", "Accept": "application/json"}

    answer = await http.post(ECHO, content=content, headers=headers)

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
    assert service.stored_jobs == {}


async def test_execute_of_a_form_is_refused(http):
    answer = await http.post(ECHO, data={"inputs": "{}"})

    assert answer.status_code == 415


async def test_execute_with_the_same_key_gives_the_same_job_and_else_a_conflict(http):
    headers = {**ASYNC, "Idempotency-Key": "key"}
    other = {"inputs": {"stringInput": "other"}}

    first = await http.post(ECHO, json=HELLO, headers=headers)
    again = await http.post(ECHO, json=HELLO, headers=headers)
    differs = await http.post(ECHO, json=other, headers=headers)

    assert first.headers["location"] == again.headers["location"]
    assert (differs.status_code, differs.json()["type"]) == (409, PART1 + "conflict")


async def start(http, prefix="/ogc-api"):
    answer = await http.post(
        f"{prefix}/processes/ndvi/execution", json={"inputs": {"threshold": 0}}, headers=ASYNC
    )
    return answer.json()["jobID"]


async def test_status_of_one_job_has_inputs_and_links_to_logs(http, service):
    job_id = await start(http)
    service.stored_steps[job_id] = [{"path": "crop/0", "log": "crop.0"}]
    service.finish(job_id, {})

    found = (await http.get(f"/ogc-api/jobs/{job_id}")).json()

    me = f"http://127.0.0.1/ogc-api/jobs/{job_id}"
    assert found["inputs"] == {"threshold": 0}
    assert {link["rel"]: link["href"] for link in found["links"]} == {
        "monitor": me,
        "self": me,
        "http://www.opengis.net/def/rel/ogc/1.0/results": f"{me}/results",
        "up": "http://127.0.0.1/ogc-api/jobs",
        "related": f"{me}/crop.0.log",
    }
    assert found["links"][-1]["title"] == "Tool log crop.0.log"
    assert (found["created"], found["progress"]) == ("2026-01-02T03:04:05.678Z", 100)


async def test_status_in_a_list_has_neither_inputs_nor_logs(http, service):
    service.stored_steps[await start(http)] = [{"path": "crop", "log": "crop"}]

    job = (await http.get("/ogc-api/jobs")).json()["jobs"][0]

    assert "inputs" not in job
    assert "related" not in [link["rel"] for link in job["links"]]


@pytest.mark.parametrize("prefix", [EODH, "/local/ogc-api", "/ades/local/ogc-api"])
async def test_status_of_the_eodh_form_runs_from_the_start_and_ends_without_progress(
    http, service, prefix
):
    job_id = await start(http, prefix)
    first = (await http.get(f"{prefix}/jobs/{job_id}")).json()
    service.finish(job_id, {})
    last = (await http.get(f"{prefix}/jobs/{job_id}")).json()

    assert (first["status"], first["progress"], "started" in first) == ("running", 0, True)
    assert (last["status"], "progress" in last, "finished" in last) == ("successful", False, True)


async def test_filter_by_running_in_the_eodh_form_finds_what_it_shows_as_running(http):
    await start(http)

    assert (await http.get(f"{EODH}/jobs?status=running")).json()["numberTotal"] == 1
    assert (await http.get("/ogc-api/jobs?status=running")).json()["numberTotal"] == 0


async def test_list_pages_with_its_filters_and_a_repeated_limit(http):
    ids = [await start(http) for _ in range(3)]

    first = (await http.get("/ogc-api/jobs?limit=2&status=accepted&limit=2")).json()
    url = next(link["href"] for link in first["links"] if link["rel"] == "next")
    last = (await http.get(url)).json()

    assert [job["jobID"] for job in first["jobs"] + last["jobs"]] == ids[::-1]
    assert (first["numberTotal"], first["numberMatched"], first["numMatched"]) == (3, 3, 3)
    assert (first["numberReturned"], last["numberReturned"]) == (2, 1)
    assert "status=accepted" in url
    assert f"behind={ids[1]}" in url
    assert {link["rel"] for link in last["links"]} == {"self"}


async def test_list_that_skips_links_back(http):
    ids = [await start(http) for _ in range(3)]

    page = (await http.get("/ogc-api/jobs?limit=1&skip=1&q=ndvi")).json()

    links = {link["rel"]: link["href"].partition("?")[2] for link in page["links"]}
    assert [job["jobID"] for job in page["jobs"]] == [ids[1]]
    assert links == {
        "self": "limit=1&q=ndvi&skip=1",
        "prev": "limit=1&q=ndvi&skip=0",
        "next": f"limit=1&q=ndvi&behind={ids[1]}",
    }


async def test_status_tells_where_the_job_stands(http, service):
    job_id = await start(http)
    service.stored_standings[job_id] = Standing(
        steps=StepCounts(total=8, done=4, running=2, failed=0, reused=1),
        current="crop 4 of 8",
        time_left_s=61.5,
        has_logs=True,
    )

    one = (await http.get(f"/ogc-api/jobs/{job_id}")).json()
    listed = (await http.get("/ogc-api/jobs")).json()["jobs"][0]

    told = {
        "revision": 1,
        "steps": {"total": 8, "done": 4, "running": 2, "failed": 0, "reused": 1},
        "current": "crop 4 of 8",
        "time_left_s": 61.5,
        "has_logs": True,
    }
    assert {name: one[name] for name in told} == told
    assert {name: listed[name] for name in told} == told
    assert "jobs_ahead" not in listed


async def test_status_of_a_job_tells_the_revision_that_is_deployed(http, service):
    job_id = await start(http)
    service.deployed["ndvi"] = make_process(revision=5)
    replaced = (await http.get(f"/ogc-api/jobs/{job_id}")).json()
    del service.deployed["ndvi"]
    undeployed = (await http.get(f"/ogc-api/jobs/{job_id}")).json()

    assert (replaced["revision"], replaced["process_revision"]) == (1, 5)
    assert (undeployed["revision"], undeployed["process_revision"]) == (1, None)


async def test_list_takes_times_with_and_without_zone(http):
    await start(http)

    for time, total in (
        ("2026-01-02T03:04:00Z/..", 1),
        ("2026-01-02T03:04:00/2026-01-02T03:05:00", 1),
        ("../2026-01-02T03:00:00Z", 0),
        ("2026-01-02T03:04:05.678Z", 1),
    ):
        found = await http.get("/ogc-api/jobs", params={"datetime": time})
        assert (time, found.json()["numberTotal"]) == (time, total)


@pytest.mark.parametrize(
    "query",
    [
        "status=done",
        "datetime=yesterday",
        "limit=x",
        "skip=-1",
        "minDuration=-1",
        "minDuration=nan",
    ],
)
async def test_list_with_a_parameter_that_does_not_fit_names_it(http, query):
    answer = await http.get(f"/ogc-api/jobs?{query}")

    body = answer.json()
    assert (answer.status_code, body["type"]) == (400, PART1 + "invalid-query-parameter-value")
    assert list(body["invalid"]) == [query.split("=")[0]]


async def test_dismiss_ends_a_job_and_then_removes_it(http):
    job_id = await start(http)

    answers = [await http.delete(f"/ogc-api/jobs/{job_id}") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 404]
    assert [answer.json()["status"] for answer in answers[:2]] == ["dismissed"] * 2
    assert answers[2].json()["type"] == PART1 + "no-such-job"


async def test_steps_and_graph_of_a_job_are_given(http, service):
    job_id = await start(http)
    service.stored_steps[job_id] = [{"path": "crop", "log": "crop", "state": "waiting"}]

    steps = (await http.get(f"/ogc-api/jobs/{job_id}/steps")).json()
    graph = (await http.get(f"/ogc-api/jobs/{job_id}/graph")).json()

    assert steps == {"steps": service.stored_steps[job_id]}
    assert graph == {"nodes": [{"id": "crop"}], "edges": []}


async def test_document_of_a_job_is_given_as_it_was_deployed(http, service):
    job_id = await start(http)

    given = await http.get(f"/ogc-api/jobs/{job_id}/package")
    unknown = await http.get("/ogc-api/jobs/nowhere/package")

    ran = service.deployed["ndvi"]
    assert (given.content, given.headers["content-type"]) == (ran.source, ran.media_type)
    assert unknown.status_code == 404
