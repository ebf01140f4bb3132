"""The command line of podman or docker for one step run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ...domain.step import StepRun
from ...staging.stage_in import Mount

ENGINES = ("podman", "docker")


@cache
def find_engine(wanted: str) -> str | None:
    """Give the container engine that answers, or None."""
    for name in ENGINES if wanted == "auto" else (wanted,):
        program = shutil.which(name)
        if program is None:
            continue
        answer = subprocess.run(  # noqa: S603  a fixed command of a program found on PATH
            [program, "info"], capture_output=True, timeout=20, check=False
        )
        if answer.returncode == 0:
            return name
    return None


def container_argv(
    engine: str, step_run: StepRun, name: str, control: Path, mounts: Sequence[Mount]
) -> list[str]:
    """Give the command line that runs the step's image, its own ENTRYPOINT included."""
    image = step_run.image.pull if step_run.image else None
    if image is None:
        raise ValueError("the step run has no image")
    argv = [engine, "run", "--rm", "-i", "--name", name, "--read-only"]
    argv += ["--network", "bridge" if step_run.has_network else "none"]
    argv += ["--user", f"{os.getuid()}:{os.getgid()}", "--security-opt", "no-new-privileges"]
    argv += ["--cap-drop", "ALL", "--workdir", step_run.workdir]
    if step_run.ram_max_mib:
        argv += ["--memory", f"{step_run.ram_max_mib}m"]
    argv += [_mount(control / "out", step_run.workdir, True)]
    argv += [_mount(control / "tmp", step_run.tmpdir, True)]
    for mount in mounts:
        if not mount.target.startswith(step_run.workdir + "/"):
            argv.append(_mount(mount.source, mount.target, mount.is_writable))
    for variable, value in step_run.env.items():
        argv += ["--env", f"{variable}={value}"]
    return [*argv, image, *step_run.argv]


def _mount(source: Path, target: str, is_writable: bool) -> str:
    text = f"--mount=type=bind,source={source},target={target}"
    return text if is_writable else text + ",readonly"
