"""The beginning of a table that is written as text."""

from __future__ import annotations

import csv
import io
from typing import Any

MAX_ROWS = 100
MAX_COLUMNS = 200
MAX_CELL = 500


def read_table(text: str, delimiter: str, *, is_cut: bool) -> dict[str, Any] | None:
    r"""Give columns and the first rows; None when it is no table.

    Parameters
    ----------
    delimiter
        What stands between cells; where commas are meant, semicolons are known too.
    is_cut
        True when the text is only a beginning; its last line may be half.

    Examples
    --------
    >>> read_table("a;b\n1;2,5\n", ",", is_cut=False)
    {'columns': ['a', 'b'], 'rows': [['1', '2,5']], 'is_cut': False}
    """
    text = text.removeprefix("\ufeff")
    if is_cut:
        text = text[: text.rfind("\n") + 1]
    first = text.partition("\n")[0]
    if delimiter == "," and first.count(";") > first.count(","):
        delimiter = ";"
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [row for row, _ in zip(reader, range(MAX_ROWS + 2), strict=False)]
    except csv.Error:
        return None
    if not rows:
        return None
    cells = [[cell[:MAX_CELL] for cell in row[:MAX_COLUMNS]] for row in rows]
    is_wide = any(len(row) > MAX_COLUMNS for row in rows)
    return {
        "columns": cells[0],
        "rows": cells[1 : MAX_ROWS + 1],
        "is_cut": is_cut or is_wide or len(rows) > MAX_ROWS + 1,
    }
