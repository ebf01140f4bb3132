"""The one stream of a page: events of many jobs, each behind its cursor."""

import asyncio
import json

import pytest
from eodh_jupyter_server import runner as runner_module
from eodh_jupyter_server import stream as stream_module
from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from eodh_jupyter.errors import RunnerIdle
from eodh_jupyter.local import Connection

from .small_runner import TOKEN, event, messages, seqs
from .test_proxy import _try


async def test_stream_that_waits_for_a_runner_opens_when_another_starts_it(
    upstream, fetch, open_stream, monkeypatch
):
    monkeypatch.setattr(stream_module, "FIRST_RETRY_S", 60.0)
    is_up = []

    def connect(url=None, *, autostart=True):
        if not autostart and not is_up:
            raise RunnerIdle("no runner is up")
        is_up.append(autostart)
        return Connection("http://runner/ogc-api", uds=upstream.path)

    monkeypatch.setattr(runner_module, "connect", connect)
    socket = await open_stream()
    message = {"type": "subscribe", "topic": "workspace", "start": False}
    await socket.write_message(json.dumps(message))
    (complaint,) = await messages(socket, "error")
    assert complaint["problem"]["state"] == "idle"
    assert is_up == []

    await fetch("status")

    assert [found["type"] for found in await messages(socket, "open")] == ["open"]
    assert is_up == [True]


async def test_stream_gives_events_behind_the_cursor_and_the_end(upstream, open_stream):
    upstream.events = [event(1), event(2), event(3), event(4, "job", status="successful")]
    socket = await open_stream()

    await socket.write_message(json.dumps({"type": "subscribe", "job": "j1", "after": 2}))

    found = await messages(socket, "end")
    assert seqs(found) == [3, 4]
    assert found[-1] == {"type": "end", "job": "j1"}


async def test_stream_behind_the_last_event_ends_at_once(upstream, open_stream):
    upstream.events = [event(1), event(2, "job", status="successful")]
    socket = await open_stream()

    await socket.write_message(json.dumps({"type": "subscribe", "job": "j1", "after": 2}))

    assert seqs(await messages(socket, "end")) == []


async def test_stream_goes_on_without_gap_or_double_when_the_runner_restarts(upstream, open_stream):
    upstream.events = [event(1), event(2), event(3), event(4, "job", status="successful")]
    upstream.breaks_after = 2
    socket = await open_stream()

    await socket.write_message(json.dumps({"type": "subscribe", "job": "j1"}))

    found = await messages(socket, "end")
    assert seqs(found) == [1, 2, 3, 4]
    assert [message["type"] for message in found].count("open") == 2


async def test_stream_complains_once_while_the_runner_is_down(upstream, open_stream, monkeypatch):
    monkeypatch.setattr(stream_module, "FIRST_RETRY_S", 0.01)
    await upstream.stop()
    socket = await open_stream()
    await socket.write_message(json.dumps({"type": "subscribe", "topic": "workspace"}))
    (complaint,) = await messages(socket, "error")
    await asyncio.sleep(0.2)

    await upstream.start()

    assert complaint["problem"]["remedy"] == "pip install it"
    assert [found["type"] for found in await messages(socket, "open")] == ["open"]


async def test_stream_of_an_unknown_job_is_refused(upstream, open_stream):
    socket = await open_stream()

    await socket.write_message(json.dumps({"type": "subscribe", "job": "none"}))

    (refusal,) = await messages(socket, "error")
    assert refusal == {
        "type": "error",
        "job": "none",
        "problem": {"status": 404, "detail": "no such job"},
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type": "subscribe", "job": "../x"}'])
async def test_what_is_no_message_is_answered_and_the_stream_lives(upstream, open_stream, text):
    socket = await open_stream()
    await socket.write_message(text)
    await messages(socket, "error")

    await socket.write_message(json.dumps({"type": "ping"}))

    assert await messages(socket, "pong") == [{"type": "pong"}]
    assert upstream.requests == []


async def test_stream_follows_no_more_than_its_limit(upstream, open_stream, monkeypatch):
    monkeypatch.setattr(stream_module, "MAX_SUBSCRIPTIONS", 1)
    socket = await open_stream()
    await socket.write_message(json.dumps({"type": "subscribe", "topic": "workspace"}))
    await messages(socket, "open")

    await socket.write_message(json.dumps({"type": "subscribe", "job": "j1"}))

    assert (await messages(socket, "error"))[-1]["problem"]["status"] == 429


async def test_stream_beats_and_a_live_job_is_activity(upstream, open_stream, monkeypatch, app):
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.05)
    upstream.events = [event(1)]
    socket = await open_stream()
    await messages(socket, "heartbeat")
    assert "eodh_last_activity" not in app.web_app.settings

    await socket.write_message(json.dumps({"type": "subscribe", "job": "j1"}))
    await messages(socket, "event")
    first = app.web_app.settings["eodh_last_activity"]
    await messages(socket, "heartbeat")
    await messages(socket, "heartbeat")
    assert app.web_app.settings["eodh_last_activity"] > first

    await socket.write_message(json.dumps({"type": "unsubscribe", "job": "j1"}))
    await messages(socket, "heartbeat")
    last = app.web_app.settings["eodh_last_activity"]
    await messages(socket, "heartbeat")
    await messages(socket, "heartbeat")
    assert app.web_app.settings["eodh_last_activity"] == last


async def test_stream_of_another_site_is_refused(upstream, address):
    url = address.replace("http", "ws", 1) + "stream"
    foreign = {"Origin": "http://elsewhere.example"}
    page = await AsyncHTTPClient().fetch(f"{address}jobs?token={TOKEN}")
    cookie = "; ".join(value.split(";")[0] for value in page.headers.get_list("Set-Cookie"))

    assert await _try(HTTPRequest(url, headers={"Cookie": cookie})) == 101
    assert await _try(HTTPRequest(url, headers={"Cookie": cookie, **foreign})) == 403
