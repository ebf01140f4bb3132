"""What S3 has beyond the contract of every store."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import httpx
import pytest
from eodh_runner.store.s3 import PART_BYTES, S3Store
from eodh_runner.store.s3_address import Credentials, S3Address

from ..servers.fault import FaultProxy
from ..servers.s3 import ACCESS_KEY, SECRET_KEY
from .test_store import keys, s3_store


@pytest.fixture
def store(s3_server, tmp_path):
    return s3_store(s3_server, tmp_path)


@pytest.fixture
def proxy(s3_server):
    with FaultProxy(s3_server.endpoint) as proxy:
        yield proxy


def uploads(store):
    found = store._clients.control.list_multipart_uploads(Bucket=store.address.bucket)
    return found.get("Uploads", [])


def large(tmp_path, size=3 * PART_BYTES + 5):
    path = tmp_path / "large"
    path.write_bytes(os.urandom(1 << 20) * (size >> 20) + b"12345")
    return path


def test_objects_stand_below_the_prefix_of_the_address(store, s3_server):
    store.put("ws/a b+c%d#e?f", b"x")

    root = s3_server.root / "data" / store.address.bucket
    assert (root / "some/prefix/ws/a b+c%d#e?f").read_bytes() == b"x"


@pytest.mark.parametrize("fault", [503, 500, "reset"])
def test_store_that_fails_now_and_then_is_asked_again(store, proxy, tmp_path, fault):
    slow = S3Store(store.address.with_endpoint(proxy.endpoint))
    failed = set()

    def decide(method, path):
        if (method, path) in failed or len(failed) > 6:
            return None
        failed.add((method, path))
        return fault

    proxy.decide = decide
    path = large(tmp_path)
    slow.put_file("ws/large", path)
    slow.put("ws/small", b"x")
    slow.get_file("ws/large", tmp_path / "back")

    assert (tmp_path / "back").read_bytes() == path.read_bytes()
    assert keys(slow, "ws") == ["ws/large", "ws/small"]
    assert len(failed) > 3
    assert uploads(store) == []


def test_upload_that_cannot_end_leaves_no_object_and_no_parts(store, proxy, tmp_path):
    slow = S3Store(store.address.with_endpoint(proxy.endpoint))
    proxy.decide = lambda method, path: 400 if "partNumber=4" in path else None

    with pytest.raises(OSError, match="the store did not do it"):
        slow.put_file("ws/large", large(tmp_path))

    assert any("partNumber=1" in path for _, path in proxy.seen)
    assert store.stat("ws/large") is None
    assert uploads(store) == []


def test_delete_ends_uploads_that_nobody_completes(store):
    control = store._clients.control
    for name in ("some/prefix/ws/j/a", "some/prefix/ws/jj"):
        control.create_multipart_upload(Bucket=store.address.bucket, Key=name)

    store.delete("ws/j")

    assert [upload["Key"] for upload in uploads(store)] == ["some/prefix/ws/jj"]


def test_credentials_that_rotate_are_read_again_without_a_failure(store, s3_server, tmp_path):
    bad = Credentials("nobody", "wrong").to_text()
    good = store.address.credentials.read_text()
    store.put("ws/a", b"1")
    store.address.credentials.write_text(bad)
    with pytest.raises(PermissionError, match="refuses the credentials"):
        store.read("ws/a")

    store.address.credentials.write_text(good)

    assert store.read("ws/a") == b"1"
    assert keys(store, "ws") == ["ws/a"]


def test_credentials_renewed_while_a_request_is_refused_are_used_at_once(store, proxy):
    path = store.address.credentials
    good = path.read_text()
    slow = S3Store(store.address.with_endpoint(proxy.endpoint))
    slow.put("ws/a", b"1")
    path.write_text(Credentials("nobody", "wrong").to_text())

    def renew(method, _):
        if method == "GET":
            path.write_text(good + "\n")

    proxy.decide = renew

    assert slow.read("ws/a") == b"1"


def test_session_token_is_sent_with_every_request(store, proxy):
    path = store.address.credentials
    path.write_text(Credentials(ACCESS_KEY, SECRET_KEY, "the-token").to_text())
    slow = S3Store(store.address.with_endpoint(proxy.endpoint))

    assert "X-Amz-Security-Token=the-token" in slow.link("ws/a", 60)
    with pytest.raises(PermissionError, match="InvalidToken"):  # this server has no sessions
        slow.put("ws/a", b"1")
    with pytest.raises(PermissionError, match="InvalidToken"):
        list(slow.list("ws"))
    assert all(headers["X-Amz-Security-Token"] == "the-token" for headers in proxy.headers)


def test_credentials_are_not_shown():
    assert "secret" not in repr(Credentials("id", "secret"))


def test_link_reads_the_object_until_it_expires(store):
    store.put("ws/ü b+c%d.tif", b"0123456789")
    link = store.link("ws/ü b+c%d.tif", 60, ResponseContentType="image/tiff")
    short = store.link("ws/ü b+c%d.tif", 1)

    answer = httpx.get(link, headers={"Range": "bytes=2-4"})

    assert (answer.status_code, answer.content) == (206, b"234")
    assert answer.headers["content-type"] == "image/tiff"
    deadline = time.monotonic() + 20
    while (status := httpx.get(short).status_code) == 200 and time.monotonic() < deadline:
        pass
    assert status == 403
    assert SECRET_KEY not in link


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"bucket": "not-there"}, "not-there.*the bucket of the store does not exist"),
        ({"endpoint": "http://127.0.0.1:9"}, "at http://127.0.0.1:9: the store did not do it"),
    ],
)
def test_check_names_what_is_wrong(store, change, says, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(ValueError, match=says):
        S3Store(replace(store.address, **change)).check()


def test_check_with_credentials_that_are_refused_says_so(store):
    store.check()
    store.address.credentials.write_text(Credentials("nobody", "wrong").to_text())
    with pytest.raises(ValueError, match="the store refuses the credentials"):
        store.check()
    store.address.credentials.write_text("")
    with pytest.raises(ValueError, match="holds no S3 credentials"):
        store.check()


def test_bucket_that_is_gone_is_not_taken_for_a_missing_object(store, s3_server):
    store.put("ws/a", b"1")
    shutil.rmtree(s3_server.root / "data" / store.address.bucket)

    with pytest.raises(OSError, match="bucket of the store does not exist"):
        store.read("ws/a")
    with pytest.raises(OSError, match="bucket of the store does not exist"):
        store.put("ws/a", b"1")


def test_listing_and_reading_small_objects_imports_no_boto3(store, tmp_path):
    store.put("ws/a", b"1")
    code = (
        "import os, sys\n"
        "from eodh_runner.store.s3 import S3Store\n"
        "from eodh_runner.store.s3_address import S3Address\n"
        "store = S3Store(S3Address.from_environment(os.environ))\n"
        "print(store.read('ws/a'), store.stat('ws/b'), 'boto3' in sys.modules)\n"
    )
    variables = store.address.to_environment(store.address.credentials)

    answer = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **variables}, capture_output=True
    )

    assert answer.stdout == b"b'1' None False\n", answer.stderr


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"EODH_STORE_URL": "http://b"}, "must be s3://"),
        ({"EODH_STORE_URL": "s3://B"}, "must be s3://"),
        ({"EODH_STORE_URL": "s3://key:secret@bucket"}, "must be s3://"),
        ({"EODH_STORE_URL": "s3://bucket/a//b"}, "empty or dotted"),
        ({"EODH_STORE_URL": "s3://bucket", "EODH_STORE_ADDRESSING": "x"}, "use one of auto, path"),
        ({"EODH_STORE_URL": "s3://bucket", "EODH_STORE_ENDPOINT": "host:1"}, "http"),
    ],
)
def test_address_that_cannot_be_used_names_the_variable(environ, says):
    with pytest.raises(ValueError, match=says):
        S3Address.from_environment(environ)


def test_address_survives_the_way_into_a_pod(store, tmp_path):
    environ = store.address.to_environment(tmp_path / "other")

    assert S3Address.from_environment(environ) == replace(
        store.address, credentials=tmp_path / "other"
    )
    assert json.dumps(environ).count(SECRET_KEY) == 0
