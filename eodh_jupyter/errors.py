"""Errors of the client.

EodhError
├── RunnerUnreachable   no runner answers, and none could be started
├── Problem             the runner refused; `invalid` and `diagnostics` say what
└── JobFailed           the job ended without results; `failure` says why
"""

from __future__ import annotations

from typing import Any


class EodhError(Exception):
    """Base of all errors whose text is for the user."""

    def _render_traceback_(self) -> list[str]:
        """Show the text alone in a notebook; `%tb` has the rest."""
        return [f"{type(self).__name__}: {self}"]


class RunnerUnreachable(EodhError):
    """No runner answers."""


class Problem(EodhError):
    """The runner refused a request (RFC 9457)."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body.get("detail") or body.get("title") or f"status {status}"))
        self.status = status
        self.type = str(body.get("type", ""))
        #: Message by input id.
        self.invalid: dict[str, str] = body.get("invalid", {})
        #: `{message, line, column, severity}` of a document.
        self.diagnostics: list[dict[str, Any]] = body.get("diagnostics", [])


class JobFailed(EodhError):
    """The job failed or was dismissed."""

    def __init__(self, job_id: str, status: str, message: str, failure: dict[str, Any]) -> None:
        self.job_id, self.status = job_id, status
        #: class, message, remedy, step, exit_code, log_line; what is known of them.
        self.failure = failure
        lines = [f"job {job_id[:8]} {status}: {failure.get('message', message)}"]
        if line := failure.get("log_line"):
            lines.append(f"  its log says: {line}")
        if remedy := failure.get("remedy"):
            lines.append(f"  to fix it: {remedy}")
        super().__init__("\n".join(lines))
