"""A job shown in its own cell while the kernel is free for others."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import EodhError

if TYPE_CHECKING:
    from ..job import Job

#: As in `live.py`: the live card follows by itself.
REDRAW_S = 5.0


def show_in_background(job: Job) -> None:
    """Show the job in this cell, and go on to do so when the cell has ended."""
    from IPython.display import display

    handle = display(job.card().bundle(), raw=True, display_id=True)
    if handle is not None:
        _start(job, lambda bundle: handle.update(bundle, raw=True))


def follow_in(output: Any, job: Job) -> None:
    """Show the job in an Output widget, until it has ended."""

    def draw(bundle: dict[str, Any]) -> None:
        output.outputs = ({"output_type": "display_data", "data": bundle, "metadata": {}},)

    draw(job.card().bundle())
    _start(job, draw)


def _start(job: Job, draw: Callable[[dict[str, Any]], Any]) -> None:
    if job.is_terminal:
        return
    # What is shown belongs to this cell, whichever runs by then.
    context = contextvars.copy_context()
    thread = threading.Thread(
        target=context.run, args=(_follow, job.copy(), draw), name="eodh-display", daemon=True
    )
    thread.start()


def _follow(job: Job, draw: Callable[[dict[str, Any]], Any]) -> None:
    card, drawn_at, state = job.card(), time.monotonic(), job.status
    try:
        for event in job.events():
            if event["kind"] == "step":
                card.steps[event["data"]["path"]] = event["data"]
            is_new = job.status != state and not job.is_terminal
            if is_new or time.monotonic() - drawn_at >= REDRAW_S:
                drawn_at, state, card.status = time.monotonic(), job.status, job._status
                draw(card.bundle())
        job.refresh()
    except EodhError:
        # The last state that was seen stays; the job goes on without this display.
        return
    finally:
        draw(job.card(fallback=card).bundle())
