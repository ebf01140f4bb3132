"""The command line of bubblewrap for one step run: pure, tested by exact lists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...domain.step import StepRun
from ...staging.stage_in import Mount

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives")
CONFIGURATION = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/ssl",
    "/etc/ca-certificates",
    "/etc/localtime",
)
NETWORK = ("/etc/resolv.conf", "/etc/hosts")
PATH = "/usr/local/bin:/usr/bin:/bin"


def sandbox_argv(
    step_run: StepRun, control: Path, mounts: Sequence[Mount], tools: Sequence[Path]
) -> list[str]:
    """Give bubblewrap's command line: nothing of the home folder, no other process seen."""
    argv = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
    if step_run.has_network:
        argv.append("--share-net")
    for path in (*SYSTEM, *CONFIGURATION, *(NETWORK if step_run.has_network else ())):
        argv += ["--ro-bind-try", path, path]
    argv += ["--proc", "/proc", "--dev", "/dev"]
    argv += ["--bind", str(control / "tmp"), step_run.tmpdir]
    argv += ["--bind", str(control / "out"), step_run.workdir]
    for tool in tools:
        argv += ["--ro-bind", str(tool), str(tool)]
    for mount in mounts:
        if (
            not mount.target.startswith(step_run.workdir + "/")
            or (mount.location is not None
            and (mount.is_writable))
        ):
            argv += [
                "--bind" if mount.is_writable else "--ro-bind",
                str(mount.source),
                mount.target,
            ]
    return [*argv, "--chdir", step_run.workdir, "--", *step_run.argv]


def environment(step_run: StepRun, tools: Sequence[Path]) -> dict[str, str]:
    """Give the clean environment of a host command: CWL's own, and a PATH."""
    path = ":".join([*(f"{tool}/bin" for tool in tools), PATH])
    given = dict(step_run.env)
    if "PATH" in given and tools:
        given["PATH"] = ":".join([*(f"{tool}/bin" for tool in tools), given["PATH"]])
    return {"PATH": path, "LANG": "C.UTF-8", **given}
