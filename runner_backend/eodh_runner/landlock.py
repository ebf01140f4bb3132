"""Landlock by its three system calls: which files this process may still touch.

Standard library only, and free of imports from the package: the wrapper of a step run
loads this file by its path. Source: Linux, Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import os

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ = 0b1101  # execute, read a file, read a folder
_ALL_V1 = (1 << 13) - 1
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_FILE_ONLY = 0b0111 | _TRUNCATE
_NO_NEW_PRIVS = 38


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def restrict(read: list[str], write: list[str]) -> int:
    """Close every file but those below the given paths; gives Landlock's version, 0 if none.

    Parameters
    ----------
    read
        Files and folders that may be read and executed; those that do not exist are
        passed over.
    write
        Folders in which everything is allowed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = int(libc.syscall(_CREATE, None, 0, 1))
    if version < 1:
        return 0
    handled = _ALL_V1 | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    ruleset = _Ruleset(handled)
    handle = libc.syscall(_CREATE, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    if handle < 0:
        return 0
    try:
        for paths, access in ((read, _READ), (write, handled)):
            for path in paths:
                _allow(libc, handle, path, access & handled)
        libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.syscall(_RESTRICT, handle, 0) != 0:
            return 0
    finally:
        os.close(handle)
    return version


def _allow(libc: ctypes.CDLL, handle: int, path: str, access: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            access &= _FILE_ONLY
        rule = _Beneath(access, parent)
        libc.syscall(_ADD, handle, 1, ctypes.byref(rule), 0)
    finally:
        os.close(parent)
