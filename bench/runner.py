"""Runners of the scoreboard, each with a data folder of its own, and what jobs tell of time."""

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

TOOL = {
    "cwlVersion": "v1.2",
    "class": "CommandLineTool",
    "id": "quick",
    "baseCommand": "true",
    "inputs": {},
    "outputs": {},
}


@contextmanager
def runner(**settings: str) -> Iterator[Any]:
    """Give a client of a runner whose data folder is gone at the end, as the runner is."""
    from eodh_jupyter import Client

    with tempfile.TemporaryDirectory(prefix="eodh-bench-") as data:
        names = {"EODH_DATA": data, "EODH_CONTAINERS": "host", "EODH_IDLE_TIMEOUT_S": "60"}
        names |= settings
        before = {name: os.environ.get(name) for name in names}
        os.environ.update(names)
        try:
            yield Client()
        finally:
            _stop(Path(data))
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value


def runner_pid(data: Path | None = None) -> int:
    """Give the process of the runner of a data folder."""
    from eodh_jupyter.local import connection_path

    folder = data or Path(os.environ["EODH_DATA"])
    return int(json.loads(connection_path(folder.resolve()).read_text())["pid"])


def cpu_s(pid: int) -> float:
    """Give the CPU seconds that a process has used, without its children."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(pid: int) -> float:
    """Give the memory that a process held at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _stop(data: Path) -> None:
    with suppress(OSError, ValueError):
        pid = runner_pid(data)
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not _has_ended(pid):
            time.sleep(0.02)


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def deploy(client: Any, document: dict[str, Any]) -> Any:
    """Give the process of a document."""
    return client.deploy(json.dumps(document).encode(), replace=True)


def step_started(job: Any) -> datetime:
    """Give when the first step run of a job began, as recorded."""
    began = next(e for e in job.events() if e["kind"] == "step" and e["data"]["state"] == "running")
    return datetime.fromisoformat(began["time"])


def accepted(job: Any) -> datetime:
    """Give when a job was accepted, as recorded."""
    return datetime.fromisoformat(next(iter(job.events()))["time"])


def ended(job: Any) -> datetime:
    """Give when a job ended, as recorded; waits for it."""
    job.wait()
    return datetime.fromisoformat(list(job.events())[-1]["time"])


def isolation(client: Any) -> str:
    """Give the isolation in force, of steps and of the engine."""
    health = client.health()
    engine = [name for name, held in health["engine"]["isolation"].items() if held]
    return f"steps: {health['executor']['isolation']}; engine: {', '.join(engine)}"
