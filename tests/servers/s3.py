"""A real S3 server of one's own: versitygw over a folder."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .go import go_program

ACCESS_KEY, SECRET_KEY = "test", "testsecret"


def end_with_parent() -> None:
    """Let the server end with tests that are killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@dataclass
class S3Server:
    """A server that listens on one address."""

    root: Path
    host: str = "127.0.0.1"
    port: int = 0
    process: subprocess.Popen | None = None

    @property
    def endpoint(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> "S3Server":
        (self.root / "data").mkdir(parents=True, exist_ok=True)
        if not self.port:
            with socket.socket() as free:
                free.bind((self.host, 0))
                self.port = free.getsockname()[1]
        with (self.root / "s3.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(go_program("versitygw"), "--port", f"{self.host}:{self.port}"),
                    *("--iam-dir", str(self.root), "posix", str(self.root / "data")),
                ],
                env={**os.environ, "ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex((self.host, self.port)) == 0:
                    return self
            time.sleep(0.05)
        self.stop()
        raise RuntimeError((self.root / "s3.log").read_text()[-2000:])

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def bucket(self, name: str) -> str:
        (self.root / "data" / name).mkdir(exist_ok=True)
        return name
