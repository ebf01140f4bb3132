"""The link from the server to one runner."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from eodh_jupyter.errors import RunnerIdle, RunnerUnreachable
from eodh_jupyter.local import Connection, connect, end

#: Jupyter takes the newest of all settings that end so as the last activity of the server.
ACTIVITY = "eodh_last_activity"


class NotOurs(Exception):
    """The runner is not this server's to restart."""


class RunnerLink:
    """Finds the runner when it is first needed, and again when it has moved.

    Parameters
    ----------
    url
        Address of a shared runner; None for the user's own.
    autostart
        Start the user's own runner when it is not up.
    """

    def __init__(self, url: str | None, autostart: bool) -> None:
        self._url, self._autostart = url, autostart
        self._client: Any = None
        self._base = ""
        #: Searches under way, by whether they may start a runner.
        self._finding: dict[bool, asyncio.Task[tuple[Any, str]]] = {}
        self._found_one = asyncio.Event()
        self._left: list[Any] = []
        self._restarting = asyncio.Lock()

    @property
    def is_shared(self) -> bool:
        """Whether the runner is one that others use too."""
        return bool(self._url or os.environ.get("EODH_RUNNER_URL"))

    @property
    def is_open(self) -> bool:
        """Whether the runner was found and not forgotten."""
        return self._client is not None

    async def open(self, *, start: bool = True) -> tuple[Any, str]:
        """Give an httpx client and the runner's address.

        All who ask at once share one search, and what it ends with.

        Raises
        ------
        RunnerIdle
            When none is up and none may be started; `start=False` only looks.
        RunnerUnreachable
            When there is none and none could be started.
        """
        if self._client is not None:
            return self._client, self._base
        start = start and self._autostart
        if start not in self._finding:
            self._finding[start] = asyncio.create_task(self._find(start))
            self._finding[start].add_done_callback(partial(self._found, start))
        return await asyncio.shield(self._finding[start])

    async def restart(self) -> None:
        """End the user's own runner and start the next; jobs that run go on.

        Raises
        ------
        NotOurs
            When the runner is shared, or this server may start none.
        RunnerUnreachable
            When it cannot be ended, or none could be started.
        """
        if self.is_shared:
            raise NotOurs("a shared runner is restarted by those who run it")
        if not self._autostart:
            raise NotOurs(
                "this Jupyter server may start no runner; who runs the runner restarts it"
            )
        async with self._restarting:
            await asyncio.to_thread(end)
            self.forget(self._client)
            await self.open()

    async def found(self, timeout_s: float) -> None:
        """Wait until some search finds the runner, or for the time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._found_one.wait(), timeout_s)

    def forget(self, client: Any) -> None:
        """Look anew at the next use, unless others have done so already.

        Streams that still run over the old client are left to end by themselves.
        """
        if client is self._client and client is not None:
            self._left.append(client)
            self._client = None

    async def close(self) -> None:
        """End all that runs over the link."""
        left, self._left = [*self._left, self._client], []
        self._client = None
        for client in left:
            if client is not None:
                await client.aclose()

    async def _find(self, start: bool) -> tuple[Any, str]:
        import httpx

        found: Connection = await asyncio.to_thread(connect, self._url, autostart=start)
        if self._client is not None:  # another search was faster
            return self._client, self._base
        transport = httpx.AsyncHTTPTransport(
            uds=found.uds, limits=httpx.Limits(max_connections=None)
        )
        # Bodies come as they are stored, so that lengths and ranges hold.
        headers = {"Accept-Encoding": "identity"}
        if found.token:
            headers["Authorization"] = f"Bearer {found.token}"
        self._base = found.base_url
        self._client = httpx.AsyncClient(
            transport=transport, timeout=httpx.Timeout(10, read=None), headers=headers
        )
        self._found_one.set()
        self._found_one = asyncio.Event()
        return self._client, self._base

    def _found(self, start: bool, task: asyncio.Task[tuple[Any, str]]) -> None:
        del self._finding[start]
        if not task.cancelled():
            task.exception()  # those who waited have it; if none is left, nobody misses it


def note_activity(settings: dict[str, Any]) -> None:
    """Tell Jupyter that the server is in use, so that no culler ends it."""
    settings[ACTIVITY] = datetime.now(UTC)


def problem_of(error: RunnerUnreachable | str) -> dict[str, Any]:
    """Give what the page shows when no runner answers: what is wrong, and what to do."""
    detail, _, remedy = str(error).partition("; ")
    return {
        "state": "idle" if isinstance(error, RunnerIdle) else "down",
        "type": "about:blank",
        "title": "No runner",
        "status": 503,
        "detail": detail,
        "remedy": remedy or "refresh to try again; jobs that were launched are kept",
    }
