"""What is wrong with a document, at its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from .display.words import clean
from .errors import EodhError, Problem

SHOWN = 5
BEFORE = 2


def refuse(package: str, problem: Problem) -> NoReturn:
    """Raise what is wrong with a file at its lines; the problem itself where there are none."""
    file = Path(package).expanduser()
    if not problem.diagnostics or not file.is_file():
        raise problem
    text = file.read_text("utf-8", "replace")
    raise EodhError(f"{file.name}: {point_at(text, problem.diagnostics)}") from problem


def point_at(text: str, diagnostics: Sequence[dict[str, Any]], *, first_line: int = 1) -> str:
    r"""Give the diagnostics of a document with the lines that they mean.

    Parameters
    ----------
    first_line
        Number of the text's first line, as its reader counts: 2 in a cell, whose magic is 1.

    Examples
    --------
    >>> found = [{"message": "no number", "line": 2, "column": 4}]
    >>> print(point_at("a: 1\nb: c", found, first_line=2))
    the workflow was not deployed: 1 error
    line 3, column 4: no number
        2  a: 1
        3  b: c
              ^
    """
    lines = text.split("\n")
    shown = [f"the workflow was not deployed: {_count(len(diagnostics))}"]
    for found in diagnostics[:SHOWN]:
        number, column = found.get("line"), found.get("column")
        message = str(found.get("message", ""))
        if number is None:
            shown.append(message)
            continue
        place = f"line {number + first_line - 1}"
        shown.append(f"{place}, column {column}: {message}" if column else f"{place}: {message}")
        if 1 <= number <= len(lines):
            shown += _excerpt(lines, number, column or 1, first_line)
    if len(diagnostics) > SHOWN:
        shown.append(f"and {len(diagnostics) - SHOWN} more")
    return "\n".join(shown)


def _count(count: int) -> str:
    return f"{count} error{'s' if count != 1 else ''}"


def _excerpt(lines: list[str], number: int, column: int, first_line: int) -> list[str]:
    width = len(str(number + first_line - 1))
    shown = []
    for at in range(max(1, number - BEFORE), number + 1):
        text = clean(lines[at - 1].replace("\t", " "), 160)
        shown.append(f"    {at + first_line - 1:>{width}}  {text}".rstrip())
    return [*shown, " " * (4 + width + 2 + min(column, 160) - 1) + "^"]
