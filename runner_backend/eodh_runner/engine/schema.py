"""From CWL types to the JSON Schema of OGC descriptions, with what says how to ask for them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from cwltool.process import shortname

MAX_NESTING = 20
PRIMITIVES: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "int": {"type": "integer"},
    "long": {"type": "integer"},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "string": {"type": "string"},
    "Any": {},
    "File": {"type": "string", "format": "uri", "x-cwl-class": "File"},
    "Directory": {"type": "string", "format": "uri", "x-cwl-class": "Directory"},
    "stdin": {"type": "string", "format": "uri", "x-cwl-class": "File"},
    "stdout": {"type": "string", "format": "uri", "x-cwl-class": "File"},
    "stderr": {"type": "string", "format": "uri", "x-cwl-class": "File"},
}
#: Records of the application package schemas that hold one text in `value`
#: (github.com/eoap/schemas, string_format.yaml), and the JSON Schema format of it.
STRING_FORMATS = {
    "Date": "date",
    "DateTime": "date-time",
    "Duration": "duration",
    "Email": "email",
    "Hostname": "hostname",
    "IDNEmail": "idn-email",
    "IDNHostname": "idn-hostname",
    "IPv4": "ipv4",
    "IPv6": "ipv6",
    "IRI": "iri",
    "IRIReference": "iri-reference",
    "Password": "password",
    "JsonPointer": "json-pointer",
    "RelativeJsonPointer": "relative-json-pointer",
    "UUID": "uuid",
    "URI": "uri",
    "URIReference": "uri-reference",
    "URITemplate": "uri-template",
    "Time": "time",
}
#: What schema.org says of a value (PropertyValueSpecification, unitText), and the schema's word.
SCHEMA_ORG = ("https://schema.org/", "http://schema.org/")
CONSTRAINTS = {
    "minValue": "minimum",
    "maxValue": "maximum",
    "stepValue": "multipleOf",
    "valuePattern": "pattern",
    "valueMinLength": "minLength",
    "valueMaxLength": "maxLength",
    "unitText": "x-unit",
    "unitCode": "x-unit",
}
_STRING_FORMAT = re.compile(r"string_format\.yaml[#/.](\w+)$")
_GEOJSON = {"Feature": "geojson-feature", "FeatureCollection": "geojson-feature-collection"}


def schema_of(cwl_type: Any, process: Any, depth: int = 0) -> tuple[dict[str, Any], bool]:
    """Give the JSON Schema of a CWL type, and whether it may be absent."""
    if depth > MAX_NESTING:  # a record may hold itself
        return {}, False
    if isinstance(cwl_type, list):
        options = [t for t in cwl_type if t != "null"]
        schemas = [schema_of(t, process, depth + 1)[0] for t in options]
        is_optional = len(options) < len(cwl_type)
        if len(schemas) == 1:
            return schemas[0], is_optional
        return ({"oneOf": schemas} if schemas else {}), is_optional
    if isinstance(cwl_type, dict):
        return _compound(cwl_type, process, depth + 1), False
    if cwl_type in PRIMITIVES:
        return dict(PRIMITIVES[cwl_type]), False
    for defined in _defined(process):
        if defined.get("name") == cwl_type:
            return schema_of(defined, process, depth + 1)
    return {}, False


def constraints(entry: dict[str, Any]) -> dict[str, Any]:
    """Give what schema.org's words beside an input say of its value."""
    found: dict[str, Any] = {}
    for word, name in CONSTRAINTS.items():
        for space in SCHEMA_ORG:
            value = entry.get(space + word)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                found.setdefault(name, value if name in ("x-unit", "pattern") else _number(value))
    return {name: value for name, value in found.items() if value is not None}


def text_of(value: Any) -> str:
    """Give a label or doc, which may be a list of lines."""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _compound(cwl_type: dict[str, Any], process: Any, depth: int) -> dict[str, Any]:
    kind = cwl_type.get("type")
    if kind == "array":
        items, may_be_null = schema_of(cwl_type["items"], process, depth)
        return {"type": "array", "items": {**items, "nullable": True} if may_be_null else items}
    if kind == "enum":
        return {"type": "string", "enum": [shortname(s) for s in cwl_type["symbols"]]}
    if kind == "record":
        return _record(cwl_type, process, depth)
    return schema_of(kind, process, depth)[0]


def _record(cwl_type: dict[str, Any], process: Any, depth: int) -> dict[str, Any]:
    members, required = {}, []
    for field in cwl_type.get("fields", []):
        schema, is_optional = schema_of(field["type"], process, depth)
        name = shortname(field["name"])
        told = {"title": text_of(field.get("label")), "description": text_of(field.get("doc"))}
        words = {key: text for key, text in told.items() if text}
        members[name] = {**schema, **words, **constraints(field)}
        if is_optional:
            members[name]["nullable"] = True
        else:
            required.append(name)
    named = _STRING_FORMAT.search(str(cwl_type.get("name", "")))
    if named and named[1] in STRING_FORMATS and set(members) == {"value"}:
        return {"type": "string", "format": STRING_FORMATS[named[1]], "x-cwl-field": "value"}
    described: dict[str, Any] = {"type": "object", "properties": members}
    if required:
        described["required"] = required
    if known := _format(members):
        described["format"] = known
    return described


def _format(members: dict[str, Any]) -> str | None:
    """Give the format of a record that is a bounding box or GeoJSON, known by its fields."""
    if "bbox" in members and set(members) <= {"bbox", "crs"}:
        return "ogc-bbox"
    types = members.get("type", {}).get("enum", [])
    if len(types) != 1:
        return None
    if types[0] in _GEOJSON and {"geometry", "features"} & set(members):
        return _GEOJSON[types[0]]
    return "geojson-geometry" if {"coordinates", "geometries"} & set(members) else None


def _defined(process: Any) -> Iterator[dict[str, Any]]:
    """Give the types that the document defines or imports."""
    for requirement in (*process.requirements, *process.hints):
        if requirement.get("class") == "SchemaDefRequirement":
            yield from requirement["types"]


def _number(value: str | float) -> float | None:
    """Give a number as written: whole ones stay whole."""
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
