"""Files of this server go to a shared runner."""

import hashlib
import json
import re

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from .small_runner import SECRET


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
