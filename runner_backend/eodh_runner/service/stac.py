"""STAC documents, told by what they hold."""

from __future__ import annotations

import math
from typing import Any

MAX_LINKS = 200
MAX_TEXT = 1000


def summary(document: Any) -> dict[str, Any] | None:
    """Give type, id, title, bbox, interval, items and links of a STAC document; else None.

    Examples
    --------
    >>> summary({"type": "Catalog", "stac_version": "1.1.0", "id": "c", "links": []})
    {'type': 'Catalog', 'id': 'c', 'items': 0, 'links': []}
    """
    kind = _kind(document)
    if kind is None:
        return None
    properties = _object(document.get("properties"))
    found = {
        "type": kind,
        "id": _text(document.get("id")),
        "title": _text(document.get("title") or properties.get("title")),
        "bbox": _bbox(document, kind),
        "interval": _interval(document, properties),
        "items": _items(document, kind),
        "links": _links(document) if kind != "ItemCollection" else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _kind(document: Any) -> str | None:
    if not isinstance(document, dict):
        return None
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        is_stac = isinstance(features, list) and bool(features) and _kind(features[0]) == "Item"
        return "ItemCollection" if is_stac or "stac_version" in document else None
    if not isinstance(document.get("stac_version"), str):
        return None
    return {"Feature": "Item", "Catalog": "Catalog", "Collection": "Collection"}.get(str(kind))


def _bbox(document: dict[str, Any], kind: str) -> list[float] | None:
    box = document.get("bbox")
    if kind == "Collection":
        boxes = _object(_object(document.get("extent")).get("spatial")).get("bbox")
        box = boxes[0] if isinstance(boxes, list) and boxes else None
    if not isinstance(box, list) or len(box) not in (4, 6) or not all(map(_is_number, box)):
        return None
    return [*box[:2], *box[len(box) // 2 : len(box) // 2 + 2]]


def _interval(document: dict[str, Any], properties: dict[str, Any]) -> list[str | None] | None:
    times: Any = _object(_object(document.get("extent")).get("temporal")).get("interval")
    span = times[0] if isinstance(times, list) and times else None
    if not isinstance(span, list) or len(span) != 2:
        moment = properties.get("datetime")
        span = [
            properties.get("start_datetime") or moment,
            properties.get("end_datetime") or moment,
        ]
    told = [_text(time) for time in span]
    return told if any(told) else None


def _items(document: dict[str, Any], kind: str) -> int | None:
    if kind == "ItemCollection":
        return len(_objects(document.get("features")))
    if kind == "Item":
        return None
    return len([link for link in _objects(document.get("links")) if link.get("rel") == "item"])


def _links(document: dict[str, Any]) -> list[dict[str, str]]:
    wanted = ("rel", "href", "type", "title")
    return [
        {name: text for name in wanted if (text := _text(link.get(name)))}
        for link in _objects(document.get("links"))[:MAX_LINKS]
    ]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value[:MAX_TEXT] if isinstance(value, str) else None


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)
