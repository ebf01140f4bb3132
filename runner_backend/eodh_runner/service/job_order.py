"""From the inputs of a request to the job order of the engine."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ..domain.process import Inspection
from ..errors import BadInput
from ..store import FILE_SCHEME, SCHEME
from .schema import problems
from .spatial import fit

#: pyeodh always sends this input; a process that does not declare it ignores it.
TOLERATED = "workspace"


def make_job_order(
    inspection: Inspection, inputs: dict[str, Any], *, may_read_files: bool
) -> dict[str, Any]:
    """Check the inputs and give the job order.

    Raises
    ------
    BadInput
        With every offending input at once.
    """
    invalid: dict[str, str] = {}
    order: dict[str, Any] = {}
    for name in inputs:
        if name not in inspection.inputs and name != TOLERATED:
            known = ", ".join(inspection.inputs) or "none"
            invalid[name] = f"the process has no such input; it has: {known}"
    for name, described in inspection.inputs.items():
        schema = described["schema"]
        if name not in inputs:
            if described.get("minOccurs", 1) > 0 and "default" not in schema:
                invalid[name] = "is needed"
            continue
        value = fit(_unwrap(inputs[name], schema), schema)
        if value is None and described.get("minOccurs", 1) == 0:
            continue
        if found := list(problems(value, schema)):
            invalid[name] = "; ".join(found[:5])
            continue
        try:
            order[name] = _resolve(copy.deepcopy(value), schema, may_read_files=may_read_files)
        except ValueError as error:
            invalid[name] = str(error)
    if invalid:
        text = "; ".join(f"{name}: {message}" for name, message in invalid.items())
        raise BadInput(f"nothing was launched; {text}", invalid)
    return order


def _unwrap(value: Any, schema: dict[str, Any]) -> Any:
    """Take a qualified value (OGC 18-062r2, inputs) out of its wrapper."""
    is_wrapped = isinstance(value, dict) and "value" in value and "class" not in value
    if is_wrapped and "value" not in schema.get("properties", {}):
        return value["value"]
    if schema.get("type") == "array" and isinstance(value, list):
        return [_unwrap(item, schema.get("items", {})) for item in value]
    return value


def _resolve(value: Any, schema: dict[str, Any], *, may_read_files: bool) -> Any:
    if cwl_class := schema.get("x-cwl-class"):
        return _reference(value, cwl_class, may_read_files=may_read_files)
    if field := schema.get("x-cwl-field"):
        return {field: value}
    if isinstance(value, list):
        items = schema.get("items", {})
        return [_resolve(item, items, may_read_files=may_read_files) for item in value]
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {
            name: _resolve(item, members.get(name, {}), may_read_files=may_read_files)
            for name, item in value.items()
        }
    return value


def _reference(value: Any, cwl_class: str, *, may_read_files: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"location": value} if isinstance(value, str) else dict(value)
    location = entry.pop("href", None) or entry.pop("path", None) or entry.get("location")
    entry = {key: entry[key] for key in _KEPT if key in entry} | {"class": cwl_class}
    if location is None:
        return entry
    entry["location"] = _locate(str(location), cwl_class, may_read_files=may_read_files)
    for member in ("secondaryFiles", "listing"):
        if member in entry:
            entry[member] = [
                _reference(e, str(e.get("class", "File")), may_read_files=may_read_files)
                for e in entry[member]
            ]
    return entry


_KEPT = ("location", "basename", "contents", "listing", "secondaryFiles", "format")


def _locate(location: str, cwl_class: str, *, may_read_files: bool) -> str:
    parts = urlsplit(location)
    if location.startswith("/"):
        path = location
    elif parts.scheme in ("http", "https"):
        if cwl_class == "Directory":
            raise ValueError(f"{location} is a remote folder; give a folder of this computer")
        return location
    elif parts.scheme == "file" and parts.netloc in ("", "localhost"):
        path = unquote(parts.path)
    elif location.startswith(SCHEME):
        raise ValueError("objects of the runner's store cannot be inputs by location")
    else:
        raise ValueError(f"{location} is not an absolute path or an http(s) address")
    if not may_read_files:
        raise ValueError("files of the runner's computer cannot be used here; give an address")
    file = Path(path)
    noun = "folder" if cwl_class == "Directory" else "file"
    if "\0" in path or not file.exists():
        raise ValueError(f"{path} does not exist")
    if file.is_dir() != (cwl_class == "Directory"):
        raise ValueError(f"{path} is not a {noun}")
    return FILE_SCHEME + quote(str(file.resolve()))
