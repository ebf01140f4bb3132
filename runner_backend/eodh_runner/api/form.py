"""The two forms of the API: the standard's, and the one that EODH's clients know.

They differ in: the state of a job that waits, `progress` of one that ended, the results of
a job (see `collection.py`), the types and titles of problems, what processes offer, and
members that EODH's clients read.
"""

from __future__ import annotations

from typing import Any

from eodh_jupyter.ogc import StatusCode

from ..domain.job import Job, JobStatus
from ..domain.process import Process
from .scope import Scope, split_prefix

PART1 = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
PART2 = "http://www.opengis.net/def/exceptions/ogcapi-processes-2/1.0/"
EODH = "http://www.opengis.net/def/rel/ogc/1.0/exception/"
MAX_ITEMS = 999


def shown_status(here: Scope, job: Job) -> StatusCode:
    """Give the state as the form shows it.

    EODH's clients loop while it is `running` and take anything else for an end.
    """
    if here.is_eodh and job.status is JobStatus.ACCEPTED:
        return StatusCode.RUNNING
    return StatusCode(job.status)


def stored_statuses(here: Scope, wanted: list[str]) -> list[str]:
    """Give the stored states behind those that a caller filters by."""
    if here.is_eodh and "running" in wanted:
        return [*wanted, "accepted"]
    return wanted


def shown_progress(here: Scope, job: Job) -> int | None:
    """Give the progress; EODH shows none once a job has ended."""
    return None if here.is_eodh and job.status.is_terminal else job.progress


def control_options(here: Scope, process: Process) -> list[str]:
    """Give the ways in which a process may be executed."""
    if here.is_eodh and process.is_mutable:
        return ["async-execute", "dismiss"]
    return ["sync-execute", "async-execute", "dismiss"]


def access_reasoning(here: Scope) -> str | None:
    """Give why the caller sees a process, where the form says that."""
    return "Workspace owns this workflow" if here.is_eodh else None


def shown_inputs(here: Scope, inputs: dict[str, Any]) -> dict[str, Any]:
    """Give the inputs; EODH's clients know a list by its `extended-schema`."""
    if not here.is_eodh:
        return inputs
    return {name: _with_extended_schema(entry) for name, entry in inputs.items()}


def problem_type(path: str, type_: str) -> str:
    """Give the type of a problem in the form of a path."""
    if split_prefix(path)[1] is not None and type_.startswith(PART1):
        return EODH + type_.removeprefix(PART1)
    return type_


def problem_title(path: str, type_: str) -> str:
    """Give the title of a problem: words, or EODH's one word.

    Examples
    --------
    >>> problem_title("/ogc-api/jobs/x", PART1 + "no-such-job")
    'No such job'
    >>> problem_title("/ades/ws/ogc-api/jobs/x", PART1 + "no-such-job")
    'NoSuchJob'
    """
    words = type_.rsplit("/", 1)[-1].split("-")
    if split_prefix(path)[1] is not None:
        return "".join(word.capitalize() for word in words)
    return " ".join(words).capitalize()


def _with_extended_schema(entry: dict[str, Any]) -> dict[str, Any]:
    schema = entry.get("schema", {})
    if schema.get("type") != "array":
        return entry
    extended = {"minItems": entry.get("minOccurs", 1), "maxItems": MAX_ITEMS, **schema}
    return {**entry, "extended-schema": extended}
