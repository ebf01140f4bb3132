"""Bounding boxes and geometries as people give them, and as an input's type wants them.

A box may be given as `[west, south, east, north]`, a Feature as its geometry alone; members
that a type asks for and that follow from the rest are added.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def format_of(schema: dict[str, Any]) -> str:
    """Give the format of a schema, which may stand in one of its `allOf`."""
    parts = [schema, *schema.get("allOf", ())]
    return next((str(part["format"]) for part in parts if "format" in part), "")


def fit(value: Any, schema: dict[str, Any]) -> Any:
    """Give a value in the form of its schema; what does not fit is given back as it is.

    Examples
    --------
    >>> fit([1, 2, 3, 4], {"format": "ogc-bbox", "type": "object", "required": ["bbox"]})
    {'bbox': [1, 2, 3, 4]}
    """
    kind = format_of(schema)
    if kind == "ogc-bbox":
        return _bbox(value, schema)
    if kind == "geojson-feature" and isinstance(value, dict) and "coordinates" in value:
        value = {"type": "Feature", "geometry": value}
    if kind.startswith("geojson-") and isinstance(value, dict):
        return _with_needed(value, schema)
    if schema.get("type") == "array" and isinstance(value, list):
        return [fit(item, schema.get("items", {})) for item in value]
    return value


def bounds(value: Any) -> list[float] | None:
    """Give west, south, east and north of GeoJSON; None when it has no position."""
    places = list(_positions(value))
    if not places:
        return None
    xs, ys = zip(*places, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


def _bbox(value: Any, schema: dict[str, Any]) -> Any:
    box = {"bbox": value} if isinstance(value, list) else value
    if not isinstance(box, dict):
        return value
    options = schema.get("properties", {}).get("crs", {}).get("enum", [])
    given = str(box.get("crs", CRS84)).rsplit("/", 1)[-1]
    if given in options:
        return {**box, "crs": given}
    if "crs" in schema.get("required", ()) and "crs" not in box:
        return {**box, "crs": options[0] if options else CRS84}
    return box


def _with_needed(value: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    needed = [name for name in schema.get("required", ()) if name not in value]
    if "bbox" in needed and (box := bounds(value)):
        value = {**value, "bbox": box}
    if "id" in needed:
        value = {**value, "id": "feature"}
    geometry = schema.get("properties", {}).get("geometry", {})
    options = [option for option in geometry.get("oneOf", ()) if isinstance(option, dict)]
    if isinstance(value.get("geometry"), dict) and options:
        value = {**value, "geometry": _fit_geometry(value["geometry"], options)}
    return value


def _fit_geometry(value: dict[str, Any], options: list[dict[str, Any]]) -> dict[str, Any]:
    for option in options:
        if value.get("type") in option.get("properties", {}).get("type", {}).get("enum", ()):
            return _with_needed(value, option)
    return value


def _positions(value: Any) -> Iterator[tuple[float, float]]:
    if isinstance(value, dict):
        for name in ("coordinates", "geometry", "geometries", "features"):
            yield from _positions(value.get(name))
    elif isinstance(value, list):
        numbers = [n for n in value[:2] if isinstance(n, int | float) and not isinstance(n, bool)]
        if len(numbers) == 2:
            yield numbers[0], numbers[1]
        else:
            for item in value:
                yield from _positions(item)
