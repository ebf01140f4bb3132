"""All that is known of an error, for who wants more than its short text."""

from __future__ import annotations

import json
import traceback

from .display.words import clean_log
from .errors import EodhError, JobFailed, Problem

LOG_LINES = 20


def details_of(error: BaseException) -> str:
    """Give the text of an error, what the runner said, the log of the step, and the traceback."""
    parts = [f"{type(error).__name__}: {error}"]
    for cause in _chain(error):
        if isinstance(cause, Problem):
            parts.append(f"The runner answered {cause.status}:\n{_json(cause.body)}")
        if isinstance(cause, JobFailed):
            parts += _job_parts(cause)
    frames = traceback.format_exception(error)
    parts.append("Where it happened:\n" + "".join(frames).rstrip())
    return clean_log("\n\n".join(parts))


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _job_parts(error: JobFailed) -> list[str]:
    job, failure = error.job, error.failure
    parts = [f"Job {job.id} of {job.process_id}, {job.status}"]
    if failure is not None:
        parts.append(_json(dict(failure)))
    try:
        log = job.logs(failure.step if failure else None).splitlines()
    except EodhError:
        return parts
    if log:
        parts.append("The end of its log:\n" + "\n".join(log[-LOG_LINES:]))
    return parts


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
