"""Errors as answers: one table joins error, status and type."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from .. import errors

PART1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
PART2 = "http://www.opengis.net/def/exceptions/ogcapi-processes-2/1.0/"
EODH = "http://www.opengis.net/def/rel/ogc/1.0/exception/"
NOUNS = {
    "process": (404, "no-such-process"),
    "job": (404, "no-such-job"),
    "output": (400, "no-such-output"),
    "workflow": (400, "workflow-not-found"),
}
TABLE: dict[type[errors.RunnerError], tuple[int, str, str]] = {
    errors.BadInput: (400, PART1, "invalid-parameter-value"),
    errors.BadDocument: (400, PART2, "invalid-package"),
    errors.NotReady: (404, PART1, "result-not-ready"),
    errors.NotAvailable: (404, PART1, "result-not-available"),
    errors.Conflict: (409, PART2, "duplicated-process"),
    errors.Immutable: (403, PART2, "immutable-process"),
    errors.Unsupported: (415, PART2, "unsupported-media-type"),
    errors.Denied: (403, PART1, "not-allowed"),
    errors.Unavailable: (503, PART1, "unavailable"),
}

_log = logging.getLogger(__name__)


def problem(request: Request, status: int, type_: str, detail: str, **extra: Any) -> JSONResponse:
    """Give a problem (RFC 9457), as JSON where the caller asks for JSON."""
    if "ogc-api" not in request.url.path.split("/")[1:2] and type_.startswith(PART1):
        type_ = EODH + type_.removeprefix(PART1)
    title = "".join(word.capitalize() for word in type_.rsplit("/", 1)[-1].split("-"))
    wanted = request.headers.get("accept", "")
    plain = "application/json" in wanted and "problem+json" not in wanted
    return JSONResponse(
        {"type": type_, "title": title, "status": status, "detail": detail, **extra},
        status_code=status,
        media_type="application/json" if plain else "application/problem+json",
    )


def answer_error(request: Request, error: Exception) -> JSONResponse:
    """Answer an error whose text is for the user."""
    if not isinstance(error, errors.RunnerError):
        raise error
    if isinstance(error, errors.NotFound):
        status, name = NOUNS.get(error.noun, (404, "not-found"))
        space = PART2 if error.noun == "workflow" else PART1
    else:
        status, space, name = TABLE[type(error)]
        if isinstance(error, errors.BadInput) and error.parameter:
            name = "invalid-query-parameter-value"
    return problem(request, status, space + name, str(error), **errors.as_dict(error))


def answer_http(request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework refused: unknown path or method."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    name = {404: "not-found", 405: "method-not-allowed"}.get(status, "bad-request")
    detail = f"{request.method} {request.url.path} is not part of this API"
    return problem(request, status, PART1 + name, detail)


def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a query parameter that does not fit."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    invalid = {str(item["loc"][-1]): str(item["msg"]) for item in found}
    detail = "; ".join(f"{name}: {message}" for name, message in invalid.items())
    type_ = PART1 + "invalid-query-parameter-value"
    return problem(request, 400, type_, detail or "the request is not valid", invalid=invalid)


def answer_bug(request: Request, error: Exception) -> JSONResponse:
    """Answer anything else: a reference, and the error in the runner's own log."""
    reference = uuid.uuid4().hex[:8]
    _log.error("reference %s: %s", reference, error, exc_info=error)
    detail = f"something in the runner went wrong; look for {reference} in its log"
    return problem(request, 500, PART1 + "internal", detail, reference=reference)
