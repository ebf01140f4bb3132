"""Runs step runs on this computer, by a protocol of files that outlives the runner.

`<control>/<job>/<log>/<attempt>/` holds `order.json` (what the wrapper does), `pid`,
`log`, `peak` and `exit` (written by the wrapper), the folders `out` (the work folder),
`tmp` and `stage`, then `manifest.json` (the answer) and `done`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import Image, StepDone, StepRun
from ...errors import is_full
from ...image.engine import find_engine
from ...image.library import ImageLibrary
from ...image.resolve import Resolved
from ...store import Store, key_of
from .. import Report, StepOrder
from .container import end_container
from .end import answer, collect, make_room, no_space
from .follow import Follower, LogCopy
from .order import Ways, prepare
from .plain import landlock_version
from .process import Identity, claim_dead, kill_session, read_identity

WRAPPER = Path(__file__).with_name("wrapper.py")
#: Longest that `dismiss` waits for files that are being staged.
STAGING_S = 20.0
#: After SIGTERM, and again after SIGKILL.
DISMISS_S = 4.0
POLL_S = 0.02
MAX_NAME = 160
FILE_THREADS = 4
P = ParamSpec("P")
T = TypeVar("T")
CHOICES = (
    "Install podman or docker; or set EODH_CONTAINERS=host to run the commands on this "
    "computer without the image; or use a Kubernetes runner."
)


class LocalExecutor:
    """One wrapper process per step run; see `wrapper.py` for what it holds it to.

    Parameters
    ----------
    containers
        `auto`, `podman`, `docker`; or `host`, which runs commands without their images.
    host_tools
        Environments that host commands see read-only, their `bin` first on PATH.
    ram_mib, cores
        What the computer has for steps.
    control
        Folder of the control folders, on the file system of the store.
    """

    name = "local"
    is_remote = False

    def __init__(
        self,
        *,
        containers: str,
        host_tools: tuple[Path, ...],
        log_limit_bytes: int,
        disk_limit_mib: int,
        cores: float,
        ram_mib: int,
        store: Store,
        control: Path,
    ) -> None:
        self._cores, self._store, self._control = cores, store, control.absolute()
        self._ways = Ways(
            containers,
            find_bwrap(),
            landlock_version() > 0,
            host_tools,
            log_limit_bytes,
            disk_limit_mib,
            ram_mib,
        )
        self._follower = Follower()
        self._images = ImageLibrary()
        #: Work on the files of control folders that is going on, by folder and function.
        self._working: dict[tuple[Path, str], asyncio.Future[Any]] = {}
        self._pool = ThreadPoolExecutor(FILE_THREADS, thread_name_prefix="step-files")
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._control.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def start(self) -> None:
        """Nothing has to be there before the first step run."""

    async def stop(self) -> None:
        """Leave the wrappers alone."""

    def describe(self) -> dict[str, object]:
        """Give the isolation in force and the size of the computer."""
        ways = self._ways
        engine = None if ways.containers == "host" else find_engine(ways.containers)
        name = engine.name if engine is not None else "none"
        plain = "landlock" if ways.has_landlock else "none"
        return {
            "containers": "host" if ways.containers == "host" else name,
            "isolation": "bubblewrap" if ways.bwrap else plain,
            "images": "bubblewrap" if ways.mounts_images(engine) else name,
            "cores": self._cores,
            "ram_mib": ways.ram_mib,
        }

    def check(self, step_run: StepRun) -> None:
        """Raise `StepFailed` when this step run can never run here."""
        ways = self._ways
        if step_run.cores > self._cores or step_run.ram_mib > ways.ram_mib:
            raise _never(
                FailureClass.SCHEDULING,
                f"{step_run.name} asks for {step_run.cores:g} cores and {step_run.ram_mib} MiB; "
                f"this computer has {self._cores:g} cores and {ways.ram_mib} MiB for steps",
                "Ask for less in its ResourceRequirement, or use a larger runner.",
            )
        if ways.containers == "host":
            return
        if step_run.image is None and ways.bwrap is None and not ways.has_landlock:
            raise _never(
                FailureClass.PERMISSION,
                f"{step_run.name} names no image, and there is no sandbox for its command",
                "Install bubblewrap; or set EODH_CONTAINERS=host to run it all the same.",
            )

    async def find_image(self, image: Image, report: Report) -> Resolved | None:
        """Give the image as it is now, after a pull when it is not here."""
        containers = self._ways.containers
        if containers == "host":
            return None
        engine = await asyncio.to_thread(find_engine, containers)
        if engine is None:
            wanted = "podman and docker" if containers == "auto" else containers
            raise _never(
                FailureClass.IMAGE,
                f"the package needs the image {image.pull or image.image_id}, and {wanted} "
                "cannot be used here",
                CHOICES,
            )
        return await self._images.find(engine, image, lambda why: report("waiting", why))

    async def run(self, order: StepOrder, report: Report) -> StepDone:
        """Run one attempt to its end, or join it."""
        control, step_run = self._folder(order), order.step_run
        try:
            if (control / "done").exists():
                done = await self._once(control, answer, control)
            else:
                if not (control / "manifest.json").exists():
                    await self._until_end(order, control, report)
                done = await self._once(control, collect, order, control, self._store)
            return replace(done, id=step_run.id)
        except StepFailed as error:
            return StepDone(step_run.id, None, failure=error.failure.to_json())
        except OSError as error:
            failure = no_space(step_run) if is_full(error) else _system(step_run, error)
            make_room(control)
            return StepDone(step_run.id, None, failure=failure.to_json())

    async def dismiss(self, workspace: str, job_id: str) -> None:
        """End every step run of the job with its tree; wait until they are gone."""
        job = self._job(job_id)
        if not job.is_dir():
            return
        (job / "dismissed").touch()
        if working := [
            work for (folder, _), work in self._working.items() if job in folder.parents
        ]:
            await asyncio.wait(working, timeout=STAGING_S)
        found = [identity for p in job.glob("*/*/pid") if (identity := read_identity(p))]
        for identity in found:
            if identity.is_alive:
                with suppress(ProcessLookupError):
                    os.kill(identity.pid, signal.SIGTERM)
        await _gone(found)
        for identity in found:
            await asyncio.to_thread(kill_session, identity)
        await _gone(found)
        for pid in job.glob("*/*/pid"):
            await asyncio.to_thread(end_container, pid.parent)

    def forget(self, workspace: str, job_id: str) -> None:
        """Remove the control folders of a job."""
        shutil.rmtree(self._job(job_id), ignore_errors=True)

    async def sweep(self, alive: Collection[tuple[str, str]]) -> None:
        """Remove the control folders of jobs that ended, and what still runs of them."""
        names = {key_of(job_id) for _, job_id in alive}
        for folder in list(self._control.iterdir()):
            if folder.name not in names:
                await self.dismiss("", folder.name)
                self.forget("", folder.name)

    async def _until_end(self, order: StepOrder, control: Path, report: Report) -> None:
        identity = await self._once(control, self._launch, order, control)
        log = LogCopy(
            control / "log", order.log_key, self._store, lambda stored: report("log", stored)
        )
        if identity is not None:
            report("started", None)
            self._follower.add(log)
            try:
                await _ended(identity)
            finally:
                self._follower.remove(log)
            if (child := self._children.pop(identity.pid, None)) is not None:
                child.poll()
        await log.store_rest()

    async def _once(
        self, control: Path, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do file work in a thread; who is cancelled and comes again joins the same work."""
        key = (control, work.__name__)
        if (future := self._working.get(key)) is None:
            call = partial(work, *args, **kwargs)
            future = asyncio.get_running_loop().run_in_executor(self._pool, call)
            self._working[key] = future
            future.add_done_callback(lambda _: self._working.pop(key))
        return cast(T, await asyncio.shield(future))

    def _launch(self, order: StepOrder, control: Path) -> Identity | None:
        """Give the process that runs the attempt: one that does so already, or a new one."""
        pid = control / "pid"
        if (control / "order.json").exists() and not claim_dead(pid):
            return read_identity(pid)
        prepare(order, control, self._store, self._ways)
        if (self._job(order.job_id) / "dismissed").exists():
            raise _never(
                FailureClass.COMMAND, f"{order.step_run.name} was dismissed", "Launch it again."
            )
        with (control / "wrapper.log").open("ab") as complaints:
            child = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-I", "-S", str(WRAPPER), str(control)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                env={"LANG": "C.UTF-8", "PATH": os.defpath},
                start_new_session=True,
            )
        self._children[child.pid] = child
        return Identity.of(child.pid)

    def _job(self, job_id: str) -> Path:
        return self._control / key_of(job_id)

    def _folder(self, order: StepOrder) -> Path:
        name = key_of(order.log)
        if len(name) > MAX_NAME:
            name = name[:MAX_NAME] + "-" + hashlib.sha256(name.encode()).hexdigest()[:16]
        return self._job(order.job_id) / name / str(order.attempt)


def find_bwrap() -> str | None:
    """Give the program of bubblewrap where it is here and allowed to make a sandbox."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    argv = [program, "--unshare-all", "--unshare-user", "--ro-bind", "/", "/", "--dev", "/dev"]
    argv += ["--proc", "/proc", "--remount-ro", "/", "true"]
    answer = subprocess.run(argv, capture_output=True, check=False, timeout=10)  # noqa: S603
    return program if answer.returncode == 0 else None


async def _ended(identity: Identity) -> None:
    """Wait for the end of a process, ours or that of an earlier life."""
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return
    try:
        if not identity.is_alive:
            return
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(handle, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(handle)
    finally:
        os.close(handle)


async def _gone(identities: list[Identity]) -> None:
    for _ in range(int(DISMISS_S / 2 / POLL_S)):
        if not any(identity.is_alive for identity in identities):
            return
        await asyncio.sleep(POLL_S)


def _never(kind: FailureClass, message: str, remedy: str) -> StepFailed:
    return StepFailed(Failure(kind, message, remedy))


def _system(step_run: StepRun, error: OSError) -> Failure:
    return Failure(
        FailureClass.STORAGE,
        f"the files of {step_run.name}: {error.filename or 'the data folder'}: "
        f"{error.strerror or error}",
        "Free space on the disk of the data folder, look at its permissions, and run again.",
    )
