"""The images of one job: what a name meant when the job began, it means to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..domain.step import Image
from ..executor import Executor, Report
from ..image.reference import parse
from ..image.resolve import Resolved


class JobImages:
    """Asks the executor once for each name.

    Parameters
    ----------
    recorded
        By name, what `facts` gave in an earlier life of the runner.
    """

    def __init__(self, executor: Executor, recorded: Mapping[str, dict[str, Any]]) -> None:
        self._executor = executor
        self._pinned = {name: _pinned(name, found) for name, found in recorded.items()}
        self._coming: dict[str, asyncio.Task[Resolved | None]] = {}
        self._reports: dict[str, list[Report]] = {}

    def begin(self, images: Iterable[Image]) -> None:
        """Resolve the names of a document; a failure is told when a step needs the image."""
        for image in images:
            self._ask(image).add_done_callback(_look)

    async def find(self, image: Image, report: Report) -> Resolved | None:
        """Give the image of a step.

        Raises
        ------
        StepFailed
            When it cannot be had.
        """
        self._reports.setdefault(name_of(image), []).append(report)
        return await asyncio.shield(self._ask(image))

    def end(self) -> None:
        """Wait for images no longer."""
        for task in self._coming.values():
            task.cancel()

    def _ask(self, image: Image) -> asyncio.Task[Resolved | None]:
        name = name_of(image)
        if name not in self._coming:
            self._coming[name] = asyncio.create_task(self._find(name, image))
        return self._coming[name]

    async def _find(self, name: str, image: Image) -> Resolved | None:
        def report(what: str, value: object) -> None:
            for step in self._reports.get(name, ()):
                step(what, value)

        return await self._executor.find_image(self._pinned.get(name, image), report)


def name_of(image: Image) -> str:
    """Give the name under which an image is written in a document."""
    return image.pull or image.image_id or ""


def facts(found: Resolved) -> dict[str, Any]:
    """Give what is recorded with a step run, and shown, beside the name."""
    return {
        "image_id": found.id,
        "image_digest": found.digest,
        "image_platform": found.platform,
    }


def _pinned(name: str, recorded: dict[str, Any]) -> Image:
    """Give the very image: by id while it is here, else by its digest."""
    digest = recorded["image_digest"]
    pull = str(replace(parse(name), tag=None, digest=digest)) if digest else name
    return Image(pull=pull, image_id=recorded["image_id"])


def _look(task: asyncio.Task[Resolved | None]) -> None:
    if not task.cancelled():
        task.exception()
