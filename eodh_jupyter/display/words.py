"""Marks, durations, sizes and clean text: the same in every display."""

from __future__ import annotations

import datetime
import re
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


#: Signs of HTML without style, read as text.
SYMBOLS = {
    "done": "✓",
    "successful": "✓",
    "reused": "↻",
    "running": "▸",
    "failed": "✗",
    "dismissed": "⊘",
}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
#: An address, or an absolute path of two names or more.
_PLACE = re.compile(r"(?:[A-Za-z][\w+.-]*://|(?<![\w.~/-])~?/(?=[^\s/'\"]+/))[^\s'\"<>()]+")


def symbol(state: str) -> str:
    """Give the sign of a state, for HTML."""
    return SYMBOLS.get(state, "○")


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


def facts(status: dict[str, Any]) -> list[str]:
    """Give the facts of a job that stand behind its state."""
    state, found = str(status["status"]), []
    if state == "accepted" and status.get("jobs_ahead"):
        found.append(f"{status['jobs_ahead']} ahead of this one")
    if state == "running":
        found.append(f"{max(0, min(99, int(status.get('progress') or 0)))} %")
        if current := clean(status.get("current") or "", 80):
            found.append(current)
    if (took := _took(status)) is not None:
        found.append(duration(took))
    counts = status.get("steps") or {}
    if state == "successful" and counts.get("reused"):
        found.append(f"{counts['reused']} reused, {counts['done'] - counts['reused']} run")
    return found


def now_words(status: dict[str, Any]) -> str:
    """Give what a job does now, or how it ended, without its state."""
    if failure := status.get("failure"):
        return clean(failure.get("message", ""), 80)
    if status["status"] == "accepted":
        ahead = status.get("jobs_ahead")
        return f"{ahead} jobs ahead of it" if ahead else ""
    if status["status"] == "running":
        facts = [clean(status.get("current") or f"{status.get('progress') or 0} %")]
        if (left := status.get("time_left_s")) is not None:
            facts.append(f"about {duration(max(10, round(left, -1)))} left")
        return ", ".join(facts)
    message = clean(status.get("message") or "", 80)
    return "" if message == status["status"] else message


def took_words(status: dict[str, Any]) -> str:
    """Give how long a job took, or has been running; empty when it has not begun."""
    is_running = status["status"] == "running"
    now = datetime.datetime.now(datetime.UTC).isoformat()
    took = _took({"finished": now, **status} if is_running else status)
    return "" if took is None else duration(max(0.0, took))


def ago(time: str, now: datetime.datetime | None = None) -> str:
    """Give how long ago a time of the wire was.

    Examples
    --------
    >>> now = datetime.datetime(2026, 3, 12, 16, 20, tzinfo=datetime.UTC)
    >>> [ago(f"2026-03-12T16:{m}:00Z", now) for m in ("19", "20", "00")]
    ['1 min ago', 'now', '20 min ago']
    >>> ago("2026-03-12T14:00:00Z", now), ago("2026-03-11T14:00:00Z", now)
    ('2 h ago', 'yesterday 14:00')
    >>> ago("2025-12-01T14:00:00Z", now), ago("", now)
    ('1 Dec 2025', '')
    """
    try:
        then = datetime.datetime.fromisoformat(time)
    except ValueError:
        return ""
    now = now or datetime.datetime.now(datetime.UTC)
    seconds = (now - then).total_seconds()
    if seconds < 5:
        return "now"
    if seconds < 60:
        return f"{int(seconds)} s ago"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    then, now = then.astimezone(now.tzinfo), now
    if then.date() == now.date():
        return f"{int(seconds // 3600)} h ago"
    if (now.date() - then.date()).days == 1:
        return f"yesterday {then:%H:%M}"
    return f"{then.day} {then:%b} {then.year}"


def failure_lines(status: dict[str, Any]) -> list[str]:
    """Give what is known of a failure: what happened, what its log says, the remedy."""
    failure = status.get("failure") or {}
    texts = {
        name: neutral(clean(failure.get(name) or "")) for name in ("message", "log_line", "remedy")
    }
    lines = [texts["message"], f"  {texts['log_line']}", f"To fix it: {texts['remedy']}"]
    return [line for line, text in zip(lines, texts.values(), strict=True) if text]


def neutral(text: str) -> str:
    """Give a text for a notebook: of addresses and absolute paths only the last name is kept.

    Examples
    --------
    >>> neutral("GET https://me:pw@host/a/b.tif?key=1 failed; /home/me/b.tif: no and/or 1/2")
    'GET …/b.tif failed; …/b.tif: no and/or 1/2'
    """
    return _PLACE.sub(_last_name, text)


def _last_name(found: re.Match[str]) -> str:
    place = found[0].rstrip(".,;:!?")
    name = re.split(r"[?#]", place)[0].rstrip("/").rpartition("/")[2]
    return f"…/{name}{found[0][len(place) :]}"


def time_words(time: Any) -> str:
    """Give a time of the wire in words, empty when there is none.

    Examples
    --------
    >>> time_words("2026-11-25T10:42:11.5Z")
    '25 Nov 2026, 10:42:11 UTC'
    """
    try:
        found = datetime.datetime.fromisoformat(str(time)).astimezone(datetime.UTC)
    except ValueError:
        return ""
    return f"{found.day} {_MONTHS[found.month - 1]} {found:%Y, %H:%M:%S} UTC"


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
