"""A job shown while it runs: one display in a notebook, lines on a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..errors import EodhError
from .card import Card
from .text import step_text

if TYPE_CHECKING:
    from ..job import Job

REDRAW_S = 0.25
TAIL_S = 1.0
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
        job.watch(board.take, raise_on_failure=False, tick=board.tick, tick_s=REDRAW_S)
    finally:
        board.finish()


def print_event(event: dict[str, Any]) -> None:
    """Print a line for each step that starts or ends."""
    if event["kind"] == "step" and event["data"]["state"] != "waiting":
        print(step_text(event["data"]), flush=True)


class _Board:
    """One display, redrawn at most four times a second."""

    def __init__(self, job: Job) -> None:
        from IPython.display import display

        self._job = job
        self._card = Card(job._status)
        self._drawn_at = self._read_at = time.monotonic()
        self._is_stale = False
        self._handle: Any = display(self._card.bundle(), raw=True, display_id=True)

    def take(self, event: dict[str, Any]) -> None:
        if event["kind"] == "step":
            self._card.steps[event["data"]["path"]] = event["data"]
        self._is_stale = True
        self.tick()

    def tick(self) -> None:
        now = time.monotonic()
        if now - self._read_at >= TAIL_S:
            self._read_at = now
            self._read_tail()
        if self._is_stale and now - self._drawn_at >= REDRAW_S:
            self._drawn_at = now
            self._draw()

    def finish(self) -> None:
        self._card = self._job.card(fallback=self._card)
        self._draw()

    def _read_tail(self) -> None:
        running = [s for s in self._card.steps.values() if s["state"] == "running"]
        tail: list[str] = []
        if running:
            try:
                tail = self._job.log_tail(running[-1]["log"], TAIL_LINES)
            except EodhError:
                return
        self._is_stale |= tail != self._card.log_tail
        self._card.log_tail = tail

    def _draw(self) -> None:
        self._is_stale = False
        self._card.status = self._job._status
        if self._handle is not None:
            self._handle.update(self._card.bundle(), raw=True)
