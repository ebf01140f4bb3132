"""Who may pass through the server extension: Jupyter's own rules hold for every route."""

import http.cookiejar
import urllib.request
from urllib.error import HTTPError

import pytest

from .conftest import TOKEN

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["processes", "jobs", "status", "stream", "events"])
def test_request_without_login_is_refused(lab, path):
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(f"{lab}/eodh/{path}", timeout=20)

    assert caught.value.code == 403


def test_write_by_cookie_without_xsrf_is_refused(lab):
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(jar)
    opener.open(f"{lab}/lab?token={TOKEN}", timeout=60).read()
    assert opener.open(f"{lab}/eodh/processes", timeout=60).status == 200

    with pytest.raises(HTTPError) as caught:
        opener.open(urllib.request.Request(f"{lab}/eodh/processes", b"x", method="POST"))

    assert caught.value.code == 403


def test_links_of_answers_lead_back_through_the_server(ask, lab):
    found = ask("GET", "processes/echo")

    assert all(link["href"].startswith(f"{lab}/eodh/processes") for link in found["links"])


def test_problem_of_the_runner_comes_through(ask):
    with pytest.raises(HTTPError) as caught:
        ask("GET", "processes/nothing")

    assert caught.value.code == 404
    assert b"deploy it first" in caught.value.read()
