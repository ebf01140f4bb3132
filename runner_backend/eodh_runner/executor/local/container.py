"""The command line of podman or docker for one step run."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ...domain.step import StepRun
from ...staging.stage_in import Mount
from .sandbox import User

ENGINES = ("podman", "docker")
ANSWER_S = 20


@cache
def find_engine(wanted: str) -> str | None:
    """Give the program of the container engine that answers, or None.

    Parameters
    ----------
    wanted
        `auto`, or one of `ENGINES`.
    """
    for name in ENGINES if wanted == "auto" else (wanted,):
        program = shutil.which(name)
        if program is None:
            continue
        try:
            answer = subprocess.run(  # noqa: S603  a fixed command of a program on PATH
                [program, "info"], capture_output=True, timeout=ANSWER_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if answer.returncode == 0:
            return program
    return None


def container_argv(
    engine: str,
    name: str,
    image: str,
    step_run: StepRun,
    control: Path,
    mounts: Sequence[Mount],
    user: User,
) -> list[str]:
    """Give the command line up to and with the image, whose ENTRYPOINT stays in force."""
    argv = [engine, "run", "--interactive", "--name", name, "--read-only"]
    argv += ["--network", "bridge" if step_run.has_network else "none"]
    argv += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    argv += [*user_options(engine, user), "--workdir", step_run.workdir]
    if step_run.ram_max_mib:
        argv += ["--memory", f"{step_run.ram_max_mib}m"]
    argv += ["--mount", _mount(control / "tmp", step_run.tmpdir, is_writable=True)]
    argv += ["--mount", _mount(control / "out", step_run.workdir, is_writable=True)]
    for mount in mounts:
        argv += ["--mount", _mount(mount.source, mount.target, is_writable=mount.is_writable)]
    for variable, value in step_run.env.items():
        argv += ["--env", f"{variable}={value}"]
    return [*argv, image]


def user_options(engine: str, user: User) -> list[str]:
    """Give the options that make outputs belong to the runner's user."""
    if Path(engine).name == "podman" and user.uid != 0:
        return ["--userns", "keep-id"]
    return ["--user", f"{user.uid}:{user.gid}"]


def _mount(source: Path, target: str, *, is_writable: bool) -> str:
    """Give a value of `--mount`, which is read as one line of CSV."""
    fields = ["type=bind", f"source={source}", f"target={target}"]
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields if is_writable else [*fields, "readonly"])
    return text.getvalue()
