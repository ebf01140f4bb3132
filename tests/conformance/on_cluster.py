"""Runs a suite's steps as pods of the test cluster."""

from pathlib import Path

from eodh_runner.executor.kubernetes.api import Api
from eodh_runner.executor.kubernetes.executor import KubernetesExecutor
from eodh_runner.executor.kubernetes.setting import PodSettings
from eodh_runner.store.s3 import S3Store
from eodh_runner.store.s3_address import S3Address
from eodh_runner.worker.budget import Budget

from ..cluster.rig import up
from .suite import Case, Suite


class ClusterSuite(Suite):
    """A suite on the test cluster, which is started when it does not run."""

    timeout_s = 600

    def __init__(self, scratch: Path, root: Path) -> None:
        super().__init__(scratch, root, uses_images=True)
        details = up()
        registry, _, url = details["registries"].partition("=")
        settings = PodSettings(
            details["image"],
            default_image="docker.io/library/python:3-slim",
            namespace=details["namespace"],
            registries={registry: url},
        )
        address = S3Address(
            details["bucket"],
            scratch.name.lower(),
            details["s3"],
            credentials=Path(details["credentials"]),
        )
        self.store, self.budget = S3Store(address), Budget(24, 64_000)
        api = Api.connect(details["runner_kubeconfig"], None)
        self._remote = KubernetesExecutor(
            api, settings, self.store, address, scratch.name.replace("_", "-").strip("-")
        )

    def executor_for(self, case: Case) -> KubernetesExecutor:
        return self._remote

    async def start(self) -> None:
        await self._remote.start()

    async def stop(self) -> None:
        await self._remote.sweep(())
        await self._remote.stop()
        await super().stop()
