"""Who may pass, what every answer carries, and where its links lead."""

import re

import httpx
import pytest
from eodh_runner.api.app import make_app

from .fake_service import FakeService

TOKEN = "a-token-of-some-length"
PAGE = "/ogc-api/processes"


def http(service=None, address="http://127.0.0.1:8123", **options):
    app = make_app(service or FakeService(), **{"token": None, **options})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=address)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8123", 200),
        ("localhost", 200),
        ("test.localhost:8123", 200),
        ("[::1]:8123", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("127.0.0.1@evil.example", 403),
        ("evil.example:8123", 403),
        ("[", 403),
        ("", 403),
    ],
)
@pytest.mark.parametrize("token", [None, TOKEN])
async def test_host_over_loopback_must_be_loopback(host, status, token):
    headers = {"Host": host, "Authorization": f"Bearer {token}"}

    answer = await http(token=token, is_tcp=True).get(PAGE, headers=headers)

    assert answer.status_code == status


async def test_host_that_the_operator_names_passes_and_others_do_not():
    headers = {"Authorization": f"Bearer {TOKEN}"}
    runner = http(token=TOKEN, hosts=["Runner.example.org"], address="http://10.0.0.7")

    passed = await runner.get(PAGE, headers={**headers, "Host": "runner.example.org:443"})
    refused = await runner.get(PAGE, headers={**headers, "Host": "other.example.org"})

    assert (passed.status_code, refused.status_code) == (200, 403)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8123", 200),
        ("http://127.0.0.1:9999", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
async def test_origin_must_be_the_runner_itself(origin, status):
    answer = await http(is_tcp=True).get(PAGE, headers={"Origin": origin})

    assert answer.status_code == status


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer \xe9"]
)
@pytest.mark.parametrize("path", [PAGE, "/ping/", "/health", "/ogc-api/api", "/unknown"])
async def test_request_without_the_token_is_refused_on_every_path(given, path):
    headers = {"Authorization": given.encode("latin-1")}

    answer = await http(token=TOKEN).get(path, headers=headers)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_ping_tells_a_probe_without_a_token_that_it_answers_and_nothing_else():
    answer = await http(token=TOKEN).get("/ping")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    other = await http(token=TOKEN).get("/ping", headers={"Origin": "https://evil.example"})
    assert other.status_code == 403


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}", f"bearer {TOKEN}"])
async def test_request_with_the_token_passes(given):
    answer = await http(token=TOKEN).get(PAGE, headers={"Authorization": given})

    assert answer.status_code == 200


def test_empty_token_is_refused_when_the_application_is_made():
    with pytest.raises(ValueError, match="token is empty"):
        make_app(FakeService(), token=" ")


async def test_unix_socket_needs_neither_token_nor_host():
    answer = await http(address="http://runner").get(PAGE, headers={"Host": "runner"})

    assert answer.status_code == 200


@pytest.mark.parametrize("path", [PAGE, "/nowhere", "/ogc-api/jobs/none", "/ping"])
async def test_every_answer_carries_the_security_headers(path):
    answer = await http().get(path)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


FORWARDED = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "hub.example.org",
    "X-Forwarded-Prefix": "/user/me/eodh",
}


async def self_link(runner, headers, path=PAGE):
    answer = await runner.get(path, headers=headers)
    return next(link["href"] for link in answer.json()["links"] if link["rel"] == "self")


async def test_links_over_the_unix_socket_follow_the_proxy():
    assert await self_link(http(), FORWARDED) == "https://hub.example.org/user/me/eodh/processes"


async def test_links_over_tcp_do_not_follow_headers_that_anybody_can_send():
    assert await self_link(http(is_tcp=True), FORWARDED) == f"http://127.0.0.1:8123{PAGE}"


async def test_links_over_tcp_follow_a_proxy_that_is_trusted():
    runner = http(is_tcp=True, trusts_forwarded=True)

    assert await self_link(runner, FORWARDED) == "https://hub.example.org/user/me/eodh/processes"


async def test_links_follow_the_first_proxy_of_forwarded():
    headers = {"Forwarded": 'for=1.2.3.4;proto=https;host="a.example", for=5.6.7.8;host=b.example'}

    assert await self_link(http(), headers) == f"https://a.example{PAGE}"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "a.example/evil?"},
        {"X-Forwarded-Proto": "javascript"},
        {"X-Forwarded-Prefix": '//"<script>'},
        {"Forwarded": "nonsense"},
    ],
)
async def test_links_leave_forwarded_nonsense_aside(headers):
    assert await self_link(http(), headers) == f"http://127.0.0.1:8123{PAGE}"


@pytest.mark.parametrize(
    "prefix",
    [
        "/local/ogc-api",
        "/ades/local/ogc-api",
        "/api/catalogue/stac/catalogs/user/catalogs/local",
    ],
)
async def test_links_keep_the_prefix_that_was_asked(prefix):
    found = await self_link(http(), {}, f"{prefix}/processes")

    assert found == f"http://127.0.0.1:8123{prefix}/processes"


@pytest.mark.parametrize("workspace", ["processes", "ades", "jobs", "api"])
async def test_links_of_a_workspace_named_as_a_part_of_the_api_are_right(workspace):
    for prefix in (f"/{workspace}/ogc-api", f"/ades/{workspace}/ogc-api"):
        found = await self_link(http(FakeService(workspace)), {}, f"{prefix}/processes")

        assert found == f"http://127.0.0.1:8123{prefix}/processes"


async def test_foreign_workspace_answers_as_unknown():
    for path in ("processes", "jobs", "jobs/x", "events"):
        answer = await http().get(f"/other/ogc-api/{path}")

        assert (answer.status_code, "'other'" in answer.json()["detail"]) == (404, True)

    headers = {"Content-Type": "application/cwl+yaml"}
    answer = await http().post("/other/ogc-api/check", content=b"cwlVersion", headers=headers)
    assert answer.status_code == 404


async def test_bug_answers_a_reference_and_nothing_of_the_bug(caplog):
    headers = {"Content-Type": "application/cwl+yaml"}

    answer = await http().post(PAGE, content=b"bug", headers=headers)

    body = answer.json()
    assert (answer.status_code, body["status"]) == (500, 500)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert body["reference"] in body["detail"]
    assert body["reference"] in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"


#: What describes the runner and holds nothing of a workspace.
OF_THE_RUNNER = {"/ogc-api", "/ogc-api/", "/ogc-api/conformance", "/ogc-api/api"}
BODIES = {
    "/ogc-api/processes": ("application/cwl+yaml", b"cwlVersion: v1.2"),
    "/ogc-api/check": ("application/cwl+yaml", b"cwlVersion: v1.2"),
    "/ogc-api/processes/{process_id}": ("application/cwl+yaml", b"cwlVersion: v1.2"),
}


async def test_every_route_hides_a_foreign_workspace(real):
    """Asked of the application itself, so that no new route is forgotten."""
    described = make_app(real.service, token=None).openapi()["paths"]
    asked, seen = [], []
    for path, verbs in described.items():
        for verb, operation in verbs.items():
            if path in OF_THE_RUNNER or not path.startswith("/ogc-api"):
                continue
            query = {
                p["name"]: "a"
                for p in operation.get("parameters", ())
                if p["in"] == "query" and p.get("required")
            }
            url = "/other" + re.sub(r"\{[^}]*\}", "0" * 64, path)
            media, body = BODIES.get(path, ("application/json", b"{}"))
            content = None if verb in ("get", "head", "delete") else body
            answer = await real.http.request(
                verb, f"http://127.0.0.1{url}", params=query, content=content,
                headers={"Content-Type": media},
            )  # fmt: skip
            asked.append(path)
            if answer.status_code != 404:
                seen.append((verb, path, answer.status_code, answer.text))

    assert seen == []
    assert {"/ogc-api/jobs/{job_id}/preview", "/ogc-api/inputs/{sha256}/{name}"} <= set(asked)
    assert len(asked) > 25
