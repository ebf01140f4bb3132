"""Tables: as HTML with every cell escaped, and as aligned text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, TypeVar

from .words import clean

Item = TypeVar("Item")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Give an HTML table; empty when there are no rows."""
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{_cell(c)}</td>" for c in row) + "</tr>"
        for row in rows
    )
    if not body:
        return ""
    head = "".join(f"<th style='text-align:left'>{_cell(name)}</th>" for name in columns)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def text_table(rows: Iterable[Sequence[Any]]) -> str:
    """Give rows as text with aligned columns."""
    cells = [[clean(cell, 120) for cell in row] for row in rows]
    if not cells:
        return ""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in cells)
    return "\n".join(line.rstrip() for line in lines)


class Listing(list[Item]):
    """A list that shows itself as a table."""

    def __init__(
        self,
        items: Iterable[Item],
        columns: Sequence[str],
        row: Callable[[Item], Sequence[Any]],
        caption: str = "",
    ) -> None:
        super().__init__(items)
        self._columns, self._row, self._caption = columns, row, caption

    def to_text(self) -> str:
        """Give the table as text, without the head."""
        return text_table(self._row(item) for item in self)

    def _repr_html_(self) -> str:
        found = table(self._columns, (self._row(item) for item in self))
        caption = f"<div>{escape(self._caption)}</div>" if self._caption else ""
        return caption + found if found else "<i>None yet.</i>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        if not self:
            printer.text("None yet.")
            return
        rows = [self._columns, *(self._row(item) for item in self)]
        printer.text("\n".join(filter(None, [self._caption, text_table(rows)])))


def _cell(value: Any) -> str:
    return escape(clean(value))
