"""Prepares the control folder of one attempt: what the wrapper is to do."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import StepRun
from ...image.engine import ContainerEngine, client_environment, find_engine
from ...image.resolve import Resolved
from ...staging.stage_in import Mount, Staged, stage_in
from ...store import Store
from .. import StepOrder
from .container import container_argv, stop_commands
from .image_root import inside, mount_image, root_options
from .plain import HostPaths, landlock_rules, link_mounts
from .sandbox import (
    ACCOUNTS,
    NETWORK,
    PATH,
    PLAIN_USER,
    User,
    environment,
    environment_options,
    sandbox_options,
    system_root,
    with_base,
)


@dataclass(frozen=True)
class Ways:
    """What this computer has to run commands with."""

    #: Setting `EODH_CONTAINERS`.
    containers: str
    #: Program of bubblewrap; None when it is not here or not allowed to work.
    bwrap: str | None
    has_landlock: bool
    host_tools: tuple[Path, ...]
    log_limit_bytes: int
    disk_limit_mib: int
    ram_mib: int

    def engine_for(self, step_run: StepRun) -> ContainerEngine | None:
        """Give the container engine that runs the step; None for a host command."""
        if self.containers == "host" or step_run.image is None:
            return None
        return find_engine(self.containers)

    def mounts_images(self, engine: ContainerEngine | None) -> bool:
        """Tell whether images are started by bubblewrap: ten times faster, podman and root only."""
        return (
            self.containers == "auto"
            and self.bwrap is not None
            and engine is not None
            and engine.name == "podman"
            and not engine.is_rootless
        )


def image_of(step_run: StepRun) -> str | None:
    """Give the reference of the image that is to be run."""
    image = step_run.image
    return (image.image_id or image.pull) if image is not None else None


def prepare(order: StepOrder, control: Path, store: Store, ways: Ways) -> None:
    """Fill a control folder; `order.json` comes last, so that half of it is never run.

    Raises
    ------
    StepFailed
        When something cannot be staged.
    """
    if control.exists():
        shutil.rmtree(control)
    for name in ("out", "tmp", "tree"):
        (control / name).mkdir(parents=True)
    value = _order(order, control, store, ways)
    part = control / "order.json.part"
    part.write_text(json.dumps(value), encoding="ascii")
    part.replace(control / "order.json")


def _order(order: StepOrder, control: Path, store: Store, ways: Ways) -> dict[str, Any]:
    step_run = order.step_run
    engine = ways.engine_for(step_run)
    paths = HostPaths(step_run, control)
    is_plain = engine is None and ways.bwrap is None
    staged = stage_in(step_run, control, store, paths.rewrite if is_plain else str)
    value = _common(step_run, control, staged, ways)
    if engine is not None and order.image is not None:
        if ways.mounts_images(engine):
            root = mount_image(engine, order.image)
            return value | _image(step_run, control, staged, ways, order.image, root)
        return value | _container(order, control, staged, engine, order.image, ways)
    if is_plain:
        return value | _plain(step_run, control, staged, ways, paths)
    return value | _sandbox(step_run, control, staged, ways)


def _common(step_run: StepRun, control: Path, staged: Staged, ways: Ways) -> dict[str, Any]:
    return {
        "cwd": str(control / "out"),
        "stdin": _stdin(step_run, control, staged),
        "stdout": stream_path(step_run, step_run.stdout, staged),
        "stderr": stream_path(step_run, step_run.stderr, staged),
        "options": None,
        "landlock": None,
        "inspect": None,
        "stop": None,
        "folders": [str(control / "out"), str(control / "tmp")],
        "log_limit_bytes": ways.log_limit_bytes,
        "disk_limit_mib": ways.disk_limit_mib,
        "ram_limit_mib": step_run.ram_max_mib or ways.ram_mib,
        "timelimit_s": step_run.timelimit_s,
        "workdir": step_run.workdir,
        "links": staged.links,
        "inputs": {m.location: str(m.source) for m in staged.mounts if m.location},
        "changed": [[m.location, str(m.source), m.target] for m in staged.changed],
    }


def _sandbox(step_run: StepRun, control: Path, staged: Staged, ways: Ways) -> dict[str, Any]:
    user = inside_user()
    _write_accounts(step_run, control, user, None)
    tools = with_base(ways.host_tools)
    options = sandbox_options(step_run, control, staged.mounts, system_root(), tools, user)
    options += environment_options(environment(step_run, ways.host_tools))
    return {"argv": [ways.bwrap, *step_run.argv], "options": options, "env": {"LANG": "C.UTF-8"}}


def _image(
    step_run: StepRun, control: Path, staged: Staged, ways: Ways, image: Resolved, root: Path
) -> dict[str, Any]:
    user = inside_user()
    _write_accounts(step_run, control, user, root)
    targets = [step_run.workdir, step_run.tmpdir, *(mount.target for mount in staged.mounts)]
    targets += [f"/etc/{name}" for name in ACCOUNTS]
    targets += NETWORK if step_run.has_network else ()
    shown = root_options(root, targets)
    options = sandbox_options(step_run, control, staged.mounts, shown, (), user)
    options += environment_options({"PATH": PATH, **image.env, **step_run.env})
    argv = [ways.bwrap, *image.entrypoint, *step_run.argv]
    return {"argv": argv, "options": options, "env": {"LANG": "C.UTF-8"}}


def _write_accounts(step_run: StepRun, control: Path, user: User, root: Path | None) -> None:
    """Write the files in which programs look up who they are, those of an image first."""
    home, name = step_run.env.get("HOME", step_run.workdir), "user"
    lines = {
        "passwd": f"{name}:x:{user.uid}:{user.gid}::{home}:/bin/sh\n",
        "group": f"{name}:x:{user.gid}:\n",
    }
    for account in ACCOUNTS:
        of_image = inside(root, f"/etc/{account}") if root is not None else None
        before = of_image.read_bytes() if of_image is not None and of_image.is_file() else b""
        if before and not before.endswith(b"\n"):
            before += b"\n"
        text = lines[account].encode("utf-8", "surrogateescape")
        (control / account).write_bytes(before + text)


def _plain(
    step_run: StepRun, control: Path, staged: Staged, ways: Ways, paths: HostPaths
) -> dict[str, Any]:
    env = environment(step_run, ways.host_tools)
    tools = with_base(ways.host_tools)
    rules = landlock_rules(control, staged, tools, has_network=step_run.has_network)
    return {
        "argv": [paths.rewrite(word) for word in step_run.argv],
        "env": {name: paths.rewrite(value) for name, value in env.items()},
        "landlock": rules if ways.has_landlock else None,
        "workdir": str(control / "out"),
        "links": link_mounts(staged, paths),
    }


def _container(
    order: StepOrder,
    control: Path,
    staged: Staged,
    engine: ContainerEngine,
    image: Resolved,
    ways: Ways,
) -> dict[str, Any]:
    user, name = User(os.getuid(), os.getgid()), container_name(order)
    limit_mib = order.step_run.ram_max_mib or ways.ram_mib
    argv = container_argv(
        engine, name, image.id, order.step_run, control, staged.mounts, user, limit_mib
    )
    return {
        "argv": [*argv, *order.step_run.argv],
        "env": client_environment(),
        "inspect": [engine.program, "container", "inspect", name],
        "stop": stop_commands(engine, name),
    }


def container_name(order: StepOrder) -> str:
    """Give the name of an attempt's container, the same in every life of the runner."""
    text = "\0".join((order.workspace, order.job_id, order.log, str(order.attempt)))
    return "eodh-" + hashlib.sha256(text.encode()).hexdigest()[:24]


def inside_user() -> User:
    """Give who the tool is inside the sandbox: this user, but never root."""
    if os.geteuid() == 0:
        return User(PLAIN_USER, PLAIN_USER)
    return User(os.geteuid(), os.getegid())


def _stdin(step_run: StepRun, control: Path, staged: Staged) -> str | None:
    """Give the file of this computer that is the standard input, or one that is not there."""
    if step_run.stdin is None:
        return None
    path = posixpath.normpath(posixpath.join(step_run.workdir, step_run.stdin))
    shown = [*staged.mounts, Mount(control / "out", step_run.workdir, is_folder=True)]
    for mount in sorted(shown, key=lambda mount: -len(mount.target)):
        if path == mount.target or path.startswith(mount.target + "/"):
            host = Path(str(mount.source) + path[len(mount.target) :])
            if host.is_file() and host.resolve().is_relative_to(mount.source.resolve()):
                return str(host)
    return path if not os.path.lexists(path) else str(control / "absent" / path.lstrip("/"))


def stream_path(step_run: StepRun, name: str | None, staged: Staged) -> str | None:
    """Give the path, relative to the work folder, of a file that takes a stream.

    Raises
    ------
    StepFailed
        Class document, when it is an input or elsewhere.
    """
    if name is None:
        return None
    path = posixpath.normpath(posixpath.join(step_run.workdir, name))
    is_input = any(path == m.target or path.startswith(m.target + "/") for m in staged.mounts)
    if is_input or not path.startswith(step_run.workdir + "/"):
        what = "would overwrite an input" if is_input else "leaves the folder of the step"
        raise StepFailed(
            Failure(
                FailureClass.DOCUMENT,
                f"the output stream '{name}' {what}",
                "Give 'stdout' and 'stderr' plain file names.",
            )
        )
    return path[len(step_run.workdir) + 1 :]
