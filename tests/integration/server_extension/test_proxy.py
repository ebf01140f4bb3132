"""What the server extension passes on to a runner, and what never."""

import asyncio
import json
import logging

import pytest
from eodh_jupyter_server import runner as runner_module
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.websocket import websocket_connect

from eodh_jupyter.local import Connection

from .small_runner import SECRET, TOKEN


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


async def _try(request):
    try:
        socket = await websocket_connect(request)
    except HTTPClientError as error:
        return error.code
    socket.close()
    return 101
