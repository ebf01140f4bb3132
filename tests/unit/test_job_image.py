import asyncio

import pytest
from eodh_runner.domain.failure import Failure, FailureClass, StepFailed
from eodh_runner.domain.step import Image
from eodh_runner.image.resolve import Resolved
from eodh_runner.worker.job_image import JobImages, facts

DIGEST = "sha256:" + "ab" * 32
FOUND = Resolved("sha256:1", DIGEST, (), {}, "linux/amd64")
GDAL = Image(pull="osgeo/gdal:3")


class Asked:
    """An executor that tells what it was asked for."""

    def __init__(self, answer=FOUND):
        self.images, self._answer = [], answer

    async def find_image(self, image, report):
        self.images.append(image)
        report("waiting", "pulling")
        await asyncio.sleep(0)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def ignore(what, value):
    """Take a report."""


async def test_find_asks_once_for_a_name_whoever_wants_it():
    executor = Asked()
    images = JobImages(executor, {})
    images.begin([GDAL])

    found = await asyncio.gather(*(images.find(GDAL, ignore) for _ in range(3)))

    assert found == [FOUND] * 3
    assert executor.images == [GDAL]


async def test_find_in_the_next_life_asks_for_the_very_image():
    executor = Asked()
    images = JobImages(executor, {"osgeo/gdal:3": facts(FOUND)})

    await images.find(GDAL, ignore)

    pinned = Image(pull=f"docker.io/osgeo/gdal@{DIGEST}", image_id="sha256:1")
    assert executor.images == [pinned]


async def test_find_in_the_next_life_of_an_image_built_here_keeps_its_name():
    executor = Asked()
    local = Resolved("sha256:2", None, (), {}, "linux/amd64")
    images = JobImages(executor, {"localhost/x:1": facts(local)})

    await images.find(Image(pull="localhost/x:1"), ignore)

    assert executor.images == [Image(pull="localhost/x:1", image_id="sha256:2")]


async def test_failure_of_an_image_is_told_to_the_step_that_needs_it_alone():
    failure = Failure(FailureClass.IMAGE, "it cannot be had", "")
    images = JobImages(Asked(StepFailed(failure)), {})
    images.begin([GDAL])
    await asyncio.sleep(0.01)

    with pytest.raises(StepFailed, match="cannot be had"):
        await images.find(GDAL, ignore)


async def test_reports_of_a_pull_reach_every_step_that_waits():
    told = []
    images = JobImages(Asked(), {})

    await asyncio.gather(*(images.find(GDAL, lambda *what, n=n: told.append(n)) for n in (1, 2)))

    assert sorted(told) == [1, 2]
