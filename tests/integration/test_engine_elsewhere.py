"""The engine as a program of its own, as in a container beside the runner."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from eodh_runner.worker.engine import EngineHost

from .engines import FakePort, run, scatter, until


@pytest.fixture
async def elsewhere(tmp_path):
    """Give a host whose engine is a program of its own, and a function that starts this."""
    address, started = tmp_path / "socket", []
    host = EngineHost("local", address=address)

    def start():
        argv = [sys.executable, "-m", "eodh_runner", "engine", "--socket", str(address)]
        started.append(subprocess.Popen(argv, env={"PATH": os.environ["PATH"]}))
        return started[-1]

    yield host, start
    await host.stop()
    for process in started:
        process.kill()
        process.wait()


async def test_engine_of_another_container_is_jailed_and_runs(elsewhere):
    host, start = elsewhere
    start()

    assert await run(host, scatter(), {"words": []}) == {"files": []}

    assert host.is_warm
    assert host.isolation["container"]
    assert host.isolation["landlock"] > 0


async def test_engine_of_another_container_ends_what_nobody_waits_for(elsewhere):
    host, start = elsewhere
    engine, started = start(), asyncio.Event()

    async def answer(step_run):
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(run(host, scatter(), {"words": ["x"]}, FakePort(answer)))
    await started.wait()
    assert len(descendants(engine.pid)) == 2

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: len(descendants(engine.pid)) == 1)


async def test_engine_of_another_container_that_was_restarted_is_found_again(elsewhere):
    host, start = elsewhere
    first = start()
    await host.start()
    for pid in (*descendants(first.pid), first.pid):
        os.kill(pid, signal.SIGKILL)
    first.wait()
    await until(lambda: not host.is_warm)
    start()

    assert await run(host, scatter(), {"words": []}) == {"files": []}


def descendants(pid):
    below = [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*below, *(found for child in below for found in descendants(child))]
