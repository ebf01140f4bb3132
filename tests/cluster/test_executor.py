"""The executor on the real API server, through a proxy that fails on demand."""

import asyncio
import json
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from eodh_runner.domain.step import Image
from eodh_runner.executor import StepOrder
from eodh_runner.executor.kubernetes import api, informer
from eodh_runner.executor.kubernetes.api import Api
from eodh_runner.executor.kubernetes.executor import KubernetesExecutor
from eodh_runner.executor.kubernetes.pod import pod_name
from eodh_runner.executor.kubernetes.setting import PodSettings
from eodh_runner.store.s3 import S3Store
from eodh_runner.store.s3_address import S3Address

from ..servers.fault import FaultProxy
from ..unit.executor.test_argv import make_step_run
from .conftest import pods
from .rig import BASE, kubectl, start_api_server, stop_part


@pytest.fixture
def proxy(cluster):
    config = json.loads(Path(cluster["runner_kubeconfig"]).read_text())
    with FaultProxy(config["clusters"][0]["cluster"]["server"]) as proxy:
        yield proxy


@pytest.fixture
async def make(cluster, proxy, tmp_path):
    """Give a maker of executors that reach the API server through the proxy."""
    config = json.loads(Path(cluster["runner_kubeconfig"]).read_text())
    config["clusters"][0]["cluster"] = {"server": proxy.endpoint}
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(config))
    address = S3Address(
        cluster["bucket"],
        uuid.uuid4().hex,
        cluster["s3"],
        credentials=Path(cluster["credentials"]),
    )
    settings = PodSettings(cluster["image"], namespace=cluster["namespace"])
    executors = []

    async def start():
        there = Api.connect(str(path), None)
        executor = KubernetesExecutor(there, settings, S3Store(address), address, "test")
        await executor.start()
        executors.append(executor)
        return executor

    yield start
    for executor in executors:
        await executor.dismiss("ws", "j")
        executor.forget("ws", "j")
        await executor.stop()


def order(script="true", number=1, **fields):
    image = Image(pull="docker.io/library/python:3-slim")
    step_run = make_step_run(
        path=("step", str(number)), argv=("sh", "-c", script), image=image, cores=0.1, **fields
    )
    return StepOrder("ws", "j", step_run, 1, f"step.{number}")


def quiet(what, value):
    pass


async def test_step_costs_the_api_server_a_post_a_delete_and_no_list(make, proxy):
    executor = await make()
    await executor.run(order(), quiet)
    proxy.seen.clear()

    done = await asyncio.gather(*(executor.run(order(number=n), quiet) for n in (2, 3)))
    await executor.stop()

    assert [d.exit_code for d in done] == [0, 0]
    asked = [(method, path.partition("?")[0].rpartition("/")[2]) for method, path in proxy.seen]
    names = [pod_name(order(number=n)) for n in (2, 3)]
    assert sorted(a for a in asked if a[1] in names) == sorted(("DELETE", name) for name in names)
    assert asked.count(("POST", "pods")) == 2
    assert all(method != "GET" or "watch=true" in path for method, path in proxy.seen)


async def test_answers_to_post_that_are_lost_make_no_second_pod(make, proxy):
    executor = await make()

    def posts():
        return [path for method, path in proxy.seen if method == "POST" and "/pods" in path]

    proxy.decide = lambda method, path: (
        "lost" if method == "POST" and "/pods" in path and len(posts()) < 3 else None
    )

    done = await executor.run(order("echo x > out"), quiet)

    assert done.exit_code == 0
    assert len(posts()) == 3


async def test_same_attempt_by_two_runners_is_one_pod(make):
    first, second = await make(), await make()

    done = await asyncio.gather(
        first.run(order("date +%N > out"), quiet), second.run(order("date +%N > out"), quiet)
    )

    assert done[0].manifest == done[1].manifest
    assert done[0].manifest[0].path == "out"


async def test_pod_of_another_with_the_same_name_is_not_taken_for_ours(make, cluster):
    executor = await make()
    name = pod_name(order())
    stranger = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": cluster["namespace"]},
        "spec": {
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "main",
                    "image": "localhost/pause:1",
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }
    kubectl("apply", "-f", "-", given=stranger)
    try:
        done = await executor.run(order(), quiet)
    finally:
        kubectl("delete", "pod", name, "-n", cluster["namespace"], "--grace-period=0", "--force")

    assert done.failure["class"] == "infrastructure"
    assert f"holds another pod named {name}" in done.failure["message"]


async def test_throttling_slows_the_runner_down_and_fails_nothing(make, proxy):
    executor = await make()
    until = time.monotonic() + 30
    proxy.decide = lambda method, path: 429 if time.monotonic() < until else None
    before = executor._api.rate.per_s

    done = await asyncio.gather(*(executor.run(order(number=n), quiet) for n in range(4)))

    assert [d.exit_code for d in done] == [0] * 4
    assert executor._api.rate.per_s <= before / 2


async def test_watch_that_falls_silent_is_noticed(make, proxy, monkeypatch):
    monkeypatch.setattr(informer, "SILENCE_S", 3.0)
    executor = await make()
    running = asyncio.create_task(executor.run(order("sleep 3"), quiet))
    while not any(method == "POST" and "/pods" in path for method, path in proxy.seen):
        await asyncio.sleep(0.05)
    watches = len([path for _, path in proxy.seen if "watch=true" in path])
    proxy.is_silent = True
    while len([path for _, path in proxy.seen if "watch=true" in path]) == watches:
        await asyncio.sleep(0.05)
    proxy.is_silent = False

    assert (await running).exit_code == 0


async def test_watch_that_the_server_forgot_is_begun_by_a_list(make, proxy):
    executor = await make()
    running = asyncio.create_task(executor.run(order("sleep 2; echo x > out"), quiet))
    while not pods():
        await asyncio.sleep(0.1)
    # The watch is lost, more happens, and a server that starts again remembers none of it.
    proxy.decide = lambda method, path: "reset" if "watch=true" in path else None
    await asyncio.to_thread(stop_part, "apiserver")
    start_api_server()
    while not is_served() or any(pod["status"]["phase"] == "Running" for pod in pods()):
        await asyncio.sleep(0.2)
    await asyncio.to_thread(stop_part, "apiserver")
    start_api_server()
    while not is_served():
        await asyncio.sleep(0.2)
    proxy.seen.clear()
    proxy.decide = lambda method, path: None

    assert (await running).exit_code == 0
    lists = [path for method, path in proxy.seen if method == "GET" and "watch=true" not in path]
    assert lists


def is_served():
    try:
        return kubectl("get", "--raw", "/readyz") == "ok"
    except RuntimeError:
        return False


async def test_refusal_of_a_server_that_begins_costs_no_step_and_one_that_stays_is_told(
    make, proxy, monkeypatch
):
    executor = await make()
    kubectl("delete", "rolebinding", "eodh-runner", "-n", "eodh-jobs")
    try:
        with monkeypatch.context() as change:
            change.setattr(api, "REFUSED_AGAIN_S", 1.0)
            refused = await executor.run(order(number=1), quiet)
        proxy.seen.clear()
        running = asyncio.create_task(executor.run(order(number=2), quiet))
        while not any(method == "POST" for method, _ in proxy.seen):
            await asyncio.sleep(0.05)
    finally:
        kubectl("apply", "-k", str(BASE / "workspace"))

    assert refused.failure["class"] == "permission"
    assert 'cannot create resource "secrets"' in refused.failure["message"]
    assert (await running).exit_code == 0


async def test_finished_attempt_is_answered_from_its_manifest_alone(make, proxy):
    executor = await make()
    done = await executor.run(order("echo x > out"), quiet)
    proxy.seen.clear()

    again = await executor.run(replace(order("echo x > out")), quiet)

    assert again == done
    assert not any(method == "POST" for method, _ in proxy.seen)


async def test_dismissed_job_ends_with_nothing_left(make):
    executor = await make()
    running = asyncio.create_task(executor.run(order("sleep 60"), quiet))
    while not pods():
        await asyncio.sleep(0.1)
    running.cancel()

    await executor.dismiss("ws", "j")

    assert pods() == []
