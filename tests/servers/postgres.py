"""A real Postgres of one's own: Debian's programs over a scratch folder."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from .s3 import end_with_parent


class Missing(RuntimeError):
    """There are no programs of Postgres."""


class PostgresServer:
    """A server whose superuser is `eodh`, run by a user without privileges.

    It listens on a unix socket, and with a password on `host` where one is given.
    """

    def __init__(self, host: str | None = None) -> None:
        self.host, self.port, self.password = host, 0, secrets.token_urlsafe(12)
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
            with (data / "pg_hba.conf").open("a") as rules:
                rules.write("host all all all scram-sha-256\n")
        if self.host and not self.port:
            with socket.socket() as free:
                free.bind((self.host, 0))
                self.port = free.getsockname()[1]
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(self._programs / "postgres", "-D", data, "-k", self.root),
                    *("-c", f"listen_addresses={self.host or ''}", "-c", "fsync=off"),
                    *("-c", f"port={self.port or 5432}"),
                ],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=end_with_parent,
                **self._user,
            )
        password = f"alter user eodh password '{self.password}'"
        self._run("psql", *self._there, "-c", password, "postgres", tries=100)
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
        self._run("createdb", *self._there, name)
        if self.host:
            return f"postgresql+psycopg://eodh:{self.password}@{self.host}:{self.port}/{name}"
        return f"postgresql+psycopg://eodh@/{name}?host={self.root}"

    @property
    def _there(self) -> tuple[object, ...]:
        return ("-h", self.root, "-p", self.port or 5432, "-U", "eodh")

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
