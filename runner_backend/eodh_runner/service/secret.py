"""Inputs that are secret by their type: kept for the engine alone, shown to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..domain.process import Inspection

MASK = "•••"
#: A shorter secret is no secret, and would blot out other words.
LEAST_CHARACTERS = 4


def without_secrets(inputs: dict[str, Any], inspection: Inspection) -> dict[str, Any]:
    """Give the inputs of a request as they may be stored and shown."""
    kept = {}
    for name, value in inputs.items():
        schema = inspection.inputs.get(name, {}).get("schema", {})
        if not _is_secret(schema):
            kept[name] = _without(value, schema)
    return kept


def has_secrets(inspection: Inspection) -> bool:
    """Tell whether a process takes secrets."""
    return any(_holds_secret(entry["schema"]) for entry in inspection.inputs.values())


def secrets_of(order: dict[str, Any], inspection: Inspection) -> list[str]:
    """Give the secret texts of a job order, the longest first."""
    found: set[str] = set()
    for name, value in order.items():
        found.update(_secrets(value, inspection.inputs.get(name, {}).get("schema", {})))
    return sorted((text for text in found if len(text) >= LEAST_CHARACTERS), key=len, reverse=True)


def masked(text: str, secrets: list[str]) -> str:
    """Give a text with secrets blotted out."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _is_secret(schema: dict[str, Any]) -> bool:
    options = schema.get("oneOf", ())
    return schema.get("format") == "password" or any(_is_secret(option) for option in options)


def _holds_secret(schema: dict[str, Any], depth: int = 0) -> bool:
    inside = [schema.get("items", {}), *schema.get("properties", {}).values()]
    return _is_secret(schema) or (depth < 30 and any(_holds_secret(s, depth + 1) for s in inside))


def _without(value: Any, schema: dict[str, Any]) -> Any:
    if isinstance(value, list):
        items = schema.get("items", {})
        return [] if _is_secret(items) else [_without(item, items) for item in value]
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {
            name: _without(item, members.get(name, {}))
            for name, item in value.items()
            if not _is_secret(members.get(name, {}))
        }
    return value


def _secrets(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    if _is_secret(schema):
        yield from _texts(value)
    elif isinstance(value, list):
        for item in value:
            yield from _secrets(item, schema.get("items", {}))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _secrets(item, schema.get("properties", {}).get(name, {}))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
