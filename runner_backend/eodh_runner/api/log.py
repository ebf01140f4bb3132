"""Logs of step runs: whole, by range, followed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from ..errors import BadInput
from ..service.log_lines import MAX_LINES, MAX_MATCHES, Wanted
from .problem import Json
from .result import byte_range
from .scope import Here, Scope

router = APIRouter()
CHUNK = 256 << 10
HEARTBEAT_S = 15.0
MAX_LINE = 2**53
HEADERS = {"X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes"}
TEXT = "text/plain; charset=utf-8"


@router.get("/jobs/{job_id}/{log}.log")
async def get_log(
    here: Here, request: Request, job_id: str, log: str, follow: bool = False, offset: int = 0
) -> Response:
    """Give the log of a step run; with `follow` it goes on until the step has ended."""
    size, _ = await run_in_threadpool(
        here.service.log_info, here.caller, here.workspace, job_id, log
    )
    if follow:
        return StreamingResponse(
            _follow(here, job_id, log, max(offset, 0)), headers=HEADERS, media_type=TEXT
        )
    # A log that has no line yet has no part to ask for: whoever looks at its end sees nothing.
    wanted = byte_range(request.headers.get("range"), size) if size else None
    start, end = wanted or (min(max(offset, 0), size), size)
    headers = {**HEADERS, "Content-Length": str(end - start)}
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = _read(here, job_id, log, start, end)
    return StreamingResponse(body, 206 if wanted else 200, headers, TEXT)


@router.get("/jobs/{job_id}/{log}.log/lines")
async def get_lines(
    here: Here,
    job_id: str,
    log: str,
    first: Annotated[int, Query(ge=-MAX_LINE, le=MAX_LINE)] = 0,
    count: Annotated[int, Query(ge=0, le=MAX_LINES)] = 500,
    longer_than: Annotated[int | None, Query(ge=0, le=MAX_LINE)] = None,
) -> Json:
    """Give lines of a log; a negative `first` counts from its end.

    With `longer_than` the answer waits until the log has more bytes, has ended, or 15 s passed.
    """
    if longer_than is not None:
        await _grown(here, job_id, log, longer_than)
    await run_in_threadpool(here.service.job, here.caller, here.workspace, job_id)
    page, is_final = await run_in_threadpool(
        here.service.job_logs.page, here.workspace, job_id, log, first, count
    )
    return Json({**vars(page), "is_final": is_final})


@router.get("/jobs/{job_id}/{log}.log/search")
def search(
    here: Here,
    job_id: str,
    log: str,
    q: Annotated[str, Query(max_length=1000, pattern=r"^[^\n]*$")] = "",
    level: Annotated[Literal["error", "warning"] | None, Query()] = None,
    behind: Annotated[int, Query(ge=-1, le=MAX_LINE)] = -1,
    limit: Annotated[int, Query(ge=1, le=MAX_MATCHES)] = 100,
    first: Annotated[int, Query(ge=0, le=MAX_LINE)] = 0,
) -> Json:
    """Find lines of a log that hold a text, in any case of letters, or report something."""
    here.service.job(here.caller, here.workspace, job_id)
    if bool(q) == bool(level):
        message = "give 'q', a text, or 'level', error or warning"
        raise BadInput(message, {"q": message}, parameter=True)
    wanted = Wanted.level(level) if level else Wanted.text(q)
    logs = here.service.job_logs
    return Json(asdict(logs.search(here.workspace, job_id, log, wanted, behind, limit, first)))


async def _grown(here: Scope, job_id: str, log: str, size_bytes: int) -> None:
    deadline = time.monotonic() + HEARTBEAT_S
    while (left := deadline - time.monotonic()) > 0:
        tokens = [here.service.watch(f"{topic}:{job_id}") for topic in ("log", "job")]
        size, is_complete = await run_in_threadpool(
            here.service.log_info, here.caller, here.workspace, job_id, log
        )
        if size > size_bytes or is_complete:
            return
        await here.service.wait_any(tokens, left)


async def _read(here: Scope, job_id: str, log: str, start: int, end: int) -> AsyncIterator[bytes]:
    while start < end:
        data = await run_in_threadpool(
            here.service.read_log, here.workspace, job_id, log, start, min(CHUNK, end - start)
        )
        if not data:
            return
        start += len(data)
        yield data


async def _follow(here: Scope, job_id: str, log: str, start: int) -> AsyncIterator[bytes]:
    while True:
        token = here.service.watch(f"log:{job_id}")
        ended = here.service.watch(f"job:{job_id}")
        size, is_complete = await run_in_threadpool(
            here.service.log_info, here.caller, here.workspace, job_id, log
        )
        async for data in _read(here, job_id, log, start, size):
            start += len(data)
            yield data
        if is_complete:
            return
        if start >= size:
            await here.service.wait_any([token, ended], HEARTBEAT_S)
