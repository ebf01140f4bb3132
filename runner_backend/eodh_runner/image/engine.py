"""The container engine of this computer: podman or docker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENGINES = ("podman", "docker")
ANSWER_S = 20
#: An engine that is not there is looked for again after this time.
AGAIN_S = 10.0
#: Variables of the runner that a client of an engine needs.
CLIENT_ENV = (
    "PATH", "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR",
    "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT",
    "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF",
    "CONTAINERS_REGISTRIES_CONF", "REGISTRY_AUTH_FILE",
)  # fmt: skip


@dataclass(frozen=True)
class ContainerEngine:
    """An engine that answers."""

    #: Its client, by full path.
    program: str
    is_rootless: bool = False
    #: False where the system gives the engine no memory control (rootless on cgroup v1).
    limits_memory: bool = True

    @property
    def name(self) -> str:
        """`podman` or `docker`."""
        return Path(self.program).name

    def ask(self, *arguments: str, timeout_s: float) -> subprocess.CompletedProcess[bytes]:
        """Run the client to its end.

        Raises
        ------
        OSError, subprocess.TimeoutExpired
        """
        return subprocess.run(  # noqa: S603  a program found on PATH, no shell
            [self.program, *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
            env=client_environment(),
        )


def client_environment() -> dict[str, str]:
    """Give the environment of an engine's client."""
    return {name: os.environ[name] for name in CLIENT_ENV if name in os.environ}


_found: dict[str, tuple[float, ContainerEngine | None]] = {}


def find_engine(wanted: str) -> ContainerEngine | None:
    """Give the container engine that answers, or None.

    Parameters
    ----------
    wanted
        `auto`, or one of `ENGINES`.
    """
    at, engine = _found.get(wanted, (0.0, None))
    if engine is None and (not at or time.monotonic() - at > AGAIN_S):
        names = ENGINES if wanted == "auto" else (wanted,)
        engine = next(filter(None, map(_probe, names)), None)
        _found[wanted] = (time.monotonic(), engine)
    return engine


def _probe(name: str) -> ContainerEngine | None:
    program = shutil.which(name)
    if program is None:
        return None
    form = "json" if name == "podman" else "{{json .}}"
    try:
        answer = ContainerEngine(program).ask("info", "--format", form, timeout_s=ANSWER_S)
        if answer.returncode != 0:
            return None
        return _read(program, json.loads(answer.stdout))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def _read(program: str, info: dict[str, Any]) -> ContainerEngine:
    """Read the answer of `podman info` or `docker info`."""
    if "host" in info:
        host = info["host"]
        is_rootless = bool((host.get("security") or {}).get("rootless"))
        return ContainerEngine(program, is_rootless, "memory" in host.get("cgroupControllers", ()))
    options = info.get("SecurityOptions") or ()
    is_rootless = any("rootless" in str(option) for option in options)
    return ContainerEngine(program, is_rootless, bool(info.get("MemoryLimit", True)))
