"""Results at a glance: facts as JSON, a quick look as PNG."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ..service.preview import MAX_SIZE, SIZE
from .browse import relative
from .problem import Json
from .scope import Here

router = APIRouter()
Path = Annotated[str, Query(min_length=1)]


@router.get("/jobs/{job_id}/preview")
def get_preview(here: Here, job_id: str, path: Path) -> Json:
    """Give what a result is, with its beginning or the address of its picture."""
    found = here.service.preview(here.caller, here.workspace, job_id, path.split("/"))
    shown: dict[str, Any] = {"path": path, **found}
    if shown.pop("has_image", False):
        query = quote(path, safe="/", errors="surrogateescape")
        shown["image"] = f"{relative('jobs', job_id, 'preview.png')}?path={query}"
    return Json(shown)


@router.get("/jobs/{job_id}/preview.png")
def get_picture(
    here: Here, job_id: str, path: Path, size: Annotated[int, Query(ge=16, le=MAX_SIZE)] = SIZE
) -> Response:
    """Give the picture of a result."""
    png = here.service.picture(here.caller, here.workspace, job_id, path.split("/"), size)
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=60"})
