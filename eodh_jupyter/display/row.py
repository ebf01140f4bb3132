"""The rows of a job's table of steps: one for each step, however many runs it has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from .words import clean, duration


@dataclass(frozen=True)
class Row:
    """One step as shown."""

    #: Path of the step without the numbers of its runs, as written in the workflow.
    name: str
    state: str
    #: Runs by state.
    counts: Counter[str]
    #: Seconds of its one run.
    wall_s: float | None
    #: Of the newest run.
    attempt: int
    #: Class of its failure.
    failure: str | None

    @property
    def total(self) -> int:
        """How many runs are known."""
        return self.counts.total()

    @property
    def done(self) -> int:
        """How many runs ended well."""
        return self.counts["done"] + self.counts["reused"]

    @property
    def word(self) -> str:
        """State and share in words: "running 4/8", "failed: memory", "reused"."""
        words = self.state
        if self.total > 1 and self.state == "failed":
            words = f"failed {self.counts['failed']} of {self.total}"
        elif self.total > 1 and self.state != "waiting":
            words = f"{self.state} {self.done}/{self.total}"
        if self.failure:
            words += f": {self.failure}"
        return words if self.attempt < 2 else f"{words}, try {self.attempt}"

    @property
    def time(self) -> str:
        """How long its one run took; empty when it ran not at all or often."""
        return "" if self.wall_s is None else duration(self.wall_s)


def rows_of(
    status: dict[str, Any], steps: dict[str, dict[str, Any]], graph: dict[str, Any] | None
) -> list[Row]:
    """Give a row for each step of the graph, then for what the graph does not name."""
    runs: dict[str, list[dict[str, Any]]] = {}
    nodes = {} if graph is None else {node["id"]: node for node in graph["nodes"]}
    for name, node in nodes.items():
        if node["kind"] != "workflow":
            runs[name] = []
    for step in steps.values():
        name = step_name(step["path"], set(nodes))
        if nodes.get(name, {}).get("kind") != "workflow":
            runs.setdefault(name, []).append(step)
    return [
        _row(name, found, status["status"], nodes.get(name, {})) for name, found in runs.items()
    ]


def step_name(path: str, known: set[str]) -> str:
    """Give the step of a step run: its path without the numbers of parts and rounds.

    Examples
    --------
    >>> step_name("detect/0/crop/3", {"detect", "detect/crop"}), step_name("a/1", {"a/1"})
    ('detect/crop', 'a/1')
    """
    found: list[str] = []
    for segment in path.split("/"):
        is_step = "/".join([*found, segment]) in known
        if is_step or not found or not segment.isdecimal():
            found.append(segment)
    return "/".join(found)


def _row(name: str, runs: list[dict[str, Any]], status: str, node: dict[str, Any]) -> Row:
    counts = Counter(clean(run["state"], 20) for run in runs)
    failed = next((run for run in runs if run.get("failure")), {})
    failure = (failed.get("failure") or {}).get("class")
    return Row(
        name=clean(name, 200),
        state=_state(counts, status, node),
        counts=counts,
        wall_s=runs[0].get("wall_s") if len(runs) == 1 else None,
        attempt=max((run.get("attempt") or 1 for run in runs), default=1),
        failure=None if failure is None or not counts["failed"] else clean(failure, 40),
    )


def _state(counts: Counter[str], status: str, node: dict[str, Any]) -> str:
    if not counts:
        if status == "successful":
            # An expression has no run of its own, nor has a condition that is false.
            return "skipped" if node.get("is_conditional") else "done"
        return "not started" if status in ("failed", "dismissed") else "waiting"
    for state in ("failed", "running"):
        if counts[state]:
            return state
    if counts["waiting"]:
        return "running" if counts["done"] + counts["reused"] else "waiting"
    if len(counts) == 1:
        return next(iter(counts))
    return "dismissed" if counts["dismissed"] else "done"
