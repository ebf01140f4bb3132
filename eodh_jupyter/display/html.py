"""A job as self-contained HTML: what a notebook keeps. No scripts, no addresses."""

from __future__ import annotations

from html import escape
from typing import Any

from .card import MAX_RESULTS, Card
from .words import clean, duration, failure_lines, job_line, mark, value_words

COLOURS = {"successful": "#2e7d32", "failed": "#c62828", "dismissed": "#757575"}
MUTED = "opacity:.7"
MONO = "font-family:monospace;white-space:pre"


def job_html(card: Card) -> str:
    """Give the card; every text is escaped, and colours are never the only sign."""
    status = card.status
    name, short = escape(clean(status["processID"])), escape(str(status["jobID"])[:8])
    return (
        f"<section aria-label='Job {short} of {name}' "
        "style='max-width:900px;border:1px solid rgba(128,128,128,.5);padding:8px 12px'>"
        f"<div><span style='{MONO}'>{escape(mark(status['status']))}</span> <b>{name}</b> "
        f"<code>{short}</code></div><div>{escape(job_line(status))}</div>"
        f"{_bar(status)}{_failure(status)}{_results(card)}{_steps(card)}{_tail(card)}</section>"
    )


def _bar(status: dict[str, Any]) -> str:
    is_done = status["status"] == "successful"
    percent = 100 if is_done else max(0, min(99, int(status.get("progress") or 0)))
    colour = COLOURS.get(status["status"], "#1976d2")
    return (
        f"<div role='progressbar' aria-valuenow='{percent}' aria-valuetext='{percent} percent' "
        "style='height:3px;margin:6px 0;background:rgba(128,128,128,.3)'>"
        f"<div style='height:3px;width:{percent}%;background:{colour}'></div></div>"
    )


def _failure(status: dict[str, Any]) -> str:
    return "".join(
        f"<div><b>{escape(label)}</b>: {escape(text)}</div>"
        for label, text in failure_lines(status)
    )


def _results(card: Card) -> str:
    rows = [
        f"<tr><td style='text-align:left'><code>{escape(clean(name))}</code></td>"
        f"<td style='text-align:left'>{escape(value_words(value))}</td></tr>"
        for name, value in list(card.results.items())[:MAX_RESULTS]
    ]
    if len(card.results) > MAX_RESULTS:
        rows.append(f"<tr><td></td><td>and {len(card.results) - MAX_RESULTS} more</td></tr>")
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _steps(card: Card) -> str:
    shown, left_out = card.shown_steps()
    if not shown:
        return ""
    rows = "".join(
        f"<tr><td style='{MONO}'>{escape(mark(step['state']))}</td>"
        f"<td style='text-align:left'>{escape(clean(step['path']))}</td>"
        f"<td style='text-align:left'>{escape(_facts(step))}</td></tr>"
        for step in shown
    )
    more = f"<tr><td></td><td>and {left_out} more</td><td></td></tr>" if left_out else ""
    return f"<table>{rows}{more}</table>"


def _facts(step: dict[str, Any]) -> str:
    facts = [clean(step["state"])]
    if step.get("wall_s") is not None:
        facts.append(duration(step["wall_s"]))
    if step.get("attempt", 1) > 1:
        facts.append(f"try {step['attempt']}")
    return " · ".join(facts)


def _tail(card: Card) -> str:
    if not card.log_tail:
        return ""
    lines = "\n".join(escape(clean(line, 300)) for line in card.log_tail)
    return f"<pre style='font-size:11px;margin:6px 0;{MUTED}'>{lines}</pre>"
