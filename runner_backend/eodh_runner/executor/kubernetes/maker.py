"""Makes the pod of an attempt: its order in the store, its image by digest, its name as lock."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from platform import machine
from typing import Any, TypeVar

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import StepRun
from ...image.reference import parse
from ...image.registry import Registries, RegistryRefused
from ...image.resolve import Resolved
from ...store import Store
from .. import Report, StepOrder
from .api import Api, ApiError
from .informer import Informer, Pod, slim
from .job_secret import JobSecrets
from .pod import ORDER, Surroundings, job_name, make_pod, order_label, pod_name
from .stage_in import ORDER as ORDER_FILE

#: Pods that are being made at the same time.
MAKING = 32
#: Between two tries to make a pod that a quota keeps out.
QUOTA_S, QUOTA_MOST_S = 1.0, 15.0
#: Of the nodes; the cluster's own selectors decide when there are several.
PLATFORM = {"aarch64": "linux/arm64", "arm64": "linux/arm64"}.get(machine(), "linux/amd64")
T = TypeVar("T")
_log = logging.getLogger(__name__)


class PodMaker:
    """Makes pods of one runner, each once."""

    def __init__(
        self,
        api: Api,
        around: Surroundings,
        store: Store,
        informer: Informer,
        registries: Registries,
        pool: ThreadPoolExecutor,
    ) -> None:
        self._api, self._around, self._store = api, around, store
        self._informer, self._registries, self._pool = informer, registries, pool
        self.secrets = JobSecrets(api, around, pool)
        self._base = f"/api/v1/namespaces/{around.namespace}"
        self._posting: dict[str, set[asyncio.Task[Any]]] = defaultdict(set)
        #: Thousands of steps may want their pods at once: few are being made.
        self._turns = asyncio.Semaphore(MAKING)
        self._defaults: dict[str, asyncio.Task[Resolved | None]] = {}
        #: Pods that are to be made, as long as a quota keeps them out.
        self._wanted: set[str] = set()

    async def make(self, order: StepOrder, report: Report) -> Pod:
        """Give the pod of this attempt: the one that is there, or a new one.

        Raises
        ------
        StepFailed, ApiError, ApiDown, OSError
            Why there is none.
        """
        job = job_name(order.workspace, order.job_id)
        if (pod := self._informer.get(pod_name(order))) is not None:
            return self._own(pod, order)
        # Once sent it is seen through: who dismisses the job waits for it.
        self._wanted.add(pod_name(order))
        task = asyncio.ensure_future(self._post(order, report))
        self._posting[job].add(task)
        task.add_done_callback(self._posting[job].discard)
        task.add_done_callback(_look)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._wanted.discard(pod_name(order))
            raise

    async def _post(self, order: StepOrder, report: Report) -> Pod:
        image, entrypoint = await self._resolved(order)
        async with self._turns:
            await self._write_order(order, entrypoint)
        owner = await self.secrets.uid(order.workspace, order.job_id)
        name, wait_s = pod_name(order), QUOTA_S
        while name in self._wanted:
            try:
                async with self._turns:
                    if name in self._wanted:
                        return await self._send(order, make_pod(order, image, owner, self._around))
                    break
            except ApiError as error:
                if not _is_quota(error):
                    raise
                report("waiting", f"quota: {error.message}")
            await asyncio.sleep(wait_s)
            wait_s = min(QUOTA_MOST_S, wait_s * 1.5)
        raise _never(
            FailureClass.COMMAND, f"{order.step_run.name} was dismissed", "Launch it again."
        )

    async def _write_order(self, order: StepOrder, entrypoint: tuple[str, ...]) -> None:
        settings, step_run = self._around.settings, order.step_run
        if pod_name(order) not in self._wanted:
            return
        body = {
            "step_run": step_run.to_json(),
            "entrypoint": entrypoint,
            "log_limit_bytes": settings.log_limit_bytes,
            "disk_limit_mib": settings.disk_limit_mib,
            "ram_limit_mib": step_run.ram_max_mib or max(step_run.ram_mib, settings.ram_limit_mib),
        }
        data = json.dumps(body).encode()
        await asyncio.get_running_loop().run_in_executor(
            self._pool, self._store.put, f"{order.base_key}/{ORDER_FILE}", data
        )

    async def _send(self, order: StepOrder, pod: Pod) -> Pod:
        path, query = f"{self._base}/pods", {"fieldValidation": "Strict"}
        try:
            found = await self._api.request("POST", path, pod, query)
        except ApiError as error:
            if error.status != 409 or error.reason != "AlreadyExists":
                raise
            found = await self._api.request("GET", f"{path}/{pod_name(order)}")
        self._informer.put(slim(found))
        return self._own(found, order)

    async def settle(self, job: str, timeout_s: float | None) -> None:
        """Wait until no pod of a job is being made."""
        if posting := self._posting.get(job):
            await asyncio.wait(posting, timeout=timeout_s)
        if timeout_s is None:
            self._posting.pop(job, None)
            self._defaults.pop(job, None)

    async def _resolved(self, order: StepOrder) -> tuple[str, tuple[str, ...]]:
        """Give what `main` runs, by digest where it is known, and the entry point."""
        text = self.image(order.step_run)
        image = order.image
        if order.step_run.image is None:
            image = await self._default(job_name(order.workspace, order.job_id), text)
        if image is None or image.digest is None:
            return text, ()
        return str(replace(parse(text), tag=None, digest=image.digest)), image.entrypoint

    async def _default(self, job: str, text: str) -> Resolved | None:
        """Give what the default image is, asked once for each job as for other images."""
        if (task := self._defaults.get(job)) is None or task.cancelled():
            task = self._defaults[job] = asyncio.ensure_future(self.ask(text))
        return await asyncio.shield(task)

    async def ask(self, text: str) -> Resolved | None:
        """Give what the registry says of an image; None where it cannot be asked."""
        try:
            return await self._registries.resolve(parse(text), PLATFORM)
        except RegistryRefused as error:
            _log.info("%s is run by its tag, without its entry point: %s", text, error)
            return None

    def image(self, step_run: StepRun) -> str:
        """Give the name of what the step runs; raises `StepFailed` when there is none."""
        image = step_run.image
        if image is None:
            reference = self._around.settings.default_image
        else:
            reference = image.pull or image.image_id
        if reference is not None:
            return reference
        if image is not None:
            raise _never(
                FailureClass.IMAGE,
                f"{step_run.name} builds or loads its image, which is not done here",
                "Name an image with dockerPull.",
            )
        raise _never(
            FailureClass.IMAGE,
            f"{step_run.name} names no image, and pods run nothing else",
            "Name one with dockerPull; or set EODH_POD_DEFAULT_IMAGE.",
        )

    def _own(self, pod: Pod, order: StepOrder) -> Pod:
        """Give the pod if it is this attempt's: a name alone proves nothing."""
        if (pod["metadata"].get("labels") or {}).get(ORDER) != order_label(order):
            raise _never(
                FailureClass.INFRASTRUCTURE,
                f"the namespace holds another pod named {pod_name(order)}",
                "Remove it, and run again.",
            )
        return pod


def _look(task: asyncio.Future[Any]) -> None:
    """Take the error of a task that nobody may wait for any more."""
    if not task.cancelled():
        task.exception()


def _is_quota(error: ApiError) -> bool:
    return error.status == 403 and "exceeded quota" in error.message


def _never(kind: FailureClass, message: str, remedy: str) -> StepFailed:
    return StepFailed(Failure(kind, message, remedy))
