"""Real podman for the tests: storage of its own, and an image made from Debian's packages.

No registry is asked. What cannot be made here is a reason to skip, said aloud.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

CACHE = Path.home() / ".cache" / "eodh-jupyter" / "containers"
SUITE = "bookworm"
PACKAGES = "python3-minimal,libpython3-stdlib,python-is-python3"
IMAGE = "localhost/eodh-test-debian:2"
LEFT_OUT = ("doc", "man", "locale", "info")

CONTAINERS_CONF = """[containers]
default_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
STORAGE_CONF = """[storage]
driver = "overlay"
graphroot = "{graph}"
runroot = "{run}"
"""


class NotHere(Exception):
    """Images cannot be run on this computer; says why."""


def environment() -> dict[str, str]:
    """Give the variables that make podman use the tests' own storage.

    Raises
    ------
    NotHere
    """
    if shutil.which("podman") is None:
        raise NotHere("podman is not installed (make system)")
    if os.geteuid() != 0:
        # The person's own set-up is what works for them; images go to their own storage.
        return {}
    CACHE.mkdir(parents=True, exist_ok=True)
    run = Path(tempfile.gettempdir()) / "eodh-test-containers"
    (CACHE / "containers.conf").write_text(CONTAINERS_CONF)
    (CACHE / "storage.conf").write_text(STORAGE_CONF.format(graph=CACHE / "graph", run=run))
    return {
        "CONTAINERS_CONF": str(CACHE / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(CACHE / "storage.conf"),
    }


def podman(*arguments: str, limit_s: float = 300) -> str:
    """Run podman on the tests' storage; gives its output.

    Raises
    ------
    NotHere
        With its last line, when it fails.
    """
    answer = subprocess.run(
        ["podman", *arguments],
        env={**os.environ, **environment()},
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    if answer.returncode != 0:
        raise NotHere(f"podman {arguments[0]}: {answer.stderr.strip().splitlines()[-1:]}")
    return answer.stdout


def bridges() -> set[str]:
    """Give the names of podman's bridges on this computer."""
    return {link.name for link in Path("/sys/class/net").glob("*podman*")}


def release(before: set[str]) -> None:
    """Undo what runs of images leave: mounts in the tests' storage, new bridges, their rules."""
    if not environment():
        return
    podman("image", "unmount", "--all", "--force")
    for name in bridges() - before:
        _run("ip", "link", "delete", name)
    if not before:
        comment = ["-m", "comment", "--comment", "CNI firewall plugin rules"]
        _run("iptables", "-D", "FORWARD", *comment, "-j", "CNI-FORWARD")
        for act, chain in (("-F", "FORWARD"), ("-X", "FORWARD"), ("-X", "ADMIN")):
            _run("iptables", act, f"CNI-{chain}")


def _run(*words: str) -> None:
    """Run a command; what it was to take away may be gone already."""
    if shutil.which(words[0]):
        subprocess.run(words, capture_output=True, check=False)


def has_image(name: str) -> bool:
    """Tell whether the image is in the tests' storage."""
    try:
        podman("image", "inspect", name)
    except NotHere:
        return False
    return True


def make_image(name: str = IMAGE, changes: Sequence[str] = (), packages: str | None = None) -> str:
    """Make the image of that name, unless it is there; gives the name.

    Parameters
    ----------
    changes
        Lines of a Containerfile: `ENTRYPOINT ["bash"]`.
    packages
        What Debian's packages it holds; None for those of `IMAGE`.
    """
    if has_image(name):
        return name
    if name != IMAGE and not changes and packages is None:
        podman("tag", make_image(), name)
    else:
        options = [word for change in changes for word in ("--change", change)]
        podman("import", *options, str(root_file(packages or PACKAGES)), name)
    return name


def root_file(packages: str = PACKAGES) -> Path:
    """Give the archive of a small Debian, made once."""
    made = CACHE / f"{SUITE}-{hashlib.sha256(packages.encode()).hexdigest()[:12]}.tar"
    if made.exists():
        return made
    if shutil.which("mmdebstrap") is None:
        raise NotHere("mmdebstrap is not installed (make system)")
    part = made.with_suffix(f".{os.getpid()}.tar")
    options = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    # As in images that are made for it, pip may install beside Debian's packages.
    options += ['--customize-hook=rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED']
    answer = subprocess.run(
        ["mmdebstrap", "--variant=minbase", f"--include={packages}", *options, SUITE, part],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if answer.returncode != 0:
        part.unlink(missing_ok=True)
        raise NotHere(f"mmdebstrap: {answer.stderr.strip().splitlines()[-1:]}")
    part.replace(made)
    return made
