"""From the inputs of a request to the job order of the engine."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ..domain.process import Inspection
from ..errors import BadInput
from ..store import FILE_SCHEME, SCHEME
from .schema import problems
from .spatial import fit

#: Gives the File behind a location in the store; raises ValueError.
Uploaded = Callable[[str], dict[str, Any]]
#: pyeodh always sends this input; a process that does not declare it ignores it.
TOLERATED = "workspace"


def make_job_order(
    inspection: Inspection,
    inputs: dict[str, Any],
    *,
    may_read_files: bool,
    uploaded: Uploaded | None = None,
) -> dict[str, Any]:
    """Check the inputs and give the job order.

    Parameters
    ----------
    uploaded
        Gives the File of a location in the store, or raises ValueError.

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
            order[name] = _Resolver(may_read_files, uploaded).value(copy.deepcopy(value), schema)
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


@dataclass(frozen=True)
class _Resolver:
    """Makes files and folders of what a caller named, as far as that caller may."""

    may_read_files: bool
    uploaded: Uploaded | None

    def value(self, value: Any, schema: dict[str, Any]) -> Any:
        if cwl_class := schema.get("x-cwl-class"):
            return self._reference(value, cwl_class)
        if field := schema.get("x-cwl-field"):
            return {field: value}
        if isinstance(value, list):
            return [self.value(item, schema.get("items", {})) for item in value]
        if isinstance(value, dict):
            members = schema.get("properties", {})
            return {name: self.value(item, members.get(name, {})) for name, item in value.items()}
        return value

    def _reference(self, value: Any, cwl_class: str) -> dict[str, Any]:
        entry: dict[str, Any] = {"location": value} if isinstance(value, str) else dict(value)
        location = entry.pop("href", None) or entry.pop("path", None) or entry.get("location")
        entry = {key: entry[key] for key in _KEPT if key in entry} | {"class": cwl_class}
        if location is None:
            return entry
        if str(location).startswith(SCHEME):
            entry = {**self._stored(str(location), cwl_class), **entry}
        else:
            location = _locate(str(location), cwl_class, may_read_files=self.may_read_files)
            entry["location"] = location
        for member in ("secondaryFiles", "listing"):
            if member in entry:
                entry[member] = [
                    self._reference(e, str(e.get("class", "File"))) for e in entry[member]
                ]
        return entry

    def _stored(self, location: str, cwl_class: str) -> dict[str, Any]:
        if self.uploaded is None or cwl_class != "File":
            raise ValueError("objects of the runner's store cannot be inputs by location")
        return self.uploaded(location)


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
