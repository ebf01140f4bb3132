"""Answers against OGC's own schemas, against recorded traffic, and fake against real."""

import inspect
import json

import httpx
import pytest
import yaml
from eodh_runner.api.app import make_app
from eodh_runner.domain.failure import Failure, FailureClass
from eodh_runner.service import Service
from eodh_runner.service.deployment import Deployment
from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from eodh_jupyter.ogc import JobList, ProcessDescription, StatusInfo

from .fake_service import FakeService, make_process

EODH = "/api/catalogue/stac/catalogs/user/catalogs/local"


@pytest.fixture
def service():
    service = FakeService()
    service.deployed["ndvi"] = make_process()
    return service


@pytest.fixture
def http(service):
    transport = httpx.ASGITransport(make_app(service, token=None), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


@pytest.fixture
def check(shared):
    """Give a function that validates a body by the name of OGC's schema."""
    folder = shared / "fixtures/ogc/processes-1.0/schemas"
    read = {file.name: yaml.safe_load(file.read_text()) for file in folder.glob("*.yaml")}
    registry = Registry().with_resources(
        (name, Resource(schema, DRAFT4)) for name, schema in read.items()
    )

    def validate(body, name):
        schema = {"$ref": f"{name}.yaml"}
        found = [e.message for e in Draft4Validator(schema, registry=registry).iter_errors(body)]
        assert found == []

    return validate


async def start(http, prefix="/ogc-api", process_id="ndvi"):
    answer = await http.post(
        f"{prefix}/processes/{process_id}/execution",
        json={"inputs": {"stringInput": "x"}},
        headers={"Prefer": "respond-async"},
    )
    return answer.json()


@pytest.mark.parametrize("prefix", ["/ogc-api", EODH])
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/", "landingPage"),
        ("", "landingPage"),
        ("/conformance", "confClasses"),
        ("/processes", "processList"),
        ("/processes/echo", "process"),
        ("/processes/ndvi", "process"),
        ("/jobs", "jobList"),
        ("/jobs/none", "exception"),
        ("/processes/none", "exception"),
        ("/jobs?limit=x", "exception"),
    ],
)
async def test_answer_fits_ogcs_schema(http, check, prefix, path, schema):
    await start(http)

    answer = await http.get(prefix + path)

    check(answer.json(), schema)
    assert "null" not in answer.text


@pytest.mark.parametrize("prefix", ["/ogc-api", EODH])
async def test_status_of_every_state_fits_ogcs_schema(http, service, check, prefix):
    bodies = [await start(http, prefix) for _ in range(4)]
    ids = [body["jobID"] for body in bodies]
    service.finish(ids[0], {"out": "x"})
    service.finish(ids[1], failure=Failure(FailureClass.COMMAND, "no", "do"))
    bodies.append((await http.delete(f"{prefix}/jobs/{ids[2]}")).json())
    bodies += [(await http.get(f"{prefix}/jobs/{job_id}")).json() for job_id in ids]

    for body in bodies:
        check(body, "statusInfo")
    assert {body["status"] for body in bodies} >= {"successful", "failed", "dismissed"}


async def test_landing_page_leads_to_all_that_it_names(http):
    for prefix in ("/ogc-api", "/local/ogc-api", EODH):
        page = (await http.get(f"{prefix}/")).json()

        for link in page["links"]:
            assert (link["href"], (await http.get(link["href"])).status_code) == (link["href"], 200)


async def test_conformance_claims_what_is_there(http):
    claimed = (await http.get("/ogc-api/conformance")).json()["conformsTo"]

    part1 = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
    part2 = "http://www.opengis.net/spec/ogcapi-processes-2/1.0/conf/"
    assert claimed == [
        *(part1 + c for c in ("core", "ogc-process-description", "json", "job-list", "dismiss")),
        *(part2 + c for c in ("deploy-replace-undeploy", "ogcapppkg", "cwl")),
    ]


async def test_openapi_has_paths_below_its_server(http):
    for prefix in ("/ogc-api", EODH):
        answer = await http.get(f"{prefix}/api")
        document = answer.json()

        media = "application/vnd.oai.openapi+json;version=3.1"
        assert answer.headers["content-type"] == media
        assert document["servers"] == [{"url": f"http://127.0.0.1{prefix}"}]
        assert {"/", "/processes", "/processes/{process_id}/execution", "/jobs/{job_id}"} <= set(
            document["paths"]
        )
        assert not [path for path in document["paths"] if path.startswith("/ogc-api")]


def recorded(shared, name, method, end):
    """Give the body of the first recorded answer to a method on a path."""
    rows = json.loads((shared / f"fixtures/recorded-traffic/{name}.json").read_text())
    for row in rows:
        asked = row["request"]
        if asked["method"] == method and asked["url"].partition("?")[0].endswith(end):
            return row["response"]
    raise AssertionError(f"{name} has no {method} {end}")


async def test_eodh_form_has_the_members_of_recorded_answers(http, service, shared):
    body = await start(http, EODH)
    job_id = body["jobID"]
    wanted = recorded(shared, "process-execution", "POST", "/execution")["body"]
    assert set(wanted) <= set(body)
    assert wanted["status"] == body["status"] == "running"

    service.finish(job_id, {})
    listed = (await http.get(f"{EODH}/jobs?limit=10")).json()
    wanted = recorded(shared, "get-jobs", "GET", "/jobs")["body"]
    assert set(wanted) <= set(listed)
    assert set(wanted["jobs"][0]) <= set(listed["jobs"][0])
    assert "progress" not in listed["jobs"][0]

    found = (await http.get(f"{EODH}/processes")).json()
    wanted = recorded(shared, "get-processes", "GET", "/processes")["body"]
    for theirs, ours in zip(wanted["processes"], found["processes"], strict=True):
        assert set(theirs) <= set(ours)
        assert theirs["jobControlOptions"] == ours["jobControlOptions"]


async def test_dismissal_and_unknown_process_have_the_members_of_recorded_answers(http, shared):
    job_id = (await start(http, EODH))["jobID"]
    dismissed = (await http.delete(f"{EODH}/jobs/{job_id}")).json()
    unknown = await http.get(f"{EODH}/processes/non-existent-process-id")

    wanted = recorded(shared, "delete-job", "DELETE", "")["body"]
    assert set(wanted) <= set(dismissed)
    assert [link["rel"] for link in dismissed["links"]] == ["parent"]
    wanted = recorded(shared, "get-non-existent-process", "GET", "")
    assert unknown.status_code == wanted["status"]
    for member in ("type", "title"):
        assert unknown.json()[member] == wanted["body"][member]


async def test_vocabulary_reads_back_what_it_wrote(http):
    body = await start(http)
    listed = (await http.get("/ogc-api/jobs")).json()
    described = (await http.get("/ogc-api/processes/ndvi")).json()

    assert StatusInfo.model_validate(body).to_json() == body
    assert JobList.model_validate(listed).to_json() == listed
    assert ProcessDescription.model_validate(described).to_json() == described


def test_vocabulary_reads_the_recorded_answers(shared):
    listed = recorded(shared, "get-jobs", "GET", "/jobs")["body"]

    assert JobList.model_validate(listed).to_json() == listed


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, member in vars(FakeService).items()
        if inspect.isfunction(member) and not name.startswith("_")
        if hasattr(Service, name) or hasattr(Deployment, name)
    ],
)
def test_fake_service_has_the_signatures_of_the_real_one(name):
    real = getattr(Service, name, None) or getattr(Deployment, name)
    fake = getattr(FakeService, name)

    assert list(inspect.signature(fake).parameters) == list(inspect.signature(real).parameters)
    assert inspect.iscoroutinefunction(fake) == inspect.iscoroutinefunction(real)
