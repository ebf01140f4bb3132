"""A job as plain text."""

from __future__ import annotations

from typing import Any

from .card import MAX_RESULTS, Card
from .words import clean, duration, failure_lines, job_line, mark, value_words


def job_text(card: Card) -> str:
    """Give the job line, a line for each step, then results or the failure."""
    status = card.status
    head = f"{clean(status['processID'])} {status['jobID'][:8]}"
    lines = [f"{mark(status['status'])} {head}: {job_line(status)}"]
    shown, left_out = card.shown_steps()
    lines += [f"  {step_text(step)}" for step in shown]
    if left_out:
        lines.append(f"  and {left_out} more")
    lines += [f"  | {clean(line)}" for line in card.log_tail]
    lines += [f"  {label}: {text}" for label, text in failure_lines(status)]
    results = list(card.results.items())
    lines += [f"  {clean(n)}: {value_words(value)}" for n, value in results[:MAX_RESULTS]]
    if len(results) > MAX_RESULTS:
        lines.append(f"  and {len(results) - MAX_RESULTS} more")
    return "\n".join(lines)


def step_text(step: dict[str, Any]) -> str:
    """Give one line of a step run: mark, path, state, time."""
    took = f", {duration(step['wall_s'])}" if step.get("wall_s") is not None else ""
    again = f", try {step['attempt']}" if step.get("attempt", 1) > 1 else ""
    return f"{mark(step['state'])} {clean(step['path'])} {clean(step['state'])}{took}{again}"
