"""Takes accepted jobs, drives one engine each, ends them once."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from ..db import job as jobs
from ..db import process, step_run
from ..db.database import Database
from ..domain.failure import Failure, FailureClass, StepFailed
from ..domain.job import Job
from ..domain.process import Inspection
from ..domain.step import Image
from ..errors import is_full
from ..executor import Executor
from ..service import echo, record
from ..service.service import ACCEPTED, DISMISSED
from ..service.watch import Watch
from ..settings import Settings
from ..store import Store, key_of
from .budget import Budget
from .engine import EngineDied, EngineHost
from .job_image import JobImages
from .journal import Journal
from .port import JobPort
from .publish import bring_in, publish, upload
from .reach import Reach

#: Engines that live at the same time; further jobs stay accepted.
MAX_ENGINES = 16
ENGINE_LIVES = 3
#: Longest wait, at the end of a life, for what is still to be written.
FLUSH_S = 5.0

_log = logging.getLogger(__name__)


class Worker:
    """Runs the jobs of one database, those of an earlier life first."""

    def __init__(
        self,
        database: Database,
        store: Store,
        engine: EngineHost,
        executor: Executor,
        watch: Watch,
        settings: Settings,
    ) -> None:
        self._db, self._store, self._engine = database, store, engine
        self._executor, self._watch, self._settings = executor, watch, settings
        self._journal = Journal(database, watch)
        self._budget = Budget(settings.cores, settings.ram_mib)
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def is_idle(self) -> bool:
        """Tell whether no job runs."""
        return not self._running

    def describe(self) -> dict[str, Any]:
        """Give what `/health` shows."""
        return {
            "jobs_running": len(self._running),
            "waits_for_room": self._journal.waits_for_room,
            **self._budget.describe(),
        }

    async def run(self) -> None:
        """Work until cancelled; step runs live on and are joined by the next life."""
        journal = asyncio.create_task(self._journal.run())
        left = await asyncio.to_thread(self._unfinished)
        await self._executor.sweep({(job.workspace, job.job_id) for job in left})
        try:
            while True:
                token = self._watch.token(ACCEPTED)
                gone = self._watch.token(DISMISSED)
                await self._look()
                waits = [asyncio.ensure_future(self._watch.wait(t, 60.0)) for t in (token, gone)]
                tasks = [*waits, *self._running.values()]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for wait in waits:
                    wait.cancel()
                for job_id in [j for j, task in self._running.items() if task.done()]:
                    del self._running[job_id]
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            with suppress(TimeoutError):  # a full disk must not keep the runner from its end
                async with asyncio.timeout(FLUSH_S):
                    await self._journal.flush()
            journal.cancel()

    async def _look(self) -> None:
        unfinished = {job.job_id: job for job in await asyncio.to_thread(self._unfinished)}
        for job_id, task in self._running.items():
            # Once: what it does at its end is not to be interrupted.
            if job_id not in unfinished and not task.cancelling():
                task.cancel()
        for job_id, job in unfinished.items():
            if job_id not in self._running and len(self._running) < MAX_ENGINES:
                self._running[job_id] = asyncio.create_task(self._live(job), name=job_id)

    def _unfinished(self) -> list[Job]:
        with self._db.read() as connection:
            return jobs.unfinished(connection)

    async def _live(self, job: Job) -> None:
        """Run one job to its end; what ends it is recorded once."""
        try:
            if not await self._change(job, lambda c: record.take(c, job)):
                return
            async with asyncio.timeout(self._settings.job_deadline_s):
                outputs = await self._outputs(job)
            await self._change(job, lambda c: record.succeed(c, job, outputs))
        except asyncio.CancelledError:
            if await asyncio.to_thread(self._is_ended, job):
                await self._sweep(job)
            raise
        except StepFailed as error:
            await self._fail(job, error.failure)
        except TimeoutError:
            limit = self._settings.job_deadline_s
            await self._fail(
                job,
                Failure(
                    FailureClass.TIME,
                    f"the job took longer than its {limit:g} s",
                    "Raise EODH_JOB_DEADLINE_S, or give it less data.",
                ),
            )
        except OSError as error:
            if not is_full(error):
                await self._fail(job, self._bug(job))
                return
            await self._fail(
                job,
                Failure(
                    FailureClass.STORAGE,
                    "no space is left on the disk of the runner's data folder",
                    "Make room, then run again.",
                ),
            )
        except Exception:  # noqa: BLE001  the edge of a job: a bug must end it, once
            await self._fail(job, self._bug(job))
        else:
            self._executor.forget(job.workspace, job.job_id)

    def _bug(self, job: Job) -> Failure:
        reference = uuid.uuid4().hex[:8]
        _log.exception("job %s failed inside the runner, reference %s", job.job_id, reference)
        return Failure(
            FailureClass.INTERNAL,
            f"something in the runner went wrong, reference {reference}",
            "Look for the reference in the runner's log and report it.",
        )

    async def _fail(self, job: Job, failure: Failure) -> None:
        await self._change(job, lambda c: record.fail(c, job, failure))
        await self._sweep(job)

    async def _sweep(self, job: Job) -> None:
        await self._executor.dismiss(job.workspace, job.job_id)
        self._executor.forget(job.workspace, job.job_id)

    def _is_ended(self, job: Job) -> bool:
        with self._db.read() as connection:
            found = jobs.find(connection, job.workspace, job.job_id)
        return found is None or found.status.is_terminal

    async def _outputs(self, job: Job) -> dict[str, Any]:
        order, inspection, images = await asyncio.to_thread(self._load, job)
        if inspection is None:
            await asyncio.sleep(order.get("pause", 0))
            return echo.outputs(order)
        images.begin(Image(pull=name) for name in inspection.images)
        try:
            return await self._evaluate(job, order, inspection.document, images)
        finally:
            images.end()

    async def _evaluate(
        self, job: Job, order: dict[str, Any], document: dict[str, Any], images: JobImages
    ) -> dict[str, Any]:
        prefix = key_of(job.workspace, "jobs", job.job_id)
        order = await bring_in(
            self._store, prefix, order, allow_private=self._settings.allow_private_addresses
        )
        if self._executor.is_remote:
            order = await asyncio.to_thread(upload, self._store, prefix, order)
        reach = Reach(self._store, job.workspace, job.job_id, order)
        port = JobPort(
            job,
            reach,
            self._executor,
            self._budget,
            self._journal,
            self._store,
            self._watch,
            images,
        )
        for life in range(1, ENGINE_LIVES + 1):
            try:
                outputs = await self._engine.run(document, job.process_id, order, port)
                return await asyncio.to_thread(publish, self._store, prefix, outputs)
            except EngineDied as error:
                _log.warning("engine of job %s died (%d): %s", job.job_id, life, error)
        raise StepFailed(
            Failure(
                FailureClass.INFRASTRUCTURE,
                f"the engine of the job died {ENGINE_LIVES} times",
                "Run again; if it happens again, the workflow may need too much memory.",
            )
        )

    def _load(self, job: Job) -> tuple[dict[str, Any], Inspection | None, JobImages]:
        with self._db.read() as connection:
            order = jobs.job_order(connection, job.job_id)
            steps = step_run.of_job(connection, job.job_id)
            recorded = {s.image: s.data for s in steps if s.image and "image_id" in s.data}
            images = JobImages(self._executor, recorded)
            if job.process_id == echo.ID:
                return order, None, images
            ran = process.revision(connection, job.workspace, job.process_id, job.revision)
        if ran is None:
            raise LookupError(f"revision {job.revision} of process '{job.process_id}' is lost")
        return order, ran.inspection, images

    async def _change(self, job: Job, change: Callable[[sa.Connection], Any]) -> Any:
        topics = (f"job:{job.job_id}", f"workspace:{job.workspace}", f"log:{job.job_id}")
        return await self._journal.post(change, *topics, durable=True)
