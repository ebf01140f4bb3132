"""A job as self-contained HTML, as a notebook keeps it: no scripts, no addresses."""

from __future__ import annotations

import datetime
from html import escape
from typing import Any

from .card import MAX_RESULTS, Card
from .words import clean, facts, failure_lines, neutral, symbol, time_words, value_words

SMALL = "font-size:90%;opacity:.75"
LEFT = "text-align:left;padding:1px 16px 1px 0"


def job_html(card: Card) -> str:
    """Give the card; every text is escaped, and colours are never the only sign."""
    status = card.status
    name, short = escape(clean(status["processID"], 200)), escape(clean(status["jobID"])[:8])
    state = clean(status["status"], 20)
    return (
        f"<section aria-label='Job {short} of {name}' "
        "style='max-width:900px;border:1px solid rgba(128,128,128,.5);padding:8px 12px'>"
        f"<div>{symbol(state)} <b>{escape(state.capitalize())}</b> · {name} · job {short}</div>"
        f"{_facts(status)}{_failure(status)}{_steps(card)}{_results(card)}{_tail(card)}"
        f"<div style='{SMALL}'>{_saved(state)}</div></section>"
    )


def _facts(status: dict[str, Any]) -> str:
    words = [escape(fact) for fact in facts(status)]
    if status["status"] == "running":
        percent = max(0, min(99, int(status.get("progress") or 0)))
        words[0] = (
            f"<progress max='100' value='{percent}' aria-label='Progress'></progress> {words[0]}"
        )
    for name, word in (("finished", "ended"), ("started", "started"), ("created", "launched")):
        if time := time_words(status.get(name)):
            words.append(escape(f"{word} {time}"))
            break
    return f"<div>{' · '.join(words)}</div>"


def _failure(status: dict[str, Any]) -> str:
    if status["status"] != "failed":
        return ""
    return "".join(f"<div>{escape(line)}</div>" for line in failure_lines(status))


def _steps(card: Card) -> str:
    rows, left_out = card.rows()
    if not rows:
        return ""
    body = "".join(
        f"<tr><td style='{LEFT}'>{escape(row.name)}{f' ({row.total})' if row.total > 1 else ''}"
        f"</td><td style='{LEFT}'>{symbol(row.state)} {escape(row.word)}</td>"
        f"<td style='{LEFT}'>{escape(row.time)}</td></tr>"
        for row in rows
    )
    more = f"<tr><td style='{LEFT}' colspan='3'>and {left_out} more</td></tr>" if left_out else ""
    head = "".join(f"<th style='{LEFT}'>{word}</th>" for word in ("Step", "State", "Time"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}{more}</tbody></table>"


def _results(card: Card) -> str:
    found = list(card.results.items())
    if not found:
        return ""
    words = [
        f"{escape(clean(n))}: {escape(neutral(value_words(v)))}" for n, v in found[:MAX_RESULTS]
    ]
    more = len(found) - MAX_RESULTS
    return f"<div>Results: {'; '.join(words)}{f'; and {more} more' if more > 0 else ''}</div>"


def _tail(card: Card) -> str:
    if not card.log_tail:
        return ""
    lines = "\n".join(escape(clean(line, 300)) for line in card.log_tail)
    return f"<pre style='{SMALL};margin:6px 0'>{lines}</pre>"


def _saved(state: str) -> str:
    now = time_words(datetime.datetime.now(datetime.UTC).isoformat())
    is_over = state in ("successful", "failed", "dismissed")
    more = "" if is_over else " The job may have ended since."
    where = " Open it in JupyterLab with eodh-jupyter for the live job."
    return f"State when this notebook was saved, {now}.{more}{where}"
