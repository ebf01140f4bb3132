"""The runner in a pod of the cluster, on Postgres, driven by a client outside with a token."""

import base64
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from eodh_jupyter import Client, Problem

from ..servers.postgres import Missing, PostgresServer
from .conftest import created, launch, many, pods, tool, until
from .place import HOST, RUNNER_NAMESPACE
from .rig import BASE, CREDENTIALS, kubectl

TOKEN = "a-token-of-the-runner-in-the-cluster"


@pytest.fixture(scope="module")
def address(cluster, tmp_path_factory):
    """Give where the runner is, applied as an operator does."""
    try:
        server = PostgresServer(HOST)
    except Missing as error:
        pytest.skip(str(error))
    overlay = tmp_path_factory.mktemp("overlay")
    (overlay / "kustomization.yaml").write_text(
        json.dumps(make_overlay(cluster, os.path.relpath(BASE, overlay.resolve())))
    )
    try:
        secret = {
            "token": TOKEN,
            "database-url": server.start().database(),
            "s3-credentials": CREDENTIALS.read_text(),
        }
        kubectl("apply", "-f", "-", given=make_secret(secret))
        kubectl("apply", "-k", str(overlay))
        kubectl(*ours("rollout", "status"), "deployment/eodh-runner", "--timeout=120s")
        yield kubectl(*ours("get"), "service/eodh-runner", "-o", "jsonpath={.spec.clusterIP}")
    finally:
        for kind in ("deployment", "service", "secret"):
            kubectl(*ours("delete"), kind, "eodh-runner", "--ignore-not-found")
        server.remove()


def ours(*verb):
    return (*verb, "-n", RUNNER_NAMESPACE)


def make_secret(values):
    data = {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}
    metadata = {"name": "eodh-runner", "namespace": RUNNER_NAMESPACE}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


def make_overlay(cluster, base):
    name, _, tag = cluster["image"].rpartition(":")
    settings = {
        "EODH_POD_IMAGE": cluster["image"],
        "EODH_POD_REGISTRIES": cluster["registries"],
        "EODH_STORE_URL": f"s3://{cluster['bucket']}/deployed-{time.time_ns()}",
        "EODH_STORE_ENDPOINT": cluster["s3"],
    }
    generator = {
        "name": "eodh-runner",
        "namespace": RUNNER_NAMESPACE,
        "behavior": "merge",
        "literals": [f"{name}={value}" for name, value in settings.items()],
    }
    image = {"name": "eodh-runner", "newName": name, "newTag": tag}
    return {"resources": [base], "images": [image], "configMapGenerator": [generator]}


@pytest.fixture
def client(address):
    return Client(f"http://{address}/ogc-api", TOKEN)


def runners():
    """Give the pods of the runner."""
    found = json.loads(kubectl(*ours("get"), "pods", "-o", "json"))["items"]
    return {pod["metadata"]["uid"]: pod for pod in found}


def test_runner_in_a_pod_takes_a_job_to_its_results(client, address):
    job = launch(client, tool('echo "hello $0"; echo noise >&2'), x="you").wait(120)

    assert job.results.out.text() == "hello you\n"
    assert job.logs() == "noise\n"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    health = httpx.get(f"http://{address}/health", headers=headers).json()
    assert health["engine"]["isolation"]["container"]
    assert health["engine"]["isolation"]["landlock"]
    assert health["engine"]["isolation"]["seccomp"]
    until(lambda: not pods())


def test_runner_in_a_pod_refuses_strangers(address):
    with pytest.raises(Problem, match="bearer token"):
        Client(f"http://{address}/ogc-api", "a-token-of-somebody-else").jobs()


def test_restarted_deployment_takes_over_and_nothing_runs_twice(client, address):
    before = set(created())
    job = many(client, 8)
    until(lambda: any(step["state"] == "done" for step in job.steps()))
    (old,) = runners()

    with ThreadPoolExecutor(1) as notebook:
        waiting = notebook.submit(job.wait, 240)
        began = time.monotonic()
        kubectl(*ours("rollout", "restart"), "deployment/eodh-runner")
        until(lambda: is_taken_over(address, old))
        took_s = time.monotonic() - began
        print(f"taken over in {took_s:.1f} s")
        waiting.result()

    assert took_s < 30  # ten, on a machine of one's own
    assert [out.text().splitlines()[1] for out in job.results.outs] == [str(n) for n in range(8)]
    assert {step["attempt"] for step in job.steps()} == {1}
    made = {name: uids for name, uids in created().items() if name not in before}
    assert [len(uids) for uids in made.values()] == [1] * 8
    until(lambda: not pods())


def is_taken_over(address, old):
    if old in runners():
        return False
    try:
        return httpx.get(f"http://{address}/ping", timeout=1).is_success
    except httpx.TransportError:
        return False
