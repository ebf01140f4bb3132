"""What becomes of a job when what launched it is killed, and of launches at the same time."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from jupyter_client.manager import start_new_kernel

from ..browser.server import TOKEN, Server, send
from .conftest import tool
from .test_tcp import TOKEN as RUNNER_TOKEN
from .test_tcp import serve  # noqa: F401  a fixture

SLOW = tool("echo began >&2; sleep 2; echo done >&2; echo result")
LAUNCH = f"""
from eodh_jupyter import Client
job = Client().deploy({SLOW!r}, replace=True).launch()
print(job.id, flush=True)
job.wait()
"""


@pytest.fixture
def kernels(environment):
    """Give a function that starts a real kernel; all are killed after the test."""
    started = []

    def start():
        manager, kernel = start_new_kernel(kernel_name="python3", env={**os.environ})
        started.append((manager, kernel))
        return manager, kernel

    yield start
    for manager, kernel in started:
        kernel.stop_channels()
        manager.shutdown_kernel(now=True)


def printed(kernel, limit_s=60):
    """Give the first line that a kernel prints."""
    while True:
        message = kernel.get_iopub_msg(timeout=limit_s)
        assert message["msg_type"] != "error", message["content"]
        if message["msg_type"] == "stream" and message["content"]["text"].strip():
            return message["content"]["text"].strip()


def ended_once(job):
    """Wait for the end of a job; check that it came once, and that each step ran once."""
    job.wait(60)
    ends = [
        event["data"]["status"]
        for event in job.events()
        if event["kind"] == "job" and event["data"]["status"] in ("successful", "failed")
    ]
    assert ends == ["successful"]
    assert [step["attempt"] for step in job.steps()] == [1]
    assert job.logs() == "began\ndone\n"
    return job


def test_job_outlives_the_kernel_that_waits_for_it(client, kernels):
    manager, kernel = kernels()
    kernel.execute(LAUNCH)
    job = client.job(printed(kernel))

    os.kill(manager.provisioner.pid, signal.SIGKILL)

    assert ended_once(job).results.out.text() == "result\n"


def test_two_kernels_that_launch_the_same_at_once_get_a_job_each(client, kernels):
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: kernels()[1], range(2)))
    for kernel in both:
        kernel.execute(LAUNCH)

    jobs = [client.job(printed(kernel)) for kernel in both]

    assert jobs[0].id != jobs[1].id
    for job in jobs:
        assert ended_once(job).results.out.text() == "result\n"
    assert [process.id for process in client.processes()].count("tool") == 1


@pytest.fixture
def jupyter(tmp_path):
    """Give a function that starts a real Jupyter server of this test."""
    started = []

    def start(**environment):
        started.append(Server(tmp_path / f"server{len(started)}", **environment).start())
        return started[-1]

    yield start
    for server in started:
        server.close()


GOING_ON = ("accepted", "running")


def ask(server, method, path, body=None, **headers):
    return send(f"token {TOKEN}", method, f"{server.address}/eodh/{path}", body, **headers)


def launch_through(server):
    """Deploy and launch through a Jupyter server, as its page does; give the job's id."""
    ask(server, "POST", "ogc-api/processes", SLOW, Content_Type="application/cwl+json")
    body = json.dumps({"inputs": {}}).encode()
    options = {"Content_Type": "application/json", "Prefer": "respond-async"}
    return ask(server, "POST", "ogc-api/processes/tool/execution", body, **options)["jobID"]


def test_job_outlives_the_jupyter_server_that_launched_it(client, environment, jupyter):
    server = jupyter(EODH_DATA=str(environment), EODH_IDLE_TIMEOUT_S="60")
    job = client.job(launch_through(server))

    os.kill(server._process.pid, signal.SIGKILL)
    server._process.wait(20)

    ended_once(job)
    again = jupyter(EODH_DATA=str(environment), EODH_IDLE_TIMEOUT_S="60")
    assert ask(again, "GET", f"ogc-api/jobs/{job.id}")["status"] == "successful"


def test_runner_elsewhere_is_used_through_jupyter_with_the_users_token(serve, jupyter):  # noqa: F811
    url, _ = serve()
    server = jupyter(EODH_RUNNER_URL=url, EODH_TOKEN=RUNNER_TOKEN)

    job_id = launch_through(server)

    deadline = time.monotonic() + 60
    while (status := ask(server, "GET", f"ogc-api/jobs/{job_id}"))["status"] in GOING_ON:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status["status"] == "successful"
    assert RUNNER_TOKEN not in (server.home / "log").read_text()


def test_runner_elsewhere_refuses_a_wrong_token_and_jupyter_passes_that_on(serve, jupyter):  # noqa: F811
    url, _ = serve()
    server = jupyter(EODH_RUNNER_URL=url, EODH_TOKEN="another-token-that-is-long-too")

    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(server, "GET", "ogc-api/processes")

    assert refused.value.code in (401, 403)
    assert b"another-token" not in refused.value.read()
