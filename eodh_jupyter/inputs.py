"""From values of Python, texts and files to inputs on the wire, by the schema of the process."""

from __future__ import annotations

import datetime
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import InputError
from .kernel_object import from_library
from .staging import Staging

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def to_wire(
    inputs: Mapping[str, Any], described: Mapping[str, Any], staging: Staging | None = None
) -> dict[str, Any]:
    """Give inputs as JSON: files by location, dates as text, objects of libraries as plain.

    Parameters
    ----------
    staging
        Brings files, and the content of objects, to the runner; default by path alone.

    Raises
    ------
    InputError
        Naming the input whose value cannot be sent.
    """
    staging, found = staging or Staging(), {}
    for name, value in inputs.items():
        try:
            found[name] = _value(value, described.get(name, {}).get("schema", {}), staging)
        except (ValueError, TypeError) as error:
            raise InputError(f"input '{name}': {error}") from error
    return found


def _value(value: Any, schema: Mapping[str, Any], staging: Staging) -> Any:
    if isinstance(value, str | os.PathLike) and "://" not in str(value):
        return _path_or_text(value, cwl_class_of(schema), staging)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} cannot be sent; JSON has no such number")
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | os.PathLike):
        return str(value)
    if isinstance(value, datetime.date | datetime.time):
        return _time(value, schema)
    if isinstance(value, Mapping):
        members = schema.get("properties", {})
        return {
            str(key): _value(item, members.get(key, {}), staging) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_value(item, items_of(schema), staging) for item in value]
    if (known := from_library(value, schema, staging)) is not None:
        return known if _is_plain(known) else _value(known, schema, staging)
    kind = type(value).__name__
    raise TypeError(f"a {kind} cannot be sent; give text, numbers, lists, a date or a path")


def _is_plain(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("class") in ("File", "Directory")


def _time(value: datetime.date | datetime.time, schema: Mapping[str, Any]) -> str:
    """Give a date or time as text, in the form that the input takes."""
    wanted = schema.get("format")
    if wanted == "date" and isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if wanted == "date-time" and type(value) is datetime.date:
        return f"{value.isoformat()}T00:00:00Z"
    return value.isoformat()


def _path_or_text(value: str | os.PathLike[str], cwl_class: str | None, staging: Staging) -> Any:
    if cwl_class is None:
        return os.fspath(value)
    return staging.path(Path(value), cwl_class)


def cwl_class_of(schema: Mapping[str, Any]) -> str | None:
    """Give File or Directory when the schema takes one, also as one of several."""
    options = [schema, *schema.get("oneOf", [])]
    return next((str(o["x-cwl-class"]) for o in options if "x-cwl-class" in o), None)


def items_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the schema of the entries of an array."""
    options = [schema, *schema.get("oneOf", [])]
    return next((o["items"] for o in options if "items" in o), {})


def from_pairs(pairs: Iterable[tuple[str, Any]], described: Mapping[str, Any]) -> dict[str, Any]:
    """Give inputs of names and texts, by type; a name that comes again makes a list.

    Values that are no text are taken as they are.

    Raises
    ------
    InputError
        Naming the input, and what its text should be.
    """
    given: dict[str, list[Any]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    inputs = {}
    for name, values in given.items():
        schema = described.get(name, {}).get("schema", {})
        try:
            inputs[name] = _one(values[0], schema) if len(values) == 1 else _many(values, schema)
        except ValueError as error:
            raise InputError(f"input '{name}': {error}") from None
    return inputs


class Typed:
    """A value that is not a text to be parsed."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _one(given: Any, schema: Mapping[str, Any]) -> Any:
    return given.value if isinstance(given, Typed) else parse(given, schema)


def _many(given: list[Any], schema: Mapping[str, Any]) -> list[Any]:
    if schema and schema.get("type") != "array" and not items_of(schema):
        raise ValueError("given more than once, but it takes one value")
    return [_one(item, items_of(schema)) for item in given]


def parse(text: str, schema: Mapping[str, Any]) -> Any:
    """Give the value that a text stands for, by the type of the input.

    Raises
    ------
    ValueError
        Saying what the text should be.

    Examples
    --------
    >>> parse("5", {"type": "string"}), parse("5", {"type": "integer"}), parse("0.2", {})
    ('5', 5, 0.2)
    >>> parse("a.tif", {"type": "array", "items": {"type": "string"}})
    ['a.tif']
    >>> parse("-2.9,53.1,-1.7,53.8", {"type": "array", "items": {"type": "number"}})
    [-2.9, 53.1, -1.7, 53.8]
    """
    kind = schema.get("type")
    if kind == "string" or "x-cwl-class" in schema:
        return _checked_enum(text, schema)
    if text == "null" and schema.get("nullable"):
        return None
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise ValueError(f"'{text}' is not true or false")
        return text.lower() == "true"
    if kind in ("integer", "number"):
        return _number(text, kind)
    if kind == "array":
        if not text.lstrip().startswith("["):
            is_numeric = items_of(schema).get("type") in ("integer", "number")
            parts = text.split(",") if is_numeric else [text]
            return [parse(part.strip(), items_of(schema)) for part in parts]
        return _json(text, "a list in JSON")
    if kind == "object":
        if "bbox" in schema.get("properties", {}) and not text.lstrip().startswith("{"):
            if text.lstrip().startswith("["):
                return _json(text, "a list in JSON")
            return [_number(part.strip(), "number") for part in text.split(",")]
        return _json(text, "an object in JSON")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _number(text: str, kind: str) -> int | float:
    if _NUMBER.fullmatch(text.strip()) is None:
        raise ValueError(f"'{text}' is not a {'whole ' if kind == 'integer' else ''}number")
    if re.fullmatch(r"[+-]?\d+", text.strip()):
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is too large a number")
    if kind == "integer":
        raise ValueError(f"'{text}' is not a whole number")
    return value


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is not {what}: {error}") from None


def _checked_enum(text: str, schema: Mapping[str, Any]) -> str:
    known = schema.get("enum")
    if known and text not in known:
        raise ValueError(f"'{text}' is not one of {', '.join(map(str, known))}")
    return text


def read_job_order(path: Path) -> dict[str, Any]:
    """Read inputs from a JSON or YAML file; its relative paths start at its folder.

    YAML is read by the rules of version 1.2: `on`, `12:30` and dates are text, `2e-3` a number.

    Raises
    ------
    InputError
        When it cannot be read.
    """
    import yaml

    try:
        found = yaml.load(path.expanduser().read_text("utf-8"), Loader=_core_loader())  # noqa: S506
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path} is neither JSON nor YAML: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} must hold names and values")
    folder = path.expanduser().absolute().parent
    return {str(name): _located(value, folder) for name, value in found.items()}


def _located(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return [_located(item, folder) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class") in ("File", "Directory"):
        where = value.get("location", value.get("path"))
        if isinstance(where, str) and "://" not in where:
            rest = {key: item for key, item in value.items() if key not in ("path", "location")}
            value = {**rest, "location": (folder / where).absolute().as_uri()}
    return {key: _located(item, folder) for key, item in value.items()}


def _core_loader() -> Any:
    """Give a safe loader with the types of YAML 1.2 (core schema), not those of 1.1."""
    import yaml

    class Core(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's own name

    for tag, pattern, first in _core_rules():
        Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)
    # The constructor of version 1.1 reads 010 as octal and 1_0 as ten.
    Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
    return Core


def _core_rules() -> Iterator[tuple[str, str, list[str]]]:
    yield "bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")
    yield "int", r"^[-+]?[0-9]+$", list("-+0123456789")
    float_ = r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"
    yield "float", float_, list("-+.0123456789")
    yield "null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]
    yield "merge", r"^(?:<<)$", ["<"]
