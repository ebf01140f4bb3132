"""Places in the outputs of a job: output id, list indices or member names, names in folders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..errors import NotFound
from ..store import key_at


@dataclass(frozen=True)
class Stored:
    """A place inside a folder of the store: a file, a folder, or nothing."""

    key: str


def place_at(outputs: dict[str, Any], path: list[str]) -> Any:
    """Give what is at a path: a value of the output object, or a place in a stored folder.

    Raises
    ------
    NotFound
        When nothing is there.
    """
    if path[0] not in outputs:
        raise NotFound("output", path[0], f"the job has: {', '.join(outputs) or 'none'}")
    value = outputs[path[0]]
    for depth, name in enumerate(path[1:], 1):
        if isinstance(value, list):
            value = _item(value, name, path)
        elif not isinstance(value, dict):
            raise NotFound("file", "/".join(path))
        elif value.get("class") == "Directory" and "listing" not in value:
            return _inside(value, path, depth)
        elif value.get("class") == "Directory":
            value = _named(value["listing"], name, path)
        elif value.get("class") == "File":
            value = _named(value.get("secondaryFiles", []), name, path)
        elif name in value:
            value = value[name]
        else:
            raise NotFound("file", "/".join(path))
    return value


def _item(value: list[Any], name: str, path: list[str]) -> Any:
    if name.isascii() and name.isdigit() and len(name) < 10 and int(name) < len(value):
        return value[int(name)]
    raise NotFound("file", "/".join(path))


def _inside(folder: dict[str, Any], path: list[str], depth: int) -> Stored:
    below = "/".join(quote(name, safe="", errors="surrogateescape") for name in path[depth:])
    try:
        return Stored(key_at(f"{folder['location'].rstrip('/')}/{below}"))
    except ValueError as error:
        raise NotFound("file", "/".join(path)) from error


def _named(entries: list[dict[str, Any]], name: str, path: list[str]) -> dict[str, Any]:
    for entry in entries:
        if entry.get("basename") == name:
            return entry
    raise NotFound("file", "/".join(path))
