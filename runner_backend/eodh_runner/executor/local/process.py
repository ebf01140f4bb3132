"""Operating-system processes by identity: a number and a start time."""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    """One process for good; numbers are used again, start times differ."""

    pid: int
    #: Clock ticks since boot.
    start_time: int

    @classmethod
    def of(cls, pid: int) -> Identity:
        """Give the identity of a process that runs, or that nobody has collected yet."""
        fields = _stat(pid)
        return cls(pid, int(fields[19]) if fields else 0)

    @property
    def is_alive(self) -> bool:
        """Tell whether this very process still runs."""
        fields = _stat(self.pid)
        return bool(fields) and int(fields[19]) == self.start_time and fields[0] not in "ZX"


def read_identity(path: Path) -> Identity | None:
    """Read the `pid` file of a wrapper; None when there is none, or it is a dead claim."""
    try:
        pid, start_time = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return Identity(pid, start_time) if pid else None


def claim_dead(path: Path) -> bool:
    """Take the `pid` file so that no wrapper can start there; False when one has it."""
    try:
        with path.open("x", encoding="ascii") as file:
            file.write("[0, 0]")
    except FileExistsError:
        return read_identity(path) is None
    return True


def kill_session(identity: Identity) -> None:
    """Kill what is left of the session that a wrapper led, itself included.

    A process may have left the session (bubblewrap does): those die with their parent.
    """
    members = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    for pid in members:
        fields = _stat(pid)
        if fields and int(fields[3]) == identity.pid and int(fields[19]) >= identity.start_time:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
