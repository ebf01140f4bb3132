"""Runs one command in a session of its own and outlives the runner that started it.

Standard library only; started as `python -I -S wrapper.py CONTROL`. Reads `order.json`
in the control folder; writes `pid`, `log`, then `peak` and `exit`, each seen whole.
Members of `order.json`:

    argv, env, cwd      what is executed
    options             options of bubblewrap, passed by descriptor so that none sees them
    stdin               file given as a pipe, as `cat stdin | argv` would; or None
    stdout, stderr      files relative to cwd that take the streams; None is the log
    landlock            {module, read, write}, or None
    log_limit_bytes, disk_limit_mib, ram_limit_mib, timelimit_s
    folders             what counts for the disk limit
    inspect             command line that tells how the container ended, or None
    stop                command lines that end and remove the container, or None
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
from typing import Any

POLL_S = 0.1
DISK_EVERY_S = 0.5
DRAIN_S = 1.0
CHUNK = 1 << 16
MIB = 1 << 20
PAGE = resource.getpagesize()
#: Kept from the start, so that how it ended can be written on a full disk.
RESERVE_BYTES = 64 << 10
_DEATH_SIGNAL, _SUBREAPER = 1, 36
_LIBC = ctypes.CDLL(None)


def main(control: str) -> None:
    """Run the command of a control folder to its end; a second caller finds it taken."""
    os.umask(0o022)
    os.chdir(control)
    if not claim() or os.path.exists("../../dismissed"):
        return
    with open("order.json", encoding="ascii") as file:
        order = json.load(file)
    if sys.platform == "linux":
        _LIBC.prctl(_SUBREAPER, 1, 0, 0, 0)
    with open("reserve", "wb") as reserve:
        reserve.write(bytes(RESERVE_BYTES))
    run = Run(order)
    signal.signal(signal.SIGTERM, run.dismiss)
    end = run.to_end()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = {
        "wall_s": time.monotonic() - run.began,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_ram_mib": max(run.peak, used.ru_maxrss * 1024) / MIB,
    }
    os.unlink("reserve")
    write("peak", peak)
    write("exit", end)


def claim() -> bool:
    """Write `pid`, once in the life of a control folder."""
    own = os.getpid()
    part = f"pid.{own}"
    with open(part, "w", encoding="ascii") as file:
        json.dump([own, start_time(own)], file)
    try:
        os.link(part, "pid")
    except FileExistsError:
        return False
    finally:
        os.unlink(part)
    return True


class Run:
    """One run of the command, held to its limits."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order, self.began = order, time.monotonic()
        self.peak, self.reason = 0, ""
        self.kept, self.checked, self.measured = 0, 0.0, 0.0
        self.is_dismissed = False

    def dismiss(self, *_: object) -> None:
        """Ask for the end; the loop sees it within `POLL_S`."""
        self.is_dismissed = True

    def to_end(self) -> dict[str, Any]:
        """Start the command, watch it, end what it left; give how it ended."""
        pipe, write_end = os.pipe()
        child = self.start(write_end)
        os.close(write_end)
        with open("log", "ab", buffering=0) as log:
            status = self.watch(child, pipe, log)
            if self.order["inspect"]:
                execute(self.order["inspect"], "container.json", self.order["env"])
            # First by the engine: killed processes of it would leave its locks behind.
            self.stop()
            kill_tree()
            self.drain(pipe, log)
        code = os.waitstatus_to_exitcode(status)
        if not self.reason and self.disk() >= self.order["disk_limit_mib"] * MIB:
            self.reason = "disk"
        return {"code": code, "reason": self.reason}

    def start(self, write_end: int) -> int:
        """Fork the command; its streams go to the pipe or to files of the work folder."""
        order, parent = self.order, os.getpid()
        child = os.fork()
        if child:
            return child
        code, code_if_missing = 126, 126
        try:
            for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            os.chdir(order["cwd"])
            place(order, write_end)
            os.setpgid(0, 0)
            if sys.platform == "linux":
                _LIBC.prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(code)
            limit = order["disk_limit_mib"] * MIB
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if order["landlock"]:
                close_files(order["landlock"])
            argv = order["argv"]
            if order["options"]:
                argv = [argv[0], "--args", str(listed(order["options"])), "--", *argv[1:]]
            code_if_missing = 127
            os.execvpe(argv[0], argv, order["env"])  # noqa: S606  this is what it is for
        except FileNotFoundError:
            code = code_if_missing
            say(f"{order['argv'][0]}: command not found")
        except OSError as error:
            say(f"{order['argv'][0]}: {error.strerror}")
        finally:
            os._exit(code)

    def watch(self, child: int, pipe: int, log: Any) -> int:
        """Copy the output and hold the limits until the command ends; give its status."""
        poller = select.poll()
        poller.register(pipe, select.POLLIN)
        handle = os.pidfd_open(child) if hasattr(os, "pidfd_open") else -1
        if handle >= 0:
            poller.register(handle, select.POLLIN)
        while True:
            wait_s = 0.02 if time.monotonic() - self.began < 0.2 else POLL_S
            for descriptor, _ in poller.poll(wait_s * 1000):
                if descriptor == pipe and not self.copy(pipe, log):
                    poller.unregister(pipe)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status
            if not self.reason and time.monotonic() - self.checked >= wait_s:
                self.checked = time.monotonic()
                self.reason = self.exceeded()
                if self.reason:
                    self.stop()
                    kill_tree(spared=child)
                    os.kill(child, signal.SIGKILL)

    def stop(self) -> None:
        """End and remove the container, where there is one."""
        for argv in self.order["stop"] or ():
            execute(argv, os.devnull, self.order["env"])

    def copy(self, pipe: int, log: Any) -> bool:
        """Move one piece from the pipe to the log; False at the end."""
        chunk = os.read(pipe, CHUNK)
        limit = self.order["log_limit_bytes"]
        try:
            if self.kept <= limit < self.kept + len(chunk):
                log.write(chunk[: limit - self.kept])
                log.write(f"\nCut at {limit / 1e6:.0f} MB; the rest was not kept.\n".encode())
            elif self.kept < limit:
                log.write(chunk)
        except OSError:  # a full disk: the command goes on, its output is lost
            self.kept = limit
        self.kept += len(chunk)
        return bool(chunk)

    def drain(self, pipe: int, log: Any) -> None:
        """Take what is left in the pipe."""
        until = time.monotonic() + DRAIN_S
        while time.monotonic() < until and select.select([pipe], [], [], 0)[0]:
            if not self.copy(pipe, log):
                return

    def exceeded(self) -> str:
        """Name the limit that was passed, or nothing."""
        order, members, now = self.order, tree(), time.monotonic()
        ram = resident(members)
        self.peak = max(self.peak, ram)
        if self.is_dismissed:
            return "dismissed"
        if order["timelimit_s"] and now - self.began > order["timelimit_s"]:
            return "time"
        limit = order["ram_limit_mib"] * MIB if order["ram_limit_mib"] else 0
        if limit and ram > limit and sum(map(proportional, members)) > limit:
            return "memory"
        if now - self.measured > DISK_EVERY_S:
            began = time.monotonic()
            is_full = self.disk() > order["disk_limit_mib"] * MIB
            spent_s = time.monotonic() - began
            self.measured = time.monotonic() + 20 * spent_s
            if is_full:
                return "disk"
        return ""

    def disk(self) -> int:
        """Give the bytes that the step's folders take."""
        return sum(map(disk, self.order["folders"]))


def place(order: dict[str, Any], write_end: int) -> None:
    """Put descriptors 0, 1 and 2 where the order says."""
    os.dup2(write_end, 2)
    source = feed(order["stdin"]) if order["stdin"] else os.open(os.devnull, os.O_RDONLY)
    out = create(order["stdout"]) if order["stdout"] else write_end
    if order["stderr"] and order["stderr"] == order["stdout"]:
        error = out
    else:
        error = create(order["stderr"]) if order["stderr"] else write_end
    for number, descriptor in enumerate((source, out, error)):
        os.dup2(descriptor, number)


def create(path: str) -> int:
    """Open a file of the work folder for a stream; never through a link."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)


def feed(path: str) -> int:
    """Give a file as a pipe: tools may expect `cat file | tool`."""
    read_end, write_end = os.pipe()
    if os.fork():
        os.close(write_end)
        return read_end
    try:
        os.close(read_end)
        with open(path, "rb", buffering=0) as source:
            while chunk := source.read(CHUNK):
                while chunk:
                    chunk = chunk[os.write(write_end, chunk) :]
    except BrokenPipeError:
        pass
    except OSError as error:
        say(f"cat: {path}: {error.strerror}")
    finally:
        os._exit(0)


def say(text: str) -> None:
    """Write a line to the standard error of the command."""
    os.write(2, (text + "\n").encode("utf-8", "surrogateescape"))


def listed(options: list[str]) -> int:
    """Give a descriptor from which bubblewrap reads its options."""
    handle = os.memfd_create("options", 0)
    data = b"".join(option.encode("utf-8", "surrogateescape") + b"\0" for option in options)
    with open(handle, "wb", closefd=False) as file:
        file.write(data)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def close_files(rules: dict[str, Any]) -> None:
    """Apply Landlock where no sandbox is there."""
    scope: dict[str, Any] = {"__name__": "landlock"}
    with open(rules["module"], encoding="utf-8") as file:
        exec(compile(file.read(), rules["module"], "exec"), scope)  # noqa: S102  our own file
    scope["restrict"](rules["read"], rules["write"])


def execute(argv: list[str], output: str, environment: dict[str, str]) -> None:
    """Run a command line of the container engine to its end."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 1, output, flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, flags, 0o600),
    ]
    try:
        os.waitpid(os.posix_spawn(argv[0], argv, environment, file_actions=actions), 0)
    except OSError as error:
        say(f"{argv[0]}: {error.strerror}")


def processes() -> dict[int, tuple[int, str]]:
    """Give parent and state of every process."""
    found = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit() and (fields := stat_of(int(name))):
            found[int(name)] = (int(fields[1]), fields[0])
    return found


def tree() -> list[int]:
    """Give every living descendant of this process."""
    children: dict[int, list[int]] = {}
    known = processes()
    for pid, (parent, _) in known.items():
        children.setdefault(parent, []).append(pid)
    found, left = [], [os.getpid()]
    while left:
        below = children.get(left.pop(), [])
        found += [pid for pid in below if known[pid][1] != "Z"]
        left += below
    return found


def stat_of(pid: int) -> list[str]:
    """Give the fields of a process behind its name; none when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def start_time(pid: int) -> int:
    """Give the start of a process in clock ticks since boot; 0 when unknown."""
    fields = stat_of(pid)
    return int(fields[19]) if fields else 0


def resident(pids: list[int]) -> int:
    """Give the resident bytes of processes; what they may share counts once."""
    private, shared = 0, 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                fields = file.read().split()
        except OSError:
            continue
        if len(fields) > 2:
            private += int(fields[1]) - int(fields[2])
            shared = max(shared, int(fields[2]))
    return (private + shared) * PAGE


def proportional(pid: int) -> int:
    """Give the bytes of a process, shared pages by their part: exact but slow."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return resident([pid])
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


def kill_tree(spared: int = 0) -> None:
    """End every descendant, also those that appear meanwhile; collect them but `spared`."""
    for _ in range(500):
        living = [pid for pid in tree() if pid != spared]
        for pid in living:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if not living:
            break
        time.sleep(0.002)
    own = os.getpid()
    for pid, (parent, _) in processes().items():
        if parent == own and pid != spared:
            os.waitpid(pid, 0)


def write(name: str, value: object) -> None:
    """Write a file of the control folder so that it is seen whole."""
    with open(name + ".part", "w", encoding="ascii") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name + ".part", name)


if __name__ == "__main__":
    main(sys.argv[1])
