"""Writes of the worker, grouped: what waits while one commit runs shares the next."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from ..db.database import Database
from ..errors import NoSpace
from ..service.watch import Watch

#: A full disk is looked at again after this time.
ROOM_EVERY_S = 1.0

T = TypeVar("T")
_log = logging.getLogger(__name__)
_Entry = tuple[Callable[[sa.Connection], Any], "asyncio.Future[Any]", tuple[str, ...], bool]


class Journal:
    """Runs changes one after another in few transactions, then tells the readers."""

    def __init__(self, database: Database, watch: Watch) -> None:
        self._db, self._watch = database, watch
        self._queue: asyncio.Queue[_Entry] = asyncio.Queue()
        #: True while the disk of the database is full.
        self.waits_for_room = False

    async def run(self) -> None:
        """Commit until cancelled."""
        while True:
            group = [await self._queue.get()]
            while not self._queue.empty() and len(group) < 500:
                group.append(self._queue.get_nowait())
            await asyncio.shield(asyncio.ensure_future(self._commit(group)))

    def post(
        self, change: Callable[[sa.Connection], T], *topics: str, durable: bool = False
    ) -> asyncio.Future[T]:
        """Queue a change; the future has its value once it is committed."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_look)
        self._queue.put_nowait((change, future, topics, durable))
        return future

    async def flush(self) -> None:
        """Wait until everything queued so far is committed."""
        await self.post(lambda connection: None)

    async def _commit(self, group: list[_Entry]) -> None:
        try:
            values = await self._until_room(group)
        except Exception as error:  # noqa: BLE001  whoever queued the change gets its error
            for _, future, _, _ in group:
                if not future.done():
                    future.set_exception(error)
            return
        self._watch.notify(*{topic for _, _, topics, _ in group for topic in topics})
        for (_, future, _, _), value in zip(group, values, strict=True):
            if not future.done():
                future.set_result(value)

    async def _until_room(self, group: list[_Entry]) -> list[Any]:
        """Write; while the disk is full, wait: what happened must not be lost."""
        while True:
            try:
                values = await asyncio.to_thread(self._write, group)
            except NoSpace as error:
                if not self.waits_for_room:
                    _log.error("%s; jobs wait until there is room", error)
                self.waits_for_room = True
            else:
                self.waits_for_room = False
                return values
            await asyncio.sleep(ROOM_EVERY_S)

    def _write(self, group: list[_Entry]) -> list[Any]:
        with self._db.write(durable=any(entry[3] for entry in group)) as connection:
            return [change(connection) for change, _, _, _ in group]


def _look(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
