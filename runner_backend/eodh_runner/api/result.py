"""Results: the map, one output, files within."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from starlette.convertors import PathConvertor, register_url_convertor

from ..errors import NotFound
from ..service.result import media_type_of
from .collection import absolute_item, collection
from .problem import BadRange, Json
from .scope import Here, Scope
from .value import inline

if TYPE_CHECKING:
    from ..domain.job import Job
    from ..service.result import OutputFile


class _AnyPath(PathConvertor):
    """Names of files may hold line breaks, which Starlette's own does not match."""

    regex = "(?s:.*)"


register_url_convertor("names", _AnyPath())
router = APIRouter()
CHUNK = 1 << 20
#: Life of a link into the store.
LINK_S = 3600
#: Kinds that a browser shows without running anything.
SHOWN = ("image/png", "image/jpeg", "text/plain", "text/csv", "application/json")


@router.get("/jobs/{job_id}/results")
@router.get("/jobs/{job_id}/results/", include_in_schema=False)
def get_results(here: Here, job_id: str, f: str | None = None) -> Response:
    """Give the results as the execution asked for them, or under the EODH prefixes a Collection.

    With `f=links` all outputs, files by reference, whatever the execution asked for.
    """
    outputs = here.service.results(here.caller, here.workspace, job_id)
    if here.is_eodh:
        return Json(collection(here, job_id, outputs))
    if f == "links":
        return Json(results_map(here, job_id, outputs))
    job = here.service.job(here.caller, here.workspace, job_id)
    return wanted_results(here, job, outputs)


@router.head("/jobs/{job_id}/results/{path:names}", include_in_schema=False)
@router.get("/jobs/{job_id}/results/{path:names}")
def get_output(
    here: Here, request: Request, job_id: str, path: str, f: str | None = None
) -> Response:
    """Give one output: the bytes of a file, or a plain value.

    With `f=listing` its files; with `f=link` an address of the store that reads a file for
    an hour without credentials, for tools that open files by themselves.
    """
    names = path.split("/")
    outputs = here.service.results(here.caller, here.workspace, job_id)
    if names[0] not in outputs:
        raise NotFound("output", names[0], f"the job has: {', '.join(outputs) or 'none'}")
    if f == "listing":
        return Json({"files": _listing(here, job_id, names)})
    value = outputs[names[0]]
    if len(names) == 1 and not is_file(value):
        return Json(results_map(here, job_id, {names[0]: value})[names[0]])
    file = here.service.open_output(here.caller, here.workspace, job_id, names)
    if f == "link":
        return Json({"href": here.service.link_output(file, LINK_S), "expires_s": LINK_S})
    if here.is_eodh and (item := absolute_item(here, job_id, names, file)) is not None:
        return Json(item, media_type="application/geo+json")
    is_head = request.method == "HEAD"
    return send_file(here, file, request.headers.get("range"), is_head=is_head)


def wanted_results(here: Scope, job: Job, outputs: dict[str, Any]) -> Response:
    """Give the outputs that an execution asked for, in the way that it asked for."""
    chosen = job.wanted.of(outputs)
    if job.wanted.response == "raw" and len(chosen) == 1:
        return _raw(here, job.job_id, *next(iter(chosen.items())))
    return Json(results_map(here, job.job_id, chosen, job.wanted.by_value))


def results_map(
    here: Scope, job_id: str, outputs: dict[str, Any], by_value: Collection[str] = ()
) -> dict[str, Any]:
    """Give the results map (OGC 18-062r2, results): files by reference, values as they are.

    Parameters
    ----------
    by_value
        Outputs whose small files stand inside the map.
    """
    return {
        name: _shown(here, [job_id, name], value, is_inline=name in by_value)
        for name, value in outputs.items()
    }


def is_file(value: Any) -> bool:
    """Tell whether a value of an output object is a file."""
    return isinstance(value, dict) and value.get("class") == "File"


def send_file(
    here: Scope, file: OutputFile, range_header: str | None = None, *, is_head: bool = False
) -> Response:
    """Send a file or a range of it; what a browser could run is only downloaded."""
    wanted = byte_range(range_header, file.size_bytes)
    start, end = wanted or (0, file.size_bytes)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start),
        "Content-Disposition": _disposition(file),
        "Content-Security-Policy": "sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size_bytes}"
    status = 206 if wanted else 200
    if is_head:
        return Response(None, status, headers, file.media_type)
    return StreamingResponse(_chunks(here, file, start, end), status, headers, file.media_type)


def byte_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """Give start and end (behind the last byte) of a Range header.

    None means the whole: what is not one range of bytes is left aside (RFC 9110, 14.2).

    Raises
    ------
    BadRange
        When the range begins behind the end.

    Examples
    --------
    >>> byte_range("bytes=2-", 10), byte_range("bytes=-3", 10), byte_range("lines=1-2", 10)
    ((2, 10), (7, 10), None)
    """
    found = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", (header or "").strip())
    if header is None or found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(0, size_bytes - int(found[2])), size_bytes
    else:
        start = int(found[1])
        end = min(size_bytes, int(found[2]) + 1) if found[2] else size_bytes
        if found[2] and int(found[2]) < start:
            return None
    if start >= end:
        raise BadRange(header, size_bytes)
    return start, end


def _shown(here: Scope, path: list[str], value: Any, *, is_inline: bool) -> Any:
    if isinstance(value, list):
        parts = enumerate(value)
        return [_shown(here, [*path, str(i)], item, is_inline=is_inline) for i, item in parts]
    if not isinstance(value, dict):
        return value
    if is_inline and is_file(value) and (found := inline(here, path)) is not None:
        return found
    url = here.url("jobs", path[0], "results", *path[1:])
    name = str(value.get("basename", path[-1]))
    if is_file(value):
        link = {"href": url, "type": media_type_of(name), "title": name}
        return {**link, "length": value["size"]} if "size" in value else link
    if value.get("class") == "Directory":
        listing = f"{url}?f=listing"
        return {"href": listing, "type": "application/json", "title": name, "rel": "directory"}
    members = value.items()
    return {k: _shown(here, [*path, k], item, is_inline=is_inline) for k, item in members}


def _raw(here: Scope, job_id: str, name: str, value: Any) -> Response:
    """Give one output as it is: the bytes of a file, a text, or JSON."""
    if is_file(value):
        file = here.service.open_output(here.caller, here.workspace, job_id, [name])
        return send_file(here, file)
    if isinstance(value, str):
        return Response(value, media_type="text/plain; charset=utf-8")
    return Json(results_map(here, job_id, {name: value})[name])


def _listing(here: Scope, job_id: str, names: list[str]) -> list[dict[str, Any]]:
    """Give the files below a place in an output, with their paths from there."""
    files = here.service.list_output(here.caller, here.workspace, job_id, names[0])
    if len(names) == 1:
        return files
    before = "/".join(names[1:]) + "/"
    return [
        {**file, "path": file["path"].removeprefix(before)}
        for file in files
        if file["path"].startswith(before)
    ]


def _disposition(file: OutputFile) -> str:
    kind = "inline" if file.media_type.split(";")[0] in SHOWN else "attachment"
    name = re.sub(r"[^\w. -]", "_", file.name, flags=re.ASCII)
    if name == file.name:
        return f'{kind}; filename="{name}"'
    whole = quote(file.name, safe="", errors="surrogateescape")
    return f"{kind}; filename=\"{name}\"; filename*=UTF-8''{whole}"


def _chunks(here: Scope, file: OutputFile, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        data = here.service.read(file.key, start, min(CHUNK, end - start))
        if not data:
            return
        start += len(data)
        yield data
