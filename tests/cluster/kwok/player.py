"""Plays the containers of pods on fake nodes: what they say to S3 and to the API server.

Run as `python -m tests.cluster.kwok.player` with EODH_KUBECONFIG and EODH_STORE_...: for
each pod that is bound to a node it reads the order, as stage-in does; is running for as
long as the command asks to sleep; stores the manifest of a command that ended with 0, wrote
no file and said nothing, as collect does; and tells that every container has ended, in one
write where a kubelet makes several.  Commands are not run.
"""

import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from eodh_runner.domain.step import StepDone, StepRun, Usage
from eodh_runner.executor.kubernetes.api import Api, ApiError
from eodh_runner.executor.kubernetes.collect import MANIFEST
from eodh_runner.executor.kubernetes.stage_in import ORDER
from eodh_runner.store import location_of
from eodh_runner.store.s3 import S3Store
from eodh_runner.store.s3_address import S3Address

from ..place import NAMESPACE

PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


class Player:
    """Plays every pod once."""

    def __init__(self, api: Api, store: S3Store) -> None:
        self._api, self._store = api, store
        self._pool = ThreadPoolExecutor(8)
        self._known: set[str] = set()
        self._playing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Play until killed."""
        query = {"fieldSelector": "spec.nodeName!=,status.phase=Pending", "resourceVersion": "0"}
        while True:
            # What is told twice is played once.
            async for event in self._api.watch(PODS, query, 3600):
                self._hear(event["type"], event["object"])

    def _hear(self, kind: str, pod: dict[str, Any]) -> None:
        if kind == "ERROR":
            raise RuntimeError(f"the watch of pods ended: {pod}")
        uid = pod["metadata"]["uid"]
        if kind != "DELETED" and uid not in self._known:
            self._known.add(uid)
            task = asyncio.create_task(self._play(pod))
            self._playing.add(task)
            task.add_done_callback(self._playing.discard)

    async def _play(self, pod: dict[str, Any]) -> None:
        variables = pod["spec"]["initContainers"][0]["env"]
        base = next(item["value"] for item in variables if item["name"] == "EODH_STEP")
        order = json.loads(await self._in_thread(self._store.read, f"{base}/{ORDER}"))
        step_run = StepRun.from_json(order["step_run"])
        sleep_s = _asked_to_sleep(step_run)
        if sleep_s:
            await self._tell(pod, "Running", {"running": {"startedAt": _now()}})
            await asyncio.sleep(sleep_s)
        done = StepDone(
            step_run.id, 0, base=location_of(f"{base}/out"), usage=Usage(wall_s=sleep_s)
        )
        data = json.dumps(done.to_json()).encode()
        await self._in_thread(self._store.put, f"{base}/{MANIFEST}", data)
        await self._tell(pod, "Succeeded", _ended())

    async def _tell(self, pod: dict[str, Any], phase: str, state: dict[str, Any]) -> None:
        """Write the status of a pod whose inputs are there, and whose others are in a state."""
        init, main = pod["spec"]["initContainers"], pod["spec"]["containers"]
        status = {
            "phase": phase,
            "startTime": _now(),
            "initContainerStatuses": [_status(init[0], _ended()), _status(init[1], state)],
            "containerStatuses": [_status(main[0], state)],
        }
        path = f"{PODS}/{pod['metadata']['name']}/status"
        try:
            await self._api.request("PATCH", path, {"status": status})
        except ApiError as error:
            if error.status != 404:
                raise

    async def _in_thread(self, work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)


def _status(container: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": container["image"],
        "ready": "running" in state,
        "restartCount": 0,
        "state": state,
    }


def _ended() -> dict[str, Any]:
    times = {"startedAt": _now(), "finishedAt": _now()}
    return {"terminated": {"exitCode": 0, "reason": "Completed", **times}}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _asked_to_sleep(step_run: StepRun) -> float:
    words = " ".join(step_run.argv).split()
    return float(words[words.index("sleep") + 1]) if "sleep" in words else 0.0


class MergingApi(Api):
    """Sends bodies of PATCH as merges, and waits for no turn."""

    async def _headers(self) -> dict[str, str]:
        return {**await super()._headers(), "Content-Type": "application/merge-patch+json"}


async def main() -> None:
    address = S3Address.from_environment(os.environ)
    assert address is not None
    api = MergingApi.connect(os.environ["EODH_KUBECONFIG"], None)
    api.rate.per_s = api.rate.least = api.rate.most = 1e6
    await Player(api, S3Store(address)).run()


if __name__ == "__main__":
    asyncio.run(main())
