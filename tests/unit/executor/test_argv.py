"""The command lines of bubblewrap and of container engines, to the word."""

from pathlib import Path

import pytest
from eodh_runner.domain.failure import StepFailed
from eodh_runner.domain.step import STAGEDIR, TMPDIR, WORKDIR, Image, StepRun
from eodh_runner.executor.local.container import container_argv, stop_commands
from eodh_runner.executor.local.image_root import inside, root_options
from eodh_runner.executor.local.plain import HostPaths
from eodh_runner.executor.local.sandbox import (
    CONFIGURATION,
    SYSTEM,
    User,
    environment,
    environment_options,
    sandbox_options,
    system_root,
    with_base,
)
from eodh_runner.image.engine import ContainerEngine
from eodh_runner.staging.stage_in import Mount

CONTROL = Path("/data/work/job/crop/1")
MOUNTS = (
    Mount(Path("/data/a,b.tif"), f"{STAGEDIR}/1/a,b.tif"),
    Mount(Path("/home/u/x"), f"{WORKDIR}/x", is_writable=True),
)
TOOLS = (Path("/opt/env"),)
DOCKER, PODMAN = ContainerEngine("docker"), ContainerEngine("/usr/bin/podman")


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
    options = sandbox_options(make_step_run(), CONTROL, MOUNTS, system_root(), TOOLS, User(7, 8))

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
    options = sandbox_options(make_step_run(has_network=True), CONTROL, (), (), (), User(7, 8))

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


def argv_of(engine, step_run, mounts=(), limit_mib=512):
    return container_argv(
        engine, "eodh-1", "sha256:1", step_run, CONTROL, mounts, User(7, 8), limit_mib
    )


def test_container_argv_is_exactly_this():
    step_run = make_step_run(image=Image(pull="gdal"), env={"A": "b c"})

    argv = argv_of(DOCKER, step_run, MOUNTS)

    assert argv == [
        "docker", "run", "--interactive", "--name", "eodh-1", "--pull", "never",
        "--log-driver", "none", "--read-only", "--network", "none",
        "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
        "--security-opt", "label=disable",
        "--user", "7:8", "--workdir", "/var/spool/cwl",
        "--memory", "512m", "--memory-swap", "512m",
        "--mount", f"type=bind,source={CONTROL}/tmp,target=/tmp",
        "--mount", f"type=bind,source={CONTROL}/out,target=/var/spool/cwl",
        "--mount",
        'type=bind,"source=/data/a,b.tif","target=/var/lib/cwl/1/a,b.tif",readonly',
        "--mount", "type=bind,source=/home/u/x,target=/var/spool/cwl/x",
        "--env", "A=b c", "sha256:1",
    ]  # fmt: skip


def test_container_argv_of_podman_keeps_the_user_and_withholds_proxies():
    argv = argv_of(PODMAN, make_step_run())

    assert argv[argv.index("--userns") + 1] == "keep-id"
    assert "--user" not in argv
    assert "--http-proxy=false" in argv


def test_container_argv_with_network_access_leaves_the_network_to_the_engine():
    assert "--network" not in argv_of(DOCKER, make_step_run(has_network=True))


def test_container_argv_without_memory_control_leaves_the_limit_to_the_wrapper():
    engine = ContainerEngine("podman", is_rootless=True, limits_memory=False)

    assert "--memory" not in argv_of(engine, make_step_run())


def test_container_argv_of_a_name_with_a_line_break_mounts_it_otherwise():
    argv = argv_of(PODMAN, make_step_run(), (Mount(Path("/a\nb"), "/c\nd"),))

    assert argv[argv.index("--volume") + 1] == "/a\nb:/c\nd:ro"


def test_container_argv_of_a_line_break_and_a_colon_is_refused_by_name():
    with pytest.raises(StepFailed, match="line break and a colon"):
        argv_of(PODMAN, make_step_run(), (Mount(Path("/a"), "/c\n:d"),))


def test_stop_commands_kill_before_they_remove():
    assert stop_commands(DOCKER, "n") == [["docker", "kill", "n"], ["docker", "rm", "--force", "n"]]


@pytest.fixture
def image(tmp_path):
    """Give the files of an image; a link in it leads out of it, were it read from outside."""
    for folder in ("usr/bin", "etc", "var/lib/dpkg", "var/cache", "proc", "tmp", "real/x"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n")
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "opt").symlink_to("/real")
    return tmp_path


def test_root_options_open_only_the_folders_that_hold_a_target(image):
    targets = ["/var/spool/cwl", "/tmp", "/var/lib/cwl/1/a", "/etc/passwd", "/opt/in"]

    assert root_options(image, targets) == [
        "--symlink", "usr/bin", "/bin",
        "--dir", "/etc",
        "--dir", "/opt", "--ro-bind", f"{image}/real/x", "/opt/x",
        "--ro-bind", f"{image}/real", "/real",
        "--ro-bind", f"{image}/usr", "/usr",
        "--dir", "/var",
        "--ro-bind", f"{image}/var/cache", "/var/cache",
        "--dir", "/var/lib", "--ro-bind", f"{image}/var/lib/dpkg", "/var/lib/dpkg",
    ]  # fmt: skip


def test_inside_reads_links_as_the_image_means_them(image):
    (image / "etc/group").symlink_to("/etc/passwd")
    (image / "etc/up").symlink_to("../../../../etc/passwd")
    (image / "loop").symlink_to("loop")

    assert inside(image, "/etc/group") == image / "etc/passwd"
    assert inside(image, "/etc/up") == image / "etc/passwd"
    assert inside(image, "/loop").is_relative_to(image)


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
