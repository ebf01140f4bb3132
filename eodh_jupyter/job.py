"""A job: one run of a process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from .errors import EodhError, JobFailed, RunnerUnreachable
from .result import Results
from .view import job_html, job_text

if TYPE_CHECKING:
    from .client import Client

TERMINAL = ("successful", "failed", "dismissed")
RECONNECT_S = 60.0


class Job:
    """One run of a process; lives in the runner, whatever happens to this object."""

    def __init__(self, client: Client, status: dict[str, Any]) -> None:
        self._client, self._status = client, status

    @property
    def id(self) -> str:
        """Identifier (UUID)."""
        return str(self._status["jobID"])

    @property
    def process_id(self) -> str:
        """Identifier of the process it runs."""
        return str(self._status["processID"])

    @property
    def status(self) -> str:
        """State as last read: accepted, running, successful, failed or dismissed."""
        return str(self._status["status"])

    @property
    def message(self) -> str:
        """What was going on, in one line."""
        return str(self._status.get("message", ""))

    @property
    def progress(self) -> int:
        """Whole percent, 0-100."""
        return int(self._status.get("progress", 0))

    @property
    def is_terminal(self) -> bool:
        """True once it has ended."""
        return self.status in TERMINAL

    @property
    def failure(self) -> dict[str, Any]:
        """Why it failed: class, message, remedy, step, exit_code, log_line; else empty."""
        found: dict[str, Any] = self._status.get("failure", {})
        return found

    def refresh(self) -> Job:
        """Read the state anew."""
        self._status = self._client._http.request("GET", self._path()).json()
        return self

    def events(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """Give the job's events as they happen, from the first; ends with the job.

        Yields
        ------
        dict
            `seq`, `time`, `kind` (job, progress, step, log) and `data`. Numbers are
            contiguous, also when the runner was restarted meanwhile.
        """
        lost_at: float | None = None
        while True:
            try:
                with self._client._http.stream(self._path("events"), params={"after": after}) as s:
                    for line in s.iter_lines():
                        lost_at = None
                        if line.startswith("data: "):
                            event = json.loads(line[6:])
                            after = event["seq"]
                            self._apply(event)
                            yield event
                if self.refresh().is_terminal:
                    return
            except (httpx.TransportError, RunnerUnreachable):
                lost_at = lost_at or time.monotonic()
                if time.monotonic() - lost_at > RECONNECT_S:
                    raise
                self._client._http.close()
                time.sleep(0.5)

    def wait(self, timeout_s: float | None = None, *, raise_on_failure: bool = True) -> Job:
        """Wait until the job has ended; interrupting it leaves the job alone.

        Raises
        ------
        JobFailed
            When it failed or was dismissed.
        TimeoutError
            When it has not ended in time; it goes on.
        """
        return self.watch(lambda event: None, timeout_s, raise_on_failure=raise_on_failure)

    def watch(
        self,
        callback: Callable[[dict[str, Any]], None],
        timeout_s: float | None = None,
        *,
        raise_on_failure: bool = True,
    ) -> Job:
        """Wait, and call `callback` with each event; see `wait`."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        for event in self.events():
            callback(event)
            if deadline is not None and time.monotonic() > deadline and not self.is_terminal:
                raise TimeoutError(f"job {self.id[:8]} is {self.status} after {timeout_s} s")
        self.refresh()
        if raise_on_failure and self.status != "successful":
            raise JobFailed(self.id, self.status, self.message, self.failure)
        return self

    def steps(self) -> list[dict[str, Any]]:
        """Give the step runs: path, state, log, wall_s, cpu_s, peak_ram_mib, exit_code."""
        found: list[dict[str, Any]] = self._client._http.request("GET", self._path("steps")).json()[
            "steps"
        ]
        return found

    def logs(self, step: str | None = None) -> str:
        """Give the log of a step ("crop/0" or "crop.0"); default the failed or newest one."""
        found = self.steps()
        if not found:
            return ""
        if step is None:
            chosen = next((s for s in found if s["state"] == "failed"), found[-1])
        else:
            wanted = [s for s in found if step in (s["path"], s["log"])]
            if not wanted:
                known = ", ".join(s["path"] for s in found)
                raise EodhError(f"job {self.id[:8]} has no step '{step}'; it has: {known}")
            chosen = wanted[0]
        name = quote(f"{chosen['log']}.log", safe="")
        answer = self._client._http.request("GET", self._path(name))
        return answer.content.decode("utf-8", "replace")

    def follow_log(self, step: str) -> Iterator[str]:
        """Give the lines of a step's log as they are written, until the step has ended."""
        log = next((s["log"] for s in self.steps() if step in (s["path"], s["log"])), None)
        if log is None:
            raise EodhError(f"job {self.id[:8]} has no step '{step}' yet")
        path = self._path(quote(f"{log}.log", safe=""))
        with self._client._http.stream(path, params={"follow": "true"}) as answer:
            yield from answer.iter_lines()

    def results(self) -> Results:
        """Give the results by output id.

        Raises
        ------
        JobFailed
            When the job failed or was dismissed.
        Problem
            While it runs.
        """
        if self.refresh().status in ("failed", "dismissed"):
            raise JobFailed(self.id, self.status, self.message, self.failure)
        found = self._client._http.request("GET", self._path("results")).json()
        return Results(self._client._http, found)

    def dismiss(self) -> None:
        """End the job; remove it from the lists when it has ended."""
        self._client._http.request("DELETE", self._path())

    def __repr__(self) -> str:
        """Show one line."""
        return f"Job({self.id[:8]}, {self.process_id}, {self.status}, {self.progress} %)"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        steps = self.steps()
        return {
            "text/plain": job_text(self._status, steps),
            "text/html": job_html(self._status, steps),
        }

    def _path(self, *more: str) -> str:
        return "/".join(["jobs", self.id, *more])

    def _apply(self, event: dict[str, Any]) -> None:
        if event["kind"] in ("job", "progress"):
            for name in ("status", "message", "progress", "failure"):
                if name in event["data"]:
                    self._status[name] = event["data"][name]
