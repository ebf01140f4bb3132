"""The disk of the data folder is full: said aloud, nothing corrupted, and it goes on after."""

import os
import sqlite3
import subprocess
import time

import pytest

from eodh_jupyter import JobFailed
from eodh_jupyter.errors import Problem

from .conftest import stop, tool
from .test_runner import SCATTER, launch

SIZE_MIB = 24


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """Give a small disk of its own with the data folder on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small disk can only be mounted as root")
    data = folder / "data"
    monkeypatch.setenv("EODH_DATA", str(data))
    monkeypatch.setenv("EODH_CONTAINERS", "host")
    yield folder
    stop(data)
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def client(disk):
    from eodh_jupyter import Client

    client = Client()
    client.health()
    return client


def fill(disk):
    """Take every byte that is left."""
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * 4096)
        except OSError:
            pass


def free(disk):
    (disk / "ballast").unlink()


def is_told_to_wait(disk):
    """Tell whether the runner said, to whoever asks for its health, that it waits for room."""
    from eodh_jupyter import Client

    return Client().health()["worker"]["waits_for_room"]


def until(condition, limit_s=60.0):
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.1)


def is_sound(disk):
    with sqlite3.connect(f"file:{disk}/data/runner.sqlite?mode=ro", uri=True) as database:
        return database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_tool_that_fills_the_disk_fails_as_storage_and_the_next_job_runs(client, disk):
    job = launch(client, tool("head -c 60000000 /dev/zero"))

    with pytest.raises(JobFailed) as caught:
        job.wait(60)

    assert caught.value.failure["class"] == "storage"
    assert "space" in caught.value.failure["message"]
    assert launch(client, tool("echo $0"), x="after").wait(60).results.out.text() == "after\n"
    assert is_sound(disk)


def test_full_disk_refuses_launches_by_its_name_until_there_is_room(client, disk):
    process = client.deploy(tool("echo $0"))
    fill(disk)

    def launch_often():
        for _ in range(50):  # the database may have a few pages to spare
            process.launch(x="1" * 10_000)

    with pytest.raises(Problem, match="no space is left on the disk") as refused:
        launch_often()

    assert refused.value.status == 507
    free(disk)
    assert process.launch(x="after").wait(60).results.out.text() == "after\n"
    assert is_sound(disk)


def test_disk_that_fills_while_jobs_run_ends_each_once_and_right(client, disk):
    jobs = [launch(client, SCATTER, xs=[str(i) for i in range(8)], ledger="") for _ in range(2)]
    for event in jobs[0].events():
        if event["kind"] == "step" and event["data"]["state"] == "running":
            break
    fill(disk)

    until(lambda: is_told_to_wait(disk))
    free(disk)

    for job in jobs:
        job.wait(120, raise_on_failure=False)
        assert job.status in ("successful", "failed")
        if job.status == "failed":
            assert job.failure["class"] == "storage", job.failure
        events = list(job.events())
        assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
        ends = [e for e in events if e["kind"] == "job" and e["data"]["status"] != "running"]
        assert [e["data"]["status"] for e in ends if e["data"]["status"] != "accepted"] == [
            job.status
        ]
    assert launch(client, tool("echo $0"), x="after").wait(60).results.out.text() == "after\n"
    assert is_sound(disk)
