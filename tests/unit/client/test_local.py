import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from eodh_jupyter import local
from eodh_jupyter.errors import RunnerNotStarted, RunnerUnreachable
from eodh_jupyter.local import Connection, connect, connection_path

from .conftest import announce


@pytest.fixture
def stub(folders, monkeypatch, tmp_path):
    """Put a program in the place of the runner; gives how to say what it does."""

    def write(source):
        package = tmp_path / "stub" / "eodh_runner"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(source)
        monkeypatch.syspath_prepend(str(package.parent))
        monkeypatch.setattr(local, "find_spec", lambda name: name)
        return package.parent

    return write


def test_runner_that_is_up_is_found(fake, folders):
    assert connect() == Connection("http://runner/ogc-api", uds=str(folders.parent / "s"))


def test_address_of_the_environment_comes_first_with_its_token(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("t0p\n")
    monkeypatch.setenv("EODH_RUNNER_URL", "https://runner.example/ogc-api/")
    monkeypatch.setenv("EODH_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.delenv("EODH_TOKEN", raising=False)

    found = connect()

    assert (found.base_url, found.token) == ("https://runner.example/ogc-api", "t0p")
    assert "t0p" not in repr(found)


def test_looking_alone_starts_and_writes_nothing(folders):
    with pytest.raises(RunnerUnreachable, match="no runner is up"):
        connect(autostart=False)
    assert not folders.exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"socket": 1}', '{"socket": "/nothing"}'])
def test_connection_file_that_leads_nowhere_is_no_runner(folders, text):
    announce(folders, "x")
    connection_path(folders).write_text(text)

    with pytest.raises(RunnerUnreachable, match="no runner is up"):
        connect(autostart=False)


def test_runner_of_another_api_version_is_named_with_the_remedy(fake, folders):
    announce(folders, folders.parent / "s", api_min=2, api_version=3, version="9.0")

    with pytest.raises(RunnerUnreachable, match=r"version 9.0, which this client cannot use; end"):
        connect()


def test_newer_runner_that_still_speaks_our_version_is_used(fake, folders):
    announce(folders, folders.parent / "s", api_min=1, api_version=3)

    assert connect().uds


def test_folder_that_others_may_write_to_is_refused(fake, folders):
    folder = connection_path(folders).parent
    folder.chmod(0o777)

    with pytest.raises(RunnerUnreachable, match="chmod 700"):
        connect()


def test_socket_of_another_user_is_refused(fake, monkeypatch):
    real = os.getuid()
    monkeypatch.setattr(local.struct, "unpack", lambda *_: (1, real + 1, 1))

    with pytest.raises(RunnerUnreachable, match="another user's"):
        connect()


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_network_file_system_is_refused_with_the_remedy(folders, monkeypatch, kind):
    mounts = [(folders.parents[-1], "ext4"), (folders.parent, kind)]
    monkeypatch.setattr(local, "_mounts", lambda: iter(mounts))

    with pytest.raises(RunnerUnreachable, match=f"{kind}.*set EODH_DATA to a folder of a local"):
        connect()
    assert not folders.exists()


def test_too_long_a_path_for_a_socket_is_refused_with_the_remedy(folders, stub, monkeypatch):
    stub("")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folders.parent / ("x" * 90)))

    with pytest.raises(RunnerUnreachable, match="set XDG_RUNTIME_DIR to a short"):
        connect()


def test_runner_that_ends_at_once_shows_its_last_words(stub):
    stub("import sys; print('no disk', file=sys.stderr); sys.exit(3)")

    with pytest.raises(RunnerNotStarted, match=r"did not start.*says: no disk"):
        connect()


def test_runner_that_gives_way_to_another_is_waited_for(stub, folders, fake):
    file = connection_path(folders)
    told = file.read_text()
    file.unlink()
    stub(
        "import pathlib, sys\n"
        f"before = pathlib.Path({str(folders)!r}, 'asked')\n"
        f"if before.exists(): pathlib.Path({str(file)!r}).write_text({told!r})\n"
        "before.touch()\n"
        "sys.exit(0)\n"
    )

    assert connect().uds == json.loads(told)["socket"]


def test_runner_gets_a_clean_environment(monkeypatch):
    monkeypatch.setattr(
        local.os,
        "environ",
        {"PATH": "/bin", "LC_ALL": "C", "AWS_SECRET_ACCESS_KEY": "x", "EODH_TOKEN": "x"}
        | {"EODH_CONTAINERS": "host", "LD_PRELOAD": "x", "JUPYTERHUB_API_TOKEN": "x"},
    )

    found = local._environment()

    assert set(found) - {"PYTHONPATH"} == {"PATH", "LC_ALL", "EODH_CONTAINERS"}


def test_module_imports_the_standard_library_alone():
    import subprocess

    script = "import sys, eodh_jupyter.local; assert 'httpx' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)


@pytest.fixture
def sleeper():
    """Give a function that starts a process of a test, which may take SIGTERM for nothing."""
    started = []

    def start(*, is_stubborn=False):
        words = ["import signal, time"]
        words += ["signal.signal(signal.SIGTERM, signal.SIG_IGN)"] if is_stubborn else []
        words += ["print('up', flush=True)", "time.sleep(60)"]
        command = [sys.executable, "-c", "\n".join(words)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        started[-1].stdout.readline()
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def born(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


@pytest.mark.parametrize("is_stubborn", [False, True])
def test_end_waits_until_the_runner_is_gone(folders, sleeper, monkeypatch, is_stubborn):
    monkeypatch.setattr(local, "END_S", 1.0 if is_stubborn else 15.0)
    process = sleeper(is_stubborn=is_stubborn)
    announce(folders, folders.parent / "s", pid=process.pid, start_time=born(process.pid))

    assert local.end() is True

    assert process.wait(5) == -(signal.SIGKILL if is_stubborn else signal.SIGTERM)


def test_end_leaves_a_process_alone_that_has_the_number_by_chance(folders, sleeper):
    process = sleeper()
    announce(folders, folders.parent / "s", pid=process.pid, start_time=born(process.pid) + 1)

    assert local.end() is False
    assert process.poll() is None


def test_end_of_no_runner_is_nothing(folders):
    assert local.end() is False
