"""A data folder on a real network file system (sshfs) is refused, by whoever meets it first."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from eodh_runner.file_system import kind_at

from .conftest import python

SFTP_SERVER = Path("/usr/lib/openssh/sftp-server")


@pytest.fixture
def network_folder(tmp_path):
    """Mount a folder by sshfs; its server is a child process, no host is asked."""
    if shutil.which("sshfs") is None or not SFTP_SERVER.exists() or not os.access("/dev/fuse", 6):
        pytest.skip("sshfs and sftp-server are not installed, or FUSE is not allowed (make system)")
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    ours, theirs = socket.socketpair()
    server = subprocess.Popen([str(SFTP_SERVER)], stdin=theirs, stdout=theirs)
    argv = ["sshfs", f"x:{tmp_path}/far", str(tmp_path / "near"), "-f", "-o", "passive"]
    mounted = subprocess.Popen(argv, stdin=ours, stdout=ours)
    deadline = time.monotonic() + 20
    while kind_at(tmp_path / "near") != "fuse.sshfs":
        if time.monotonic() > deadline or mounted.poll() is not None:
            pytest.skip("sshfs cannot mount here")
        time.sleep(0.05)
    yield tmp_path / "near"
    subprocess.run(["umount", "-l", str(tmp_path / "near")], check=True)
    for process in (mounted, server):
        process.kill()
        process.wait()


def test_runner_refuses_a_folder_of_a_network(network_folder):
    ended = python("-m", "eodh_runner", "serve", "--data", str(network_folder / "data"))

    assert ended.returncode == 2
    assert "is on a network file system (fuse.sshfs)" in ended.stderr
    assert "EODH_DATA" in ended.stderr
    assert list(network_folder.iterdir()) == []


def test_client_refuses_a_folder_of_a_network(network_folder, monkeypatch):
    from eodh_jupyter import Client
    from eodh_jupyter.errors import EodhError

    monkeypatch.setenv("EODH_DATA", str(network_folder / "data"))
    monkeypatch.delenv("EODH_RUNNER_URL", raising=False)

    with pytest.raises(EodhError, match=r"network file system \(fuse.sshfs\)"):
        Client().health()

    assert list(network_folder.iterdir()) == []
