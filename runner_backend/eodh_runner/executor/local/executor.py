"""Runs step runs on this computer, by a protocol of files that outlives the runner.

A control folder holds `command.json`, what the wrapper writes (`pid`, `log`, `exit`),
the work folders (`out`, `tmp`, `stage`), and at the end `done`, the answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import Change, StepDone, StepRun, Usage
from ...staging.collect import make_manifest, sha1
from ...staging.stage_in import Mount, source_of, stage_in
from ...store import Store, location_of
from .. import Report, StepOrder
from .container import container_argv, find_engine
from .sandbox import environment, sandbox_argv

WRAPPER = Path(__file__).with_name("wrapper.py")
LANDLOCK = Path(__file__).parents[2] / "landlock.py"
POLL_S = 0.05
LOG_EVERY_S = 0.15
CHOICES = (
    "Install podman or docker; or set EODH_CONTAINERS=host to run its commands on this "
    "computer without the image; or use a runner on Kubernetes."
)


class LocalExecutor:
    """One wrapper process per step run; see `wrapper.py` for what it holds it to."""

    name = "local"

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
        self._containers, self._tools = containers, host_tools
        self._log_limit_bytes, self._disk_limit_mib = log_limit_bytes, disk_limit_mib
        self._cores, self._ram_mib = cores, ram_mib
        self._store, self._control = store, control
        self._bwrap = _bwrap_works()

    def describe(self) -> dict[str, object]:
        """Give the isolation in force and the size of the computer."""
        engine = None if self._containers == "host" else find_engine(self._containers)
        return {
            "containers": engine or ("host" if self._containers == "host" else "none"),
            "isolation": "bubblewrap" if self._bwrap else "landlock",
            "cores": self._cores,
            "ram_mib": self._ram_mib,
        }

    def check(self, step_run: StepRun) -> None:
        """Raise `StepFailed` when this step run can never run here."""
        if step_run.cores > self._cores or step_run.ram_mib > self._ram_mib:
            raise StepFailed(
                Failure(
                    FailureClass.SCHEDULING,
                    f"{step_run.name} asks for {step_run.cores:g} cores and {step_run.ram_mib} "
                    f"MiB; this computer has {self._cores:g} and {self._ram_mib}",
                    "Ask for less in its ResourceRequirement, or use a larger runner.",
                )
            )
        if self._containers == "host":
            return
        wanted = step_run.image.pull if step_run.image else None
        if wanted is not None and find_engine(self._containers) is None:
            raise StepFailed(
                Failure(
                    FailureClass.IMAGE,
                    f"{step_run.name} needs the image {wanted}, and no container engine is here",
                    CHOICES,
                )
            )
        if wanted is None and not self._bwrap:
            raise StepFailed(
                Failure(
                    FailureClass.IMAGE,
                    f"{step_run.name} names no image, and no sandbox is here for its command",
                    "Install bubblewrap; or set EODH_CONTAINERS=host to run it all the same.",
                )
            )

    async def run(self, order: StepOrder, report: Report) -> StepDone:
        """Run one attempt to its end, or join it."""
        control = self._folder(order)
        try:
            if not (control / "done").exists():
                if not (control / "pid").exists():
                    await self._start(order, control)
                report("started", None)
                await self._follow(order, control, report)
                done = await asyncio.to_thread(self._finish, order, control)
                _write(control / "done", json.dumps(done.to_json()))
            saved = json.loads((control / "done").read_text(encoding="utf-8"))
            return replace(StepDone.from_json(saved), id=order.step_run.id)
        except StepFailed as error:
            return StepDone(order.step_run.id, None, failure=error.failure.to_json())
        except OSError as error:
            return StepDone(order.step_run.id, None, failure=_storage(error).to_json())

    async def dismiss(self, workspace: str, job_id: str) -> None:
        """End every wrapper of the job with its tree; wait until they are gone."""
        pids = [p for f in self._control.glob(f"{job_id}/*/*/pid") if (p := _alive(f)) is not None]
        for number, deadline_s in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 2.0)):
            for pid in pids:
                with suppress(ProcessLookupError):
                    if number == signal.SIGKILL:
                        os.killpg(pid, number)
                    else:
                        os.kill(pid, number)
            for _ in range(int(deadline_s / POLL_S)):
                if not any(Path(f"/proc/{pid}").exists() and not _is_zombie(pid) for pid in pids):
                    return
                await asyncio.sleep(POLL_S)

    def forget(self, workspace: str, job_id: str) -> None:
        """Remove the control folders of a job."""
        shutil.rmtree(self._control / job_id, ignore_errors=True)

    def _folder(self, order: StepOrder) -> Path:
        return self._control / order.job_id / quote(order.log, safe="") / str(order.attempt)

    async def _start(self, order: StepOrder, control: Path) -> None:
        command = await asyncio.to_thread(self._prepare, order, control)
        _write(control / "command.json", json.dumps(command))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            str(WRAPPER),
            str(control),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"},
            start_new_session=True,
        )
        _write(control / "pid", json.dumps([process.pid, _start_time(process.pid)]))

    def _prepare(self, order: StepOrder, control: Path) -> dict[str, Any]:
        shutil.rmtree(control, ignore_errors=True)
        for name in ("out", "tmp", "stage"):
            (control / name).mkdir(parents=True)
        mounts = stage_in(order.step_run, control, self._store)
        return self._command(order, control, mounts)

    def _command(self, order: StepOrder, control: Path, mounts: list[Mount]) -> dict[str, Any]:
        step_run = order.step_run
        engine = None if self._containers == "host" else find_engine(self._containers)
        has_image = step_run.image is not None and step_run.image.pull is not None
        paths = _Paths(step_run, control, mounts)
        env, landlock = environment(step_run, self._tools), None
        if engine is not None and has_image:
            name = f"eodh-{order.job_id[:8]}-{abs(hash(order.log)) % 10**8}-{order.attempt}"
            argv = container_argv(engine, step_run, name, control, mounts)
            env = dict(os.environ)
        elif self._bwrap:
            argv = sandbox_argv(step_run, control, mounts, self._tools)
        else:
            argv = [paths.on_host(word) for word in step_run.argv]
            env = {key: paths.on_host(value) for key, value in env.items()}
            landlock = self._landlock(control, mounts)
        out = control / "out"
        for name in (step_run.stdout, step_run.stderr):
            if name:
                (out / name).parent.mkdir(parents=True, exist_ok=True)
        return {
            "argv": argv,
            "env": env,
            "cwd": str(out),
            "stdin": paths.on_host(step_run.stdin) if step_run.stdin else None,
            "stdout": str(out / step_run.stdout) if step_run.stdout else None,
            "stderr": str(out / step_run.stderr) if step_run.stderr else None,
            "landlock": landlock,
            "folders": [str(out), str(control / "tmp")],
            "log_limit_bytes": self._log_limit_bytes,
            "disk_limit_mib": self._disk_limit_mib,
            "ram_limit_mib": step_run.ram_max_mib or self._ram_mib,
            "timelimit_s": step_run.timelimit_s,
        }

    def _landlock(self, control: Path, mounts: list[Mount]) -> dict[str, Any]:
        read = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc", "/dev", "/opt"]
        read += [str(tool) for tool in self._tools] + [sys.base_prefix]
        read += [str(mount.source) for mount in mounts if not mount.is_writable]
        write = [str(control / "out"), str(control / "tmp"), str(control / "stage"), "/dev/null"]
        write += [str(mount.source) for mount in mounts if mount.is_writable]
        return {"module": str(LANDLOCK), "read": read, "write": write}

    async def _follow(self, order: StepOrder, control: Path, report: Report) -> None:
        """Store the log in chunks while it grows; return when the wrapper has ended."""
        log, stored = control / "log", self._stored(order)
        while True:
            has_ended = (control / "exit").exists() or _alive(control / "pid") is None
            size = log.stat().st_size if log.exists() else 0
            if size > stored:
                stored = await asyncio.to_thread(self._store_log, order, log, stored)
                report("log", stored)
            if has_ended and stored >= size:
                return
            await asyncio.sleep(POLL_S if not has_ended else 0)

    def _stored(self, order: StepOrder) -> int:
        chunks = list(self._store.list(order.log_key))
        return int(chunks[-1].key.rsplit("/", 1)[-1]) + chunks[-1].size_bytes if chunks else 0

    def _store_log(self, order: StepOrder, log: Path, stored: int) -> int:
        with log.open("rb") as file:
            file.seek(stored)
            data = file.read(8 << 20)
        self._store.put(f"{order.log_key}/{stored:012d}", data)
        return stored + len(data)

    def _finish(self, order: StepOrder, control: Path) -> StepDone:
        step_run = order.step_run
        if not (control / "exit").exists():
            raise StepFailed(
                Failure(
                    FailureClass.INFRASTRUCTURE,
                    f"the process of {step_run.name} vanished without an end",
                    "It is tried again; if it happens again, look at the computer's memory.",
                )
            )
        end = json.loads((control / "exit").read_text(encoding="utf-8"))
        usage = Usage(end.get("wall_s", 0), end.get("cpu_s", 0), end.get("peak_ram_mib", 0))
        failure = self._why(step_run, end, usage)
        code = None if end["reason"] or (end["code"] or 0) < 0 else end["code"]
        if failure is not None and code is None:
            return StepDone(step_run.id, None, usage=usage, failure=failure.to_json())
        base = f"{order.base_key}/out"
        links = {
            m.target: (m.location, m.source)
            for m in self._mounts(step_run)
            if m.location is not None
        }
        folder = control / "out"
        if not folder.exists():
            kept = self._store.local_path(base)
            folder = kept if kept is not None else folder
        manifest = make_manifest(folder, step_run.workdir, links)
        changed = tuple(_change(m) for m in self._mounts(step_run) if m.is_writable and m.location)
        self._store.adopt(base, folder)
        return StepDone(
            id=step_run.id,
            exit_code=code,
            base=location_of(base),
            manifest=manifest,
            changed=changed,
            usage=usage,
            failure=failure.to_json() if failure else None,
        )

    def _mounts(self, step_run: StepRun) -> list[Mount]:
        """Give what was mounted from elsewhere, as `stage_in` decided it."""
        return [
            Mount(source, entry.target, entry.is_writable, entry.location)
            for entry in step_run.stage
            if entry.location is not None
            and (not entry.is_writable or step_run.inplace_update)
            and (source := source_of(entry, self._store)) is not None
        ]

    def _why(self, step_run: StepRun, end: dict[str, Any], usage: Usage) -> Failure | None:
        name, code = step_run.name, end["code"]
        if end["reason"] == "time":
            return Failure(
                FailureClass.TIME,
                f"{name} took longer than its {step_run.timelimit_s:g} s",
                "Raise its ToolTimeLimit, or give it less data.",
            )
        if end["reason"] == "memory":
            limit = step_run.ram_max_mib or self._ram_mib
            return Failure(
                FailureClass.MEMORY,
                f"{name} needed more than its {limit} MiB of memory "
                f"(it held {usage.peak_ram_mib:.0f} MiB)",
                f"Give {name} a ramMax of {usage.peak_ram_mib * 1.5:.0f} MiB.",
            )
        if end["reason"] == "disk" or code == -signal.SIGXFSZ or code == 128 + signal.SIGXFSZ:
            return Failure(
                FailureClass.STORAGE,
                f"{name} wrote more than its {self._disk_limit_mib} MiB",
                "Write less, or raise EODH_DISK_LIMIT_MIB.",
            )
        if end["reason"] == "start":
            return Failure(
                FailureClass.INFRASTRUCTURE,
                f"{name} could not be started: {end.get('detail')}",
                "It is tried again; if it happens again, look at the runner's log.",
            )
        if end["reason"] == "dismissed":
            return Failure(FailureClass.COMMAND, f"{name} was dismissed", "Launch again.")
        if code is not None and (code < 0 or code == 128 + signal.SIGKILL):
            number = -code if code < 0 else code - 128
            return Failure(
                FailureClass.COMMAND,
                f"{name} was killed by signal {number}",
                "Look at the computer's memory, and at who may have ended it.",
            )
        if code == 127:
            return Failure(
                FailureClass.COMMAND,
                f"the command of {name}, {step_run.argv[0]}, was not found",
                "Check baseCommand, and that the image or EODH_HOST_TOOLS holds it.",
                exit_code=code,
            )
        return None


class _Paths:
    """Paths of the tool as paths of this computer."""

    def __init__(self, step_run: StepRun, control: Path, mounts: list[Mount]) -> None:
        pairs = [(mount.target, str(mount.source)) for mount in mounts]
        pairs += [(step_run.workdir, str(control / "out")), (step_run.tmpdir, str(control / "tmp"))]
        self._pairs = sorted(pairs, key=lambda pair: -len(pair[0]))

    def on_host(self, text: str) -> str:
        """Replace every path of the tool in a text."""
        for target, source in self._pairs:
            if target != "/tmp" or text.startswith("/tmp"):  # noqa: S108  the tool's own folder
                text = text.replace(target, source)
        return text


def _change(mount: Mount) -> Change:
    if mount.source.is_dir():
        children = make_manifest(mount.source, mount.target, {})
        return Change(str(mount.location), "directory", manifest=children)
    size = mount.source.stat().st_size
    return Change(str(mount.location), "file", size, sha1(mount.source))


def _storage(error: OSError) -> Failure:
    return Failure(
        FailureClass.STORAGE,
        f"{error.filename or 'the data folder'}: {error.strerror or error}",
        "Free space on the disk of the data folder, then run again.",
    )


def _bwrap_works() -> bool:
    program = shutil.which("bwrap")
    if program is None:
        return False
    argv = [program, "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0  # noqa: S603


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", errors="surrogateescape")
    part.replace(path)


def _start_time(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _alive(file: Path) -> int | None:
    """Give the wrapper's pid while that very process lives."""
    try:
        pid, start = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return pid if start and _start_time(pid) == start and not _is_zombie(pid) else None
