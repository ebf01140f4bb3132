"""Execute a process: at once with its results, or as a job to be watched."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from eodh_jupyter.ogc import Execute, StatusInfo

from ..domain.job import Job, JobStatus, WantedResults
from ..domain.process import Process
from ..errors import BadInput, NotAvailable
from .body import read_execute
from .form import control_options
from .job import status_info
from .preference import preferences
from .problem import ExecutionFailed, Json
from .result import wanted_results
from .scope import Here, Scope

router = APIRouter()
SYNC_S = 10.0
MAX_KEY = 255
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Execute.model_json_schema()}},
    }
}


@router.post(
    "/processes/{process_id}/execution",
    responses={201: {"model": StatusInfo}},
    openapi_extra=BODY,
)
async def execute(here: Here, request: Request, process_id: str) -> Response:
    """Execute a process; `Prefer: respond-async` answers at once."""
    wanted = await read_execute(request)
    key = request.headers.get("idempotency-key")
    process, job = await run_in_threadpool(_accept, here, process_id, wanted, key)
    preferred = preferences(request)
    if "respond-async" in preferred or "sync-execute" not in control_options(here, process):
        return _accepted(here, job)
    job = await here.service.wait_job(here.caller, job.job_id, _patience_s(preferred))
    if not job.status.is_terminal:
        return _accepted(here, job)
    return await run_in_threadpool(_results, here, job)


def _accept(here: Scope, process_id: str, wanted: Execute, key: str | None) -> tuple[Process, Job]:
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise BadInput(f"the Idempotency-Key must have 1 to {MAX_KEY} characters")
    process = here.service.process(here.caller, here.workspace, process_id)
    asked = WantedResults(
        {name: output.transmission_mode for name, output in wanted.outputs.items()},
        wanted.response,
    )
    who = (here.caller, here.workspace)
    return process, here.service.execute(*who, process_id, wanted.inputs, key, asked)


def _patience_s(preferred: dict[str, str]) -> float:
    wait = preferred.get("wait", "")
    return min(SYNC_S, float(wait)) if wait.isascii() and wait.isdecimal() else SYNC_S


def _accepted(here: Scope, job: Job) -> Response:
    """Give the answer to an execution that goes on."""
    headers = {"Location": here.url("jobs", job.job_id), "Preference-Applied": "respond-async"}
    standing = here.service.standings([job])[job.job_id]
    return Json(status_info(here, job, standing).to_json(), 201, headers)


def _results(here: Scope, job: Job) -> Response:
    """Give the results of an execution that ended in time."""
    if job.status is JobStatus.FAILED:
        raise ExecutionFailed(f"job '{job.job_id}' failed: {job.message}", job.failure)
    if job.status is not JobStatus.SUCCESSFUL:
        raise NotAvailable(f"job '{job.job_id}' was dismissed")
    outputs = here.service.results(here.caller, here.workspace, job.job_id)
    return wanted_results(here, job, outputs)
