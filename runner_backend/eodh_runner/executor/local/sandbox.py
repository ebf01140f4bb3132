"""The command line of bubblewrap for one step run: pure, tested by exact lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...domain.step import StepRun
from ...staging.stage_in import Mount

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
CONFIGURATION = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/ssl",
)
NETWORK = ("/etc/hosts", "/etc/resolv.conf")
ACCOUNTS = ("passwd", "group")
PATH = "/usr/local/bin:/usr/bin:/bin"
#: The user inside, when the runner is root: nothing is to run as root.
PLAIN_USER = 1000


@dataclass(frozen=True)
class User:
    """Who the tool is inside the sandbox."""

    uid: int
    gid: int


def sandbox_options(
    step_run: StepRun,
    control: Path,
    mounts: Sequence[Mount],
    root: Sequence[str],
    tools: Sequence[Path],
    user: User,
) -> list[str]:
    """Give bubblewrap's options: nothing of the home folder, no other process seen.

    The command itself and the environment (`environment_options`) are not among them.

    Parameters
    ----------
    root
        Options that show the programs of the system, or of an image.
    """
    options = ["--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"]
    options += ["--uid", str(user.uid), "--gid", str(user.gid), "--cap-drop", "ALL"]
    if step_run.has_network:
        options.append("--share-net")
    options += root
    for path in NETWORK if step_run.has_network else ():
        options += ["--ro-bind-try", path, path]
    for name in ACCOUNTS:
        options += ["--ro-bind", str(control / name), f"/etc/{name}"]
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += ["--bind", str(control / "tmp"), step_run.tmpdir]
    for tool in tools:
        options += ["--ro-bind", str(tool), str(tool)]
    options += ["--bind", str(control / "out"), step_run.workdir]
    for mount in mounts:
        bind = "--bind" if mount.is_writable else "--ro-bind"
        options += [bind, str(mount.source), mount.target]
    return [*options, "--remount-ro", "/", "--chdir", step_run.workdir]


def system_root() -> list[str]:
    """Give the options that show the programs of this computer."""
    paths = (*SYSTEM, *CONFIGURATION)
    return [word for path in paths for word in ("--ro-bind-try", path, path)]


def environment_options(environment: Mapping[str, str]) -> list[str]:
    """Give the options that set the environment of the tool, and of it alone.

    Were these variables those of bubblewrap itself, LD_PRELOAD would act outside.
    """
    options = ["--clearenv"]
    for name, value in environment.items():
        options += ["--setenv", name, value]
    return options


def environment(step_run: StepRun, tools: Sequence[Path]) -> dict[str, str]:
    """Give the clean environment of a host command: CWL's own, and a PATH."""
    given = dict(step_run.env)
    path = ":".join([*(f"{tool}/bin" for tool in tools), given.pop("PATH", PATH)])
    return {"PATH": path, "LANG": "C.UTF-8", **given}


def with_base(tools: Sequence[Path]) -> tuple[Path, ...]:
    """Give the environments with what a virtual environment stands on.

    Its `pyvenv.cfg` names the folder of the interpreter that its own one links to.
    """
    found: list[Path] = []
    for tool in tools:
        found += [tool, *_bases(tool)]
    return tuple(dict.fromkeys(found))


def _bases(tool: Path) -> list[Path]:
    try:
        lines = (tool / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    bases = []
    for line in lines:
        name, _, value = line.partition("=")
        if name.strip() == "home":
            home = Path(value.strip()).parent
            bases += [home, home.resolve()]
    return [base for base in bases if base.is_dir() and not _is_system(base)]


def _is_system(path: Path) -> bool:
    return str(path) == "/" or any(path.is_relative_to(root) for root in SYSTEM)
