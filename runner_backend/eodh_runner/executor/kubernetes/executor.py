"""Runs each step run as one pod; finds the pods of an earlier life again by their names."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import Image, StepDone, StepRun
from ...image.reference import parse
from ...image.registry import Registries, read_logins
from ...image.resolve import Resolved
from ...staging.fetch import pinned
from ...store import Store
from ...store.s3_address import S3Address
from .. import Report, StepOrder
from .api import Api, ApiDown, ApiError
from .collect import MANIFEST
from .follow import LogWatch
from .informer import Informer, Pod
from .maker import PodMaker
from .pod import (
    JOB,
    MANAGED_BY,
    MANAGER,
    RUNNER,
    Surroundings,
    job_name,
    pod_name,
)
from .setting import PodSettings
from .status import PodState, explain_end, explain_wait, read_pod, vanished

#: How long a container may not be made before it counts as failed.
CONTAINER_S = 60.0
#: A pod that is being deleted by others has so long to end.
LEAVING_S = 90.0
LOOK_S = 10.0
#: Time of a pod to end when its job is dismissed, and after which it is ended by force.
GRACE_S, FORCE_AFTER_S = 2, 6.0
STORE_THREADS = 16
#: What is being deleted when the runner ends has so long; the owner object sees to the rest.
STOP_S = 5.0
T = TypeVar("T")
_log = logging.getLogger(__name__)


class KubernetesExecutor:
    """One bare pod per step run, in one namespace.

    Parameters
    ----------
    store
        A bucket: pods have nothing else in common with the runner.
    runner
        Tells the pods of this runner from those of others in the namespace.
    """

    name = "kubernetes"
    #: Step runs see the store, and no file of the runner's computer.
    is_remote = True

    def __init__(
        self, api: Api, settings: PodSettings, store: Store, address: S3Address, runner: str
    ) -> None:
        namespace = settings.namespace or api.namespace or "default"
        self._api, self._store = api, store
        seen = address.with_endpoint(settings.store_endpoint)
        self._around = Surroundings(settings, namespace, runner, seen)
        selector = f"{MANAGED_BY}={MANAGER},{RUNNER}={runner}"
        self._informer = Informer(api, namespace, selector)
        self._pool = ThreadPoolExecutor(STORE_THREADS, thread_name_prefix="step-objects")
        self._logs = LogWatch(store, self._pool)
        logins = read_logins(Path(settings.registry_logins)) if settings.registry_logins else {}
        registries = Registries(pinned, settings.registries, logins)
        self._maker = PodMaker(api, self._around, store, self._informer, registries, self._pool)
        self._ending: set[asyncio.Task[None]] = set()
        self._renewing: asyncio.Task[None] | None = None
        self._version = ""

    async def start(self) -> None:
        """Find out whether the cluster can be used, and begin to watch it.

        Raises
        ------
        ValueError
            With what is wrong, and the remedy.
        """
        try:
            self._version = await self._api.check_version()
            await self._informer.start()
            self._api.was_allowed = True
            self._renewing = asyncio.create_task(self._maker.secrets.renew(), name="job secrets")
        except (ApiDown, ApiError) as error:
            await self.stop()
            said = self._refusal(error) if isinstance(error, ApiError) else str(error)
            raise ValueError(said) from None

    async def stop(self) -> None:
        """End connections; pods go on."""
        if self._renewing is not None:
            self._renewing.cancel()
        await self._informer.stop()
        if self._ending:
            await asyncio.wait(self._ending, timeout=STOP_S)
        await self._api.close()
        self._pool.shutdown(wait=False)

    def describe(self) -> dict[str, object]:
        """Give what `/health` shows."""
        heard = self._informer.heard
        return {
            "server": self._api.host,
            "version": self._version,
            "namespace": self._around.namespace,
            "isolation": "pod",
            "heard_s": round(time.monotonic() - heard, 1) if heard else None,
        }

    def check(self, step_run: StepRun) -> None:
        """Raise `StepFailed` when this step run can never run here."""
        image = self._maker.image(step_run)
        try:
            parse(image)
        except ValueError as error:
            raise _never(FailureClass.IMAGE, str(error), "Correct dockerPull.") from error

    async def find_image(self, image: Image, report: Report) -> Resolved | None:
        """Give what the registry says of an image: a pod has to name its entry point.

        None where the registry cannot be asked: the node may have the image all the
        same, and it counts as one without entry point.
        """
        reference = image.pull or image.image_id
        try:
            return await self._maker.ask(reference) if reference else None
        except ValueError as error:
            raise _never(FailureClass.IMAGE, str(error), "Correct dockerPull.") from error

    async def run(self, order: StepOrder, report: Report) -> StepDone:
        """Run one attempt to its end, or join it."""
        step_run = order.step_run
        try:
            done = None if order.is_new else await self._manifest(order)
            if done is None:
                done = await self._run(order, report)
            return replace(done, id=step_run.id)
        except StepFailed as error:
            return StepDone(step_run.id, None, failure=error.failure.to_json())
        except ApiError as error:
            failure = Failure(
                FailureClass.PERMISSION if error.status in (401, 403) else FailureClass.INTERNAL,
                self._refusal(error),
                "Ask who runs the cluster.",
            )
            return StepDone(step_run.id, None, failure=failure.to_json())
        except ApiDown as error:
            failure = vanished(step_run.name, f"is out of reach: {error}")
            return StepDone(step_run.id, None, failure=failure.to_json())
        except OSError as error:
            failure = Failure(
                FailureClass.STORAGE,
                f"the objects of {step_run.name}: {error.strerror or error}",
                "Look at the store and its credentials, and run again.",
            )
            return StepDone(step_run.id, None, failure=failure.to_json())

    async def dismiss(self, workspace: str, job_id: str) -> None:
        """End every pod of a job; wait until none is left."""
        job = job_name(workspace, job_id)
        await self._maker.settle(job, FORCE_AFTER_S)
        began, grace_s = time.monotonic(), GRACE_S
        with suppress(ApiError, ApiDown):
            await self._delete_pods(job, grace_s)
        while self._informer.named(JOB, job):
            await asyncio.sleep(0.1)
            if time.monotonic() - began > FORCE_AFTER_S and grace_s:
                grace_s = 0
                with suppress(ApiError, ApiDown):
                    await self._delete_pods(job, grace_s)
            if time.monotonic() - began > 2 * FORCE_AFTER_S:
                _log.warning("pods of job %s do not end", job_id)
                return

    def forget(self, workspace: str, job_id: str) -> None:
        """Remove the secret of a job; pods that are left go with it."""
        self._later(self._forget(job_name(workspace, job_id)))

    async def sweep(self, alive: Collection[tuple[str, str]]) -> None:
        """Remove the secrets of jobs that ended; their pods go with them."""
        try:
            await self._maker.secrets.keep_only(alive)
        except (ApiError, ApiDown) as error:
            _log.warning("what earlier jobs left was not removed: %s", error)

    async def _forget(self, job: str) -> None:
        """Remove the secret of a job, once nobody makes it or its pods any more."""
        await self._maker.settle(job, None)
        await self._maker.secrets.forget(job)

    # One attempt

    async def _run(self, order: StepOrder, report: Report) -> StepDone:
        name = pod_name(order)
        try:
            pod = await self._maker.make(order, report)
            watch = self._logs.add(order.log_key, report)
            try:
                done = await self._until_end(order, pod, report)
            finally:
                self._logs.remove(watch)
            with suppress(OSError):  # only how long the log is would be told late
                await self._logs.look(watch)
        finally:
            self._informer.forget(name)
        self._later(self._api.delete(f"{self._base}/pods/{name}", gracePeriodSeconds=0))
        return done

    async def _until_end(self, order: StepOrder, pod: Pod, report: Report) -> StepDone:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        step, image = order.step_run.name, self._maker.image(order.step_run)
        told: tuple[str | None, bool] = (None, False)
        began = leaving = time.monotonic()
        while True:
            found = self._informer.get(name)
            is_there = found is not None and found["metadata"]["uid"] == uid
            if found is not None and is_there:
                state = read_pod(found, step, image)
                if (state.waiting, state.is_started) != told:
                    told = (state.waiting, state.is_started)
                    began = time.monotonic()
                    _tell(state, report)
                is_leaving = "deletionTimestamp" in found["metadata"]
                leaving = leaving if is_leaving else time.monotonic()
                is_lost = is_leaving and time.monotonic() - leaving > LEAVING_S
                if state.main is not None or state.is_over or is_lost or state.failure:
                    done = await self._ended(order, state, is_final=state.is_over or is_lost)
                    if done is not None:
                        return done
                elif failure := self._waited(state, step, image, time.monotonic() - began):
                    await self._api.delete(f"{self._base}/pods/{name}", gracePeriodSeconds=0)
                    raise StepFailed(failure)
            elif last := self._informer.gone(name, uid):
                # Its last words may say why: a node that is lost, or an eviction.
                failure = read_pod(last, step, image).failure or vanished(step, "was deleted")
                gone = PodState(failure=failure, is_over=True)
                done = await self._ended(order, gone, is_final=True)
                if done is not None:
                    return done
            await self._informer.change(name, LOOK_S)

    def _waited(self, state: PodState, step: str, image: str, waited_s: float) -> Failure | None:
        settings = self._around.settings
        if state.waiting is None:
            return None
        limit = {
            FailureClass.IMAGE: settings.image_timeout_s,
            FailureClass.SCHEDULING: settings.schedule_timeout_s,
        }.get(state.waits_for or FailureClass.INFRASTRUCTURE, CONTAINER_S)
        if state.is_hopeless or waited_s > limit:
            return explain_wait(state, step, image, waited_s)
        return None

    async def _ended(self, order: StepOrder, state: PodState, *, is_final: bool) -> StepDone | None:
        """Give the answer, if there is one yet: the manifest, and what the status says."""
        step_run, settings = order.step_run, self._around.settings
        done = await self._manifest(order)
        if done is None and not is_final and state.failure is None:
            return None
        limit = step_run.ram_max_mib or max(step_run.ram_mib, settings.ram_limit_mib)
        peak_mib = done.usage.peak_ram_mib if done else 0.0
        failure = explain_end(state.main, step_run.name, limit, peak_mib)
        if done is not None:
            is_well = done.exit_code == 0 and done.failure is None
            if failure is not None and not is_well:
                return replace(done, exit_code=None, failure=failure.to_json())
            return done
        failure = failure or state.failure or vanished(step_run.name, "left no outputs")
        return StepDone(step_run.id, None, failure=failure.to_json())

    async def _manifest(self, order: StepOrder) -> StepDone | None:
        try:
            text = await self._in_thread(self._store.read, f"{order.base_key}/{MANIFEST}")
        except FileNotFoundError:
            return None
        return StepDone.from_json(json.loads(text))

    # Requests

    async def _delete_pods(self, job: str, grace_s: int) -> None:
        await self._api.delete_all(f"{self._base}/pods", f"{JOB}={job}", gracePeriodSeconds=grace_s)

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    @property
    def _base(self) -> str:
        return f"/api/v1/namespaces/{self._around.namespace}"

    def _refusal(self, error: ApiError) -> str:
        where = f"the Kubernetes at {self._api.host}"
        if error.status == 404:
            return f"{where} has no namespace '{self._around.namespace}': {error.message}"
        return f"{where} refuses: {error.message or error.reason or error.status}"

    async def _in_thread(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)


def _tell(state: PodState, report: Report) -> None:
    if state.is_started:
        report("started", state.node)
    elif state.waiting is not None:
        report("waiting", state.waiting)


def _never(kind: FailureClass, message: str, remedy: str) -> StepFailed:
    return StepFailed(Failure(kind, message, remedy))
