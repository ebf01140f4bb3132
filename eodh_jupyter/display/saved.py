"""What a notebook keeps of a job for the live card: plain data without any address."""

from __future__ import annotations

import datetime
from typing import Any

from .card import MAX_RESULTS, Card
from .words import clean, neutral

MIME_TYPE = "application/vnd.eodh.job+json"
VERSION = 1
MAX_STEPS = 200
MAX_NODES = 60


def saved(card: Card) -> dict[str, Any]:
    """Give the job as the card first shows it, before a runner answers.

    Notes
    -----
    Members are only added; what reads it leaves aside what it does not know. `version`
    changes when a member changes its meaning.
    """
    status = card.status
    results = [entry for name, value in card.results.items() for entry in _entries(name, value)]
    kept = ("status", "progress", "created", "started", "finished", "revision")
    found: dict[str, Any] = {
        "version": VERSION,
        "jobID": str(status["jobID"]),
        "processID": clean(status["processID"], 200),
        "saved": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "status": {name: status[name] for name in kept if status.get(name) is not None},
        "steps": [_step(step) for step in list(card.steps.values())[:MAX_STEPS]],
        "results": results[:MAX_RESULTS],
        "result_count": len(results),
    }
    if failure := status.get("failure"):
        names = ("class", "message", "remedy", "step", "log_line")
        found["status"]["failure"] = {
            name: neutral(clean(failure[name])) for name in names if failure.get(name) is not None
        }
    if card.graph and 0 < len(card.graph["nodes"]) <= MAX_NODES:
        found["graph"] = card.graph
    return found


def _step(step: dict[str, Any]) -> dict[str, Any]:
    facts = {name: step[name] for name in ("wall_s", "attempt") if step.get(name) is not None}
    return {"path": step["path"], "state": step["state"], **facts}


def _entries(name: str, value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list) and value and all(_is_link(entry) for entry in value):
        return [_entry(f"{name}/{index}", entry) for index, entry in enumerate(value)]
    return [_entry(name, value)]


def _entry(name: str, value: Any) -> dict[str, Any]:
    if not _is_link(value):
        return {"name": name, "kind": "value", "text": neutral(clean(_plain(value), 120))}
    kind = "directory" if value.get("rel") == "directory" else "file"
    entry = {"name": name, "kind": kind, "title": clean(value.get("title", name), 200)}
    return entry | {key: value[key] for key in ("type", "length") if value.get(key) is not None}


def _plain(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_link(value: Any) -> bool:
    return isinstance(value, dict) and "href" in value
