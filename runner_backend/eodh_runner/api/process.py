"""Processes: list, deploy, describe, replace, undeploy, package, graph, execution."""

from __future__ import annotations

import json
from typing import Annotated, Any

import yaml
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from ..domain.job import Job
from ..domain.process import Process
from ..errors import BadInput, NotFound, Unsupported
from ..service.package import CWL_TYPES
from .form import EXECUTE, Here, Scope
from .job import status_info
from .result import results_map

router = APIRouter()
JSON_TYPES = ("application/json", "application/ogcapppkg+json")
MAX_BODY_BYTES = 10 << 20
SYNC_S = 10.0
Workflow = Annotated[str | None, Query(alias="w")]


@router.get("/processes")
@router.get("/processes/", include_in_schema=False)
def list_processes(
    here: Here, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000, after: str = ""
) -> dict[str, Any]:
    """List the deployed processes."""
    found = here.service.processes(here.caller, here.workspace, limit + 1, after)
    links = [link("self", here.url("processes"), "this list")]
    if len(found) > limit:
        behind = found[limit - 1].process_id if limit > 1 else ""
        links.append(link("next", here.url("processes") + f"?limit={limit}&after={behind}", "more"))
    return {"processes": [summary(here, p) for p in found[:limit]], "links": links}


@router.post("/processes", status_code=201)
@router.post("/processes/", status_code=201, include_in_schema=False)
async def deploy(here: Here, request: Request, w: Workflow = None) -> Response:
    """Deploy a CWL document or an OGC application package."""
    media, body = await read_package(request)
    if media in JSON_TYPES:
        deployed = await here.service.deploy_unit(here.caller, here.workspace, parse_json(body), w)
    else:
        deployed = await here.service.deploy(here.caller, here.workspace, body, media, w)
    where = here.url("processes", deployed.process_id)
    return JSONResponse(summary(here, deployed), 201, {"Location": where})


@router.get("/processes/{process_id}")
def describe(here: Here, process_id: str) -> dict[str, Any]:
    """Describe a process with its inputs and outputs."""
    return description(here, here.service.process(here.caller, here.workspace, process_id))


@router.put("/processes/{process_id}", status_code=204)
async def replace(here: Here, request: Request, process_id: str, w: Workflow = None) -> Response:
    """Deploy the next revision of a process."""
    media, body = await read_package(request)
    if media in JSON_TYPES:
        await here.service.replace_unit(
            here.caller, here.workspace, process_id, parse_json(body), w
        )
    else:
        await here.service.replace(here.caller, here.workspace, process_id, body, media, w)
    return Response(status_code=204, headers={"Location": here.url("processes", process_id)})


@router.delete("/processes/{process_id}", status_code=204)
def undeploy(here: Here, process_id: str) -> Response:
    """Take a process away; its jobs stay."""
    here.service.undeploy(here.caller, here.workspace, process_id)
    return Response(status_code=204)


@router.get("/processes/{process_id}/package")
def package(here: Here, request: Request, process_id: str) -> Response:
    """Give the package as it was deployed."""
    found = here.service.process(here.caller, here.workspace, process_id)
    if not found.is_mutable:
        raise NotFound("package", process_id, "a built-in process has none")
    wanted = request.headers.get("accept", "")
    if "json" not in wanted:
        return Response(found.source, media_type="application/cwl+yaml")
    document = yaml.safe_load(found.inspection.document["text"])
    if "cwl" in wanted:
        return Response(json.dumps(document, default=str), media_type="application/cwl+json")
    unit = {"value": document, "mediaType": "application/cwl+json"}
    body = json.dumps({"executionUnit": unit}, default=str)
    return Response(body, media_type="application/ogcapppkg+json")


@router.get("/processes/{process_id}/graph")
def graph(here: Here, process_id: str) -> dict[str, Any]:
    """Give the steps of a process and what passes between them."""
    found = here.service.process(here.caller, here.workspace, process_id)
    return found.inspection.graph


@router.post("/processes/{process_id}/execution", status_code=201)
async def execute(here: Here, request: Request, process_id: str) -> Response:
    """Execute a process; `Prefer: respond-async` answers at once."""
    body = parse_json(await read_body(request))
    inputs = body.get("inputs", {})
    if not isinstance(inputs, dict):
        raise BadInput("inputs must be an object", {"inputs": "must be an object"})
    accepted = await run_in_threadpool(
        here.service.execute,
        here.caller,
        here.workspace,
        process_id,
        inputs,
        request.headers.get("idempotency-key"),
    )
    if "respond-async" in request.headers.get("prefer", "") or here.is_eodh:
        return accepted_answer(here, accepted)
    ended = await here.service.wait_job(here.caller, accepted.job_id, SYNC_S)
    if not ended.status.is_terminal:
        return accepted_answer(here, ended)
    outputs = await run_in_threadpool(
        here.service.results, here.caller, here.workspace, ended.job_id
    )
    return sync_answer(here, ended, outputs, body)


def accepted_answer(here: Scope, job: Job) -> Response:
    """Give the answer to an execution that goes on."""
    headers = {"Location": here.url("jobs", job.job_id), "Preference-Applied": "respond-async"}
    return JSONResponse(status_info(here, job, is_new=True), 201, headers)


def sync_answer(here: Scope, job: Job, outputs: dict[str, Any], body: dict[str, Any]) -> Response:
    """Give the results of an execution that ended in time."""
    wanted = body.get("outputs") or {}
    mapped = results_map(here, job.job_id, outputs)
    if wanted:
        mapped = {name: value for name, value in mapped.items() if name in wanted}
    if body.get("response") == "raw" and len(mapped) == 1:
        value = next(iter(mapped.values()))
        if isinstance(value, str):
            return Response(value, media_type="text/plain; charset=utf-8")
    return JSONResponse(mapped)


def summary(here: Scope, process: Process) -> dict[str, Any]:
    """Give the summary of a process (OGC 18-062r2, processSummary)."""
    read = process.inspection
    described = {
        "id": process.process_id,
        "title": read.title,
        "description": read.description,
        "mutable": process.is_mutable,
        "version": read.version,
        "keywords": list(read.keywords),
        "metadata": list(read.metadata),
        "outputTransmission": ["value", "reference"],
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "links": [link("self", here.url("processes", process.process_id), "Process Description")],
    }
    if here.is_eodh:
        if process.is_mutable:
            described["jobControlOptions"] = ["async-execute", "dismiss"]
        described["AccessReasoning"] = "Workspace owns this workflow"
    return described


def description(here: Scope, process: Process) -> dict[str, Any]:
    """Give the description of a process (OGC 18-062r2, process)."""
    described = summary(here, process)
    execution = here.url("processes", process.process_id, "execution")
    described["links"] = [*described["links"], link(EXECUTE, execution, "Execute End Point")]
    described["inputs"] = process.inspection.inputs
    described["outputs"] = process.inspection.outputs
    described["revision"] = process.revision
    return described


def link(rel: str, href: str, title: str, type_: str = "application/json") -> dict[str, str]:
    """Give a link."""
    return {"rel": rel, "type": type_, "title": title, "href": href}


async def read_package(request: Request) -> tuple[str, bytes]:
    """Give media type and body of a deployment; the type is checked before all else."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media not in (*JSON_TYPES, *CWL_TYPES):
        raise Unsupported(
            f"the media type '{media or 'none'}' cannot be deployed; send application/cwl+yaml, "
            "application/cwl+json or application/ogcapppkg+json"
        )
    return media, await read_body(request)


async def read_body(request: Request) -> bytes:
    """Give the body, within the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise BadInput(f"the body is larger than {MAX_BODY_BYTES >> 20} MiB")
    return bytes(body)


def parse_json(body: bytes) -> dict[str, Any]:
    """Give the object of a JSON body."""
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadInput("the body must be a JSON object")
    return value
