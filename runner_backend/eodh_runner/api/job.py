"""Jobs: list, status, dismiss, steps, graph, document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from eodh_jupyter.ogc import REL_RESULTS, JobList, Link, StatusCode, StatusInfo, WantedOutput

from ..domain.job import Job, JobStatus, WantedResults
from ..errors import BadInput, NotFound
from .form import shown_progress, shown_status, stored_statuses
from .link import link
from .problem import Json
from .scope import Here, Scope

if TYPE_CHECKING:
    from ..service.standing import Standing

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
    q: Annotated[str, Query(max_length=1000)] = "",
    behind: str | None = None,
) -> Json:
    """List jobs, newest first: those behind a job, or behind a number of jobs (`skip`)."""
    limit = min(limit, MAX_LIMIT)
    filters: dict[str, list[Any]] = {
        "status": _statuses(status),
        "processID": process_id or [],
        "minDuration": [] if min_duration is None else [min_duration],
        "maxDuration": [] if max_duration is None else [max_duration],
        "datetime": [] if time is None else [time],
        "q": [q] if q else [],
    }
    jobs, total = here.service.jobs(
        here.caller,
        here.workspace,
        limit + 1,
        skip,
        stored_statuses(here, _statuses(status)),
        process_id or [],
        min_duration,
        max_duration,
        _interval(time),
        q,
        behind,
    )
    last = jobs[limit - 1].job_id if len(jobs) > limit else None
    jobs = jobs[:limit]
    found = here.service.standings(jobs)
    place = {"skip": skip} if behind is None else {"behind": behind}
    page = JobList(
        jobs=[status_info(here, job, found[job.job_id]) for job in jobs],
        links=_pages(here.url("jobs"), {"limit": limit, **filters}, place, last),
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
    info = status_info(here, job, here.service.standings([job])[job_id])
    info.inputs, info.last_seq = job.inputs, job.last_seq
    info.process_revision = here.service.newest_revision(here.workspace, job.process_id)
    for step in here.service.steps(here.caller, here.workspace, job_id):
        name = f"{step['log']}.log"
        href = here.url("jobs", job_id, name)
        info.links.append(link("related", href, f"Tool log {name}", "text/plain"))
    # Absent would read as not known; null says that the process is undeployed.
    return Json({**info.to_json(), "process_revision": info.process_revision})


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


@router.get("/jobs/{job_id}/package")
def get_package(here: Here, job_id: str) -> Response:
    """Give the document of the revision that a job runs, as it was deployed."""
    ran = here.service.ran(here.caller, here.workspace, job_id)
    if ran is None or not ran.is_mutable:
        raise NotFound("package", job_id, "a built-in process has none")
    return Response(ran.source, media_type=ran.media_type)


def status_info(here: Scope, job: Job, standing: Standing | None = None) -> StatusInfo:
    """Give the status of a job (OGC 18-062r2, statusInfo; the names of 1.0 and 2.0)."""
    me = here.url("jobs", job.job_id)
    links = [link("monitor", me, "Status location"), link("self", me, "This document")]
    if job.status is JobStatus.SUCCESSFUL:
        links.append(link(REL_RESULTS, f"{me}/results", "Result location"))
    links.append(link("up", here.url("jobs"), "The job list"))
    told = {} if standing is None else {**vars(standing), "steps": vars(standing.steps)}
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
        revision=job.revision,
        **told,
        **_wanted(job.wanted),
    )


def _wanted(wanted: WantedResults) -> dict[str, Any]:
    if wanted == WantedResults():
        return {}
    modes = wanted.outputs.items()
    return {
        "outputs": {name: WantedOutput(transmission_mode=mode) for name, mode in modes},
        "response": wanted.response,
    }


def _pages(url: str, query: dict[str, Any], place: dict[str, Any], last: str | None) -> list[Link]:
    """Give links to this page and its neighbours; the next one begins behind the last job."""

    def page(rel: str, where: dict[str, Any]) -> Link:
        return link(rel, f"{url}?{urlencode({**query, **where}, doseq=True)}", "Jobs")

    links = [page("self", place)]
    if skip := place.get("skip"):
        links.append(page("prev", {"skip": max(0, skip - query["limit"])}))
    if last is not None:
        links.append(page("next", {"behind": last}))
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
