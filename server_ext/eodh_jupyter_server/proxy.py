"""`/eodh/<path>` → the runner's `/ogc-api/<path>`, after Jupyter's own checks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from eodh_jupyter.errors import RunnerUnreachable

#: Request headers that mean something to the runner; cookies and tokens are not among them.
SENT = (
    "Accept",
    "Content-Type",
    "Idempotency-Key",
    "Last-Event-Id",
    "Prefer",
    "Range",
)
#: Answer headers that mean something to the page.
GIVEN = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Type",
    "Location",
    "Preference-Applied",
    "X-Content-Type-Options",
)


class EodhHandler(APIHandler):
    """What both handlers need."""

    auth_resource = "eodh"

    @property
    def link(self) -> Any:
        """The link to the runner."""
        return self.settings["eodh_link"]

    def refuse(self, error: RunnerUnreachable) -> None:
        """Say that no runner answers, and what to do."""
        self.set_status(503)
        self.set_header("Content-Type", "application/problem+json")
        self.finish(json.dumps({"title": "No runner", "status": 503, "detail": str(error)}))


class StatusHandler(EodhHandler):
    """Tells whether the runner is up; starts it where that is allowed."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Give state, message and the runner's health."""
        try:
            client, base = await self.link.open()
            health = (await client.get(f"{base}/health", timeout=10)).json()
        except RunnerUnreachable as error:
            self.finish({"state": "down", "message": str(error), "runner": None})
            return
        except Exception as error:  # noqa: BLE001  whatever is wrong, the page must hear of it
            await self.link.close()
            message = f"the runner does not answer ({type(error).__name__}); it is looked for again"
            self.finish({"state": "down", "message": message, "runner": None})
            return
        if health.get("jobs_unfinished"):
            # Jobs that run are activity: a culler must not end this server.
            self.settings["api_last_activity"] = datetime.now(UTC)
        state = "ready" if health.get("status") == "ok" else "starting"
        self.finish({"state": state, "message": "", "runner": health})


class ProxyHandler(EodhHandler):
    """Passes one request on and streams the answer back."""

    def set_default_headers(self) -> None:
        """Set none: the runner's answer brings its own."""

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Pass on."""
        await self._pass(path)

    @web.authenticated
    @authorized
    async def post(self, path: str) -> None:
        """Pass on."""
        await self._pass(path)

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        """Pass on."""
        await self._pass(path)

    @web.authenticated
    @authorized
    async def delete(self, path: str) -> None:
        """Pass on."""
        await self._pass(path)

    async def _pass(self, path: str) -> None:
        import httpx

        for attempt in (1, 2):
            try:
                client, base = await self.link.open()
                answer = await client.send(self._request(client, base, path), stream=True)
                break
            except RunnerUnreachable as error:
                self.refuse(error)
                return
            except httpx.ConnectError as error:
                await self.link.close()
                if attempt == 2:
                    self.refuse(RunnerUnreachable(f"the runner does not answer: {error}"))
                    return
            except httpx.TransportError as error:
                self.refuse(RunnerUnreachable(f"the runner stopped answering: {error}"))
                return
        try:
            await self._give(answer)
        except (httpx.TransportError, StreamClosedError):
            return
        finally:
            await answer.aclose()

    def _request(self, client: Any, base: str, path: str) -> Any:
        query = f"?{self.request.query}" if self.request.query else ""
        raw = self.request.path.partition("/eodh/")[2]
        headers = {
            name: self.request.headers[name] for name in SENT if name in self.request.headers
        }
        headers["X-Forwarded-Prefix"] = f"{self.base_url.rstrip('/')}/eodh"
        headers["X-Forwarded-Host"] = self.request.host
        headers["X-Forwarded-Proto"] = self.request.protocol
        # The path goes on as it was written, so that encoded names stay encoded.
        url = f"{base}/{raw or path}{query}"
        body = self.request.body or None
        return client.build_request(self.request.method, url, headers=headers, content=body)

    async def _give(self, answer: Any) -> None:
        self.set_status(answer.status_code)
        for name in GIVEN:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        self.set_header("X-Content-Type-Options", "nosniff")
        if answer.status_code != 204:
            async for chunk in answer.aiter_bytes():
                self.write(chunk)
                await self.flush()
        self.finish()
