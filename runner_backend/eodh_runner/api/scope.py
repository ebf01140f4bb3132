"""What every handler knows of its request: who asks, for which workspace, at which address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import Depends, Request

if TYPE_CHECKING:
    from ..service import Caller, Service

PREFIX = "/ogc-api"
EODH_PREFIXES = (
    "/{workspace}/ogc-api",
    "/ades/{workspace}/ogc-api",
    "/api/catalogue/stac/catalogs/user/catalogs/{workspace}",
)
_PREFIX = re.compile(
    r"(?:/ogc-api|(?:/ades)?/([^/]+)/ogc-api|/api/catalogue/stac/catalogs/user/catalogs/([^/]+))"
    r"(?=/|\Z)"
)
_AUTHORITY = re.compile(r"[\w.-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?", re.ASCII)
_PATH = re.compile(r"(?:/[\w.~!$&'()*+,;=:@%-]+)*/?", re.ASCII)


@dataclass(frozen=True)
class Scope:
    """One request: who asks whom for what, in which form."""

    service: Service
    caller: Caller
    workspace: str
    #: True under the EODH prefixes.
    is_eodh: bool
    #: Absolute address of the prefix.
    base: str

    def url(self, *segments: str) -> str:
        """Give the absolute address of a resource; names are encoded here and only here."""
        names = (quote(name, safe="", errors="surrogateescape") for name in segments)
        return "/".join([self.base, *names])


def split_prefix(path: str) -> tuple[str, str | None]:
    """Give the prefix of a path, and the workspace that it names, if it does."""
    found = _PREFIX.match(path)
    if found is None:
        return "", None
    return found[0], found[1] or found[2]


async def scope_of(request: Request) -> Scope:
    """Give the scope of a request."""
    prefix, workspace = split_prefix(request.scope["path"])
    service: Service = request.app.state.service
    return Scope(
        service=service,
        caller=request.app.state.caller,
        workspace=workspace or service.workspace,
        is_eodh=workspace is not None,
        base=_base(request, quote(prefix), is_eodh=workspace is not None),
    )


def _base(request: Request, path: str, *, is_eodh: bool) -> str:
    """Give the address that the caller used, as a proxy tells it where proxies are trusted."""
    told = _forwarded(request) if request.app.state.trusts_forwarded else {}
    before = told.get("prefix", "")
    if before and _PATH.fullmatch(before):
        # Jupyter's proxy puts its prefix for `/ogc-api`; others put theirs before the path.
        path = before.rstrip("/") + (path if is_eodh else "")
    scheme = told.get("proto", "").lower()
    if scheme not in ("http", "https"):
        scheme = request.url.scheme
    for host in (told.get("host", ""), request.headers.get("host", "")):
        if _AUTHORITY.fullmatch(host):
            return f"{scheme}://{host}{path}"
    return f"{scheme}://runner{path}"


def _forwarded(request: Request) -> dict[str, str]:
    """Give host, proto and prefix as the first proxy saw them (RFC 7239, or X-Forwarded-*)."""
    told: dict[str, str] = {}
    for pair in request.headers.get("forwarded", "").split(",")[0].split(";"):
        name, _, value = pair.partition("=")
        told[name.strip().lower()] = value.strip().strip('"')
    for name in ("host", "proto", "prefix"):
        if value := request.headers.get(f"x-forwarded-{name}", "").split(",")[0].strip():
            told[name] = value
    return told


Here = Annotated[Scope, Depends(scope_of)]
