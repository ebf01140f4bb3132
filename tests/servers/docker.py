"""A real docker daemon of one's own: no bridge and no rules of the firewall, images in scratch."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .. import containers
from .s3 import end_with_parent

START_S = 60.0


class Missing(RuntimeError):
    """No daemon can be run here; says why."""


class DockerServer:
    """A daemon on a unix socket, with the tests' image."""

    def __init__(self) -> None:
        if shutil.which("dockerd") is None or shutil.which("docker") is None:
            raise Missing("docker is not installed (apt-get install docker.io)")
        if os.getuid() != 0:
            raise Missing("a docker daemon of the tests' own needs root")
        # A socket's path is short.
        self.root = Path(tempfile.mkdtemp(prefix="eodh-docker-"))
        self.host = f"unix://{self.root / 'socket'}"
        self.process: subprocess.Popen | None = None

    def start(self) -> "DockerServer":
        log = self.root / "log"
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [
                    *("dockerd", "--host", self.host, "--pidfile", self.root / "pid"),
                    *("--data-root", self.root / "data", "--exec-root", self.root / "exec"),
                    *("--iptables=false", "--ip6tables=false", "--bridge=none"),
                ],
                stdout=out,
                stderr=out,
                preexec_fn=end_with_parent,
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace").strip().splitlines()[-1:]
                raise Missing(f"no docker daemon can be run here: {said}")
            time.sleep(0.1)
        self.make_image(containers.IMAGE)
        return self

    def make_image(self, name: str, changes: Sequence[str] = ()) -> str:
        """Make the image of that name from the tests' Debian; gives the name."""
        options = [word for change in changes for word in ("--change", change)]
        self("import", *options, str(containers.root_file()), name)
        return name

    def __call__(self, *arguments: str) -> str:
        """Run docker; gives its output."""
        command = ["docker", "--host", self.host, *arguments]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
        return answer.stdout

    def _answers(self) -> bool:
        command = ["docker", "--host", self.host, "version"]
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0

    def remove(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        shutil.rmtree(self.root, ignore_errors=True)
