"""The real cluster, and a runner whose step runs are its pods."""

import json
import os
import time
from pathlib import Path

import pytest

from ..integration.conftest import runner_pid, stop
from .rig import CannotRun, Missing, down, is_up, kubectl, up

__all__ = ["runner_pid", "stop"]


def pytest_collection_modifyitems(config, items):
    """Leave the gate with the smoke run; `make cluster-test` runs everything."""
    if os.environ.get("EODH_CLUSTER_TESTS") == "all":
        return
    here = Path(__file__).parent
    left = [i for i in items if here in i.path.parents and not i.get_closest_marker("smoke")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="package")
def cluster():
    """Give the details of the cluster: one that runs and stays, or one of these tests alone."""
    was_up = is_up()
    try:
        yield up()
    except (CannotRun, Missing) as error:
        pytest.skip(str(error))
    finally:
        if not was_up:
            down()


@pytest.fixture
def environment(cluster, tmp_path, monkeypatch):
    """Give the data folder of a runner that belongs to this test."""
    data = tmp_path / "data"
    for name, value in {
        "EODH_DATA": str(data),
        "EODH_EXECUTOR": "kubernetes",
        "EODH_KUBECONFIG": cluster["runner_kubeconfig"],
        "EODH_POD_NAMESPACE": cluster["namespace"],
        "EODH_POD_IMAGE": cluster["image"],
        "EODH_POD_REGISTRIES": cluster["registries"],
        "EODH_STORE_URL": f"s3://{cluster['bucket']}/{tmp_path.name.lower()}",
        "EODH_STORE_ENDPOINT": cluster["s3"],
        "EODH_STORE_CREDENTIALS": cluster["credentials"],
        "EODH_IDLE_TIMEOUT_S": "120",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("EODH_RUNNER_URL", raising=False)
    yield data
    stop(data)


@pytest.fixture
def client(environment):
    from eodh_jupyter import Client

    client = Client()
    yield client
    for job in client.jobs(100):
        if not job.is_terminal:
            job.dismiss()


def pods(*arguments):
    """Give the pods of the namespace as Kubernetes has them."""
    return json.loads(kubectl("get", "pods", "-n", "eodh-jobs", "-o", "json", *arguments))["items"]


def tool(command, image="debian:stable-slim", **more):
    """Give a tool that runs a shell command in an image; `x` is its text input."""
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": "tool",
        "baseCommand": ["sh", "-c", command],
        "requirements": {"DockerRequirement": {"dockerPull": image}},
        "inputs": {"x": {"type": "string?", "inputBinding": {}}},
        "outputs": {"out": "stdout"},
        "stdout": "out.txt",
    }
    requirements = {**document["requirements"], **more.pop("requirements", {})}
    return json.dumps({**document, **more, "requirements": requirements}).encode()


def launch(client, document, **inputs):
    return client.deploy(document, replace=True).launch(**inputs)


def until(is_there, seconds=60):
    """Wait for what must come; the test fails when it does not."""
    deadline = time.monotonic() + seconds
    while not (found := is_there()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)
    return found


def is_running(pod):
    """Tell whether the container of the command runs."""
    return any("running" in s["state"] for s in pod["status"].get("containerStatuses", []))


SCATTER = {
    "cwlVersion": "v1.2",
    "$graph": [
        {
            "class": "Workflow",
            "id": "many",
            "requirements": {"ScatterFeatureRequirement": {}},
            "inputs": {"xs": "string[]"},
            "outputs": {"outs": {"type": "File[]", "outputSource": "one/out"}},
            "steps": {"one": {"run": "#one", "scatter": "x", "in": {"x": "xs"}, "out": ["out"]}},
        },
        {
            **{k: v for k, v in json.loads(tool("date +%N; sleep 1; echo $0")).items()},
            "id": "one",
            "requirements": {
                "DockerRequirement": {"dockerPull": "debian:stable-slim"},
                "ResourceRequirement": {"coresMin": 0.1, "ramMin": 32},
            },
            "inputs": {"x": {"type": "string", "inputBinding": {}}},
        },
    ],
}
del SCATTER["$graph"][1]["cwlVersion"]


def many(client, count):
    process = client.deploy(json.dumps(SCATTER).encode(), replace=True)
    return process.launch(xs=[str(number) for number in range(count)])


def created():
    """Give the uids of all pods that were ever made for a scattered step, by name."""
    events = json.loads(kubectl("get", "events", "-n", "eodh-jobs", "-o", "json"))["items"]
    found = {}
    for event in events:
        item = event["involvedObject"]
        is_ours = item["kind"] == "Pod" and item["name"].startswith("one-")
        if is_ours and event["reason"] == "Scheduled":
            found.setdefault(item["name"], set()).add(item["uid"])
    return found
