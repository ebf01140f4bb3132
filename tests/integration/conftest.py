"""A real runner in a process of its own, and a client of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from eodh_runner.executor.local import executor as local_executor
from eodh_runner.executor.local.executor import find_bwrap

from .. import containers
from ..servers.docker import DockerServer, Missing
from .bench import Bench

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def debian_image() -> Iterator[str]:
    """Give the name of a real image that podman has, or skip with the reason."""
    before = containers.bridges()
    try:
        name = containers.make_image()
    except containers.NotHere as error:
        pytest.skip(f"no container can be run: {error}")
    yield name
    containers.release(before)


@pytest.fixture
def podman(debian_image, monkeypatch):
    """Let the runner use the tests' podman; gives a function that runs it."""
    from eodh_runner.image import engine

    for name, value in containers.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(engine, "_found", {})
    return containers.podman


@pytest.fixture(scope="session")
def docker_server(debian_image) -> Iterator[DockerServer]:
    """Give a docker daemon that has the tests' image, or skip with the reason."""
    server = None
    try:
        server = DockerServer()
        yield server.start()
    except Missing as error:
        pytest.skip(str(error))
    finally:
        if server is not None:
            server.remove()


@pytest.fixture
def docker(docker_server, monkeypatch):
    """Let the runner use the tests' docker; gives a function that runs it."""
    from eodh_runner.image import engine

    monkeypatch.setenv("DOCKER_HOST", docker_server.host)
    monkeypatch.setattr(engine, "_found", {})
    return docker_server


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Give the environment of a runner that belongs to this test."""
    monkeypatch.setenv("EODH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EODH_CONTAINERS", "host")
    monkeypatch.setenv("EODH_IDLE_TIMEOUT_S", "60")
    monkeypatch.delenv("EODH_RUNNER_URL", raising=False)
    yield tmp_path / "data"
    stop(tmp_path / "data")
    end_step_runs(tmp_path / "data")


def runner_pid(data: Path) -> int | None:
    from eodh_jupyter.local import connection_path

    try:
        return int(json.loads(connection_path(data.resolve()).read_text())["pid"])
    except (OSError, ValueError):
        return None


def stop(data: Path, number: int = signal.SIGTERM) -> None:
    """End the runner of a data folder and wait until it is gone."""
    pid = runner_pid(data)
    if pid is None:
        return
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            threads = os.listdir(f"/proc/{pid}/task")
        except OSError:
            return
        # Its sockets are open until its last thread has ended.
        if state == "Z" and len(threads) <= 1:
            return
        time.sleep(0.02)


def end_step_runs(data: Path) -> None:
    """End what step runs of a data folder go on without their runner."""
    for file in data.glob("work/*/**/pid"):
        with suppress(OSError, ValueError):
            pid = json.loads(file.read_text())[0]
            if str(data) in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGTERM)


@pytest.fixture
def client(environment):
    from eodh_jupyter import Client

    client = Client()
    yield client
    for job in client.jobs(100):
        if not job.is_terminal:
            job.dismiss()


def tool(command: str, **more: object) -> bytes:
    """Give a tool that runs a shell command; `x` is its text input."""
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": "tool",
        "baseCommand": ["sh", "-c", command],
        "inputs": {"x": {"type": "string?", "inputBinding": {}}},
        "outputs": {"out": "stdout"},
        "stdout": "out.txt",
        **more,
    }
    return json.dumps(document).encode()


def python(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, **options
    )


@pytest.fixture(params=["bubblewrap", "plain", "podman", "image in bubblewrap"])
def bench(request, tmp_path, monkeypatch):
    """Give each way to run a command: all keep the same promises."""
    if request.param == "plain":
        monkeypatch.setattr(local_executor, "find_bwrap", lambda: None)
    elif find_bwrap() is None and request.param != "podman":
        pytest.skip("bubblewrap cannot make a sandbox here")
    if request.param not in ("podman", "image in bubblewrap"):
        return Bench(tmp_path)
    image = request.getfixturevalue("debian_image")
    request.getfixturevalue("podman")
    bench = Bench(tmp_path, containers="podman" if request.param == "podman" else "auto")
    bench.image = image
    images = bench.executor.describe()["images"]
    if images != ("podman" if request.param == "podman" else "bubblewrap"):
        pytest.skip(f"images are started by {images} here: podman as root mounts them")
    return bench


@pytest.fixture
def sandboxed(tmp_path):
    if find_bwrap() is None:
        pytest.skip("bubblewrap cannot make a sandbox here")
    return Bench(tmp_path)
