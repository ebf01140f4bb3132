"""Landing page, conformance, OpenAPI."""

from __future__ import annotations

from fastapi import APIRouter, Request

from eodh_jupyter.ogc import (
    REL_CONFORMANCE,
    REL_JOBS,
    REL_PROCESSES,
    Conformance,
    LandingPage,
)

from .link import link
from .problem import Json
from .scope import PREFIX, Here

router = APIRouter()
PART1 = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
PART2 = "http://www.opengis.net/spec/ogcapi-processes-2/1.0/conf/"
#: OpenAPI is 3.1 here, so `oas30` is not among them.
CLASSES = [
    *(PART1 + c for c in ("core", "ogc-process-description", "json", "job-list", "dismiss")),
    *(PART2 + c for c in ("deploy-replace-undeploy", "ogcapppkg", "cwl")),
]
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"


@router.get("", include_in_schema=False)
@router.get("/", responses={200: {"model": LandingPage}})
async def landing(here: Here) -> Json:
    """Give the landing page."""
    page = LandingPage(
        title="EODH workflow runner",
        description="Runs CWL application packages: OGC API Processes, Parts 1 and 2",
        links=[
            link("self", here.base + "/", "This page"),
            link("service-desc", here.url("api"), "OpenAPI", OPENAPI),
            link("conformance", here.url("conformance"), "Conformance classes"),
            link(REL_CONFORMANCE, here.url("conformance"), "Conformance classes"),
            link(REL_PROCESSES, here.url("processes"), "Processes"),
            link(REL_JOBS, here.url("jobs"), "Jobs"),
        ],
    )
    return Json(page.to_json())


@router.get("/conformance", responses={200: {"model": Conformance}})
async def conformance() -> Json:
    """Give the conformance classes that hold."""
    return Json(Conformance(conforms_to=CLASSES).to_json())


@router.get("/api", include_in_schema=False)
async def openapi(here: Here, request: Request) -> Json:
    """Give the OpenAPI document, its paths relative to the prefix that was asked."""
    document = request.app.openapi()
    paths = {
        path.removeprefix(PREFIX) or "/": entry
        for path, entry in document["paths"].items()
        if path.startswith(PREFIX)
    }
    answer = {**document, "servers": [{"url": here.base}], "paths": paths}
    return Json(answer, media_type=OPENAPI)
