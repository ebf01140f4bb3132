"""Finds files in the outputs of a finished job."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Any

from ..errors import BadInput, NotFound
from ..store import ObjectInfo, Store, key_at
from .place import Stored, place_at

#: Types that matter here and that computers' own tables often lack.
_TYPES = {
    ".tif": "image/tiff; application=geotiff",
    ".tiff": "image/tiff; application=geotiff",
    ".geojson": "application/geo+json",
    ".json": "application/json",
    ".nc": "application/x-netcdf",
    ".parquet": "application/vnd.apache.parquet",
    ".jp2": "image/jp2",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".log": "text/plain",
    ".cwl": "application/cwl+yaml",
}


@dataclass(frozen=True)
class OutputFile:
    """One file of the results."""

    key: str
    name: str
    size_bytes: int
    media_type: str


def link_to(store: Store, file: OutputFile, lives_s: int) -> str:
    """Give an address that reads a file for some time without credentials.

    Raises
    ------
    BadInput
        Where the store has no such addresses.
    """
    link = store.link(file.key, lives_s, ResponseContentType=file.media_type)
    if link is None:
        message = (
            "the results of this runner are files of its computer and have no links; leave "
            "'f=link' away to read them through the runner"
        )
        raise BadInput(message, {"f": message}, parameter=True)
    return link


def media_type_of(name: str) -> str:
    """Give the media type by the name of a file."""
    suffix = "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def find_file(store: Store, outputs: dict[str, Any], path: list[str]) -> OutputFile:
    """Give the file at `path`: output id, list indices or member names, names in folders.

    Raises
    ------
    NotFound
        When nothing is there, or it is not a file.
    """
    value = place_at(outputs, path)
    if isinstance(value, Stored):
        return _file(store, value.key, path[-1])
    if not (isinstance(value, dict) and value.get("class") == "File"):
        raise NotFound("file", "/".join(path))
    return _file(store, key_at(value["location"]), value["basename"])


def list_folder(store: Store, outputs: dict[str, Any], output: str) -> list[dict[str, Any]]:
    """Give the files of one output with their paths below it."""
    return list(_walk(store, place_at(outputs, [output]), ""))


def _walk(store: Store, value: Any, prefix: str) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [row for i, item in enumerate(value) for row in _walk(store, item, f"{prefix}{i}/")]
    if not isinstance(value, dict):
        return []
    if value.get("class") == "File":
        file = _file(store, key_at(value["location"]), value["basename"])
        rows = [{"path": prefix.rstrip("/"), "name": file.name, "size_bytes": file.size_bytes}]
        for other in value.get("secondaryFiles", []):
            rows += _walk(store, other, f"{prefix}{other['basename']}/")
        return rows
    if value.get("class") == "Directory":
        if "listing" in value:
            return [
                row
                for item in value["listing"]
                for row in _walk(store, item, f"{prefix}{item['basename']}/")
            ]
        root = key_at(value["location"])
        return [
            {
                "path": prefix + info.key[len(root) + 1 :],
                "name": info.key.rsplit("/", 1)[-1],
                "size_bytes": info.size_bytes,
            }
            for info in store.list(root, limit=1_000_000)
        ]
    return [row for name, item in value.items() for row in _walk(store, item, f"{prefix}{name}/")]


def _file(store: Store, key: str, name: str) -> OutputFile:
    info: ObjectInfo | None = store.stat(key)
    if info is None:
        raise NotFound("file", name, "it may have been removed from the store")
    return OutputFile(key, name, info.size_bytes, media_type_of(name))
