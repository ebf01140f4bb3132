"""The secret of each job: the credentials of its pods, and the owner of these pods."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from ...store import key_of
from ...store.s3_session import Lent, lend
from .api import Api, ApiDown, ApiError
from .pod import JOB, MANAGED_BY, MANAGER, RUNNER, Surroundings, job_name, make_job

#: Between two looks whether credentials must be renewed.
RENEW_S = 20.0
_log = logging.getLogger(__name__)


class JobSecrets:
    """Makes one secret for each job, renews it, removes it."""

    def __init__(self, api: Api, around: Surroundings, pool: ThreadPoolExecutor) -> None:
        self._api, self._around, self._pool = api, around, pool
        self._path = f"/api/v1/namespaces/{around.namespace}/secrets"
        self._making: dict[str, asyncio.Task[str]] = {}
        self._lent: dict[str, tuple[str, str, Lent]] = {}

    async def uid(self, workspace: str, job_id: str) -> str:
        """Give the uid of a job's secret, made when it is first asked for.

        Raises
        ------
        ApiError, ApiDown
            The server does not take it.
        OSError
            The store lends no credentials.
        """
        job = job_name(workspace, job_id)
        task = self._making.get(job)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._making[job] = asyncio.ensure_future(self._make(workspace, job_id))
        return await asyncio.shield(task)

    async def renew(self) -> None:
        """Put new credentials into the secrets of jobs before the old ones end, for ever."""
        while True:
            await asyncio.sleep(RENEW_S)
            for job, (workspace, job_id, lent) in list(self._lent.items()):
                if lent.renew_at is not None and time.monotonic() < lent.renew_at:
                    continue
                try:
                    new = await self._lend(workspace, job_id)
                    if new.credentials != lent.credentials:
                        secret = make_job(
                            workspace, job_id, new.credentials.to_text(), self._around
                        )
                        await self._api.request("PUT", f"{self._path}/{job}", secret)
                    if job in self._lent:
                        self._lent[job] = (workspace, job_id, new)
                except (ApiError, ApiDown, OSError, ValueError) as error:
                    _log.warning("credentials of %s were not renewed: %s", job, error)

    async def forget(self, job: str) -> None:
        """Remove the secret of a job, once it is made."""
        if (task := self._making.pop(job, None)) is not None:
            await asyncio.wait([task])
        self._lent.pop(job, None)
        await self._api.delete(f"{self._path}/{job}")

    async def keep_only(self, alive: Collection[tuple[str, str]]) -> None:
        """Remove the secrets of every job of this runner but these."""
        selector = f"{MANAGED_BY}={MANAGER},{RUNNER}={self._around.runner}"
        if names := ",".join(job_name(*job) for job in alive):
            selector += f",{JOB} notin ({names})"
        await self._api.delete_all(self._path, selector)

    async def _make(self, workspace: str, job_id: str) -> str:
        lent, name = await self._lend(workspace, job_id), job_name(workspace, job_id)
        secret = make_job(workspace, job_id, lent.credentials.to_text(), self._around)
        try:
            made = await self._api.request(
                "POST", self._path, secret, {"fieldValidation": "Strict"}
            )
        except ApiError as error:
            if error.status != 409:
                raise
            made = await self._api.request("PUT", f"{self._path}/{name}", secret)
        self._lent[name] = (workspace, job_id, lent)
        return str(made["metadata"]["uid"])

    async def _lend(self, workspace: str, job_id: str) -> Lent:
        folder, name = key_of(workspace, "jobs", job_id), job_name(workspace, job_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lend, self._around.store, folder, name)
