"""One WebSocket per page, over which it follows many jobs."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado import web, websocket

from eodh_jupyter.errors import RunnerUnreachable

from .runner import note_activity, problem_of

MAX_SUBSCRIPTIONS = 200
HEARTBEAT_S = 15.0
#: The runner sends something at least every 15 s; a silent one has gone.
SILENCE_S = 45.0
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 15.0
JOB_ID = re.compile(r"\w[\w.-]{0,99}")
TERMINAL = ("successful", "failed", "dismissed")


@dataclass
class _Cursor:
    """Where one subscription is."""

    #: None for the workspace.
    job: str | None
    after: int | None
    #: Whether it is reason enough to start a runner.
    starts: bool = True
    #: How many streams the runner has opened for it.
    streams: int = 0

    @property
    def path(self) -> str:
        return "events" if self.job is None else f"jobs/{self.job}/events"

    @property
    def query(self) -> dict[str, int]:
        """Give what is asked of the runner: a job's last event again, as it may be the end."""
        if self.after is None:
            return {}
        return {"after": self.after if self.job is None else max(0, self.after - 1)}

    def moves_to(self, event: dict[str, Any]) -> bool:
        """Move on, and tell whether the event is new."""
        place = event["position"] if self.job is None else event["seq"]
        if self.after is not None and place <= self.after:
            return False
        self.after = place
        return True


class StreamHandler(WebSocketMixin, websocket.WebSocketHandler, JupyterHandler):
    """Follows jobs for one page; each with its own cursor, over one socket.

    Each subscription has at most one message on its way, so a slow page slows its own
    streams and nothing piles up here.
    """

    auth_resource = "eodh"

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Open, for whoever may read here."""
        user = self.current_user
        if user is None:
            raise web.HTTPError(403)
        allowed = await ensure_async(
            self.authorizer.is_authorized(self, user, "read", self.auth_resource)
        )
        if not allowed:
            raise web.HTTPError(403)
        await super().get(*args, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Begin with no subscription."""
        super().open(*args, **kwargs)
        #: What is followed by job id; the workspace under None.
        self._following: dict[str | None, asyncio.Task[None]] = {}
        self._live: set[str | None] = set()
        self._beating = asyncio.create_task(self._beat())

    def on_close(self) -> None:
        """End all that was followed."""
        super().on_close()
        self._beating.cancel()
        for task in self._following.values():
            task.cancel()

    async def on_message(self, message: str | bytes) -> None:
        """Take subscribe, unsubscribe and ping."""
        try:
            wanted = json.loads(message)
            kind, job = wanted["type"], wanted.get("job")
            is_workspace = job is None and wanted.get("topic") == "workspace"
            is_job = isinstance(job, str) and JOB_ID.fullmatch(job) is not None
            if kind not in ("ping", "subscribe", "unsubscribe"):
                raise ValueError(kind)
            if kind != "ping" and not is_workspace and not is_job:
                raise ValueError(job)
        except (ValueError, KeyError, TypeError, AttributeError):
            await self._complain(None, {"status": 400, "detail": "not a message of this stream"})
            return
        if kind == "ping":
            await self._tell({"type": "pong"})
        elif kind == "unsubscribe":
            if task := self._following.pop(job, None):
                task.cancel()
        elif job not in self._following:
            await self._subscribe(job, wanted)

    async def _subscribe(self, job: str | None, wanted: dict[str, Any]) -> None:
        if len(self._following) >= MAX_SUBSCRIPTIONS:
            detail = f"one page follows at most {MAX_SUBSCRIPTIONS} jobs"
            await self._complain(job, {"status": 429, "detail": detail})
            return
        after = wanted.get("after")
        place = after if isinstance(after, int) and after >= 0 else None
        cursor = _Cursor(job, place, starts=wanted.get("start") is not False)
        self._following[job] = asyncio.create_task(self._follow(cursor))

    async def _follow(self, cursor: _Cursor) -> None:
        """Pass events on until the job's last; a runner that restarts is found again."""
        import httpx

        job, link = cursor.job, self.settings["eodh_link"]
        delay, has_complained, client = FIRST_RETRY_S, False, None
        try:
            while True:
                seen, is_absent = cursor.streams, False
                try:
                    client, base = await link.open(start=cursor.starts)
                    if await self._pass_on(client, base, cursor):
                        return
                except (RunnerUnreachable, httpx.HTTPStatusError) as error:
                    is_absent = isinstance(error, RunnerUnreachable)
                    if isinstance(error, httpx.HTTPStatusError):
                        link.forget(client)
                        text = f"the runner answered {error.response.status_code}"
                        error = RunnerUnreachable(f"{text}; sign in again or ask who runs it")
                    if not has_complained:
                        await self._complain(job, problem_of(error))
                    has_complained = True
                except (httpx.HTTPError, ValueError, KeyError):
                    link.forget(client)
                # The runner went, or ended the stream before the job: it is asked again.
                self._live.discard(job)
                if cursor.streams > seen:
                    delay, has_complained = FIRST_RETRY_S, False
                await (link.found(delay) if is_absent else asyncio.sleep(delay))
                delay = min(LAST_RETRY_S, delay * 2)
        finally:
            if self._following.get(job) is asyncio.current_task():
                del self._following[job]
            if job not in self._following:
                self._live.discard(job)

    async def _pass_on(self, client: Any, base: str, cursor: _Cursor) -> bool:
        """Pass one stream of the runner on; gives whether nothing more can come."""
        import httpx

        job = cursor.job
        request = client.stream(
            "GET",
            f"{base}/{cursor.path}",
            params=cursor.query,
            timeout=httpx.Timeout(10, read=SILENCE_S),
        )
        async with request as answer:
            if 400 <= answer.status_code < 500 and answer.status_code != 401:
                await self._complain(job, _problem(answer.status_code, await answer.aread()))
                return True
            answer.raise_for_status()
            cursor.streams += 1
            await self._tell({"type": "open", "job": job})
            if job is not None:
                self._live.add(job)
                note_activity(self.settings)
            async for line in answer.aiter_lines():
                if not line.startswith("data:"):
                    continue
                event = json.loads(line[5:])
                if cursor.moves_to(event):
                    await self._tell({"type": "event", "job": job, "event": event})
                if job is not None and _is_last(event):
                    await self._tell({"type": "end", "job": job})
                    return True
        return False

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            if self._live:
                note_activity(self.settings)
            await self._tell({"type": "heartbeat"})

    async def _complain(self, job: str | None, problem: dict[str, Any]) -> None:
        await self._tell({"type": "error", "job": job, "problem": problem})

    async def _tell(self, message: dict[str, Any]) -> None:
        """Send, and wait until it is sent."""
        try:
            await self.write_message(json.dumps(message))
        except websocket.WebSocketClosedError:
            self.on_close()


def _is_last(event: dict[str, Any]) -> bool:
    return event.get("kind") == "job" and event.get("data", {}).get("status") in TERMINAL


def _problem(status: int, body: bytes) -> dict[str, Any]:
    try:
        problem: dict[str, Any] = json.loads(body)
    except ValueError:
        problem = {"status": status, "detail": f"the runner answered {status}"}
    return problem
