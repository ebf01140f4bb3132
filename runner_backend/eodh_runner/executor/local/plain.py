"""Runs a command as a plain process: the tool's paths are this computer's own."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import STAGEDIR, StepRun
from ...staging.stage_in import Staged
from .sandbox import CONFIGURATION, NETWORK, SYSTEM

LANDLOCK = Path(__file__).parents[2] / "landlock.py"
_CREATE_RULESET = 444


def landlock_version() -> int:
    """Give the version of Landlock in force, 0 when there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, 1)))


class HostPaths:
    """Paths of the tool as paths of this computer."""

    def __init__(self, step_run: StepRun, control: Path) -> None:
        self._folders = {
            step_run.workdir: str(control / "out"),
            STAGEDIR: str(control / "tree"),
            step_run.tmpdir: str(control / "tmp"),
        }
        by_length = sorted(self._folders, key=len, reverse=True)
        names = "|".join(re.escape(name) for name in by_length)
        self._pattern = re.compile(rf"(?<![\w./-])(?:{names})(?![\w.-])", re.ASCII)

    def rewrite(self, text: str) -> str:
        """Replace every path of the tool in a text."""
        return self._pattern.sub(lambda match: self._folders[match[0]], text)

    def place(self, target: str) -> Path:
        """Give the path of this computer for a path of the tool.

        Raises
        ------
        StepFailed
            When only a sandbox could show something there.
        """
        for name, folder in self._folders.items():
            if target == name or target.startswith(name + "/"):
                return Path(folder + target[len(name) :])
        raise StepFailed(
            Failure(
                FailureClass.PERMISSION,
                f"a file is wanted at {target}, which only a sandbox can give",
                "Install bubblewrap, or podman or docker.",
            )
        )


def link_mounts(staged: Staged, paths: HostPaths) -> dict[str, str]:
    """Put links where a sandbox would mount; give what `scan` has to know of them."""
    links: dict[str, str] = {}
    for mount in staged.mounts:
        place = paths.place(mount.target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir() and not place.is_symlink():
            place.rmdir()
        else:
            place.unlink(missing_ok=True)
        place.symlink_to(mount.source)
        if mount.location is not None:
            links[str(place)] = mount.location
            links[str(mount.source.resolve())] = mount.location
    return links


def landlock_rules(
    control: Path, staged: Staged, tools: Sequence[Path], *, has_network: bool
) -> dict[str, object]:
    """Give what Landlock lets the command read and write."""
    read = [*SYSTEM, *CONFIGURATION, *(NETWORK if has_network else ()), "/etc/passwd", "/etc/group"]
    read += ["/proc", "/dev", str(control / "tree"), *(str(tool) for tool in tools)]
    write = [str(control / "out"), str(control / "tmp"), "/dev/null", "/dev/shm"]  # noqa: S108
    for mount in staged.mounts:
        (write if mount.is_writable else read).append(str(mount.source.resolve()))
    return {"module": str(LANDLOCK), "read": read, "write": write}
