"""Errors as answers: one table joins error, status and type."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from eodh_jupyter.ogc import Problem

from .. import errors
from .form import PART1, PART2, problem_title, problem_type

_log = logging.getLogger(__name__)


class BadRange(errors.RunnerError):
    """The range lies outside of what there is."""

    def __init__(self, header: str, size_bytes: int) -> None:
        super().__init__(f"the range '{header}' lies outside of {size_bytes} bytes")
        self.size_bytes = size_bytes


class ExecutionFailed(errors.NotAvailable):
    """The job of a synchronous execution failed; `failure` says why."""


NOUNS = {
    "process": (404, PART1, "no-such-process"),
    "job": (404, PART1, "no-such-job"),
    "output": (400, PART1, "no-such-output"),
    "workflow": (400, PART2, "workflow-not-found"),
}
TABLE: dict[type[errors.RunnerError], tuple[int, str, str]] = {
    errors.BadInput: (400, PART1, "invalid-parameter-value"),
    errors.BadDocument: (400, PART2, "invalid-package"),
    errors.NotFound: (404, PART1, "not-found"),
    errors.NotReady: (404, PART1, "result-not-ready"),
    errors.NotAvailable: (404, PART1, "result-not-available"),
    errors.Conflict: (409, PART1, "conflict"),
    errors.Immutable: (403, PART2, "immutable-process"),
    errors.Unsupported: (415, PART2, "unsupported-media-type"),
    errors.Denied: (403, PART1, "not-allowed"),
    errors.NoSpace: (507, PART1, "insufficient-storage"),
    errors.Unavailable: (503, PART1, "unavailable"),
    errors.TooLarge: (413, PART1, "content-too-large"),
    errors.ContentDiffers: (422, PART1, "content-differs"),
    BadRange: (416, PART1, "range-not-satisfiable"),
    ExecutionFailed: (500, PART1, "execution-failed"),
}
HTTP_NAMES = {404: "not-found", 405: "method-not-allowed"}


class Json(JSONResponse):
    """JSON in ASCII, so that names of files that are not text pass too."""

    def render(self, content: Any) -> bytes:
        """Give the bytes."""
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def problem(
    request: Request,
    status: int,
    type_: str,
    detail: str,
    extra: Mapping[str, Any] | None = None,
) -> Json:
    """Give a problem (RFC 9457), as plain JSON where the caller asks for JSON."""
    path = request.scope["path"]
    body = Problem(
        type=problem_type(path, type_),
        title=problem_title(path, type_),
        status=status,
        detail=detail,
        **(extra or {}),
    )
    return Json(body.to_json(), status, media_type=_media(request.headers.get("accept", "")))


def answer_error(request: Request, error: Exception) -> Json:
    """Answer an error whose text is for the user."""
    assert isinstance(error, errors.RunnerError)  # noqa: S101  registered for these alone
    status, space, name = _row(error)
    if isinstance(error, errors.Conflict) and _is_deployment(request):
        space, name = PART2, "duplicated-process"
    answer = problem(request, status, space + name, str(error), errors.as_dict(error))
    if isinstance(error, BadRange):
        answer.headers["Content-Range"] = f"bytes */{error.size_bytes}"
    return answer


def answer_http(request: Request, error: Exception) -> Json:
    """Answer what the framework refused: unknown path or method."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    headers = getattr(error, "headers", None) or {}
    detail = f"{request.method} {request.url.path} is not part of this API"
    name = HTTP_NAMES.get(status, "bad-request")
    answer = problem(request, status, PART1 + name, detail)
    answer.headers.update(headers)
    return answer


def answer_invalid(request: Request, error: Exception) -> Json:
    """Answer a query parameter or header that does not fit."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    invalid = {str(item["loc"][-1]): str(item["msg"]) for item in found}
    detail = "; ".join(f"{name}: {message}" for name, message in invalid.items())
    type_ = PART1 + "invalid-query-parameter-value"
    return problem(
        request, 400, type_, detail or "the request is not valid", {"invalid": invalid or None}
    )


def answer_bug(request: Request, error: Exception) -> Json:
    """Answer anything else: a reference, and the error in the runner's own log."""
    if errors.is_full(error):
        return answer_error(request, errors.NoSpace())
    reference = uuid.uuid4().hex[:8]
    _log.error("reference %s: %s", reference, type(error).__name__, exc_info=error)
    detail = f"something in the runner went wrong; look for {reference} in its log"
    answer = problem(request, 500, PART1 + "internal", detail, {"reference": reference})
    # This answer is made outside of the middleware that adds it elsewhere.
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _row(error: errors.RunnerError) -> tuple[int, str, str]:
    if isinstance(error, errors.NotFound) and error.noun in NOUNS:
        return NOUNS[error.noun]
    status, space, name = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    if isinstance(error, errors.BadInput) and error.parameter:
        name = "invalid-query-parameter-value"
    if isinstance(error, ExecutionFailed) and error.failure and error.failure.kind == "input":
        status = 400
    return status, space, name


def _is_deployment(request: Request) -> bool:
    return request.method == "POST" and request.url.path.rstrip("/").endswith("/processes")


def _media(accept: str) -> str:
    """Give `application/json` only where it is asked for before problem+json."""
    wanted = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    is_plain = "application/json" in wanted and "application/problem+json" not in wanted
    return "application/json" if is_plain else "application/problem+json"
