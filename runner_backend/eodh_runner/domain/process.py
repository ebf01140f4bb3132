"""A process: an application package as deployed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Inspection:
    """What the engine read from a document."""

    #: Identifier of the chosen Workflow or CommandLineTool, without `#`.
    process_id: str
    title: str
    description: str
    #: `s:softwareVersion`, else `s:version`, else "unknown".
    version: str
    keywords: tuple[str, ...]
    #: `{role, value}` or `{title}` entries of OGC metadata, from the `s:` fields.
    metadata: tuple[dict[str, Any], ...]
    #: Input descriptions by id: `{title, description, schema, minOccurs, maxOccurs}`.
    inputs: dict[str, Any]
    #: Output descriptions by id: `{title, description, schema}`.
    outputs: dict[str, Any]
    #: `{nodes: [{id, label, parent, is_scatter, kind}], edges: [[from, to]]}`.
    graph: dict[str, Any]
    #: Packed document with everything it refers to: JSON, self-contained.
    document: dict[str, Any]
    #: What a validator advises, one line each; never a reason to refuse.
    warnings: tuple[str, ...] = ()
    #: Names of the container images of its tools, as written.
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Process:
    """One revision of a deployed process."""

    workspace: str
    process_id: str
    #: Counted from 1; a replacement makes the next one.
    revision: int
    created: datetime
    inspection: Inspection
    #: The package as it was sent, and its media type.
    source: bytes = field(repr=False)
    media_type: str = "application/cwl+yaml"
    #: False for built-in processes, which cannot be replaced or undeployed.
    is_mutable: bool = True


@dataclass(frozen=True)
class Diagnostic:
    """One finding in a document, with its place."""

    message: str
    #: Counted from 1; None when the place is not known.
    line: int | None = None
    column: int | None = None
    severity: str = "error"
