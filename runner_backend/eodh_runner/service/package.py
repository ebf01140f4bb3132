"""From what was sent for deployment to the bytes of a CWL document."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from ..errors import BadDocument, BadInput, Unsupported
from ..staging.fetch import FetchRefused

CWL_TYPES = ("application/cwl", "application/cwl+yaml", "application/cwl+json")

#: Gives the bytes behind an address; raises FetchRefused.
Fetch = Callable[[str], Awaitable[bytes]]


async def open_package(package: dict[str, Any], fetch: Fetch) -> tuple[bytes, str]:
    """Give the document of an OGC application package, and its media type.

    Raises
    ------
    BadInput
        When there is no execution unit, or more than one.
    Unsupported
        When the unit is not CWL.
    """
    unit = package.get("executionUnit")
    if isinstance(unit, list):
        if len(unit) != 1:
            raise BadInput("executionUnit must hold exactly one unit", {"executionUnit": "one"})
        unit = unit[0]
    if not isinstance(unit, dict):
        if "cwlVersion" in package:
            return json.dumps(package).encode(), "application/cwl+json"
        raise BadInput(
            "the package has no executionUnit; send {'executionUnit': {'href': ...}}, or the "
            "CWL itself as application/cwl+yaml",
            {"executionUnit": "is needed"},
        )
    if "image" in unit or unit.get("type") == "docker":
        raise Unsupported("a bare container image cannot be deployed; wrap it in a CWL tool")
    media = str(unit.get("mediaType") or unit.get("type") or CWL_TYPES[0]).split(";")[0].strip()
    if media not in (*CWL_TYPES, "application/json", "application/x-yaml", "text/yaml"):
        raise Unsupported(f"an execution unit of type '{media}' cannot be deployed; send CWL")
    if href := unit.get("href"):
        try:
            return await fetch(str(href)), "application/cwl+yaml"
        except FetchRefused as error:
            raise BadDocument(f"the package cannot be fetched: {error}") from error
    value = unit.get("value")
    if isinstance(value, dict):
        return json.dumps(value).encode(), "application/cwl+json"
    if isinstance(value, str):
        is_encoded = unit.get("encoding") == "base64"
        return base64.b64decode(value) if is_encoded else value.encode(), "application/cwl+yaml"
    raise BadInput("executionUnit needs an href or a value", {"executionUnit": "href or value"})
