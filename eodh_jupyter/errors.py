"""Errors of the client.

EodhError
├── RunnerUnreachable       no runner answers
│   ├── RunnerIdle          none is up, and nothing is wrong
│   └── RunnerNotStarted    one was started and ended at once; its last words follow
├── Problem                 the runner refused; `invalid` and `diagnostics` say what
├── InputError              a value cannot be sent as an input
│   └── UnknownInput        the process has no input of that name; also a TypeError
├── MissingExtra            a library is not installed; also an ImportError
└── JobFailed               the job ended without results; `failure` says why

Detached is a KeyboardInterrupt: somebody stopped waiting, the job goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .job import Job


class EodhError(Exception):
    """Base of all errors whose text is for the user."""

    def details(self) -> str:
        """Give all that is known: what the runner answered, the step's log, the traceback."""
        from .details import details_of

        return details_of(self)

    def _render_traceback_(self) -> list[str]:
        """Show the text alone in a notebook; `%workflow details` has the rest."""
        return [f"{type(self).__name__}: {self}"]


class RunnerUnreachable(EodhError):
    """No runner answers."""


class RunnerIdle(RunnerUnreachable):
    """No runner is up; the next that is allowed to starts one."""


class RunnerNotStarted(RunnerUnreachable):
    """A runner was started, and did not come up."""


class InputError(EodhError, ValueError):
    """A value cannot be sent as an input."""


class UnknownInput(InputError, TypeError):
    """The process has no input of that name."""


class MissingExtra(EodhError, ImportError):
    """A library that only some need is not installed."""

    def __init__(self, what: str, library: str, extra: str = "results") -> None:
        self.library = library
        super().__init__(f'{what} needs {library}: pip install "eodh-jupyter[{extra}]"')


@dataclass(frozen=True)
class Failure(Mapping[str, Any]):
    """Why a job failed; also a mapping by the names of the wire, with what is known.

    Examples
    --------
    >>> failure = Failure("command", "crop ended with code 3.", exit_code=3)
    >>> failure.kind, failure["class"], dict(failure)["exit_code"]
    ('command', 'command', 3)
    """

    #: input, document, image, command, memory, time, storage, internal, ...
    kind: str
    #: One sentence that names the thing.
    message: str
    #: One sentence that says what to do.
    remedy: str | None = None
    #: Path of the step that failed ("crop/0"), if one did.
    step: str | None = None
    #: Exit code of the command, if it ended by itself.
    exit_code: int | None = None
    #: The first useful line of the step's log.
    log_line: str | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Failure:
        """Read the wire form; members of a newer runner are left out."""
        known = {field.name for field in fields(cls)}
        found = {("kind" if key == "class" else key): item for key, item in value.items()}
        kept = {key: item for key, item in found.items() if key in known}
        return cls(**{"kind": "internal", "message": "", **kept})

    def __getitem__(self, name: str) -> Any:
        """Give a member by its name on the wire."""
        return self._known()[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names of what is known."""
        return iter(self._known())

    def __len__(self) -> int:
        """Give how many members are known."""
        return len(self._known())

    def __str__(self) -> str:
        """Give message, log line and remedy, a line each."""
        lines = [self.message]
        if self.log_line:
            lines.append(f"its log says: {self.log_line}")
        if self.remedy:
            lines.append(f"to fix it: {self.remedy}")
        return "\n  ".join(lines)

    def _known(self) -> dict[str, Any]:
        found = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {("class" if k == "kind" else k): item for k, item in found if item is not None}


class Problem(EodhError):
    """The runner refused a request (RFC 9457)."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.detail = str(body.get("detail") or body.get("title") or f"status {status}")
        self.status = status
        #: The whole answer.
        self.body = dict(body)
        self.type = str(body.get("type", ""))
        #: Message by input id.
        self.invalid: dict[str, str] = dict(body.get("invalid") or {})
        #: The process that is in the way of a deployment; None when none is.
        self.process_id: str | None = body.get("processID")
        #: `{message, line, column, severity}` of a document.
        self.diagnostics: list[dict[str, Any]] = list(body.get("diagnostics") or [])
        super().__init__(self.detail)

    def __str__(self) -> str:
        """Give the detail, and what of `invalid` and `diagnostics` it does not say itself."""
        lines = [self.detail]
        for name, message in self.invalid.items():
            if message not in self.detail:
                lines.append(f"  {name}: {message}")
        for found in self.diagnostics:
            message, line = str(found.get("message", "")), found.get("line")
            if message not in self.detail or line is not None:
                lines.append(f"  line {line}: {message}" if line is not None else f"  {message}")
        return "\n".join(lines)


#: The name that the design uses for what the runner refuses.
RunnerError = Problem


class JobFailed(EodhError):
    """The job failed or was dismissed."""

    def __init__(self, job: Job) -> None:
        self.job = job
        #: None when it was dismissed.
        self.failure = job.failure
        short, lines = job.id[:8], [str(job.failure or job.message or "it has no results")]
        if job.failure is not None and job.failure.step:
            lines.append(f"its whole log: %workflow logs {short} {job.failure.step}")
        what = "\n  ".join(lines)
        super().__init__(f"job {short} of {job.process_id} {job.status}: {what}")


class Detached(KeyboardInterrupt):
    """Waiting was interrupted; the job goes on."""

    def __init__(self, job: Job) -> None:
        self.job = job
        short = job.id[:8]
        super().__init__(
            f"left job {short}; it goes on. To come back: client.job('{short}').wait() "
            f"or %workflow watch {short}; to end it: %workflow dismiss {short}"
        )

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
