"""Files that callers bring: kept by content, inputs for jobs of their workspace alone."""

import asyncio
import hashlib
import json
from datetime import timedelta

import pytest
from eodh_runner.api.app import make_app
from eodh_runner.db import job, schema
from eodh_runner.db import upload as db_upload
from eodh_runner.db.database import now
from eodh_runner.domain.failure import Failure, FailureClass
from eodh_runner.service import record, upload
from eodh_runner.service.upload import Uploads
from eodh_runner.store import key_at

from ..unit.conftest import ME, make_document
from .conftest import Real
from .test_store import s3_store

PART1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
CONTENT = b"words " * 1_000_000
SHA = hashlib.sha256(CONTENT).hexdigest()
FILE = {"schema": {"type": "string", "format": "uri", "x-cwl-class": "File"}, "minOccurs": 1}


@pytest.fixture(params=["folder", "s3"])
def real(request, tmp_path):
    store = None
    if request.param == "s3":
        store = s3_store(request.getfixturevalue("s3_server"), tmp_path)
    real = Real(tmp_path, store)
    yield real
    real.database.close()


async def put(real, content=CONTENT, sha256=None, name="scene%201.tif"):
    sha256 = sha256 or hashlib.sha256(content).hexdigest()
    return await real.http.put(f"inputs/{sha256}/{name}", content=content)


async def test_file_that_is_brought_is_there_whole_and_known_the_second_time(real):
    before = await real.http.head(f"inputs/{SHA}/scene%201.tif")
    first, second = await put(real), await put(real)
    after = await real.http.head(f"inputs/{SHA}/scene%201.tif")

    location = f"eodh-store:///ws/inputs/{SHA}/scene%201.tif"
    body = {"href": location, "name": "scene 1.tif", "size_bytes": len(CONTENT)}
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json() == body
    assert (before.status_code, after.status_code) == (404, 200)
    assert after.headers["location"] == location
    assert real.store.read(key_at(location)) == CONTENT


async def test_content_with_another_hash_is_refused_and_leaves_nothing(real):
    answer = await put(real, b"other", SHA)

    assert (answer.status_code, answer.json()["type"]) == (422, PART1 + "content-differs")
    assert "send it again" in answer.json()["detail"]
    assert list(real.store.list("ws")) == []


async def test_file_that_is_too_large_is_refused_before_and_while_it_is_read(real, tmp_path):
    real.service._uploads = Uploads(real.database, real.store, tmp_path, max_bytes=10)

    async def unsaid():
        yield b"123456"
        yield b"789012"

    told = await put(real, b"12345678901")
    streamed = await put(real, unsaid(), SHA)

    for answer in (told, streamed):
        assert (answer.status_code, answer.json()["type"]) == (413, PART1 + "content-too-large")
        assert "EODH_INPUT_LIMIT_BYTES" in answer.json()["detail"]
    assert list(real.store.list("ws")) == []


async def test_file_without_room_is_refused_with_the_remedy(real, monkeypatch):
    monkeypatch.setattr(upload, "SPARE_BYTES", 1 << 60)

    answer = await put(real)

    assert (answer.status_code, answer.json()["title"]) == (503, "Unavailable")
    assert "free some space" in answer.json()["detail"]


async def test_upload_that_is_cut_leaves_nothing_and_is_no_bug(real, caplog):
    events = [{"type": "http.request", "body": b"begin", "more_body": True}]
    sent = []

    async def receive():
        return events.pop(0) if events else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    path = f"/ogc-api/inputs/{SHA}/scene.tif"
    scope = {"type": "http", "method": "PUT", "path": path, "raw_path": path.encode()}
    scope |= {"query_string": b"", "headers": [(b"host", b"localhost")], "scheme": "http"}
    await make_app(real.service, token=None)(scope, receive, send)

    assert sent[0]["status"] == 400
    assert list(real.store.list("ws")) == []
    assert caplog.records == []


@pytest.mark.parametrize(
    ("sha256", "name", "part"),
    [
        (SHA.upper(), "a", "sha256"),
        (SHA[:-1], "a", "sha256"),
        ("..", "a", "sha256"),
        (SHA, "a%2Fb", "name"),
        (SHA, "a/b", "name"),
        (SHA, "%2E%2E", "name"),
        (SHA, "n" * 201, "name"),
        (SHA, "", "name"),
        (SHA, "%00", "name"),
    ],
)
async def test_name_or_hash_that_cannot_be_one_is_refused(real, sha256, name, part):
    answer = await put(real, b"x", sha256, name)

    assert answer.status_code in (400, 404)
    if answer.status_code == 400:
        assert list(answer.json()["invalid"]) == [part]
    assert list(real.store.list("ws")) == []


async def test_hostile_names_come_back_as_the_name_of_the_file(real, shared):
    names = json.loads((shared / "fixtures/hostile/file-names.json").read_text())
    for name in names:
        if "/" in name or len(name.encode()) > 200:
            continue
        sha = hashlib.sha256(b"x").hexdigest()
        location = (await real.service.upload(ME, "ws", sha, name, chunks(b"x"))).location
        assert real.service._uploads.entry(location, "ws")["basename"] == name


async def chunks(*parts):
    for part in parts:
        yield part


async def launch(real, value):
    return await real.http.post(
        "processes/ndvi/execution",
        json={"inputs": {"scene": value}},
        headers={"Prefer": "respond-async"},
    )


async def test_file_that_was_brought_is_an_input(real):
    await real.service.deployment.deploy(ME, "ws", make_document(scene=FILE), "application/cwl")
    location = (await put(real)).json()["href"]

    answer = await launch(real, {"class": "File", "location": location})
    short = await launch(real, location)

    assert (answer.status_code, short.status_code) == (201, 201)
    with real.database.read() as connection:
        order = job.job_order(connection, short.json()["jobID"])
    assert order == {"scene": {"class": "File", "location": location, "basename": "scene 1.tif"}}


@pytest.mark.parametrize(
    "location",
    [
        f"eodh-store:///ws/inputs/{'0' * 64}/gone.tif",
        "eodh-store:///other/inputs/{sha}/scene%201.tif",
        "eodh-store:///ws/jobs/j/steps/secret",
        "eodh-store:///ws/inputs/../jobs/j",
        "eodh-store:///ws/inputs/{sha}",
        "eodh-store:///ws/inputs/{sha}/scene%201.tif/x",
        "eodh-store://",
    ],
)
async def test_location_of_the_store_that_was_not_brought_here_is_refused(real, location):
    await real.service.deployment.deploy(ME, "ws", make_document(scene=FILE), "application/cwl")
    await put(real)
    real.store.put("ws/jobs/j/steps/secret", b"secret")
    real.store.put(f"other/inputs/{SHA}/scene 1.tif", CONTENT)

    answer = await launch(real, location.format(sha=SHA))

    assert (answer.status_code, list(answer.json()["invalid"])) == (400, ["scene"])
    assert real.service.jobs(ME, "ws") == ([], 0)


async def test_file_that_was_brought_is_no_folder(real):
    folder = {"schema": {**FILE["schema"], "x-cwl-class": "Directory"}, "minOccurs": 1}
    await real.service.deployment.deploy(ME, "ws", make_document(scene=folder), "application/cwl")
    location = (await put(real)).json()["href"]

    assert (await launch(real, location)).status_code == 400


async def test_files_that_were_brought_are_listed_nowhere(real):
    await put(real)

    for path in ("inputs", f"inputs/{SHA}", f"inputs/{SHA}/scene%201.tif"):
        assert (await real.http.get(path)).status_code in (404, 405)


@pytest.fixture
def days_later(monkeypatch):
    """Give a function that lets days pass, as the sweep of uploads sees it."""

    def wait(days):
        monkeypatch.setattr(upload, "now", lambda: now() + timedelta(days=days))

    return wait


async def test_file_that_no_job_named_is_taken_away_after_its_time(real, days_later):
    await real.service.deployment.deploy(ME, "ws", make_document(scene=FILE), "application/cwl")
    location = (await put(real)).json()["href"]
    uploads = real.service._uploads

    days_later(6)
    early = uploads.sweep()
    days_later(8)
    late = uploads.sweep()

    assert (early, late, list(real.store.list("ws/inputs"))) == (0, 1, [])
    assert "upload it again" in (await launch(real, location)).json()["invalid"]["scene"]
    assert (await put(real)).status_code == 201
    assert (await launch(real, location)).status_code == 201


@pytest.mark.parametrize("end", [None, "fail", "dismiss"])
async def test_file_stays_while_there_is_a_job_that_names_it(real, days_later, end):
    await real.service.deployment.deploy(ME, "ws", make_document(scene=FILE), "application/cwl")
    location = (await put(real)).json()["href"]
    job_id = (await launch(real, location)).json()["jobID"]
    if end == "fail":
        with real.database.write() as connection:
            failure = Failure(FailureClass.COMMAND, "it failed", "mend it")
            record.fail(connection, job.find(connection, "ws", job_id), failure)
    if end == "dismiss":
        real.service.dismiss(ME, "ws", job_id)
    days_later(800)
    # Another life of the runner knows it too.
    uploads = Uploads(real.database, real.store)

    assert uploads.sweep() == 0
    if end is not None:
        real.service.dismiss(ME, "ws", job_id)
        assert uploads.sweep() == 1


async def test_file_that_is_asked_for_again_begins_its_time_anew(real, days_later, monkeypatch):
    await put(real)
    monkeypatch.setattr(db_upload, "now", lambda: now() + timedelta(days=6))

    await real.http.head(f"inputs/{SHA}/scene%201.tif")
    days_later(8)

    assert real.service._uploads.sweep() == 0


async def test_file_that_goes_while_a_job_is_accepted_is_refused_and_nothing_launched(
    real, monkeypatch
):
    await real.service.deployment.deploy(ME, "ws", make_document(scene=FILE), "application/cwl")
    location = (await put(real)).json()["href"]
    entry = Uploads.entry

    def then_gone(self, *args):
        found = entry(self, *args)
        with real.database.write() as connection:
            connection.execute(schema.upload.delete())
        return found

    monkeypatch.setattr(Uploads, "entry", then_gone)

    answer = await launch(real, location)

    assert (answer.status_code, "upload it again" in answer.json()["detail"]) == (400, True)
    assert real.service.jobs(ME, "ws") == ([], 0)


async def test_files_of_an_earlier_version_are_counted_from_now(real, days_later):
    real.store.put(f"ws/inputs/{SHA}/old.tif", b"old")
    uploads = real.service._uploads
    tidying = asyncio.create_task(uploads.tidy("ws"))
    async with asyncio.timeout(20):
        while not _known(real):
            await asyncio.sleep(0.01)
    tidying.cancel()

    assert [info.key for info in real.store.list("ws/inputs")] == [f"ws/inputs/{SHA}/old.tif"]
    days_later(8)
    assert uploads.sweep() == 1


def _known(real):
    with real.database.read() as connection:
        return list(connection.scalars(schema.upload.select()))


async def test_workspace_of_another_takes_no_files(real):
    url = f"/other/ogc-api/inputs/{SHA}/a"

    assert (await real.http.put(f"http://127.0.0.1{url}", content=CONTENT)).status_code == 404
    assert (await real.http.head(f"http://127.0.0.1{url}")).status_code == 404
