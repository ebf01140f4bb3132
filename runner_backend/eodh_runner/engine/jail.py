"""Closes what an engine does not need, right after the fork and before any document."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..landlock import restrict

try:  # found before the jail closes: it looks for libseccomp among the files of the system
    import pyseccomp
except (ImportError, RuntimeError, OSError):
    pyseccomp = None

_PARENT_DEATH_SIGNAL, _DUMPABLE = 1, 4
MEMORY_BYTES = 4 << 30
CPU_S = 6 * 3600

#: The system calls that stay: measured over the suites of CWL, and their kin on other machines.
#: Everything else, sockets, programs, threads, other processes and set-up, answers EPERM.
OPEN = [
    # the channel to the worker
    *("read", "write", "readv", "writev", "recvfrom", "close"),
    *("select", "pselect6", "_newselect", "poll", "ppoll"),
    # late imports, which Landlock holds to Python's own files
    *("open", "openat", "stat", "lstat", "fstat", "fstat64", "newfstatat", "fstatat64", "statx"),
    *("lseek", "_llseek", "pread64", "getdents", "getdents64", "readlink", "readlinkat"),
    *("access", "faccessat", "faccessat2", "getcwd", "fcntl", "fcntl64"),
    # memory, locks, time and chance of this process
    *("brk", "mmap", "mmap2", "munmap", "mremap", "madvise", "mprotect"),
    *("futex", "futex_time64", "sched_yield", "membarrier", "rseq", "restart_syscall"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack"),
    *("clock_gettime", "clock_gettime64", "clock_getres", "gettimeofday", "time", "times"),
    *("clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "getrusage", "getrandom"),
    *("getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "uname"),
    *("exit", "exit_group"),
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
    return {"landlock": version, "seccomp": _filter_calls()}


def end_with_parent() -> None:
    """Let the kernel end this process when its parent ends."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


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
    calls = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    calls.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)
    for name in OPEN:
        with suppress(OSError, ValueError, RuntimeError):  # this machine does not have the call
            calls.add_rule(pyseccomp.ALLOW, name)
    calls.load()
    return True
