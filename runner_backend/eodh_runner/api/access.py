"""Who may pass: Host, Origin and token of requests over TCP; headers of every answer."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .form import PART1
from .problem import problem

#: What tells only that the runner answers: probes of Kubernetes can bear no secret.
PING = "/ping"
#: What no answer lacks; one that sets its own keeps it.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Adds the headers that every answer carries."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, add)


class Access:
    """Refuses requests of other sites, and requests without the token.

    Parameters
    ----------
    token
        What requests must bear; None on loopback for tests, where Host and Origin protect.
    hosts
        Names under which the runner is reached, beside those of loopback.
    """

    def __init__(self, app: ASGIApp, token: str | None, hosts: Collection[str]) -> None:
        self._app, self._token = app, token
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] == "http":
            request = Request(scope)
            if reason := self._foreign(request):
                refused = problem(request, 403, PART1 + "not-allowed", reason)
                await refused(scope, receive, send)
                return
            is_open = self._token is None or scope["path"] == PING
            if not is_open and not _bears(request, self._token or ""):
                refused = problem(
                    request, 401, PART1 + "not-authorized", "a bearer token is needed"
                )
                refused.headers["WWW-Authenticate"] = "Bearer"
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _foreign(self, request: Request) -> str | None:
        host = request.headers.get("host", "")
        if not self._is_ours(_name(host), (request.scope.get("server") or ("", 0))[0]):
            return f"this runner is not '{host}'"
        origin = request.headers.get("origin")
        if origin is not None and _authority(origin) != host.lower():
            return f"pages of '{origin}' may not use this runner"
        return None

    def _is_ours(self, name: str, bound: str) -> bool:
        if name in self._hosts or _is_loopback(name):
            return True
        if self._token is None or _is_loopback(bound):
            return False
        # Behind a real address any name may be right, unless the operator says which are;
        # a page that fakes one has no token.
        return not self._hosts or name == bound


def _bears(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    return secrets.compare_digest(given.strip().encode(), token.encode()) and is_bearer


def _name(authority: str) -> str:
    """Give the host of an authority, without its port; empty when it is none."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761: never asked of a server
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
