"""What a card of a job shows: one value, for the live card, for HTML and for text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .row import Row, rows_of

MAX_ROWS = 50
MAX_RESULTS = 4


@dataclass
class Card:
    """A job at one moment, as shown and as saved in a notebook."""

    #: statusInfo of the job.
    status: dict[str, Any]
    #: Step runs by path, in the order in which they appeared.
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: The last lines of the newest running step's log.
    log_tail: list[str] = field(default_factory=list)
    #: Results map, once there is one.
    results: dict[str, Any] = field(default_factory=dict)
    #: Nodes and edges of the workflow; None when they are not known.
    graph: dict[str, Any] | None = None

    def rows(self) -> tuple[list[Row], int]:
        """Give the steps to show, and how many are left out; the failed ones come first."""
        rows = rows_of(self.status, self.steps, self.graph)
        if len(rows) > MAX_ROWS:
            order = {"failed": 0, "running": 1, "waiting": 2}
            rows.sort(key=lambda row: order.get(row.state, 3))
        return rows[:MAX_ROWS], max(0, len(rows) - MAX_ROWS)

    def bundle(self) -> dict[str, Any]:
        """Give the MIME bundle: for our JupyterLab extension, for others, and for terminals."""
        from .html import job_html
        from .saved import MIME_TYPE, saved
        from .text import job_text

        return {
            MIME_TYPE: saved(self),
            "text/html": job_html(self),
            "text/plain": job_text(self),
        }
