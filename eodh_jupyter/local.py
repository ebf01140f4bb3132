"""Finds or starts the user's runner: one per data folder, over a unix socket.

Standard library only, and httpx when a runner is asked: the server extension imports it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .errors import RunnerIdle, RunnerNotStarted, RunnerUnreachable

#: Versions of the runner's API that this client speaks.
API_VERSION = 1
API_MIN = 1
START_S = 20.0
#: A runner that does not end by itself within this is killed.
END_S = 15.0
#: Longest path of a unix socket, with its final zero (Linux 108, macOS 104).
SOCKET_PATH_BYTES = 104
NETWORK_FILE_SYSTEMS = (
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre"),
    *("beegfs", "gpfs", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse"),
    *("fuse.glusterfs", "fuse.ceph-fuse", "fuse.juicefs"),
)
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
#: How a person's podman or docker is set up.
KEPT_OF_ENGINES = ("DOCKER_", "CONTAINER_HOST", "CONTAINERS_", "REGISTRY_AUTH_FILE")
WITHHELD = ("EODH_TOKEN", "EODH_TOKEN_FILE", "EODH_RUNNER_URL")


@dataclass(frozen=True)
class Connection:
    """How to reach a runner."""

    base_url: str
    #: Path of its unix socket, or None for a remote one.
    uds: str | None = None
    token: str | None = field(default=None, repr=False)


def connect(url: str | None = None, *, autostart: bool = True) -> Connection:
    """Find the user's runner, or start it.

    Parameters
    ----------
    url
        Address of a shared runner; default `EODH_RUNNER_URL`, else the user's own.
    autostart
        False only looks.

    Raises
    ------
    RunnerUnreachable
        Saying what is in the way and what to do.
    RunnerIdle
        When none is up and none may be started.
    RunnerNotStarted
        With the last lines of the runner's log.
    """
    url = url or os.environ.get("EODH_RUNNER_URL")
    if url:
        return Connection(url.rstrip("/"), token=_token())
    if not hasattr(socket, "AF_UNIX"):
        raise RunnerUnreachable("a runner of one's own needs unix sockets; set EODH_RUNNER_URL")
    data = data_folder()
    if (found := _find(data)) is not None:
        return found
    if not autostart:
        raise RunnerIdle("no runner is up; the first command that needs one starts it")
    _refuse_network(data)
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _start_lock(data):
            return _find(data) or _start(data)
    except OSError as error:
        raise RunnerUnreachable(
            f"{error.filename or data} cannot be used: {error.strerror}; set EODH_DATA to a "
            "folder of a local disk that you may write to"
        ) from error


def end() -> bool:
    """End the user's own runner and wait until it is gone; False when none was up.

    Step runs go on by themselves, and the next runner goes on with their jobs.

    Raises
    ------
    RunnerUnreachable
        When it cannot be ended.
    """
    try:
        found: dict[str, Any] = json.loads(connection_path(data_folder()).read_text())
        pid, born = int(found["pid"]), int(found["start_time"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    # The number may be another process's by now.
    if pid <= 1 or not _is_alive(pid, born):
        return False
    try:
        os.kill(pid, signal.SIGTERM)
        if not _is_gone(pid, born, END_S):
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return True
    except PermissionError as error:
        raise RunnerUnreachable(f"the runner (process {pid}) is another user's") from error
    if not _is_gone(pid, born, END_S):
        raise RunnerUnreachable(f"the runner (process {pid}) does not end; look at its log")
    return True


def _is_gone(pid: int, born: int, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while _is_alive(pid, born):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _is_alive(pid: int, born: int) -> bool:
    """Tell whether a process still runs: that number, and begun at that clock tick."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            return True
        return False
    except OSError:
        return False
    return after_name[0] != "Z" and born in (0, int(after_name[19]))


def data_folder() -> Path:
    """Give the data folder: `EODH_DATA`, else one in the user's share folder."""
    if named := os.environ.get("EODH_DATA"):
        return Path(named).expanduser().resolve()
    share = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return (Path(share) / "eodh-jupyter").resolve()


def runtime_folder() -> Path:
    """Give the private folder of sockets and connection files; it need not be there yet."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    return Path(base) / "eodh-jupyter" if base else Path(f"/tmp/eodh-{os.getuid()}")  # noqa: S108


def connection_path(data: Path) -> Path:
    """Give the connection file of the runner of a data folder."""
    name = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
    return runtime_folder() / f"{name}.json"


def _find(data: Path) -> Connection | None:
    """Give the runner that is up; None when there is none."""
    file = connection_path(data)
    try:
        folder = file.parent.lstat()
    except OSError:
        return None
    if folder.st_uid != os.getuid() or not stat.S_ISDIR(folder.st_mode):
        raise RunnerUnreachable(
            f"{file.parent} belongs to another user; remove it, or set XDG_RUNTIME_DIR"
        )
    if folder.st_mode & 0o022:
        raise RunnerUnreachable(f"others may write to {file.parent}; run: chmod 700 {file.parent}")
    try:
        found: dict[str, Any] = json.loads(file.read_text())
        path, oldest, newest = found["socket"], int(found["api_min"]), int(found["api_version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not _answers(path):
        return None
    if max(oldest, API_MIN) > min(newest, API_VERSION):
        raise RunnerUnreachable(
            f"the runner of {data} is version {found.get('version')}, which this client cannot "
            f"use; end it when its jobs are done (kill {found.get('pid')}), or install the same "
            "version"
        )
    return Connection("http://runner/ogc-api", uds=path)


def _answers(path: str) -> bool:
    """Tell whether the user's own runner listens there and answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(5)
        try:
            sock.connect(path)
            if hasattr(socket, "SO_PEERCRED"):
                size = struct.calcsize("3i")
                peer = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
                if struct.unpack("3i", peer)[1] != os.getuid():
                    raise RunnerUnreachable(f"the socket {path} is another user's; remove it")
            sock.sendall(b"GET /ping HTTP/1.0\r\nHost: runner\r\n\r\n")
            return b" 200 " in sock.recv(64)
        except OSError:
            return False


@contextlib.contextmanager
def _start_lock(data: Path) -> Iterator[None]:
    """Let one at a time start a runner; the others find it then."""
    deadline = time.monotonic() + START_S + 5
    with (data / "start.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RunnerUnreachable(
                        f"another program holds {data / 'start.lock'}; try again"
                    ) from None
                time.sleep(0.05)
            else:
                break
        yield


def _start(data: Path) -> Connection:
    if find_spec("eodh_runner") is None:
        raise RunnerUnreachable(
            "no runner is installed here; pip install 'eodh-jupyter[runner]', or set "
            "EODH_RUNNER_URL to the address of one"
        )
    if len(os.fsencode(connection_path(data).with_suffix(".sock"))) >= SOCKET_PATH_BYTES:
        raise RunnerUnreachable(
            f"{runtime_folder()} is too long a path for a socket; set XDG_RUNTIME_DIR to a short "
            "one of yours"
        )
    log = data / "runner.log"
    before = log.stat().st_size if log.exists() else 0
    deadline = time.monotonic() + START_S
    process = _spawn(data, log)
    while time.monotonic() < deadline:
        if (found := _find(data)) is not None:
            return found
        code = process.poll()
        if code == 0:
            # Another runner holds the folder: it is still starting, or about to end.
            time.sleep(0.2)
            process = _spawn(data, log)
        elif code is not None:
            break
        time.sleep(0.05)
    with log.open("rb") as file:
        file.seek(before)
        said = file.read().decode(errors="replace").strip().splitlines()[-3:]
    how = "did not start" if process.poll() is not None else f"did not answer in {START_S:.0f} s"
    raise RunnerNotStarted(f"the runner {how}; its log {log} says: " + (" | ".join(said) or "-"))


def _spawn(data: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603  our own module, by this interpreter
            [sys.executable, "-m", "eodh_runner", "serve", "--data", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )


def _environment() -> dict[str, str]:
    """Give the environment of a runner: the user's choices, and nothing of the kernel's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT
        or (name.startswith(("LC_", "XDG_", "EODH_", *KEPT_OF_ENGINES)) and name not in WITHHELD)
    }
    folders = [path for path in sys.path if (Path(path) / "eodh_runner").is_dir()]
    return {**kept, "PYTHONPATH": os.pathsep.join(folders)} if folders else kept


def _token() -> str | None:
    if token := os.environ.get("EODH_TOKEN"):
        return token
    if file := os.environ.get("EODH_TOKEN_FILE"):
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise RunnerUnreachable(f"EODH_TOKEN_FILE: {error}") from error
    return None


def _refuse_network(data: Path) -> None:
    """Refuse a data folder where locks and SQLite cannot be trusted."""
    kind = ""
    for mount, found in _mounts():
        if data == mount or mount in data.parents:
            kind = found
    if kind in NETWORK_FILE_SYSTEMS:
        raise RunnerUnreachable(
            f"{data} is on a network file system ({kind}), where the runner's database is not "
            "safe; set EODH_DATA to a folder of a local disk"
        )


def _mounts() -> Iterator[tuple[Path, str]]:
    found = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            before, _, behind = line.partition(" - ")
            found.append((Path(_unescaped(before.split()[4])), behind.split()[0]))
    yield from sorted(found, key=lambda item: len(item[0].parts))


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
