"""From values of Python to inputs on the wire, by the schema of the process."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any


def to_wire(inputs: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """Give inputs as JSON: files by location, dates as text, numbers of libraries as plain."""
    return {
        name: _value(value, described.get(name, {}).get("schema", {}))
        for name, value in inputs.items()
    }


def _value(value: Any, schema: dict[str, Any]) -> Any:
    cwl_class = schema.get("x-cwl-class")
    if cwl_class and isinstance(value, str | Path) and "://" not in str(value):
        return {"class": cwl_class, "location": Path(value).expanduser().absolute().as_uri()}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {str(key): _value(item, members.get(key, {})) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item, schema.get("items", {})) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    for method in ("tolist", "to_dict"):
        if callable(convert := getattr(value, method, None)):
            return _value(convert(), schema)
    if hasattr(value, "__geo_interface__"):
        return _value(dict(value.__geo_interface__), schema)
    raise TypeError(f"a {type(value).__name__} cannot be an input; give text, numbers or a path")


def parse(text: str, schema: dict[str, Any]) -> Any:
    """Give the value that a text stands for, by the type of the input.

    Raises
    ------
    ValueError
        Saying what the text should be.
    """
    kind = schema.get("type")
    if kind == "string" or "x-cwl-class" in schema:
        return text
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise ValueError(f"'{text}' is not true or false")
        return text.lower() == "true"
    if kind in ("integer", "number"):
        try:
            return int(text) if kind == "integer" else float(text)
        except ValueError:
            word = "a whole number" if kind == "integer" else "a number"
            raise ValueError(f"'{text}' is not {word}") from None
    if kind == "array" and not text.lstrip().startswith("["):
        return [parse(part, schema.get("items", {})) for part in text.split(",")]
    try:
        return json.loads(text)
    except ValueError:
        if kind in ("array", "object"):
            raise ValueError(f"'{text}' is not JSON") from None
        return text
