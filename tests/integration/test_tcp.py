"""A runner that is reached over TCP: token, names, links, and when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from eodh_jupyter.local import connection_path

from .conftest import python

TOKEN = "a-token-of-a-test-that-is-long"


@pytest.fixture
def serve(environment, tmp_path, monkeypatch):
    """Give a function that starts a runner on TCP; it is ended after the test."""
    (tmp_path / "token").write_text(TOKEN)
    started = []

    def start(*options, **settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        argv = [sys.executable, "-m", "eodh_runner", "serve", "--data", str(environment)]
        argv += ["--tcp", f"127.0.0.1:{port}", "--token-file", str(tmp_path / "token"), *options]
        started.append(subprocess.Popen(argv, env={**os.environ, **settings}))
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{url}/ping")
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return url, started[-1]
        raise AssertionError("the runner did not come up")

    yield start
    for process in started:
        process.terminate()
        process.wait(20)


def bearing(url, **headers):
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}", **headers})


def test_request_without_the_token_is_refused(serve):
    url, _ = serve()

    assert httpx.get(f"{url}/ogc-api/processes").status_code == 401
    assert bearing(url).get("/ogc-api/processes").status_code == 200


@pytest.mark.parametrize(
    ("options", "expected"),
    [((), "http://127.0.0.1:"), (("--behind-proxy",), "https://hub.example.org/eodh/")],
)
def test_forwarded_headers_make_links_behind_a_proxy_alone(serve, options, expected):
    url, _ = serve(*options)
    forwarded = {"X-Forwarded-Host": "hub.example.org", "X-Forwarded-Proto": "https"}

    answer = bearing(url, **forwarded, **{"X-Forwarded-Prefix": "/eodh"}).get("/ogc-api/processes")

    assert answer.json()["links"][0]["href"].startswith(expected)


def test_only_named_hosts_are_answered(serve):
    url, _ = serve("--name", "runner.example.org")

    named = bearing(url, Host="runner.example.org").get("/ogc-api/processes")
    foreign = bearing(url, Host="other.example.org").get("/ogc-api/processes")

    assert (named.status_code, foreign.status_code) == (200, 403)


def test_client_over_tcp_keeps_the_runner_from_its_idle_end(serve):
    url, process = serve(EODH_IDLE_TIMEOUT_S="1")

    with bearing(url).stream("GET", "/ogc-api/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(4)

    assert process.wait(20) == 0


def test_runner_that_is_terminated_ends_in_order(serve, environment):
    _, process = serve()
    assert connection_path(environment.resolve()).exists()

    process.terminate()

    assert process.wait(20) == 0
    assert not connection_path(environment.resolve()).exists()


def test_runner_that_is_started_while_the_old_one_still_ends_waits_for_it(serve, environment):
    _, old = serve()
    old.send_signal(signal.SIGSTOP)  # it takes its time
    argv = [sys.executable, "-m", "eodh_runner", "serve", "--data", str(environment)]
    argv += ["--tcp", "127.0.0.1:0", "--no-auth"]
    new = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)

    try:
        assert any("waits for the runner that holds" in line for line in new.stderr)
        old.send_signal(signal.SIGCONT)
        old.terminate()

        assert any("Running upgrade" in line or "Context impl" in line for line in new.stderr)
    finally:
        new.terminate()
        new.communicate(timeout=20)


def test_options_of_tcp_without_tcp_are_refused(environment):
    ended = python("-m", "eodh_runner", "serve", "--data", str(environment), "--behind-proxy")

    assert ended.returncode == 2
    assert "--tcp" in ended.stderr


#: A program that runs another without Landlock: the system says that it has none.
WITHOUT_LANDLOCK = """
import os, pyseccomp, sys
calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for name in ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"):
    calls.add_rule(pyseccomp.ERRNO(38), name)
calls.load()
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def test_runner_that_others_reach_needs_a_jail_unless_told_by_name(environment, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    options = ["-c", WITHOUT_LANDLOCK, "-m", "eodh_runner", "serve", "--data", str(environment)]
    options += ["--tcp", "127.0.0.1:0", "--token-file", str(tmp_path / "token")]

    refused = python(*options)

    assert refused.returncode == 2
    assert "no jail" in refused.stderr
    assert "--no-jail" in refused.stderr


def test_runner_without_a_jail_that_was_asked_for_says_so(environment, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["-m", "eodh_runner", "serve", "--data", str(environment), "--no-jail"]
    options += ["--tcp", f"127.0.0.1:{port}", "--token-file", str(tmp_path / "token")]
    process = subprocess.Popen([sys.executable, "-c", WITHOUT_LANDLOCK, *options])

    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                answer = bearing(f"http://127.0.0.1:{port}").get("/health")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        assert answer.json()["engine"]["isolation"]["landlock"] == 0
    finally:
        process.terminate()
        process.wait(20)
