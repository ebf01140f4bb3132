"""What a card of a job shows: one value, for HTML and for text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_STEPS = 50
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

    def shown_steps(self) -> tuple[list[dict[str, Any]], int]:
        """Give the steps to show, and how many are left out; the failed ones come first."""
        rows = list(self.steps.values())
        if len(rows) > MAX_STEPS:
            order = {"failed": 0, "running": 1, "waiting": 2}
            rows.sort(key=lambda step: order.get(step["state"], 3))
        return rows[:MAX_STEPS], max(0, len(rows) - MAX_STEPS)

    def bundle(self) -> dict[str, str]:
        """Give the MIME bundle."""
        from .html import job_html
        from .text import job_text

        return {"text/plain": job_text(self), "text/html": job_html(self)}
