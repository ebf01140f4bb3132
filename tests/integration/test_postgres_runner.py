"""Runners on one Postgres: one is active, another waits and takes over."""

import os
import socket
import subprocess
import sys
import time

import httpx
import pytest
import sqlalchemy as sa

from eodh_jupyter import Client

from .test_runner import SCATTER, launch


@pytest.fixture
def start(environment, tmp_path, monkeypatch, postgres_server):
    """Give a function that starts a runner, and the address where the active one answers."""
    monkeypatch.setenv("EODH_DATABASE_URL", postgres_server.database())
    monkeypatch.setenv("EODH_IDLE_TIMEOUT_S", "0")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv("EODH_RUNNER_URL", f"http://{address}/ogc-api")
    argv = [sys.executable, "-m", "eodh_runner", "serve", "--data", str(environment)]
    started = []

    def start():
        log = tmp_path / f"runner-{len(started)}.log"
        with log.open("w") as stream:
            process = subprocess.Popen(
                [*argv, "--tcp", address, "--no-auth"], stdout=stream, stderr=stream
            )
        started.append(process)
        return process, log

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(20)


def until(is_true, what):
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answers():
    try:
        return httpx.get(os.environ["EODH_RUNNER_URL"].replace("/ogc-api", "/ping")).is_success
    except httpx.TransportError:
        return False


def end_sessions_with_the_lock():
    engine = sa.create_engine(os.environ["EODH_DATABASE_URL"])
    with engine.connect() as connection:
        ended = (
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted"
        )
        connection.execute(sa.text(ended))
    engine.dispose()


def test_standby_takes_over_from_a_killed_runner_and_no_step_runs_twice(start):
    first, _ = start()
    until(answers, "the first runner does not answer")
    second, log = start()
    until(lambda: "standby: another runner" in log.read_text(), "no standby")
    job = launch(Client(), SCATTER, xs=[str(i) for i in range(8)], ledger="")
    until(lambda: sum(step["state"] == "done" for step in job.steps()) >= 2, "no step ended")

    first.kill()
    first.wait()
    killed = time.monotonic()
    until(answers, log.read_text())
    took_s = time.monotonic() - killed
    job.wait(60)

    assert took_s < 10
    assert second.poll() is None
    assert "takes over" in log.read_text()
    steps = job.steps()
    assert [(step["state"], step["attempt"]) for step in steps] == [("done", 1)] * 8
    assert [job.logs(step["path"]).count("did") for step in steps] == [1] * 8


def test_runner_that_loses_its_lock_ends_and_says_so(start):
    first, log = start()
    until(answers, "the runner does not answer")
    end_sessions_with_the_lock()

    assert first.wait(20) == 1
    assert "is lost" in log.read_text()


def test_database_of_a_runner_is_not_migrated_under_it(start, environment):
    start()
    until(answers, "the runner does not answer")

    argv = [sys.executable, "-m", "eodh_runner", "migrate", "--data", f"{environment}-other"]
    migration = subprocess.run(argv, capture_output=True, text=True, timeout=60)

    assert migration.returncode == 1
    assert "a runner writes to postgresql+psycopg://eodh@" in migration.stderr
    assert "stop it first" in migration.stderr


def test_standby_waits_for_a_runner_that_loses_its_lock_and_still_holds_the_folder(start):
    first, _ = start()
    until(answers, "the first runner does not answer")
    second, log = start()
    until(lambda: "standby: another runner" in log.read_text(), "no standby")

    end_sessions_with_the_lock()

    assert first.wait(30) == 1
    until(answers, log.read_text())
    assert second.poll() is None
    assert "takes over" in log.read_text()
