"""The wire forms that clients rely on, over a real runner."""

import json

import httpx
import pytest

from eodh_jupyter.local import connect

from ..integration.conftest import environment, tool  # noqa: F401  the fixture is used by name

EODH = "/api/catalogue/stac/catalogs/user/catalogs/local"


@pytest.fixture
def http(environment):  # noqa: F811
    with httpx.Client(
        transport=httpx.HTTPTransport(uds=connect().uds), base_url="http://runner", timeout=60
    ) as client:
        yield client


def deploy(http, prefix="/ogc-api"):
    headers = {"Content-Type": "application/cwl+yaml"}
    return http.post(f"{prefix}/processes", content=tool("echo hi"), headers=headers)


def test_deploy_twice_replace_and_undeploy_answer_as_part_2_asks(http):
    first = deploy(http)
    again = deploy(http)
    replaced = http.put(
        "/ogc-api/processes/tool",
        content=tool("echo ho"),
        headers={"Content-Type": "application/cwl+yaml"},
    )

    assert first.status_code == 201
    assert http.get(first.headers["location"]).status_code == 200
    assert again.status_code == 409
    assert again.json()["type"].endswith("ogcapi-processes-2/1.0/duplicated-process")
    assert replaced.status_code == 204
    assert http.delete("/ogc-api/processes/tool").status_code == 204
    assert http.delete("/ogc-api/processes/tool").status_code == 404
    assert http.delete("/ogc-api/processes/echo").status_code == 403


def test_unsupported_media_type_comes_before_all_else(http):
    answer = http.put(
        "/ogc-api/processes/null", content=b"x", headers={"Content-Type": "text/plain"}
    )

    assert answer.status_code == 415
    assert answer.json()["type"].endswith("unsupported-media-type")


@pytest.mark.parametrize("prefix", [EODH, "/local/ogc-api", "/ades/local/ogc-api"])
def test_status_of_the_eodh_form_has_the_keys_of_the_recorded_one(http, shared, prefix):
    deploy(http)
    recorded = json.loads((shared / "fixtures/recorded-traffic/process-execution.json").read_text())
    wanted = next(e for e in recorded if e["request"]["url"].endswith("/execution"))["response"]

    answer = http.post(f"{prefix}/processes/tool/execution", json={"inputs": {"workspace": "w"}})

    assert answer.status_code == wanted["status"]
    assert set(wanted["body"]) <= set(answer.json())
    assert answer.json()["status"] == "running"
    assert answer.headers["preference-applied"] == "respond-async"


def test_sync_execution_of_echo_gives_its_values(http):
    answer = http.post(
        "/ogc-api/processes/echo/execution", json={"inputs": {"stringInput": "teststring"}}
    )

    assert (answer.status_code, answer.json()) == (200, {"pause": 0, "stringInput": "teststring"})


def test_problem_is_json_where_json_is_asked_for(http):
    plain = http.get("/ogc-api/jobs/none", headers={"Accept": "application/json"})
    other = http.get("/ogc-api/jobs/none")

    assert plain.headers["content-type"] == "application/json"
    assert other.headers["content-type"] == "application/problem+json"
    assert other.json()["type"].endswith("ogcapi-processes-1/1.0/no-such-job")
    assert http.get(f"{EODH}/jobs/none").json()["type"].endswith("exception/no-such-job")


def test_jobs_page_by_links_and_tolerate_a_repeated_limit(http):
    for number in range(3):
        http.post(
            "/ogc-api/processes/echo/execution", json={"inputs": {"stringInput": str(number)}}
        )

    first = http.get("/ogc-api/jobs?limit=2&limit=2").json()
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")

    assert (len(first["jobs"]), first["numMatched"]) == (2, 3)
    assert len(http.get(following).json()["jobs"]) == 1
    assert http.get("/ogc-api/jobs?status=nonsense").status_code == 400
