"""Why an evaluation failed, in one line: cwltool prints contexts, addresses and whole values."""

from __future__ import annotations

import re

from cwl_utils.errors import JavascriptException

from ..domain.failure import Failure, FailureClass

_PLACE = re.compile(r"\S*package\.cwl:(\d+):\d+:\s*")
_ADDRESS = re.compile(r"https://package\.invalid/package\.cwl#?")
_INPUT = "Invalid job input record: "
_MAX = 500


def document_failure(error: Exception, step: tuple[str, ...] = ()) -> Failure:
    """Give the failure of a document whose evaluation raised; names the step it raised in."""
    name = "/".join(getattr(error, "step_path", ()) or step)
    told = reason(error)
    if not name and told.startswith(_INPUT):
        message = f"an input is wrong: {told.removeprefix(_INPUT)}"
        remedy = "Correct the input, then launch again."
        return Failure(FailureClass.INPUT, message[:_MAX], remedy)
    return Failure(
        FailureClass.DOCUMENT,
        f"{name + ': ' if name else ''}{told}"[:_MAX],
        "Correct the workflow and deploy it again.",
        step=name or None,
    )


def reason(error: Exception) -> str:
    """Give what went wrong, without what surrounds it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, JavascriptException):
            return str(cause).split("\n", 1)[0]
        cause = cause.__cause__
    lines = [_PLACE.sub(r"line \1: ", line).strip() for line in str(error).splitlines()]
    lines = [_ADDRESS.sub("", line) for line in lines]
    # Contexts come first and JSON values last.
    told = [line for line in lines if line and line[0] not in '{}[]"' and " " in line]
    if not told:
        return lines[-1] if lines and lines[-1] else type(error).__name__
    if len(told) > 1 and told[0].endswith(":"):
        return f"{told[0]} {told[-1]}"
    return told[-1]
