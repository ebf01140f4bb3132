"""References of images, and what engines say of them."""

import json

import pytest
from eodh_runner.image.reference import parse
from eodh_runner.image.resolve import Resolved, read, resolve

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alpine", "docker.io/library/alpine:latest"),
        ("osgeo/gdal:ubuntu-small-3.6.3", "docker.io/osgeo/gdal:ubuntu-small-3.6.3"),
        ("ghcr.io/a/b/c", "ghcr.io/a/b/c:latest"),
        ("localhost/x", "localhost/x:latest"),
        ("host:5000/x:1", "host:5000/x:1"),
        (f"quay.io/x@{DIGEST}", f"quay.io/x@{DIGEST}"),
        (f"x:1@{DIGEST}", f"docker.io/library/x:1@{DIGEST}"),
    ],
)
def test_parse_reference_gives_it_in_full(text, expected):
    assert str(parse(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "A", "a b", "-x", "--help", "a:", "a@sha256:1", "a/", "/a", "a//b", "x\n", "a:b:c"],
)
def test_parse_text_that_is_no_reference_raises(text):
    with pytest.raises(ValueError, match="not the name of a container image"):
        parse(text)


def answer(**fields):
    image = {
        "Id": "0a" * 32, "Os": "linux", "Architecture": "amd64",
        "RepoDigests": [f"docker.io/x@{DIGEST}"],
        "Config": {"Entrypoint": ["/e"], "Env": ["A=b=c", "B="]},
    }  # fmt: skip
    return json.dumps([{**image, **fields}]).encode()


def test_read_answer_of_inspect_gives_what_is_run():
    assert read(answer()) == Resolved(DIGEST, DIGEST, ("/e",), {"A": "b=c", "B": ""}, "linux/amd64")


def test_read_answer_without_optional_members_gives_empty_ones():
    found = read(answer(RepoDigests=None, Config={"Entrypoint": None, "Env": None}))

    assert found == Resolved(DIGEST, None, (), {}, "linux/amd64")


def test_resolve_image_that_is_not_here_gives_none():
    assert resolve("/bin/false", "x") is None
    assert resolve("/no/such/engine", "x") is None
