"""References of images, and what engines say of them."""

import json

import pytest
from eodh_runner.image import engine
from eodh_runner.image.engine import ContainerEngine, find_engine
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


@pytest.mark.parametrize("program", ["/bin/false", "/no/such/engine"])
def test_resolve_image_that_is_not_here_gives_none(program):
    assert resolve(ContainerEngine(program), "x") is None


@pytest.fixture
def engines(tmp_path, monkeypatch):
    """Give what makes engines of scripts."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(engine, "_found", {})

    def make(name, script):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
        return str(tmp_path / name)

    return make


PODMAN_INFO = {"host": {"security": {"rootless": True}, "cgroupControllers": ["cpu"]}}
DOCKER_INFO = {"SecurityOptions": ["name=seccomp"], "MemoryLimit": True}


def test_find_engine_takes_the_first_that_answers(engines):
    engines("podman", "exit 1")
    docker = engines("docker", f"echo '{json.dumps(DOCKER_INFO)}'")

    assert find_engine("auto") == ContainerEngine(docker)
    assert find_engine("podman") is None


def test_find_engine_tells_rootless_and_what_it_cannot_limit(engines):
    podman = engines("podman", f"echo '{json.dumps(PODMAN_INFO)}'")

    assert find_engine("auto") == ContainerEngine(podman, is_rootless=True, limits_memory=False)


def test_find_engine_that_came_later_is_found(engines, monkeypatch):
    assert find_engine("auto") is None
    docker = engines("docker", "echo '{}'")
    assert find_engine("auto") is None
    monkeypatch.setattr(engine, "AGAIN_S", 0)

    assert find_engine("auto") == ContainerEngine(docker)
