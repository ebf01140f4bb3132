"""The main job with its objects in a real S3."""

import json
import time

import httpx
import pytest
from eodh_runner.store.s3_address import Credentials

from ..servers.s3 import ACCESS_KEY, SECRET_KEY
from .conftest import python, tool

WORKFLOW = {
    "cwlVersion": "v1.2",
    "$graph": [
        {
            "class": "Workflow",
            "id": "two",
            "inputs": {"name": "string"},
            "outputs": {
                "folder": {"type": "Directory", "outputSource": "make/folder"},
                "count": {"type": "File", "outputSource": "count/out"},
            },
            "steps": {
                "make": {"run": "#make", "in": {"name": "name"}, "out": ["folder"]},
                "count": {"run": "#count", "in": {"folder": "make/folder"}, "out": ["out"]},
            },
        },
        {
            "class": "CommandLineTool",
            "id": "make",
            "baseCommand": ["sh", "-c", 'mkdir -p d/e d/empty; echo "$0" > "d/e/a b+c#?%.txt"'],
            "inputs": {"name": {"type": "string", "inputBinding": {}}},
            "outputs": {"folder": {"type": "Directory", "outputBinding": {"glob": "d"}}},
        },
        {
            "class": "CommandLineTool",
            "id": "count",
            "baseCommand": ["sh", "-c", 'cd "$0" && find . | sort && cat e/*'],
            "inputs": {"folder": {"type": "Directory", "inputBinding": {}}},
            "outputs": {"out": {"type": "stdout"}},
            "stdout": "count.txt",
        },
    ],
}


@pytest.fixture
def bucket(s3_server, monkeypatch, request, tmp_path):
    letters = [
        letter for letter in request.node.name.lower() if letter.isascii() and letter.isalnum()
    ]
    name = s3_server.bucket("runner-" + "".join(letters)[-40:])
    monkeypatch.setenv("EODH_STORE_URL", f"s3://{name}/eodh")
    monkeypatch.setenv("EODH_STORE_ENDPOINT", s3_server.endpoint)
    credentials = tmp_path / "credentials"
    credentials.write_text(Credentials(ACCESS_KEY, SECRET_KEY).to_text())
    monkeypatch.setenv("EODH_STORE_CREDENTIALS", str(credentials))
    return s3_server.root / "data" / name / "eodh"


def objects(bucket):
    return sorted(p.relative_to(bucket).as_posix() for p in bucket.rglob("*") if p.is_file())


def test_job_keeps_results_and_logs_in_the_bucket(bucket, client, environment):
    process = client.deploy(json.dumps(WORKFLOW).encode(), replace=True)

    job = process.launch(name="you").wait(60)

    results = job.results
    assert results.count.text() == ".\n./e\n./e/a b+c#?%.txt\n./empty\nyou\n"
    assert (environment / "store").exists() is False
    found = objects(bucket)
    assert f"local/jobs/{job.id}/steps/make/1/out/d/e/a b+c#?%.txt" in found
    assert f"local/jobs/{job.id}/steps/count/1/out/count.txt" in found


def test_log_in_the_bucket_is_read_by_range_while_the_step_runs(bucket, client):
    job = client.deploy(
        tool("for i in 1 2 3; do echo line $i >&2; sleep 0.3; done"), replace=True
    ).launch()
    while not job.steps():
        time.sleep(0.05)

    assert list(job.follow_log("tool")) == ["line 1", "line 2", "line 3"]
    chunks = [name for name in objects(bucket) if "/logs/tool/1/" in name]
    assert len(chunks) >= 2


def test_result_is_read_by_range_through_the_runner(bucket, client):
    job = client.deploy(tool("seq 1 20000"), replace=True).launch().wait(60)

    answer = client._http.request("GET", job.results.out.href, headers={"Range": "bytes=108888-"})

    assert answer.status_code == 206
    assert answer.content == b"20000\n"


def test_link_reads_a_result_from_the_store_without_credentials(bucket, client):
    job = client.deploy(tool("seq 1 10"), replace=True).launch().wait(60)

    found = client._http.request("GET", f"{job.results.out.href}?f=link").json()

    assert found["expires_s"] == 3600
    answer = httpx.get(found["href"], headers={"Range": "bytes=2-3"})
    assert (answer.status_code, answer.content) == (206, b"2\n")
    assert answer.headers["content-type"] == "text/plain"


def test_job_that_is_removed_leaves_nothing_in_the_bucket(bucket, client):
    job = client.deploy(tool("echo x"), replace=True).launch().wait(60)
    assert objects(bucket)

    job.dismiss()

    assert objects(bucket) == []


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("EODH_STORE_URL", "s3://no-such-bucket", "the bucket of the store does not exist"),
        ("EODH_STORE_CREDENTIALS", "", "there are no credentials for s3://"),
        ("EODH_STORE_CREDENTIALS", "/none", "/none holds no S3 credentials"),
        ("EODH_STORE_URL", "ftp://x", "must be s3://"),
    ],
)
def test_runner_with_a_store_it_cannot_use_says_so_and_does_not_start(
    bucket, environment, monkeypatch, variable, value, says
):
    monkeypatch.setenv(variable, value)

    answer = python("-m", "eodh_runner", "serve")

    assert answer.returncode == 2
    assert says in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr
