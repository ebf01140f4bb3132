"""Jobs: list, status, dismiss, steps, graph."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query

from eodh_jupyter.ogc import REL_RESULTS, JobList, Link, StatusCode, StatusInfo

from ..domain.job import Job, JobStatus
from ..errors import BadInput
from .form import shown_progress, shown_status, stored_statuses
from .link import link
from .problem import Json
from .scope import Here, Scope

router = APIRouter()
MAX_LIMIT = 10_000


@router.get("/jobs", responses={200: {"model": JobList}})
@router.get("/jobs/", include_in_schema=False)
def list_jobs(
    here: Here,
    limit: Annotated[int, Query(ge=1)] = 10,
    skip: Annotated[int, Query(ge=0, le=2**31)] = 0,
    status: Annotated[list[str] | None, Query()] = None,
    process_id: Annotated[list[str] | None, Query(alias="processID")] = None,
    min_duration: Annotated[float | None, Query(alias="minDuration", ge=0)] = None,
    max_duration: Annotated[float | None, Query(alias="maxDuration", ge=0)] = None,
    time: Annotated[str | None, Query(alias="datetime")] = None,
) -> Json:
    """List jobs, newest first."""
    limit = min(limit, MAX_LIMIT)
    filters: dict[str, list[Any]] = {
        "status": _statuses(status),
        "processID": process_id or [],
        "minDuration": [] if min_duration is None else [min_duration],
        "maxDuration": [] if max_duration is None else [max_duration],
        "datetime": [] if time is None else [time],
    }
    jobs, total = here.service.jobs(
        here.caller,
        here.workspace,
        limit,
        skip,
        stored_statuses(here, _statuses(status)),
        process_id or [],
        min_duration,
        max_duration,
        _interval(time),
    )
    page = JobList(
        jobs=[status_info(here, job) for job in jobs],
        links=_pages(here.url("jobs"), limit, skip, total, filters),
        number_total=total,
        number_matched=total,
        number_returned=len(jobs),
        num_matched=total,
    )
    return Json(page.to_json())


@router.get("/jobs/{job_id}", responses={200: {"model": StatusInfo}})
def get_job(here: Here, job_id: str) -> Json:
    """Give the status of a job, its inputs, and links to the logs of its steps."""
    job = here.service.job(here.caller, here.workspace, job_id)
    info = status_info(here, job)
    info.inputs, info.last_seq = job.inputs, job.last_seq
    for step in here.service.steps(here.caller, here.workspace, job_id):
        name = f"{step['log']}.log"
        href = here.url("jobs", job_id, name)
        info.links.append(link("related", href, f"Tool log {name}", "text/plain"))
    return Json(info.to_json())


@router.delete("/jobs/{job_id}", responses={200: {"model": StatusInfo}})
def dismiss(here: Here, job_id: str) -> Json:
    """Dismiss a job that runs, or remove a finished one."""
    job = here.service.dismiss(here.caller, here.workspace, job_id)
    info = status_info(here, job)
    info.status = StatusCode.DISMISSED
    info.links = [link("parent", here.url("jobs"), "The job list")]
    return Json(info.to_json())


@router.get("/jobs/{job_id}/steps")
def list_steps(here: Here, job_id: str) -> Json:
    """List the step runs of a job."""
    return Json({"steps": here.service.steps(here.caller, here.workspace, job_id)})


@router.get("/jobs/{job_id}/graph")
def get_graph(here: Here, job_id: str) -> Json:
    """Give the graph of the revision that a job runs."""
    return Json(here.service.graph(here.caller, here.workspace, job_id))


def status_info(here: Scope, job: Job) -> StatusInfo:
    """Give the status of a job (OGC 18-062r2, statusInfo; the names of 1.0 and 2.0)."""
    me = here.url("jobs", job.job_id)
    links = [link("monitor", me, "Status location"), link("self", me, "This document")]
    if job.status is JobStatus.SUCCESSFUL:
        links.append(link(REL_RESULTS, f"{me}/results", "Result location"))
    links.append(link("up", here.url("jobs"), "The job list"))
    return StatusInfo(
        id=job.job_id,
        job_id=job.job_id,
        process_id=job.process_id,
        status=shown_status(here, job),
        message=job.message,
        progress=shown_progress(here, job),
        created=job.created,
        # EODH's clients read `started` from the first answer on.
        started=job.started or (job.created if here.is_eodh else None),
        finished=job.finished,
        updated=job.updated,
        links=links,
        failure=job.failure.to_json() if job.failure else None,
    )


def _pages(
    url: str, limit: int, skip: int, total: int, filters: dict[str, list[Any]]
) -> list[Link]:
    def page(rel: str, behind: int) -> Link:
        query = urlencode({"limit": limit, "skip": behind, **filters}, doseq=True)
        return link(rel, f"{url}?{query}", "Jobs")

    links = [page("self", skip)]
    if skip:
        links.append(page("prev", max(0, skip - limit)))
    if skip + limit < total:
        links.append(page("next", skip + limit))
    return links


def _statuses(given: list[str] | None) -> list[str]:
    """Give the states asked for: repeated, or separated by commas."""
    wanted = [name for text in given or () for name in text.split(",")]
    for name in wanted:
        if name not in set(JobStatus):
            known = ", ".join(JobStatus)
            message = f"status '{name}' is not one of {known}"
            raise BadInput(message, {"status": message}, parameter=True)
    return wanted


def _interval(text: str | None) -> tuple[datetime | None, datetime | None]:
    """Give start and end of an RFC 3339 interval; `..` is open."""
    if text is None:
        return None, None
    first, is_interval, last = text.partition("/")
    try:
        start = _instant(first)
        return start, _instant(last) if is_interval else start
    except ValueError as error:
        message = f"datetime '{text}' is not a time or an interval of RFC 3339"
        raise BadInput(message, {"datetime": message}, parameter=True) from error


def _instant(text: str) -> datetime | None:
    if text in ("", ".."):
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
