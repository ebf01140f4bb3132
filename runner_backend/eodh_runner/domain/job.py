"""A job: one run of a process, and the only transitions it may make."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from .failure import Failure


class JobStatus(StrEnum):
    """The five states of OGC API Processes (OGC 18-062r2, StatusInfo); there is no sixth."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    DISMISSED = "dismissed"

    @property
    def is_terminal(self) -> bool:
        """Tell whether the job has ended."""
        return self not in (JobStatus.ACCEPTED, JobStatus.RUNNING)


TRANSITIONS: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.ACCEPTED: frozenset({JobStatus.RUNNING, JobStatus.FAILED, JobStatus.DISMISSED}),
    JobStatus.RUNNING: frozenset({JobStatus.SUCCESSFUL, JobStatus.FAILED, JobStatus.DISMISSED}),
    JobStatus.SUCCESSFUL: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.DISMISSED: frozenset(),
}


def may_become(old: JobStatus, new: JobStatus) -> bool:
    """Tell whether a job in state `old` may go to state `new`."""
    return new in TRANSITIONS[old]


@dataclass(frozen=True)
class WantedResults:
    """What an execution asked of its results (OGC 18-062r2, execute)."""

    #: `value` or `reference` by output, None where nothing was said; empty means all outputs.
    outputs: dict[str, str | None] = field(default_factory=dict)
    #: `document`, or `raw`: an only output is the whole answer.
    response: str = "document"

    def of(self, outputs: dict[str, Any]) -> dict[str, Any]:
        """Give those of the outputs that were asked for."""
        if not self.outputs:
            return outputs
        return {name: value for name, value in outputs.items() if name in self.outputs}

    @property
    def by_value(self) -> list[str]:
        """Outputs whose small files stand inside the answer."""
        return [name for name, mode in self.outputs.items() if mode == "value"]


@dataclass(frozen=True)
class Job:
    """One run of a process, as stored."""

    #: UUID in text.
    job_id: str
    #: Workspace the process is deployed in; owns every row of the job.
    workspace: str
    #: Workspace of the person who called.
    caller: str
    #: Workspace whose quota and credentials the steps use.
    executing_workspace: str
    process_id: str
    #: Revision of the process that runs, counted from 1.
    revision: int
    status: JobStatus
    #: What is going on, in one line for a person.
    message: str
    #: Whole percent, 0-100, never falling; 100 only when results are published.
    progress: int
    created: datetime
    updated: datetime
    started: datetime | None = None
    finished: datetime | None = None
    #: Inputs as the caller gave them.
    inputs: dict[str, Any] = field(default_factory=dict)
    #: How the caller wants the results.
    wanted: WantedResults = field(default_factory=WantedResults)
    #: CWL output object with locations of the store, once successful.
    outputs: dict[str, Any] | None = None
    failure: Failure | None = None
    #: True once a finished job was deleted: a tombstone, absent from lists.
    is_deleted: bool = False
    #: Number of its last event.
    last_seq: int = 0
