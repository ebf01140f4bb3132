"""The command lines of podman or docker for one step run."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import StepRun
from ...image.engine import ContainerEngine, client_environment
from ...staging.stage_in import Mount
from .sandbox import User

END_S = 30


def container_argv(
    engine: ContainerEngine,
    name: str,
    image: str,
    step_run: StepRun,
    control: Path,
    mounts: Sequence[Mount],
    user: User,
    ram_limit_mib: int,
) -> list[str]:
    """Give the command line up to and with the image, whose ENTRYPOINT and ENV stay in force."""
    argv = [engine.program, "run", "--interactive", "--name", name, "--pull", "never"]
    # The wrapper keeps the output; the engine would keep it again, without a limit.
    argv += ["--log-driver", "none", "--read-only"]
    if not step_run.has_network:
        argv += ["--network", "none"]
    argv += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    argv += ["--security-opt", "label=disable"]
    if engine.name == "podman":
        argv += ["--http-proxy=false"]
    argv += [*user_options(engine, user), "--workdir", step_run.workdir]
    if engine.limits_memory:
        argv += ["--memory", f"{ram_limit_mib}m", "--memory-swap", f"{ram_limit_mib}m"]
    own = [
        Mount(control / "tmp", step_run.tmpdir, is_writable=True),
        Mount(control / "out", step_run.workdir, is_writable=True),
    ]
    for mount in (*own, *mounts):
        argv += _mount(mount)
    for variable, value in step_run.env.items():
        argv += ["--env", f"{variable}={value}"]
    return [*argv, image]


def user_options(engine: ContainerEngine, user: User) -> list[str]:
    """Give the options that make outputs belong to the runner's user."""
    if engine.name == "podman" and user.uid != 0:
        return ["--userns", "keep-id"]
    return ["--user", f"{user.uid}:{user.gid}"]


def stop_commands(engine: ContainerEngine, name: str) -> list[list[str]]:
    """Give what ends a container at once and removes it."""
    return [[engine.program, "kill", name], [engine.program, "rm", "--force", name]]


def end_container(control: Path) -> None:
    """End the container of an attempt whose wrapper is gone, so that none runs unwatched."""
    try:
        order = json.loads((control / "order.json").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    if (control / "exit").exists():
        return
    for argv in order["stop"] or ():
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603  written by `stop_commands`
                argv, capture_output=True, timeout=END_S, check=False, env=client_environment()
            )


def _mount(mount: Mount) -> list[str]:
    """Give the option for a mount: a line of CSV, which podman cannot read across lines."""
    source, target = str(mount.source), mount.target
    if "\n" not in source + target:
        fields = ["type=bind", f"source={source}", f"target={target}"]
        text = io.StringIO()
        row = fields if mount.is_writable else [*fields, "readonly"]
        csv.writer(text, lineterminator="").writerow(row)
        return ["--mount", text.getvalue()]
    if ":" in source + target:
        raise StepFailed(
            Failure(
                FailureClass.INPUT,
                f"the input {target!r} has a line break and a colon in its name, which "
                "container engines cannot be given",
                "Rename it.",
            )
        )
    return ["--volume", f"{source}:{target}" + ("" if mount.is_writable else ":ro")]
