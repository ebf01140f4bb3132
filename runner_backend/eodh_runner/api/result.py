"""Results: the map, one output, files within, and EODH's collection."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.convertors import PathConvertor, register_url_convertor

from ..errors import BadInput, NotFound
from ..service.result import OutputFile, media_type_of
from .form import Here, Scope


class _AnyPath(PathConvertor):
    """Names of files may hold line breaks, which Starlette's own does not match."""

    regex = "(?s:.*)"


register_url_convertor("names", _AnyPath())
router = APIRouter()
CHUNK = 1 << 20
#: Kinds that a browser shows without running anything.
SHOWN = ("image/png", "image/jpeg", "text/plain", "text/csv", "application/json")


@router.get("/jobs/{job_id}/results")
async def get_results(here: Here, job_id: str) -> Response:
    """Give all results: a map by output, or under the EODH prefixes a STAC Collection."""
    outputs = await run_in_threadpool(here.service.results, here.caller, here.workspace, job_id)
    if here.is_eodh:
        return JSONResponse(await run_in_threadpool(collection, here, job_id, outputs))
    return JSONResponse(results_map(here, job_id, outputs))


@router.get("/jobs/{job_id}/results/{path:names}")
def get_output(here: Here, request: Request, job_id: str, path: str) -> Response:
    """Give one output: the bytes of a file, a plain value, or with `f=listing` its files."""
    names = path.split("/")
    outputs = here.service.results(here.caller, here.workspace, job_id)
    if names[0] not in outputs:
        raise NotFound("output", names[0], f"the job has: {', '.join(outputs) or 'none'}")
    value = outputs[names[0]]
    if request.query_params.get("f") == "listing":
        files = here.service.list_output(here.caller, here.workspace, job_id, names[0])
        return JSONResponse({"files": files})
    if len(names) == 1 and not (isinstance(value, dict) and value.get("class") == "File"):
        return JSONResponse(results_map(here, job_id, {names[0]: value})[names[0]])
    file = here.service.open_output(here.caller, here.workspace, job_id, names)
    return send_file(here, request, file)


def results_map(here: Scope, job_id: str, outputs: dict[str, Any]) -> dict[str, Any]:
    """Give the results map (OGC 18-062r2, results): files by reference, values as they are."""
    return {name: _reference(here, [job_id, name], value) for name, value in outputs.items()}


def _reference(here: Scope, path: list[str], value: Any) -> Any:
    if isinstance(value, list):
        return [_reference(here, [*path, str(i)], item) for i, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    url = here.url("jobs", path[0], "results", *path[1:])
    name = str(value.get("basename", path[-1]))
    if value.get("class") == "File":
        link = {"href": url, "type": media_type_of(name), "title": name}
        return {**link, "length": value["size"]} if "size" in value else link
    if value.get("class") == "Directory":
        listing = here.url("jobs", path[0], "results", path[1]) + "?f=listing"
        return {"href": listing, "type": "application/json", "title": name, "rel": "directory"}
    return {key: _reference(here, [*path, key], item) for key, item in value.items()}


def send_file(here: Scope, request: Request, file: OutputFile) -> Response:
    """Send a file or a range of it; what a browser could run is only downloaded."""
    start, end = byte_range(request.headers.get("range"), file.size_bytes)
    disposition = "inline" if file.media_type.split(";")[0] in SHOWN else "attachment"
    name = re.sub(r"[^\w. -]", "_", file.name, flags=re.ASCII)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "Content-Disposition": f'{disposition}; filename="{name}"',
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    status = 200
    if request.headers.get("range"):
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size_bytes}"

    def chunks() -> Iterator[bytes]:
        position = start
        while position < end:
            data = here.service.read(file.key, position, min(CHUNK, end - position))
            if not data:
                return
            position += len(data)
            yield data

    return StreamingResponse(chunks(), status, headers, file.media_type)


def byte_range(header: str | None, size: int) -> tuple[int, int]:
    """Give start and end (behind the last byte) of a Range header; raises BadInput."""
    if header is None:
        return 0, size
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if found is None or not (found[1] or found[2]):
        raise BadInput(f"the range '{header}' is not one range of bytes")
    if not found[1]:
        return max(0, size - int(found[2])), size
    start = int(found[1])
    end = min(size, int(found[2]) + 1) if found[2] else size
    if start >= size or start >= end:
        raise BadInput(f"the range '{header}' is outside of {size} bytes")
    return start, end


def collection(here: Scope, job_id: str, outputs: dict[str, Any]) -> dict[str, Any]:
    """Give the results as a STAC Collection, as EODH's clients read them."""
    items = [
        {
            "rel": "item",
            "type": "application/geo+json",
            "href": here.url("jobs", job_id, "results", name, *path.split("/")),
        }
        for name, path in _items(here, job_id, outputs)
    ]
    me = here.url("jobs", job_id, "results")
    return {
        "type": "Collection",
        "id": f"col_{job_id}",
        "stac_version": "1.0.0",
        "title": f"Result Collection for Job {job_id}",
        "description": f"Results of job {job_id}",
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [[None, None]]},
        },
        "license": "proprietary",
        "keywords": ["eoepca"],
        "links": [
            {"rel": "root", "type": "application/json", "href": me},
            *items,
            {"rel": "self", "type": "application/json", "href": me},
        ],
    }


def _items(here: Scope, job_id: str, outputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in outputs.items():
        if not (isinstance(value, dict) and value.get("class") == "Directory"):
            continue
        for file in here.service.list_output(here.caller, here.workspace, job_id, name):
            if file["name"].endswith((".json", ".geojson")) and file["size_bytes"] < CHUNK:
                found = here.service.open_output(
                    here.caller, here.workspace, job_id, [name, *file["path"].split("/")]
                )
                try:
                    document = json.loads(here.service.read(found.key, 0))
                except ValueError:
                    continue
                if isinstance(document, dict) and document.get("type") == "Feature":
                    yield name, file["path"]
