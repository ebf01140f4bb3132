"""Files that callers bring, for inputs that are no addresses."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from ..errors import BadInput, NotFound
from ..service.upload import Upload
from .problem import Json
from .scope import Here

router = APIRouter()


@router.put("/inputs/{sha256}/{name:names}", status_code=201)
async def put_input(here: Here, request: Request, sha256: str, name: str) -> Json:
    """Take a file by its content; 200 when it was there."""
    told = request.headers.get("content-length", "")
    size = int(told) if told.isascii() and told.isdecimal() and len(told) < 19 else None
    try:
        taken = await here.service.upload(
            here.caller, here.workspace, sha256, name, request.stream(), size
        )
    except ClientDisconnect as error:
        raise BadInput("the file broke off; send it again") from error
    return Json(_shown(taken), 201 if taken.is_new else 200)


@router.head("/inputs/{sha256}/{name:names}")
def head_input(here: Here, sha256: str, name: str) -> Response:
    """Tell whether a file is there; `Location` is what `execute` takes."""
    found = here.service.find_upload(here.caller, here.workspace, sha256, name)
    if found is None:
        raise NotFound("input", name, "upload it")
    return Response(headers={"Location": found.location})


def _shown(upload: Upload) -> dict[str, Any]:
    return {"href": upload.location, "name": upload.name, "size_bytes": upload.size_bytes}
