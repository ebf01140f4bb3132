"""Results as a STAC Collection with items, the way EODH's clients read them."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..errors import NotFound
from .scope import Scope

if TYPE_CHECKING:
    from ..service.result import OutputFile

#: A larger document is data, not metadata.
MAX_DOCUMENT_BYTES = 1 << 20
#: Items that are read for the extent; beyond, the whole world is given.
MAX_READ = 100
#: A catalogue with more links is left there.
MAX_LINKED = 100_000
WORLD = [-180.0, -90.0, 180.0, 90.0]
JSON_SUFFIXES = (".json", ".geojson")


@dataclass(frozen=True)
class _Place:
    """A file of an output: the names from the output on."""

    names: tuple[str, ...]

    def at(self, href: str) -> _Place | None:
        """Give the place that a relative href means from here; None when it leads outside."""
        try:
            parts = urlsplit(href)
        except ValueError:
            return None
        if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
            return None
        if len(self.names) < 2:
            return None
        output, *folders = self.names[:-1]
        path = posixpath.normpath(posixpath.join(*folders, unquote(parts.path)))
        if path.startswith("..") or path == ".":
            return None
        return _Place((output, *path.split("/")))


def collection(here: Scope, job_id: str, outputs: dict[str, Any]) -> dict[str, Any]:
    """Give the results of a job as one Collection."""
    items = list(_items(here, job_id, outputs))
    me = here.url("jobs", job_id, "results")
    links: list[dict[str, Any]] = [{"rel": "root", "type": "application/json", "href": me}]
    for place in items:
        href = here.url("jobs", job_id, "results", *place.names)
        links.append({"rel": "item", "type": "application/geo+json", "href": href})
    parent = here.url("jobs", job_id)
    links.append({"rel": "self", "type": "application/json", "href": me})
    links.append({"rel": "parent", "type": "application/json", "href": parent})
    return {
        "type": "Collection",
        "id": f"col_{job_id}",
        "stac_version": "1.0.0",
        "title": f"Result Collection for Job {job_id}",
        "description": f"Result Collection for Job {job_id}",
        "extent": _extent(here, job_id, items),
        "license": "proprietary",
        "keywords": ["eoepca"],
        "links": links,
    }


def absolute_item(
    here: Scope, job_id: str, names: list[str], file: OutputFile
) -> dict[str, Any] | None:
    """Give an item with absolute addresses, as clients fetch its assets; None for other files."""
    if not file.name.endswith(JSON_SUFFIXES) or file.size_bytes > MAX_DOCUMENT_BYTES:
        return None
    item = _document(here, file)
    if item.get("type") != "Feature" or "stac_version" not in item:
        return None
    place = _Place(tuple(names))
    entries = [*_dicts(item.get("links")), *_dicts(list((item.get("assets") or {}).values()))]
    for entry in entries:
        if isinstance(entry.get("href"), str) and (target := place.at(entry["href"])):
            entry["href"] = here.url("jobs", job_id, "results", *target.names)
    return item


def _items(here: Scope, job_id: str, outputs: dict[str, Any]) -> Iterator[_Place]:
    for name, value in outputs.items():
        if isinstance(value, dict) and value.get("class") == "Directory":
            catalog = _Place((name, "catalog.json"))
            if _read(here, job_id, catalog):
                yield from _linked(here, job_id, catalog)
            else:
                yield from _found(here, job_id, name)


def _linked(here: Scope, job_id: str, catalog: _Place) -> Iterator[_Place]:
    """Give the items that a catalogue and its children link to, each once."""
    seen, waiting = {catalog}, [catalog]
    while waiting and len(seen) <= MAX_LINKED:
        place = waiting.pop(0)
        for entry in _dicts(_read(here, job_id, place).get("links")):
            target = place.at(str(entry.get("href", "")))
            if target is None or target in seen or entry.get("rel") not in ("item", "child"):
                continue
            seen.add(target)
            if entry["rel"] == "item":
                yield target
            else:
                waiting.append(target)


def _found(here: Scope, job_id: str, output: str) -> Iterator[_Place]:
    """Give the items of a folder without a catalogue."""
    for file in here.service.list_output(here.caller, here.workspace, job_id, output):
        if file["path"].endswith(JSON_SUFFIXES):
            place = _Place((output, *file["path"].split("/")))
            if _read(here, job_id, place).get("type") == "Feature":
                yield place


def _extent(here: Scope, job_id: str, items: list[_Place]) -> dict[str, Any]:
    read = [_read(here, job_id, place) for place in items] if len(items) <= MAX_READ else []
    boxes = [box for item in read if (box := _bbox(item))]
    times = sorted(time for item in read for time in _times(item))
    bbox = WORLD
    if boxes and len(boxes) == len(items):
        west, south, east, north = zip(*boxes, strict=True)
        bbox = [min(west), min(south), max(east), max(north)]
    interval = [times[0], times[-1]] if times else [None, None]
    return {"spatial": {"bbox": [bbox]}, "temporal": {"interval": [interval]}}


def _bbox(item: dict[str, Any]) -> list[float] | None:
    """Give west, south, east and north."""
    box = item.get("bbox")
    if not isinstance(box, list) or len(box) not in (4, 6):
        return None
    if not all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in box):
        return None
    half = len(box) // 2
    return [box[0], box[1], box[half], box[half + 1]]


def _times(item: dict[str, Any]) -> list[str]:
    properties = item.get("properties")
    if not isinstance(properties, dict):
        return []
    found = (properties.get(n) for n in ("datetime", "start_datetime", "end_datetime"))
    return [time for time in found if isinstance(time, str)]


def _read(here: Scope, job_id: str, place: _Place) -> dict[str, Any]:
    """Give a document of the results; empty when it is not there or is none."""
    try:
        file = here.service.open_output(here.caller, here.workspace, job_id, list(place.names))
    except NotFound:
        return {}
    return _document(here, file) if file.size_bytes <= MAX_DOCUMENT_BYTES else {}


def _document(here: Scope, file: OutputFile) -> dict[str, Any]:
    try:
        value = json.loads(here.service.read(file.key, 0, MAX_DOCUMENT_BYTES))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []
