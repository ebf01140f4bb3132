"""Checks values against the closed kind of JSON Schema that descriptions use.

The kind is that of OGC API Processes descriptions (OpenAPI 3.0): type, enum, items,
properties, required, oneOf, allOf, nullable, format, minimum, maximum.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{place}must be at least {schema['minimum']}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"{place}must be at most {schema['maximum']}"
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, item in enumerate(value):
            yield from problems(item, schema["items"], f"{place}item {index}: ")
    if isinstance(value, dict):
        yield from _members(value, schema, place)


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
