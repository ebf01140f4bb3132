"""The link from the server to one runner."""

from __future__ import annotations

import asyncio
from typing import Any

from eodh_jupyter.local import Connection, connect


class RunnerLink:
    """Finds the runner when it is first needed, and again when it has moved."""

    def __init__(self, url: str | None, autostart: bool) -> None:
        self._url, self._autostart = url, autostart
        self._client: Any = None
        self._base = ""
        self._finding = asyncio.Lock()

    async def open(self) -> tuple[Any, str]:
        """Give an httpx client and the runner's address; raises RunnerUnreachable."""
        async with self._finding:
            if self._client is None:
                import httpx

                found: Connection = await asyncio.to_thread(
                    connect, self._url, autostart=self._autostart
                )
                self._base = found.base_url
                self._client = httpx.AsyncClient(
                    transport=httpx.AsyncHTTPTransport(
                        uds=found.uds, limits=httpx.Limits(max_connections=None)
                    ),
                    timeout=httpx.Timeout(10, read=None),
                    headers={"Authorization": f"Bearer {found.token}"} if found.token else {},
                )
            return self._client, self._base

    async def close(self) -> None:
        """Forget the runner; the next use finds it anew."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
