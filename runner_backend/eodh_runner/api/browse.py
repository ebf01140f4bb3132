"""Results level by level, for browsers of files."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query

from ..service.browse import MAX_LIMIT, Entry
from .problem import Json
from .scope import Here

router = APIRouter()


@router.get("/jobs/{job_id}/browse")
def browse(
    here: Here,
    job_id: str,
    path: str = "",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 200,
    after: str = "",
) -> Json:
    """Give a page of what stands at a path; the empty path is all outputs."""
    path = path.removesuffix("/")
    names = path.split("/") if path else []
    level = here.service.browse(here.caller, here.workspace, job_id, names, limit, after)
    entries = [_entry(job_id, names, entry) for entry in level.entries]
    page: dict[str, Any] = {"path": path, "entries": entries, "next": level.next}
    return Json(page if level.total is None else {**page, "total": level.total})


def relative(*segments: str) -> str:
    """Give the address of a resource from the runner's base on."""
    return "/".join(quote(name, safe="", errors="surrogateescape") for name in segments)


def _entry(job_id: str, path: list[str], entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": entry.name, "kind": entry.kind}
    if entry.kind == "value":
        return {**shown, "value": entry.value}
    if entry.basename and entry.basename != entry.name:
        shown["basename"] = entry.basename
    if entry.kind == "file":
        shown["size_bytes"] = entry.size_bytes
        shown["media_type"] = entry.media_type
        shown["href"] = relative("jobs", job_id, "results", *path, entry.name)
    return {name: value for name, value in shown.items() if value is not None}
