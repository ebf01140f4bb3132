"""Follows the logs of all running step runs by one task, and stores them in chunks."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...store import Store

POLL_S = 0.1
#: Least time between two chunks; it grows with the age of the log, up to the second.
CHUNK_EVERY_S, CHUNK_MOST_EVERY_S, CHUNKS_PER_AGE = 0.15, 1.0, 400
CHUNK_BYTES = 8 << 20


@dataclass(eq=False)
class LogCopy:
    """The copy of one growing log in the store."""

    path: Path
    #: Store key of the folder of its chunks.
    key: str
    store: Store
    #: Called from the event loop with the bytes stored so far.
    on_growth: Callable[[int], None]
    stored: int = -1
    _began: float = field(default_factory=time.monotonic)
    _last: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_due(self) -> bool:
        """Tell whether there is more to store, and enough time has gone by."""
        now = time.monotonic()
        age_s = now - self._began
        every_s = min(CHUNK_MOST_EVERY_S, max(CHUNK_EVERY_S, age_s / CHUNKS_PER_AGE))
        return not self._lock.locked() and now - self._last >= every_s and self._size > self.stored

    @property
    def _size(self) -> int:
        try:
            return os.stat(self.path).st_size
        except FileNotFoundError:
            return 0

    async def store_rest(self) -> None:
        """Store everything that is in the log now."""
        async with self._lock:
            if self.stored < 0:
                self.stored = await asyncio.to_thread(self._find_stored)
            while self._size > self.stored:
                self.stored += await asyncio.to_thread(self._put)
                self._last = time.monotonic()
                self.on_growth(self.stored)

    def _find_stored(self) -> int:
        stored = 0
        for chunk in self.store.list(self.key, limit=1 << 30):
            stored = int(chunk.key.rsplit("/", 1)[-1]) + chunk.size_bytes
        return stored

    def _put(self) -> int:
        with self.path.open("rb") as file:
            file.seek(self.stored)
            data = file.read(CHUNK_BYTES)
        self.store.put(f"{self.key}/{self.stored:012d}", data)
        return len(data)


class Follower:
    """Holds the one task that looks at all logs while there are any."""

    def __init__(self) -> None:
        self._copies: set[LogCopy] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, copy: LogCopy) -> None:
        """Follow a log until it is removed."""
        self._copies.add(copy)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="logs of step runs")

    def remove(self, copy: LogCopy) -> None:
        """Follow a log no longer."""
        self._copies.discard(copy)

    async def _run(self) -> None:
        while self._copies:
            due = [copy.store_rest() for copy in self._copies if copy.is_due]
            await asyncio.gather(*due, return_exceptions=True)
            await asyncio.sleep(POLL_S)
