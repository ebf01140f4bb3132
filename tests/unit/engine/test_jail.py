import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TRY = """
import json, os, socket, subprocess, sys, threading
from eodh_runner.engine import jail
state = jail.close()
def is_closed(call):
    try:
        call()
    except OSError:
        return True
    except RuntimeError:
        return True
    return False
import wave  # a late import of Python's own
print(json.dumps({
    "state": state,
    "environment": dict(os.environ),
    "open": [name for name, call in {
        "passwd": lambda: open("/etc/passwd"),
        "working folder": lambda: open(sys.argv[1]),
        "list": lambda: os.listdir("/"),
        "proc": lambda: open("/proc/self/environ"),
        "write": lambda: open("/tmp/eodh-jail-test", "w"),
        "socket": socket.socket,
        "socketpair": socket.socketpair,
        "fork": os.fork,
        "exec": lambda: os.execv("/bin/true", ["true"]),
        "thread": threading.Thread(target=int).start,
        "kill": lambda: os.kill(os.getppid(), 0),
        "pidfd": lambda: os.pidfd_open(os.getppid()),
    }.items() if not is_closed(call)],
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")
def test_jail_closes_files_sockets_and_programs(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    command = [sys.executable, "-c", TRY, str(secret)]

    # The working folder is on sys.path by `-c`, and must still be closed.
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, check=True, timeout=30
    )

    found = json.loads(done.stdout)
    assert found["state"]["landlock"] > 0
    assert found["state"]["seccomp"] is True
    assert found["environment"] == {}
    assert found["open"] == []


LANDLOCK = """
import sys
scope = {"__name__": "landlock"}
exec(open(sys.argv[1]).read(), scope)
version = scope["restrict"](["/usr", "/lib"], [sys.argv[2] + "/open"])
open(sys.argv[2] + "/open/a", "w").write("x")
try:
    open(sys.argv[2] + "/b", "w")
except PermissionError:
    print(version)
"""


def test_landlock_alone_opens_the_named_folders_only(tmp_path):
    path = ROOT / "runner_backend/eodh_runner/landlock.py"
    (tmp_path / "open").mkdir()
    command = [sys.executable, "-I", "-S", "-c", LANDLOCK, str(path), str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)

    assert int(done.stdout) > 0
    assert (tmp_path / "open/a").read_text() == "x"
