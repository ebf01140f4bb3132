"""A step run by the local executor, without a runner around it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

from eodh_runner.domain.step import TMPDIR, WORKDIR, Image, StepRun
from eodh_runner.executor import StepOrder
from eodh_runner.executor.local.executor import LocalExecutor
from eodh_runner.store import key_at
from eodh_runner.store.folder import FolderStore


def make_step_run(script: str, **fields: object) -> StepRun:
    values: dict[str, object] = {
        "id": 7,
        "path": ("crop", "0"),
        "key": "k",
        "tool": "#crop",
        "argv": ("/bin/sh", "-c", script),
        "env": {"HOME": WORKDIR, "TMPDIR": TMPDIR},
        "workdir": WORKDIR,
        "tmpdir": TMPDIR,
        "image": None,
        "cores": 1.0,
        "ram_mib": 64,
        "ram_max_mib": None,
        "tmpdir_mib": 1,
        "outdir_mib": 1,
        "has_network": False,
        "timelimit_s": None,
        "stage": (),
        "stdin": None,
        "stdout": None,
        "stderr": None,
    }
    return StepRun(**{**values, **fields})  # type: ignore[arg-type]


class Bench:
    def __init__(self, folder: Path, **settings: object) -> None:
        self.store = FolderStore(folder / "store")
        self.control = folder / "work"
        self.image: str | None = None
        self.settings = settings
        self.reports: list[tuple[str, object]] = []
        self.executor = self.make()

    def make(self) -> LocalExecutor:
        values: dict[str, object] = {
            "containers": "host",
            "host_tools": (),
            "log_limit_bytes": 1 << 20,
            "disk_limit_mib": 64,
            "cores": 4.0,
            "ram_mib": 4096,
            "store": self.store,
            "control": self.control,
        }
        return LocalExecutor(**{**values, **self.settings})  # type: ignore[arg-type]

    def order(self, step_run: StepRun, attempt: int = 1) -> StepOrder:
        return StepOrder("ws", "job", step_run, attempt, "crop.0")

    async def run(self, script: str, **fields: object):
        if self.image is not None:
            fields = {"image": Image(pull=self.image), **fields}
        order = self.order(make_step_run(script, **fields))
        if order.step_run.image is not None:
            image = await self.executor.find_image(order.step_run.image, self.report)
            order = replace(order, image=image)
        return await self.executor.run(order, self.report)

    def report(self, what: str, value: object) -> None:
        self.reports.append((what, value))

    def log(self) -> bytes:
        chunks = self.store.list("ws/jobs/job/logs/crop.0/1", limit=10_000)
        return b"".join(self.store.read(chunk.key) for chunk in chunks)

    def content(self, done, path: str) -> bytes:
        return self.store.read(f"{key_at(done.base)}/{path}")


def kinds(done):
    return {entry.path: entry.kind for entry in done.manifest}


async def until(condition, limit_s=10.0):
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        await asyncio.sleep(0.01)
