"""Jobs: list, status, dismiss, steps, graph."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query

from ..db.database import to_text
from ..domain.job import Job, JobStatus
from ..errors import BadInput
from .form import RESULTS, Here, Scope

router = APIRouter()


@router.get("/jobs")
@router.get("/jobs/", include_in_schema=False)
def list_jobs(
    here: Here,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 10,
    skip: Annotated[int, Query(ge=0, le=2**31)] = 0,
    status: Annotated[list[str] | None, Query()] = None,
    process_id: Annotated[list[str] | None, Query(alias="processID")] = None,
    min_duration: Annotated[float | None, Query(alias="minDuration", ge=0)] = None,
    max_duration: Annotated[float | None, Query(alias="maxDuration", ge=0)] = None,
    time: Annotated[str | None, Query(alias="datetime")] = None,
) -> dict[str, Any]:
    """List jobs, newest first."""
    for wanted in status or ():
        if wanted not in set(JobStatus):
            known = ", ".join(JobStatus)
            raise BadInput(f"status '{wanted}' is not one of {known}", parameter=True)
    found, total = here.service.jobs(
        here.caller,
        here.workspace,
        limit,
        skip,
        status,
        process_id,
        min_duration,
        max_duration,
        _interval(time),
    )
    filters = {
        "status": status or [],
        "processID": process_id or [],
        "minDuration": [min_duration] if min_duration is not None else [],
        "maxDuration": [max_duration] if max_duration is not None else [],
        "datetime": [time] if time else [],
    }

    def page(rel: str, behind: int) -> dict[str, str]:
        query = urlencode({"limit": limit, "skip": behind, **filters}, doseq=True)
        return {"rel": rel, "type": "application/json", "href": f"{here.url('jobs')}?{query}"}

    links = [page("self", skip)]
    if skip:
        links.append(page("prev", max(0, skip - limit)))
    if skip + len(found) < total:
        links.append(page("next", skip + limit))
    return {
        "jobs": [status_info(here, job) for job in found],
        "links": links,
        "numberTotal": total,
        "numberMatched": total,
        "numberReturned": len(found),
        "numMatched": total,
    }


@router.get("/jobs/{job_id}")
def get_job(here: Here, job_id: str) -> dict[str, Any]:
    """Give the status of a job."""
    job = here.service.job(here.caller, here.workspace, job_id)
    info = status_info(here, job)
    info["inputs"] = job.inputs
    for step in here.service.steps(here.caller, here.workspace, job_id):
        name = f"{step['log']}.log"
        href = here.url("jobs", job_id, name)
        title = f"Tool log {name}"
        info["links"].append({"rel": "related", "type": "text/plain", "title": title, "href": href})
    return info


@router.delete("/jobs/{job_id}")
def dismiss(here: Here, job_id: str) -> dict[str, Any]:
    """Dismiss a job that runs, or remove a finished one."""
    job = here.service.dismiss(here.caller, here.workspace, job_id)
    parent = {"rel": "parent", "type": "application/json", "title": "The jobs"}
    info = status_info(here, job)
    return {**info, "status": "dismissed", "links": [{**parent, "href": here.url("jobs")}]}


@router.get("/jobs/{job_id}/steps")
def list_steps(here: Here, job_id: str) -> dict[str, Any]:
    """List the step runs of a job."""
    return {"steps": here.service.steps(here.caller, here.workspace, job_id)}


@router.get("/jobs/{job_id}/graph")
def graph(here: Here, job_id: str) -> dict[str, Any]:
    """Give the graph of the revision that the job runs."""
    return here.service.graph(here.caller, here.workspace, job_id)


def status_info(here: Scope, job: Job, *, is_new: bool = False) -> dict[str, Any]:
    """Give the status of a job (OGC 18-062r2, statusInfo; both names of 1.0 and 2.0)."""
    status = str(job.status)
    if here.is_eodh and job.status is JobStatus.ACCEPTED:
        # EODH's clients loop while the status is `running` and take anything else for an end.
        status = "running"
    me = here.url("jobs", job.job_id)
    info: dict[str, Any] = {
        "id": job.job_id,
        "jobID": job.job_id,
        "type": "process",
        "processID": job.process_id,
        "status": status,
        "message": job.message,
        "created": to_text(job.created),
        "updated": to_text(job.updated),
        "links": [
            {"rel": "monitor", "type": "application/json", "title": "Status location", "href": me}
        ],
    }
    started = job.started or (job.created if here.is_eodh else None)
    if started:
        info["started"] = to_text(started)
    if job.finished:
        info["finished"] = to_text(job.finished)
    if not (here.is_eodh and job.status.is_terminal):
        info["progress"] = job.progress
    if job.failure:
        info["failure"] = job.failure.to_json()
    if job.status is JobStatus.SUCCESSFUL and not is_new:
        href, title = f"{me}/results", "Result location"
        info["links"].append(
            {"rel": RESULTS, "type": "application/json", "title": title, "href": href}
        )
    return info


def _interval(text: str | None) -> tuple[datetime | None, datetime | None]:
    if text is None:
        return None, None
    first, is_interval, last = text.partition("/")
    try:
        start = None if first in ("", "..") else datetime.fromisoformat(first)
        end = start if not is_interval else None
        if is_interval and last not in ("", ".."):
            end = datetime.fromisoformat(last)
    except ValueError as error:
        raise BadInput(f"datetime '{text}' is not RFC 3339", parameter=True) from error
    return start, end
