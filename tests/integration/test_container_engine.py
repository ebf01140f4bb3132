"""Images as a container engine answers for them: by a script where a daemon would be needed."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest
from eodh_runner.domain.failure import FailureClass, StepFailed
from eodh_runner.domain.step import Image
from eodh_runner.executor.local import executor as module

from .bench import Bench, kinds

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="step runs need Linux")


async def test_find_image_with_containers_host_asks_nobody(tmp_path):
    executor = Bench(tmp_path).executor

    found = await executor.find_image(Image(pull="osgeo/gdal:3"), lambda *_: None)

    assert found is None
    assert executor.describe()["containers"] == "host"


async def test_find_image_without_an_engine_lists_the_choices(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_engine", lambda _: None)
    executor = Bench(tmp_path, containers="auto").executor

    with pytest.raises(StepFailed, match="needs the image osgeo/gdal:3") as caught:
        await executor.find_image(Image(pull="osgeo/gdal:3"), lambda *_: None)

    assert caught.value.failure.kind is FailureClass.IMAGE
    assert "EODH_CONTAINERS=host" in caught.value.failure.remedy


FAKE_ENGINE = """#!/bin/sh
echo "$1" >> {calls}
case "$1" in
  info) echo '{{}}' ;;
  pull) {pull} ;;
  image) test -f {calls}.pulled && echo '[{{"Id": "sha256:1"}}]' ;;
  run) {run} ;;
  container) echo '[{{"State": {{"OOMKilled": false}}}}]' ;;
esac
"""


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """Give a bench whose docker is a script, for what docker does and podman does not."""

    def make(run: str = "true", pull: str | None = None) -> Bench:
        folder = tmp_path / "bin"
        folder.mkdir()
        program, calls = folder / "docker", tmp_path / "calls"
        pull = f"touch {calls}.pulled" if pull is None else pull
        program.write_text(FAKE_ENGINE.format(calls=calls, run=run, pull=pull))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        monkeypatch.setattr("eodh_runner.image.engine._found", {})
        bench = Bench(tmp_path, containers="docker")
        bench.image = "osgeo/gdal:3"
        bench.calls = lambda: [call for call in calls.read_text().split() if call != "info"]
        return bench

    return make


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("Error response from daemon: pull access denied for x", "docker login docker.io"),
        ("Error: initializing source docker://x: dial tcp: no such host", "reaches docker.io"),
        ("Error: manifest unknown", "name and tag"),
    ],
)
async def test_find_image_that_cannot_be_pulled_says_why_and_what_to_do(engine, said, remedy):
    bench = engine(pull=f"echo '{said}' >&2; exit 1")

    with pytest.raises(StepFailed) as caught:
        await bench.run("true")

    failure = caught.value.failure
    assert failure.kind is FailureClass.IMAGE
    assert failure.message.startswith("the image docker.io/osgeo/gdal:3 cannot be had: ")
    assert "Error" not in failure.message
    assert remedy in failure.remedy


async def test_find_image_wanted_twice_is_pulled_once(engine):
    bench = engine(pull='sleep 0.3; touch $0.never; mkdir "$(dirname $0)/../calls.pulled"')
    image = Image(pull="osgeo/gdal:3")

    with pytest.raises(StepFailed, match="does not know it"):
        await asyncio.gather(*(bench.executor.find_image(image, bench.report) for _ in range(3)))

    assert bench.calls().count("pull") == 1
    assert ("waiting", "pulling the image docker.io/osgeo/gdal:3") in bench.reports


async def test_run_container_that_cannot_be_made_is_an_image_failure(engine):
    bench = engine(run="echo 'docker: no space left on device' >&2; exit 125")

    done = await bench.run("true")

    assert (done.exit_code, done.failure["class"]) == (None, "image")
    assert "osgeo/gdal:3 could not be started: docker: no space" in done.failure["message"]


async def test_run_container_leaves_its_outputs_and_is_removed(engine):
    bench = engine(run="echo x > made")

    done = await bench.run("true")

    assert (done.exit_code, kinds(done)) == (0, {"made": "file"})
    assert bench.calls() == ["image", "image", "pull", "image", "run", "container", "kill", "rm"]
