"""Runs tests of a CWL conformance suite on the engine and the local executor."""

import asyncio
import copy
import hashlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import cwltest.compare
import yaml
from eodh_runner.domain.failure import StepFailed
from eodh_runner.errors import BadDocument, RunnerError
from eodh_runner.executor import StepOrder
from eodh_runner.executor.local.executor import LocalExecutor
from eodh_runner.store import FILE_SCHEME, SCHEME, key_at, location_of
from eodh_runner.store.folder import FolderStore
from eodh_runner.worker.budget import Budget
from eodh_runner.worker.engine import EngineDied, EngineHost
from eodh_runner.worker.reach import Reach

from .. import containers

FILES = {"1.0": "conformance_test_v1.0.yaml"}
TIMEOUT_S = 120
#: Tests that say nothing without an image of their own.
NEED_IMAGE = ("docker_entrypoint",)
NEED_INTERNET = {"networkaccess": "commonwl.org"}
#: What the suites' images are to hold, given by one of Debian's packages.
STAND_INS = (
    "docker.io/library/debian:stable-slim",
    "docker.io/library/debian:stretch-slim",
    "docker.io/library/python:3-slim",
    "docker.io/library/python:2-slim",
    "docker.io/library/python:3",
    "docker.io/library/python:2.7.15-alpine3.7",
    "docker.io/library/alpine:latest",
)
BASH = ("docker.io/library/bash:4.4", "docker.io/library/bash:4.4.12")
#: What the entry point of the image `bash` does: options go to bash, commands are run.
BASH_ENTRY = (
    'ENTRYPOINT ["sh", "-c", "case $1 in -*) set -- bash \\"$@\\";; esac; exec \\"$@\\"", "-"]'
)


@dataclass(frozen=True)
class Case:
    """One test of a suite."""

    id: str
    folder: Path
    tool: str
    job: str | None
    output: Any
    should_fail: bool
    is_required: bool


def read_suite(shared: Path, version: str) -> list[Case]:
    """Give the tests of a suite."""
    folder = shared / "conformance" / f"v{version}"
    return list(_read(folder / FILES.get(version, "conformance_tests.yaml")))


def _read(file: Path) -> Iterator[Case]:
    for row in yaml.safe_load(file.read_text()):
        if "$import" in row:
            yield from _read(file.parent / row["$import"])
            continue
        yield Case(
            id=str(row["id"]),
            folder=file.parent,
            tool=row["tool"],
            job=row.get("job"),
            output=_resolved(row.get("output"), file.parent),
            should_fail=bool(row.get("should_fail")),
            is_required="required" in row.get("tags", []),
        )


def _resolved(output: Any, folder: Path) -> Any:
    if isinstance(output, dict) and "$import" in output:
        return yaml.safe_load((folder / output["$import"]).read_text())
    return output


class Skipped(Exception):
    """A test cannot be run here; says why."""


class Port:
    """Runs steps for one case; may read the suite's own files."""

    def __init__(self, suite: "Suite", case: Case, number: int) -> None:
        self._suite, self._job = suite, f"case-{number}"
        self._executor = suite.executor_for(case)
        root = {"location": FILE_SCHEME + quote(str(suite.root.resolve()))}
        self._reach = Reach(suite.store, "cwl", self._job, root)

    async def run_step(self, step_run):
        if self._executor.is_remote:
            stage = tuple(self._uploaded(entry) for entry in step_run.stage)
            step_run = replace(step_run, stage=stage)
        log = quote(step_run.name, safe="")
        image = None
        if step_run.image is not None:
            image = await self._executor.find_image(step_run.image, lambda what, value: None)
        order = StepOrder("cwl", self._job, step_run, 1, log, image)
        async with self._suite.budget.hold(step_run.cores, step_run.ram_mib):
            return await self._executor.run(order, lambda what, value: None)

    def _uploaded(self, entry):
        """Put a file of the suite where pods can see it."""
        if entry.location is None or not entry.location.startswith(FILE_SCHEME):
            return entry
        path = Path(unquote(entry.location[len(FILE_SCHEME) :]))
        digest = hashlib.sha1(str(path).encode()).hexdigest()
        key = f"cwl/jobs/{self._job}/inputs/{digest}/{path.name}"
        if path.is_dir():
            copy_of = Path(tempfile.mkdtemp(dir=self._suite.scratch)) / path.name
            shutil.copytree(path, copy_of)
            self._suite.store.adopt(key, copy_of)
        else:
            self._suite.store.put_file(key, path)
        return replace(entry, location=location_of(key))

    async def stat(self, location):
        return self._reach.stat(location)

    async def list(self, location):
        return self._reach.list(location)

    async def read(self, location, offset, limit):
        return self._reach.read(location, offset, limit)


class Suite:
    """The parts that all cases share.

    Parameters
    ----------
    uses_images
        Runs every tool in its image (a stand-in of the same name), else as a host command.
    """

    timeout_s = TIMEOUT_S

    def __init__(self, scratch: Path, root: Path, *, uses_images: bool = False) -> None:
        self.scratch, self.root = scratch, root
        self._uses_images = uses_images
        self._bridges = containers.bridges()
        self.store = FolderStore(scratch / "store")
        self.budget = Budget(os.cpu_count() or 1, 20_000)
        self._executors: dict[str, LocalExecutor] = {}
        self.engine = EngineHost("cwl")

    def executor_for(self, case: Case) -> LocalExecutor:
        """Give what runs the steps of a case.

        Raises
        ------
        Skipped
        """
        containers = "podman" if self._uses_images or case.id in NEED_IMAGE else "host"
        if containers not in self._executors:
            if containers == "podman":
                _make_stand_ins()
            self._executors[containers] = self._make(containers)
        return self._executors[containers]

    def _make(self, containers: str) -> LocalExecutor:
        return LocalExecutor(
            containers=containers,
            host_tools=(Path(sys.prefix), Path(sys.base_prefix)),
            log_limit_bytes=10 << 20,
            disk_limit_mib=1024,
            cores=64,
            ram_mib=64_000,
            store=self.store,
            control=self.scratch / "work",
        )

    async def run(self, case: Case, number: int) -> str | None:
        """Run one case; gives what is wrong, or None.

        Raises
        ------
        Skipped
        """
        host = NEED_INTERNET.get(case.id)
        if host is not None and not await asyncio.to_thread(_is_known, host):
            raise Skipped(f"it opens http://{host}, and there is no internet")
        try:
            async with asyncio.timeout(self.timeout_s):
                outputs = await self._outputs(case, number)
        except (StepFailed, RunnerError, EngineDied, TimeoutError, RuntimeError) as error:
            return None if case.should_fail else f"{type(error).__name__}: {error}"
        if case.should_fail:
            return "it should have failed"
        folder = self.scratch / "out" / str(number)
        actual = self._materialise(outputs, folder)
        try:
            cwltest.compare.compare(case.output, actual)
        except cwltest.compare.CompareFail as error:
            return str(error)[-600:]
        return None

    async def _outputs(self, case: Case, number: int) -> dict[str, Any]:
        name, _, fragment = case.tool.partition("#")
        tool = (case.folder / name).resolve()
        inspection = await self.engine.inspect(
            tool.read_bytes(), tool.as_uri(), _fetch, fragment or None
        )
        order: dict[str, Any] = {}
        if case.job:
            job = (case.folder / case.job).resolve()
            order = yaml.safe_load(job.read_text()) or {}
            _absolute(order, job.parent)
        port = Port(self, case, number)
        return await self.engine.run(inspection.document, inspection.process_id, order, port)

    def _materialise(self, value: Any, folder: Path) -> Any:
        """Copy outputs to a folder by their names, as a runner's outdir has them."""
        if isinstance(value, list):
            return [self._materialise(v, folder / str(i)) for i, v in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if value.get("class") not in ("File", "Directory"):
            return {k: self._materialise(v, folder / k[:50]) for k, v in value.items()}
        value = copy.copy(value)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / value["basename"]
        source = value.get("location", "_:")
        if not source.startswith((SCHEME, FILE_SCHEME)):
            source = None
        if value["class"] == "File":
            if source is None:
                target.write_text(value.pop("contents", ""))
            else:
                self._fetch(source, target)
            value["size"] = target.stat().st_size
            if "secondaryFiles" in value:
                value["secondaryFiles"] = [
                    self._materialise(v, folder) for v in value["secondaryFiles"]
                ]
        else:
            target.mkdir(exist_ok=True)
            if source is not None:
                self._fetch(source, target)
            for entry in value.get("listing", []) if source is None else []:
                self._materialise(entry, target)
            value["listing"] = [_found(path) for path in sorted(target.iterdir())]
        value["location"] = str(target)
        return value

    def _fetch(self, location: str, target: Path) -> None:
        """Copy what is at a location."""
        if location.startswith(SCHEME):
            bring = self.store.get_folder if target.is_dir() else self.store.get_file
            bring(key_at(location), target)
            return
        path = Path(unquote(location[len(FILE_SCHEME) :]))
        if path.is_dir():
            shutil.copytree(path, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(path, target)

    async def start(self) -> None:
        """Get ready; nothing has to be there on this computer."""

    async def stop(self) -> None:
        """End the engine, and what images left mounted."""
        await self.engine.stop()
        if "podman" in self._executors:
            containers.release(self._bridges)


def _make_stand_ins() -> None:
    try:
        os.environ.update(containers.environment())
        for name in STAND_INS:
            containers.make_image(name)
        for name in BASH:
            containers.make_image(name, [BASH_ENTRY])
    except containers.NotHere as error:
        raise Skipped(str(error)) from error


def _is_known(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, 80))
    except OSError:
        return False


def _found(path: Path) -> dict[str, Any]:
    if path.is_dir():
        listing = [_found(child) for child in sorted(path.iterdir())]
        return {
            "class": "Directory",
            "basename": path.name,
            "location": str(path),
            "listing": listing,
        }
    size = path.stat().st_size
    return {"class": "File", "basename": path.name, "location": str(path), "size": size}


async def _fetch(url: str) -> bytes:
    try:
        if not url.startswith("file:"):
            raise OSError("is not a file")
        path = Path(unquote(urlsplit(url).path))
        # The engine looks whether a folder is there by asking for it.
        return b"" if path.is_dir() else path.read_bytes()
    except OSError as error:
        raise BadDocument(f"{url}: {error}") from error


def _absolute(value: Any, folder: Path) -> None:
    if isinstance(value, list):
        for item in value:
            _absolute(item, folder)
    elif isinstance(value, dict):
        if value.get("class") in ("File", "Directory"):
            where = value.pop("path", None) or value.get("location")
            if isinstance(where, str) and "://" not in where:
                path = os.path.normpath(folder / unquote(where))
                value["location"] = FILE_SCHEME + quote(path)
        for item in value.values():
            _absolute(item, folder)
