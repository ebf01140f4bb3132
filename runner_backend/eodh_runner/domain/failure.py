"""Why a job or a step failed, in words a person can act on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class FailureClass(StrEnum):
    """What kind of thing went wrong; decides retries and the remedy."""

    INPUT = "input"
    DOCUMENT = "document"
    IMAGE = "image"
    COMMAND = "command"
    MEMORY = "memory"
    TIME = "time"
    SCHEDULING = "scheduling"
    STORAGE = "storage"
    PERMISSION = "permission"
    INFRASTRUCTURE = "infrastructure"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Failure:
    """The reason of a failure, as shown in the status, the card and the exception."""

    #: What kind of thing went wrong.
    kind: FailureClass
    #: One sentence that names the thing.
    message: str
    #: One sentence that says what to do.
    remedy: str
    #: Path of the step that failed ("crop/0"), if one did.
    step: str | None = None
    #: Exit code of the command, if it ended by itself.
    exit_code: int | None = None
    #: The first useful line of the step's log.
    log_line: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the wire form; absent fields are left out."""
        return {
            ("class" if key == "kind" else key): value
            for key, value in asdict(self).items()
            if value is not None
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Failure:
        """Read the wire form back."""
        fields = {("kind" if key == "class" else key): item for key, item in value.items()}
        return cls(**{**fields, "kind": FailureClass(fields["kind"])})


class StepFailed(Exception):
    """A step run cannot end well; carries the reason.

    Raised by executors and staging, which translate exit codes, pod phases and
    operating-system errors; nothing above them knows those.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
