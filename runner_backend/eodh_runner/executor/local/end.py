"""From what the wrapper left to the answer: why it ended, and what it made."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import Change, StepDone, StepRun, Usage, is_success
from ...staging.collect import Found, keep, make_manifest, scan, sha1
from ...store import Store, location_of
from .. import StepOrder
from .container import end_container
from .order import image_of

TAIL_BYTES = 64 << 10
NO_SPACE = b"No space left on device"
#: Exit code of podman and docker when the container could not be made.
ENGINE_FAILED = 125
#: A container killed while it held this part of its memory limit was killed for it, whatever
#: the engine says (podman on cgroup v1 does not).
NEAR_LIMIT = 0.9
#: A disk with less free than this is full.
FULL_BYTES = 1 << 20
_EXEC = re.compile(rb"^bwrap: execvp (?P<what>.*): (?P<why>[^:]+)$", re.S)


@dataclass(frozen=True)
class End:
    """How the command ended."""

    code: int | None
    usage: Usage
    failure: Failure | None


def collect(order: StepOrder, control: Path, store: Store) -> StepDone:
    """Give the answer, with the outputs in the store; after a crash, go on where it was."""
    saved = control / "manifest.json"
    base = f"{order.base_key}/out"
    if not saved.exists():
        value = _collect(order.step_run, control, base)
        part = saved.with_name("manifest.json.part")
        part.write_text(json.dumps(value), encoding="ascii")
        part.replace(saved)
    value = json.loads(saved.read_text(encoding="ascii"))
    folder = control / "out"
    if value["done"]["base"] is not None:
        if folder.exists():
            keep(folder, [Found(*item) for item in value["plan"]])
        store.adopt(base, folder)
    (control / "done").touch()
    return StepDone.from_json(value["done"])


def answer(control: Path) -> StepDone:
    """Give the answer of a control folder that has `done`."""
    value = json.loads((control / "manifest.json").read_text(encoding="ascii"))
    return StepDone.from_json(value["done"])


def _collect(step_run: StepRun, control: Path, base: str) -> dict[str, Any]:
    command = _read(control / "order.json")
    end = read_end(step_run, control, command)
    failure = end.failure
    if failure is not None and failure.kind is FailureClass.STORAGE:
        make_room(control)
        return _value(StepDone(step_run.id, end.code, usage=end.usage, failure=_wire(failure)))
    if end.code is None:
        return _value(StepDone(step_run.id, None, usage=end.usage, failure=_wire(failure)))
    folder, plan = control / "out", []
    try:
        plan = scan(folder, command["workdir"], command["links"])
        sources = {location: Path(path) for location, path in command["inputs"].items()}
        done = StepDone(
            id=step_run.id,
            exit_code=end.code,
            base=location_of(base),
            manifest=make_manifest(folder, plan, sources),
            changed=tuple(_change(*item) for item in command["changed"]),
            usage=end.usage,
            failure=_wire(failure),
        )
    except StepFailed as error:
        if failure is None and is_success(step_run, end.code):
            failure = error.failure
        done = StepDone(step_run.id, end.code, usage=end.usage, failure=_wire(failure))
    return _value(done, plan)


def make_room(control: Path) -> None:
    """Remove what a step run wrote that ended for want of room."""
    for name in ("out", "tmp", "stage", "fetched"):
        shutil.rmtree(control / name, ignore_errors=True)


def _value(done: StepDone, plan: list[Found] | None = None) -> dict[str, Any]:
    items = [[item.path, item.kind, item.real, item.location] for item in plan or ()]
    return {"done": done.to_json(), "plan": items}


def _change(location: str, source: str, target: str) -> Change:
    path = Path(source)
    if path.is_dir():
        children = make_manifest(path, scan(path, target, {}), {})
        return Change(location, "directory", manifest=children)
    return Change(location, "file", path.stat().st_size, sha1(path))


def read_end(step_run: StepRun, control: Path, command: Mapping[str, Any]) -> End:
    """Read how the command ended; a shell's codes stand for what the sandbox reports."""
    if not (control / "exit").exists():
        end_container(control)
        lost = no_space(step_run) if _is_full(control) else _vanished(step_run)
        return End(None, Usage(), lost)
    end, usage = _read(control / "exit"), Usage(**_read(control / "peak"))
    code, reason = int(end["code"]), str(end["reason"])
    failure = _limit(step_run, reason, usage, command)
    if failure is not None:
        return End(None, usage, failure)
    tail = _errors(control, command)
    if command["options"] and code == 1 and (found := _EXEC.match(tail.rstrip().split(b"\n")[-1])):
        code = 127 if found["why"] == b"No such file or directory" else 126
    elif command["options"] and code == 1 and tail.startswith(b"bwrap: "):
        return End(None, usage, _no_sandbox(step_run, tail))
    if command["inspect"]:
        limit_mib = command["ram_limit_mib"]
        if failure := _container(step_run, control, code, tail, usage, limit_mib):
            return End(None, usage, failure)
    if code < 0 or (code > 128 and code - 128 in (signal.SIGKILL, signal.SIGXFSZ)):
        return End(None, usage, _signalled(step_run, -code if code < 0 else code - 128, command))
    if code != 0 and not is_success(step_run, code):
        return End(code, usage, _code(step_run, control, code, tail))
    return End(code, usage, None)


def _limit(
    step_run: StepRun, reason: str, usage: Usage, command: Mapping[str, Any]
) -> Failure | None:
    name = step_run.name
    if reason == "time":
        return Failure(
            FailureClass.TIME,
            f"{name} took longer than its {step_run.timelimit_s:g} s",
            "Raise its ToolTimeLimit, or give it less data.",
        )
    if reason == "memory":
        return _memory(step_run, usage, command["ram_limit_mib"])
    if reason == "disk":
        return _full(step_run, f"wrote more than its {command['disk_limit_mib']} MiB")
    if reason == "dismissed":
        return Failure(FailureClass.COMMAND, f"{name} was dismissed", "Launch the job again.")
    return None


def _memory(step_run: StepRun, usage: Usage, limit_mib: int) -> Failure:
    peak = usage.peak_ram_mib
    return Failure(
        FailureClass.MEMORY,
        f"{step_run.name} needed more than its {limit_mib} MiB of memory (it held {peak:.0f} MiB)",
        f"Give it a ramMax of {max(peak, limit_mib) * 1.5:.0f} MiB, or give it less data.",
    )


def _full(step_run: StepRun, what: str) -> Failure:
    return Failure(
        FailureClass.STORAGE,
        f"{step_run.name} {what}",
        "Write less, free space on the disk, or raise EODH_DISK_LIMIT_MIB.",
    )


def no_space(step_run: StepRun) -> Failure:
    """Give the failure of a step run that met a full disk."""
    return _full(step_run, "found no space left on the disk")


def _signalled(step_run: StepRun, number: int, command: Mapping[str, Any]) -> Failure:
    if number == signal.SIGXFSZ:
        return _full(step_run, f"wrote more than its {command['disk_limit_mib']} MiB")
    remedy = (
        "Something outside ended it; launch it again, and look at the memory of the computer."
        if number == signal.SIGKILL
        else "It crashed; look at its log, and try the command by itself."
    )
    return Failure(FailureClass.COMMAND, f"{step_run.name} was killed (signal {number})", remedy)


def _is_full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < FULL_BYTES


def _code(step_run: StepRun, control: Path, code: int, tail: bytes) -> Failure | None:
    command = step_run.argv[0] if step_run.argv else ""
    if code == 127:
        return Failure(
            FailureClass.COMMAND,
            f"the command '{command}' of {step_run.name} was not found",
            "Check baseCommand, and that the image or EODH_HOST_TOOLS holds the program.",
            exit_code=code,
        )
    if code == 126:
        return Failure(
            FailureClass.COMMAND,
            f"the command '{command}' of {step_run.name} cannot be executed",
            "Check that it is a program, and that it may be executed.",
            exit_code=code,
        )
    return no_space(step_run) if NO_SPACE in tail or _is_full(control) else None


def _container(
    step_run: StepRun, control: Path, code: int, tail: bytes, usage: Usage, limit_mib: int
) -> Failure | None:
    state = _state(control)
    is_killed = code == 128 + signal.SIGKILL
    if state.get("OOMKilled") or (is_killed and usage.peak_ram_mib >= NEAR_LIMIT * limit_mib):
        return _memory(step_run, usage, limit_mib)
    if code != ENGINE_FAILED or state.get("ExitCode") == ENGINE_FAILED:
        return None
    said = tail.decode("utf-8", "replace").strip().splitlines()
    return Failure(
        FailureClass.IMAGE,
        f"the image {image_of(step_run)} could not be started: {said[-1] if said else 'no reason'}",
        "Check that it is for this computer, and that the container engine works.",
    )


def _state(control: Path) -> dict[str, Any]:
    """Give how the engine says that the container ended."""
    try:
        state: dict[str, Any] = _read(control / "container.json")[0]["State"]
    except (OSError, ValueError, LookupError):
        return {}
    return state


def _no_sandbox(step_run: StepRun, tail: bytes) -> Failure:
    line = tail.decode("utf-8", "replace").strip().splitlines()[-1]
    return Failure(
        FailureClass.INFRASTRUCTURE,
        f"the sandbox of {step_run.name} could not be made: {line}",
        "It is tried again; if it happens again, report the line.",
    )


def _vanished(step_run: StepRun) -> Failure:
    return Failure(
        FailureClass.INFRASTRUCTURE,
        f"the process that ran {step_run.name} vanished",
        "It is tried again; if it happens again, look at the memory of the computer.",
    )


def _errors(control: Path, command: Mapping[str, Any]) -> bytes:
    """Give the end of what the command wrote to its standard error."""
    kept = command["stderr"]
    path = control / "out" / kept if kept else control / "log"
    if path.is_symlink() or not path.is_file():
        return b""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return file.read()


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="ascii"))


def _wire(failure: Failure | None) -> dict[str, Any] | None:
    return failure.to_json() if failure is not None else None
