"""What a step run of the local executor reads and writes."""

from __future__ import annotations

import json
import sys
from urllib.parse import quote

import pytest
from eodh_runner.domain.step import STAGEDIR, WORKDIR, StageEntry
from eodh_runner.store import key_at, location_of
from eodh_runner.store.folder import FolderStore

from .bench import kinds

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="step runs need Linux")


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
