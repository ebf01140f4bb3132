"""The state of the runner, its log, and what counts as activity."""

import asyncio
import json
from pathlib import Path

import pytest
from eodh_jupyter_server import activity
from eodh_jupyter_server import runner as runner_module
from tornado.httpclient import HTTPClientError

from eodh_jupyter.errors import RunnerIdle, RunnerNotStarted
from eodh_jupyter.local import Connection

from .small_runner import wait_for


async def test_status_tells_of_a_runner_that_is_down(upstream, fetch):
    await upstream.stop()

    status = json.loads((await fetch("status")).body)

    assert status["state"] == "down"
    assert status["remedy"] == "pip install it"


@pytest.mark.parametrize("is_up", [True, False])
async def test_status_names_the_folder_of_the_file_browser(upstream, fetch, tmp_path, is_up):
    if not is_up:
        await upstream.stop()

    assert json.loads((await fetch("status")).body)["root"] == str(tmp_path)


async def test_only_unfinished_jobs_are_activity(upstream, fetch, app):
    settings = app.web_app.settings
    settings.pop("api_last_activity", None)

    await fetch("status")
    before = app.web_app.last_activity()
    assert not {"api_last_activity", "eodh_last_activity"} & settings.keys()
    upstream.health["jobs_unfinished"] = 1
    await fetch("status")

    assert app.web_app.last_activity() > before


async def test_job_that_runs_is_activity_with_no_page_open(upstream, app, monkeypatch):
    monkeypatch.setattr(activity, "CHECK_S", 0.01)
    settings, link = app.web_app.settings, app.web_app.settings["eodh_link"]
    attending = asyncio.create_task(activity.attend(settings, link))
    await wait_for(lambda: len(upstream.requests) >= 3)
    assert "eodh_last_activity" not in settings

    upstream.health["jobs_unfinished"] = 1
    before = app.web_app.last_activity()
    await wait_for(lambda: "eodh_last_activity" in settings)
    attending.cancel()

    assert app.web_app.last_activity() > before


async def test_look_for_jobs_starts_no_runner_and_finds_one_that_comes(upstream, app, monkeypatch):
    starts = []

    def connect(url=None, *, autostart=True):
        starts.append(autostart)
        if not Path(upstream.path).exists():
            raise RunnerIdle("no runner is up")
        return Connection("http://runner/ogc-api", uds=upstream.path)

    monkeypatch.setattr(runner_module, "connect", connect)
    link = app.web_app.settings["eodh_link"]
    upstream.health["jobs_unfinished"] = 2
    await upstream.stop()
    assert not await activity.has_jobs(link)

    await upstream.start()

    assert await activity.has_jobs(link)
    await upstream.stop()
    assert not await activity.has_jobs(link)
    assert set(starts) == {False}


async def test_shared_runner_is_asked_for_jobs_once_it_was_used(upstream, app, fetch, monkeypatch):
    monkeypatch.setenv("EODH_RUNNER_URL", "http://runner/ogc-api")
    link = app.web_app.settings["eodh_link"]
    assert not await activity.has_jobs(link)
    assert upstream.requests == []

    await fetch("processes")
    upstream.matched = 1

    assert await activity.has_jobs(link)
    assert "/jobs?status=accepted%2Crunning&limit=1 " in upstream.requests[-1]


async def test_status_that_only_looks_tells_an_idle_runner_from_a_broken_one(
    upstream, fetch, monkeypatch
):
    def connect(url=None, *, autostart=True):
        if autostart:
            raise RunnerNotStarted("the runner did not start; its log says: no space")
        raise RunnerIdle("no runner is up; the first command that needs one starts it")

    monkeypatch.setattr(runner_module, "connect", connect)

    looked = json.loads((await fetch("status?start=no")).body)
    asked = json.loads((await fetch("status")).body)

    assert (looked["state"], asked["state"]) == ("idle", "down")
    assert asked["remedy"] == "its log says: no space"


async def test_log_of_the_own_runner_can_be_read_while_none_is_up(
    upstream, fetch, monkeypatch, tmp_path
):
    monkeypatch.setenv("EODH_DATA", str(tmp_path))
    await upstream.stop()
    (tmp_path / "runner.log").write_text("x" * 70_000 + "<script>no space left")

    answer = await fetch("runner/log")

    assert answer.body.endswith(b"<script>no space left")
    assert len(answer.body) == 64 * 1024
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


async def test_log_of_a_shared_runner_is_not_shown(upstream, fetch, monkeypatch):
    monkeypatch.setenv("EODH_RUNNER_URL", "http://runner/ogc-api")

    with pytest.raises(HTTPClientError) as caught:
        await fetch("runner/log")

    assert caught.value.code == 404
