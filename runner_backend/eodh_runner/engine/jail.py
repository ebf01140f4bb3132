"""Closes what an engine does not need, right after the fork and before any document."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..landlock import restrict

try:  # found before the jail closes: it looks for libseccomp among the files of the system
    import pyseccomp
except (ImportError, RuntimeError, OSError):
    pyseccomp = None

_DUMPABLE = 4
MEMORY_BYTES = 4 << 30
CPU_S = 6 * 3600

#: System calls that reach out, start programs or look into other processes.
CLOSED = [
    "socket",
    "socketpair",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "sendto",
    "sendmsg",
    "sendmmsg",
    "execve",
    "execveat",
    "fork",
    "vfork",
    "clone",
    "clone3",
    "kill",
    "tkill",
    "tgkill",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "memfd_create",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "shmget",
    "shmat",
    "msgget",
    "semget",
    "mq_open",
    "bpf",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "fsopen",
    "fsmount",
    "open_tree",
    "move_mount",
    "unshare",
    "setns",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "perf_event_open",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "open_by_handle_at",
    "name_to_handle_at",
]


def close(start_watch: Callable[[], None] | None = None) -> dict[str, Any]:
    """Jail this process; gives what is in force.

    Parameters
    ----------
    start_watch
        Starts this process's last thread: after Landlock, which holds for a thread and those
        it starts, and before the filter, which holds for all threads and lets none start.
    """
    os.environ.clear()
    ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    version = restrict(read=python_paths(), write=[])
    if start_watch is not None:
        start_watch()
    return {"landlock": version, "seccomp": _filter_calls(), "namespaces": False}


def python_paths() -> list[str]:
    """Give where late imports are found: Python, installed packages, this package.

    Not all of sys.path: it may name the working folder, and with it the user's files.
    """
    packages = {p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")}
    own = str(Path(__file__).parents[1])
    python = sorted({sys.prefix, sys.base_prefix, own, *packages})
    return [*python, "/usr/lib", "/lib", "/lib64"]


def _filter_calls() -> bool:
    if pyseccomp is None:
        return False
    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    calls.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)
    for name in CLOSED:
        try:
            calls.add_rule(pyseccomp.ERRNO(1), name)
        except (OSError, ValueError, RuntimeError):
            continue  # a call that this machine does not have cannot be made
    calls.load()
    return True
