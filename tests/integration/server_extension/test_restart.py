"""The runner is restarted by who may do so."""

import json

import pytest
from eodh_jupyter_server import runner as runner_module
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from .small_runner import SECRET


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
