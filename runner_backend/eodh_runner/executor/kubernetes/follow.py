"""Tells how far the logs of running pods are stored, by one task that asks the store."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ...store import Store
from .. import Report
from .collect import chunk_key

#: Least time between two looks at one log, and most looks in a second at all of them.
EVERY_S, MOST_PER_S = 0.4, 20.0


@dataclass(eq=False)
class Watched:
    """The log of one running pod."""

    #: Store key of the folder of its chunks.
    key: str
    report: Report
    #: Where the log ends behind the chunks that were seen.
    stored: int = 0


class LogWatch:
    """Looks at all logs in turn; the more there are, the rarer at each."""

    def __init__(self, store: Store, pool: ThreadPoolExecutor) -> None:
        self._store, self._pool = store, pool
        self._watched: set[Watched] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, key: str, report: Report) -> Watched:
        """Watch a log until it is removed."""
        watched = Watched(key, report)
        self._watched.add(watched)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="logs of pods")
        return watched

    def remove(self, watched: Watched) -> None:
        """Watch a log no longer."""
        self._watched.discard(watched)

    async def look(self, watched: Watched) -> None:
        """Look at one log now."""
        loop = asyncio.get_running_loop()
        if await loop.run_in_executor(self._pool, self._find_more, watched):
            watched.report("log", watched.stored)

    def _find_more(self, watched: Watched) -> bool:
        before = watched.stored
        # Chunks follow one another: to ask for the next costs a tenth of a list.
        while chunk := self._store.stat(chunk_key(watched.key, watched.stored)):
            watched.stored += chunk.size_bytes  # never zero
        return watched.stored > before

    async def _run(self) -> None:
        while self._watched:
            for watched in list(self._watched):
                if watched in self._watched:
                    # A store that does not answer now is asked again.
                    await asyncio.gather(self.look(watched), return_exceptions=True)
                    await asyncio.sleep(1 / MOST_PER_S)
            await asyncio.sleep(max(0.0, EVERY_S - len(self._watched) / MOST_PER_S))
