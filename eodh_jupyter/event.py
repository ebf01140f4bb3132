"""A job's events as they happen, over cut connections and restarts of the runner."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx

from .errors import Problem, RunnerUnreachable
from .http import Transport

TERMINAL = ("successful", "failed", "dismissed")
RECONNECT_S = 60.0
Item = TypeVar("Item")


def follow(
    http: Transport, path: str, after: int, is_over: Callable[[], bool]
) -> Iterator[dict[str, Any]]:
    """Give events behind a sequence number, each once, until the one that ends the job.

    Parameters
    ----------
    is_over
        Asks the runner whether the job has ended; asked when the stream is silent or ends.

    Raises
    ------
    RunnerUnreachable
        When the runner cannot be found again for a minute.
    """
    lost_at: float | None = None
    while True:
        try:
            for line in lines(http, path, after):
                lost_at = None
                if line.startswith(":") and line != ": events follow" and is_over():
                    return
                if not line.startswith("data:"):
                    continue
                event = json.loads(line[5:])
                if event["seq"] <= after:
                    continue
                after = event["seq"]
                yield event
                if event["kind"] == "job" and event["data"].get("status") in TERMINAL:
                    return
            if is_over():
                return
            reason: Exception = RunnerUnreachable("the runner ended the stream")
        except (httpx.TransportError, RunnerUnreachable) as error:
            reason = error
        except Problem as problem:
            if problem.status < 500:
                raise
            reason = problem
        lost_at = lost_at or time.monotonic()
        if time.monotonic() - lost_at > RECONNECT_S:
            raise RunnerUnreachable(f"the runner does not answer: {reason}") from reason
        time.sleep(0.5)


def lines(http: Transport, path: str, after: int) -> Iterator[str]:
    """Give the lines of an event stream behind a sequence number, until it is cut."""
    headers = {"Accept": "text/event-stream"}
    if after:
        headers["Last-Event-ID"] = str(after)
    with http.stream(path, headers=headers) as answer:
        yield from answer.iter_lines()


def ticking(items: Iterator[Item], tick_s: float) -> Iterator[Item | None]:
    """Give items as they come, and None whenever `tick_s` passes without one.

    The items are read by a thread of its own, so that the reader can draw, stop at a
    deadline, or be interrupted while nothing comes.
    """
    arrived: queue.Queue[tuple[str, Any]] = queue.Queue()
    is_left = threading.Event()

    def read() -> None:
        try:
            for item in items:
                arrived.put(("item", item))
                if is_left.is_set():
                    return
        except Exception as error:  # noqa: BLE001  handed to the thread that waits
            arrived.put(("error", error))
        else:
            arrived.put(("end", None))

    threading.Thread(target=read, name="eodh-events", daemon=True).start()
    try:
        while True:
            try:
                what, value = arrived.get(timeout=tick_s)
            except queue.Empty:
                yield None
                continue
            if what == "error":
                raise value
            if what == "end":
                return
            yield value
    finally:
        is_left.set()
