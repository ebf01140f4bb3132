"""Execute a process: at once with its results, or as a job to be watched."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from eodh_jupyter.ogc import Execute, StatusInfo

from ..domain.job import Job, JobStatus
from ..domain.process import Process
from ..errors import BadInput, NotAvailable, NotFound
from .body import read_execute
from .form import control_options
from .job import status_info
from .problem import ExecutionFailed, Json
from .result import is_file, results_map, send_file
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
    return await run_in_threadpool(_results, here, job, wanted)


def preferences(request: Request) -> dict[str, str]:
    """Give the preferences of a request by name (RFC 7240).

    Examples
    --------
    >>> preferences(Request({"type": "http", "headers": [(b"prefer", b"respond-async, wait=5")]}))
    {'respond-async': '', 'wait': '5'}
    """
    found = {}
    for part in ",".join(request.headers.getlist("prefer")).split(","):
        name, _, value = part.split(";")[0].partition("=")
        if name.strip():
            found[name.strip().lower()] = value.strip().strip('"')
    return found


def _accept(here: Scope, process_id: str, wanted: Execute, key: str | None) -> tuple[Process, Job]:
    if key is not None and not 0 < len(key) <= MAX_KEY:
        raise BadInput(f"the Idempotency-Key must have 1 to {MAX_KEY} characters")
    process = here.service.process(here.caller, here.workspace, process_id)
    for name in wanted.outputs:
        if name not in process.inspection.outputs:
            known = ", ".join(process.inspection.outputs) or "none"
            raise NotFound("output", name, f"process '{process_id}' has: {known}")
    job = here.service.execute(here.caller, here.workspace, process_id, wanted.inputs, key)
    return process, job


def _patience_s(preferred: dict[str, str]) -> float:
    wait = preferred.get("wait", "")
    return min(SYNC_S, float(wait)) if wait.isascii() and wait.isdecimal() else SYNC_S


def _accepted(here: Scope, job: Job) -> Response:
    """Give the answer to an execution that goes on."""
    headers = {"Location": here.url("jobs", job.job_id), "Preference-Applied": "respond-async"}
    standing = here.service.standings([job])[job.job_id]
    return Json(status_info(here, job, standing).to_json(), 201, headers)


def _results(here: Scope, job: Job, wanted: Execute) -> Response:
    """Give the results of an execution that ended in time."""
    if job.status is JobStatus.FAILED:
        raise ExecutionFailed(f"job '{job.job_id}' failed: {job.message}", job.failure)
    if job.status is not JobStatus.SUCCESSFUL:
        raise NotAvailable(f"job '{job.job_id}' was dismissed")
    outputs = here.service.results(here.caller, here.workspace, job.job_id)
    if wanted.outputs:
        outputs = {name: value for name, value in outputs.items() if name in wanted.outputs}
    if wanted.response == "raw" and len(outputs) == 1:
        return _raw(here, job, *next(iter(outputs.items())))
    by_value = [name for name, how in wanted.outputs.items() if _is_by_value(how)]
    return Json(results_map(here, job.job_id, outputs, by_value))


def _is_by_value(how: Any) -> bool:
    return isinstance(how, dict) and how.get("transmissionMode") == "value"


def _raw(here: Scope, job: Job, name: str, value: Any) -> Response:
    """Give one output as it is: the bytes of a file, a text, or JSON."""
    if is_file(value):
        file = here.service.open_output(here.caller, here.workspace, job.job_id, [name])
        return send_file(here, file)
    if isinstance(value, str):
        return Response(value, media_type="text/plain; charset=utf-8")
    return Json(results_map(here, job.job_id, {name: value})[name])
