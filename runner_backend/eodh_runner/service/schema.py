"""Checks values against the closed kind of JSON Schema that descriptions use.

The kind is that of OGC API Processes descriptions (OpenAPI 3.0): type, enum, items,
properties, required, oneOf, allOf, nullable, format, and the bounds of numbers, texts and
lists. A `pattern` is for forms: one of a stranger's could hold this process up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
_WORDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "an object",
}
_FORMATS: dict[str, tuple[Callable[[str], Any], str]] = {
    "date": (date.fromisoformat, "a date such as 2024-07-01"),
    "date-time": (datetime.fromisoformat, "a time such as 2024-07-01T12:00:00Z"),
}
#: Words for bounds on the length of texts and lists, the least before the most.
_LENGTHS: dict[type, tuple[str, str, str]] = {
    str: ("minLength", "maxLength", "characters"),
    list: ("minItems", "maxItems", "entries"),
}


def problems(value: Any, schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """Give what is wrong with a value, one sentence each."""
    if value is None:
        if not schema.get("nullable"):
            yield f"{place}a value is needed, not null"
        return
    if "x-cwl-class" in schema:
        yield from _reference(value, schema["x-cwl-class"], place)
        return
    for part in schema.get("allOf", ()):
        yield from problems(value, part, place)
    if options := schema.get("oneOf", schema.get("anyOf")):
        found = [list(problems(value, option, place)) for option in options]
        if all(found):
            yield f"{place}fits none of the kinds allowed: " + "; or ".join(f[0] for f in found)
        return
    expected = schema.get("type")
    if expected in _TYPES and not _is(value, expected):
        yield f"{place}must be {_WORDS[expected]}, not {_show(value)}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}must be one of {', '.join(map(str, schema['enum']))}, not {_show(value)}"
    yield from _bounds(value, schema, place)
    if isinstance(value, str) and (known := _FORMATS.get(schema.get("format", ""))):
        try:
            known[0](value)
        except ValueError:
            yield f"{place}must be {known[1]}, not {_show(value)}"
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from problems(item, schema["items"], f"{place}item {index}: ")
    if isinstance(value, dict):
        yield from _members(value, schema, place)


def _bounds(value: Any, schema: dict[str, Any], place: str) -> Iterator[str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if "minimum" in schema and value < schema["minimum"]:
            yield f"{place}must be at least {schema['minimum']}"
        if "maximum" in schema and value > schema["maximum"]:
            yield f"{place}must be at most {schema['maximum']}"
    if (words := _LENGTHS.get(type(value))) is not None:
        least, most, noun = words
        if len(value) < schema.get(least, 0):
            yield f"{place}must have at least {schema[least]} {noun}; there are {len(value)}"
        if len(value) > schema.get(most, len(value)):
            yield f"{place}must have at most {schema[most]} {noun}; there are {len(value)}"
    if schema.get("format") == "ogc-bbox" and isinstance(value, dict):
        numbers = value.get("bbox")
        if isinstance(numbers, list) and len(numbers) not in (4, 6):
            yield f"{place}must have 4 numbers: west, south, east, north; there are {len(numbers)}"


def _members(value: dict[str, Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place}'{name}' is missing"
    for name, member in schema.get("properties", {}).items():
        if name in value:
            yield from problems(value[name], member, f"{place}'{name}': ")


def _is(value: Any, expected: str) -> bool:
    if isinstance(value, bool) and expected != "boolean":
        return False
    return isinstance(value, _TYPES[expected])


def _reference(value: Any, cwl_class: str, place: str) -> Iterator[str]:
    noun = "file" if cwl_class == "File" else "folder"
    if isinstance(value, str):
        if not value:
            yield f"{place}must name a {noun}"
    elif isinstance(value, dict):
        if value.get("class", cwl_class) != cwl_class:
            yield f"{place}must be a {noun}, not a {value.get('class')}"
        elif not any(k in value for k in ("location", "path", "href", "contents", "listing")):
            yield f"{place}must name a {noun} by location, path or href"
    else:
        yield f"{place}must name a {noun}, not {_show(value)}"


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
