"""Inputs of a magic's line: `name=value`, and `name=$variable` with its type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .inputs import Typed
from .parser import UsageError

_REFERENCE = re.compile(r"\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[[^\[\]]+\])*)")
_PART = re.compile(r"\.([A-Za-z_]\w*)|\[([^\[\]]+)\]")


def pairs_of(texts: Iterable[str], scope: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Give names and values of `name=value`; `$name` is looked up and keeps its type.

    Behind `$name` may stand `.attribute`, `[0]` and `["key"]`; `$$` is a plain dollar.
    """
    return [_pair(text, scope) for text in texts]


def _pair(text: str, scope: Mapping[str, Any]) -> tuple[str, Any]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise UsageError(f"-i {text}: write name=value or name=$variable")
    if value.startswith("$$"):
        return name, value[1:]
    reference = _REFERENCE.fullmatch(value)
    if reference is None:
        return name, value
    if reference[1] not in scope:
        raise UsageError(
            f"{name}: there is no variable '{reference[1]}'; the text itself is $${value[1:]}"
        )
    held = scope[reference[1]]
    for part in _PART.finditer(reference[2]):
        try:
            held = getattr(held, part[1]) if part[1] else held[_key(part[2])]
        except (AttributeError, LookupError, TypeError):
            raise UsageError(f"{name}: '{value}' has no '{part[0].strip('.')}'") from None
    return name, Typed(held)


def _key(text: str) -> int | str:
    """Give what stands in brackets; a shell's quotes are gone by now."""
    return int(text) if re.fullmatch(r"-?\d+", text) else text.strip("'\"")
