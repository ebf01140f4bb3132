"""The use cases, for whoever calls: the API, the command line of the runner, tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

from ..db import event, job, process, step_run
from ..db.database import Database
from ..db.job import JobFilter
from ..db.step_run import StepRecord
from ..domain.event import Event, StepState
from ..domain.job import Job, JobStatus, WantedResults
from ..domain.process import Process
from ..errors import BadInput, NotAvailable, NotFound, NotReady
from ..preview import Renderer
from ..store import Store, key_of, log_key
from . import echo, record, result
from . import log as log_text
from .browse import Browser, Level
from .caller import Caller
from .deployment import Deployment, Inspector
from .execute import accept
from .job_log import JobLogs
from .package import Fetch
from .preview import Previews
from .secret import has_secrets, masked, secrets_of
from .standing import Standing, standings
from .upload import Upload, Uploads
from .watch import Token, Watch

ACCEPTED = "accepted"
DISMISSED = "dismissed"


class Service:
    """Deploy, execute, dismiss, read: the one way to the state.

    Parameters
    ----------
    fetch
        Gives the bytes behind a public address.
    health_parts
        Gives what `/health` says of the worker, the engine and the executor.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        inspector: Inspector,
        fetch: Fetch,
        watch: Watch,
        health_parts: Callable[[], dict[str, Any]],
        workspace: str,
        uploads: Uploads | None = None,
    ) -> None:
        self._uploads = uploads or Uploads(database, store)
        self._db, self._store = database, store
        self._watch, self._health = watch, health_parts
        self.workspace = workspace
        self._started = time.monotonic()
        self.deployment = Deployment(database, inspector, fetch, watch, self.process)
        self._renderer = Renderer()
        self._previews = Previews(store, self._renderer)
        self.job_logs, self._browser = JobLogs(database, store), Browser(store)

    # Processes

    def processes(
        self, caller: Caller, workspace: str, limit: int = 10_000, after: str = "", q: str = ""
    ) -> list[Process]:
        """Give the deployed processes, the built-in one first; `q` is in id, title or keyword."""
        self._enter(caller, workspace)
        with self._db.read() as connection:
            found = process.list_deployed(connection, workspace, limit, after, q)
        is_wanted = not after and q.strip().casefold() in echo.SEARCH
        return ([echo.process(workspace)] if is_wanted else []) + found

    def processes_with_jobs(self, workspace: str, process_ids: list[str]) -> set[str]:
        """Give those of the processes that have jobs."""
        with self._db.read() as connection:
            return job.processes_with_jobs(connection, workspace, process_ids)

    def process(self, caller: Caller, workspace: str, process_id: str) -> Process:
        """Give one process; raises NotFound."""
        self._enter(caller, workspace)
        if process_id == echo.ID:
            return echo.process(workspace)
        with self._db.read() as connection:
            found = process.deployed(connection, workspace, process_id)
        if found is None:
            raise NotFound("process", process_id, "deploy it first")
        return found

    # Jobs

    def execute(
        self,
        caller: Caller,
        workspace: str,
        process_id: str,
        inputs: dict[str, Any],
        idempotency_key: str | None = None,
        wanted: WantedResults | None = None,
    ) -> Job:
        """Accept a job; it is on the disk when this returns.

        Raises
        ------
        BadInput
            With every offending input at once.
        NotFound
            For an output that the process has not.
        Conflict
            When the idempotency key stands for another request.
        """
        chosen = self.process(caller, workspace, process_id)
        accepted = accept(
            self._db,
            caller,
            chosen,
            inputs,
            idempotency_key,
            self._uploads,
            wanted or WantedResults(),
        )
        self._watch.notify(ACCEPTED, f"job:{accepted.job_id}", f"workspace:{workspace}")
        return accepted

    async def upload(
        self,
        caller: Caller,
        workspace: str,
        sha256: str,
        name: str,
        content: AsyncIterator[bytes],
        told_bytes: int | None = None,
    ) -> Upload:
        """Take a file as an input for jobs of the workspace; see `Uploads.take`."""
        self._enter(caller, workspace)
        return await self._uploads.take(workspace, sha256, name, content, told_bytes)

    def find_upload(self, caller: Caller, workspace: str, sha256: str, name: str) -> Upload | None:
        """Give the file of a content and a name, where it is there."""
        self._enter(caller, workspace)
        return self._uploads.find(workspace, sha256, name)

    def job(self, caller: Caller, workspace: str, job_id: str) -> Job:
        """Give one job; raises NotFound."""
        self._enter(caller, workspace)
        with self._db.read() as connection:
            found = job.find(connection, workspace, job_id)
        if found is None:
            raise NotFound("job", job_id)
        return found

    def jobs(
        self,
        caller: Caller,
        workspace: str,
        limit: int = 10,
        skip: int = 0,
        status: list[str] | None = None,
        process_id: list[str] | None = None,
        min_duration_s: float | None = None,
        max_duration_s: float | None = None,
        created: tuple[datetime | None, datetime | None] = (None, None),
        q: str = "",
        behind: str | None = None,
    ) -> tuple[list[Job], int]:
        """Give a page of jobs, newest first, and the number of all that match.

        Parameters
        ----------
        q
            Text that the id, the process or a value of the inputs holds.
        behind
            Id of a job; the page begins with the next older one.
        """
        self._enter(caller, workspace)
        wanted = JobFilter(
            [JobStatus(s) for s in status or ()],
            process_id or (),
            min_duration_s,
            max_duration_s,
            *created,
            q,
        )
        with self._db.read() as connection:
            number = job.number(connection, workspace, behind) if behind is not None else None
            if behind is not None and number is None:
                message = f"job '{behind}' does not exist"
                raise BadInput(message, {"behind": message}, parameter=True)
            return job.page(connection, workspace, wanted, limit, skip, number)

    def standings(self, jobs: list[Job]) -> dict[str, Standing]:
        """Give where jobs stand, by job id."""
        with self._db.read() as connection:
            return standings(connection, jobs)

    def newest_revision(self, workspace: str, process_id: str) -> int | None:
        """Give the revision that is deployed now; None when none is."""
        if process_id == echo.ID:
            return echo.process(workspace).revision
        with self._db.read() as connection:
            return process.newest_revision(connection, workspace, process_id)

    def dismiss(self, caller: Caller, workspace: str, job_id: str) -> Job:
        """End a job that runs; remove a finished one from the lists."""
        found = self.job(caller, workspace, job_id)
        with self._db.write(durable=True) as connection:
            is_ended = record.dismiss(connection, found)
            if not is_ended:
                record.delete(connection, found)
        if is_ended:
            found = self.job(caller, workspace, job_id)
        else:
            self._store.delete(key_of(workspace, "jobs", job_id))
        self._watch.notify(DISMISSED, f"job:{job_id}", f"workspace:{workspace}")
        return found

    async def wait_job(self, caller: Caller, job_id: str, timeout_s: float) -> Job:
        """Give the job when it has ended, or as it is after the time."""
        deadline = time.monotonic() + timeout_s
        while True:
            token = self._watch.token(f"job:{job_id}")
            found = await asyncio.to_thread(self.job, caller, self.workspace, job_id)
            left = deadline - time.monotonic()
            if found.status.is_terminal or left <= 0:
                return found
            await self._watch.wait(token, left)

    def steps(self, caller: Caller, workspace: str, job_id: str) -> list[dict[str, Any]]:
        """Give the step runs as their last events say, by first appearance."""
        of = self.job(caller, workspace, job_id)
        with self._db.read() as connection:
            records = step_run.of_job(connection, job_id)
            ran = process.revision(connection, workspace, of.process_id, of.revision)
            secrets: list[str] = []
            if ran is not None and has_secrets(ran.inspection):
                secrets = secrets_of(job.job_order(connection, job_id), ran.inspection)
        return [self._step(workspace, job_id, found, secrets) for found in records]

    def graph(self, caller: Caller, workspace: str, job_id: str) -> dict[str, Any]:
        """Give the graph of the revision that the job runs."""
        ran = self.ran(caller, workspace, job_id)
        return ran.inspection.graph if ran else {"nodes": [], "edges": []}

    def ran(self, caller: Caller, workspace: str, job_id: str) -> Process | None:
        """Give the revision that the job runs, also when another one is deployed now."""
        found = self.job(caller, workspace, job_id)
        if found.process_id == echo.ID:
            return echo.process(workspace)
        with self._db.read() as connection:
            return process.revision(connection, workspace, found.process_id, found.revision)

    # Results and logs

    def results(self, caller: Caller, workspace: str, job_id: str) -> dict[str, Any]:
        """Give the CWL output object of a successful job.

        Raises
        ------
        NotReady
            While the job has not ended.
        NotAvailable
            When it failed or was dismissed, with the reason.
        """
        found = self.job(caller, workspace, job_id)
        if not found.status.is_terminal:
            raise NotReady(f"job '{job_id}' is {found.status}; its results come when it ends")
        if found.status is not JobStatus.SUCCESSFUL:
            raise NotAvailable(f"job '{job_id}' has no results: {found.message}", found.failure)
        return found.outputs or {}

    def open_output(
        self, caller: Caller, workspace: str, job_id: str, path: list[str]
    ) -> result.OutputFile:
        """Give the file at a path of the results; read it with `read`."""
        return result.find_file(self._store, self.results(caller, workspace, job_id), path)

    def link_output(self, file: result.OutputFile, lives_s: int) -> str:
        """Give an address of the store that reads a file for some time; raises BadInput."""
        return result.link_to(self._store, file, lives_s)

    def list_output(
        self, caller: Caller, workspace: str, job_id: str, output: str
    ) -> list[dict[str, Any]]:
        """Give the files of one output: path below it, name, size in bytes."""
        return result.list_folder(self._store, self.results(caller, workspace, job_id), output)

    def browse(
        self,
        caller: Caller,
        workspace: str,
        job_id: str,
        path: list[str],
        limit: int = 200,
        after: str = "",
    ) -> Level:
        """Give a page of what stands at a path of the results; the empty path is all outputs."""
        outputs = self.results(caller, workspace, job_id)
        return self._browser.level(outputs, path, limit, after)

    def preview(
        self, caller: Caller, workspace: str, job_id: str, path: list[str]
    ) -> dict[str, Any]:
        """Give what a result is at a glance; see `Previews.preview`."""
        return self._previews.preview(self.results(caller, workspace, job_id), path)

    def picture(
        self, caller: Caller, workspace: str, job_id: str, path: list[str], size: int
    ) -> bytes:
        """Give the quick look of a result as PNG."""
        return self._previews.png(self.results(caller, workspace, job_id), path, size)

    def read(self, key: str, offset: int, limit: int | None = None) -> bytes:
        """Give a range of an object."""
        return self._store.read(key, offset, limit)

    def log_info(self, caller: Caller, workspace: str, job_id: str, log: str) -> tuple[int, bool]:
        """Give the size of a step's log so far in bytes, and whether it is complete."""
        self.job(caller, workspace, job_id)
        return self.job_logs.info(workspace, job_id, log)

    def read_log(self, workspace: str, job_id: str, log: str, offset: int, limit: int) -> bytes:
        """Give a range of a step's log."""
        return self.job_logs.read(workspace, job_id, log, offset, limit)

    # Events

    def events(self, workspace: str, job_id: str, after: int = 0, limit: int = 500) -> list[Event]:
        """Give a job's events behind a sequence number."""
        with self._db.read() as connection:
            return event.of_job(connection, job_id, after, limit)

    def workspace_events(self, workspace: str, after: int, limit: int = 500) -> list[Event]:
        """Give the workspace's events behind a position."""
        with self._db.read() as connection:
            return event.of_workspace(connection, workspace, after, limit)

    def last_position(self, workspace: str) -> int:
        """Give the position of the workspace's newest event."""
        with self._db.read() as connection:
            return event.last_position(connection, workspace)

    def watch(self, topic: str) -> Token:
        """Give the present moment of `job:<id>`, `log:<id>` or `workspace:<name>`."""
        return self._watch.token(topic)

    def wait(self, token: Token, timeout_s: float) -> Awaitable[bool]:
        """Wait for a change behind the token; False when none came in time."""
        return self._watch.wait(token, timeout_s)

    async def wait_any(self, tokens: list[Token], timeout_s: float) -> None:
        """Wait for a change behind any of the tokens, or for the time."""
        waits = [asyncio.ensure_future(self._watch.wait(token, timeout_s)) for token in tokens]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def close(self) -> None:
        """End what was started to answer."""
        self._renderer.close()

    def health(self) -> dict[str, Any]:
        """Give the state of each part by name."""
        try:
            with self._db.read() as connection:
                unfinished = len(job.unfinished(connection))
            database = "ok"
        except Exception as error:  # noqa: BLE001  a broken part is what health reports
            unfinished, database = 0, f"failed: {type(error).__name__}"
        parts = self._health()
        is_well = database == "ok" and parts.get("engine", {}).get("state") == "ready"
        return {
            "status": "ok" if is_well else "degraded",
            "database": database,
            "jobs_unfinished": unfinished,
            "uptime_s": round(time.monotonic() - self._started, 1),
            **parts,
        }

    # Parts

    def _enter(self, caller: Caller, workspace: str) -> None:
        caller.require(workspace)
        if workspace != self.workspace:
            raise NotFound("workspace", workspace, f"this runner has '{self.workspace}'")

    def _step(
        self, workspace: str, job_id: str, found: StepRecord, secrets: list[str]
    ) -> dict[str, Any]:
        """Give a step run as its last event says, with what was asked for and its log's size."""
        command = [masked(word, secrets) for word in found.command]
        more: dict[str, Any] = {"command": command, "image": found.image}
        if found.state is StepState.RUNNING:
            key = log_key(workspace, job_id, found.log, found.attempt)
            more["log_size_bytes"] = log_text.size_bytes(self._store, key)
        else:
            more["log_size_bytes"] = found.log_size_bytes
        return {**found.data, **{name: value for name, value in more.items() if value is not None}}
