"""Results: the map, files and ranges, listings, the Collection of EODH."""

import asyncio
import json

import httpx
import pytest
from eodh_runner.api.app import make_app
from eodh_runner.api.value import MAX_BYTES
from eodh_runner.db import job
from eodh_runner.service import record

from .fake_service import FakeService, make_process

PART1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
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
async def job_id(http):
    answer = await http.post(
        "/ogc-api/processes/ndvi/execution", json={}, headers={"Prefer": "respond-async"}
    )
    return answer.json()["jobID"]


async def test_results_of_a_running_job_are_not_ready(http, job_id):
    for prefix, space in (
        ("/ogc-api", PART1),
        (EODH, "http://www.opengis.net/def/rel/ogc/1.0/exception/"),
    ):
        answer = await http.get(f"{prefix}/jobs/{job_id}/results")
        assert (answer.status_code, answer.json()["type"]) == (404, space + "result-not-ready")


async def test_results_map_has_values_links_and_folders(http, service, job_id):
    outputs = {
        "count": 0,
        "none": None,
        "image": service.add_file(job_id, "image", "a b.tif", b"12345"),
        "folder": service.add_folder(job_id, "folder", {"x.csv": b"1"}),
    }
    service.finish(job_id, outputs)

    found = (await http.get(f"/ogc-api/jobs/{job_id}/results")).json()

    me = f"http://127.0.0.1/ogc-api/jobs/{job_id}/results"
    assert found == {
        "count": 0,
        "none": None,
        "image": {
            "href": f"{me}/image",
            "type": "image/tiff; application=geotiff",
            "title": "a b.tif",
            "length": 5,
        },
        "folder": {
            "href": f"{me}/folder?f=listing",
            "type": "application/json",
            "title": "folder",
            "rel": "directory",
        },
    }


BY_VALUE = {"transmissionMode": "value"}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.json", b'{"n": 0}', {"value": {"n": 0}, "mediaType": "application/json"}),
        ("a.geojson", b"[]", {"value": [], "mediaType": "application/geo+json"}),
        ("a.csv", "a,é\n".encode(), {"value": "a,é\n", "mediaType": "text/csv"}),
        ("a.csv", b"", {"value": "", "mediaType": "text/csv"}),
        ("a.tif", b"12", {"value": "MTI=", "mediaType": "image/tiff", "encoding": "base64"}),
        ("a.txt", b"\xff", {"value": "/w==", "mediaType": "text/plain", "encoding": "base64"}),
        (
            "a.json",
            b"[NaN]",
            {"value": "W05hTl0=", "mediaType": "application/json", "encoding": "base64"},
        ),
    ],
)
async def test_execution_by_value_has_the_file_within(
    execute, http, service, name, content, expected
):
    answer = await execute(http, service, {"x": BY_VALUE}, {"x": (name, content)})

    assert answer.json() == {"x": expected}


async def test_execution_by_value_leaves_large_files_and_others_as_links(execute, http, service):
    files = {"large": ("a.txt", b"x" * (MAX_BYTES + 1)), "other": ("b.txt", b"x")}
    by_reference = {"transmissionMode": "reference"}

    answer = await execute(http, service, {"large": BY_VALUE, "other": by_reference}, files)

    found = answer.json()
    assert found["large"]["length"] == MAX_BYTES + 1
    assert found["other"]["href"].endswith("/other")


async def test_execution_gives_the_outputs_that_it_asked_for_alone(execute, http, service):
    answer = await execute(http, service, {"b": {}}, {"a": ("a.txt", b""), "b": ("b.txt", b"")})

    assert list(answer.json()) == ["b"]


async def test_execution_of_one_raw_output_gives_its_bytes(execute, http, service):
    files = {"a": ("a.txt", b""), "b": ("b.tif", b"1234")}

    answer = await execute(http, service, {"b": {}}, files, response="raw")

    assert (answer.content, answer.headers["content-type"]) == (
        b"1234",
        "image/tiff; application=geotiff",
    )


async def test_execution_of_several_raw_outputs_gives_their_map(execute, http, service):
    files = {"a": ("a.txt", b"x"), "b": ("b.txt", b"y")}

    answer = await execute(http, service, {"a": BY_VALUE, "b": {}}, files, response="raw")

    found = answer.json()
    assert (found["a"]["value"], "href" in found["b"]) == ("x", True)


async def test_results_as_links_are_all_of_them_whatever_the_execution_asked_for(http, service):
    files = {"a": ("a.txt", b"x"), "b": ("b.txt", b"y")}
    await executed_as_job(http, service, {"a": BY_VALUE}, files, response="raw")

    status = (await http.get(f"/ogc-api/jobs/{next(iter(service.stored_jobs))}")).json()
    found = (await http.get(f"/ogc-api/jobs/{status['jobID']}/results?f=links")).json()

    assert (status["outputs"], status["response"]) == ({"a": BY_VALUE}, "raw")
    assert [("href" in value) for value in found.values()] == [True, True]


async def test_wish_of_an_execution_outlives_the_runner(real):
    body = {"inputs": {"stringInput": "x"}, "outputs": {"pause": BY_VALUE}, "response": "raw"}
    prefer = {"Prefer": "respond-async"}
    job_id = (await real.http.post("processes/echo/execution", json=body, headers=prefer)).json()[
        "jobID"
    ]
    with real.database.write() as connection:
        taken = job.find(connection, "ws", job_id)
        record.take(connection, taken)
        record.succeed(connection, taken, {"pause": 2.5, "stringInput": "x"})

    assert (await real.http.get(f"jobs/{job_id}/results")).json() == 2.5


async def executed(http, service, outputs, files, **more):
    """Execute synchronously a process whose job ends with these files."""
    for name in files:
        service.deployed["ndvi"].inspection.outputs.setdefault(name, {})
    body = {"inputs": {}, "outputs": outputs, **more}
    task = asyncio.create_task(http.post("/ogc-api/processes/ndvi/execution", json=body))
    while not service.stored_jobs:
        await asyncio.sleep(0)
    finish(service, files)
    return await task


async def executed_as_job(http, service, outputs, files, **more):
    """Execute the same as a job, and ask for its results."""
    for name in files:
        service.deployed["ndvi"].inspection.outputs.setdefault(name, {})
    body = {"inputs": {}, "outputs": outputs, **more}
    path, prefer = "/ogc-api/processes/ndvi/execution", {"Prefer": "respond-async"}
    job_id = (await http.post(path, json=body, headers=prefer)).json()["jobID"]
    finish(service, files)
    return await http.get(f"/ogc-api/jobs/{job_id}/results")


def finish(service, files):
    job_id = next(iter(service.stored_jobs))
    service.finish(job_id, {n: service.add_file(job_id, n, *file) for n, file in files.items()})


@pytest.fixture(params=[executed, executed_as_job])
def execute(request):
    return request.param


@pytest.mark.parametrize(
    ("name", "media", "shown"),
    [
        ("a.tif", "image/tiff; application=geotiff", "attachment"),
        ("a.png", "image/png", "inline"),
        ("a.geojson", "application/geo+json", "attachment"),
        ("a.json", "application/json", "inline"),
        ("a.csv", "text/csv; charset=utf-8", "inline"),
        ("a.html", "text/html; charset=utf-8", "attachment"),
        ("a.svg", "image/svg+xml", "attachment"),
        ("unknown", "application/octet-stream", "attachment"),
    ],
)
async def test_file_is_sent_so_that_nothing_in_it_runs(http, service, job_id, name, media, shown):
    service.finish(job_id, {"out": service.add_file(job_id, "out", name, b"<script>")})

    answer = await http.get(f"/ogc-api/jobs/{job_id}/results/out")

    assert answer.content == b"<script>"
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"] == f'{shown}; filename="{name}"'
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "status", "content", "told"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=0-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
        ("bytes=4-2", 200, b"0123456789", None),
        ("bytes=\u0661-", 200, b"0123456789", None),
    ],
)
async def test_range_of_a_file(http, service, job_id, asked, status, content, told):
    service.finish(job_id, {"out": service.add_file(job_id, "out", "a.tif", b"0123456789")})

    answer = await http.get(
        f"/ogc-api/jobs/{job_id}/results/out", headers={"Range": asked.encode()}
    )

    assert (answer.status_code, answer.headers.get("content-range")) == (status, told)
    if content is not None:
        assert answer.content == content


async def test_head_of_a_file_tells_its_size(http, service, job_id):
    service.finish(job_id, {"out": service.add_file(job_id, "out", "a.tif", b"0123456789")})

    answer = await http.head(f"/ogc-api/jobs/{job_id}/results/out")

    assert (answer.headers["content-length"], answer.headers["accept-ranges"]) == ("10", "bytes")
    assert answer.content == b""


async def test_file_name_that_is_not_ascii_is_told_whole(http, service, job_id):
    service.finish(job_id, {"out": service.add_file(job_id, "out", 'é".txt', b"1")})

    answer = await http.get(f"/ogc-api/jobs/{job_id}/results/out")

    assert answer.headers["content-disposition"] == (
        "inline; filename=\"__.txt\"; filename*=UTF-8''%C3%A9%22.txt"
    )


async def test_listing_begins_at_the_place_that_was_asked(http, service, job_id):
    folders = [service.add_folder(job_id, "out", {"0/a/x.csv": b"1", "1/y.csv": b"22"})] * 2
    service.finish(job_id, {"out": folders})
    me = f"/ogc-api/jobs/{job_id}/results/out"

    whole = (await http.get(f"{me}?f=listing")).json()["files"]
    second = (await http.get(f"{me}/1?f=listing")).json()["files"]

    assert [file["path"] for file in whole] == ["0/a/x.csv", "1/y.csv"]
    assert second == [{"path": "y.csv", "name": "y.csv", "size_bytes": 2}]
    assert (await http.get(f"{me}/1/y.csv")).content == b"22"


async def test_unknown_output_and_file_are_problems(http, service, job_id):
    service.finish(job_id, {"out": service.add_folder(job_id, "out", {"a": b"1"})})

    output = await http.get(f"/ogc-api/jobs/{job_id}/results/other")
    file = await http.get(f"/ogc-api/jobs/{job_id}/results/out/b")

    assert (output.status_code, output.json()["type"]) == (400, PART1 + "no-such-output")
    assert (file.status_code, file.json()["type"]) == (404, PART1 + "not-found")


def stac(bbox, time, href="./a.tif"):
    item = {"type": "Feature", "stac_version": "1.0.0", "id": "i", "bbox": bbox}
    item["properties"] = {"datetime": time}
    item["assets"] = {"a": {"href": href, "file:size": 1}}
    item["links"] = [{"rel": "parent", "href": "../catalog.json"}]
    return json.dumps(item).encode()


def catalog(*links):
    document = {"type": "Catalog", "links": [{"rel": r, "href": h} for r, h in links]}
    return json.dumps(document).encode()


async def test_results_of_the_eodh_form_are_a_collection_of_the_catalogue(http, service, job_id):
    files = {
        "catalog.json": catalog(
            ("item", "./one/one.json"), ("child", "sub/catalog.json"), ("item", "../../etc/x.json")
        ),
        "one/one.json": stac([0, 1, 2, 3], "2026-01-01T00:00:00Z"),
        "sub/catalog.json": catalog(("item", "two%20.json")),
        "sub/two .json": stac([-5, 0, 0, 1, 4, 9], "2026-02-01T00:00:00Z"),
        "not-linked.json": stac([0, 0, 90, 90], "2020-01-01T00:00:00Z"),
    }
    service.finish(job_id, {"out": service.add_folder(job_id, "out", files)})

    found = (await http.get(f"{EODH}/jobs/{job_id}/results")).json()

    me = f"http://127.0.0.1{EODH}/jobs/{job_id}/results"
    assert (found["type"], found["id"]) == ("Collection", f"col_{job_id}")
    assert [link["href"] for link in found["links"] if link["rel"] == "item"] == [
        f"{me}/out/one/one.json",
        f"{me}/out/sub/two%20.json",
    ]
    assert found["extent"] == {
        "spatial": {"bbox": [[-5, 0, 2, 4]]},
        "temporal": {"interval": [["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]]},
    }


async def test_catalogue_that_links_to_itself_ends(http, service, job_id):
    files = {"catalog.json": catalog(("child", "catalog.json"), ("child", "catalog.json"))}
    service.finish(job_id, {"out": service.add_folder(job_id, "out", files)})

    found = await http.get(f"{EODH}/jobs/{job_id}/results")

    assert [link["rel"] for link in found.json()["links"]] == ["root", "self", "parent"]


async def test_items_without_a_catalogue_are_found(http, service, job_id):
    files = {"a.json": stac([0, 0, 1, 1], "2026-01-01T00:00:00Z"), "b.json": b"{"}
    service.finish(job_id, {"out": service.add_folder(job_id, "out", files)})

    found = (await http.get(f"{EODH}/jobs/{job_id}/results")).json()

    hrefs = [link["href"] for link in found["links"] if link["rel"] == "item"]
    assert hrefs == [f"http://127.0.0.1{EODH}/jobs/{job_id}/results/out/a.json"]


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("./a.tif", "{me}/out/one/a.tif"),
        ("../a b.tif", "{me}/out/a%20b.tif"),
        ("../../a.tif", "../../a.tif"),
        ("https://a.example/a.tif", "https://a.example/a.tif"),
        ("s3://bucket/a.tif", "s3://bucket/a.tif"),
    ],
)
async def test_item_of_the_eodh_form_leads_to_its_assets(http, service, job_id, href, expected):
    files = {"one/i.json": stac([0, 0, 1, 1], "2026-01-01T00:00:00Z", href)}
    service.finish(job_id, {"out": service.add_folder(job_id, "out", files)})

    answer = await http.get(f"{EODH}/jobs/{job_id}/results/out/one/i.json")
    plain = await http.get(f"/ogc-api/jobs/{job_id}/results/out/one/i.json")

    me = f"http://127.0.0.1{EODH}/jobs/{job_id}/results"
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json()["assets"]["a"]["href"] == expected.format(me=me)
    assert plain.content == files["one/i.json"]
