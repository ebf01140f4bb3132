"""What the words beside an input tell of it: unit, range, and what a plain text means.

Packages of EODH describe areas and dates as plain texts and ranges in words. Nothing here
refuses a value: a range read from words guides a form, a suggestion offers a map or a
calendar beside the text.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

#: Longer words are not read to their end.
MAX_CHARACTERS = 2000
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_RANGES = (
    re.compile(rf"\bbetween {_NUMBER} and {_NUMBER}(?![\w.]*\d)", re.IGNORECASE),
    re.compile(rf"\bfrom {_NUMBER} to {_NUMBER}(?![\w.]*\d)", re.IGNORECASE),
    re.compile(rf"[(\[]\s*{_NUMBER}\s*(?:-|–|to|\.\.|,)\s*{_NUMBER}\s*%?\s*[)\]]", re.IGNORECASE),
)
#: Word or sign, and the unit as shown.
_UNITS = {
    "%": "%",
    "percent": "%",
    "percentage": "%",
    "m": "m",
    "metres": "m",
    "meters": "m",
    "km": "km",
    "kilometres": "km",
    "kilometers": "km",
    "°": "°",
    "deg": "°",
    "degrees": "°",
    "px": "px",
    "pixels": "px",
    "s": "s",
    "seconds": "s",
    "min": "min",
    "minutes": "min",
    "h": "h",
    "hours": "h",
    "days": "days",
    "months": "months",
    "years": "years",
    "mb": "MB",
    "gb": "GB",
    "mib": "MiB",
    "gib": "GiB",
    "db": "dB",
    "k": "K",
    "kelvin": "K",
    "°c": "°C",
    "hpa": "hPa",
    "ha": "ha",
    "hectares": "ha",
}
_IN_BRACKETS = re.compile(r"[(\[]\s*(?:in\s+)?([%°A-Za-z]+)\s*[)\]]")
_IN_WORDS = re.compile(r"\b(?:in|number of|how many)\s+([a-z]{4,})\b", re.IGNORECASE)
_PERCENT = re.compile(r"\bpercent(?:age)?\b|\d\s*%", re.IGNORECASE)
_MEANINGS = (
    (
        "bbox",
        re.compile(r"\bbounding[ _-]?box|\bbbox\b|\bwest, ?south, ?east, ?north\b", re.IGNORECASE),
    ),
    (
        "geometry",
        re.compile(
            r"\bgeo-?json\b(?! file)|\bwkt\b|\bpolygons?\b|\bareas? of interest\b|^aoi\b",
            re.IGNORECASE | re.MULTILINE,
        ),
    ),
    ("interval", re.compile(r"\b(?:date|time|datetime)[ _-]?(?:range|interval)\b", re.IGNORECASE)),
    (
        "date",
        re.compile(
            r"\b(?:start|end|begin|from|to|target|acquisition)[ _-]?(?:date(?:time)?|time)\b"
            r"|\bdate(?:time)?[ _-](?:start|end|from|to)\b|\biso ?8601\b|\byyyy-mm-dd\b",
            re.IGNORECASE,
        ),
    ),
)


def range_of(words: str, default: Any = None) -> dict[str, float]:
    """Give `minimum` and `maximum` where the words name exactly one range.

    Examples
    --------
    >>> range_of("Largest cloud cover, in percent (0-100)")
    {'minimum': 0, 'maximum': 100}
    """
    found = {
        match.groups() for pattern in _RANGES for match in pattern.finditer(words[:MAX_CHARACTERS])
    }
    if len(found) != 1:
        return {}
    least, most = (_as_number(text) for text in found.pop())
    if least >= most or not (math.isfinite(least) and math.isfinite(most)):
        return {}
    if isinstance(default, int | float) and not least <= default <= most:
        return {}
    return {"minimum": least, "maximum": most}


def unit_of(words: str) -> str | None:
    """Give the unit that the words name.

    Examples
    --------
    >>> unit_of("Resolution [m]"), unit_of("cloud cover percentage"), unit_of("a count")
    ('m', '%', None)
    """
    words = words[:MAX_CHARACTERS]
    for pattern in (_IN_BRACKETS, _IN_WORDS):
        for match in pattern.finditer(words):
            if unit := _UNITS.get(match[1].lower()):
                return unit
    return "%" if _PERCENT.search(words) else None


def suggested(name: str, words: str, schema: dict[str, Any]) -> str | None:
    """Give what a plain text is meant to hold: bbox, geometry, interval or date."""
    if _is_geojson(schema.get("default")):
        return "geometry"
    text = f"{name}\n{words}"[:MAX_CHARACTERS]
    for meaning, pattern in _MEANINGS:
        if pattern.search(text):
            return meaning
    return None


def _is_geojson(value: Any) -> bool:
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return False
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return isinstance(read, dict) and bool({"coordinates", "geometry", "features"} & set(read))


def _as_number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number
