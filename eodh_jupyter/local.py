"""Finds or starts the user's runner: one per data folder, over a unix socket.

Standard library only, and httpx when a runner is asked: the server extension imports it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import RunnerUnreachable

API_VERSION = 1
START_S = 20.0
NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "lustre")
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "USER", "LOGNAME")


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
        raise RunnerUnreachable("no runner is up; the first command that needs one starts it")
    data.mkdir(parents=True, exist_ok=True)
    _refuse_network(data)
    with (data / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _find(data) or _start(data)


def data_folder() -> Path:
    """Give the data folder: `EODH_DATA`, else one in the user's share folder."""
    if named := os.environ.get("EODH_DATA"):
        return Path(named).expanduser().resolve()
    share = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return (Path(share) / "eodh-jupyter").resolve()


def connection_path(data: Path) -> Path:
    """Give the connection file of the runner of a data folder."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(base) / "eodh-jupyter" if base else Path(f"/tmp/eodh-{os.getuid()}")  # noqa: S108
    return folder / (hashlib.sha256(str(data).encode()).hexdigest()[:16] + ".json")


def _find(data: Path) -> Connection | None:
    file = connection_path(data)
    try:
        folder = file.parent.lstat()
        if folder.st_uid != os.getuid() or not stat.S_ISDIR(folder.st_mode):
            raise RunnerUnreachable(f"{file.parent} belongs to another user; remove it")
        found: dict[str, Any] = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    if not _answers(found["socket"]):
        return None
    if not found["api_min"] <= API_VERSION <= found["api_version"]:
        raise RunnerUnreachable(
            f"the runner of {data} is version {found['version']}, which this client cannot use; "
            "end it when its jobs are done, or install the same version"
        )
    return Connection("http://runner/ogc-api", uds=found["socket"])


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


def _start(data: Path) -> Connection:
    try:
        from importlib.util import find_spec

        if find_spec("eodh_runner") is None:
            raise ImportError
    except ImportError:
        raise RunnerUnreachable(
            "no runner is installed here; pip install 'eodh-jupyter[runner]', or set "
            "EODH_RUNNER_URL to the address of one"
        ) from None
    log = data / "runner.log"
    before = log.stat().st_size if log.exists() else 0
    with log.open("ab") as out:
        process = subprocess.Popen(  # noqa: S603  our own module, by this interpreter
            [sys.executable, "-m", "eodh_runner", "serve", "--data", str(data)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if (found := _find(data)) is not None:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.05)
    with log.open("rb") as file:
        file.seek(before)
        said = file.read().decode(errors="replace").strip().splitlines()[-3:]
    raise RunnerUnreachable(
        f"the runner did not start; its log {log} ends with: " + (" | ".join(said) or "nothing")
    )


def _environment() -> dict[str, str]:
    """Give the environment of a runner: the user's choices, and nothing of the kernel's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or (name.startswith(("LC_", "XDG_", "EODH_")) and name != "EODH_TOKEN")
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
            found.append((Path(before.split()[4].replace("\\040", " ")), behind.split()[0]))
    yield from sorted(found, key=lambda item: len(item[0].parts))
