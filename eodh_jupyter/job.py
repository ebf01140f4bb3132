"""A job: one run of a process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import quote

import httpx

from .code import as_magic, as_python
from .display.card import Card
from .display.graph import Graph
from .errors import Detached, EodhError, Failure, JobFailed, RunnerUnreachable
from .event import RECONNECT_S, TERMINAL, follow, ticking
from .result import Result, Results
from .signature import refuse_unknown

if TYPE_CHECKING:
    from .client import Client
    from .form import LaunchForm

TICK_S = 0.5


class Job:
    """One run of a process; lives in the runner, whatever happens to this object."""

    def __init__(self, client: Client, status: dict[str, Any]) -> None:
        self._client, self._status = client, status
        self._results: Results | None = None
        #: True when the cell shows it already; its next display is left out.
        self.is_shown = False

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
        return int(self._status.get("progress") or 0)

    @property
    def created(self) -> str:
        """When it was launched, as the runner writes it (RFC 3339)."""
        return str(self._status.get("created", ""))

    @property
    def inputs(self) -> dict[str, Any]:
        """What it was given, as the wire has it; defaults are left out."""
        if "inputs" not in self._status:
            # Lists leave them out.
            self.refresh()
        return dict(self._status.get("inputs") or {})

    @property
    def is_terminal(self) -> bool:
        """True once it has ended."""
        return self.status in TERMINAL

    @property
    def failure(self) -> Failure | None:
        """Why it failed; None when it did not."""
        found = self._status.get("failure")
        return Failure.from_json(found) if found else None

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
        path = self._path("events")
        for event in follow(self._client._http, path, after, lambda: self.refresh().is_terminal):
            self._apply(event)
            yield event

    def wait(self, timeout: float | None = None, *, raise_on_failure: bool = True) -> Job:
        """Wait until the job has ended; interrupting it leaves the job alone.

        Parameters
        ----------
        timeout
            Seconds; default no limit.

        Raises
        ------
        JobFailed
            When it failed or was dismissed.
        TimeoutError
            When it has not ended in time; it goes on.
        Detached
            When interrupted; it goes on.
        """
        return self.watch(lambda event: None, timeout, raise_on_failure=raise_on_failure)

    def watch(
        self,
        callback: Callable[[dict[str, Any]], None],
        timeout: float | None = None,
        *,
        raise_on_failure: bool = True,
        tick: Callable[[], None] | None = None,
        tick_s: float = TICK_S,
    ) -> Job:
        """Wait, and call `callback` with each event; see `wait`.

        Parameters
        ----------
        tick
            Called when `tick_s` passed without an event.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        pause_s = tick_s if timeout is None else max(0.001, min(tick_s, timeout))
        try:
            for event in ticking(self.events(), pause_s):
                if event is not None:
                    callback(event)
                elif tick is not None:
                    tick()
                if deadline is not None and time.monotonic() > deadline and not self.is_terminal:
                    raise TimeoutError(
                        f"job {self.id[:8]} is {self.status} after {timeout} s; it goes on"
                    )
            self.refresh()
        except KeyboardInterrupt:
            raise Detached(self) from None
        if raise_on_failure and self.status != "successful":
            raise JobFailed(self)
        return self

    def steps(self) -> list[dict[str, Any]]:
        """Give the step runs: path, state, log, wall_s, cpu_s, peak_ram_mib, exit_code."""
        answer = self._client._http.request("GET", self._path("steps")).json()
        found: list[dict[str, Any]] = answer["steps"]
        return found

    @overload
    def logs(self, step: str | None = None, follow: Literal[False] = False) -> str: ...
    @overload
    def logs(self, step: str | None, follow: Literal[True]) -> Iterator[str]: ...
    @overload
    def logs(self, step: str | None = None, *, follow: Literal[True]) -> Iterator[str]: ...
    def logs(self, step: str | None = None, follow: bool = False) -> str | Iterator[str]:
        """Give the log of a step run, or with `follow` its lines as they are written.

        Parameters
        ----------
        step
            Path ("crop/0") or name of its log ("crop.0"); default the failed or newest one.
        """
        if follow:
            return self.follow_log(step)
        log = self._log_of(step)
        if log is None:
            return ""
        answer = self._client._http.request("GET", self._log_path(log))
        return answer.content.decode("utf-8", "replace")

    def follow_log(self, step: str | None = None) -> Iterator[str]:
        """Give the lines of a step's log as they are written, until the step has ended."""
        log = self._log_of(step)
        if log is None:
            return
        offset, rest, lost_at = 0, b"", None
        while True:
            params = {"follow": "true", "offset": offset}
            try:
                with self._client._http.stream(self._log_path(log), params=params) as answer:
                    for chunk in answer.iter_bytes():
                        offset, lost_at = offset + len(chunk), None
                        *lines, rest = (rest + chunk).split(b"\n")
                        yield from (line.decode("utf-8", "replace") for line in lines)
                break
            except httpx.ReadTimeout:
                continue  # A silent log is no lost one: followed logs have no heartbeat.
            except (httpx.TransportError, RunnerUnreachable) as error:
                lost_at = lost_at or time.monotonic()
                if time.monotonic() - lost_at > RECONNECT_S:
                    raise RunnerUnreachable(f"the runner does not answer: {error}") from error
                time.sleep(0.5)
        if rest:
            yield rest.decode("utf-8", "replace")

    def log_tail(self, log: str, count: int) -> list[str]:
        """Give the last lines of a log, by the name of the log."""
        headers = {"Range": "bytes=-2000"}
        answer = self._client._http.request("GET", self._log_path(log), headers=headers)
        return answer.content.decode("utf-8", "replace").splitlines()[-count:]

    @property
    def results(self) -> Results:
        """Results by output id: `job.results["mask"]`, or `job.results.mask`.

        Raises
        ------
        JobFailed
            When the job failed or was dismissed.
        Problem
            While it runs.
        """
        if self._results is None:
            if self.refresh().status in ("failed", "dismissed"):
                raise JobFailed(self)
            self._results = Results(self._client._http, self.id, self._read_results())
        return self._results

    def open(self, output: str) -> Result:
        """Give one result, which shows itself as a preview: `job.open("mask")`.

        Parameters
        ----------
        output
            Id of the output; behind it entries and files: "masks/0", "stac/catalog.json".
        """
        name, *rest = output.split("/")
        found = self.results[name]
        while rest:
            if found.is_folder:
                return found["/".join(rest)]
            key, *rest = rest
            found = found[int(key) if isinstance(found.value, list) else key]
        return found

    def rerun(self, **changes: Any) -> Job:
        """Launch its process again with the same inputs, some of them changed.

        Parameters
        ----------
        changes
            Values by input id; None takes an input back to its default.

        Raises
        ------
        UnknownInput
            For an input that the process as it is deployed now does not take.
        """
        process = self._client.process(self.process_id)
        kept = {name: value for name, value in self.inputs.items() if name not in changes}
        given = {name: value for name, value in changes.items() if value is not None}
        refuse_unknown(process.id, process.fields, changes)
        return self._client.execute(process, {**kept, **given})

    def code(self, *, is_magic: bool = False) -> str:
        """Give the Python, or the magic, that launches the same again."""
        fields = self._client.process(self.process_id).fields
        return (as_magic if is_magic else as_python)(self.process_id, fields, self.inputs)

    def form(self, **changes: Any) -> LaunchForm:
        """Give the form of its process, filled with its inputs and the changes."""
        from .form import LaunchForm

        process = self._client.process(self.process_id)
        return LaunchForm(process, {**self.inputs, **changes}, job=self)

    def graph(self) -> Graph:
        """Give the steps with their states; shows itself as a picture."""
        found = self._client._http.request("GET", self._path("graph")).json()
        return Graph.of(f"{self.process_id} {self.id[:8]}", found, self.steps())

    def copy(self) -> Job:
        """Give another handle of the same job, for another thread."""
        return Job(self._client, dict(self._status))

    def dismiss(self) -> None:
        """End the job; remove it from the lists when it has ended."""
        self._status = self._client._http.request("DELETE", self._path()).json()

    def card(self, fallback: Card | None = None) -> Card:
        """Give what a display shows; when no runner answers, what is known here."""
        card = Card(self._status, dict(fallback.steps) if fallback else {})
        card.graph = fallback.graph if fallback else None
        try:
            card.steps = {step["path"]: step for step in self.steps()}
            if self.status == "successful":
                card.results = self._read_results()
            if card.graph is None:
                card.graph = self._client._http.request("GET", self._path("graph")).json()
        except EodhError:
            return card
        return card

    def widget(self) -> Any:
        """Give the live card as a widget, for front ends without our JupyterLab extension.

        Raises
        ------
        MissingExtra
            Without `pip install "eodh-jupyter[widget]"`.
        """
        from .display.widget import make_widget

        return make_widget(self)

    def __repr__(self) -> str:
        """Show one line."""
        return f"Job({self.id[:8]}, {self.process_id}, {self.status}, {self.progress} %)"

    def _ipython_display_(self) -> None:
        if not self.is_shown:
            # IPython goes on to the other forms.
            raise NotImplementedError
        self.is_shown = False

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.card().bundle()

    def _read_results(self) -> dict[str, Any]:
        """Give all outputs with files by reference, also where the execution wanted less."""
        params = {"f": "links"} if "response" in self._status else {}
        answer = self._client._http.request("GET", self._path("results"), params=params)
        return dict(answer.json())

    def _path(self, *more: str) -> str:
        return "/".join(["jobs", quote(self.id, safe=""), *more])

    def _log_path(self, log: str) -> str:
        return self._path(quote(f"{log}.log", safe=""))

    def _log_of(self, step: str | None) -> str | None:
        """Give the name of the log of a step; None when no step has begun."""
        found = [entry for entry in self.steps() if entry.get("log")]
        if step is None:
            if not found:
                return None
            newest = [s for s in found if s["state"] != "waiting"] or found
            return str(next((s for s in found if s["state"] == "failed"), newest[-1])["log"])
        wanted = [entry for entry in found if step in (entry["path"], entry["log"])]
        if not wanted:
            known = ", ".join(entry["path"] for entry in found) or "none yet"
            raise EodhError(f"job {self.id[:8]} has no step '{step}'; it has: {known}")
        return str(wanted[0]["log"])

    def _apply(self, event: dict[str, Any]) -> None:
        if event["kind"] in ("job", "progress"):
            for name in ("status", "message", "progress", "failure"):
                if name in event["data"]:
                    self._status[name] = event["data"][name]
