"""The server extension before a small runner on a unix socket: what passes, and what never does."""

import asyncio
import hashlib
import json
import logging
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from eodh_jupyter_server import activity
from eodh_jupyter_server import runner as runner_module
from eodh_jupyter_server import stream as stream_module
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.websocket import websocket_connect

from eodh_jupyter.errors import RunnerIdle, RunnerNotStarted, RunnerUnreachable
from eodh_jupyter.local import Connection

SECRET = "cookie-of-the-user"
TOKEN = "token-of-the-server"


class SmallRunner:
    """Speaks enough HTTP/1.1 to be asked, to stream, and to break off."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.requests: list[str] = []
        self.health: dict[str, object] = {"status": "ok", "jobs_unfinished": 0}
        #: Events of job j1; a stream of them stops behind `stop` and waits, or breaks off.
        self.events: list[dict[str, object]] = []
        self.breaks_after: int | None = None
        self.matched = 0
        self.left = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.path)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        Path(self.path).unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    (
                        int(line.partition(":")[2])
                        for line in head.splitlines()
                        if line.lower().startswith("content-length:")
                    ),
                    0,
                )
                body = await reader.readexactly(length)
                self.requests.append(head + body.decode())
                await self._answer(head.split()[1], reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, target, reader, writer) -> None:
        path, _, query = target.removeprefix("/ogc-api/").partition("?")
        if path.startswith("inputs/"):
            head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nLocation: eodh-store:///x\r\n\r\n"
            writer.write(head.encode())
        elif path == "health":
            self._whole(writer, json.dumps(self.health).encode())
        elif path == "jobs/j1/events":
            await self._stream(int(query.removeprefix("after=") or 0), writer)
        elif path == "events":
            self._begin(writer)
            await reader.read()
        elif path == "silent":
            self._begin(writer)
            await reader.read()
            self.left.set()
        elif path == "half":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
            await writer.drain()
            raise ConnectionResetError
        elif path == "empty":
            self._whole(writer, b"", "image/tiff")
        elif path == "jobs/none/events":
            self._whole(writer, b'{"status": 404, "detail": "no such job"}', status="404 Not Found")
        else:
            jobs = {"numberMatched": self.matched} if path == "jobs" and self.matched else {}
            self._whole(writer, json.dumps({"target": target, **jobs}).encode())
        await writer.drain()

    def _whole(self, writer, body, media_type="application/json", status="200 OK") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}"
        writer.write(f"{head}\r\n\r\n".encode() + body)

    def _begin(self, writer) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        writer.write(f"{head}: events follow\n\n".encode())

    async def _stream(self, after, writer) -> None:
        self._begin(writer)
        sent = after
        while True:
            for event in self.events:
                if event["seq"] > sent:
                    sent = event["seq"]
                    writer.write(f"id: {sent}\ndata: {json.dumps(event)}\n\n".encode())
                    await writer.drain()
                    if event["data"].get("status") == "successful":
                        raise ConnectionResetError
                    if self.breaks_after == sent:
                        self.breaks_after = None
                        raise ConnectionResetError
            await asyncio.sleep(0.01)


def event(seq: int, kind: str = "progress", **data: object) -> dict[str, object]:
    return {"seq": seq, "position": 100 + seq, "kind": kind, "data": data, "jobID": "j1"}


@pytest.fixture
async def upstream(monkeypatch):
    """Give the small runner; the extension finds it as it would find a real one."""
    folder = tempfile.mkdtemp(prefix="eodh-", dir="/tmp")
    found = SmallRunner(f"{folder}/s")

    def connect(url=None, *, autostart=True):
        if not Path(found.path).exists():
            raise RunnerUnreachable("no runner is installed here; pip install it")
        return Connection("http://runner/ogc-api", uds=found.path)

    monkeypatch.setattr(runner_module, "connect", connect)
    await found.start()
    yield found
    await found.stop()
    shutil.rmtree(folder)


@pytest.fixture
async def app(upstream, tmp_path, monkeypatch):
    """Give a Jupyter Server with login, in this loop, under an address that needs quoting."""
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(tmp_path / name))
    (socket,) = bind_sockets(0, "127.0.0.1")
    found = ServerApp.instance(
        allow_root=True,
        base_url="/user/a%40b/",
        jpserver_extensions={"eodh_jupyter_server": True},
        open_browser=False,
        port=socket.getsockname()[1],
        root_dir=str(tmp_path),
    )
    found.init_signal = lambda: None
    found.initialize(argv=[], new_httpserver=False)
    found.identity_provider.token = TOKEN
    server = HTTPServer(found.web_app)
    server.add_socket(socket)
    yield found
    server.stop()
    await server.close_all_connections()
    await found._cleanup()
    ServerApp.clear_instance()


@pytest.fixture
def address(app):
    return f"http://127.0.0.1:{app.port}{app.base_url}eodh/"


@pytest.fixture
def fetch(address):
    """Give a function that asks as one who is logged in."""

    async def ask(path, *, headers=None, **options):
        headers = headers or {"Authorization": f"token {TOKEN}"}
        return await AsyncHTTPClient().fetch(address + path, headers=headers, **options)

    return ask


@pytest.fixture
async def open_stream(address):
    sockets = []

    async def connect():
        headers = {"Authorization": f"token {TOKEN}"}
        url = address.replace("http", "ws", 1) + "stream"
        sockets.append(await websocket_connect(HTTPRequest(url, headers=headers)))
        return sockets[-1]

    yield connect
    for socket in sockets:
        socket.close()


async def messages(socket, last, timeout_s=5.0):
    """Read up to the first message of a type."""
    found = []
    while not found or found[-1]["type"] != last:
        text = await asyncio.wait_for(socket.read_message(), timeout_s)
        assert text is not None, "the stream was closed"
        found.append(json.loads(text))
    return found


async def wait_for(is_true, timeout_s=5.0):
    async with asyncio.timeout(timeout_s):
        while not is_true():
            await asyncio.sleep(0.01)


def seqs(found):
    return [message["event"]["seq"] for message in found if message["type"] == "event"]


async def test_request_is_passed_with_its_query_and_body(upstream, fetch):
    answer = await fetch("processes?w=main", method="POST", body="cwl")

    assert json.loads(answer.body) == {"target": "/ogc-api/processes?w=main"}
    assert upstream.requests[-1].endswith("\r\n\r\ncwl")


@pytest.mark.parametrize("path", ["status", "jobs", "stream", "runner/log"])
async def test_request_without_token_is_refused(upstream, address, path):
    url = f"{address}{path}"
    with pytest.raises(HTTPClientError) as caught:
        await AsyncHTTPClient().fetch(url)

    assert caught.value.code == 403
    assert upstream.requests == []


@pytest.fixture
def restarted(monkeypatch, upstream):
    """Note when the runner is ended; the next one listens at once."""
    ended = []
    monkeypatch.setattr(runner_module, "end", lambda: ended.append(1) or True)
    return ended


async def test_restart_ends_the_runner_and_gives_the_state_of_the_next(fetch, restarted):
    answer = await fetch("runner/restart", method="POST", body="")

    state = json.loads(answer.body)
    assert (state["state"], state["shared"], restarted) == ("ready", False, [1])


@pytest.mark.parametrize("headers", [{}, {"Cookie": f"_xsrf=x; username={SECRET}"}])
async def test_restart_by_a_stranger_or_without_xsrf_is_refused(address, restarted, headers):
    with pytest.raises(HTTPClientError) as caught:
        await AsyncHTTPClient().fetch(
            f"{address}runner/restart", method="POST", body="", headers=headers
        )

    assert (caught.value.code, restarted) == (403, [])


async def test_restart_by_one_who_may_only_read_is_refused(app, fetch, restarted, monkeypatch):
    def is_authorized(handler, user, action, resource):
        return (action, resource) != ("write", "eodh")

    monkeypatch.setattr(app.authorizer, "is_authorized", is_authorized)

    with pytest.raises(HTTPClientError) as caught:
        await fetch("runner/restart", method="POST", body="")

    assert (caught.value.code, restarted) == (403, [])
    assert json.loads((await fetch("status")).body)["state"] == "ready"


async def test_look_restarts_nothing(fetch, restarted):
    with pytest.raises(HTTPClientError) as caught:
        await fetch("runner/restart")

    assert (caught.value.code, restarted) == (405, [])


@pytest.mark.parametrize("shared", [True, False])
async def test_runner_that_is_not_this_servers_is_not_restarted(app, fetch, restarted, shared):
    link = app.web_app.settings["eodh_link"]
    if shared:
        link._url = "https://runner.example/ogc-api"
    else:
        link._autostart = False

    with pytest.raises(HTTPClientError) as caught:
        await fetch("runner/restart", method="POST", body="")

    assert (caught.value.code, restarted) == (409, [])
    assert "who run" in json.loads(caught.value.response.body)["detail"]


async def test_restart_that_finds_no_next_runner_says_so(upstream, fetch, restarted):
    await fetch("status")
    await upstream.stop()

    state = json.loads((await fetch("runner/restart", method="POST", body="")).body)

    assert (state["state"], state["remedy"]) == ("down", "pip install it")


async def test_write_by_cookie_without_xsrf_is_refused(upstream, address):
    page = await AsyncHTTPClient().fetch(f"{address}jobs?token={TOKEN}")
    cookie = "; ".join(value.split(";")[0] for value in page.headers.get_list("Set-Cookie"))
    upstream.requests.clear()

    with pytest.raises(HTTPClientError) as caught:
        await AsyncHTTPClient().fetch(
            f"{address}processes", method="POST", body="x", headers={"Cookie": cookie}
        )

    assert caught.value.code == 403
    assert upstream.requests == []


async def test_who_may_not_read_is_refused(upstream, app, fetch, open_stream):
    class Nobody(type(app.authorizer)):
        def is_authorized(self, handler, user, action, resource):
            return resource != "eodh"

    app.web_app.settings["authorizer"] = Nobody(parent=app)

    for asked in (fetch("jobs"), open_stream()):
        with pytest.raises(HTTPClientError) as caught:
            await asked
        assert caught.value.code == 403


async def test_cookie_and_token_never_reach_the_runner(upstream, address):
    await AsyncHTTPClient().fetch(
        f"{address}jobs?limit=5&token={TOKEN}&%74oken={TOKEN}&_xsrf=x",
        headers={
            "Cookie": f"session={SECRET}",
            "Authorization": f"token {TOKEN}",
            "Referer": f"http://here/lab?token={TOKEN}",
            "X-XSRFToken": SECRET,
        },
    )

    (sent,) = upstream.requests
    assert sent.startswith("GET /ogc-api/jobs?limit=5 HTTP/1.1\r\n")
    assert TOKEN not in sent
    assert SECRET not in sent
    assert "_xsrf" not in sent


async def test_token_is_in_no_log(upstream, app, address, caplog):
    caplog.set_level(logging.DEBUG)
    app.log.addHandler(caplog.handler)
    url = f"{address}jobs?token={TOKEN}"
    await AsyncHTTPClient().fetch(url)
    app.log.removeHandler(caplog.handler)

    assert "eodh/jobs" in caplog.text
    assert TOKEN not in caplog.text


async def test_bearer_of_a_shared_runner_is_the_users_own(upstream, fetch, monkeypatch):
    own = Connection("http://runner/ogc-api", uds=upstream.path, token="own-token")
    monkeypatch.setattr(runner_module, "connect", lambda url=None, *, autostart=True: own)

    await fetch("jobs")

    assert "authorization: bearer own-token" in upstream.requests[-1].lower()


async def test_runner_learns_the_address_of_the_page(upstream, fetch, app):
    await fetch("jobs")

    sent = upstream.requests[-1].lower()
    assert f"x-forwarded-prefix: {app.base_url}eodh\r\n" in sent
    assert "x-forwarded-proto: http\r\n" in sent
    assert "x-forwarded-host: 127.0.0.1:" in sent or "x-forwarded-host: localhost:" in sent


@pytest.mark.parametrize("path", ["..%2Fadmin", "%2e%2e/admin", "jobs/%2e%2e/%2e%2e/admin"])
async def test_path_that_climbs_is_refused(upstream, fetch, path):
    with pytest.raises(HTTPClientError) as caught:
        await fetch(path)

    assert caught.value.code == 404
    assert upstream.requests == []


async def test_empty_body_keeps_its_media_type_and_runs_no_script(upstream, fetch):
    answer = await fetch("empty")

    assert answer.headers["Content-Type"] == "image/tiff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_body_that_breaks_off_is_not_taken_for_a_whole_one(upstream, fetch):
    with pytest.raises(Exception, match=r"599|closed|Stream"):
        await fetch("half")


async def test_page_that_goes_ends_the_runners_stream(upstream, app):
    reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
    path = f"{app.base_url}eodh/silent"
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: token {TOKEN}\r\n\r\n".encode()
    )
    assert b"200" in await reader.readline()
    writer.close()

    await asyncio.wait_for(upstream.left.wait(), 3)


async def test_runner_that_moved_is_found_again(upstream, fetch):
    await fetch("jobs")
    await upstream.stop()
    upstream.path += "2"
    await upstream.start()

    assert (await fetch("jobs")).code == 200


async def test_runner_down_is_503_with_a_remedy(upstream, fetch):
    await upstream.stop()

    with pytest.raises(HTTPClientError) as caught:
        await fetch("jobs")

    answer = caught.value.response
    assert answer.code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.body)
    assert problem["detail"] == "no runner is installed here"
    assert problem["remedy"] == "pip install it"


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


async def _try(request):
    try:
        socket = await websocket_connect(request)
    except HTTPClientError as error:
        return error.code
    socket.close()
    return 101


@pytest.fixture
def bring(fetch):
    """Give a function that asks for a file to be sent; gives the lines of the answer."""

    async def ask(path, cwl_class="File"):
        body = json.dumps({"path": str(path), "class": cwl_class})
        answer = await fetch("runner/inputs", method="POST", body=body, request_timeout=30)
        return [json.loads(line) for line in answer.body.splitlines()]

    return ask


async def test_path_that_the_file_browser_does_not_show_is_not_sent(bring, upstream, tmp_path):
    (tmp_path / ".secret").write_text("x")
    outside = tmp_path / ".." / "other.txt"

    for path in ("/etc/passwd", outside, tmp_path / ".secret", "relative.txt", ""):
        (line,) = await bring(path)
        assert "value" not in line
        assert re.search("outside of|is hidden", line["problem"]["detail"]), path
    assert upstream.requests == []


async def test_folder_whose_links_lead_out_is_not_sent(bring, upstream, tmp_path):
    folder = tmp_path / "tiles"
    folder.mkdir()
    (folder / "out").symlink_to("/etc/passwd")

    line = (await bring(folder, "Directory"))[-1]

    assert "leads out of its folder" in line["problem"]["detail"]
    assert not any(r.startswith("PUT") for r in upstream.requests)


async def test_file_is_not_sent_for_one_who_may_not_read_files(app, fetch, upstream, monkeypatch):
    def is_authorized(handler, user, action, resource):
        return (action, resource) != ("read", "contents")

    monkeypatch.setattr(app.authorizer, "is_authorized", is_authorized)

    with pytest.raises(HTTPClientError) as caught:
        await fetch("runner/inputs", method="POST", body='{"path": "/x"}')

    assert (caught.value.code, upstream.requests) == (403, [])


async def test_file_is_sent_only_with_xsrf_and_a_login(address, upstream):
    for headers in ({}, {"Cookie": f"_xsrf=x; username={SECRET}"}):
        with pytest.raises(HTTPClientError) as caught:
            await AsyncHTTPClient().fetch(
                f"{address}runner/inputs", method="POST", body="{}", headers=headers
            )
        assert caught.value.code == 403
    assert upstream.requests == []


async def test_file_is_asked_for_by_its_content_and_told_while_it_is_read(
    bring, upstream, tmp_path
):
    (tmp_path / "a b.tif").write_bytes(b"scene")
    sha256 = hashlib.sha256(b"scene").hexdigest()

    *told, end = await bring(tmp_path / "a b.tif")

    reading = {"doing": "reading", "name": "a b.tif", "done": 5, "size_bytes": 5}
    assert told[0] == reading
    assert any(r.startswith(f"HEAD /ogc-api/inputs/{sha256}/a%20b.tif ") for r in upstream.requests)
    assert end == {"value": {"class": "File", "location": "eodh-store:///x", "basename": "a b.tif"}}
