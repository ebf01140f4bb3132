"""Bodies of requests: within a limit, of a known type, strict JSON."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from fastapi import Request
from pydantic import ValidationError

from eodh_jupyter.ogc import Execute

from ..errors import BadInput, TooLarge, Unsupported

MAX_BYTES = 10 << 20
PACKAGE_TYPES = ("application/json", "application/ogcapppkg+json")
YAML_TYPES = ("application/x-yaml", "application/yaml", "text/yaml")
CWL_TYPES = ("application/cwl", "application/cwl+yaml", "application/cwl+json")


async def read_package(request: Request) -> tuple[str, bytes]:
    """Give media type and body of a deployment; the type is checked before all else."""
    media = _media(request)
    if media not in (*PACKAGE_TYPES, *CWL_TYPES, *YAML_TYPES):
        raise Unsupported(
            f"the media type '{media or 'none'}' cannot be deployed; send application/cwl+yaml, "
            "application/cwl+json or application/ogcapppkg+json"
        )
    return "application/cwl+yaml" if media in YAML_TYPES else media, await read_body(request)


async def read_execute(request: Request) -> Execute:
    """Give a request to execute a process."""
    media = _media(request)
    if media not in ("", "application/json"):
        raise Unsupported(f"the media type '{media}' cannot be executed; send application/json")
    try:
        return Execute.model_validate(parse_json(await read_body(request)), strict=True)
    except ValidationError as error:
        invalid = {".".join(map(str, e["loc"])): e["msg"] for e in error.errors()}
        detail = "; ".join(f"{name}: {message}" for name, message in invalid.items())
        raise BadInput(detail, invalid) from error


async def read_body(request: Request) -> bytes:
    """Give the body; raises TooLarge before it is read where its length is told."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > MAX_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BYTES >> 20} MiB")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(f"the body is larger than {MAX_BYTES >> 20} MiB")
    return bytes(body)


def parse_json(body: bytes) -> dict[str, Any]:
    """Give the object of a JSON body; numbers that JSON has not are refused."""
    try:
        value = json.loads(body or b"{}", parse_constant=_refuse, parse_float=_finite)
        # Halves of surrogate pairs are no text, and cannot be stored.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadInput(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadInput("the body must be a JSON object")
    return value


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text} is too large")
    return value
