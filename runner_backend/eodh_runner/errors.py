"""Errors whose text is for the user.

RunnerError
├── BadInput            what was sent cannot be used; `invalid` names every part
├── BadDocument         the CWL is wrong; `diagnostics` carry line and column
├── NotFound            unknown process, job, output, step, workspace or package
├── NotReady            results asked for before the job ended
├── NotAvailable        results asked of a job that failed or was dismissed
├── Conflict            duplicate process, reused idempotency key
├── Immutable           a built-in process cannot be changed
├── TooLarge            a body or a file larger than the runner takes
├── ContentDiffers      a file that is not what its hash says
├── Unsupported         media type or execution unit that the runner cannot take
├── Denied              the caller may not
└── Unavailable         a part that the runner needs is down
    └── NoSpace         the disk of the data folder is full

Anything else is a bug: logged with a reference, answered as a plain 500.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from typing import Any

from .domain.failure import Failure
from .domain.process import Diagnostic


class RunnerError(Exception):
    """Base of all errors whose text may be shown."""


class BadInput(RunnerError):
    """What was sent cannot be used.

    Parameters
    ----------
    message
        Names the thing and the remedy.
    invalid
        Message by offending name (input id, query parameter), all of them at once.
    parameter
        True when a query parameter is meant, not a body.
    """

    def __init__(
        self, message: str, invalid: Mapping[str, str] | None = None, *, parameter: bool = False
    ) -> None:
        super().__init__(message)
        self.invalid = dict(invalid or {})
        self.parameter = parameter


class BadDocument(RunnerError):
    """The CWL document cannot be deployed."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class NotFound(RunnerError):
    """The named thing does not exist, or is not the caller's to see."""

    #: process, job, output, step, workspace, workflow, resource
    def __init__(self, noun: str, name: str, remedy: str = "") -> None:
        super().__init__(f"{noun} '{name}' does not exist{'; ' + remedy if remedy else ''}")
        self.noun, self.name = noun, name


class NotReady(RunnerError):
    """The job has not ended."""


class NotAvailable(RunnerError):
    """The job ended without results; `failure` says why."""

    def __init__(self, message: str, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.failure = failure


class Conflict(RunnerError):
    """The thing exists already; `process_id` names a process that does."""

    def __init__(self, message: str, process_id: str | None = None) -> None:
        super().__init__(message)
        self.process_id = process_id


class Immutable(RunnerError):
    """The process is built in."""


class TooLarge(RunnerError):
    """The body or file is larger than the runner takes."""


class ContentDiffers(RunnerError):
    """The file is not what its hash says."""


class Unsupported(RunnerError):
    """The media type or execution unit cannot be taken."""


class Denied(RunnerError):
    """The caller may not do this."""


class Unavailable(RunnerError):
    """A part that the runner needs does not answer."""


class NoSpace(Unavailable):
    """The disk of the data folder is full."""

    def __init__(self) -> None:
        super().__init__(
            "no space is left on the disk of the runner's data folder; make room and try again"
        )


def is_full(error: BaseException) -> bool:
    """Tell whether an error of the system means that a disk or a quota is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def as_dict(error: RunnerError) -> dict[str, Any]:
    """Give the extra members that an answer carries beside its text."""
    extra: dict[str, Any] = {}
    if isinstance(error, BadInput) and error.invalid:
        extra["invalid"] = error.invalid
    if isinstance(error, BadDocument) and error.diagnostics:
        extra["diagnostics"] = [
            {k: v for k, v in vars(d).items() if v is not None} for d in error.diagnostics
        ]
    if isinstance(error, Conflict) and error.process_id:
        extra["process_id"] = error.process_id
    if isinstance(error, NotAvailable) and error.failure:
        extra["failure"] = error.failure.to_json()
    return extra
