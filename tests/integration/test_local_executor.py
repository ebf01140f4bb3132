"""The local executor with real processes in a real sandbox: how commands end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from eodh_runner.domain.failure import FailureClass, StepFailed
from eodh_runner.executor import StepOrder

from .bench import Bench, make_step_run, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="step runs need Linux")


async def test_run_command_that_fails_gives_its_code_and_outputs(bench):
    done = await bench.run("echo part > f; exit 3")

    assert (done.exit_code, done.failure) == (3, None)
    assert bench.content(done, "f") == b"part\n"


@pytest.mark.parametrize(
    ("argv", "code", "text"),
    [
        (("no-such-command",), 127, "was not found"),
        (("/etc/ld.so.cache",), 126, "cannot be executed"),
    ],
)
async def test_run_command_that_is_not_one_says_so(bench, argv, code, text):
    done = await bench.run("", argv=argv)

    assert done.exit_code == code
    assert done.failure["class"] == "command"
    assert argv[0] in done.failure["message"]
    assert text in done.failure["message"]


async def test_run_command_not_found_with_captured_streams_says_so(bench):
    done = await bench.run("", argv=("no-such-command",), stdout="o", stderr="e")

    assert (done.exit_code, done.failure["class"]) == (127, "command")


async def test_run_past_time_limit_ends_the_whole_tree(bench):
    done = await bench.run("sleep 4711 & sleep 4711 & wait", timelimit_s=0.3)

    assert (done.exit_code, done.failure["class"]) == (None, "time")
    assert done.usage.wall_s < 3
    assert subprocess.run(["pgrep", "-f", "sleep 4711"], check=False).returncode == 1


async def test_run_past_memory_limit_names_peak_and_limit(bench):
    argv = ("/usr/bin/python3", "-c", "import time; a = b'x' * (120 << 20); time.sleep(60)")
    if not Path(argv[0]).exists():
        argv = ("/usr/bin/perl", "-e", '$a = "x" x (120 << 20); sleep 60')

    done = await bench.run("", argv=argv, ram_max_mib=60)

    assert (done.exit_code, done.failure["class"]) == (None, "memory")
    assert "60 MiB" in done.failure["message"]
    assert done.usage.peak_ram_mib > 60


@pytest.mark.parametrize(
    "script",
    [
        "dd if=/dev/zero of=big bs=1M count=70 2>/dev/null",
        "for i in 1 2 3 4 5 6 7 8; do dd if=/dev/zero of=f$i bs=1M count=12 2>/dev/null; done;"
        "sleep 60",
        "dd if=/dev/zero of=$TMPDIR/big bs=1M count=70; exit 1",
    ],
)
async def test_run_past_disk_limit_is_a_storage_failure(bench, script):
    done = await bench.run(script)

    assert (done.exit_code, done.failure["class"]) == (None, "storage")
    assert "64 MiB" in done.failure["message"]


async def test_run_killed_from_outside_is_a_command_failure(bench):
    # By a child: the first process of a container cannot kill itself.
    done = await bench.run("sh -c 'kill -9 $$'; exit $?")

    assert done.exit_code is None
    assert done.failure["class"] == "command"
    assert "was killed (signal 9)" in done.failure["message"]


async def test_run_background_process_does_not_outlive_the_command(bench):
    done = await bench.run("sleep 4712 & echo started")

    assert done.exit_code == 0
    assert done.usage.wall_s < 3
    assert subprocess.run(["pgrep", "-f", "sleep 4712"], check=False).returncode == 1


async def test_run_output_past_log_limit_is_cut_and_drained(tmp_path):
    bench = Bench(tmp_path, log_limit_bytes=1_000_000)

    done = await bench.run("dd if=/dev/zero bs=1M count=20 2>/dev/null | tr '\\0' x; echo end >&2")

    assert done.exit_code == 0
    assert bench.log()[1_000_000:] == b"\nCut at 1 MB; the rest was not kept.\n"


async def test_run_log_is_stored_while_the_command_runs(bench):
    task = asyncio.create_task(bench.run("echo first; sleep 1; echo second"))

    await until(lambda: ("log", 6) in bench.reports)

    assert not task.done()
    assert bench.log() == b"first\n"
    await task
    assert bench.log() == b"first\nsecond\n"


async def test_run_after_cancel_joins_the_same_command(bench):
    task = asyncio.create_task(bench.run("echo $$ >> pids; echo on; sleep 0.7; echo x > f"))
    await until(lambda: ("log", 3) in bench.reports)
    task.cancel()
    bench.executor = bench.make()

    done = await bench.run("echo $$ >> pids; echo on; sleep 0.7; echo x > f")
    again = await bench.run("irrelevant", id=9)

    assert done.exit_code == 0
    assert len(bench.content(done, "pids").splitlines()) == 1
    assert bench.log() == b"on\n"
    assert again == replace(done, id=9)


async def test_run_wrapper_outlives_the_runner_that_started_it(tmp_path):
    bench = Bench(tmp_path)
    program = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from bench import Bench
asyncio.run(Bench(Path({str(tmp_path)!r})).run("echo on; sleep 1.5; echo x > f"))
"""
    runner = subprocess.Popen([sys.executable, "-c", program])
    await until(lambda: bench.log() == b"on\n")
    runner.kill()
    runner.wait()

    done = await bench.run("irrelevant")

    assert (done.exit_code, done.failure) == (0, None)
    assert bench.content(done, "f") == b"x\n"


async def test_run_wrapper_that_vanished_is_an_infrastructure_failure(bench):
    task = asyncio.create_task(bench.run("echo on; exec sleep 4713"))
    await until(lambda: ("log", 3) in bench.reports)
    pid = json.loads((bench.control / "job/crop.0/1/pid").read_text())[0]

    os.kill(pid, signal.SIGKILL)
    done = await task

    assert done.failure["class"] == "infrastructure"
    await bench.executor.dismiss("ws", "job")
    await until(lambda: subprocess.run(["pgrep", "-f", "sleep 4713"], check=False).returncode == 1)


async def test_dismiss_ends_the_tree_and_is_idempotent(bench):
    task = asyncio.create_task(bench.run("trap '' TERM; echo on; sleep 4714 & sleep 4714; wait"))
    await until(lambda: ("log", 3) in bench.reports)
    began = time.monotonic()

    await bench.make().dismiss("ws", "job")
    done = await task
    await bench.executor.dismiss("ws", "job")
    await bench.executor.dismiss("ws", "other")

    assert time.monotonic() - began < 5
    assert done.failure["message"] == "crop/0 was dismissed"
    assert subprocess.run(["pgrep", "-f", "sleep 4714"], check=False).returncode == 1
    bench.executor.forget("ws", "job")
    assert not (bench.control / "job").exists()


async def test_run_many_at_once_needs_no_thread_each(tmp_path):
    import threading

    bench = Bench(tmp_path)
    orders = [
        StepOrder(
            "ws", "job", make_step_run("sleep 0.5; echo $0 > f", path=("s", str(n))), 1, f"s.{n}"
        )
        for n in range(20)
    ]
    before = threading.active_count()
    tasks = [asyncio.create_task(bench.executor.run(o, lambda *_: None)) for o in orders]
    await asyncio.sleep(0.4)

    threads = threading.active_count() - before
    results = await asyncio.gather(*tasks)

    assert [done.exit_code for done in results] == [0] * 20
    assert threads < 15


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"cores": 5.0}, FailureClass.SCHEDULING, "5 cores"),
        ({"ram_mib": 9000}, FailureClass.SCHEDULING, "9000 MiB"),
    ],
)
def test_check_step_run_that_can_never_run_says_why(tmp_path, fields, kind, text):
    executor = Bench(tmp_path).executor

    with pytest.raises(StepFailed, match=text) as caught:
        executor.check(make_step_run("true", **fields))

    assert caught.value.failure.kind is kind
