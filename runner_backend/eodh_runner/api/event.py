"""Events as server-sent events: of a job, of the workspace."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from eodh_jupyter.ogc import to_text

from ..domain.event import Event, EventKind
from ..domain.job import JobStatus
from ..errors import NotFound
from .scope import Here, Scope

router = APIRouter()
HEARTBEAT_S = 15.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
PAGE = 500
MAX_CURSOR = 2**53
LastId = Annotated[int | None, Header(alias="last-event-id", ge=0, le=MAX_CURSOR)]
After = Annotated[int | None, Query(ge=0, le=MAX_CURSOR)]


@router.get("/jobs/{job_id}/events")
async def job_events(
    here: Here, job_id: str, after: After = None, last_id: LastId = None
) -> StreamingResponse:
    """Give a job's events from a sequence number on; ends behind the last one."""
    await run_in_threadpool(here.service.job, here.caller, here.workspace, job_id)
    body = _of_job(here, job_id, last_id if last_id is not None else after or 0)
    return StreamingResponse(body, headers=HEADERS, media_type="text/event-stream")


@router.get("/events")
async def workspace_events(
    here: Here, after: After = None, last_id: LastId = None
) -> StreamingResponse:
    """Give the workspace's events from a position on, or from now."""
    position = last_id if last_id is not None else after
    await run_in_threadpool(here.service.processes, here.caller, here.workspace, 1, "")
    if position is None:
        position = await run_in_threadpool(here.service.last_position, here.workspace)
    body = _of_workspace(here, position)
    return StreamingResponse(body, headers=HEADERS, media_type="text/event-stream")


async def _of_job(here: Scope, job_id: str, after: int) -> AsyncIterator[str]:
    yield ": events follow\n\n"
    while True:
        token = here.service.watch(f"job:{job_id}")
        found = await _read(here, job_id, after)
        if not found and await _has_ended(here, job_id):
            # What came between the two reads is still told.
            found = await _read(here, job_id, after)
            if not found:
                return
        for event in found:
            after = event.seq
            yield _text(event, event.seq)
        if _ends(found):
            return
        if not found and not await here.service.wait(token, HEARTBEAT_S):
            yield ": still here\n\n"


async def _read(here: Scope, job_id: str, after: int) -> list[Event]:
    return await run_in_threadpool(here.service.events, here.workspace, job_id, after, PAGE)


async def _has_ended(here: Scope, job_id: str) -> bool:
    try:
        job = await run_in_threadpool(here.service.job, here.caller, here.workspace, job_id)
    except NotFound:  # removed meanwhile
        return True
    return job.status.is_terminal


async def _of_workspace(here: Scope, after: int) -> AsyncIterator[str]:
    yield ": events follow\n\n"
    while True:
        token = here.service.watch(f"workspace:{here.workspace}")
        found = await run_in_threadpool(here.service.workspace_events, here.workspace, after, PAGE)
        for event in found:
            after = event.position
            yield _text(event, event.position)
        if not found and not await here.service.wait(token, HEARTBEAT_S):
            yield ": still here\n\n"


def _ends(found: list[Event]) -> bool:
    """Tell whether the job ended within these events."""
    return any(
        event.kind is EventKind.JOB and JobStatus(event.data["status"]).is_terminal
        for event in found
    )


def _text(event: Event, cursor: int) -> str:
    body: dict[str, Any] = {
        "seq": event.seq,
        "position": event.position,
        "time": to_text(event.time),
        "kind": event.kind,
        "data": event.data,
        "jobID": event.job_id,
    }
    return f"id: {cursor}\nevent: {event.kind}\ndata: {json.dumps(body)}\n\n"
