"""Code for a launch: the Python, or the magic, that does the same again."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from .field import Field

_PLAIN_NAME = re.compile(r"[A-Za-z_][\w.\-]*")
_GETPASS = "from getpass import getpass"


def as_python(process_id: str, fields: Iterable[Field], inputs: Mapping[str, Any]) -> str:
    """Give Python that launches a process; what equals a default is left out.

    Parameters
    ----------
    inputs
        By name, as the wire has them.

    Examples
    --------
    >>> print(as_python("ndvi", [], {"scene": "s.tif", "threshold": 0.2}))
    from eodh_jupyter import Client
    <BLANKLINE>
    job = Client().process('ndvi').execute(
        scene='s.tif',
        threshold=0.2,
    )
    """
    known = {field.name: field for field in fields}
    shown = {n: literal(v, known.get(n)) for n, v in changed(known.values(), inputs).items()}
    imports = sorted({name for text in shown.values() for name in _times_in(text)})
    head = [f"from datetime import {', '.join(imports)}"] if imports else []
    head += [_GETPASS] if any(map(_is_secret, map(known.get, shown))) else []
    head += [*([""] if head else []), "from eodh_jupyter import Client", ""]
    call = f"job = Client().process({process_id!r}).execute("
    if not shown:
        return "\n".join([*head, f"{call})"])
    if not all(name.isidentifier() and not _is_keyword(name) for name in shown):
        pairs = ", ".join(f"{name!r}: {text}" for name, text in shown.items())
        return "\n".join([*head, f"{call}**{{{pairs}}})"])
    lines = [f"    {name}={text}," for name, text in shown.items()]
    return "\n".join([*head, call, *lines, ")"])


def as_magic(process_id: str, fields: Iterable[Field], inputs: Mapping[str, Any]) -> str:
    """Give the magic that launches a process; text of several lines is put into variables.

    Examples
    --------
    >>> print(as_magic("ndvi", [], {"scene": "a b.tif", "bands": ["nir", "red"], "n": 0}))
    %workflow launch ndvi 'scene=a b.tif' bands=["nir","red"] n=0
    """
    known = {field.name: field for field in fields}
    before, words = [], ["%workflow launch", shlex.quote(process_id)]
    for name, value in changed(known.values(), inputs).items():
        if _is_secret(known.get(name)):
            variable = re.sub(r"\W", "_", f"input_{name}")
            before += [_GETPASS] if _GETPASS not in before else []
            before.append(f"{variable} = {literal(value, known[name])}")
            words.append(_pair(name, f"${variable}", is_verbatim=True))
            continue
        text = _word(plain_value(value), known.get(name))
        if len(text.splitlines()) > 1:
            variable = re.sub(r"\W", "_", f"input_{name}")
            before.append(f"{variable} = {plain_value(value)!r}")
            words.append(_pair(name, f"${variable}", is_verbatim=True))
        else:
            words.append(_pair(name, text, is_verbatim=isinstance(plain_value(value), list | dict)))
    return "\n".join([*before, " ".join(words)])


def changed(fields: Iterable[Field], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Give the inputs that are set and do not equal their default, in the order of the fields."""
    fields = list(fields)
    defaults = {field.name: field.default for field in fields if field.has_default}
    order = {field.name: index for index, field in enumerate(fields)}
    found = [
        (name, value)
        for name, value in inputs.items()
        if value is not None and not (name in defaults and _same(defaults[name], value))
    ]
    return dict(sorted(found, key=lambda pair: order.get(pair[0], len(order))))


def literal(value: Any, field: Field | None = None) -> str:
    """Give a value as Python writes it; dates by their class, files by path or address."""
    if field is not None and _is_secret(field):
        return f"getpass({f'{field.label}: '!r})"
    value = plain_value(value)
    if field is not None and field.kind in ("date", "datetime") and isinstance(value, str):
        from .check import parse_time

        try:
            time = parse_time(value, is_date=field.kind == "date")
        except ValueError:
            return repr(value)
        return repr(time).replace("datetime.", "", 1).replace("datetime.timezone", "timezone")
    return repr(value)


def plain_value(value: Any) -> Any:
    """Give a value of the wire as people write it: files by path or address."""
    if isinstance(value, Mapping):
        where = value.get("location", value.get("path"))
        if value.get("class") in ("File", "Directory") and isinstance(where, str):
            return _path(where)
        return {key: plain_value(item) for key, item in value.items()}
    return [plain_value(item) for item in value] if isinstance(value, list | tuple) else value


def _path(location: str) -> str:
    if not location.startswith("file:///"):
        return location
    from urllib.parse import unquote

    return unquote(location.removeprefix("file://"))


def _word(value: Any, field: Field | None) -> str:
    if not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if field is not None and field.kind in ("union", "json") and _is_json(value):
        return json.dumps(value)
    # A dollar at the beginning would name a variable.
    return f"${value}" if value.startswith("$") else value


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _pair(name: str, text: str, *, is_verbatim: bool) -> str:
    if _PLAIN_NAME.fullmatch(name):
        return f"{name}={text}" if is_verbatim else shlex.quote(f"{name}={text}")
    return f"-i {shlex.quote(f'{name}={text}')}"


def _same(one: Any, other: Any) -> bool:
    """Compare as JSON does, in which 1 is not true."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _is_secret(field: Field | None) -> bool:
    """Tell a secret, which no code may hold."""
    return field is not None and field.kind == "secret"


def _times_in(text: str) -> list[str]:
    found = re.match(r"(date|datetime)\(", text)
    names = [found[1]] if found else []
    return [*names, "timezone"] if found and "timezone" in text else names


def _is_keyword(name: str) -> bool:
    import keyword

    return keyword.iskeyword(name)
