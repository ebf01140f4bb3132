"""Bounding boxes of what people paste: four numbers, GeoJSON, WKT."""

from __future__ import annotations

import json
import re
from typing import Any

_NUMBER = r"[-+\N{MINUS SIGN}]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_FOUR = re.compile(rf"\s*[\[(]?\s*{_NUMBER}(?:\s*[,;\s]\s*{_NUMBER}){{3}}\s*[\])]?\s*")
_WKT = re.compile(r"\s*(?:SRID=\d+;\s*)?(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)
MAX_CHARACTERS = 1_000_000


def box_of(text: str) -> list[float] | None:
    """Give west, south, east and north of a text that holds a box; None for anything else.

    Examples
    --------
    >>> box_of("-2.9, 53.1, -1.7, 53.8")
    [-2.9, 53.1, -1.7, 53.8]
    >>> box_of("POLYGON ((0 1, 2 1, 2 3, 0 1))")
    [0.0, 1.0, 2.0, 3.0]
    >>> box_of("-2.9") is None
    True
    """
    text = text[:MAX_CHARACTERS]
    if _FOUR.fullmatch(text):
        return _numbers(text)
    if _WKT.match(text):
        pairs = re.findall(rf"({_NUMBER})\s+({_NUMBER})", text.partition("(")[2])
        return _bounds([(_float(x), _float(y)) for x, y in pairs])
    if text.lstrip().startswith("{"):
        try:
            return _bounds(_positions(json.loads(text)))
        except (ValueError, RecursionError):
            return None
    return None


def _positions(value: Any) -> list[tuple[float, float]]:
    if isinstance(value, dict):
        names = ("coordinates", "geometry", "geometries", "features")
        return [place for name in names for place in _positions(value.get(name))]
    if not isinstance(value, list):
        return []
    if len(value) >= 2 and all(isinstance(item, int | float) for item in value[:2]):
        return [(float(value[0]), float(value[1]))]
    return [place for item in value for place in _positions(item)]


def _bounds(places: list[tuple[float, float]]) -> list[float] | None:
    if not places:
        return None
    xs, ys = zip(*places, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


def _numbers(text: str) -> list[float]:
    return [_float(found) for found in re.findall(_NUMBER, text)]


def _float(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))
