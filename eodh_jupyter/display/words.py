"""Marks, durations, sizes and clean text: the same in every display."""

from __future__ import annotations

import datetime
from typing import Any

#: Marks of plain text by step state; see the design, states.
MARKS = {
    "done": "[x]",
    "successful": "[x]",
    "running": "[>]",
    "failed": "[!]",
    "dismissed": "[-]",
    "reused": "[=]",
    "waiting": "[ ]",
    "accepted": "[ ]",
}


def mark(state: str) -> str:
    """Give the mark of a state."""
    return MARKS.get(state, "[ ]")


def clean(text: Any, limit: int = 500) -> str:
    """Give text in one line without control characters, so that it is shown as written."""
    return "".join(c if c.isprintable() else "\ufffd" for c in str(text)[: limit + 1])[:limit]


def clean_log(text: str) -> str:
    """Give the text of a log without what a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


def duration(seconds: float) -> str:
    """Give a duration in words.

    Examples
    --------
    >>> duration(0.42), duration(41), duration(64), duration(9660)
    ('0.4 s', '41 s', '1 min 4 s', '2 h 41 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(count: int) -> str:
    """Give a file size, decimal.

    Examples
    --------
    >>> size(812), size(3400), size(1_200_000)
    ('812 B', '3.4 kB', '1.2 MB')
    """
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.95 or unit == "TB":
            break
    return f"{value:.1f} {unit}"


def job_line(status: dict[str, Any]) -> str:
    """Give the second line of a job: its state, then facts."""
    state = str(status["status"])
    facts = [state.capitalize()]
    if state == "running":
        facts.append(f"{status.get('progress', 0)} %")
    if message := clean(status.get("message", "")):
        facts.append(message)
    if (took := _took(status)) is not None:
        facts.append(duration(took))
    return " · ".join(facts)


def failure_lines(status: dict[str, Any]) -> list[tuple[str, str]]:
    """Give what is known of a failure, as heading and text."""
    failure = status.get("failure") or {}
    labels = (("What happened", "message"), ("Its log says", "log_line"), ("To fix it", "remedy"))
    return [(label, clean(failure[name])) for label, name in labels if failure.get(name)]


def value_words(value: Any) -> str:
    """Give a result in a few words, without its address."""
    if isinstance(value, dict) and "href" in value:
        name = clean(value.get("title", "file"), 120)
        return f"{name}, {size(value['length'])}" if "length" in value else name
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return f"{len(value)} entries"
    return clean(repr(value), 120)


def _took(status: dict[str, Any]) -> float | None:
    try:
        started = datetime.datetime.fromisoformat(status["started"])
        return (datetime.datetime.fromisoformat(status["finished"]) - started).total_seconds()
    except (KeyError, ValueError, TypeError):
        return None
