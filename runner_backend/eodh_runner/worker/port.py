"""Answers the engine of one job: runs its steps, lets it look at the job's files."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from ..db import step_run as step_runs
from ..db.step_run import StepRecord
from ..domain.failure import Failure, FailureClass, StepFailed
from ..domain.job import Job
from ..domain.step import StepDone, StepRun, is_success
from ..executor import Executor, StepOrder
from ..service import log as log_text
from ..service import record
from ..service.watch import Watch
from ..staging.collect import log_line
from ..store import Store, log_key
from .budget import Budget
from .job_image import JobImages, facts
from .journal import Journal
from .reach import Reach

#: Tries of a step run by class of failure; what is not named is tried once.
TRIES = {FailureClass.INFRASTRUCTURE: 3, FailureClass.MEMORY: 2}
TAIL_BYTES = 64 << 10


class JobPort:
    """The worker's side of one engine."""

    def __init__(
        self,
        job: Job,
        reach: Reach,
        executor: Executor,
        budget: Budget,
        journal: Journal,
        store: Store,
        watch: Watch,
        images: JobImages,
    ) -> None:
        self._job, self._reach, self._executor = job, reach, executor
        self._images = images
        self._budget, self._journal = budget, journal
        self._store, self._watch = store, watch
        self._topics = (f"job:{job.job_id}", f"workspace:{job.workspace}")
        #: Bytes of the logs of step runs that run, by path.
        self._log_sizes: dict[str, int] = {}

    async def run_step(self, step_run: StepRun) -> StepDone:
        """Run a step to its end; one that ended in an earlier life is answered at once."""
        found = await self._post(lambda c: record.see_step(c, self._job, step_run))
        if found.done is not None:
            return replace(StepDone.from_json(found.done), id=step_run.id)
        try:
            for entry in step_run.stage:
                if entry.location is not None:
                    self._reach.require(entry.location)
            self._executor.check(step_run)
            done = await self._try(step_run, found)
        except StepFailed as error:
            failure = replace(error.failure, step=step_run.name)
            done = StepDone(step_run.id, None, failure=failure.to_json())
        ok = (
            done.failure is None
            and done.exit_code is not None
            and is_success(step_run, done.exit_code)
        )
        recorded = done if ok else await self._explain(step_run, done)
        size = self._log_sizes.pop(step_run.name, None)
        await self._post(
            lambda c: record.end_step(
                c, self._job, step_run.name, recorded, ok=ok, log_size_bytes=size
            )
        )
        return recorded

    async def _try(self, step_run: StepRun, found: StepRecord) -> StepDone:
        attempt = found.attempt
        while True:
            is_new = found.is_new and attempt == found.attempt
            order = StepOrder(
                self._job.workspace, self._job.job_id, step_run, attempt, found.log, is_new=is_new
            )
            report = self._reporter(order)
            if step_run.image is not None:
                # Before the share of the machine: a pull may take long.
                order = replace(order, image=await self._images.find(step_run.image, report))
                report = self._reporter(order)
            async with self._budget.hold(step_run.cores, step_run.ram_mib):
                done = await self._executor.run(order, report)
            failure = Failure.from_json(done.failure) if done.failure else None
            if failure is None or attempt >= TRIES.get(failure.kind, 1):
                return done
            await self._retry(step_run.name, failure)
            if failure.kind is FailureClass.MEMORY and step_run.ram_max_mib:
                step_run = replace(
                    step_run,
                    ram_max_mib=int(max(step_run.ram_max_mib, done.usage.peak_ram_mib) * 1.5),
                )
            else:
                await asyncio.sleep(2.0 ** (attempt - 1))
            attempt += 1

    async def _retry(self, path: str, reason: Failure) -> None:
        await self._post(lambda c: record.retry_step(c, self._job, path, reason))

    async def _explain(self, step_run: StepRun, done: StepDone) -> StepDone:
        """Give the end with a failure that names the step and shows its log."""
        if done.failure:
            failure = Failure.from_json(done.failure)
        else:
            failure = Failure(
                FailureClass.COMMAND,
                f"{step_run.name} ended with code {done.exit_code}",
                "See the line above; change the input or the command.",
                exit_code=done.exit_code,
            )
        line = failure.log_line or await self._log_line(step_run.name)
        failure = replace(failure, step=step_run.name, log_line=line)
        return replace(done, failure=failure.to_json())

    async def _log_line(self, path: str) -> str | None:
        """Give the useful line of the newest attempt's log."""
        job = self._job
        found = await self._post(lambda c: step_runs.find(c, job.job_id, path))
        key = log_key(job.workspace, job.job_id, found.log, found.attempt)
        return log_line(await asyncio.to_thread(log_text.tail, self._store, key, TAIL_BYTES))

    def _reporter(self, order: StepOrder) -> Any:
        path = order.step_run.name
        self._log_sizes.pop(path, None)
        image = facts(order.image) if order.image is not None else {}

        def report(what: str, value: object) -> None:
            text = None if value is None else str(value)
            known = {**image, **({"node": text} if text else {})}
            if what == "started":
                self._journal.post(
                    lambda c: record.start_step(c, self._job, path, **known), *self._topics
                )
            elif what == "waiting" and text:
                self._journal.post(
                    lambda c: record.wait_step(c, self._job, path, text), *self._topics
                )
            elif what == "log" and isinstance(value, int):
                if not self._log_sizes.get(path) and value:
                    self._journal.post(
                        lambda c: record.grow_log(c, self._job, path, order.log, value),
                        *self._topics,
                    )
                self._log_sizes[path] = value
                self._watch.notify(f"log:{self._job.job_id}")

        return report

    async def stat(self, location: str) -> dict[str, Any] | None:
        """Give what is at a location of the job, or None."""
        return await asyncio.to_thread(self._reach.stat, location)

    async def list(self, location: str) -> list[dict[str, Any]]:
        """Give the children of a folder of the job."""
        return await asyncio.to_thread(self._reach.list, location)

    async def read(self, location: str, offset: int, limit: int) -> bytes:
        """Give a range of a file of the job."""
        return await asyncio.to_thread(self._reach.read, location, offset, limit)

    async def _post(self, change: Any) -> Any:
        return await self._journal.post(change, *self._topics)
