"""What the command line writes: values on the output, the way there aside."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from .display.text import step_text
from .display.words import clean_log, size

SHOW_S = 0.2


def show(value: Any, text: str, *, is_json: bool) -> int:
    """Write a value as JSON, or a text in its place; gives the exit code of success.

    A terminal would obey what hostile names hold, and files outlive their maker: neither gets
    control characters. JSON writes all but ASCII as escapes.
    """
    print(json.dumps(value, indent=2, default=str) if is_json else clean_log(text), flush=True)
    return 0


def tell(text: str) -> None:
    """Write a line aside, for a person."""
    print(clean_log(text), file=sys.stderr, flush=True)


def pour(data: bytes) -> None:
    """Write data to a file or pipe as it is; a terminal gets its text."""
    if sys.stdout.isatty():
        print(clean_log(data.decode("utf-8", "replace")).rstrip("\n"), flush=True)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


class Progress:
    """Lines for the steps; on a terminal also a percentage that stays in its place."""

    def __init__(self, *, is_silent: bool = False) -> None:
        self._is_silent, self._is_terminal = is_silent, sys.stderr.isatty()

    def __call__(self, event: dict[str, Any]) -> None:
        """Take an event of the job."""
        if self._is_silent:
            return
        data, clear = event["data"], "\r\x1b[K" if self._is_terminal else ""
        if event["kind"] == "step" and data["state"] != "waiting":
            print(f"{clear}{step_text(data)}", file=sys.stderr, flush=True)
        elif self._is_terminal and event["kind"] == "progress":
            percent = int(data.get("progress") or 0)
            print(f"{clear}{percent} %", end="", file=sys.stderr, flush=True)
        elif self._is_terminal and event["kind"] == "job":
            print(clear, end="", file=sys.stderr, flush=True)


class Copying:
    """How much was copied by now, on a terminal; gone when it is over."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._bytes, self._shown_at = 0, 0.0

    def __call__(self, length: int) -> None:
        """Count a piece, in bytes."""
        self._bytes += length
        if self._is_terminal and time.monotonic() - self._shown_at > SHOW_S:
            self._shown_at = time.monotonic()
            print(f"\r\x1b[K{size(self._bytes)}", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> Copying:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the line as it was."""
        if self._shown_at:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
