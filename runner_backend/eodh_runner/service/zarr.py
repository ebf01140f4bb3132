"""A folder of Zarr at a glance: dimensions and variables from its metadata, no chunk is read."""

from __future__ import annotations

import json
from typing import Any

from ..store import Store

WHOLE_BYTES = 1 << 20
PART_BYTES = 64 << 10
MAX_VARIABLES = 50
#: Entries of a folder among which variables are looked for, where nothing lists them.
MAX_LOOKED_AT = 200
MAX_DIMENSIONS = 32


def describe(store: Store, key: str) -> dict[str, Any] | None:
    """Give format, dimensions and variables of a folder; None when it is no Zarr."""
    if found := _read(store, f"{key}/zarr.json", WHOLE_BYTES):
        return _shown(3, _third(store, key, found))
    if found := _read(store, f"{key}/.zmetadata", WHOLE_BYTES):
        return _shown(2, _second(found.get("metadata")))
    if _read(store, f"{key}/.zarray", PART_BYTES):
        return _shown(2, _second(_parts(store, key, "", "")))
    if _read(store, f"{key}/.zgroup", PART_BYTES):
        metadata: dict[str, Any] = {}
        for name in _folders(store, key):
            metadata |= _parts(store, key, name, f"{name}/")
        return _shown(2, _second(metadata))
    return None


def _third(store: Store, key: str, root: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give metadata of arrays by name, of the third format."""
    if root.get("node_type") == "array":
        return {"": root}
    whole = root.get("consolidated_metadata")
    named = whole.get("metadata") if isinstance(whole, dict) else None
    if not isinstance(named, dict):
        parts = (
            (n, _read(store, f"{key}/{n}/zarr.json", PART_BYTES)) for n in _folders(store, key)
        )
        named = {name: part for name, part in parts if part}
    return {
        str(name): part
        for name, part in named.items()
        if isinstance(part, dict) and part.get("node_type") == "array"
    }


def _second(metadata: Any) -> dict[str, dict[str, Any]]:
    """Give the same of the second format, in the words of the third."""
    if not isinstance(metadata, dict):
        return {}
    found = {}
    for place, array in metadata.items():
        folder, _, last = str(place).rpartition("/")
        if last != ".zarray" or not isinstance(array, dict):
            continue
        attributes = metadata.get(f"{folder}/.zattrs" if folder else ".zattrs")
        names = attributes.get("_ARRAY_DIMENSIONS") if isinstance(attributes, dict) else None
        chunks = {"configuration": {"chunk_shape": array.get("chunks")}}
        found[folder] = {
            "shape": array.get("shape"),
            "data_type": array.get("dtype"),
            "dimension_names": names,
            "chunk_grid": chunks,
        }
    return found


def _parts(store: Store, key: str, name: str, before: str) -> dict[str, Any]:
    folder = f"{key}/{name}" if name else key
    parts = {part: _read(store, f"{folder}/{part}", PART_BYTES) for part in (".zarray", ".zattrs")}
    return {before + part: found for part, found in parts.items() if found}


def _shown(zarr_format: int, arrays: dict[str, dict[str, Any]]) -> dict[str, Any]:
    variables: list[dict[str, Any]] = []
    dimensions: dict[str, int] = {}
    for name, array in sorted(arrays.items())[:MAX_VARIABLES]:
        shape = _numbers(array.get("shape"))
        if shape is None:
            continue
        names = array.get("dimension_names")
        if not isinstance(names, list) or len(names) != len(shape):
            names = [None] * len(shape)
        named = [f"dim_{at}" if one is None else str(one)[:100] for at, one in enumerate(names)]
        if name.count("/") == 0:
            dimensions |= dict(zip(named, shape, strict=True))
        grid = array.get("chunk_grid")
        inner = grid.get("configuration") if isinstance(grid, dict) else None
        chunks = _numbers(inner.get("chunk_shape")) if isinstance(inner, dict) else None
        variables.append(
            {
                "name": name[:200],
                "dimensions": named,
                "shape": shape,
                "dtype": _type(array.get("data_type")),
                "chunks": chunks,
            }
        )
    is_cut = len(arrays) > MAX_VARIABLES or len(dimensions) > MAX_DIMENSIONS
    few = dict(list(dimensions.items())[:MAX_DIMENSIONS])
    facts = {"format": zarr_format, "dimensions": few, "variables": variables, "is_cut": is_cut}
    return {"kind": "zarr", "media_type": "application/vnd.zarr", "zarr": facts}


def _type(value: Any) -> str:
    named = value.get("name", "") if isinstance(value, dict) else value
    return str(named)[:60]


def _numbers(value: Any) -> list[int] | None:
    """Give sizes along dimensions; None for what is none."""
    if not isinstance(value, list) or len(value) > MAX_DIMENSIONS:
        return None
    is_sound = all(type(one) is int and 0 <= one < 2**63 for one in value)
    return value if is_sound else None


def _folders(store: Store, key: str) -> list[str]:
    found = store.children(key, "", MAX_LOOKED_AT)
    return [child.name for child in found if child.is_folder][:MAX_VARIABLES]


def _read(store: Store, key: str, limit: int) -> dict[str, Any]:
    """Give the object of a small JSON file; empty when there is none."""
    info = store.stat(key)
    if info is None or info.size_bytes > limit:
        return {}
    try:
        found = json.loads(store.read(key, 0, limit))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
