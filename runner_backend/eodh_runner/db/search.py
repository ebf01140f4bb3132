"""The text that a search looks in: what a person would remember of a thing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

#: A longer text is cut: the rest of it is found by nobody.
MAX_CHARACTERS = 20_000


def text_of(*values: Any) -> str:
    r"""Give the text of values and of what they hold; names of members are left out.

    Examples
    --------
    >>> text_of("NDVI", {"scene": ["S2A.tif", 3], "cloudy": True})
    'ndvi\ns2a.tif\n3\ntrue'
    """
    text, size = [], 0
    for leaf in _leaves(values):
        text.append(leaf)
        size += len(leaf)
        if size > MAX_CHARACTERS:
            break
    # Postgres stores no NUL in text.
    return "\n".join(text).casefold().replace("\0", "")[:MAX_CHARACTERS]


def holds(column: sa.Column[str], q: str) -> sa.ColumnElement[bool]:
    """Give the condition that a column of such texts holds what a person typed."""
    return column.contains(q.replace("\0", "").strip().casefold(), autoescape=True)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield json.dumps(value)
