"""Landing page and conformance."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from .form import Here
from .process import link

router = APIRouter()
PART1 = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
PART2 = "http://www.opengis.net/spec/ogcapi-processes-2/1.0/conf/"
CLASSES = [
    *(PART1 + c for c in ("core", "ogc-process-description", "json", "job-list", "dismiss")),
    *(PART2 + c for c in ("deploy-replace-undeploy", "ogcapppkg", "cwl")),
]
REL = "http://www.opengis.net/def/rel/ogc/1.0/"


@router.get("/")
def landing(here: Here) -> dict[str, Any]:
    """Give the landing page."""
    return {
        "title": "EODH workflow runner",
        "description": "Runs CWL application packages: OGC API Processes, Parts 1 and 2",
        "links": [
            link("self", here.base + "/", "this page"),
            link(
                "service-desc",
                here.url("api"),
                "OpenAPI",
                "application/vnd.oai.openapi+json;version=3.1",
            ),
            link("conformance", here.url("conformance"), "conformance classes"),
            link(REL + "conformance", here.url("conformance"), "conformance classes"),
            link(REL + "processes", here.url("processes"), "processes"),
            link(REL + "job-list", here.url("jobs"), "jobs"),
        ],
    }


@router.get("/conformance")
def conformance(here: Here) -> dict[str, Any]:
    """Give the conformance classes that hold."""
    return {"conformsTo": CLASSES}
