"""A job as plain text."""

from __future__ import annotations

from typing import Any

from .card import MAX_RESULTS, Card
from .words import clean, duration, facts, failure_lines, mark, neutral, time_words, value_words


def job_text(card: Card) -> str:
    """Give the job line, a line for each step, then results or the failure."""
    status = card.status
    state = clean(status["status"], 20)
    head = [clean(status["processID"], 120), f"job {clean(status['jobID'])[:8]}", state]
    lines = ["  ".join([*head, *facts(status)])]
    rows, left_out = card.rows()
    if state != "successful" or not card.results:
        width = min(40, max((len(row.name) for row in rows), default=0))
        for row in rows:
            time = "" if row.total > 1 or not row.time else f" {row.time}"
            lines.append(f"  {mark(row.state)} {row.name:{width}}  {row.word}{time}")
        lines += [f"  and {left_out} more"] if left_out else []
    lines += [f"  | {clean(line)}" for line in card.log_tail]
    if state == "failed":
        lines += failure_lines(status)
    lines += _results(card)
    if state == "running" and (started := time_words(status.get("started"))):
        lines.append(f"started {started}")
    return "\n".join(lines)


def step_text(step: dict[str, Any]) -> str:
    """Give one line of a step run: mark, path, state, time."""
    took = f", {duration(step['wall_s'])}" if step.get("wall_s") is not None else ""
    again = f", try {step['attempt']}" if step.get("attempt", 1) > 1 else ""
    return f"{mark(step['state'])} {clean(step['path'])} {clean(step['state'])}{took}{again}"


def _results(card: Card) -> list[str]:
    found = list(card.results.items())
    width = min(40, max((len(clean(name)) for name, _ in found[:MAX_RESULTS]), default=0))
    lines = [
        f"  {clean(n):{width}}  {neutral(value_words(value))}" for n, value in found[:MAX_RESULTS]
    ]
    more = len(found) - MAX_RESULTS
    return [*lines, f"  and {more} more"] if more > 0 else lines
