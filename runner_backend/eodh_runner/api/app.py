"""The application: every route under the standard's prefix and EODH's."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from .. import __version__
from ..errors import RunnerError
from ..service import Caller, Service
from . import browse, event, execution, job, landing, log, preview, problem, process, result, upload
from .access import Access, SecurityHeaders
from .scope import EODH_PREFIXES, PREFIX


def make_app(
    service: Service,
    *,
    token: str | None,
    is_tcp: bool = False,
    hosts: Collection[str] = (),
    trusts_forwarded: bool | None = None,
) -> FastAPI:
    """Give the application.

    Parameters
    ----------
    token
        What requests must bear; None where the socket itself admits the user alone.
    is_tcp
        True where strangers and browsers may reach it: Host and Origin are checked, and
        files of the computer are no inputs. Always so with a token.
    hosts
        Names under which TCP clients reach the runner, beside those of loopback. Without
        any, a runner with a token on another address answers to every name.
    trusts_forwarded
        Whether `Forwarded` and `X-Forwarded-*` make the links; default: over the Unix
        socket alone, where only the user's own proxy can send them.

    Raises
    ------
    ValueError
        When the token is empty.
    """
    if token is not None and not token.strip():
        raise ValueError("the token is empty")
    is_tcp = is_tcp or token is not None
    app = FastAPI(
        title="EODH workflow runner",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.caller = Caller(service.workspace, "user", ("*",), is_local_user=not is_tcp)
    app.state.trusts_forwarded = not is_tcp if trusts_forwarded is None else trusts_forwarded
    for part in (landing, process, execution, job, event, log, browse, preview, result, upload):
        app.include_router(part.router, prefix=PREFIX)
        for prefix in EODH_PREFIXES:
            app.include_router(part.router, prefix=prefix, include_in_schema=False)
    app.include_router(_health(service))
    app.add_exception_handler(RunnerError, problem.answer_error)
    app.add_exception_handler(RequestValidationError, problem.answer_invalid)
    app.add_exception_handler(HTTPException, problem.answer_http)
    app.add_exception_handler(Exception, problem.answer_bug)
    if is_tcp:
        app.add_middleware(Access, token=token, hosts=hosts)
    app.add_middleware(SecurityHeaders)
    return app


def _health(service: Service) -> APIRouter:
    router = APIRouter()

    @router.get("/ping")
    @router.get("/api/docs/workflow-runner/ping", include_in_schema=False)
    async def ping() -> problem.Json:
        """Answer."""
        return problem.Json({"status": "ok"})

    @router.get("/health")
    @router.get("/ogc-api/health", include_in_schema=False)
    def health() -> problem.Json:
        """Give the state of each part by name."""
        return problem.Json(service.health())

    return router
