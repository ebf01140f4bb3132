"""Runs one command in a session of its own and outlives the runner that started it.

Standard library only; started as `python -I -S wrapper.py CONTROL`. Reads `command.json`
in the control folder; writes `log`, then `exit` (JSON: code, reason, wall_s, cpu_s,
peak_ram_mib), which appears whole.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

POLL_S = 0.2
MIB = 1 << 20
_SUBREAPER = 36


def main(control: str) -> None:
    """Run the command described in the control folder to its end."""
    with open(
        os.path.join(control, "command.json"), encoding="utf-8", errors="surrogateescape"
    ) as f:
        order = json.load(f)
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    read_end, write_end = os.pipe()
    try:
        child = start(order, write_end)
    except OSError as error:
        child, failure = 0, str(error)
    os.close(write_end)
    if child == 0:
        finish(control, {"code": None, "reason": "start", "detail": failure})
        return
    state = {"reason": None, "peak": 0.0}
    stop = [False]
    signal.signal(signal.SIGTERM, lambda *_: stop.__setitem__(0, True))
    status = watch(order, control, child, read_end, began, state, stop)
    kill_tree(child)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    finish(
        control,
        {
            "code": os.waitstatus_to_exitcode(status),
            "reason": state["reason"],
            "wall_s": time.monotonic() - began,
            "cpu_s": used.ru_utime + used.ru_stime,
            "peak_ram_mib": max(state["peak"], used.ru_maxrss / 1024),
        },
    )


def start(order: dict, write_end: int) -> int:
    """Fork the command; its output goes to the pipe or to files of the work folder."""
    argv, environment = order["argv"], order["env"]
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.setpgid(0, 0)
        os.chdir(order["cwd"])
        place(order, write_end)
        limit = order["disk_limit_mib"] * MIB
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if order["landlock"]:
            close_files(order["landlock"])
        os.execvpe(argv[0], argv, environment)
    except FileNotFoundError:
        os.write(2, f"{argv[0]}: command not found\n".encode(errors="surrogateescape"))
        os._exit(127)
    except BaseException as error:
        os.write(2, f"{argv[0]}: {error}\n".encode(errors="surrogateescape"))
        os._exit(126)


def place(order: dict, write_end: int) -> None:
    """Put descriptors 0, 1 and 2 where the order says."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    source = os.open(order["stdin"] or os.devnull, os.O_RDONLY)
    out = os.open(order["stdout"], flags, 0o644) if order["stdout"] else write_end
    if order["stderr"] and order["stderr"] == order["stdout"]:
        err = out
    else:
        err = os.open(order["stderr"], flags, 0o644) if order["stderr"] else write_end
    if order["stdin"]:
        source = through_pipe(source)
    for number, descriptor in enumerate((source, out, err)):
        os.dup2(descriptor, number)


def through_pipe(source: int) -> int:
    """Give the file as a pipe: CWL tools read their standard input as one."""
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        os.close(read_end)
        try:
            while chunk := os.read(source, 1 << 16):
                os.write(write_end, chunk)
        finally:
            os._exit(0)
    os.close(write_end)
    return read_end


def close_files(rules: dict) -> None:
    """Apply Landlock where no sandbox is there."""
    scope: dict = {"__name__": "landlock"}
    with open(rules["module"], encoding="utf-8") as file:
        exec(compile(file.read(), rules["module"], "exec"), scope)
    scope["restrict"](rules["read"], rules["write"])


def watch(order, control, child, pipe, began, state, stop) -> int:
    """Copy the output and hold the limits until the command ends; gives its wait status."""
    limit, kept, is_cut = order["log_limit_bytes"], 0, False
    deadline = began + order["timelimit_s"] if order["timelimit_s"] else None
    checked, ended = 0.0, None
    with open(os.path.join(control, "log"), "ab", buffering=0) as log:
        while True:
            readable = pipe >= 0 and select.select([pipe], [], [], 0.02 if ended else POLL_S / 4)[0]
            if readable:
                chunk = os.read(pipe, 1 << 16)
                if not chunk:
                    os.close(pipe)
                    pipe = -1
                elif kept < limit:
                    log.write(chunk[: limit - kept])
                    kept += len(chunk)
                elif not is_cut:
                    is_cut = True
                    log.write(b"\n[cut here: the rest of the output was not kept]\n")
            elif pipe < 0:
                time.sleep(0.005)
            if ended is None:
                pid, status = os.waitpid(child, os.WNOHANG)
                if pid:
                    ended = status
                    kill_tree(child)
            if ended is not None and not readable:
                return ended
            now = time.monotonic()
            if ended is None and now - checked >= POLL_S:
                checked = now
                reason = over(order, child, state, deadline, stop)
                if reason:
                    state["reason"] = state["reason"] or reason
                    kill_tree(child)


def over(order, child, state, deadline, stop):
    """Name the limit that was passed, if one was."""
    ram = sum(memory(pid) for pid in tree()) / MIB
    state["peak"] = max(state["peak"], ram)
    if stop[0]:
        return "dismissed"
    if deadline and time.monotonic() > deadline:
        return "time"
    if order["ram_limit_mib"] and ram > order["ram_limit_mib"]:
        return "memory"
    if any(disk(folder) > order["disk_limit_mib"] * MIB for folder in order["folders"]):
        return "disk"
    return None


def tree() -> list[int]:
    """Give every living descendant of this process."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents.setdefault(int(fields[1]), []).append(int(name))
    found, left = [], [os.getpid()]
    while left:
        children = parents.get(left.pop(), [])
        found += children
        left += children
    return found


def memory(pid: int) -> int:
    """Give the resident bytes of a process."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


def disk(folder: str) -> int:
    """Give the bytes that a folder's files take."""
    total, left = 0, [folder]
    while left:
        try:
            with os.scandir(left.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return total


def kill_tree(child: int) -> None:
    """End every descendant; new ones that appear meanwhile too."""
    for _ in range(200):
        alive = [pid for pid in tree() if pid != child or is_alive(child)]
        if not alive:
            break
        for pid in alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.005)
        reap(child)


def is_alive(pid: int) -> bool:
    """Tell whether the process exists."""
    return os.path.exists(f"/proc/{pid}")


def reap(child: int) -> None:
    """Collect descendants that ended, leaving the command itself to `watch`."""
    for pid in tree_zombies():
        if pid != child:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue


def tree_zombies() -> list[int]:
    """Give ended children of this process."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] == "Z" and int(fields[1]) == os.getpid():
                found.append(int(name))
    return found


def finish(control: str, end: dict) -> None:
    """Write the end so that it is seen whole."""
    part = os.path.join(control, "exit.part")
    with open(part, "w", encoding="utf-8") as file:
        json.dump(end, file)
    os.replace(part, os.path.join(control, "exit"))


if __name__ == "__main__":
    main(sys.argv[1])
