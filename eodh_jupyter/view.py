"""A job as text and as self-contained HTML: what a notebook keeps."""

from __future__ import annotations

from html import escape
from typing import Any

MARKS = {
    "done": "[x]",
    "running": "[>]",
    "failed": "[!]",
    "dismissed": "[-]",
    "reused": "[=]",
    "waiting": "[ ]",
}
COLOURS = {"successful": "#2e7d32", "failed": "#c62828", "dismissed": "#757575"}


def job_text(status: dict[str, Any], steps: list[dict[str, Any]]) -> str:
    """Give the job in plain text: the job line, then a line for each step."""
    state = str(status["status"])
    lines = [f"{status['processID']} {status['jobID'][:8]}: {_line(status, state)}"]
    for step in steps:
        lines.append(f"  {MARKS.get(step['state'], '[ ]')} {_plain(step['path'])}{_took(step)}")
    lines += [f"  {label}: {_plain(text)}" for label, text in _why(status)]
    return "\n".join(lines)


def job_html(status: dict[str, Any], steps: list[dict[str, Any]]) -> str:
    """Give the job as HTML without scripts or addresses; every text is escaped."""
    state = str(status["status"])
    colour = COLOURS.get(state, "#1976d2")
    percent = 100 if state == "successful" else int(status.get("progress", 0))
    rows = "".join(
        f"<tr><td style='font-family:monospace'>{escape(MARKS.get(step['state'], '[ ]'))}</td>"
        f"<td style='text-align:left'>{escape(_plain(step['path']))}</td>"
        f"<td>{escape(step['state'])}{escape(_took(step))}</td></tr>"
        for step in steps[:50]
    )
    if len(steps) > 50:
        rows += f"<tr><td></td><td>and {len(steps) - 50} more</td><td></td></tr>"
    why = "".join(
        f"<div><b>{escape(label)}</b>: {escape(_plain(text))}</div>" for label, text in _why(status)
    )
    return (
        "<section style='max-width:900px;border:1px solid #bdbdbd;padding:8px 12px'>"
        f"<div><b>{escape(str(status['processID']))}</b> <code>{escape(status['jobID'][:8])}</code>"
        f"</div><div>{escape(_line(status, state))}</div>"
        f"<div style='height:3px;margin:6px 0;background:#e0e0e0'>"
        f"<div style='height:3px;width:{percent}%;background:{colour}'></div></div>"
        f"{why}<table>{rows}</table></section>"
    )


def _line(status: dict[str, Any], state: str) -> str:
    if state == "running":
        return f"Running · {status.get('progress', 0)} %"
    return state.capitalize()


def _took(step: dict[str, Any]) -> str:
    return f", {step['wall_s']:.1f} s" if step.get("wall_s") else ""


def _why(status: dict[str, Any]) -> list[tuple[str, str]]:
    failure = status.get("failure") or {}
    labels = (("What happened", "message"), ("Its log says", "log_line"), ("To fix it", "remedy"))
    return [(label, str(failure[name])) for label, name in labels if failure.get(name)]


def _plain(text: str) -> str:
    """Give text without control characters, so that a terminal shows it as written."""
    return "".join(c if c.isprintable() else "�" for c in str(text))[:500]
