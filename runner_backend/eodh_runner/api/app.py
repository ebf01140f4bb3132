"""The application: every route under the standard's prefix and EODH's."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from .. import __version__
from ..errors import RunnerError
from ..service import Caller, Service
from . import event, job, landing, log, problem, process, result

EODH_PREFIXES = (
    "/{workspace}/ogc-api",
    "/ades/{workspace}/ogc-api",
    "/api/catalogue/stac/catalogs/user/catalogs/{workspace}",
)


def make_app(service: Service, *, token: str | None, is_tcp: bool = False) -> FastAPI:
    """Give the application.

    Parameters
    ----------
    token
        What requests must bear; None where the socket itself admits the user alone.
    is_tcp
        True where strangers and browsers may reach it: Host and Origin are checked, and
        files of the computer are no inputs.
    """
    app = FastAPI(
        title="EODH workflow runner",
        version=__version__,
        openapi_url="/ogc-api/api",
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    app.state.caller = Caller(service.workspace, "user", ("*",), is_local_user=not is_tcp)
    for part in (landing, process, job, event, log, result):
        app.include_router(part.router, prefix="/ogc-api")
        for prefix in EODH_PREFIXES:
            app.include_router(part.router, prefix=prefix, include_in_schema=False)
    app.include_router(_health(service))
    app.add_exception_handler(RunnerError, problem.answer_error)
    app.add_exception_handler(RequestValidationError, problem.answer_invalid)
    app.add_exception_handler(HTTPException, problem.answer_http)
    app.add_exception_handler(Exception, problem.answer_bug)
    if is_tcp:
        app.middleware("http")(_guard(token))
    return app


def _health(service: Service) -> APIRouter:
    router = APIRouter()

    @router.get("/ping")
    @router.get("/api/docs/workflow-runner/ping", include_in_schema=False)
    def ping() -> dict[str, str]:
        """Answer."""
        return {"status": "ok"}

    @router.get("/health")
    @router.get("/ogc-api/health", include_in_schema=False)
    def health() -> dict[str, Any]:
        """Give the state of each part by name."""
        return service.health()

    return router


Next = Callable[[Request], Awaitable[Response]]


def _guard(token: str | None) -> Callable[[Request, Next], Awaitable[Response]]:
    """Refuse requests of other sites, and requests without the token."""

    async def guard(request: Request, go_on: Next) -> Response:
        host = request.headers.get("host", "").rsplit(":", 1)[0].strip("[]")
        ours = (request.scope.get("server") or ("", 0))[0]
        if token is None and host not in ("127.0.0.1", "localhost", "::1", ours):
            return problem.problem(request, 403, problem.PART1 + "not-allowed", "foreign Host")
        origin = request.headers.get("origin")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            return problem.problem(request, 403, problem.PART1 + "not-allowed", "foreign Origin")
        given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
        if token is not None and not secrets.compare_digest(given, token.encode()):
            answer = problem.problem(
                request, 401, problem.PART1 + "not-allowed", "a bearer token is needed"
            )
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        return await go_on(request)

    return guard
