"""Closes what an engine does not need, right after the fork and before any document."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
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
    "execve",
    "execveat",
    "fork",
    "vfork",
    "clone",
    "clone3",
    "kill",
    "tkill",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "memfd_create",
    "io_uring_setup",
    "bpf",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "unshare",
    "setns",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "perf_event_open",
    "init_module",
    "finit_module",
    "kexec_load",
    "reboot",
    "swapon",
    "swapoff",
    "open_by_handle_at",
    "name_to_handle_at",
]


def close() -> dict[str, Any]:
    """Jail this process; gives what is in force."""
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
    python = {sys.prefix, sys.base_prefix, *(path for path in sys.path if path)}
    version = restrict(read=[*sorted(python), "/usr/lib", "/lib", "/lib64"], write=[])
    return {"landlock": version, "seccomp": _filter_calls(), "namespaces": False}


def _filter_calls() -> bool:
    if pyseccomp is None:
        return False
    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in CLOSED:
        try:
            calls.add_rule(pyseccomp.ERRNO(1), name)
        except (OSError, ValueError, RuntimeError):
            continue  # a call that this machine does not have cannot be made
    calls.load()
    return True
