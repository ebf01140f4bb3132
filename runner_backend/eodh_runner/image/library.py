"""The images of this computer: each is looked for, and pulled, once at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..domain.failure import Failure, FailureClass, StepFailed
from ..domain.step import Image
from .engine import ContainerEngine
from .reference import Reference, parse
from .resolve import Resolved, pull, resolve


class ImageLibrary:
    """Answers for the images that steps name."""

    def __init__(self) -> None:
        self._coming: dict[str, asyncio.Future[None]] = {}

    async def find(
        self, engine: ContainerEngine, image: Image, on_wait: Callable[[str], None]
    ) -> Resolved:
        """Give the image as it is now, after a pull when it is not here.

        Parameters
        ----------
        on_wait
            Called with the reason before it takes long.

        Raises
        ------
        StepFailed
            Class image, when it has no name or cannot be had.
        """
        wanted = _named(image)
        for name in filter(None, (image.image_id, image.pull, str(wanted))):
            found = await asyncio.to_thread(resolve, engine, name)
            if found is not None:
                return found
        on_wait(f"pulling the image {wanted}")
        await self._pull(engine, wanted)
        found = await asyncio.to_thread(resolve, engine, str(wanted))
        if found is None:
            raise StepFailed(
                Failure(
                    FailureClass.IMAGE,
                    f"{engine.name} pulled the image {wanted}, and does not know it",
                    "Look at the image with the engine's own commands.",
                )
            )
        return found

    async def _pull(self, engine: ContainerEngine, wanted: Reference) -> None:
        name = str(wanted)
        if (coming := self._coming.get(name)) is None:
            coming = asyncio.ensure_future(asyncio.to_thread(pull, engine, wanted))
            self._coming[name] = coming
            coming.add_done_callback(lambda _: self._coming.pop(name))
        await asyncio.shield(coming)


def _named(image: Image) -> Reference:
    name = image.pull or image.image_id
    if name is None:
        raise StepFailed(
            Failure(
                FailureClass.IMAGE,
                "the image is to be built or loaded from a file, which is not done here",
                "Name an image with dockerPull; or set EODH_CONTAINERS=host.",
            )
        )
    try:
        return parse(name)
    except ValueError as error:
        raise StepFailed(Failure(FailureClass.IMAGE, str(error), "Correct dockerPull.")) from error
