"""`/eodh/<path>` → the runner's `/ogc-api/<path>`, after Jupyter's own checks."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote, unquote_plus

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from eodh_jupyter.errors import RunnerUnreachable

from .handler import POLICY, EodhHandler

#: Request headers that mean something to the runner; cookies and tokens are not among them.
SENT = (
    "Accept",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "If-Range",
    "Last-Event-Id",
    "Prefer",
    "Range",
)
#: Answer headers that mean something to the page.
GIVEN = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Type",
    "Etag",
    "Last-Modified",
    "Location",
    "Preference-Applied",
    "Retry-After",
)
#: Query arguments that are for Jupyter alone.
KEPT_BACK = ("token", "_xsrf", "no_track_activity")


class ProxyHandler(EodhHandler):
    """Passes one request on and streams the answer back."""

    _passing: asyncio.Task[None] | None = None

    def set_default_headers(self) -> None:
        """Set none: the runner's answer brings its own."""

    def on_connection_close(self) -> None:
        """Leave the runner's answer where the page has gone."""
        super().on_connection_close()
        if self._passing is not None:
            self._passing.cancel()

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Pass on."""
        await self._pass()

    @web.authenticated
    @authorized
    async def post(self, path: str) -> None:
        """Pass on."""
        await self._pass()

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        """Pass on."""
        await self._pass()

    @web.authenticated
    @authorized
    async def delete(self, path: str) -> None:
        """Pass on."""
        await self._pass()

    async def _pass(self) -> None:
        """Pass on in a task, which ends when the page goes."""
        self._passing = asyncio.create_task(self._relay())
        await asyncio.wait([self._passing])
        if self._passing.cancelled():
            self._cut()
        else:
            self._passing.result()

    async def _relay(self) -> None:
        import httpx

        try:
            answer = await self._ask()
        except RunnerUnreachable as error:
            self.refuse(error)
            return
        except httpx.TransportError as error:
            self.refuse(f"the runner stopped answering ({type(error).__name__})")
            return
        try:
            await self._give(answer)
        except (httpx.TransportError, StreamClosedError):
            self._cut()
        finally:
            await answer.aclose()

    async def _ask(self) -> Any:
        """Give the runner's answer; where the socket has gone, the runner is found again once."""
        import httpx

        # What may already have been done is not done twice.
        gone: tuple[type[Exception], ...] = (httpx.ConnectError,)
        if self.request.method == "GET":
            gone = (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)
        client, base = await self.link.open()
        try:
            answer = await client.send(self._request(client, base), stream=True)
        except gone:
            self.link.forget(client)
            client, base = await self.link.open()
            answer = await client.send(self._request(client, base), stream=True)
        if answer.status_code == 401:
            self.link.forget(client)  # the user's token is read anew
        return answer

    def _request(self, client: Any, base: str) -> Any:
        # The path goes on as it was written, so that encoded names stay encoded.
        path = self.request.path.removeprefix(f"{self.base_url.rstrip('/')}/eodh/")
        if {".", ".."} & set(unquote(path).split("/")):
            raise web.HTTPError(404)
        query = "&".join(
            part
            for part in self.request.query.split("&")
            if part and unquote_plus(part.partition("=")[0]) not in KEPT_BACK
        )
        headers = {
            name: self.request.headers[name] for name in SENT if name in self.request.headers
        }
        headers["X-Forwarded-Prefix"] = f"{self.base_url.rstrip('/')}/eodh"
        headers["X-Forwarded-Host"] = self.request.host
        headers["X-Forwarded-Proto"] = self.request.protocol
        url = f"{base}/{path}?{query}" if query else f"{base}/{path}"
        body = self.request.body or None
        return client.build_request(self.request.method, url, headers=headers, content=body)

    async def _give(self, answer: Any) -> None:
        self.set_status(answer.status_code)
        self.set_header("Content-Security-Policy", POLICY)
        for name in GIVEN:
            if name in answer.headers:
                self.set_header(name, answer.headers[name])
        self.set_header("X-Content-Type-Options", "nosniff")
        if answer.status_code not in (204, 304):
            await self.flush()
            async for chunk in answer.aiter_raw():
                self.write(chunk)
                await self.flush()
        self.finish(set_content_type=answer.headers.get("Content-Type", "text/plain"))

    def _cut(self) -> None:
        """Break the connection, so that half a body is not taken for a whole one."""
        self._auto_finish = False
        if (stream := getattr(self.request.connection, "stream", None)) is not None:
            stream.close()
