"""Processes: list, deploy, describe, replace, undeploy, package, graph."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from eodh_jupyter.ogc import (
    REL_EXECUTE,
    ProcessDescription,
    ProcessList,
    ProcessSummary,
)

from ..domain.process import Process
from ..errors import NotFound
from ..service.form import form
from .body import CWL_TYPES, PACKAGE_TYPES, parse_json, read_package
from .form import access_reasoning, control_options, shown_inputs
from .link import link
from .preference import preferences
from .problem import Json
from .scope import Here, Scope

router = APIRouter()
MAX_LIMIT = 10_000
Workflow = Annotated[str | None, Query(alias="w", description="Which Workflow of the package")]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {}} for media in (*CWL_TYPES, *PACKAGE_TYPES)},
    }
}


@router.get("/processes", responses={200: {"model": ProcessList}})
@router.get("/processes/", include_in_schema=False)
def list_processes(
    here: Here,
    limit: Annotated[int, Query(ge=1)] = 1000,
    after: str = "",
    q: Annotated[str, Query(max_length=1000)] = "",
) -> Json:
    """List the deployed processes; `q` is in the id, the title or a keyword."""
    limit = min(limit, MAX_LIMIT)
    found = here.service.processes(here.caller, here.workspace, limit + 1, after, q)
    links = [link("self", here.url("processes"), "This list")]
    if len(found) > limit:
        place = {"limit": limit, "after": _cursor(found[limit - 1])}
        query = urlencode({**place, **({"q": q} if q else {})})
        links.append(link("next", f"{here.url('processes')}?{query}", "More"))
    ids = [process.process_id for process in found[:limit]]
    with_jobs = here.service.processes_with_jobs(here.workspace, ids)
    summaries = [summary(here, process) for process in found[:limit]]
    for entry in summaries:
        entry.has_jobs = entry.id in with_jobs
    return Json(ProcessList(processes=summaries, links=links).to_json())


@router.post("/processes", responses={201: {"model": ProcessSummary}}, openapi_extra=BODY)
@router.post("/processes/", include_in_schema=False)
async def deploy(here: Here, request: Request, w: Workflow = None) -> Json:
    """Deploy a CWL document or an OGC application package."""
    media, body = await read_package(request)
    if media in PACKAGE_TYPES:
        deployed = await here.service.deployment.deploy_unit(
            here.caller, here.workspace, parse_json(body), w
        )
    else:
        deployed = await here.service.deployment.deploy(here.caller, here.workspace, body, media, w)
    where = here.url("processes", deployed.process_id)
    return Json(_deployed(here, deployed), 201, {"Location": where})


@router.post("/check", openapi_extra=BODY)
async def check(here: Here, request: Request, w: Workflow = None) -> Json:
    """Tell what a package would deploy, and deploy nothing."""
    media, body = await read_package(request)
    who = (here.caller, here.workspace)
    if media in PACKAGE_TYPES:
        read = await here.service.deployment.check_unit(*who, parse_json(body), w)
    else:
        read = await here.service.deployment.check(*who, body, w)
    return Json(
        {
            "process": read.process_id,
            "title": read.title,
            "fields": form(read),
            "outputs": read.outputs,
            "graph": read.graph,
            "warnings": list(read.warnings),
        }
    )


@router.get("/processes/{process_id}", responses={200: {"model": ProcessDescription}})
def describe(here: Here, process_id: str) -> Json:
    """Describe a process with its inputs and outputs."""
    found = here.service.process(here.caller, here.workspace, process_id)
    return Json(description(here, found).to_json())


@router.put("/processes/{process_id}", status_code=204, openapi_extra=BODY)
async def replace(here: Here, request: Request, process_id: str, w: Workflow = None) -> Response:
    """Deploy the next revision of a process.

    The answer has no body (OGC 20-044, replace), unless `Prefer: return=representation` asks
    for that of a deployment, with its warnings.
    """
    media, body = await read_package(request)
    who = (here.caller, here.workspace, process_id)
    if media in PACKAGE_TYPES:
        replaced = await here.service.deployment.replace_unit(*who, parse_json(body), w)
    else:
        replaced = await here.service.deployment.replace(*who, body, media, w)
    headers = {"Location": here.url("processes", process_id)}
    if preferences(request).get("return") != "representation":
        return Response(status_code=204, headers=headers)
    headers["Preference-Applied"] = "return=representation"
    return Json(_deployed(here, replaced), 200, headers)


@router.delete("/processes/{process_id}", status_code=204)
def undeploy(here: Here, process_id: str) -> Response:
    """Take a process away; its jobs stay."""
    here.service.deployment.undeploy(here.caller, here.workspace, process_id)
    return Response(status_code=204)


@router.get("/processes/{process_id}/package")
def package(here: Here, request: Request, process_id: str) -> Response:
    """Give the package as it was deployed, or as JSON where JSON is asked for."""
    found = here.service.process(here.caller, here.workspace, process_id)
    if not found.is_mutable:
        raise NotFound("package", process_id, "a built-in process has none")
    wanted = request.headers.get("accept", "")
    if "json" not in wanted:
        return Response(found.source, media_type=found.media_type)
    document = found.inspection.document["json"]
    if "cwl+json" in wanted:
        return _as_json(document, "application/cwl+json")
    unit = {"value": document, "mediaType": "application/cwl+json"}
    return _as_json({"executionUnit": unit}, "application/ogcapppkg+json")


@router.get("/processes/{process_id}/graph")
def graph(here: Here, process_id: str) -> Json:
    """Give the steps of a process and what passes between them."""
    return Json(here.service.process(here.caller, here.workspace, process_id).inspection.graph)


@router.get("/processes/{process_id}/form")
def get_form(here: Here, process_id: str) -> Json:
    """Give the fields of a form for the inputs of a process."""
    found = here.service.process(here.caller, here.workspace, process_id)
    fields = form(found.inspection)
    return Json({"process": process_id, "revision": found.revision, "fields": fields})


def summary(here: Scope, process: Process) -> ProcessSummary:
    """Give the summary of a process (OGC 18-062r2, processSummary)."""
    return ProcessSummary(**_members(here, process))


def description(here: Scope, process: Process) -> ProcessDescription:
    """Give the description of a process (OGC 18-062r2, process)."""
    members = _members(here, process)
    execution = here.url("processes", process.process_id, "execution")
    return ProcessDescription(
        **{
            **members,
            "links": [*members["links"], link(REL_EXECUTE, execution, "Execute End Point")],
        },
        inputs=shown_inputs(here, process.inspection.inputs),
        outputs=process.inspection.outputs,
        **_warnings(process),
    )


def _deployed(here: Scope, process: Process) -> dict[str, Any]:
    """Give what a deployment answers: the summary, and what the package lacks."""
    return {**summary(here, process).to_json(), **_warnings(process)}


def _warnings(process: Process) -> dict[str, Any]:
    found = list(process.inspection.warnings)
    return {"warnings": found} if found else {}


def _cursor(last: Process) -> str:
    """Give what the next page begins behind; built-in processes stand before all ids."""
    return last.process_id if last.is_mutable else " "


def _members(here: Scope, process: Process) -> dict[str, Any]:
    read = process.inspection
    return {
        "id": process.process_id,
        "title": read.title,
        "description": read.description,
        "version": read.version,
        "mutable": process.is_mutable,
        "job_control_options": control_options(here, process),
        "output_transmission": ["value", "reference"],
        "keywords": list(read.keywords),
        "metadata": list(read.metadata),
        "links": [link("self", here.url("processes", process.process_id), "Process Description")],
        "revision": process.revision,
        "created": process.created,
        "access_reasoning": access_reasoning(here),
    }


def _as_json(value: Any, media_type: str) -> Response:
    return Response(json.dumps(value, default=str), media_type=media_type)
