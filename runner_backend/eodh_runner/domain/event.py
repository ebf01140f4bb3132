"""The event log of a job: everything a person sees is a reader of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """What an event reports; the keys of `data` stand behind each."""

    #: status, message, progress; failure when it failed.
    JOB = "job"
    #: progress (0-100), done, total (step runs).
    PROGRESS = "progress"
    #: path, name, log, tool, state, attempt; with the end also exit_code, wall_s, cpu_s,
    #: peak_ram_mib, failure; cores and ram_mib as asked for; waiting (what for), node.
    STEP = "step"
    #: step, log, size_bytes: a log appeared or ended with this size.
    LOG = "log"
    #: process_id, change (deployed, replaced, undeployed); belongs to no job.
    PROCESS = "process"


class StepState(StrEnum):
    """State of a step run as shown to people."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"
    DISMISSED = "dismissed"

    @property
    def is_terminal(self) -> bool:
        """Tell whether the step run has ended."""
        return self not in (StepState.WAITING, StepState.RUNNING)


@dataclass(frozen=True)
class Event:
    """One entry of a job's log."""

    #: None for events of the workspace.
    job_id: str | None
    #: Counted from 1 for each job, without a gap.
    seq: int
    #: Position in the whole log; cursor of the workspace's stream.
    position: int
    time: datetime
    kind: EventKind
    data: dict[str, Any]
