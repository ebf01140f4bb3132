"""A service in memory with the signatures of the real one, for tests of the API."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from eodh_runner.api.app import make_app
from eodh_runner.db.search import text_of
from eodh_runner.domain.event import Event, EventKind
from eodh_runner.domain.failure import Failure, FailureClass
from eodh_runner.domain.job import Job, JobStatus, WantedResults
from eodh_runner.domain.process import Diagnostic, Inspection, Process
from eodh_runner.errors import (
    BadDocument,
    BadInput,
    Conflict,
    Immutable,
    NotAvailable,
    NotFound,
    NotReady,
)
from eodh_runner.service import Caller, echo
from eodh_runner.service.result import OutputFile, media_type_of
from eodh_runner.service.standing import Standing
from eodh_runner.service.watch import Token, Watch

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def make_process(process_id: str = "ndvi", revision: int = 1, **fields: Any) -> Process:
    inspection = Inspection(
        process_id=process_id,
        title="NDVI",
        description="Vegetation index",
        version="1.2.0",
        keywords=("EO",),
        metadata=({"role": "https://schema.org/softwareVersion", "value": "1.2.0"},),
        inputs={
            "threshold": {"title": "threshold", "schema": {"type": "number", "default": 0}},
            "scenes": {
                "title": "scenes",
                "minOccurs": 1,
                "schema": {"type": "array", "items": {"type": "string"}},
            },
        },
        outputs={"out": {"title": "out", "schema": {"type": "string"}}},
        graph={"nodes": [{"id": "crop"}], "edges": []},
        document={"json": {"cwlVersion": "v1.2", "class": "Workflow", "id": "ndvi"}},
    )
    given = {"source": b"cwlVersion: v1.2\nid: ndvi\n", **fields}
    return Process("local", process_id, revision, START, inspection, **given)


class FakeService:
    """Echo ends at once unless `pause` is given; every other job waits for `finish`."""

    def __init__(self, workspace: str = "local") -> None:
        self.workspace = workspace
        self.deployed: dict[str, Process] = {}
        self.stored_jobs: dict[str, Job] = {}
        self.stored_events: list[Event] = []
        self.stored_steps: dict[str, list[dict[str, Any]]] = {}
        self.stored_standings: dict[str, Standing] = {}
        #: Bytes by (job id, path below the results).
        self.files: dict[tuple[str, str], bytes] = {}
        #: Text and whether it is complete, by (job id, log).
        self.logs: dict[tuple[str, str], tuple[bytes, bool]] = {}
        self.deployment = self
        #: What inspections find that a package lacks.
        self.warnings: tuple[str, ...] = ()
        self._keys: dict[str, tuple[Any, Job]] = {}
        self._watch = Watch()

    # What tests do behind the API

    def finish(
        self, job_id: str, outputs: dict[str, Any] | None = None, failure: Failure | None = None
    ) -> None:
        status = JobStatus.FAILED if failure else JobStatus.SUCCESSFUL
        self._set(job_id, status, str(status), outputs, failure)

    def add_folder(self, job_id: str, output: str, files: dict[str, bytes]) -> dict[str, Any]:
        for path, content in files.items():
            self.files[job_id, f"{output}/{path}"] = content
        return {"class": "Directory", "basename": output, "location": f"eodh-store:///{output}"}

    def add_file(self, job_id: str, output: str, name: str, content: bytes) -> dict[str, Any]:
        self.files[job_id, output] = content
        return {"class": "File", "basename": name, "size": len(content), "location": "x"}

    def write_log(self, job_id: str, log: str, more: bytes, *, is_complete: bool) -> None:
        before = self.logs.get((job_id, log), (b"", False))[0]
        self.logs[job_id, log] = (before + more, is_complete)
        self._watch.notify(f"log:{job_id}")

    def add_event(self, job_id: str | None, kind: EventKind, data: dict[str, Any]) -> Event:
        seq = 1 + sum(e.job_id == job_id for e in self.stored_events)
        event = Event(job_id, seq, len(self.stored_events) + 1, START, kind, data)
        self.stored_events.append(event)
        self._watch.notify(f"job:{job_id}", f"workspace:{self.workspace}")
        return event

    # The service

    async def deploy(
        self,
        caller: Caller,
        workspace: str,
        source: bytes,
        media_type: str,
        workflow: str | None = None,
    ) -> Process:
        self._enter(caller, workspace)
        if source == b"bug":
            raise RuntimeError("secret words of a bug")
        if b"cwlVersion" not in source:
            raise BadDocument("it is no CWL", [Diagnostic("cwlVersion is missing", 1, 1)])
        if workflow not in (None, "ndvi"):
            raise NotFound("workflow", str(workflow))
        if "ndvi" in self.deployed:
            raise Conflict("process 'ndvi' is deployed already")
        made = make_process(source=source, media_type=media_type)
        self.deployed["ndvi"] = self._warned(made)
        self.add_event(None, EventKind.PROCESS, {"process_id": "ndvi", "change": "deployed"})
        return self.deployed["ndvi"]

    async def deploy_unit(
        self, caller: Caller, workspace: str, package: dict[str, Any], workflow: str | None = None
    ) -> Process:
        if "executionUnit" not in package:
            raise BadInput("the package has no executionUnit", {"executionUnit": "is needed"})
        return await self.deploy(caller, workspace, b"cwlVersion: v1.2", "application/cwl")

    async def replace(
        self,
        caller: Caller,
        workspace: str,
        process_id: str,
        source: bytes,
        media_type: str,
        workflow: str | None = None,
    ) -> Process:
        known = self._mutable(caller, workspace, process_id)
        made = make_process(process_id, known.revision + 1, source=source)
        self.deployed[process_id] = self._warned(made)
        return self.deployed[process_id]

    async def replace_unit(
        self,
        caller: Caller,
        workspace: str,
        process_id: str,
        package: dict[str, Any],
        workflow: str | None = None,
    ) -> Process:
        return await self.replace(caller, workspace, process_id, b"cwlVersion", "application/cwl")

    async def check(
        self, caller: Caller, workspace: str, source: bytes, workflow: str | None = None
    ) -> Inspection:
        self._enter(caller, workspace)
        if b"cwlVersion" not in source:
            raise BadDocument("it is no CWL", [Diagnostic("cwlVersion is missing", 1, 1)])
        return make_process("ndvi").inspection

    async def check_unit(
        self, caller: Caller, workspace: str, package: dict[str, Any], workflow: str | None = None
    ) -> Inspection:
        return await self.check(caller, workspace, b"cwlVersion: v1.2", workflow)

    def undeploy(self, caller: Caller, workspace: str, process_id: str) -> None:
        del self.deployed[self._mutable(caller, workspace, process_id).process_id]

    def processes(
        self, caller: Caller, workspace: str, limit: int = 10_000, after: str = "", q: str = ""
    ) -> list[Process]:
        self._enter(caller, workspace)
        found = sorted(name for name in self.deployed if name > after and q in name)[:limit]
        first = [] if after or q not in echo.SEARCH else [echo.process(workspace)]
        return first + [self.deployed[name] for name in found]

    def processes_with_jobs(self, workspace: str, process_ids: list[str]) -> set[str]:
        return {job.process_id for job in self.stored_jobs.values()} & set(process_ids)

    def process(self, caller: Caller, workspace: str, process_id: str) -> Process:
        self._enter(caller, workspace)
        if process_id == echo.ID:
            return echo.process(workspace)
        if process_id not in self.deployed:
            raise NotFound("process", process_id, "deploy it first")
        return self.deployed[process_id]

    def execute(
        self,
        caller: Caller,
        workspace: str,
        process_id: str,
        inputs: dict[str, Any],
        idempotency_key: str | None = None,
        wanted: WantedResults | None = None,
    ) -> Job:
        process = self.process(caller, workspace, process_id)
        if process_id == echo.ID and not isinstance(inputs.get("stringInput"), str):
            raise BadInput("stringInput: is needed", {"stringInput": "is needed"})
        for name in wanted.outputs if wanted else ():
            if name not in process.inspection.outputs:
                raise NotFound("output", name)
        if idempotency_key in self._keys:
            request, job = self._keys[idempotency_key]
            if request != (process_id, inputs):
                raise Conflict("this Idempotency-Key was used for another request")
            return job
        job_id = f"00000000-0000-4000-8000-{len(self.stored_jobs):012}"
        created = START + timedelta(seconds=len(self.stored_jobs))
        job = Job(
            job_id, workspace, caller.workspace, workspace, process_id, process.revision,
            JobStatus.ACCEPTED, "accepted", 0, created, created, inputs=inputs,
            wanted=wanted or WantedResults(),
        )  # fmt: skip
        self.stored_jobs[job_id] = job
        if idempotency_key is not None:
            self._keys[idempotency_key] = ((process_id, inputs), job)
        self.add_event(job_id, EventKind.JOB, {"status": "accepted"})
        if process_id == echo.ID and inputs["stringInput"] == "fail":
            words = Failure(FailureClass.COMMAND, "echo ended with code 3", "see its log")
            self.finish(job_id, failure=words)
        elif process_id == echo.ID and not inputs.get("pause"):
            self.finish(job_id, echo.outputs(inputs))
        return job

    def job(self, caller: Caller, workspace: str, job_id: str) -> Job:
        self._enter(caller, workspace)
        if job_id not in self.stored_jobs:
            raise NotFound("job", job_id)
        return self.stored_jobs[job_id]

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
        self._enter(caller, workspace)
        found = [
            job
            for job in reversed(self.stored_jobs.values())
            if (not status or job.status in status)
            and (not process_id or job.process_id in process_id)
            and (created[0] is None or job.created >= created[0])
            and (created[1] is None or job.created <= created[1])
            and (not q or q in text_of(job.job_id, job.process_id, job.inputs))
        ]
        older = [job for job in found if behind is None or job.job_id < behind]
        return older[skip : skip + limit], len(found)

    def standings(self, jobs: list[Job]) -> dict[str, Standing]:
        return {job.job_id: self.stored_standings.get(job.job_id, Standing()) for job in jobs}

    def newest_revision(self, workspace: str, process_id: str) -> int | None:
        if process_id == echo.ID:
            return 1
        return self.deployed[process_id].revision if process_id in self.deployed else None

    def dismiss(self, caller: Caller, workspace: str, job_id: str) -> Job:
        job = self.job(caller, workspace, job_id)
        if job.status.is_terminal:
            return self.stored_jobs.pop(job_id)
        self._set(job_id, JobStatus.DISMISSED, "dismissed", None, None)
        return self.stored_jobs[job_id]

    async def wait_job(self, caller: Caller, job_id: str, timeout_s: float) -> Job:
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            token = self._watch.token(f"job:{job_id}")
            left = deadline - asyncio.get_running_loop().time()
            if self.stored_jobs[job_id].status.is_terminal or left <= 0:
                return self.stored_jobs[job_id]
            await self._watch.wait(token, left)

    def steps(self, caller: Caller, workspace: str, job_id: str) -> list[dict[str, Any]]:
        self.job(caller, workspace, job_id)
        return self.stored_steps.get(job_id, [])

    def ran(self, caller: Caller, workspace: str, job_id: str) -> Process | None:
        return self.deployed.get(self.job(caller, workspace, job_id).process_id)

    def graph(self, caller: Caller, workspace: str, job_id: str) -> dict[str, Any]:
        process_id = self.job(caller, workspace, job_id).process_id
        return self.process(caller, workspace, process_id).inspection.graph

    def results(self, caller: Caller, workspace: str, job_id: str) -> dict[str, Any]:
        job = self.job(caller, workspace, job_id)
        if not job.status.is_terminal:
            raise NotReady(f"job '{job_id}' is {job.status}")
        if job.status is not JobStatus.SUCCESSFUL:
            raise NotAvailable(f"job '{job_id}' has no results", job.failure)
        return job.outputs or {}

    def open_output(
        self, caller: Caller, workspace: str, job_id: str, path: list[str]
    ) -> OutputFile:
        value = self.results(caller, workspace, job_id)[path[0]]
        key, name = "/".join(path), path[-1] if len(path) > 1 else value.get("basename", "")
        if (job_id, key) not in self.files:
            raise NotFound("file", key)
        size = len(self.files[job_id, key])
        return OutputFile(f"{job_id}/{key}", name, size, media_type_of(name))

    def list_output(
        self, caller: Caller, workspace: str, job_id: str, output: str
    ) -> list[dict[str, Any]]:
        self.results(caller, workspace, job_id)
        before = f"{output}/"
        return [
            {
                "path": path.removeprefix(before),
                "name": path.rsplit("/", 1)[-1],
                "size_bytes": len(content),
            }
            for (owner, path), content in self.files.items()
            if owner == job_id and path.startswith(before)
        ]

    def read(self, key: str, offset: int, limit: int | None = None) -> bytes:
        job_id, _, path = key.partition("/")
        content = self.files[job_id, path][offset:]
        return content if limit is None else content[:limit]

    def log_info(self, caller: Caller, workspace: str, job_id: str, log: str) -> tuple[int, bool]:
        self.job(caller, workspace, job_id)
        if (job_id, log) not in self.logs:
            raise NotFound("log", log, "see the job's steps")
        text, is_complete = self.logs[job_id, log]
        return len(text), is_complete

    def read_log(self, workspace: str, job_id: str, log: str, offset: int, limit: int) -> bytes:
        return self.logs[job_id, log][0][offset : offset + limit]

    def events(self, workspace: str, job_id: str, after: int = 0, limit: int = 500) -> list[Event]:
        found = [e for e in self.stored_events if e.job_id == job_id and e.seq > after]
        return found[:limit]

    def workspace_events(self, workspace: str, after: int, limit: int = 500) -> list[Event]:
        return [e for e in self.stored_events if e.position > after][:limit]

    def last_position(self, workspace: str) -> int:
        return len(self.stored_events)

    def watch(self, topic: str) -> Token:
        return self._watch.token(topic)

    def wait(self, token: Token, timeout_s: float) -> Any:
        return self._watch.wait(token, timeout_s)

    async def wait_any(self, tokens: list[Token], timeout_s: float) -> None:
        waits = [asyncio.ensure_future(self._watch.wait(token, timeout_s)) for token in tokens]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    def health(self) -> dict[str, Any]:
        return {"status": "ok"}

    # Parts

    def _enter(self, caller: Caller, workspace: str) -> None:
        caller.require(workspace)
        if workspace != self.workspace:
            raise NotFound("workspace", workspace)

    def _warned(self, process: Process) -> Process:
        inspection = replace(process.inspection, warnings=self.warnings)
        return replace(process, inspection=inspection)

    def _mutable(self, caller: Caller, workspace: str, process_id: str) -> Process:
        found = self.process(caller, workspace, process_id)
        if not found.is_mutable:
            raise Immutable(f"process '{process_id}' is built in")
        return found

    def _set(
        self,
        job_id: str,
        status: JobStatus,
        message: str,
        outputs: dict[str, Any] | None,
        failure: Failure | None,
    ) -> None:
        job = self.stored_jobs[job_id]
        ended = {
            "status": status,
            "message": message,
            "progress": 100 if status is JobStatus.SUCCESSFUL else job.progress,
            "started": job.created,
            "finished": job.created + timedelta(seconds=2),
            "updated": job.created + timedelta(seconds=2),
            "outputs": outputs,
            "failure": failure,
        }
        self.stored_jobs[job_id] = Job(**{**vars(job), **ended})
        self.add_event(job_id, EventKind.JOB, {"status": str(status), "message": message})


@contextmanager
def served(service: FakeService, **options: Any) -> Iterator[httpx.Client]:
    """Serve the API on a real TCP socket of loopback, as over the Unix socket by default."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = make_app(service, **{"token": None, **options})
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with httpx.Client(base_url=url, timeout=20) as http:
            yield http
    finally:
        server.should_exit = True
        thread.join(5)
        listener.close()
