"""A job shown while it runs: one display in a notebook, lines on a terminal."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from ..errors import EodhError
from .text import step_text

if TYPE_CHECKING:
    from ..job import Job

#: The live card follows by itself; what has only HTML sees progress as often as this.
REDRAW_S = 5.0
TICK_S = 1.0
TAIL_LINES = 3


def show_live(job: Job, *, is_notebook: bool) -> None:
    """Show the job until it has ended; its last state stays in the notebook.

    Raises
    ------
    Detached
        When the user interrupts; the job goes on.
    """
    if not is_notebook:
        job.watch(print_event, raise_on_failure=False)
        return
    board = _Board(job)
    try:
        job.watch(board.take, raise_on_failure=False, tick=board.tick, tick_s=TICK_S)
    finally:
        board.finish()


def print_event(event: dict[str, Any]) -> None:
    """Print a line for each step that starts or ends."""
    if event["kind"] == "step" and event["data"]["state"] != "waiting":
        print(step_text(event["data"]), flush=True)


class _Board:
    """One display, written anew when the state changes, and seldom for progress."""

    def __init__(self, job: Job) -> None:
        from IPython.display import display

        self._job = job
        self._card = job.card()
        self._drawn_at = time.monotonic()
        self._is_stale = False
        self._handle: Any = display(self._card.bundle(), raw=True, display_id=True)

    def take(self, event: dict[str, Any]) -> None:
        if event["kind"] == "step":
            self._card.steps[event["data"]["path"]] = event["data"]
        self._is_stale = True
        state = self._card.status["status"]
        self._card.status = self._job._status
        if event["kind"] == "job" and self._job.status != state and not self._job.is_terminal:
            self._draw()
        self.tick()

    def tick(self) -> None:
        if self._is_stale and time.monotonic() - self._drawn_at >= REDRAW_S:
            self._read_tail()
            self._draw()

    def finish(self) -> None:
        self._card = self._job.card(fallback=self._card)
        self._draw()

    def _read_tail(self) -> None:
        running = [s for s in self._card.steps.values() if s["state"] == "running" and s.get("log")]
        self._card.log_tail = []
        if running:
            with contextlib.suppress(EodhError):
                self._card.log_tail = self._job.log_tail(running[-1]["log"], TAIL_LINES)

    def _draw(self) -> None:
        self._drawn_at, self._is_stale = time.monotonic(), False
        if self._handle is not None:
            self._handle.update(self._card.bundle(), raw=True)
