"""The command line that starts the engine in namespaces of its own, by bubblewrap.

The forkserver is started in them once, so that a job costs nothing more: no network, none of
the computer's files but Python's and the system's libraries. Its processes keep their numbers,
by which the worker holds them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ..executor.local.sandbox import PLAIN_USER, SYSTEM

LIBRARIES = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives")


def namespace_options(bwrap: str, packages: Sequence[str]) -> list[str]:
    """Give what stands before the command of the engine.

    Parameters
    ----------
    packages
        Folders from which it imports, besides Python's own.
    """
    options = [bwrap, "--unshare-user", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--die-with-parent", "--cap-drop", "ALL"]
    options += ["--uid", str(PLAIN_USER), "--gid", str(PLAIN_USER)]
    python = [sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parents[1])]
    shown = dict.fromkeys((*SYSTEM, *LIBRARIES, *python, *packages))
    for path in shown:
        options += ["--ro-bind-try", path, path]
    return [*options, "--dev", "/dev", "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/", "--"]  # noqa: S108
