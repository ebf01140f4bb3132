"""`eodh-runner collect`: the sidecar of a step run's pod.

While the command runs it stores the log in chunks; then it uploads the outputs, hashed
while they are read, and the manifest last. SIGTERM tells it that `main` is gone: what
is left of the log is stored then, and how it ended stays open.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import signal
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import Change, StepDone, StepRun, is_success
from ...staging.collect import Found, make_manifest, scan
from ...store import key_at, location_of
from ...store.s3 import S3Store, side_by_side
from ..local.end import read_end
from .place import VOLUME
from .stage_in import PLAN, open_step, say_failure, signature

MANIFEST = "manifest.json"
POLL_S = 0.05
#: Least time between two chunks of the log; it grows with the age of the log.
CHUNK_EVERY_S, CHUNK_MOST_EVERY_S, CHUNKS_PER_AGE = 0.15, 1.0, 400
CHUNK_BYTES = 4 << 20
TRIES, AGAIN_S = 3, 5.0
_KILLED = re.compile(r"terminated by signal (\d+)")


def main(environ: Mapping[str, str], volume: Path = VOLUME) -> int:
    """Serve one pod to its end; gives the exit code."""
    ending = _Ending()
    store, _ = open_step(environ)
    base, log_key = environ["EODH_STEP"], environ["EODH_STEP_LOG"]
    control = volume / "ctl"
    if not (control / "done").exists():
        plan = json.loads((volume / PLAN).read_text(encoding="ascii"))
        try:
            _serve(store, base, LogCopy(store, log_key, control, plan), plan, volume, ending)
        except OSError as error:
            say_failure(
                Failure(
                    FailureClass.STORAGE,
                    f"the outputs could not be stored: {error.strerror or error}",
                    "Look at the store and its credentials, and run again.",
                )
            )
        (control / "done").touch()
    ending.wait()
    return 0


def _serve(
    store: S3Store,
    base: str,
    log: LogCopy,
    plan: dict[str, Any],
    volume: Path,
    ending: _Ending,
) -> None:
    exit_file = volume / "ctl" / "exit.txt"
    while not exit_file.exists() and not ending.is_near:
        with suppress(OSError):  # it is stored at the end, where the reason is told
            log.store_due()
        time.sleep(POLL_S)
    for left in reversed(range(TRIES)):
        try:
            log.store_rest()
            done = collect(store, base, plan, volume)
            store.put(f"{base}/{MANIFEST}", json.dumps(done.to_json()).encode())
            return
        except OSError:
            if not left or ending.is_near:
                raise
            time.sleep(AGAIN_S)


class _Ending:
    """SIGTERM, once it has come."""

    def __init__(self) -> None:
        self.is_near = False
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: object) -> None:
        self.is_near = True

    def wait(self) -> None:
        """Wait for it."""
        while not self.is_near:
            time.sleep(0.05)


def chunk_key(log: str, offset: int) -> str:
    """Give the key of the chunk of a log that begins at an offset."""
    return f"{log}/{offset:012d}"


class LogCopy:
    """The copy of the growing log in the store, in chunks that are never rewritten."""

    def __init__(self, store: S3Store, key: str, control: Path, plan: Mapping[str, Any]) -> None:
        self._store, self._key, self._path = store, key, control / "log"
        self._limit = int(plan["log_limit_bytes"])
        self._stored, self._began, self._last = -1, time.monotonic(), 0.0

    def store_due(self) -> None:
        """Store what there is, if enough time has gone by."""
        now = time.monotonic()
        every_s = min(CHUNK_MOST_EVERY_S, max(CHUNK_EVERY_S, (now - self._began) / CHUNKS_PER_AGE))
        if now - self._last >= every_s and self._put():
            self._last = time.monotonic()

    def store_rest(self) -> None:
        """Store everything that is there."""
        while self._put():
            pass

    def _put(self) -> bool:
        if self._stored < 0:
            self._stored = self._find_stored()
        if self._stored > self._limit:
            return False
        data = read_plain(self._path, self._stored, CHUNK_BYTES)
        if not data:
            return False
        if self._stored + len(data) > self._limit:
            cut = f"\nCut at {self._limit / 1e6:.0f} MB; the rest was not kept.\n"
            data = data[: self._limit - self._stored] + cut.encode()
        self._store.put(chunk_key(self._key, self._stored), data)
        self._stored += len(data)
        return True

    def _find_stored(self) -> int:
        """Give where an earlier life ended: mostly there is none, and no list is asked for."""
        if self._store.stat(chunk_key(self._key, 0)) is None:
            return 0
        stored = 0
        for chunk in self._store.list(self._key, limit=1 << 30):
            stored = int(chunk.key.rsplit("/", 1)[-1]) + chunk.size_bytes
        return stored


def collect(store: S3Store, base: str, plan: dict[str, Any], volume: Path) -> StepDone:
    """Give the answer, with the outputs in the store.

    Raises
    ------
    OSError
        When the store does not take them.
    """
    step_run, control = StepRun.from_json(plan["step_run"]), volume / "ctl"
    private = volume / "end"
    private.mkdir(exist_ok=True)
    _translate(control, private, step_run)
    command = {
        "options": None,
        "inspect": None,
        "stderr": plan["stderr"],
        "ram_limit_mib": plan["ram_limit_mib"],
        "disk_limit_mib": plan["disk_limit_mib"],
    }
    end = read_end(step_run, private, command)
    failure = end.failure
    if end.code is None:
        return StepDone(step_run.id, None, usage=end.usage, failure=_wire(failure))
    folder = volume / "out"
    try:
        found = scan(folder, step_run.workdir, _unchanged(plan, step_run, volume))
        sums = upload(store, f"{base}/out", folder, found)
        sources = {location: Path(path) for location, path in plan["inputs"].items()}
        return StepDone(
            id=step_run.id,
            exit_code=end.code,
            base=location_of(f"{base}/out"),
            manifest=make_manifest(folder, found, sources, sums),
            changed=tuple(_change(store, *item) for item in plan["changed"]),
            usage=end.usage,
            failure=_wire(failure),
        )
    except StepFailed as error:
        if failure is None and is_success(step_run, end.code):
            failure = error.failure
        return StepDone(step_run.id, end.code, usage=end.usage, failure=_wire(failure))


def upload(store: S3Store, key: str, folder: Path, found: list[Found]) -> dict[str, str]:
    """Upload what was found; give the checksums by path, computed on the way."""
    sums: dict[str, str] = {}

    def put(item: Found) -> None:
        with HashingFile(folder / item.real) as source:
            store.put_stream(f"{key}/{item.path}", source)
            sums[item.path] = source.checksum

    files = [item for item in found if item.kind == "file"]
    side_by_side(put, files, lambda item: (folder / item.real).lstat().st_size)
    parents = {item.path.rpartition("/")[0] for item in found}
    for item in found:
        if item.kind == "directory" and item.path not in parents:
            store.put_folder(f"{key}/{item.path}")
    return sums


class HashingFile(io.FileIO):
    """A file that is hashed while it is read from its start; links are not followed."""

    def __init__(self, path: Path) -> None:
        super().__init__(os.open(path, os.O_RDONLY | os.O_NOFOLLOW))
        self._digest = hashlib.sha1(usedforsecurity=False)

    @property
    def checksum(self) -> str:
        """What was read, as CWL writes it."""
        return f"sha1${self._digest.hexdigest()}"

    def read(self, size: int | None = -1, /) -> bytes:
        """Read and hash."""
        data = super().read(-1 if size is None else size) or b""
        self._digest.update(data)
        return data

    def readall(self) -> bytes:
        """Read and hash the rest."""
        data = super().readall() or b""
        self._digest.update(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move; the start begins the hash anew."""
        if offset == 0 and whence == os.SEEK_SET:
            self._digest = hashlib.sha1(usedforsecurity=False)
        return super().seek(offset, whence)


def read_plain(path: Path, offset: int = 0, limit: int = 4096) -> bytes:
    """Read a plain file of the tool's; a link or anything else there is empty."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.pread(handle, limit, offset) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    finally:
        os.close(handle)


def _translate(control: Path, private: Path, step_run: StepRun) -> None:
    """Write what the wrapper noted in the form that every executor reads."""
    words = read_plain(control / "time.txt").decode("ascii", "replace")
    usage = {"wall_s": 0.0, "cpu_s": 0.0, "peak_ram_mib": _number(control / "peak.txt") / 2**20}
    numbers = words.strip().splitlines()[-1:] or [""]
    try:
        wall_s, user_s, system_s, resident = map(float, numbers[0].split())
    except ValueError:
        pass
    else:
        # This busybox gives the resident memory in pages' KiB times the KiB of a page.
        resident_mib = resident / (os.sysconf("SC_PAGE_SIZE") / 1024) / 1024
        usage = {
            "wall_s": wall_s,
            "cpu_s": user_s + system_s,
            "peak_ram_mib": max(usage["peak_ram_mib"], resident_mib),
        }
    (private / "peak").write_text(json.dumps(usage), encoding="ascii")
    if (code := read_plain(control / "exit.txt").strip()).isdigit():
        killed = _KILLED.search(words)
        end: dict[str, Any] = {"code": -int(killed[1]) if killed else int(code), "reason": ""}
        limit = step_run.timelimit_s
        if limit and killed and usage["wall_s"] >= max(1, round(limit)) - 0.5:
            end["reason"] = "time"
        (private / "exit").write_text(json.dumps(end), encoding="ascii")
    tail = control / "log"
    size = tail.lstat().st_size if tail.is_file() and not tail.is_symlink() else 0
    (private / "log").write_bytes(read_plain(tail, max(0, size - (64 << 10)), 64 << 10))
    (private / "out").unlink(missing_ok=True)
    (private / "out").symlink_to(Path("..") / "out")


def _number(path: Path) -> int:
    text = read_plain(path).strip()
    return int(text) if text.isdigit() else 0


def _unchanged(plan: Mapping[str, Any], step_run: StepRun, volume: Path) -> dict[str, str]:
    """Give the inputs that are still what they were; others are outputs now."""
    prefix = step_run.workdir + "/"
    return {
        target: location
        for target, (location, before) in plan["links"].items()
        if before is None or signature(volume / "out" / target[len(prefix) :]) == before
    }


def _change(store: S3Store, location: str, source: str, target: str) -> Change:
    """Put what the tool changed in place back to where it came from."""
    path, key = Path(source), key_at(location)
    if path.is_dir():
        found = scan(path, target, {})
        sums = upload(store, key, path, found)
        return Change(location, "directory", manifest=make_manifest(path, found, {}, sums))
    with HashingFile(path) as file:
        store.put_stream(key, file)
        return Change(location, "file", path.stat().st_size, file.checksum)


def _wire(failure: Failure | None) -> dict[str, Any] | None:
    return failure.to_json() if failure is not None else None
