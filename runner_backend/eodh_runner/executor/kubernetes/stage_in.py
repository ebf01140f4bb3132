"""`eodh-runner stage-in`: the init container of a step run's pod."""

from __future__ import annotations

import json
import os
import posixpath
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import StepRun
from ...staging.stage_in import Staged, stage_in
from ...store.s3 import S3Store
from ...store.s3_address import S3Address
from ..local.order import stream_path
from .place import VOLUME, place, shown
from .wrapper import Streams, make_script

#: Where Kubernetes looks for the last words of a container.
LAST_WORDS = Path("/dev/termination-log")
MAX_WORDS = 4000
BUSYBOX = Path("/bin/busybox")
ORDER = "order.json"
PLAN = "plan.json"


def open_step(environ: Mapping[str, str]) -> tuple[S3Store, str]:
    """Give the store and the key of the attempt, as the pod names them."""
    address = S3Address.from_environment(environ)
    if address is None:
        raise ValueError("EODH_STORE_URL is not set; this command runs in a pod")
    return S3Store(address), environ["EODH_STEP"]


def say_failure(failure: Failure, words: Path = LAST_WORDS) -> None:
    """Leave a failure where the runner reads it."""
    text = json.dumps(failure.to_json())
    print(text, flush=True)
    if len(text) > MAX_WORDS:
        short = {**failure.to_json(), "message": failure.message[: MAX_WORDS // 3]}
        text = json.dumps(short)[:MAX_WORDS]
    words.write_text(text, encoding="ascii")


def main(environ: Mapping[str, str], volume: Path = VOLUME) -> int:
    """Bring everything that the command needs into the volume; gives the exit code."""
    try:
        store, base = open_step(environ)
        order = json.loads(store.read(f"{base}/{ORDER}"))
        fill(store, order, volume)
    except StepFailed as error:
        say_failure(error.failure)
        return 1
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        say_failure(
            Failure(
                FailureClass.STORAGE,
                f"the inputs could not be brought into the pod: {reason}",
                "Look at the store and at the disk of the node, and run again.",
            )
        )
        return 1
    return 0


def fill(store: S3Store, order: dict[str, Any], volume: Path) -> None:
    """Fill the volume for one order.

    Raises
    ------
    StepFailed
        When something cannot be staged.
    """
    step_run = StepRun.from_json(order["step_run"])
    folders = shown(step_run)
    for name in ("ctl", "out", "tmp", "tree", "extra"):
        (volume / name).mkdir(exist_ok=True)
    staged = stage_in(step_run, volume, store)
    for mount in sorted(staged.mounts, key=lambda mount: len(mount.target)):
        target = place(mount.target, folders, volume)
        _move(mount.source, target)
        if not mount.is_writable:
            _protect(target)
    streams = Streams(
        stdin=step_run.stdin and posixpath.join(step_run.workdir, step_run.stdin),
        stdout=stream_path(step_run, step_run.stdout, staged),
        stderr=stream_path(step_run, step_run.stderr, staged),
    )
    script = make_script(step_run, streams, tuple(order["entrypoint"]))
    (volume / "ctl" / "run.sh").write_bytes(script.encode("utf-8", "surrogateescape"))
    (volume / "ctl" / "log").touch()
    shutil.copy(BUSYBOX, volume / "ctl" / "busybox")
    _write_plan(volume, order, staged, step_run, streams)


def _write_plan(
    volume: Path, order: dict[str, Any], staged: Staged, step_run: StepRun, streams: Streams
) -> None:
    """Write what collect must know; the tool cannot see it."""
    folders = shown(step_run)
    sources = {m.location: place(m.target, folders, volume) for m in staged.mounts if m.location}
    plan = {
        **order,
        "stderr": streams.stderr,
        "inputs": {location: str(path) for location, path in sources.items()},
        "links": {
            target: [
                location,
                # Elsewhere inputs cannot be changed.
                signature(place(target, folders, volume))
                if target.startswith(step_run.workdir + "/")
                else None,
            ]
            for target, location in staged.links.items()
        },
        "changed": [
            [m.location, str(place(m.target, folders, volume)), m.target] for m in staged.changed
        ],
    }
    part = volume / f"{PLAN}.part"
    part.write_text(json.dumps(plan), encoding="ascii")
    part.replace(volume / PLAN)


def signature(path: Path) -> list[Any]:
    """Give what changes when somebody changes a file, or anything in a folder."""
    try:
        status = path.lstat()
    except OSError:
        return []
    own = [status.st_ino, status.st_size, status.st_mtime_ns]
    if not stat.S_ISDIR(status.st_mode):
        return own
    return [status.st_ino, [[name, signature(path / name)] for name in sorted(os.listdir(path))]]


def _move(source: Path, target: Path) -> None:
    if source == target:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        target.rmdir()
    source.rename(target)


def _protect(path: Path) -> None:
    """Take the right to write from an input; the work folder holds some of them."""
    for parent, _, files in os.walk(path):
        for name in files:
            os.chmod(os.path.join(parent, name), 0o400)
        os.chmod(parent, 0o500)
    if path.is_file():
        path.chmod(0o400)
