"""From the inputs of a process to the fields of a form: one generator for every front end.

Values are sent in one form whatever the type behind is: a bounding box as
`[west, south, east, north]`, a geometry as GeoJSON, a date as text (see `spatial.py`).
"""

from __future__ import annotations

from typing import Any

from ..domain.process import Inspection
from .hint import range_of, suggested, unit_of
from .spatial import format_of

#: Deeper schemas are edited as JSON.
MAX_DEPTH = 6
MAX_FIELDS = 100
LONG_TEXT = 200
_GEOJSON = ("geojson-geometry", "geojson-feature", "geojson-feature-collection")
#: JSON Schema's word and the field's.
_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "step",
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
    "x-unit": "unit",
}
_WORDS = {
    "text": "Text",
    "long_text": "Long text",
    "integer": "Whole number",
    "number": "Number",
    "boolean": "Yes or no",
    "choice": "Choice",
    "date": "Date",
    "datetime": "Date and time",
    "interval": "Interval",
    "bbox": "Bounding box",
    "geometry": "Geometry",
    "file": "File",
    "directory": "Folder",
    "array": "List",
    "record": "Group",
    "json": "JSON",
}


def form(inspection: Inspection) -> list[dict[str, Any]]:
    """Give the fields of a process in the order of its inputs."""
    return [_input(name, entry) for name, entry in inspection.inputs.items()]


def _input(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    schema = entry["schema"]
    most = entry.get("maxOccurs", 1)
    if most != 1 and schema.get("type") != "array":  # another server's way to say list
        schema = {"type": "array", "items": schema}
    words: dict[str, Any] = {key: entry.get(key, "") for key in ("title", "description")}
    made = field(name, {**schema, **words}, is_required=entry.get("minOccurs", 1) > 0)
    return {**made, "schema": schema}


def field(
    name: str, schema: dict[str, Any], *, is_required: bool = True, depth: int = 0
) -> dict[str, Any]:
    """Give the field of one value."""
    label = str(schema.get("title") or name)
    help_text = str(schema.get("description") or "")
    kind = kind_of(schema, depth)
    made: dict[str, Any] = {
        "name": name,
        "label": label,
        "help": "" if help_text in (label, name) else help_text,
        "kind": kind,
        "required": is_required and "default" not in schema and not schema.get("nullable"),
    }
    if "default" in schema:
        made["default"] = _default(schema["default"], kind)
    made |= {word: schema[key] for key, word in _BOUNDS.items() if key in schema}
    made |= _told(made, schema, kind)
    made |= _parts(schema, kind, depth)
    return {**made, "schema": schema}


def kind_of(schema: dict[str, Any], depth: int = 0) -> str:
    """Give what draws a value; `json` for what nothing else does."""
    if cwl_class := schema.get("x-cwl-class"):
        return "directory" if cwl_class == "Directory" else "file"
    known = format_of(schema)
    if known == "ogc-bbox":
        return "bbox"
    if known in _GEOJSON:
        return "json" if known == "geojson-feature-collection" else "geometry"
    if "enum" in schema:
        return "choice" if all(_is_plain(option) for option in schema["enum"]) else "json"
    if options := schema.get("oneOf", schema.get("anyOf")):
        return "union" if 1 < len(options) <= MAX_FIELDS and depth < MAX_DEPTH else "json"
    match schema.get("type"):
        case "string":
            return _text_kind(schema, known)
        case "integer" | "number" | "boolean":
            return str(schema["type"])
        case "array":
            return _array_kind(schema, depth)
        case "object":
            members = schema.get("properties", {})
            return "record" if 0 < len(members) <= MAX_FIELDS and depth < MAX_DEPTH else "json"
    return "json"


def _text_kind(schema: dict[str, Any], known: str) -> str:
    kinds = {"password": "secret", "date": "date", "date-time": "datetime"}
    if known in kinds:
        return kinds[known]
    default = str(schema.get("default") or "")
    is_long = "\n" in default.strip() or len(default) > LONG_TEXT
    return "long_text" if is_long or schema.get("maxLength", 0) > LONG_TEXT else "text"


def _array_kind(schema: dict[str, Any], depth: int) -> str:
    items = schema.get("items")
    if not isinstance(items, dict) or depth >= MAX_DEPTH:
        return "json"
    is_pair = schema.get("minItems") == schema.get("maxItems") == 2
    if is_pair and items.get("format") in ("date", "date-time"):
        return "interval"
    return "array"


def _told(made: dict[str, Any], schema: dict[str, Any], kind: str) -> dict[str, Any]:
    """Give what the words of label and help tell, where the schema itself is silent."""
    words = f"{made['label']}\n{made['help']}"
    found: dict[str, Any] = {}
    if kind in ("integer", "number"):
        if "unit" not in made and (unit := unit_of(words)):
            found["unit"] = unit
        if not {"minimum", "maximum", "exclusive_minimum", "exclusive_maximum"} & set(made):
            found |= range_of(words, made.get("default"))
    if kind in ("text", "long_text") and (meant := suggested(made["name"], words, schema)):
        found["suggests"] = meant
    return found


def _parts(schema: dict[str, Any], kind: str, depth: int) -> dict[str, Any]:
    """Give what a field is made of."""
    if kind == "choice":
        return {"options": schema["enum"]}
    if kind in ("file", "directory"):
        media_type = schema.get("contentMediaType")
        return {"media_types": [media_type]} if media_type else {}
    if kind == "array":
        words: dict[str, Any] = {k: schema[k] for k in ("title", "description") if k in schema}
        item = field("item", {**words, **schema["items"]}, depth=depth + 1)
        label = _WORDS.get(item["kind"], "Value")
        return {"item": {**item, "label": label, "help": "", "schema": schema["items"]}}
    if kind == "record":
        needed = schema.get("required", ())
        return {
            "fields": [
                field(name, member, is_required=name in needed, depth=depth + 1)
                for name, member in schema["properties"].items()
            ]
        }
    if kind == "union":
        options = schema.get("oneOf") or schema["anyOf"]
        return {"choices": [_choice(option, depth) for option in options]}
    return {}


def _choice(option: dict[str, Any], depth: int) -> dict[str, Any]:
    made = field("", option, depth=depth + 1)
    word = option.get("title") or option.get("contentMediaType") or _WORDS.get(made["kind"])
    if made["kind"] == "array" and not option.get("title"):
        word = f"List of {made['item']['label'].lower()}"
    return {**made, "name": made["kind"], "label": str(word or made["kind"]), "required": True}


def _default(value: Any, kind: str) -> Any:
    if kind == "bbox" and isinstance(value, dict) and isinstance(value.get("bbox"), list):
        return value["bbox"]
    if kind in ("date", "datetime") and isinstance(value, dict) and "value" in value:
        return value["value"]
    return value


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)
