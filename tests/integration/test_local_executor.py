"""The local executor with real processes in a real sandbox."""

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
from urllib.parse import quote

import pytest
from eodh_runner.domain.failure import FailureClass, StepFailed
from eodh_runner.domain.step import STAGEDIR, WORKDIR, StageEntry
from eodh_runner.executor import StepOrder
from eodh_runner.executor.local import executor as module
from eodh_runner.executor.local.executor import find_bwrap
from eodh_runner.store import key_at, location_of
from eodh_runner.store.folder import FolderStore

from .bench import Bench, kinds, make_step_run, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="step runs need Linux")


@pytest.fixture(params=["bubblewrap", "plain", "podman", "image in bubblewrap"])
def bench(request, tmp_path, monkeypatch):
    """Give each way to run a command: all keep the same promises."""
    if request.param == "plain":
        monkeypatch.setattr(module, "find_bwrap", lambda: None)
    elif find_bwrap() is None and request.param != "podman":
        pytest.skip("bubblewrap cannot make a sandbox here")
    if request.param not in ("podman", "image in bubblewrap"):
        return Bench(tmp_path)
    image = request.getfixturevalue("debian_image")
    request.getfixturevalue("podman")
    bench = Bench(tmp_path, containers="podman" if request.param == "podman" else "auto")
    bench.image = image
    images = bench.executor.describe()["images"]
    if images != ("podman" if request.param == "podman" else "bubblewrap"):
        pytest.skip(f"images are started by {images} here: podman as root mounts them")
    return bench


@pytest.fixture
def sandboxed(tmp_path):
    if find_bwrap() is None:
        pytest.skip("bubblewrap cannot make a sandbox here")
    return Bench(tmp_path)


async def test_run_command_that_writes_gives_manifest_and_content(bench):
    done = await bench.run("echo seen; mkdir d; printf abc > d/a.txt; echo bad >&2")

    assert (done.id, done.exit_code, done.failure) == (7, 0, None)
    assert done.base == location_of("ws/jobs/job/steps/crop/0/1/out")
    assert kinds(done) == {"d": "directory", "d/a.txt": "file"}
    entry = done.manifest[1]
    assert (entry.size_bytes, entry.checksum) == (
        3,
        "sha1$a9993e364706816aba3e25717850c26c9cd0d89d",
    )
    assert bench.content(done, "d/a.txt") == b"abc"
    assert bench.log() == b"seen\nbad\n"
    assert bench.reports[0] == ("started", None)
    assert bench.reports[-1] == ("log", 9)
    assert done.usage.wall_s > 0
    assert done.usage.peak_ram_mib > 0


async def test_run_hostile_names_survive_as_on_disk(bench, shared):
    names = json.loads((shared / "fixtures/hostile/file-names.json").read_text())
    script = 'for n in "$@"; do printf x > "./$n"; done'
    argv = ("/bin/sh", "-c", script, "sh", *names)

    done = await bench.run("", argv=argv)

    assert done.failure is None
    assert sorted(kinds(done)) == sorted(names)
    for name in names:
        location = done.base + "/" + quote(name)
        assert bench.store.read(key_at(location)) == b"x"


async def test_run_hostile_input_names_are_staged_and_read(bench, tmp_path, shared):
    names = json.loads((shared / "fixtures/hostile/file-names.json").read_text())
    folder = tmp_path / "inputs"
    folder.mkdir()
    for name in names:
        (folder / name).write_text(name)
    stage = tuple(
        StageEntry(f"{STAGEDIR}/{n}/{name}", "file", "eodh-file://" + quote(str(folder / name)))
        for n, name in enumerate(names)
    )
    argv = ("/bin/sh", "-c", 'for f in "$@"; do cat "$f" >> all; done', "sh")

    done = await bench.run("", argv=argv + tuple(e.target for e in stage), stage=stage)

    assert bench.content(done, "all").decode() == "".join(names)


async def test_run_inputs_are_read_only_and_writable_ones_are_copies(bench, tmp_path):
    source = tmp_path / "in.txt"
    source.write_text("old")
    location = "eodh-file://" + str(source)
    bench.store.put("ws/jobs/job/inputs/0/s", b"stored")
    stage = (
        StageEntry(f"{STAGEDIR}/1/in.txt", "file", location),
        StageEntry(f"{STAGEDIR}/2/s", "file", location_of("ws/jobs/job/inputs/0/s")),
        StageEntry(f"{WORKDIR}/mine.txt", "file", location, is_writable=True),
        StageEntry(f"{WORKDIR}/literal", "file", contents=f"at {WORKDIR}\n"),
        StageEntry(f"{WORKDIR}/empty", "directory"),
    )

    done = await bench.run(
        f"cat {STAGEDIR}/2/s literal; echo new > mine.txt; ls empty", stage=stage
    )

    assert done.exit_code == 0
    assert source.read_text() == "old"
    assert bench.content(done, "mine.txt") == b"new\n"
    assert bench.log().startswith(b"storedat /")
    assert kinds(done)["empty"] == "directory"


async def test_run_input_shown_in_workdir_is_an_entry_of_its_location(bench, tmp_path):
    source = tmp_path / "in"
    (source / "below").mkdir(parents=True)
    (source / "below" / "f").write_text("abc")
    location = "eodh-file://" + str(source)
    stage = (
        StageEntry(f"{WORKDIR}/data", "directory", location),
        StageEntry(f"{STAGEDIR}/1/in", "directory", location),
    )

    done = await bench.run(
        f"cat data/below/f; ln -s {STAGEDIR}/1/in/below/f link; ln -s data/below deep", stage=stage
    )

    assert done.failure is None
    found = {entry.path: (entry.kind, entry.location) for entry in done.manifest}
    assert found == {
        "data": ("directory", location),
        "deep": ("directory", location + "/below"),
        "link": ("file", location + "/below/f"),
    }
    assert bench.log() == b"abc"
    assert list(bench.store.list(key_at(done.base))) == []


async def test_run_links_within_workdir_become_content(bench):
    done = await bench.run(
        "mkdir -p a/b; printf x > a/b/f; ln -s a c; ln -s f a/b/g; ln -s /nowhere-in-here/../"
        "var/spool/cwl/a/b/f abs 2>/dev/null; rm abs; ln -s gone broken; ln -s c/b/g far"
    )

    assert done.failure is None
    assert "broken" not in kinds(done)
    assert [bench.content(done, p) for p in ("c/b/f", "c/b/g", "a/b/g", "far")] == [b"x"] * 4
    folder = bench.store.local_path(key_at(done.base))
    assert not [p for p in folder.rglob("*") if p.is_symlink()]


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("ln -s /etc/passwd out", "'out' is a link to '/etc/passwd'"),
        ("ln -s ../../.. out", "'out' is a link to"),
        ("ln -s / root; ln -s root/etc/passwd out", "'out' is a link to '/etc/passwd'"),
        ("mkdir a; ln -s .. a/up", "'a/up' is a link to"),
        ("mkdir -p a/b; ln -s ../../a a/b/loop", "'a/b/loop' is a link to a folder that holds it"),
        ("mkfifo pipe", "'pipe' is neither a file nor a folder"),
    ],
)
async def test_run_output_that_leaves_is_a_failure_that_names_it(sandboxed, script, what):
    done = await sandboxed.run(script)

    assert done.failure is not None
    assert done.failure["class"] == "document"
    assert what in done.failure["message"]
    assert done.base is None


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


async def test_run_streams_go_to_files_that_may_be_one(bench):
    stage = (StageEntry(f"{STAGEDIR}/1/in", "file", contents="abc"),)

    done = await bench.run(
        "cat; echo e >&2", stage=stage, stdin=f"{STAGEDIR}/1/in", stdout="s/both", stderr="s/both"
    )

    assert bench.content(done, "s/both") == b"abce\n"
    assert bench.log() == b""


async def test_run_stdin_is_a_pipe_and_a_missing_one_is_empty(bench):
    stage = (StageEntry(f"{STAGEDIR}/1/in", "file", contents="abc"),)

    done = await bench.run("test -p /dev/stdin && wc -c", stdin="missing.txt")

    assert done.exit_code == 0
    assert b"No such file or directory" in bench.log()
    assert bench.log().rstrip().endswith(b"0")
    assert stage


async def test_run_stdin_outside_what_is_shown_is_not_read(bench):
    done = await bench.run("wc -c", stdin="../../../etc/passwd")

    assert done.exit_code == 0
    assert bench.log().rstrip().endswith(b"0")


async def test_run_stdin_through_a_link_out_of_an_input_is_not_read(bench, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (tmp_path / "secret").write_text("secret")
    (source / "link").symlink_to(tmp_path / "secret")
    stage = (StageEntry(f"{STAGEDIR}/1/in", "directory", f"eodh-file://{source}"),)

    done = await bench.run("wc -c", stage=stage, stdin=f"{STAGEDIR}/1/in/link")

    assert done.exit_code == 0
    assert bench.log().rstrip().endswith(b"0")


@pytest.mark.parametrize("name", ["../out.txt", "/etc/x", "a/../../x"])
async def test_run_stream_that_leaves_is_refused(bench, name):
    done = await bench.run("true", stdout=name)

    assert done.failure["class"] == "document"
    assert name in done.failure["message"]


@pytest.mark.parametrize("target", [f"{WORKDIR}/../x", "x", f"{WORKDIR}//x", f"{WORKDIR}/./x"])
async def test_run_stage_target_that_escapes_is_refused(bench, target):
    done = await bench.run("true", stage=(StageEntry(target, "file", contents=""),))

    assert done.failure["class"] == "document"


async def test_run_missing_input_is_named(bench):
    stage = (StageEntry(f"{STAGEDIR}/x", "file", "eodh-file:///no/such%20file"),)

    done = await bench.run("true", stage=stage)

    assert done.failure["class"] == "input"
    assert "/no/such file" in done.failure["message"]


async def test_run_inplace_update_changes_the_input_and_reports_it(bench, tmp_path):
    source = tmp_path / "in.txt"
    source.write_text("old")
    location = "eodh-file://" + str(source)
    stage = (StageEntry(f"{WORKDIR}/in.txt", "file", location, is_writable=True),)

    done = await bench.run("echo new > in.txt", stage=stage, inplace_update=True)

    assert source.read_text() == "new\n"
    assert [(c.location, c.size_bytes) for c in done.changed] == [(location, 4)]
    assert [(e.path, e.location, e.size_bytes) for e in done.manifest] == [("in.txt", location, 4)]


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


@pytest.mark.parametrize("crash", ["scan", "keep", "adopt"])
async def test_collect_after_a_crash_in_the_middle_completes(sandboxed, monkeypatch, crash):
    from eodh_runner.executor.local import end

    def broken(*_):
        raise RuntimeError("crash")

    script = "mkdir a; echo x > a/f; ln -s a b; ln -s a/f c"
    with monkeypatch.context() as patch:
        if crash == "adopt":
            patch.setattr(FolderStore, "adopt", broken)
        else:
            patch.setattr(end, crash, broken)
        with pytest.raises(RuntimeError, match="crash"):
            await sandboxed.run(script)
    sandboxed.executor = sandboxed.make()

    done = await sandboxed.run(script)

    assert kinds(done) == {
        "a": "directory", "a/f": "file", "b": "directory", "b/f": "file", "c": "file",
    }  # fmt: skip
    assert sandboxed.content(done, "b/f") == b"x\n"


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


async def test_host_tools_virtual_environment_works_inside(tmp_path):
    prefix = Path(sys.prefix)
    if not (prefix / "pyvenv.cfg").exists():
        pytest.skip("not run from a virtual environment")
    bench = Bench(tmp_path, host_tools=(prefix,))

    done = await bench.run("", argv=("python", "-c", "import sys, httpx; print(sys.prefix)"))

    assert done.exit_code == 0
    assert bench.log().decode().strip() == str(prefix)


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
