"""The built-in process `echo`: gives its inputs back.

Its inputs are the ones that OGC's test suite for Part 1 exercises (one of each kind).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..domain.process import Inspection, Process

ID = "echo"

_BBOX = {
    "allOf": [
        {"format": "ogc-bbox"},
        {
            "type": "object",
            "required": ["bbox"],
            "properties": {
                "bbox": {"type": "array", "items": {"type": "number"}},
                "crs": {"type": "string"},
            },
        },
    ]
}
_BINARY = {
    "oneOf": [
        {
            "type": "string",
            "format": "byte",
            "contentEncoding": "base64",
            "contentMediaType": media_type,
        }
        for media_type in ("image/tiff; application=geotiff", "image/jp2")
    ]
}
_SCHEMAS: dict[str, tuple[str, dict[str, Any]]] = {
    "stringInput": ("A text", {"type": "string"}),
    "arrayInput": ("Whole numbers", {"type": "array", "items": {"type": "integer"}}),
    "boundingBoxInput": ("A bounding box", _BBOX),
    "binaryInput": ("An image", _BINARY),
    "mixedInput": ("A text or an object", {"oneOf": [{"type": "string"}, {"type": "object"}]}),
    "pause": ("Seconds to wait", {"type": "integer", "default": 0, "minimum": 0, "maximum": 60}),
}


def _describe(name: str) -> dict[str, Any]:
    title, schema = _SCHEMAS[name]
    return {"title": title, "description": title, "schema": schema}


INSPECTION = Inspection(
    process_id=ID,
    title="Echo input",
    description="Simply echo the value provided as input",
    version="2.0.0",
    keywords=("demo",),
    metadata=({"title": "Demo"},),
    inputs={
        name: {**_describe(name), "minOccurs": 1 if name == "stringInput" else 0, "maxOccurs": 1}
        for name in _SCHEMAS
    },
    outputs={name: _describe(name) for name in _SCHEMAS},
    graph={"nodes": [], "edges": []},
    document={},
)

#: What a search looks in.
SEARCH = "\n".join((ID, INSPECTION.title, *INSPECTION.keywords)).casefold()


def process(workspace: str) -> Process:
    """Give the process as every workspace has it."""
    return Process(
        workspace=workspace,
        process_id=ID,
        revision=1,
        created=datetime(2026, 1, 1, tzinfo=UTC),
        inspection=INSPECTION,
        source=b"",
        is_mutable=False,
    )


def outputs(order: dict[str, Any]) -> dict[str, Any]:
    """Give the inputs back; `pause` is always there."""
    return {"pause": 0, **order}
