"""A real Postgres of one's own: Debian's programs over a scratch folder, on a unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from .s3 import end_with_parent


class Missing(RuntimeError):
    """There are no programs of Postgres."""


class PostgresServer:
    """A server whose superuser is `eodh`, run by a user without privileges."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            raise Missing("Postgres is not installed; `make system` installs it")
        self._programs = found[-1].parent
        # A socket's path is short, and pytest's folders are root's alone.
        self.root = Path(tempfile.mkdtemp(prefix="eodh-pg-"))
        self._user = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.root, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.process: subprocess.Popen | None = None
        self._databases = 0

    def start(self) -> "PostgresServer":
        data = self.root / "data"
        if not data.exists():
            self._run("initdb", "-D", data, "-U", "eodh", "-A", "trust", "-E", "UTF8", "-N")
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(self._programs / "postgres", "-D", data, "-k", self.root),
                    *("-c", "listen_addresses=", "-c", "fsync=off"),
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=end_with_parent,
                **self._user,
            )
        self._run("psql", "-h", self.root, "-U", "eodh", "-c", "select 1", "postgres", tries=100)
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.send_signal(2)  # fast: open sessions are ended
                self.process.wait(20)
            self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def database(self) -> str:
        """Give the address of a new, empty database."""
        self._databases += 1
        name = f"runner{self._databases}"
        self._run("createdb", "-h", self.root, "-U", "eodh", name)
        return f"postgresql+psycopg://eodh@/{name}?host={self.root}"

    def _run(self, program: str, *arguments: object, tries: int = 1) -> None:
        command = [str(word) for word in (self._programs / program, *arguments)]
        for _ in range(tries):
            done = subprocess.run(command, capture_output=True, text=True, cwd="/", **self._user)
            if done.returncode == 0:
                return
            if self.process is not None and self.process.poll() is not None:
                break
        log = self.root / "log"
        said = log.read_text()[-2000:] if log.exists() else ""
        raise RuntimeError(f"{program}: {done.stderr}\n{said}")
