"""The two forms of the API: the standard's, and the one that EODH's clients know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from ..service import Caller, Service

EXECUTE = "http://www.opengis.net/def/rel/ogc/1.0/execute"
RESULTS = "http://www.opengis.net/def/rel/ogc/1.0/results"


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
        return "/".join([self.base, *(quote(segment, safe="") for segment in segments)])


def scope_of(request: Request) -> Scope:
    """Give the scope of a request; raises NotFound for a foreign workspace."""
    service: Service = request.app.state.service
    workspace = request.path_params.get("workspace")
    path = request.scope["path"]
    for tail in ("/processes", "/jobs", "/events", "/conformance", "/api"):
        head, found, _ = path.rpartition(tail) if tail == "/api" else path.partition(tail)
        if found and head.endswith(("/ogc-api", f"/{workspace}")):
            path = head
            break
    prefix = request.headers.get("x-forwarded-prefix")
    if prefix is not None and path.startswith("/ogc-api"):
        path = prefix.rstrip("/") + path.removeprefix("/ogc-api")
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "runner")
    return Scope(
        service=service,
        caller=request.app.state.caller,
        workspace=workspace or service.workspace,
        is_eodh=workspace is not None,
        base=f"{scheme}://{host}{path.rstrip('/')}",
    )


Here = Annotated[Scope, Depends(scope_of)]
