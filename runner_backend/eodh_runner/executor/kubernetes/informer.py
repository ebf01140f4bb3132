"""What the cluster says of our pods: one list and one watch for all of them."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp

from .api import Api, ApiDown, ApiError

#: A watch that says nothing for so long is begun again where it was: it may be dead.
SILENCE_S = 25.0
#: A watch ends by itself, and everything is listed again from time to time as a check.
WATCH_S, LIST_EVERY_S = 240, 300.0
PAGE = 500
MOST_WAIT_S = 5.0

Pod = dict[str, Any]
_log = logging.getLogger(__name__)


class Informer:
    """The pods of one namespace and one label selector, kept up to date by one task."""

    def __init__(self, api: Api, namespace: str, selector: str) -> None:
        self._api, self._selector = api, selector
        self._path = f"/api/v1/namespaces/{namespace}/pods"
        self._pods: dict[str, Pod] = {}
        self._gone: dict[str, Pod] = {}
        self._changed: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._version = ""
        self._listed = 0.0
        self._ready: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None
        #: When the cluster was last heard of.
        self.heard = 0.0

    async def start(self) -> None:
        """Begin, and wait for the first list.

        Raises
        ------
        ApiError
            The server refuses the list or the watch.
        """
        if self._task is None or (self._task.done() and not self._is_stopped):
            self._ready = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run(self._ready), name="pods")
        if self._ready is not None:
            await asyncio.shield(self._ready)

    _is_stopped = False

    async def stop(self) -> None:
        """End the watch."""
        self._is_stopped = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def get(self, name: str) -> Pod | None:
        """Give what is known of a pod, or None; `change` then waits for news."""
        self._changed[name].clear()
        return self._pods.get(name)

    def gone(self, name: str, uid: str) -> Pod | None:
        """Give the last of this very pod when it was there and is no more."""
        pod = self._gone.get(name)
        return pod if pod is not None and pod["metadata"]["uid"] == uid else None

    def named(self, label: str, value: str) -> list[Pod]:
        """Give the pods with a label."""
        return [
            pod
            for pod in self._pods.values()
            if (pod["metadata"].get("labels") or {}).get(label) == value
        ]

    def put(self, pod: Pod) -> None:
        """Note a pod that was just made or read."""
        name = pod["metadata"]["name"]
        if self.gone(name, pod["metadata"]["uid"]) is None:
            self._take(pod)

    async def change(self, name: str, timeout_s: float) -> None:
        """Wait until something is heard of a pod since the last `get`, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._changed[name].wait()

    def forget(self, name: str) -> None:
        """Drop what was kept for a pod that nobody waits for."""
        self._changed.pop(name, None)
        self._gone.pop(name, None)

    async def _run(self, ready: asyncio.Future[None]) -> None:
        wait_s = 0.2
        while True:
            try:
                if not self._version or time.monotonic() - self._listed > LIST_EVERY_S:
                    await self._list()
                if not ready.done():
                    ready.set_result(None)
                await self._watch()
                wait_s = 0.2
                continue
            except TimeoutError:
                continue  # silence
            except ApiError as error:
                if error.status in (401, 403, 404) and not ready.done():
                    ready.set_exception(error)
                    return
                if error.status == 410:
                    self._version = ""
                    continue
                reason: Exception = error
            except (aiohttp.ClientError, ApiDown, ValueError) as error:
                reason = error
            _log.info("the watch of pods is begun again: %s", reason)
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311  only jitter
            wait_s = min(MOST_WAIT_S, wait_s * 2)

    async def _list(self) -> None:
        query, found, version = {"labelSelector": self._selector, "limit": str(PAGE)}, {}, ""
        while True:
            answer = await self._api.request("GET", self._path, query=query)
            for pod in answer["items"]:
                found[pod["metadata"]["name"]] = slim(pod)
            version = answer["metadata"]["resourceVersion"]
            if not (token := answer["metadata"].get("continue")):
                break
            query["continue"] = token
        for name, pod in list(self._pods.items()):
            is_newer = int(pod["metadata"]["resourceVersion"]) > int(version)
            if name not in found and not is_newer:
                self._lose(pod)
        for pod in found.values():
            self._take(pod)
        self._version, self._listed = version, time.monotonic()
        self.heard = time.monotonic()

    async def _watch(self) -> None:
        query = {
            "labelSelector": self._selector,
            "resourceVersion": self._version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(int(WATCH_S * random.uniform(0.8, 1.2))),  # noqa: S311
        }
        async for event in self._api.watch(self._path, query, SILENCE_S):
            self._hear(event)

    def _hear(self, event: Mapping[str, Any]) -> None:
        kind, item = event["type"], event["object"]
        self.heard = time.monotonic()
        if kind == "ERROR":
            raise ApiError(int(item.get("code") or 500), "", str(item.get("message")))
        self._version = item["metadata"]["resourceVersion"]
        if kind == "DELETED":
            self._lose(slim(item))
        elif kind != "BOOKMARK":
            self._take(slim(item))

    def _take(self, pod: Pod) -> None:
        name = pod["metadata"]["name"]
        known = self._pods.get(name)
        if known is not None and known["metadata"]["uid"] == pod["metadata"]["uid"]:
            versions = [int(p["metadata"]["resourceVersion"]) for p in (known, pod)]
            if versions[0] >= versions[1]:
                return  # heard twice, or out of order
        self._pods[name] = pod
        self._tell(name)

    def _lose(self, pod: Pod) -> None:
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        known = self._pods.get(name)
        if known is None or known["metadata"]["uid"] == uid:
            self._pods.pop(name, None)
        if name in self._changed:
            self._gone[name] = pod
        self._tell(name)

    def _tell(self, name: str) -> None:
        if name in self._changed:
            self._changed[name].set()


def slim(pod: Pod) -> Pod:
    """Give what the executor reads of a pod, to hold thousands in little memory."""
    metadata = pod["metadata"]
    kept = ("name", "uid", "resourceVersion", "deletionTimestamp", "creationTimestamp", "labels")
    return {
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"nodeName": (pod.get("spec") or {}).get("nodeName")},
        "status": pod.get("status") or {},
    }
