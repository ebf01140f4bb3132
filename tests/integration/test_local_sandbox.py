"""What a command sees of the computer."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from eodh_runner.executor.local import executor as module

from .bench import Bench

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="step runs need Linux")


async def test_sandbox_shows_nothing_of_the_computer(sandboxed, tmp_path, monkeypatch):
    monkeypatch.setenv("EODH_TOKEN", "secret")
    (tmp_path / "private").write_text("private")

    done = await sandboxed.run(
        f"cat {tmp_path}/private; ls /root /home {tmp_path}; env; id -u; touch /x; "
        "ls /proc | grep -c '^[0-9]'; cat /proc/net/dev | grep -c :; true"
    )

    text = sandboxed.log().decode()
    assert done.exit_code == 0
    assert "private\n" not in text.replace("/private", "")
    assert "secret" not in text
    lines = text.splitlines()
    assert str(os.getuid() or 1000) in lines
    assert "touch: cannot touch '/x': Read-only file system" in lines
    assert lines[-1] == "1"


async def test_sandbox_environment_does_not_act_outside(sandboxed):
    env = {"LD_PRELOAD": str(sandboxed.control / "evil.so"), "X": "a b\n'c'"}

    done = await sandboxed.run('printf %s "$X"', env=env)

    assert done.exit_code == 0
    assert sandboxed.log().endswith(b"a b\n'c'")
    assert sandboxed.log().count(b"evil.so") <= 1


async def test_plain_process_cannot_read_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_bwrap", lambda: None)
    if module.landlock_version() == 0:
        pytest.skip("this kernel has no Landlock")
    bench = Bench(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("hidden-content")

    done = await bench.run(
        f"cat {secret}; echo x > {secret}; cat {bench.control}/job/*/*/order.json"
    )

    assert done.exit_code != 0
    assert b"hidden-content" not in bench.log()
    assert secret.read_text() == "hidden-content"


async def test_host_tools_virtual_environment_works_inside(tmp_path):
    prefix = Path(sys.prefix)
    if not (prefix / "pyvenv.cfg").exists():
        pytest.skip("not run from a virtual environment")
    bench = Bench(tmp_path, host_tools=(prefix,))

    done = await bench.run("", argv=("python", "-c", "import sys, httpx; print(sys.prefix)"))

    assert done.exit_code == 0
    assert bench.log().decode().strip() == str(prefix)
