"""One WebSocket per page, over which it follows many jobs."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado import web, websocket

from eodh_jupyter.errors import RunnerUnreachable

MAX_SUBSCRIPTIONS = 200
HEARTBEAT_S = 15.0
RETRY_S = 1.0
WORKSPACE = "workspace"


class StreamHandler(WebSocketMixin, websocket.WebSocketHandler, JupyterHandler):
    """Follows jobs for one page; each with its own cursor, over one socket."""

    auth_resource = "eodh"

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open, for the user of this server alone."""
        user = self.current_user
        if user is None:
            raise web.HTTPError(403)
        allowed = await ensure_async(
            self.authorizer.is_authorized(self, user, "execute", self.auth_resource)
        )
        if not allowed:
            raise web.HTTPError(403)
        await super().get(*args, **kwargs)

    def open(self) -> None:
        """Begin with no subscription."""
        self._following: dict[str, asyncio.Task[None]] = {}
        self._beating = asyncio.create_task(self._beat())

    def on_close(self) -> None:
        """End all that was followed."""
        self._beating.cancel()
        for task in self._following.values():
            task.cancel()

    async def on_message(self, message: str | bytes) -> None:
        """Take subscribe, unsubscribe and ping."""
        try:
            wanted = json.loads(message)
            kind, name = wanted["type"], str(wanted.get("job") or wanted.get("topic") or "")
        except (ValueError, KeyError, TypeError):
            await self._tell({"type": "error", "job": None, "problem": {"detail": "not a message"}})
            return
        if kind == "ping":
            await self._tell({"type": "pong"})
        elif kind == "unsubscribe" and (task := self._following.pop(name, None)):
            task.cancel()
        elif kind == "subscribe" and name and name not in self._following:
            if len(self._following) >= MAX_SUBSCRIPTIONS:
                problem = {"detail": f"one page follows at most {MAX_SUBSCRIPTIONS} jobs"}
                await self._tell({"type": "error", "job": name, "problem": problem})
                return
            after = wanted.get("after")
            cursor = after if isinstance(after, int) else None
            self._following[name] = asyncio.create_task(self._follow(name, cursor))

    async def _follow(self, name: str, after: int | None) -> None:
        """Pass events on from the cursor; a runner that restarts is found again."""
        import httpx

        job = None if name == WORKSPACE else name
        link = self.settings["eodh_link"]
        while True:
            try:
                client, base = await link.open()
                path = "events" if job is None else f"jobs/{job}/events"
                params = {} if after is None else {"after": after}
                async with client.stream("GET", f"{base}/{path}", params=params) as answer:
                    if answer.status_code != 200:
                        problem = json.loads(await answer.aread())
                        await self._tell({"type": "error", "job": job, "problem": problem})
                        return
                    async for line in answer.aiter_lines():
                        if line.startswith("data: "):
                            event = json.loads(line[6:])
                            after = event["position"] if job is None else event["seq"]
                            await self._tell({"type": "event", "job": job, "event": event})
                if job is not None:
                    await self._tell({"type": "end", "job": job})
                    self._following.pop(name, None)
                    return
            except RunnerUnreachable as error:
                problem = {"detail": str(error)}
                await self._tell({"type": "error", "job": job, "problem": problem})
            except httpx.TransportError:
                await link.close()
            await asyncio.sleep(RETRY_S)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            await self._tell({"type": "heartbeat"})

    async def _tell(self, message: dict[str, Any]) -> None:
        """Send, and wait until it is sent: a slow page slows its own streams only."""
        try:
            await self.write_message(json.dumps(message))
        except websocket.WebSocketClosedError:
            self.on_close()
