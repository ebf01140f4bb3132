"""Small files inside the results, where the execution asks for `transmissionMode: value`."""

from __future__ import annotations

import base64
import json
from typing import Any

from .scope import Scope

#: A larger file stays a link.
MAX_BYTES = 1 << 20


def inline(here: Scope, path: list[str]) -> dict[str, Any] | None:
    """Give the qualified value of a file (OGC 18-062r2, qualifiedInputValue); None when too large.

    JSON stands as JSON and UTF-8 as text; anything else is base64, and says so.

    Parameters
    ----------
    path
        Job, output and places within it.
    """
    file = here.service.open_output(here.caller, here.workspace, path[0], path[1:])
    if file.size_bytes > MAX_BYTES:
        return None
    data = here.service.read(file.key, 0, file.size_bytes) if file.size_bytes else b""
    media = file.media_type.split(";")[0].strip()
    try:
        text = data.decode("utf-8")
        if media == "application/json" or media.endswith("+json"):
            return {"value": _json(text), "mediaType": media}
        if media.startswith("text/"):
            return {"value": text, "mediaType": media}
    except ValueError:
        pass
    value = base64.b64encode(data).decode("ascii")
    return {"value": value, "mediaType": media, "encoding": "base64"}


def _json(text: str) -> Any:
    """Read JSON as the standard has it: numbers that are none would not be valid in an answer."""

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)
