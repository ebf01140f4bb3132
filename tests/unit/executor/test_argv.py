"""The command lines of bubblewrap and of container engines, to the word."""

from pathlib import Path

import pytest
from eodh_runner.domain.step import STAGEDIR, TMPDIR, WORKDIR, Image, StepRun
from eodh_runner.executor.local.container import container_argv, find_engine
from eodh_runner.executor.local.plain import HostPaths
from eodh_runner.executor.local.sandbox import (
    CONFIGURATION,
    SYSTEM,
    User,
    environment,
    environment_options,
    sandbox_options,
    with_base,
)
from eodh_runner.staging.stage_in import Mount

CONTROL = Path("/data/work/job/crop/1")
MOUNTS = (
    Mount(Path("/data/a,b.tif"), f"{STAGEDIR}/1/a,b.tif"),
    Mount(Path("/home/u/x"), f"{WORKDIR}/x", is_writable=True),
)


def make_step_run(**fields):
    values = dict(
        id=1, path=("crop",), key="k", tool="#crop", argv=("gdal_translate", "--x"),
        env={"HOME": WORKDIR, "TMPDIR": TMPDIR}, workdir=WORKDIR, tmpdir=TMPDIR, image=None,
        cores=1, ram_mib=1, ram_max_mib=None, tmpdir_mib=1, outdir_mib=1, has_network=False,
        timelimit_s=None, stage=(), stdin=None, stdout=None, stderr=None,
    )  # fmt: skip
    return StepRun(**{**values, **fields})


def tried(paths):
    return [word for path in paths for word in ("--ro-bind-try", path, path)]


def test_sandbox_options_without_network_are_exactly_these():
    options = sandbox_options(make_step_run(), CONTROL, MOUNTS, (Path("/opt/env"),), User(7, 8))

    assert options == [
        "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session",
        "--uid", "7", "--gid", "8", "--cap-drop", "ALL",
        *tried((*SYSTEM, *CONFIGURATION)),
        "--ro-bind", f"{CONTROL}/passwd", "/etc/passwd",
        "--ro-bind", f"{CONTROL}/group", "/etc/group",
        "--proc", "/proc", "--dev", "/dev",
        "--bind", f"{CONTROL}/tmp", "/tmp",
        "--ro-bind", "/opt/env", "/opt/env",
        "--bind", f"{CONTROL}/out", "/var/spool/cwl",
        "--ro-bind", "/data/a,b.tif", "/var/lib/cwl/1/a,b.tif",
        "--bind", "/home/u/x", "/var/spool/cwl/x",
        "--remount-ro", "/", "--chdir", "/var/spool/cwl",
    ]  # fmt: skip


def test_sandbox_options_with_network_share_it_and_its_configuration():
    options = sandbox_options(make_step_run(has_network=True), CONTROL, (), (), User(7, 8))

    assert "--share-net" in options
    assert "/etc/resolv.conf" in options


def test_environment_options_begin_with_nothing():
    assert environment_options({"A": "b c", "LD_PRELOAD": "/x"}) == [
        "--clearenv", "--setenv", "A", "b c", "--setenv", "LD_PRELOAD", "/x",
    ]  # fmt: skip


def test_environment_puts_host_tools_first_on_path():
    step_run = make_step_run(env={"HOME": "/h"})

    assert environment(step_run, (Path("/opt/env"),)) == {
        "PATH": "/opt/env/bin:/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/h",
    }  # fmt: skip


def test_with_base_of_virtual_environment_adds_its_interpreter(tmp_path):
    base, venv = tmp_path / "python", tmp_path / "venv"
    (base / "bin").mkdir(parents=True)
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text(f"home = {base}/bin\nversion = 3\n")

    assert with_base((venv, tmp_path)) == (venv, base, tmp_path)


def test_with_base_of_system_interpreter_adds_nothing(tmp_path):
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")

    assert with_base((tmp_path,)) == (tmp_path,)


def test_container_argv_is_exactly_this():
    step_run = make_step_run(image=Image(pull="gdal"), ram_max_mib=512, env={"A": "b c"})

    argv = container_argv("docker", "eodh-1", "sha256:1", step_run, CONTROL, MOUNTS, User(7, 8))

    assert argv == [
        "docker", "run", "--interactive", "--name", "eodh-1", "--read-only",
        "--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
        "--user", "7:8", "--workdir", "/var/spool/cwl", "--memory", "512m",
        "--mount", f"type=bind,source={CONTROL}/tmp,target=/tmp",
        "--mount", f"type=bind,source={CONTROL}/out,target=/var/spool/cwl",
        "--mount",
        'type=bind,"source=/data/a,b.tif","target=/var/lib/cwl/1/a,b.tif",readonly',
        "--mount", "type=bind,source=/home/u/x,target=/var/spool/cwl/x",
        "--env", "A=b c", "sha256:1",
    ]  # fmt: skip


def test_container_argv_of_rootless_podman_keeps_the_user():
    argv = container_argv("/usr/bin/podman", "n", "i", make_step_run(), CONTROL, (), User(7, 8))

    assert argv[argv.index("--userns") + 1] == "keep-id"
    assert "--user" not in argv


def test_find_engine_that_does_not_answer_gives_none(tmp_path, monkeypatch):
    find_engine.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, code in (("podman", 1), ("docker", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)

    assert find_engine("auto") == str(tmp_path / "docker")
    assert find_engine("podman") is None
    find_engine.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/var/spool/cwl", "/C/out"),
        ("--o=/var/spool/cwl/a b", "--o=/C/out/a b"),
        ("/var/lib/cwl/1/x:/tmp/y", "/C/tree/1/x:/C/tmp/y"),
        ("/tmpx /var/tmp ./tmp a/tmp /tmp.x", "/tmpx /var/tmp ./tmp a/tmp /tmp.x"),
        ("/var/spool/cwlx", "/var/spool/cwlx"),
        ("cat '/tmp' >\"/tmp/a\"", "cat '/C/tmp' >\"/C/tmp/a\""),
    ],
)
def test_host_paths_replace_paths_of_the_tool_alone(text, expected):
    assert HostPaths(make_step_run(), Path("/C")).rewrite(text) == expected
