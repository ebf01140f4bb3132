"""Deploy, describe, replace, undeploy; problems of all of them."""

import httpx
import pytest
from eodh_runner.api import body
from eodh_runner.api.app import make_app

from .fake_service import FakeService, make_process

CWL = {"Content-Type": "application/cwl+yaml"}
SOURCE = b"cwlVersion: v1.2\nid: ndvi\n"
PART1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
PART2 = "http://www.opengis.net/def/exceptions/ogcapi-processes-2/1.0/"
EODH = "/api/catalogue/stac/catalogs/user/catalogs/local"


@pytest.fixture
def service():
    return FakeService()


@pytest.fixture
def http(service):
    transport = httpx.ASGITransport(make_app(service, token=None), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@pytest.mark.parametrize(
    "media",
    [
        "application/cwl",
        "application/cwl+yaml",
        "application/cwl+yaml; charset=utf-8",
        "Application/CWL+JSON",
        "application/x-yaml",
        "text/yaml",
    ],
)
async def test_deploy_of_cwl_answers_the_summary_and_where_it_is(http, media):
    answer = await http.post("/ogc-api/processes", content=SOURCE, headers={"Content-Type": media})

    assert (answer.status_code, answer.json()["id"]) == (201, "ndvi")
    assert answer.headers["location"] == "http://127.0.0.1/ogc-api/processes/ndvi"
    assert "inputs" not in answer.json()


async def test_deploy_tells_what_the_package_lacks(http, service):
    service.warnings = advice = ("the input 'a' has no label or no doc",)

    answer = await http.post(
        "/ogc-api/processes", content=SOURCE, headers={"Content-Type": "application/cwl"}
    )
    described = await http.get("/ogc-api/processes/ndvi")

    assert answer.json()["warnings"] == list(advice)
    assert described.json()["warnings"] == list(advice)


@pytest.mark.parametrize("media", ["application/json", "application/ogcapppkg+json"])
async def test_deploy_of_a_package_opens_its_execution_unit(http, media):
    package = {"executionUnit": {"href": "https://a.example/ndvi.cwl", "type": "application/cwl"}}

    answer = await http.post("/ogc-api/processes", json=package, headers={"Content-Type": media})

    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_unsupported_media_type_comes_before_all_else(http, method, media):
    path = "/ogc-api/processes" if method == "POST" else "/ogc-api/processes/null"

    answer = await http.request(method, path, content=b"x", headers={"Content-Type": media})

    assert (answer.status_code, answer.json()["type"]) == (415, PART2 + "unsupported-media-type")


async def test_deploy_of_a_deployed_process_is_a_conflict(http, service):
    service.deployed["ndvi"] = make_process()

    answer = await http.post("/ogc-api/processes", content=SOURCE, headers=CWL)

    assert (answer.status_code, answer.json()["type"]) == (409, PART2 + "duplicated-process")


async def test_deploy_of_an_unknown_workflow_is_refused(http):
    answer = await http.post("/ogc-api/processes?w=other", content=SOURCE, headers=CWL)

    assert (answer.status_code, answer.json()["type"]) == (400, PART2 + "workflow-not-found")


async def test_deploy_of_a_wrong_document_tells_line_and_column(http):
    answer = await http.post("/ogc-api/processes", content=b"x: 1", headers=CWL)

    assert answer.status_code == 400
    assert answer.json()["diagnostics"] == [
        {"message": "cwlVersion is missing", "line": 1, "column": 1, "severity": "error"}
    ]


async def test_check_tells_what_a_document_would_deploy_and_deploys_nothing(http, service):
    answer = await http.post("/ogc-api/check", content=SOURCE, headers=CWL)

    assert answer.status_code == 200
    described = make_process("ndvi").inspection
    assert answer.json()["process"] == "ndvi"
    assert [field["name"] for field in answer.json()["fields"]] == list(described.inputs)
    assert service.deployed == {}


async def test_check_of_a_wrong_document_tells_line_and_column(http):
    answer = await http.post("/ogc-api/check", content=b"x: 1", headers=CWL)

    assert (answer.status_code, answer.json()["diagnostics"][0]["line"]) == (400, 1)


async def test_body_above_the_limit_is_refused_with_and_without_a_length(http, monkeypatch):
    monkeypatch.setattr(body, "MAX_BYTES", 1000)

    async def chunks():
        for _ in range(11):
            yield b" " * 100

    told = await http.post("/ogc-api/processes", content=b" " * 1001, headers=CWL)
    not_told = await http.post("/ogc-api/processes", content=chunks(), headers=CWL)

    assert (told.status_code, not_told.status_code) == (413, 413)


@pytest.mark.parametrize("prefix", ["/ogc-api", EODH])
async def test_replace_and_undeploy_answer_without_a_body(http, service, prefix):
    service.deployed["ndvi"] = make_process()

    replaced = await http.put(f"{prefix}/processes/ndvi", content=SOURCE, headers=CWL)
    described = await http.get(replaced.headers["location"])
    undeployed = await http.delete(f"{prefix}/processes/ndvi")

    assert (replaced.status_code, replaced.content) == (204, b"")
    assert described.json()["revision"] == 2
    assert (undeployed.status_code, service.deployed) == (204, {})


async def test_replace_answers_as_a_deployment_where_that_is_preferred(http, service):
    service.deployed["ndvi"] = make_process()
    service.warnings = ("no label",)
    headers = {**CWL, "Prefer": "return=representation"}

    replaced = await http.put("/ogc-api/processes/ndvi", content=SOURCE, headers=headers)

    found = replaced.json()
    assert (replaced.status_code, found["revision"], found["warnings"]) == (200, 2, ["no label"])
    assert replaced.headers["preference-applied"] == "return=representation"
    assert replaced.headers["location"].endswith("/processes/ndvi")
    await http.delete("/ogc-api/processes/ndvi")
    deployed = await http.post("/ogc-api/processes", content=SOURCE, headers=CWL)
    assert deployed.json().keys() == found.keys()


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_built_in_process_cannot_be_changed(http, method):
    answer = await http.request(method, "/ogc-api/processes/echo", content=SOURCE, headers=CWL)

    assert (answer.status_code, answer.json()["type"]) == (403, PART2 + "immutable-process")


async def test_list_pages_by_links_and_misses_none(http, service):
    service.deployed = {name: make_process(name) for name in ("a", "f", "z")}
    url, seen = "/ogc-api/processes?limit=1", []

    while url:
        page = (await http.get(url)).json()
        assert len(page["processes"]) == 1
        seen += [process["id"] for process in page["processes"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)

    assert seen == ["echo", "a", "f", "z"]


async def test_limit_that_is_repeated_or_very_large_is_tolerated(http):
    assert (await http.get("/ogc-api/processes?limit=10&limit=10")).status_code == 200
    assert (await http.get("/ogc-api/processes?limit=100000")).status_code == 200
    assert (await http.get("/ogc-api/processes?limit=0")).status_code == 400
    assert (await http.get("/ogc-api/processes/")).status_code == 200


async def test_description_has_the_members_of_the_contract(http, service):
    service.deployed["ndvi"] = make_process()

    found = (await http.get("/ogc-api/processes/ndvi")).json()

    assert set(found) == {
        *("id", "title", "description", "version", "mutable", "jobControlOptions"),
        *("outputTransmission", "keywords", "metadata", "links", "inputs", "outputs", "revision"),
        "created",
    }
    assert found["jobControlOptions"] == ["sync-execute", "async-execute", "dismiss"]
    assert found["inputs"]["threshold"]["schema"] == {"type": "number", "default": 0}


async def test_description_of_the_eodh_form_says_why_it_is_seen_and_what_is_a_list(http, service):
    service.deployed["ndvi"] = make_process()

    found = (await http.get(f"{EODH}/processes/ndvi")).json()

    assert found["AccessReasoning"] == "Workspace owns this workflow"
    assert found["jobControlOptions"] == ["async-execute", "dismiss"]
    assert found["inputs"]["scenes"]["extended-schema"] == {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 1,
        "maxItems": 999,
    }


@pytest.mark.parametrize(
    ("accept", "media", "has_unit"),
    [
        ("*/*", "application/cwl+yaml", None),
        ("application/cwl", "application/cwl+yaml", None),
        ("application/cwl+json", "application/cwl+json", False),
        ("application/ogcapppkg+json", "application/ogcapppkg+json", True),
    ],
)
async def test_package_is_given_as_asked_for(http, service, accept, media, has_unit):
    service.deployed["ndvi"] = make_process()

    answer = await http.get("/ogc-api/processes/ndvi/package", headers={"Accept": accept})

    assert answer.headers["content-type"] == media
    if has_unit is None:
        assert answer.content == SOURCE
    else:
        assert ("executionUnit" in answer.json()) is has_unit


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/json"),
        ("text/html, application/json;q=0.9", "application/json"),
        ("application/problem+json, application/json", "application/problem+json"),
    ],
)
async def test_problem_comes_as_asked_for(http, accept, media):
    headers = {"Accept": accept} if accept else {}
    request = http.build_request("GET", "/ogc-api/processes/none", headers=headers)
    if accept is None:
        del request.headers["accept"]

    answer = await http.send(request)

    assert answer.headers["content-type"] == media
    assert answer.json() == {
        "type": PART1 + "no-such-process",
        "title": "No such process",
        "status": 404,
        "detail": "process 'none' does not exist; deploy it first",
    }


@pytest.mark.parametrize("prefix", [EODH, "/local/ogc-api", "/ades/local/ogc-api"])
async def test_problem_of_the_eodh_form_has_its_type_and_title(http, prefix):
    found = (await http.get(f"{prefix}/processes/none")).json()

    assert (found["type"], found["title"]) == (
        "http://www.opengis.net/def/rel/ogc/1.0/exception/no-such-process",
        "NoSuchProcess",
    )


async def test_unknown_path_and_method_are_problems(http):
    unknown = await http.get("/ogc-api/nothing")
    wrong = await http.delete("/ogc-api/jobs")

    assert (unknown.status_code, unknown.json()["title"]) == (404, "Not found")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")


async def test_summaries_tell_revision_time_and_jobs_and_are_searched(http, service):
    service.deployed["ndvi"] = make_process(revision=3)
    await http.post(
        "/ogc-api/processes/ndvi/execution", json={}, headers={"Prefer": "respond-async"}
    )

    listed = (await http.get("/ogc-api/processes?q=nd&limit=1")).json()["processes"]

    told = {"id", "revision", "created", "has_jobs"}
    assert [{name: entry[name] for name in told} for entry in listed] == [
        {"id": "ndvi", "revision": 3, "created": "2026-01-02T03:04:05.678Z", "has_jobs": True}
    ]


async def test_pages_of_a_search_keep_the_search(http, service):
    service.deployed = {name: make_process(name) for name in ("ndvi-a", "ndvi-b")}

    page = (await http.get("/ogc-api/processes?q=ndvi&limit=1")).json()

    (url,) = [link["href"] for link in page["links"] if link["rel"] == "next"]
    assert [p["id"] for p in (await http.get(url)).json()["processes"]] == ["ndvi-b"]
    assert "q=ndvi" in url


async def test_form_of_a_process_has_its_revision_and_fields(http, service):
    service.deployed["ndvi"] = make_process(revision=3)

    answer = await http.get("/ogc-api/processes/ndvi/form")

    found = answer.json()
    assert (answer.status_code, found["process"], found["revision"]) == (200, "ndvi", 3)
    assert [(f["name"], f["kind"], f["required"]) for f in found["fields"]] == [
        ("threshold", "number", False),
        ("scenes", "array", True),
    ]
    assert found["fields"][0]["default"] == 0


async def test_form_of_an_unknown_process_is_a_problem(http):
    answer = await http.get("/ogc-api/processes/nowhere/form")

    assert (answer.status_code, answer.json()["title"]) == (404, "No such process")
