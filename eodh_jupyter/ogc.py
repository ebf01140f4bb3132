"""The words of OGC API Processes on the wire, for the runner and its clients.

OGC 18-062r2 (Part 1) and OGC 20-044 (Part 2), with our own members beside theirs.
Members that are not known are kept: servers of others have more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

REL = "http://www.opengis.net/def/rel/ogc/1.0/"
REL_EXECUTE = REL + "execute"
REL_RESULTS = REL + "results"
REL_PROCESSES = REL + "processes"
REL_JOBS = REL + "job-list"
REL_CONFORMANCE = REL + "conformance"


def to_text(time: datetime) -> str:
    """Give a time as RFC 3339 in UTC with milliseconds and `Z`.

    Examples
    --------
    >>> to_text(datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC))
    '2026-01-02T03:04:05.678Z'
    """
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(to_text, return_type=str)]


class StatusCode(StrEnum):
    """The five states of a job."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    DISMISSED = "dismissed"

    @property
    def is_terminal(self) -> bool:
        """Tell whether the job has ended."""
        return self not in (StatusCode.ACCEPTED, StatusCode.RUNNING)


class Wire(BaseModel):
    """Base of what is sent: absent members are left out, never null."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    def to_json(self) -> dict[str, Any]:
        """Give the wire form."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Link(Wire):
    """A link (link.yaml)."""

    rel: str | None = None
    type: str | None = "application/json"
    title: str | None = None
    href: str
    #: Bytes behind it, where they are known.
    length: int | None = None


class StepCounts(Wire):
    """The step runs of a job in numbers; ours."""

    #: Known by now.
    total: int = 0
    #: Ended well, with those that were reused.
    done: int = 0
    running: int = 0
    failed: int = 0
    reused: int = 0


class WantedOutput(Wire):
    """How an execution wants an output (output.yaml)."""

    transmission_mode: Literal["value", "reference"] | None = Field(
        default=None, alias="transmissionMode"
    )


class StatusInfo(Wire):
    """The status of a job (statusInfo.yaml); `id` is the name that 2.0 gives `jobID`."""

    id: str | None = None
    job_id: str = Field(alias="jobID")
    type: Literal["process"] = "process"
    process_id: str | None = Field(default=None, alias="processID")
    status: StatusCode
    message: str | None = None
    #: Whole percent.
    progress: int | None = Field(default=None, ge=0, le=100)
    created: Time | None = None
    started: Time | None = None
    finished: Time | None = None
    updated: Time | None = None
    links: list[Link] = []
    #: Ours: class, message, remedy, step, exit_code, log_line.
    failure: dict[str, Any] | None = None
    #: Ours: what the job was given; only in the answer about one job.
    inputs: dict[str, Any] | None = None
    #: Ours: number of the last event that is part of this; only in the answer about one job.
    last_seq: int | None = None
    #: Ours: revision of the process that the job runs.
    revision: int | None = None
    #: Ours: the revision that is deployed now; null when none is; only of one job.
    process_revision: int | None = None
    #: Ours: seconds to the end, where past jobs of the process tell it.
    time_left_s: float | None = None
    #: Ours: older jobs that have not ended, of a job that waits.
    jobs_ahead: int | None = None
    #: Ours: the step runs in numbers, and what runs now ("crop 4 of 8").
    steps: StepCounts | None = None
    current: str | None = None
    #: Ours: whether a step has run.
    has_logs: bool | None = None
    #: Ours: what the execution asked of its results, where it asked for something.
    outputs: dict[str, WantedOutput] | None = None
    response: Literal["raw", "document"] | None = None


class JobList(Wire):
    """A page of jobs (jobList.yaml); the total stands under each name that clients read."""

    jobs: list[StatusInfo]
    links: list[Link]
    number_total: int | None = Field(default=None, alias="numberTotal")
    number_matched: int | None = Field(default=None, alias="numberMatched")
    number_returned: int | None = Field(default=None, alias="numberReturned")
    num_matched: int | None = Field(default=None, alias="numMatched")


class ProcessSummary(Wire):
    """The summary of a process (processSummary.yaml)."""

    id: str
    title: str | None = None
    description: str | None = None
    version: str
    mutable: bool = True
    job_control_options: list[str] = Field(default=[], alias="jobControlOptions")
    output_transmission: list[str] = Field(default=[], alias="outputTransmission")
    keywords: list[str] = []
    metadata: list[dict[str, Any]] = []
    links: list[Link] = []
    #: Ours: revision, when it was deployed, whether it has jobs.
    revision: int | None = None
    created: Time | None = None
    has_jobs: bool | None = None
    #: EODH's own: why the caller may see it.
    access_reasoning: str | None = Field(default=None, alias="AccessReasoning")


class ProcessDescription(ProcessSummary):
    """The description of a process (process.yaml)."""

    inputs: dict[str, dict[str, Any]] = {}
    outputs: dict[str, dict[str, Any]] = {}
    #: Ours: what the best practice for application packages asks for and is absent.
    warnings: list[str] | None = None


class ProcessList(Wire):
    """A page of processes (processList.yaml)."""

    processes: list[ProcessSummary]
    links: list[Link]


class Execute(Wire):
    """A request to execute a process (execute.yaml)."""

    inputs: dict[str, Any] = {}
    outputs: dict[str, WantedOutput] = {}
    response: Literal["raw", "document"] = "document"


class Problem(Wire):
    """Why a request was refused (exception.yaml, RFC 9457)."""

    type: str = "about:blank"
    title: str | None = None
    status: int | None = None
    detail: str | None = None
    #: Ours: message by offending name.
    invalid: dict[str, str] | None = None
    #: Ours: the process that is deployed already.
    process_id: str | None = Field(default=None, alias="processID")
    #: Ours: message, line, column and severity of each finding in a document.
    diagnostics: list[dict[str, Any]] | None = None
    #: Ours: see StatusInfo.
    failure: dict[str, Any] | None = None
    #: Ours: what to look for in the runner's log.
    reference: str | None = None


class LandingPage(Wire):
    """The first page (landingPage.yaml)."""

    title: str | None = None
    description: str | None = None
    links: list[Link]


class Conformance(Wire):
    """The classes that a server conforms to (confClasses.yaml)."""

    conforms_to: list[str] = Field(alias="conformsTo")
